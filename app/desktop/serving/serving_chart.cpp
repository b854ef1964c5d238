#include "app/desktop/serving/serving_chart.h"

#include "app/desktop/serving/serving_look.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace app::desktop {

using sim::serving::ServingSample;

namespace {

constexpr int kChartHeadHeight = 20;
constexpr int kChartAxisHeight = 16;
constexpr int kChartScaleWidth = 50;
constexpr double kFarObjective = 6; ///< times the highest value: an objective beyond it is not in the picture

/// A round number not below.
double rounded(double value)
{
    if (value <= 0)
        return 1;
    const double size = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0})
        if (step * size >= value * 0.999)
            return step * size;
    return 10 * size;
}

} // namespace

ServingChart::ServingChart(ServingCurve curve, Look& look, QWidget* parent) : QWidget(parent), m_curve(curve), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    retranslate();
}

QString ServingChart::title(ServingCurve curve)
{
    switch (curve) {
    case ServingCurve::TimeToFirstToken: return tr("TTFT");
    case ServingCurve::TimePerToken: return tr("TPOT");
    case ServingCurve::Throughput: return tr("Tokens/s");
    case ServingCurve::Requests: return tr("Requests");
    case ServingCurve::Cache: return tr("Cache");
    case ServingCurve::Preemptions: return tr("Preemptions");
    }
    return {};
}

QString ServingChart::lineName(ServingCurve curve, int line)
{
    switch (curve) {
    case ServingCurve::TimeToFirstToken:
    case ServingCurve::TimePerToken: return line == 0 ? tr("p99") : tr("p50");
    case ServingCurve::Throughput: return line == 0 ? tr("generated") : tr("prompt");
    case ServingCurve::Requests: return line == 0 ? tr("running") : tr("waiting");
    case ServingCurve::Cache: return line == 0 ? tr("used") : tr("hit rate");
    case ServingCurve::Preemptions: return tr("per second");
    }
    return {};
}

double ServingChart::value(ServingCurve curve, int line, const ServingSample& sample)
{
    switch (curve) {
    case ServingCurve::TimeToFirstToken: return line == 0 ? sample.ttftP99 : sample.ttftP50;
    case ServingCurve::TimePerToken: return line == 0 ? sample.tpotP99 : sample.tpotP50;
    case ServingCurve::Throughput: return line == 0 ? sample.generationTokensPerSecond : sample.promptTokensPerSecond;
    case ServingCurve::Requests: return line == 0 ? sample.running : sample.waiting;
    case ServingCurve::Cache: return line == 0 ? sample.cacheUse : sample.hitRate;
    case ServingCurve::Preemptions: return sample.preemptionsPerSecond;
    }
    return -1;
}

QString ServingChart::text(ServingCurve curve, double value)
{
    if (value < 0)
        return QStringLiteral("–");
    switch (curve) {
    case ServingCurve::TimeToFirstToken:
    case ServingCurve::TimePerToken: return ServingLook::seconds(value);
    case ServingCurve::Throughput:
    case ServingCurve::Requests: return ServingLook::count(value);
    case ServingCurve::Cache: return ServingLook::percent(value);
    case ServingCurve::Preemptions: return ServingLook::perSecond(value);
    }
    return {};
}

QColor ServingChart::color(int line) const
{
    const Tokens& tokens = m_look.tokens();
    switch (m_curve) {
    case ServingCurve::TimeToFirstToken:
    case ServingCurve::TimePerToken: return line == 0 ? tokens.accent : mixed(tokens.panel, tokens.accent, 0.55);
    case ServingCurve::Throughput: return line == 0 ? tokens.ok : tokens.accent;
    case ServingCurve::Requests: return line == 0 ? tokens.ok : tokens.warn;
    case ServingCurve::Cache: return line == 0 ? tokens.branch : tokens.ok;
    case ServingCurve::Preemptions: return tokens.critical;
    }
    return tokens.accent;
}

void ServingChart::setSamples(Samples samples)
{
    // The cursor stays at its instant as long as that is there.
    const std::optional<int> before = std::exchange(m_cursor, std::nullopt);
    const Samples old = std::exchange(m_samples, std::move(samples));
    for (int i = 0; before && i < count(); ++i)
        if ((*m_samples)[static_cast<std::size_t>(i)].at == (*old)[static_cast<std::size_t>(*before)].at)
            m_cursor = i;
    measure();
    update();
}

void ServingChart::setObjective(double most)
{
    m_objective = most;
    measure();
    update();
}

void ServingChart::measure()
{
    double highest = 0;
    for (int i = 0; i < count(); ++i)
        for (int line = 0; line < lines(m_curve); ++line)
            highest = std::max(highest, value(m_curve, line, (*m_samples)[static_cast<std::size_t>(i)]));
    if (m_objective > 0 && m_objective < kFarObjective * highest)
        highest = std::max(highest, m_objective * 1.1);
    if (m_curve == ServingCurve::Cache)
        m_highest = 1;
    else if (m_curve == ServingCurve::Requests || m_curve == ServingCurve::Throughput)
        m_highest = std::max(4.0, rounded(highest));
    else
        m_highest = rounded(highest);
    if (count() == 0)
        return setAccessibleDescription(tr("Nothing has been measured yet."));
    QStringList all{readOut(count() - 1), tr("Left and right read values.")};
    if (const double share = kept(); m_objective > 0 && share >= 0)
        all += tr("%1 of the time within the agreed %2").arg(ServingLook::percent(share), text(m_curve, m_objective));
    setAccessibleDescription(all.join(QStringLiteral("; ")));
}

double ServingChart::kept() const
{
    int known = 0, good = 0;
    for (int i = 0; i < count(); ++i)
        if (const double one = value(m_curve, agreedLine(m_curve), (*m_samples)[static_cast<std::size_t>(i)]); one >= 0) {
            ++known;
            good += one <= m_objective ? 1 : 0;
        }
    return known == 0 ? -1 : static_cast<double>(good) / known;
}

void ServingChart::setCursor(std::optional<int> sample)
{
    if (sample == m_cursor)
        return;
    m_cursor = sample;
    if (m_cursor && hasFocus())
        setAccessibleDescription(readOut(*m_cursor));
    update();
}

QString ServingChart::readOut(int sample) const
{
    if (sample < 0 || sample >= count())
        return {};
    const ServingSample& one = (*m_samples)[static_cast<std::size_t>(sample)];
    QStringList all{Wording::clock(one.at)};
    for (int line = 0; line < lines(m_curve); ++line)
        all += QStringLiteral("%1 %2").arg(lineName(m_curve, line), text(m_curve, value(m_curve, line, one)));
    return all.join(QStringLiteral(" · "));
}

QRectF ServingChart::plot() const
{
    const double left = m_look.scaled(kChartScaleWidth);
    const double top = m_look.scaled(kChartHeadHeight);
    return {left, top + 4, std::max(20.0, width() - left - 6), std::max(10.0, height() - top - 6 - m_look.scaled(kChartAxisHeight))};
}

double ServingChart::xOf(int sample) const
{
    const QRectF box = plot();
    const sim::Instant first = m_samples->front().at;
    const double all = sim::toSeconds(m_samples->back().at - first);
    return all <= 0 ? box.right() : box.left() + box.width() * sim::toSeconds((*m_samples)[static_cast<std::size_t>(sample)].at - first) / all;
}

double ServingChart::yOf(double value) const
{
    const QRectF box = plot();
    return box.bottom() - box.height() * std::min(1.0, value / m_highest);
}

/// The title, and what each line stands at now in its colour.
void ServingChart::paintHead(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF head(6, 0, width() - 12.0, m_look.scaled(kChartHeadHeight));
    double right = head.right();
    if (count() > 0)
        for (int line = lines(m_curve) - 1; line >= 0; --line) {
            const double now = value(m_curve, line, m_samples->back());
            painter.setFont(m_look.font(FontRole::Section));
            const QString figure = text(m_curve, now);
            const double wide = tabularWidth(painter.font(), figure);
            painter.setPen(readableOn(line == 0 ? color(0) : mixed(tokens.panel, color(1), 0.9), tokens.panel));
            drawTabular(painter, QRectF(right - wide, head.top(), wide, head.height()), Qt::AlignVCenter | Qt::AlignRight, figure);
            right -= wide + 4;
            painter.setFont(m_look.font(FontRole::Label));
            painter.setPen(tokens.muted);
            const QString name = lineName(m_curve, line);
            const double named = QFontMetricsF(painter.font()).horizontalAdvance(name);
            painter.drawText(QRectF(right - named, head.top(), named, head.height()), Qt::AlignVCenter | Qt::AlignRight, name);
            right -= named + 4;
            const double y = head.center().y();
            painter.setPen(QPen(color(line), 2, line == 0 ? Qt::SolidLine : Qt::DashLine));
            painter.drawLine(QPointF(right - 12, y), QPointF(right, y));
            right -= 12 + m_look.scaled(10);
        }
    painter.setFont(m_look.font(FontRole::Secondary));
    painter.setPen(tokens.text);
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft, QFontMetricsF(painter.font()).elidedText(title(m_curve), Qt::ElideRight, std::max(0.0, right - head.left())));
}

void ServingChart::paintGrid(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF box = plot();
    painter.setFont(m_look.font(FontRole::Label));
    for (int i = 0; i < 3; ++i) {
        const double value = m_highest * i / 2;
        const double y = yOf(value);
        painter.setPen(QPen(mixed(tokens.panel, tokens.line, 0.75), 1));
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y));
        if (count() == 0)
            continue;
        const double half = m_look.scaled(8);
        const double middle = std::clamp(y, box.top() + half - 4, box.bottom() - half + 4);
        painter.setPen(tokens.muted);
        drawTabular(painter, QRectF(0, middle - half, box.left() - 6, 2 * half), Qt::AlignVCenter | Qt::AlignRight, value > 0 ? text(m_curve, value) : QStringLiteral("0"));
    }
    painter.setPen(tokens.muted);
    if (count() == 0)
        return painter.drawText(box, Qt::AlignCenter | Qt::TextWordWrap, tr("Nothing has been measured yet."));
    const QRectF axis(box.left(), box.bottom() + 1, box.width(), m_look.scaled(kChartAxisHeight));
    drawTabular(painter, axis, Qt::AlignVCenter | Qt::AlignLeft, Wording::clock(m_samples->front().at));
    drawTabular(painter, axis, Qt::AlignVCenter | Qt::AlignRight, Wording::clock(m_samples->back().at));
}

void ServingChart::paintLine(QPainter& painter, int line) const
{
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(color(line), line == 0 ? 1.6 : 1.3, line == 0 ? Qt::SolidLine : Qt::DashLine, Qt::FlatCap, Qt::RoundJoin));
    QPolygonF points;
    const auto close = [&] {
        if (points.size() == 1)
            painter.drawEllipse(points.front(), 1, 1);
        else if (points.size() > 1)
            painter.drawPolyline(points);
        points.clear();
    };
    for (int i = 0; i < count(); ++i) {
        const double one = value(m_curve, line, (*m_samples)[static_cast<std::size_t>(i)]);
        if (one < 0)
            close();
        else
            points << QPointF(xOf(i), yOf(one));
    }
    close();
}

void ServingChart::paintObjective(QPainter& painter) const
{
    if (m_objective <= 0)
        return;
    const Tokens& tokens = m_look.tokens();
    const QRectF box = plot();
    const double share = kept();
    const QString agreed = m_curve == ServingCurve::TimePerToken ? tr("SLO %1 on average") : tr("SLO %1");
    const QString words = agreed.arg(text(m_curve, m_objective)) + (share >= 0 ? QStringLiteral(" · ") + tr("kept %1").arg(ServingLook::percent(share)) : QString());
    painter.setFont(m_look.font(FontRole::Label));
    const bool inSight = m_objective <= m_highest;
    const double y = inSight ? yOf(m_objective) : box.top();
    if (inSight) {
        painter.setPen(QPen(tokens.warn, 1.2, Qt::DotLine));
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y));
    }
    const double wide = tabularWidth(painter.font(), words) + 8;
    const double high = m_look.scaled(14);
    QRectF note(box.left() + 3, y + 1, wide, high);
    if (note.bottom() > box.bottom())
        note.moveBottom(y - 1);
    QColor ground = tokens.panel;
    ground.setAlphaF(0.8F);
    painter.fillRect(note, ground);
    painter.setPen(readableOn(tokens.warn, tokens.panel));
    drawTabular(painter, note, Qt::AlignCenter, words);
}

void ServingChart::paintCursor(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF box = plot();
    const double x = xOf(*m_cursor);
    painter.setPen(QPen(tokens.muted, 1));
    painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()));
    for (int line = 0; line < lines(m_curve); ++line)
        if (const double one = value(m_curve, line, (*m_samples)[static_cast<std::size_t>(*m_cursor)]); one >= 0) {
            painter.setPen(QPen(tokens.panel, 2));
            painter.setBrush(color(line));
            painter.drawEllipse(QPointF(x, yOf(one)), 3.5, 3.5);
        }
    drawReadOut(painter, m_look, box, x, readOut(*m_cursor));
}

void ServingChart::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintHead(painter);
    paintGrid(painter);
    if (count() > 0) {
        for (int line = lines(m_curve) - 1; line >= 0; --line)
            paintLine(painter, line);
        paintObjective(painter);
        if (m_cursor)
            paintCursor(painter);
    }
    if (hasFocus())
        drawFocus(painter, QRectF(rect()), 4, m_look.tokens());
}

void ServingChart::mouseMoveEvent(QMouseEvent* event)
{
    if (count() == 0)
        return;
    int best = 0;
    for (int i = 1; i < count(); ++i)
        if (std::abs(xOf(i) - event->position().x()) < std::abs(xOf(best) - event->position().x()))
            best = i;
    emit cursorMoved(best);
}

void ServingChart::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    emit cursorMoved(std::nullopt);
}

void ServingChart::keyPressEvent(QKeyEvent* event)
{
    if (count() == 0)
        return QWidget::keyPressEvent(event);
    const int last = count() - 1;
    const int by = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
    switch (event->key()) {
    case Qt::Key_Left: emit cursorMoved(m_cursor ? std::max(0, *m_cursor - by) : last); return;
    case Qt::Key_Right: emit cursorMoved(m_cursor ? std::min(last, *m_cursor + by) : last); return;
    case Qt::Key_Home: emit cursorMoved(0); return;
    case Qt::Key_End: emit cursorMoved(last); return;
    case Qt::Key_Escape: emit cursorMoved(std::nullopt); return;
    default: QWidget::keyPressEvent(event);
    }
}

void ServingChart::retranslate()
{
    setAccessibleName(title(m_curve));
    measure();
    updateGeometry();
    update();
}

} // namespace app::desktop
