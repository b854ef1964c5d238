#pragma once

#include "app/desktop/theme/look.h"

#include <QStyledItemDelegate>

namespace app::desktop {

/// One event as two lines: time, shape and reason, object; below it the message.
class EventDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    EventDelegate(Look& look, QObject* parent);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    Look& m_look;
};

} // namespace app::desktop
