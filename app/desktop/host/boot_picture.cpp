#include "app/desktop/host/boot_picture.h"

#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::BootBar;

namespace {

constexpr int kBootRowHeight = 22;
constexpr int kAxisHeight = 24;
constexpr int kLeastBar = 3;
/// Names stand in a column of their own up to this share of the width.
constexpr double kNameShare = 0.34;
constexpr int kMostTicks = 8;

/// 1, 2 or 5 times a power of ten seconds, so that at most kMostTicks fit.
double tickSeconds(double span)
{
    const double rough = std::max(1e-3, span / kMostTicks);
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= rough)
            return factor * power;
    return 10 * power;
}

} // namespace

BootPicture::BootPicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    retranslate();
}

void BootPicture::setDetail(std::shared_ptr<const core::session::BootDetail> detail)
{
    m_detail = std::move(detail);
    arrange();
}

void BootPicture::setUserspaceOnly(bool only)
{
    m_userspaceOnly = only;
    m_chosen = -1;
    arrange();
}

void BootPicture::arrange()
{
    m_lines.clear();
    m_from = m_to = sim::Instant{};
    if (m_detail) {
        for (int i = 0; i < static_cast<int>(m_detail->bars.size()); ++i) {
            const BootBar& one = m_detail->bars[static_cast<std::size_t>(i)];
            if (m_userspaceOnly && one.phase)
                continue;
            m_from = m_lines.empty() ? one.begin : std::min(m_from, one.begin);
            m_to = m_lines.empty() ? one.end : std::max(m_to, one.end);
            m_lines.push_back(i);
        }
        if (m_detail->finished > m_from)
            m_to = std::max(m_to, m_detail->finished);
    }
    if (m_to <= m_from)
        m_to = m_from + std::chrono::seconds(1);
    if (m_chosen >= lines())
        m_chosen = -1;
    setAccessibleDescription(m_chosen >= 0 ? sentence(m_chosen) : QString());
    setFixedHeight(sizeHint().height());
    update();
}

const BootBar& BootPicture::barOf(int line) const
{
    return m_detail->bars[static_cast<std::size_t>(m_lines[static_cast<std::size_t>(line)])];
}

bool BootPicture::isTarget(const BootBar& one) const
{
    return !one.phase && one.end == one.begin;
}

QSize BootPicture::sizeHint() const
{
    return {m_look.scaled(480), m_look.scaled(kAxisHeight) + lines() * m_look.scaled(kBootRowHeight) + 4};
}

double BootPicture::nameWidth() const
{
    const QFontMetricsF metrics(m_look.font(FontRole::Secondary));
    double widest = 0;
    for (int i = 0; i < lines(); ++i)
        widest = std::max(widest, metrics.horizontalAdvance(QString::fromStdString(barOf(i).name)));
    return std::min(widest + m_look.scaled(22), width() * kNameShare);
}

double BootPicture::xOf(sim::Instant at) const
{
    const double left = nameWidth() + 8;
    const double room = width() - left - m_look.scaled(64); // behind the last bar stands its length
    return left + room * sim::toSeconds(at - m_from) / sim::toSeconds(m_to - m_from);
}

QRectF BootPicture::lineBox(int line) const
{
    return {0, static_cast<double>(m_look.scaled(kAxisHeight) + line * m_look.scaled(kBootRowHeight)),
            static_cast<double>(width()), static_cast<double>(m_look.scaled(kBootRowHeight))};
}

QRectF BootPicture::bar(int line) const
{
    const BootBar& one = barOf(line);
    const QRectF box = lineBox(line);
    const double height = m_look.scaled(11);
    const double left = xOf(one.begin);
    if (isTarget(one))
        return {left - height / 2, box.center().y() - height / 2, height, height};
    return {left, box.center().y() - height / 2, std::max<double>(kLeastBar, xOf(one.end) - left), height};
}

QString BootPicture::spanText(double seconds) const
{
    return seconds < 1 ? tr("%1 ms").arg(seconds * 1000, 0, 'f', 0)
                       : tr("%1 s").arg(seconds, 0, 'f', seconds < 10 ? 2 : 1);
}

QString BootPicture::sentence(int line) const
{
    const BootBar& one = barOf(line);
    const QString name = QString::fromStdString(one.name);
    QString words = isTarget(one)
        ? tr("%1: reached at %2").arg(name, spanText(sim::toSeconds(one.begin - m_detail->began)))
        : tr("%1: from %2, took %3")
              .arg(name, spanText(sim::toSeconds(one.begin - m_detail->began)),
                   spanText(sim::toSeconds(one.end - one.begin)));
    if (!one.ok)
        words += QStringLiteral(", ") + tr("failed");
    if (one.running)
        words += QStringLiteral(", ") + tr("not over yet");
    if (one.critical)
        words += QStringLiteral(", ") + tr("on the critical chain");
    QStringList waited;
    for (const int index : one.after)
        waited += QString::fromStdString(m_detail->bars[static_cast<std::size_t>(index)].name);
    if (!waited.isEmpty())
        words += QStringLiteral(", ") + tr("after %1").arg(waited.join(QStringLiteral(", ")));
    return words;
}

void BootPicture::paintEvent(QPaintEvent*)
{
    if (!m_detail)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintGrid(painter);
    for (int i = 0; i < lines(); ++i)
        paintLine(painter, i);
    paintLinks(painter);
}

void BootPicture::paintGrid(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const double span = sim::toSeconds(m_to - m_from);
    const double step = tickSeconds(span);
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    double lastEnd = 0;
    for (double seconds = 0; seconds <= span + 1e-9; seconds += step) {
        const double x = xOf(m_from + sim::fromSeconds(seconds));
        painter.setPen(QPen(mixed(tokens.panel, tokens.line, 0.8), 1));
        painter.drawLine(QPointF(x, m_look.scaled(kAxisHeight) - 3), QPointF(x, height()));
        const QString text = seconds == 0 ? QStringLiteral("0")
            : step >= 1                   ? tr("%1 s").arg(seconds, 0, 'f', 0)
            : step >= 0.1                 ? tr("%1 s").arg(seconds, 0, 'f', 1)
                                          : spanText(seconds);
        const double half = metrics.horizontalAdvance(text) / 2;
        if (x - half < lastEnd + 6 && seconds > 0)
            continue;
        painter.setPen(tokens.muted);
        painter.drawText(QRectF(x - half - 2, 0, 2 * half + 4, m_look.scaled(kAxisHeight) - 4), Qt::AlignCenter, text);
        lastEnd = x + half;
    }
    if (m_detail->finished > m_from) {
        const double x = xOf(m_detail->finished);
        painter.setPen(QPen(tokens.ok, 1, Qt::DashLine));
        painter.drawLine(QPointF(x, m_look.scaled(kAxisHeight) - 3), QPointF(x, height()));
    }
}

void BootPicture::paintLine(QPainter& painter, int line) const
{
    const Tokens& tokens = m_look.tokens();
    const BootBar& one = barOf(line);
    const QRectF box = lineBox(line);
    if (line == m_chosen) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(mixed(tokens.panel, tokens.accent, hasFocus() ? 0.2 : 0.1));
        painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), 5, 5);
    }
    const double side = m_look.scaled(8);
    if (!one.ok)
        drawHealth(painter, QRectF(4, box.center().y() - side / 2, side, side), sim::Health::Critical, tokens);
    else if (one.running)
        drawHealth(painter, QRectF(4, box.center().y() - side / 2, side, side), sim::Health::Warn, tokens);
    painter.setFont(m_look.font(one.phase ? FontRole::Section : FontRole::Secondary));
    painter.setPen(!one.ok                         ? readableOn(tokens.critical, tokens.panel)
                       : one.critical || one.phase ? tokens.text
                                                   : tokens.muted);
    const QRectF nameRoom(m_look.scaled(16), box.top(), nameWidth() - m_look.scaled(16), box.height());
    painter.drawText(
        nameRoom, Qt::AlignVCenter | Qt::AlignLeft,
        QFontMetricsF(painter.font()).elidedText(QString::fromStdString(one.name), Qt::ElideMiddle, nameRoom.width()));
    const QRectF place = bar(line);
    const QColor color = !one.ok ? tokens.critical
        : one.phase              ? mixed(tokens.panel, tokens.branch, 0.7)
        : one.critical           ? tokens.accent
                                 : mixed(tokens.panel, tokens.accent, tokens.dark ? 0.4 : 0.36);
    if (isTarget(one)) {
        drawDiamond(painter, place,
                    one.ok ? (one.critical ? tokens.accent : mixed(tokens.panel, tokens.muted, 0.8)) : tokens.critical);
    } else {
        painter.setPen(one.running ? QPen(color, 1.4, Qt::DashLine) : QPen(Qt::NoPen));
        painter.setBrush(one.running ? mixed(tokens.panel, color, 0.3) : color);
        painter.drawRoundedRect(place, 2, 2);
    }
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(!one.ok ? readableOn(tokens.critical, tokens.panel) : tokens.muted);
    QString words = isTarget(one) ? QString() : spanText(sim::toSeconds(one.end - one.begin));
    if (!one.ok)
        words = tr("failed · %1").arg(words);
    const double used = QFontMetricsF(painter.font()).horizontalAdvance(words) + 12;
    // Behind its bar, or before it where that has no room.
    if (place.right() + used < width())
        painter.drawText(QRectF(place.right() + 6, box.top(), used, box.height()), Qt::AlignVCenter | Qt::AlignLeft,
                         words);
    else
        painter.drawText(QRectF(place.left() - used, box.top(), used - 6, box.height()),
                         Qt::AlignVCenter | Qt::AlignRight, words);
}

void BootPicture::paintLinks(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const auto lineOf = [this](int index) {
        const auto found = std::find(m_lines.begin(), m_lines.end(), index);
        return found == m_lines.end() ? -1 : static_cast<int>(found - m_lines.begin());
    };
    const auto link = [&](int from, int to, const QColor& color, double width) {
        const QRectF a = bar(from), b = bar(to);
        const double x = std::min(a.right(), b.left());
        QPainterPath path(QPointF(std::max(x, a.left() + 1), a.center().y()));
        path.lineTo(std::max(x, a.left() + 1), b.center().y());
        path.lineTo(b.left(), b.center().y());
        painter.setPen(QPen(color, width));
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(path);
    };
    // One link of the critical chain to the next.
    int last = -1;
    for (int i = 0; i < lines(); ++i) {
        if (!barOf(i).critical)
            continue;
        if (last >= 0)
            link(last, i, mixed(tokens.panel, tokens.accent, 0.7), 1.2);
        last = i;
    }
    if (m_chosen < 0)
        return;
    for (const int index : barOf(m_chosen).after)
        if (const int from = lineOf(index); from >= 0)
            link(from, m_chosen, tokens.warn, 1.6);
}

int BootPicture::lineAt(const QPointF& point) const
{
    for (int i = 0; i < lines(); ++i)
        if (lineBox(i).contains(point))
            return i;
    return -1;
}

void BootPicture::choose(int line)
{
    if (line == m_chosen || line >= lines())
        return;
    m_chosen = line;
    setAccessibleDescription(line >= 0 ? sentence(line) : QString());
    update();
    emit lineChosen(line);
}

void BootPicture::mousePressEvent(QMouseEvent* event)
{
    choose(lineAt(event->position()));
}

void BootPicture::keyPressEvent(QKeyEvent* event)
{
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    if (lines() == 0 || (step == 0 && event->key() != Qt::Key_Home && event->key() != Qt::Key_End))
        return QWidget::keyPressEvent(event);
    choose(event->key() == Qt::Key_Home      ? 0
               : event->key() == Qt::Key_End ? lines() - 1
                                             : std::clamp(m_chosen + step, 0, lines() - 1));
}

void BootPicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (m_chosen < 0 && lines() > 0 && event->reason() != Qt::MouseFocusReason)
        choose(0);
    update();
}

void BootPicture::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool BootPicture::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int line = lineAt(help->pos());
        if (line >= 0)
            QToolTip::showText(help->globalPos(), sentence(line), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void BootPicture::retranslate()
{
    setAccessibleName(tr("Chart of the boot"));
    arrange();
}

} // namespace app::desktop
