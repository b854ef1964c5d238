#pragma once

#include "app/desktop/theme/look.h"

#include <QStyledItemDelegate>

namespace app::desktop {

/// One event: time, shape and reason, object; below them the message on at most two lines.
class EventDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    EventDelegate(Look& look, QObject* parent);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int lineHeight() const;
    bool narrow(int width) const;
    int timeWidth() const;
    QStringList wrapped(const QString& message, int width) const;

    Look& m_look;
};

} // namespace app::desktop
