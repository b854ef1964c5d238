#include "app/desktop/window/chip.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QPainter>

#include <cmath>

namespace app::desktop {

namespace {

constexpr int kHealthSide = 10;
constexpr int kHealthRoom = 18;

} // namespace

Chip::Chip(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Chip::setContent(const QString& label, const QString& value, std::optional<sim::Health> health)
{
    if (label == m_label && value == m_value && health == m_health)
        return;
    const bool resized = label.size() != m_label.size() || value.size() != m_value.size();
    m_label = label;
    m_value = value;
    m_health = health;
    const QString spoken = label + QLatin1Char(' ') + value;
    setAccessibleName(health ? spoken + QStringLiteral(", ") + Wording::health(*health) : spoken);
    setToolTip(health ? Wording::health(*health) : QString());
    if (resized)
        updateGeometry();
    update();
}

void Chip::setValueFirst(bool valueFirst)
{
    m_valueFirst = valueFirst;
}

QFont Chip::valueFont() const
{
    return m_look.font(FontRole::Section);
}

QSize Chip::sizeHint() const
{
    double width = 2 * Look::kInset + QFontMetricsF(m_look.font(FontRole::Body)).horizontalAdvance(m_label)
        + tabularWidth(valueFont(), m_value);
    if (!m_label.isEmpty() && !m_value.isEmpty())
        width += 8;
    if (m_health)
        width += m_look.scaled(kHealthRoom);
    return {static_cast<int>(std::ceil(width)), m_look.controlHeight()};
}

void Chip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = m_look.tokens();
    painter.setPen(tokens.line);
    painter.setBrush(tokens.panel);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius,
                            Look::kControlRadius);

    double x = Look::kInset;
    if (m_health) {
        const double side = m_look.scaled(kHealthSide);
        drawHealth(painter, QRectF(x, (height() - side) / 2, side, side), *m_health, tokens);
        x += m_look.scaled(kHealthRoom);
    }
    const auto label = [&](const QFont& font, const QColor& color) {
        painter.setFont(font);
        painter.setPen(color);
        const double width = tabularWidth(font, m_label);
        drawTabular(painter, QRectF(x, 0, width, height()), Qt::AlignVCenter, m_label);
        x += width + 8;
    };
    const auto value = [&] {
        painter.setFont(valueFont());
        painter.setPen(tokens.text);
        const double width = tabularWidth(valueFont(), m_value);
        drawTabular(painter, QRectF(x, 0, width, height()), Qt::AlignVCenter, m_value);
        x += width + 8;
    };
    if (m_valueFirst) {
        value();
        label(m_look.font(FontRole::Body), tokens.muted);
    } else {
        label(m_look.font(FontRole::Body), tokens.muted);
        value();
    }
}

} // namespace app::desktop
