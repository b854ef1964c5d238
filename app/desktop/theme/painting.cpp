#include "app/desktop/theme/painting.h"

#include "app/desktop/theme/look.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <array>

namespace app::desktop {

namespace {

double advanceOf(const QFontMetricsF& metrics, QChar character)
{
    return metrics.horizontalAdvance(character.isDigit() ? QChar(u'0') : character);
}

} // namespace

void drawFocus(QPainter& painter, const QRectF& box, double radius, const Tokens& tokens)
{
    painter.setPen(QPen(mixed(tokens.panel, tokens.accent, 0.55), 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

void drawHealth(QPainter& painter, const QRectF& box, sim::Health health, const Tokens& tokens)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = healthColor(tokens, health);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    switch (health) {
    case sim::Health::Ok: painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5)); break;
    case sim::Health::Warn:
        painter.drawPolygon(QPolygonF({{box.center().x(), box.top()}, box.bottomRight(), box.bottomLeft()}));
        break;
    case sim::Health::Critical: painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 1, 1); break;
    case sim::Health::Unknown: {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color, 1.4));
        const QPointF c = box.center();
        painter.drawPolygon(QPolygonF({{c.x(), box.top()}, {box.right(), c.y()}, {c.x(), box.bottom()},
                                       {box.left(), c.y()}}));
        break;
    }
    }
    painter.restore();
}

QString healthMark(const Tokens& tokens, sim::Health health)
{
    static constexpr std::array kShapes{"●", "▲", "■", "◇"};
    return QStringLiteral("<span style=\"color:%1\">%2</span>")
        .arg(readableOn(healthColor(tokens, health), tokens.panel, 3).name(), QString::fromUtf8(kShapes[static_cast<std::size_t>(health)]));
}

void drawDiamond(QPainter& painter, const QRectF& box, const QColor& color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const QPointF c = box.center();
    painter.drawPolygon(
        QPolygonF({{c.x(), box.top()}, {box.right(), c.y()}, {c.x(), box.bottom()}, {box.left(), c.y()}}));
    painter.restore();
}

void drawChevron(QPainter& painter, const QPointF& center, double size, bool open, const QColor& color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF& c = center;
    const double half = size / 2;
    if (open)
        painter.drawPolyline(QPolygonF({{c.x() - size, c.y() - half}, {c.x(), c.y() + half}, {c.x() + size, c.y() - half}}));
    else
        painter.drawPolyline(QPolygonF({{c.x() - half, c.y() - size}, {c.x() + half, c.y()}, {c.x() - half, c.y() + size}}));
    painter.restore();
}

double tabularWidth(const QFont& font, const QString& text)
{
    const QFontMetricsF metrics(font);
    double width = 0;
    for (const QChar character : text)
        width += advanceOf(metrics, character);
    return width;
}

void drawTabular(QPainter& painter, const QRectF& box, Qt::Alignment alignment, const QString& text)
{
    const QFontMetricsF metrics(painter.font());
    const double width = tabularWidth(painter.font(), text);
    double x = box.left();
    if (alignment & Qt::AlignRight)
        x = box.right() - width;
    else if (alignment & Qt::AlignHCenter)
        x = box.center().x() - width / 2;
    double y = box.top() + metrics.ascent();
    if (alignment & Qt::AlignVCenter)
        y = box.center().y() + (metrics.ascent() - metrics.descent()) / 2;
    else if (alignment & Qt::AlignBottom)
        y = box.bottom() - metrics.descent();
    for (const QChar character : text) {
        const double advance = advanceOf(metrics, character);
        const double own = metrics.horizontalAdvance(character);
        painter.drawText(QPointF(x + (advance - own) / 2, y), QString(character));
        x += advance;
    }
}

void drawReadOut(QPainter& painter, const Look& look, const QRectF& plot, double x, const QString& words)
{
    const Tokens& tokens = look.tokens();
    painter.setFont(look.font(FontRole::Label));
    const double wide = tabularWidth(painter.font(), words) + 12;
    const double left = std::clamp(x + 8 + wide > plot.right() ? x - 8 - wide : x + 8, plot.left(), std::max(plot.left(), plot.right() - wide));
    const QRectF note(left, plot.top(), wide, look.scaled(20));
    painter.setPen(tokens.line);
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(note, 5, 5);
    painter.setPen(tokens.text);
    drawTabular(painter, note, Qt::AlignCenter, words);
}

} // namespace app::desktop
