#include "app/desktop/gpu/training_bar.h"

#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kBarInsetX = 12;
constexpr int kBarInsetY = 8;
constexpr int kTitleHeight = 22;
constexpr int kBarHeight = 12;
constexpr int kLegendPitch = 17;

} // namespace

TrainingBar::TrainingBar(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::TabFocus);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void TrainingBar::setParts(const QString& title, const QString& value, std::vector<Part> parts)
{
    const bool shape = parts.size() != m_parts.size();
    m_title = title;
    m_value = value;
    m_parts = std::move(parts);
    m_chosen = std::min(m_chosen, static_cast<int>(m_parts.size()) - 1);
    setAccessibleName(title);
    QStringList all{value};
    for (int i = 0; i < static_cast<int>(m_parts.size()); ++i)
        all += sentence(i);
    setAccessibleDescription(all.join(QStringLiteral("; ")));
    if (shape)
        updateGeometry();
    update();
}

QString TrainingBar::sentence(int part) const
{
    const Part& one = m_parts[static_cast<std::size_t>(part)];
    return one.name + QLatin1Char(' ') + one.value;
}

int TrainingBar::heightForWidth(int width) const
{
    return 2 * kBarInsetY + m_look.scaled(kTitleHeight) + m_look.scaled(kBarHeight) + 6
        + static_cast<int>(legend(nullptr, width - 2.0 * kBarInsetX));
}

QSize TrainingBar::sizeHint() const
{
    return {m_look.scaled(300), heightForWidth(std::max(width(), m_look.scaled(200)))};
}

QSize TrainingBar::minimumSizeHint() const
{
    return {m_look.scaled(180), heightForWidth(std::max(width(), m_look.scaled(180)))};
}

QRectF TrainingBar::bar() const
{
    return {kBarInsetX, static_cast<double>(kBarInsetY + m_look.scaled(kTitleHeight)), width() - 2.0 * kBarInsetX, static_cast<double>(m_look.scaled(kBarHeight))};
}

QRectF TrainingBar::partBox(int part) const
{
    QRectF box = bar();
    double left = 0;
    for (int i = 0; i < part; ++i)
        left += m_parts[static_cast<std::size_t>(i)].share;
    const double share = m_parts[static_cast<std::size_t>(part)].share;
    return {box.left() + box.width() * left, box.top(), box.width() * share, box.height()};
}

double TrainingBar::legend(QPainter* painter, double width) const
{
    const Tokens& tokens = m_look.tokens();
    const QFont font = m_look.font(FontRole::Label);
    const QFontMetricsF metrics(font);
    const double pitch = m_look.scaled(kLegendPitch);
    const double side = m_look.scaled(7);
    double x = 0;
    double y = 0;
    for (int i = 0; i < static_cast<int>(m_parts.size()); ++i) {
        const Part& one = m_parts[static_cast<std::size_t>(i)];
        const QString name = one.name + QLatin1Char(' ');
        const double wide = side + 5 + metrics.horizontalAdvance(name) + tabularWidth(font, one.value);
        if (x > 0 && x + wide > width + 1) {
            x = 0;
            y += pitch;
        }
        if (painter != nullptr) {
            const QRectF row(kBarInsetX + x, bar().bottom() + 6 + y, wide, pitch);
            if (i == m_chosen && hasFocus()) {
                painter->setPen(QPen(tokens.accent, 1));
                painter->setBrush(Qt::NoBrush);
                painter->drawRoundedRect(row.adjusted(-3, 0.5, 3, -0.5), 4, 4);
            }
            painter->setPen(QPen(mixed(one.color, tokens.text, 0.25), 1));
            painter->setBrush(one.color);
            painter->drawRect(QRectF(row.left(), row.center().y() - side / 2, side, side));
            painter->setFont(font);
            painter->setPen(tokens.muted);
            painter->drawText(row.adjusted(side + 5, 0, 40, 0), Qt::AlignVCenter | Qt::AlignLeft, name);
            painter->setPen(tokens.text);
            drawTabular(*painter, row, Qt::AlignVCenter | Qt::AlignRight, one.value);
        }
        x += wide + m_look.scaled(12);
    }
    return y + pitch;
}

void TrainingBar::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = m_look.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(hasFocus() ? tokens.accent : tokens.line, 1));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    const QRectF title(kBarInsetX, kBarInsetY, width() - 2.0 * kBarInsetX, m_look.scaled(kTitleHeight) - 4);
    painter.setFont(m_look.font(FontRole::Section));
    const double used = tabularWidth(painter.font(), m_value);
    painter.setPen(tokens.text);
    drawTabular(painter, title, Qt::AlignVCenter | Qt::AlignRight, m_value);
    painter.setFont(m_look.font(FontRole::Secondary));
    painter.setPen(tokens.muted);
    painter.drawText(title, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(painter.font()).elidedText(m_title, Qt::ElideRight, std::max(0.0, title.width() - used - 8)));
    const QRectF box = bar();
    painter.save();
    QPainterPath clip;
    clip.addRoundedRect(box, box.height() / 2, box.height() / 2);
    painter.setClipPath(clip);
    painter.fillRect(box, trackColor(tokens));
    for (int i = 0; i < static_cast<int>(m_parts.size()); ++i) {
        const QRectF part = partBox(i);
        painter.fillRect(part, m_parts[static_cast<std::size_t>(i)].color);
        if (part.width() > 2) // a seam tells parts apart without colour
            painter.fillRect(QRectF(part.right() - 1, part.top(), 1, part.height()), tokens.raised);
    }
    painter.restore();
    if (m_chosen >= 0 && hasFocus()) {
        painter.setPen(QPen(tokens.text, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(partBox(m_chosen).adjusted(0, -1.5, 0, 1.5));
    }
    legend(&painter, width() - 2.0 * kBarInsetX);
}

void TrainingBar::choose(int part)
{
    m_chosen = part;
    setAccessibleDescription(part >= 0 ? sentence(part) : QString());
    update();
}

void TrainingBar::keyPressEvent(QKeyEvent* event)
{
    const int step = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    if (step == 0 || m_parts.empty())
        return QWidget::keyPressEvent(event);
    choose(std::clamp(m_chosen + step, 0, static_cast<int>(m_parts.size()) - 1));
}

void TrainingBar::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (m_chosen < 0 && !m_parts.empty())
        choose(0);
    update();
}

void TrainingBar::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool TrainingBar::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        for (int i = 0; i < static_cast<int>(m_parts.size()); ++i)
            if (partBox(i).adjusted(0, -3, 0, 3).contains(help->pos())) {
                QToolTip::showText(help->globalPos(), sentence(i), this);
                return true;
            }
        QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace app::desktop
