#pragma once

#include "app/desktop/theme/look.h"

#include <QTreeView>

namespace app::desktop {

/// A tree whose rows are selected as a whole, in a rounded box, and whose twigs open by a chevron.
class ChevronTree : public QTreeView {
    Q_OBJECT

public:
    explicit ChevronTree(Look& look, QWidget* parent = nullptr);

protected:
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const override;

    Look& m_look;
};

} // namespace app::desktop
