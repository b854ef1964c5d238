#include "app/desktop/events/event_delegate.h"

#include "app/desktop/events/event_model.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QPainter>

namespace app::desktop {

EventDelegate::EventDelegate(Look& look, QObject* parent)
    : QStyledItemDelegate(parent)
    , m_look(look)
{
}

void EventDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = m_look.tokens();
    const QRect row = option.rect;
    if (option.state & QStyle::State_Selected)
        painter->fillRect(row, mixed(tokens.panel, tokens.accent, 0.16));
    else if (option.state & QStyle::State_MouseOver)
        painter->fillRect(row, tokens.raised);
    painter->setPen(tokens.line);
    painter->drawLine(row.bottomLeft(), row.bottomRight());

    const auto text = [&index](int column) { return index.siblingAtColumn(column).data().toString(); };
    const auto health = static_cast<sim::Health>(index.data(EventModel::HealthRole).toInt());
    const bool cluster = index.data(EventModel::SourceRole).toString() == QLatin1String("event");
    const bool you = index.data(EventModel::SourceRole).toString() == QLatin1String("you");
    const int line = m_look.scaled(17);
    const int left = row.left() + Look::kInset;
    const int top = row.top() + 7;
    const int timeWidth = m_look.scaled(56);
    const int levelWidth = m_look.scaled(92);

    painter->setFont(m_look.font(FontRole::Label));
    painter->setPen(tokens.muted);
    drawTabular(*painter, QRectF(left, top, timeWidth, line), Qt::AlignVCenter, text(EventModel::Time));
    const QRectF shape(left + timeWidth, top + line / 2.0 - 4, 8, 8);
    const QColor color = you ? tokens.info : health == sim::Health::Ok ? tokens.muted : healthColor(tokens, health);
    if (you)
        drawDiamond(*painter, shape.adjusted(-0.5, -0.5, 0.5, 0.5), tokens.info);
    else if (health == sim::Health::Ok) {
        painter->setPen(QPen(tokens.muted, 1.3));
        painter->setBrush(Qt::NoBrush);
        painter->drawEllipse(shape.adjusted(0.5, 0.5, -0.5, -0.5));
    } else
        drawHealth(*painter, shape, health, tokens);
    painter->setFont(m_look.font(FontRole::Secondary));
    painter->setPen(color);
    const QFontMetrics metrics(painter->font());
    painter->drawText(QRect(left + timeWidth + 14, top, levelWidth - 18, line), Qt::AlignVCenter,
                      metrics.elidedText(text(EventModel::Level), Qt::ElideRight, levelWidth - 18));
    painter->setPen(tokens.text);
    const int objectLeft = left + timeWidth + levelWidth;
    const int objectWidth = row.right() - Look::kInset - objectLeft;
    painter->drawText(QRect(objectLeft, top, objectWidth, line), Qt::AlignVCenter,
                      metrics.elidedText(cluster ? Wording::shortObject(text(EventModel::Object)) : text(EventModel::Object),
                                         Qt::ElideMiddle, objectWidth));
    painter->setPen(tokens.muted);
    painter->drawText(QRect(objectLeft, top + line, objectWidth, line), Qt::AlignVCenter,
                      metrics.elidedText(text(EventModel::Message), Qt::ElideRight, objectWidth));
    painter->restore();
}

QSize EventDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return {m_look.scaled(240), 2 * m_look.scaled(17) + 15};
}

} // namespace app::desktop
