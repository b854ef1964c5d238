#include "app/desktop/charts/signal_chart.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QGraphicsLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QWheelEvent>
#include <QtCharts/QAreaSeries>
#include <QtCharts/QLineSeries>
#include <QtCharts/QValueAxis>

#include <algorithm>
#include <cmath>

namespace app::desktop {

namespace {

constexpr std::size_t kMostPoints = 300;
constexpr double kQuietMark = 0.55;

} // namespace

SignalChart::SignalChart(SignalKind kind, Look& look, QWidget* parent)
    : QChartView(parent)
    , m_kind(kind)
    , m_look(look)
    , m_line(new QLineSeries(this))
    , m_ceiling(new QLineSeries(this))
    , m_floor(new QLineSeries(this))
    , m_second(new QLineSeries(this))
    , m_area(new QAreaSeries(m_ceiling, m_floor))
    , m_time(new QValueAxis(this))
    , m_value(new QValueAxis(this))
{
    setObjectName(QStringLiteral("chart-%1").arg(static_cast<int>(kind)));
    setFrameShape(QFrame::NoFrame);
    setRenderHint(QPainter::Antialiasing);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setBackgroundBrush(Qt::NoBrush);
    setMinimumHeight(34);
    setStyleSheet(QStringLiteral("background: transparent;"));
    viewport()->setAutoFillBackground(false);

    QChart* picture = chart();
    picture->legend()->hide();
    picture->setBackgroundVisible(false);
    picture->setMargins({});
    picture->layout()->setContentsMargins(0, 0, 0, 0);
    for (QAbstractSeries* series : std::initializer_list<QAbstractSeries*>{m_area, m_line, m_second})
        picture->addSeries(series);
    picture->addAxis(m_time, Qt::AlignBottom);
    picture->addAxis(m_value, Qt::AlignLeft);
    for (QAbstractSeries* series : std::initializer_list<QAbstractSeries*>{m_area, m_line, m_second}) {
        series->attachAxis(m_time);
        series->attachAxis(m_value);
    }
    for (QValueAxis* axis : {m_time, m_value}) {
        axis->setLabelsVisible(false);
        axis->setLineVisible(false);
        axis->setTickCount(3);
    }
    m_time->setGridLineVisible(false);
    connect(&look, &Look::changed, this, &SignalChart::retranslate);
    retranslate();
}

double SignalChart::secondsOf(sim::Instant at) const
{
    return sim::toSeconds(at - m_from);
}

QList<QPointF> SignalChart::pointsOf(const std::vector<float>& values, sim::Instant start, sim::Duration step) const
{
    QList<QPointF> points;
    if (values.empty() || step <= sim::Duration::zero())
        return points;
    const auto count = static_cast<std::int64_t>(values.size());
    const std::int64_t first = std::clamp<std::int64_t>((m_from - start) / step, 0, count - 1);
    const std::int64_t last = std::clamp<std::int64_t>((m_to - start) / step, 0, count - 1);
    const auto stride = std::max<std::int64_t>(1, (last - first) / static_cast<std::int64_t>(kMostPoints));
    for (std::int64_t i = first; i <= last; i += stride) {
        // Of each stride the value farthest from the last drawn one, so that no dip is lost.
        float chosen = values[static_cast<std::size_t>(i)];
        const float before = points.isEmpty() ? chosen : static_cast<float>(points.last().y());
        for (std::int64_t j = i; j < std::min(i + stride, last + 1); ++j) {
            const float value = values[static_cast<std::size_t>(j)];
            if (std::abs(value - before) > std::abs(chosen - before))
                chosen = value;
        }
        points.append({secondsOf(start + i * step), chosen});
    }
    return points;
}

void SignalChart::setFrame(const FramePtr& frame, sim::Instant from, sim::Instant to,
                           const core::session::BranchView* compared)
{
    m_frame = frame;
    m_from = from;
    m_to = to;
    const std::vector<std::string> ids = Signals::seriesIds(m_kind);
    QList<QPointF> main;
    QList<QPointF> other;
    if (const sim::SeriesView* series = findSeries(*frame->world, ids.front()))
        main = pointsOf(*series->values, series->start, series->step);
    if (ids.size() > 1) {
        if (const sim::SeriesView* series = findSeries(*frame->world, ids[1]))
            other = pointsOf(*series->values, series->start, series->step);
    } else if (m_kind == SignalKind::Success && compared != nullptr && compared->success) {
        other = pointsOf(*compared->success, frame->world->start, compared->step);
    }

    double low = m_kind == SignalKind::Pods ? 0 : 1e300;
    double high = m_kind == SignalKind::Success ? 1.0 : -1e300;
    for (const QList<QPointF>* points : {&main, &other}) {
        for (const QPointF& point : *points) {
            low = std::min(low, point.y());
            high = std::max(high, point.y());
        }
    }
    if (low > high) {
        low = 0;
        high = 1;
    }
    const double span = std::max((high - low) * 1.2, Signals::smallestSpan(m_kind));
    const double floor = m_kind == SignalKind::Success ? high - span : std::max(0.0, (low + high - span) / 2);
    m_lowest = floor;
    m_highest = m_kind == SignalKind::Success ? high + span * 0.04 : floor + span;
    m_value->setRange(m_lowest, m_highest);
    m_time->setRange(0, std::max(1.0, secondsOf(to)));
    m_line->replace(main);
    m_ceiling->replace(main);
    m_floor->replace(QList<QPointF>{{0, m_lowest}, {std::max(1.0, secondsOf(to)), m_lowest}});
    m_second->replace(other);
    describe();
    viewport()->update();
}

void SignalChart::setCursor(std::optional<sim::Instant> at)
{
    if (at == m_cursor)
        return;
    m_cursor = at;
    viewport()->update();
}

std::optional<double> SignalChart::valueAt(sim::Instant at) const
{
    const sim::SeriesView* series
        = m_frame ? findSeries(*m_frame->world, Signals::seriesIds(m_kind).front()) : nullptr;
    if (series == nullptr || at < series->start)
        return std::nullopt;
    const auto index = static_cast<std::size_t>((at - series->start) / series->step);
    if (index >= series->values->size())
        return std::nullopt;
    return (*series->values)[index];
}

QString SignalChart::readOut(sim::Instant at) const
{
    const std::optional<double> value = valueAt(at);
    if (!value)
        return {};
    return Wording::clock(at) + QStringLiteral("  ") + Signals::value(m_kind, *value);
}

void SignalChart::retranslate()
{
    const Tokens& tokens = m_look.tokens();
    const QColor color = Signals::color(m_kind, tokens);
    QPen pen(color, 1.5);
    pen.setJoinStyle(Qt::RoundJoin);
    m_line->setPen(pen);
    // An area's border would run along the floor and the sides too, so the line is a series of its own.
    m_area->setPen(Qt::NoPen);
    QColor fill = color;
    fill.setAlphaF(tokens.dark ? 0.16F : 0.12F);
    m_area->setBrush(fill);
    QPen second(m_kind == SignalKind::Pods ? tokens.critical : tokens.branch, 1.5);
    if (m_kind == SignalKind::Success)
        second.setStyle(Qt::DashLine);
    m_second->setPen(second);
    m_value->setGridLineColor(mixed(tokens.panel, tokens.line, 0.75));
    setAccessibleName(Signals::title(m_kind));
    describe();
}

void SignalChart::describe()
{
    if (!m_frame || m_line->count() == 0)
        return;
    const QList<QPointF> points = m_line->points();
    const auto lowest = std::min_element(points.begin(), points.end(),
                                         [](const QPointF& a, const QPointF& b) { return a.y() < b.y(); });
    const auto highest = std::max_element(points.begin(), points.end(),
                                          [](const QPointF& a, const QPointF& b) { return a.y() < b.y(); });
    setAccessibleDescription(tr("Now %1, lowest %2, highest %3. Left and right read values.")
                                 .arg(Signals::value(m_kind, points.last().y()),
                                      Signals::value(m_kind, lowest->y()), Signals::value(m_kind, highest->y())));
}

void SignalChart::drawForeground(QPainter* painter, const QRectF& rect)
{
    QChartView::drawForeground(painter, rect);
    if (!m_frame)
        return;
    painter->save();
    painter->resetTransform();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF plot = chart()->plotArea();
    drawMarks(*painter, plot);
    if (m_cursor)
        drawCursor(*painter, plot);
    if (hasFocus()) {
        painter->setBrush(Qt::NoBrush);
        painter->setPen(QPen(m_look.tokens().accent, 1.5));
        painter->drawRoundedRect(QRectF(viewport()->rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
    painter->restore();
}

void SignalChart::drawMarks(QPainter& painter, const QRectF& plot) const
{
    const double span = secondsOf(m_to);
    for (const core::session::Mark& mark : m_frame->marks) {
        using Kind = core::session::Mark::Kind;
        const bool shown = mark.kind == Kind::Alert || mark.kind == Kind::You || mark.kind == Kind::Injection;
        if (!shown || mark.at < m_from || mark.at > m_to || span <= 0)
            continue;
        QPen pen(markColor(mark.kind, m_look.tokens()), 1.4);
        if (mark.kind == Kind::Alert)
            pen.setStyle(Qt::DotLine);
        else if (mark.kind == Kind::Injection)
            pen.setStyle(Qt::DashLine);
        else
            pen = QPen(mixed(m_look.tokens().panel, pen.color(), kQuietMark), 1); // many: they must not hide the line
        painter.setPen(pen);
        const double x = plot.left() + plot.width() * secondsOf(mark.at) / span;
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    }
}

void SignalChart::drawCursor(QPainter& painter, const QRectF& plot) const
{
    const std::optional<double> value = valueAt(*m_cursor);
    const double span = secondsOf(m_to);
    if (!value || span <= 0 || *m_cursor < m_from || *m_cursor > m_to)
        return;
    const Tokens& tokens = m_look.tokens();
    const double x = plot.left() + plot.width() * secondsOf(*m_cursor) / span;
    const double y = plot.bottom() - plot.height() * (*value - m_lowest) / (m_highest - m_lowest);
    painter.setPen(QPen(tokens.muted, 1));
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    painter.setPen(QPen(tokens.panel, 2));
    painter.setBrush(Signals::color(m_kind, tokens));
    painter.drawEllipse(QPointF(x, y), 4, 4);
    drawReadOut(painter, m_look, plot, x, readOut(*m_cursor));
}

void SignalChart::mouseMoveEvent(QMouseEvent* event)
{
    const QRectF plot = chart()->plotArea();
    if (!m_frame || plot.width() <= 0)
        return;
    const double part = std::clamp((event->position().x() - plot.left()) / plot.width(), 0.0, 1.0);
    emit cursorMoved(m_from + sim::fromSeconds(part * secondsOf(m_to)));
}

void SignalChart::leaveEvent(QEvent* event)
{
    QChartView::leaveEvent(event);
    emit cursorMoved(std::nullopt);
}

void SignalChart::keyPressEvent(QKeyEvent* event)
{
    const sim::SeriesView* series
        = m_frame ? findSeries(*m_frame->world, Signals::seriesIds(m_kind).front()) : nullptr;
    if (series == nullptr)
        return QChartView::keyPressEvent(event);
    const sim::Instant at = m_cursor.value_or(m_to);
    const sim::Duration step = series->step * (event->modifiers() & Qt::ShiftModifier ? 10 : 1);
    switch (event->key()) {
    case Qt::Key_Left: emit cursorMoved(std::max(m_from, at - step)); return;
    case Qt::Key_Right: emit cursorMoved(std::min(m_to, at + step)); return;
    case Qt::Key_Home: emit cursorMoved(m_from); return;
    case Qt::Key_End: emit cursorMoved(m_to); return;
    case Qt::Key_Escape: emit cursorMoved(std::nullopt); return;
    default: QChartView::keyPressEvent(event);
    }
}

void SignalChart::focusInEvent(QFocusEvent* event)
{
    QChartView::focusInEvent(event);
    viewport()->update();
}

void SignalChart::focusOutEvent(QFocusEvent* event)
{
    QChartView::focusOutEvent(event);
    viewport()->update();
}

void SignalChart::wheelEvent(QWheelEvent* event)
{
    event->ignore();
}

} // namespace app::desktop
