#include "app/desktop/gpu/training_chart.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::TrainingMark;
using sim::training::StepRecord;

namespace {

constexpr int kCurveHeadHeight = 20;
constexpr int kCurveAxisHeight = 16;
constexpr int kCurveScaleWidth = 44; ///< of the numbers beside the grid
constexpr int kGridLines = 3;
constexpr double kLeastSpan = 0.02; ///< of a curve that hardly moves, as a share of its value

QString shortNumber(double value)
{
    const double size = std::abs(value);
    if (size != 0 && (size < 0.001 || size >= 1e5))
        return QString::number(value, 'e', 1).replace(QStringLiteral("e-0"), QStringLiteral("e-")).replace(QStringLiteral("e+0"), QStringLiteral("e"));
    return QStringLiteral("%1").arg(value, 0, 'g', 3);
}

} // namespace

TrainingChart::TrainingChart(TrainingCurve curve, Look& look, QWidget* parent) : QWidget(parent), m_curve(curve), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    retranslate();
}

QString TrainingChart::title(TrainingCurve curve)
{
    switch (curve) {
    case TrainingCurve::Loss: return tr("Loss");
    case TrainingCurve::GradientNorm: return tr("Gradient norm, logarithmic");
    case TrainingCurve::LearningRate: return tr("Learning rate");
    case TrainingCurve::StepTime: return tr("Step time");
    }
    return {};
}

QString TrainingChart::markName(TrainingMark::Kind kind)
{
    switch (kind) {
    case TrainingMark::Kind::Restart: return tr("restart");
    case TrainingMark::Kind::Checkpoint: return tr("checkpoint");
    case TrainingMark::Kind::Skipped: return tr("step skipped");
    case TrainingMark::Kind::NotFinite: return tr("not finite");
    }
    return {};
}

QString TrainingChart::value(TrainingCurve curve, const StepRecord& record)
{
    const auto number = [](float figure, char format, int digits, const char* unit) {
        return std::isfinite(figure) ? QStringLiteral("%1%2").arg(static_cast<double>(figure), 0, format, digits).arg(QLatin1String(unit))
                                     : QLatin1String(std::isnan(figure) ? "nan" : "inf");
    };
    switch (curve) {
    case TrainingCurve::Loss: return number(record.loss, 'f', 4, "");
    case TrainingCurve::GradientNorm: return number(record.gradientNorm, 'f', 3, "");
    case TrainingCurve::LearningRate: return number(record.learningRate, 'e', 2, "");
    case TrainingCurve::StepTime: return number(record.seconds, 'f', 2, " s");
    }
    return {};
}

double TrainingChart::valueOf(const StepRecord& record) const
{
    switch (m_curve) {
    case TrainingCurve::Loss: return record.loss;
    case TrainingCurve::GradientNorm: return record.gradientNorm > 0 ? std::log10(static_cast<double>(record.gradientNorm)) : std::nan("");
    case TrainingCurve::LearningRate: return record.learningRate;
    case TrainingCurve::StepTime: return record.seconds;
    }
    return 0;
}

QColor TrainingChart::color() const
{
    const Tokens& tokens = m_look.tokens();
    switch (m_curve) {
    case TrainingCurve::Loss: return tokens.accent;
    case TrainingCurve::GradientNorm: return tokens.branch;
    case TrainingCurve::LearningRate: return tokens.ok;
    case TrainingCurve::StepTime: return tokens.warn;
    }
    return tokens.accent;
}

void TrainingChart::setJob(std::shared_ptr<const core::session::JobDetail> job)
{
    m_job = std::move(job);
    measure();
    update();
}

void TrainingChart::measure()
{
    m_runs.clear();
    m_from = 0;
    m_to = 1;
    m_lowest = 0;
    m_highest = 1;
    if (!m_job || m_job->history.empty()) {
        setAccessibleDescription(tr("No step has ended yet."));
        return;
    }
    const std::vector<StepRecord>& all = m_job->history;
    m_runs.push_back(0);
    double low = 1e300, high = -1e300;
    m_from = m_to = static_cast<double>(all.front().iteration);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (i > 0 && all[i].iteration != all[i - 1].iteration + 1)
            m_runs.push_back(i);
        m_from = std::min(m_from, static_cast<double>(all[i].iteration));
        m_to = std::max(m_to, static_cast<double>(all[i].iteration));
        if (const double value = valueOf(all[i]); std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    m_to = std::max(m_to, m_from + 1);
    const QString name = m_job->history.empty() ? QString() : value(m_curve, all.back());
    setAccessibleDescription(tr("Iterations %1 to %2, now %3. Left and right read values.").arg(m_from, 0, 'f', 0).arg(m_to, 0, 'f', 0).arg(name));
    if (low > high)
        return;
    if (m_curve == TrainingCurve::StepTime && m_job->usualSeconds > 0) {
        low = std::min(low, m_job->usualSeconds);
        high = std::max(high, m_job->usualSeconds);
    }
    const double least = logarithmic() ? 0.3 : std::max(kLeastSpan * std::abs(high), 1e-12);
    const double span = std::max((high - low) * 1.16, least);
    m_lowest = (low + high - span) / 2;
    if (!logarithmic() && low >= 0)
        m_lowest = std::max(0.0, m_lowest); // none of them can be negative
    m_highest = m_lowest + span;
}

void TrainingChart::setCursor(std::optional<int> record)
{
    if (record == m_cursor)
        return;
    m_cursor = record;
    if (m_cursor && hasFocus())
        setAccessibleDescription(readOut(*m_cursor));
    update();
}

QString TrainingChart::readOut(int record) const
{
    if (!m_job || record < 0 || record >= static_cast<int>(m_job->history.size()))
        return {};
    const StepRecord& one = m_job->history[static_cast<std::size_t>(record)];
    QString words = tr("%1 · %2").arg(QString::number(one.iteration), value(m_curve, one));
    for (const TrainingMark& mark : m_job->marks)
        if (mark.at == one.at || (mark.kind == TrainingMark::Kind::Checkpoint && mark.iteration == one.iteration))
            words += QStringLiteral(" · ") + markName(mark.kind);
    return words;
}

QRectF TrainingChart::plot() const
{
    const double left = m_look.scaled(kCurveScaleWidth);
    const double top = m_look.scaled(kCurveHeadHeight);
    return {left, top + 2, std::max(20.0, width() - left - 6), std::max(10.0, height() - top - 2 - m_look.scaled(kCurveAxisHeight))};
}

double TrainingChart::xOf(double iteration) const
{
    const QRectF box = plot();
    return box.left() + box.width() * (iteration - m_from) / (m_to - m_from);
}

double TrainingChart::yOf(double value) const
{
    const QRectF box = plot();
    return box.bottom() - box.height() * (value - m_lowest) / (m_highest - m_lowest);
}

void TrainingChart::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = m_look.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF head(6, 0, width() - 12.0, m_look.scaled(kCurveHeadHeight));
    double used = 0;
    if (m_job && !m_job->history.empty()) {
        painter.setFont(m_look.font(FontRole::Section));
        const QString now = value(m_curve, m_job->history.back());
        used = tabularWidth(painter.font(), now);
        painter.setPen(readableOn(color(), tokens.panel));
        drawTabular(painter, head, Qt::AlignVCenter | Qt::AlignRight, now);
    }
    painter.setFont(m_look.font(FontRole::Secondary));
    painter.setPen(tokens.muted);
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(painter.font()).elidedText(title(m_curve), Qt::ElideRight, std::max(0.0, head.width() - used - 8)));
    paintGrid(painter);
    if (m_job && !m_job->history.empty()) {
        paintMarks(painter);
        paintLine(painter);
        if (m_cursor)
            paintCursor(painter);
    }
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens.accent, 1.5));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
    }
}

void TrainingChart::paintGrid(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF box = plot();
    painter.setFont(m_look.font(FontRole::Label));
    for (int i = 0; i < kGridLines; ++i) {
        const double value = m_lowest + (m_highest - m_lowest) * i / (kGridLines - 1);
        const double y = yOf(value);
        painter.setPen(QPen(mixed(tokens.panel, tokens.line, 0.75), 1));
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y));
        if (!m_job || m_job->history.empty())
            continue;
        painter.setPen(tokens.muted);
        const double half = m_look.scaled(8);
        const double middle = std::clamp(y, box.top() + half - 4, box.bottom() - half + 4);
        drawTabular(painter, QRectF(0, middle - half, box.left() - 6, 2 * half), Qt::AlignVCenter | Qt::AlignRight,
                    shortNumber(logarithmic() ? std::pow(10, value) : value));
    }
    const QRectF axis(box.left(), box.bottom(), box.width(), m_look.scaled(kCurveAxisHeight));
    painter.setPen(tokens.muted);
    if (!m_job || m_job->history.empty()) {
        painter.drawText(box, Qt::AlignCenter | Qt::TextWordWrap, tr("No step has ended yet."));
        return;
    }
    drawTabular(painter, axis, Qt::AlignVCenter | Qt::AlignLeft, QString::number(static_cast<std::int64_t>(m_from)));
    drawTabular(painter, axis, Qt::AlignVCenter | Qt::AlignRight, QString::number(static_cast<std::int64_t>(m_to)));
    if (m_curve == TrainingCurve::StepTime && m_job->usualSeconds > 0) {
        painter.setPen(QPen(tokens.muted, 1, Qt::DotLine));
        const double y = yOf(m_job->usualSeconds);
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y));
    }
}

void TrainingChart::paintLine(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const std::vector<StepRecord>& all = m_job->history;
    painter.setBrush(Qt::NoBrush);
    for (std::size_t run = 0; run < m_runs.size(); ++run) {
        const std::size_t end = run + 1 < m_runs.size() ? m_runs[run + 1] : all.size();
        const bool last = run + 1 == m_runs.size();
        painter.setPen(QPen(last ? color() : mixed(tokens.panel, color(), 0.45), last ? 1.5 : 1, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        // Of what falls on one column of pixels only the lowest and the highest: a line of thousands of points draws as fast.
        QPolygonF line;
        double column = -1, low = 0, high = 0;
        const auto close = [&] {
            if (line.size() == 1)
                painter.drawPoint(line.front());
            else if (line.size() > 1)
                painter.drawPolyline(line);
            line.clear();
            column = -1;
        };
        for (std::size_t i = m_runs[run]; i < end; ++i) {
            const double value = valueOf(all[i]);
            if (!std::isfinite(value)) {
                close();
                continue;
            }
            const double x = xOf(static_cast<double>(all[i].iteration));
            const double y = yOf(value);
            if (std::floor(x) != column) {
                column = std::floor(x);
                low = high = y;
                line << QPointF(x, y);
            } else if (y < low || y > high) {
                low = std::min(low, y);
                high = std::max(high, y);
                line << QPointF(x, y);
            }
        }
        close();
    }
}

void TrainingChart::paintMarks(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF box = plot();
    const double side = m_look.scaled(7);
    double lastRestart = -10, lastCheckpoint = -100;
    for (const TrainingMark& mark : m_job->marks) {
        const double x = xOf(static_cast<double>(mark.iteration));
        if (x < box.left() - 1 || x > box.right() + 1)
            continue;
        switch (mark.kind) {
        case TrainingMark::Kind::Restart:
            if (x - lastRestart < 2)
                break;
            lastRestart = x;
            painter.setPen(QPen(tokens.branch, 1.2, Qt::DashLine));
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()));
            break;
        case TrainingMark::Kind::Checkpoint: // many: they stand on the axis and never upon each other
            if (x - lastCheckpoint < side)
                break;
            lastCheckpoint = x;
            drawDiamond(painter, QRectF(x - side / 2, box.bottom() - side / 2, side, side), mixed(tokens.panel, tokens.info, 0.85));
            break;
        case TrainingMark::Kind::Skipped:
            drawHealth(painter, QRectF(x - side / 2, box.top() - side / 2 + 1, side, side), sim::Health::Warn, tokens);
            break;
        case TrainingMark::Kind::NotFinite:
            drawHealth(painter, QRectF(x - side / 2, box.top() - side / 2 + 1, side, side), sim::Health::Critical, tokens);
            break;
        }
    }
}

void TrainingChart::paintCursor(QPainter& painter) const
{
    if (*m_cursor < 0 || *m_cursor >= static_cast<int>(m_job->history.size()))
        return;
    const Tokens& tokens = m_look.tokens();
    const QRectF box = plot();
    const StepRecord& one = m_job->history[static_cast<std::size_t>(*m_cursor)];
    const double x = xOf(static_cast<double>(one.iteration));
    painter.setPen(QPen(tokens.muted, 1));
    painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()));
    if (const double value = valueOf(one); std::isfinite(value)) {
        painter.setPen(QPen(tokens.panel, 2));
        painter.setBrush(color());
        painter.drawEllipse(QPointF(x, yOf(value)), 4, 4);
    }
    drawReadOut(painter, m_look, box, x, readOut(*m_cursor));
}

int TrainingChart::recordNear(std::int64_t iteration) const
{
    const std::vector<StepRecord>& all = m_job->history;
    int best = static_cast<int>(all.size()) - 1;
    for (int i = static_cast<int>(all.size()) - 1; i >= 0; --i) {
        const std::int64_t off = std::abs(all[static_cast<std::size_t>(i)].iteration - iteration);
        if (off < std::abs(all[static_cast<std::size_t>(best)].iteration - iteration))
            best = i;
        if (off == 0)
            return i;
    }
    return best;
}

void TrainingChart::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_job || m_job->history.empty())
        return;
    const QRectF box = plot();
    const double part = std::clamp((event->position().x() - box.left()) / box.width(), 0.0, 1.0);
    emit cursorMoved(recordNear(std::llround(m_from + part * (m_to - m_from))));
}

void TrainingChart::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    emit cursorMoved(std::nullopt);
}

void TrainingChart::keyPressEvent(QKeyEvent* event)
{
    if (!m_job || m_job->history.empty())
        return QWidget::keyPressEvent(event);
    const int last = static_cast<int>(m_job->history.size()) - 1;
    const std::int64_t at = m_job->history[static_cast<std::size_t>(std::clamp(m_cursor.value_or(last), 0, last))].iteration;
    const std::int64_t step = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
    switch (event->key()) {
    case Qt::Key_Left: emit cursorMoved(m_cursor ? recordNear(at - step) : last); return;
    case Qt::Key_Right: emit cursorMoved(m_cursor ? recordNear(at + step) : last); return;
    case Qt::Key_Home: emit cursorMoved(recordNear(static_cast<std::int64_t>(m_from))); return;
    case Qt::Key_End: emit cursorMoved(last); return;
    case Qt::Key_Escape: emit cursorMoved(std::nullopt); return;
    default: QWidget::keyPressEvent(event);
    }
}

void TrainingChart::retranslate()
{
    setAccessibleName(title(m_curve));
    measure();
    updateGeometry();
    update();
}

} // namespace app::desktop
