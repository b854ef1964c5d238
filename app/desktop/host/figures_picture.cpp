#include "app/desktop/host/figures_picture.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QResizeEvent>
#include <QToolTip>

#include <algorithm>

namespace app::desktop {

namespace {

constexpr int kCards = 3;
constexpr int kFigureHeight = 118;
constexpr int kLeastCardWidth = 160;
constexpr int kFigureGap = 8;
constexpr sim::Duration kHistory = std::chrono::minutes(2);
// When a figure deserves a second look: a queue twice as long as the processors can serve, a tenth of the memory left,
// a fifth of the time spent waiting. Rules of thumb for the eye, not alerts.
constexpr double kBusyLoad = 2;
constexpr double kLittleMemory = 0.1;
constexpr double kVeryLittleMemory = 0.03;
constexpr double kMuchPressure = 20;

QString percentText(double percent)
{
    return QStringLiteral("%1").arg(percent, 0, 'f', percent < 10 ? 1 : 0);
}

} // namespace

FiguresPicture::FiguresPicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    retranslate();
}

int FiguresPicture::columns(int width) const
{
    return std::clamp((width + kFigureGap) / (m_look.scaled(kLeastCardWidth) + kFigureGap), 1, kCards);
}

int FiguresPicture::heightForWidth(int width) const
{
    const int rows = (kCards + columns(width) - 1) / columns(width);
    return rows * m_look.scaled(kFigureHeight) + (rows - 1) * kFigureGap;
}

QSize FiguresPicture::sizeHint() const
{
    return {m_look.scaled(3 * kLeastCardWidth), heightForWidth(width())};
}

QSize FiguresPicture::minimumSizeHint() const
{
    return {m_look.scaled(kLeastCardWidth), heightForWidth(width())};
}

QRectF FiguresPicture::card(int index) const
{
    const int across = columns(width());
    const int row = index / across;
    // The last row's cards share its width.
    const int inRow = std::min(across, kCards - row * across);
    const double w = (width() - (inRow - 1) * static_cast<double>(kFigureGap)) / inRow;
    const double h = m_look.scaled(kFigureHeight);
    return {(index % across) * (w + kFigureGap), row * (h + kFigureGap), w, h};
}

QRectF FiguresPicture::inside(const QRectF& box) const
{
    return box.adjusted(12, 8, -12, -8);
}

void FiguresPicture::restart()
{
    m_history.clear();
    m_detail = nullptr;
    update();
}

void FiguresPicture::setDetail(std::shared_ptr<const core::session::MachineDetail> detail, sim::Instant now)
{
    if (detail == m_detail)
        return;
    m_detail = std::move(detail);
    if (!m_history.empty() && now < m_history.back().at)
        m_history.clear(); // rewound
    if (m_detail) {
        const auto total = static_cast<double>(std::max<std::int64_t>(1, m_detail->memory.total));
        if (m_history.empty() || now > m_history.back().at)
            m_history.push_back({now, 1 - (m_detail->cpu.idle + m_detail->cpu.wait) / 100,
                                 static_cast<double>(m_detail->memory.used) / total});
    }
    while (!m_history.empty() && now - m_history.front().at > kHistory)
        m_history.pop_front();
    setAccessibleDescription(sentences().join(QLatin1Char('\n')));
    update();
}

std::vector<FiguresPicture::Segment> FiguresPicture::processorSegments() const
{
    const Tokens& tokens = m_look.tokens();
    const auto& cpu = m_detail->cpu;
    return {{tr("user"), percentText(cpu.user + cpu.nice), tokens.accent, (cpu.user + cpu.nice) / 100},
            {tr("system"), percentText(cpu.system), tokens.branch, cpu.system / 100},
            {QStringLiteral("iowait"), percentText(cpu.wait), tokens.warn, cpu.wait / 100}};
}

std::vector<FiguresPicture::Segment> FiguresPicture::memorySegments() const
{
    const Tokens& tokens = m_look.tokens();
    const auto& memory = m_detail->memory;
    const auto total = static_cast<double>(std::max<std::int64_t>(1, memory.total));
    const auto part = [&](const QString& name, std::int64_t bytes, const QColor& color) {
        return Segment{name, Wording::bytes(static_cast<double>(bytes)), color, static_cast<double>(bytes) / total};
    };
    return {part(tr("used"), memory.used, tokens.accent),
            part(tr("cache"), memory.cache, mixed(tokens.panel, tokens.ok, 0.75)),
            part(QStringLiteral("slab"), memory.slab, tokens.branch),
            part(tr("free"), memory.free, trackColor(tokens))};
}

sim::Health FiguresPicture::processorHealth() const
{
    return m_detail->cpu.load1 > kBusyLoad * static_cast<double>(m_detail->cpu.count) ? sim::Health::Warn
                                                                                      : sim::Health::Ok;
}

sim::Health FiguresPicture::memoryHealth() const
{
    const auto& memory = m_detail->memory;
    const double left = static_cast<double>(memory.available)
        / static_cast<double>(std::max<std::int64_t>(1, memory.total));
    return left < kVeryLittleMemory                           ? sim::Health::Critical
        : left < kLittleMemory || memory.outOfMemoryKills > 0 ? sim::Health::Warn
                                                              : sim::Health::Ok;
}

sim::Health FiguresPicture::pressureHealth() const
{
    const auto much = [](const core::session::PressureDetail& one) {
        return one.some10 > kMuchPressure;
    };
    if (m_detail->memoryPressure.full10 > kMuchPressure)
        return sim::Health::Critical;
    return much(m_detail->cpuPressure) || much(m_detail->memoryPressure) || much(m_detail->ioPressure)
        ? sim::Health::Warn
        : sim::Health::Ok;
}

QStringList FiguresPicture::sentences() const
{
    if (!m_detail)
        return {};
    QStringList all;
    const auto told = [](const std::vector<Segment>& segments) {
        QStringList words;
        for (const Segment& one : segments)
            words += one.name + QLatin1Char(' ') + one.value;
        return words.join(QStringLiteral(", "));
    };
    const auto& cpu = m_detail->cpu;
    all += tr("CPU in per cent: %1; load %2, %3, %4")
               .arg(told(processorSegments()))
               .arg(cpu.load1, 0, 'f', 2)
               .arg(cpu.load5, 0, 'f', 2)
               .arg(cpu.load15, 0, 'f', 2);
    all += tr("Memory: %1; available %2; swap %3 of %4")
               .arg(told(memorySegments()), Wording::bytes(static_cast<double>(m_detail->memory.available)),
                    Wording::bytes(static_cast<double>(m_detail->memory.swapUsed)),
                    Wording::bytes(static_cast<double>(m_detail->memory.swapTotal)));
    const auto pressure = [this](const QString& name, const core::session::PressureDetail& one) {
        return tr("%1: some %2 %, full %3 %").arg(name, percentText(one.some10), percentText(one.full10));
    };
    all += tr("Pressure over 10 s: %1; %2; %3")
               .arg(pressure(QStringLiteral("CPU"), m_detail->cpuPressure),
                    pressure(tr("memory"), m_detail->memoryPressure),
                    pressure(QStringLiteral("I/O"), m_detail->ioPressure));
    return all;
}

void FiguresPicture::paintEvent(QPaintEvent*)
{
    if (!m_detail)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintProcessors(painter, card(0));
    paintMemory(painter, card(1));
    paintPressure(painter, card(2));
}

void FiguresPicture::paintCard(QPainter& painter, const QRectF& box, const QString& title, const QString& value,
                               sim::Health health) const
{
    const Tokens& tokens = m_look.tokens();
    painter.setPen(QPen(tokens.line, 1));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), Look::kControlRadius, Look::kControlRadius);
    const QRectF room = inside(box);
    QRectF row(room.left(), room.top(), room.width(), m_look.scaled(22));
    if (health != sim::Health::Ok) {
        const double side = m_look.scaled(9);
        drawHealth(painter, QRectF(row.left(), row.center().y() - side / 2, side, side), health, tokens);
        row.setLeft(row.left() + side + 6);
    }
    painter.setFont(m_look.font(FontRole::Secondary));
    painter.setPen(tokens.muted);
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, title);
    painter.setFont(m_look.font(FontRole::Title));
    painter.setPen(health == sim::Health::Ok ? tokens.text : readableOn(healthColor(tokens, health), tokens.raised));
    drawTabular(painter, row, Qt::AlignVCenter | Qt::AlignRight, value);
}

void FiguresPicture::paintStack(QPainter& painter, const QRectF& bar, const std::vector<Segment>& segments) const
{
    const Tokens& tokens = m_look.tokens();
    painter.save();
    QPainterPath clip;
    clip.addRoundedRect(bar, bar.height() / 2, bar.height() / 2);
    painter.setClipPath(clip);
    painter.fillRect(bar, trackColor(tokens));
    double x = bar.left();
    for (const Segment& one : segments) {
        const double w = bar.width() * std::clamp(one.share, 0.0, 1.0);
        painter.fillRect(QRectF(x, bar.top(), w, bar.height()), one.color);
        x += w;
        if (w > 2)
            painter.fillRect(QRectF(x - 1, bar.top(), 1, bar.height()),
                             tokens.raised); // a seam tells the parts apart without colour
    }
    painter.restore();
}

/// Squares with names and figures, in one or two lines. Returns the height it took.
double FiguresPicture::paintLegend(QPainter& painter, const QRectF& room, const std::vector<Segment>& segments) const
{
    const Tokens& tokens = m_look.tokens();
    const double pitch = m_look.scaled(16);
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    double x = room.left();
    double y = room.top();
    for (const Segment& one : segments) {
        const double side = m_look.scaled(7);
        const double width = side + 5 + metrics.horizontalAdvance(one.name + QLatin1Char(' '))
            + tabularWidth(painter.font(), one.value);
        if (x > room.left() && x + width > room.right() + 1) {
            x = room.left();
            y += pitch;
        }
        painter.setPen(QPen(mixed(one.color, tokens.text, 0.25), 1));
        painter.setBrush(one.color);
        painter.drawRect(QRectF(x, y + (pitch - side) / 2, side, side));
        painter.setPen(tokens.muted);
        painter.drawText(QRectF(x + side + 5, y, room.right() - x, pitch), Qt::AlignVCenter | Qt::AlignLeft, one.name);
        painter.setPen(tokens.text);
        drawTabular(painter,
                    QRectF(x + side + 5 + metrics.horizontalAdvance(one.name + QLatin1Char(' ')), y, width, pitch),
                    Qt::AlignVCenter | Qt::AlignLeft, one.value);
        x += width + m_look.scaled(10);
    }
    return y + pitch - room.top();
}

void FiguresPicture::paintHistory(QPainter& painter, const QRectF& room, double Moment::*value) const
{
    if (m_history.size() < 2 || room.height() < 8)
        return;
    const Tokens& tokens = m_look.tokens();
    const sim::Instant end = m_history.back().at;
    QPolygonF line;
    for (const Moment& one : m_history)
        line << QPointF(room.right() - room.width() * sim::toSeconds(end - one.at) / sim::toSeconds(kHistory),
                        room.bottom() - 1 - (room.height() - 2) * std::clamp(one.*value, 0.0, 1.0));
    painter.setPen(QPen(tokens.line, 1));
    painter.drawLine(room.bottomLeft(), room.bottomRight());
    QPolygonF area = line;
    area << QPointF(line.last().x(), room.bottom()) << QPointF(line.first().x(), room.bottom());
    painter.setPen(Qt::NoPen);
    painter.setBrush(mixed(tokens.raised, tokens.accent, 0.18));
    painter.drawPolygon(area);
    painter.setPen(QPen(tokens.accent, 1.3));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
}

void FiguresPicture::paintProcessors(QPainter& painter, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const auto& cpu = m_detail->cpu;
    paintCard(painter, box, tr("CPU · %n core(s)", nullptr, static_cast<int>(cpu.count)),
              QStringLiteral("%1 %").arg(percentText(100 - cpu.idle - cpu.wait)), processorHealth());
    const QRectF room = inside(box);
    const double bar = room.top() + m_look.scaled(26);
    paintStack(painter, QRectF(room.left(), bar, room.width(), m_look.scaled(8)), processorSegments());
    double y = bar + m_look.scaled(11);
    y += paintLegend(painter, QRectF(room.left(), y, room.width(), m_look.scaled(32)), processorSegments());
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    const QRectF row(room.left(), y, room.width(), m_look.scaled(16));
    const QString load
        = tr("load %1  %2  %3").arg(cpu.load1, 0, 'f', 2).arg(cpu.load5, 0, 'f', 2).arg(cpu.load15, 0, 'f', 2);
    drawTabular(painter, row, Qt::AlignVCenter | Qt::AlignLeft, load);
    const QString queue = tr("run %1 · blocked %2").arg(cpu.runnable).arg(cpu.blocked);
    if (tabularWidth(painter.font(), load) + tabularWidth(painter.font(), queue) + 12 < room.width())
        drawTabular(painter, row, Qt::AlignVCenter | Qt::AlignRight, queue);
    paintHistory(painter, QRectF(room.left(), row.bottom() + 2, room.width(), room.bottom() - row.bottom() - 2),
                 &Moment::processors);
}

void FiguresPicture::paintMemory(QPainter& painter, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const auto& memory = m_detail->memory;
    paintCard(painter, box, tr("Memory · %1").arg(Wording::bytes(static_cast<double>(memory.total))),
              Wording::bytes(static_cast<double>(memory.used)), memoryHealth());
    const QRectF room = inside(box);
    const double bar = room.top() + m_look.scaled(26);
    paintStack(painter, QRectF(room.left(), bar, room.width(), m_look.scaled(8)), memorySegments());
    double y = bar + m_look.scaled(11);
    y += paintLegend(painter, QRectF(room.left(), y, room.width(), m_look.scaled(32)), memorySegments());
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    const QRectF row(room.left(), y, room.width(), m_look.scaled(16));
    const QString swap = memory.swapTotal == 0 ? tr("no swap")
                                               : tr("swap %1 of %2")
                                                     .arg(Wording::bytes(static_cast<double>(memory.swapUsed)),
                                                          Wording::bytes(static_cast<double>(memory.swapTotal)));
    const QFontMetricsF metrics(painter.font());
    const QString kills = memory.outOfMemoryKills > 0
        ? tr("%n OOM kill(s)", nullptr, static_cast<int>(memory.outOfMemoryKills))
        : QString();
    const double left = kills.isEmpty() ? row.width() : row.width() - metrics.horizontalAdvance(kills) - 8;
    painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(swap, Qt::ElideRight, std::max(0.0, left)));
    if (!kills.isEmpty()) {
        painter.setPen(readableOn(tokens.warn, tokens.raised));
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignRight, kills);
    } else if (memory.swapTotal > 0) {
        const double x = room.left() + metrics.horizontalAdvance(swap) + 8;
        if (x + 24 < room.right())
            paintStack(painter, QRectF(x, row.center().y() - 2, room.right() - x, 5),
                       {{QString(), QString(), tokens.warn,
                         static_cast<double>(memory.swapUsed) / static_cast<double>(memory.swapTotal)}});
    }
    paintHistory(painter, QRectF(room.left(), row.bottom() + 2, room.width(), room.bottom() - row.bottom() - 2),
                 &Moment::memory);
}

void FiguresPicture::paintPressure(QPainter& painter, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const double most = std::max(
        {m_detail->cpuPressure.some10, m_detail->memoryPressure.some10, m_detail->ioPressure.some10});
    paintCard(painter, box, tr("Pressure · 10 s"), QStringLiteral("%1 %").arg(percentText(most)), pressureHealth());
    const QRectF room = inside(box);
    QRectF row(room.left(), room.top() + m_look.scaled(26), room.width(), m_look.scaled(24));
    const QList<std::pair<QString, core::session::PressureDetail>> all{{QStringLiteral("CPU"), m_detail->cpuPressure},
                                                                       {tr("memory"), m_detail->memoryPressure},
                                                                       {QStringLiteral("I/O"), m_detail->ioPressure}};
    painter.setFont(m_look.font(FontRole::Label));
    double names = 0;
    for (const auto& [name, pressure] : all)
        names = std::max(names, QFontMetricsF(painter.font()).horizontalAdvance(name));
    const double figures = tabularWidth(painter.font(), QStringLiteral("100 / 100"));
    for (const auto& [name, pressure] : all) {
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        painter.drawText(row, Qt::AlignVCenter | Qt::AlignLeft, name);
        painter.setPen(tokens.text);
        drawTabular(painter, row, Qt::AlignVCenter | Qt::AlignRight,
                    percentText(pressure.some10) + QStringLiteral(" / ") + percentText(pressure.full10));
        const QRectF bar(row.left() + names + 10, row.center().y() - m_look.scaled(4),
                         row.width() - names - figures - 20, m_look.scaled(8));
        // Full is a part of some.
        paintStack(painter, bar,
                   {{QString(), QString(), tokens.critical, pressure.full10 / 100},
                    {QString(), QString(), tokens.warn, (pressure.some10 - pressure.full10) / 100}});
        row.translate(0, m_look.scaled(24));
    }
}

void FiguresPicture::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (columns(event->oldSize().width()) != columns(event->size().width()))
        updateGeometry();
}

bool FiguresPicture::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && m_detail) {
        const auto* help = static_cast<QHelpEvent*>(event);
        for (int i = 0; i < kCards; ++i)
            if (card(i).contains(help->pos()))
                QToolTip::showText(
                    help->globalPos(),
                    sentences().value(i)
                        + (i == 2 ? QLatin1Char('\n')
                                   + tr("some / full: share of the time in which some, or all, tasks wait for it")
                                  : QString()),
                    this);
        return true;
    }
    return QWidget::event(event);
}

void FiguresPicture::retranslate()
{
    setAccessibleName(tr("Processors, memory and pressure"));
    if (m_detail)
        setAccessibleDescription(sentences().join(QLatin1Char('\n')));
    updateGeometry();
    update();
}

} // namespace app::desktop
