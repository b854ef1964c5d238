#include "app/desktop/events/event_delegate.h"

#include "app/desktop/events/event_model.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QAbstractScrollArea>
#include <QPainter>
#include <QTextLayout>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kPadding = 7;
constexpr int kShapeRoom = 14;
constexpr int kLeastWidth = 240; ///< with less, what an event is about has a line of its own
constexpr int kWordGap = 8;
constexpr int kMostLines = 2;    ///< of the message
constexpr int kUsualWidth = 240;

} // namespace

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
    const QString source = index.data(EventModel::SourceRole).toString();
    const bool you = source == QLatin1String("you");
    const int line = lineHeight();
    const int left = row.left() + Look::kInset;
    const int top = row.top() + kPadding;
    const int kindsLeft = left + timeWidth();
    const int wordsLeft = narrow(row.width()) ? left : kindsLeft;
    const int right = row.right() - Look::kInset;

    painter->setFont(m_look.font(FontRole::Label));
    painter->setPen(tokens.muted);
    drawTabular(*painter, QRectF(left, top, timeWidth(), line), Qt::AlignVCenter, text(EventModel::Time));
    const double side = m_look.scaled(8);
    const QRectF shape(kindsLeft, top + (line - side) / 2, side, side);
    const QColor color = you ? tokens.info : health == sim::Health::Ok ? tokens.muted : healthColor(tokens, health);
    if (you)
        drawDiamond(*painter, shape.adjusted(-0.5, -0.5, 0.5, 0.5), tokens.info);
    else if (health == sim::Health::Ok) {
        painter->setPen(QPen(tokens.muted, 1.3));
        painter->setBrush(Qt::NoBrush);
        painter->drawEllipse(shape.adjusted(0.5, 0.5, -0.5, -0.5));
    } else
        drawHealth(*painter, shape, health, tokens);

    // The kind, then what it is about with the rest of the line; the message has the lines below for itself.
    painter->setFont(m_look.font(FontRole::Secondary));
    painter->setPen(color);
    const QFontMetrics metrics(painter->font());
    const int kindLeft = kindsLeft + m_look.scaled(kShapeRoom);
    const int kindWidth = std::min(metrics.horizontalAdvance(text(EventModel::Level)) + 1,
                                   narrow(row.width()) ? right - kindLeft : (right - kindLeft) * 3 / 5);
    painter->drawText(QRect(kindLeft, top, kindWidth, line), Qt::AlignVCenter,
                      metrics.elidedText(text(EventModel::Level), Qt::ElideRight, kindWidth));
    painter->setPen(tokens.text);
    const int objectLeft = narrow(row.width()) ? left : kindLeft + kindWidth + kWordGap;
    const int objectWidth = right - objectLeft;
    QString object = text(EventModel::Object);
    if (source == QLatin1String("event"))
        object = Wording::shortObject(object);
    if (you) {
        QFont typed = m_look.font(FontRole::Terminal);
        typed.setPixelSize(m_look.scaled(12));
        painter->setFont(typed);
    }
    int below = top + line;
    painter->drawText(QRect(objectLeft, narrow(row.width()) ? below : top, objectWidth, line), Qt::AlignVCenter,
                      QFontMetrics(painter->font())
                          .elidedText(object, you ? Qt::ElideRight : Qt::ElideMiddle, objectWidth));
    if (narrow(row.width()) && !object.isEmpty())
        below += line;
    painter->setFont(m_look.font(FontRole::Secondary));
    painter->setPen(tokens.muted);
    const QStringList message = wrapped(text(EventModel::Message), right - wordsLeft);
    for (qsizetype i = 0; i < message.size(); ++i)
        painter->drawText(QRect(wordsLeft, below + line * static_cast<int>(i), right - wordsLeft, line),
                          Qt::AlignVCenter, message[i]);
    painter->restore();
}

int EventDelegate::lineHeight() const
{
    return m_look.scaled(17);
}

bool EventDelegate::narrow(int width) const
{
    return width < m_look.scaled(kLeastWidth);
}

int EventDelegate::timeWidth() const
{
    return m_look.scaled(60);
}

QStringList EventDelegate::wrapped(const QString& message, int width) const
{
    QStringList lines;
    if (message.isEmpty())
        return lines;
    const QFont font = m_look.font(FontRole::Secondary);
    QTextLayout layout(message, font);
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(width);
        const bool last = lines.size() + 1 == kMostLines;
        const QString rest = message.mid(line.textStart());
        lines += last ? QFontMetrics(font).elidedText(rest, Qt::ElideRight, width)
                      : rest.left(line.textLength()).trimmed();
        if (last)
            break;
    }
    layout.endLayout();
    return lines;
}

QSize EventDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto* list = qobject_cast<const QAbstractScrollArea*>(option.widget);
    const int width = list != nullptr ? list->viewport()->width() : m_look.scaled(kUsualWidth);
    const QString message = index.siblingAtColumn(EventModel::Message).data().toString();
    const int beside = narrow(width) ? 0 : timeWidth();
    const int below = narrow(width) && !index.siblingAtColumn(EventModel::Object).data().toString().isEmpty() ? 1 : 0;
    const auto lines = below + static_cast<int>(wrapped(message, width - beside - 2 * Look::kInset).size());
    return {m_look.scaled(kUsualWidth), (1 + lines) * lineHeight() + 2 * kPadding + 1};
}

} // namespace app::desktop
