#include "app/desktop/kube/path_picture.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QPainter>

namespace app::desktop {

using core::session::PathLeg;
using core::session::PathStation;

namespace {

constexpr int kStationHeight = 42;
constexpr int kPlainStationHeight = 28;
constexpr int kHeadingHeight = 34;

} // namespace

PathPicture::PathPicture(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    retranslate();
}

QString PathPicture::kindWord(const std::string& kind)
{
    if (kind == "pod")
        return tr("pod");
    if (kind == "machine")
        return tr("machine");
    if (kind == "service")
        return tr("kube-proxy rule");
    if (kind == "masquerade")
        return tr("masquerade");
    if (kind == "overlay")
        return tr("overlay");
    if (kind == "switch")
        return tr("switch");
    if (kind == "policy")
        return tr("NetworkPolicy");
    if (kind == "firewall")
        return tr("firewall");
    return tr("stopped here");
}

void PathPicture::addLeg(const PathLeg& leg, const QString& title)
{
    Row heading;
    heading.kind = Row::Kind::Heading;
    heading.title = title;
    heading.note = QString::fromStdString(leg.asked);
    m_rows.push_back(heading);
    std::string addresses;
    for (const PathStation& station : leg.stations) {
        Row row;
        row.title = QString::fromStdString(station.name);
        if (!station.device.empty())
            row.title += QStringLiteral(" · ") + QString::fromStdString(station.device);
        row.note = kindWord(station.kind);
        row.detail = QString::fromStdString(station.about);
        if (!station.detail.empty())
            row.detail += (row.detail.isEmpty() ? QString() : QStringLiteral(" · ")) + QString::fromStdString(station.detail);
        const std::string now = station.source + " → " + station.destination;
        if (now != addresses)
            row.addresses = QString::fromStdString(now);
        addresses = now;
        row.stops = station.kind == "policy" || station.kind == "firewall" || station.kind == "stop";
        row.health = row.stops ? sim::Health::Critical : sim::Health::Ok;
        m_rows.push_back(row);
    }
    Row end;
    end.kind = Row::Kind::End;
    end.health = leg.delivered ? sim::Health::Ok : sim::Health::Critical;
    end.title = leg.delivered ? tr("Delivered") : QString::fromStdString(leg.verdict);
    if (leg.delivered)
        end.detail = tr("%1 ms there and back").arg(leg.rttMilliseconds, 0, 'f', 2)
            + (leg.lossRatio > 0 ? QStringLiteral(" · ") + tr("%1 lost").arg(Wording::percent(leg.lossRatio)) : QString());
    else
        end.detail = QString::fromStdString(leg.stoppedBy);
    m_rows.push_back(end);
}

void PathPicture::setDetail(std::shared_ptr<const core::session::PathDetail> detail)
{
    m_detail = std::move(detail);
    m_rows.clear();
    if (m_detail && m_detail->question)
        addLeg(*m_detail->question, tr("Question to the name server"));
    if (m_detail && m_detail->connection)
        addLeg(*m_detail->connection, tr("Connection"));
    setAccessibleDescription(rows().join(QLatin1Char('\n')));
    setFixedHeight(sizeHint().height());
    update();
}

QStringList PathPicture::rows() const
{
    QStringList out;
    for (const Row& row : m_rows) {
        QStringList words;
        for (const QString& word : {row.title, row.note, row.detail, row.addresses}) {
            if (!word.isEmpty())
                words += word;
        }
        out += words.join(QStringLiteral(", "));
    }
    return out;
}

int PathPicture::heightOf(const Row& row) const
{
    switch (row.kind) {
    case Row::Kind::Heading: return m_look.scaled(kHeadingHeight);
    case Row::Kind::Station: return m_look.scaled(row.detail.isEmpty() ? kPlainStationHeight : kStationHeight);
    case Row::Kind::End: return m_look.scaled(kStationHeight);
    }
    return 0;
}

QSize PathPicture::sizeHint() const
{
    int height = 8;
    for (const Row& row : m_rows)
        height += heightOf(row);
    return {m_look.scaled(300), height};
}

void PathPicture::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    double top = 0;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const double height = heightOf(m_rows[i]);
        const bool first = i > 0 && m_rows[i - 1].kind == Row::Kind::Heading;
        const bool last = i + 1 == m_rows.size() || m_rows[i + 1].kind == Row::Kind::Heading;
        paintRow(painter, QRectF(0, top, width(), height), m_rows[i], first, last);
        top += height;
    }
}

void PathPicture::paintRow(QPainter& painter, const QRectF& box, const Row& row, bool first, bool last) const
{
    const Tokens& tokens = m_look.tokens();
    const auto put = [&](const QRectF& room, FontRole role, const QColor& color, const QString& text, Qt::Alignment align) {
        painter.setFont(m_look.font(role));
        painter.setPen(color);
        const QFontMetricsF metrics(painter.font());
        painter.drawText(room, static_cast<int>(align), metrics.elidedText(text, Qt::ElideMiddle, room.width()));
        return std::min(metrics.horizontalAdvance(text), room.width());
    };
    const auto left = Qt::AlignVCenter | Qt::AlignLeft;
    if (row.kind == Row::Kind::Heading) {
        const QRectF line = box.adjusted(2, 6, -4, 0);
        const double used = put(line, FontRole::Section, tokens.text, row.title, left);
        put(line.adjusted(used + 10, 0, 0, 0), FontRole::Secondary, tokens.muted, row.note, left);
        return;
    }
    // The way runs down the left side; a stop cuts it.
    const double x = m_look.scaled(12);
    const double y = box.top() + m_look.scaled(14);
    painter.setPen(QPen(mixed(tokens.line, tokens.accent, 0.55), 2));
    if (!first)
        painter.drawLine(QPointF(x, box.top()), QPointF(x, y));
    if (!last && !row.stops)
        painter.drawLine(QPointF(x, y), QPointF(x, box.bottom()));
    const double side = m_look.scaled(row.kind == Row::Kind::End ? 12 : 9);
    const QRectF mark(x - side / 2, y - side / 2, side, side);
    if (row.kind == Row::Kind::End || row.stops) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens.panel);
        painter.drawEllipse(mark.adjusted(-3, -3, 3, 3));
        drawHealth(painter, mark, row.health, tokens);
    } else {
        painter.setPen(QPen(tokens.accent, 2));
        painter.setBrush(tokens.panel);
        painter.drawEllipse(mark);
    }
    const double textLeft = m_look.scaled(30);
    const QRectF upper(textLeft, box.top() + m_look.scaled(4), box.width() - textLeft - 8, m_look.scaled(20));
    const QColor ink = row.health == sim::Health::Critical ? healthColor(tokens, row.health) : tokens.text;
    const FontRole role = row.kind == Row::Kind::End ? FontRole::Section : FontRole::Body;
    double addressWidth = 0;
    if (!row.addresses.isEmpty()) {
        painter.setFont(m_look.font(FontRole::Terminal));
        addressWidth = std::min(QFontMetricsF(painter.font()).horizontalAdvance(row.addresses) + 1, upper.width() * 0.5);
        put(QRectF(upper.right() - addressWidth, upper.top(), addressWidth, upper.height()), FontRole::Terminal, tokens.accent, row.addresses,
            Qt::AlignVCenter | Qt::AlignRight);
    }
    const double room = upper.width() - addressWidth - 12;
    painter.setFont(m_look.font(FontRole::Label));
    const double noteWidth = row.note.isEmpty() ? 0 : QFontMetricsF(painter.font()).horizontalAdvance(row.note) + 10;
    const double used = put(QRectF(upper.left(), upper.top(), std::max(20.0, room - noteWidth), upper.height()), role, ink, row.title, left);
    if (!row.note.isEmpty())
        put(QRectF(upper.left() + used + 10, upper.top() + 1, noteWidth, upper.height()), FontRole::Label, tokens.muted, row.note, left);
    if (!row.detail.isEmpty())
        put(QRectF(textLeft, upper.bottom() - m_look.scaled(2), box.width() - textLeft - 8, m_look.scaled(18)), FontRole::Secondary,
            row.kind == Row::Kind::End && row.health == sim::Health::Critical ? tokens.text : tokens.muted, row.detail, left);
}

void PathPicture::retranslate()
{
    setAccessibleName(tr("The packet's way"));
    setDetail(m_detail);
}

} // namespace app::desktop
