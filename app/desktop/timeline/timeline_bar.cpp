#include "app/desktop/timeline/timeline_bar.h"

#include "app/desktop/charts/signal_kinds.h"
#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::BranchView;
using core::session::Mark;

namespace {

constexpr sim::Duration kLeastRange = std::chrono::minutes(10);
constexpr sim::Duration kKeyStep = std::chrono::seconds(5);
constexpr double kBranchRise = 16;
constexpr int kHandleRadius = 7;

const BranchView* branchOf(const std::vector<BranchView>& branches, int id)
{
    const auto found = std::find_if(branches.begin(), branches.end(),
                                    [id](const BranchView& branch) { return branch.id == id; });
    return found == branches.end() ? nullptr : &*found;
}

/// The branch and its ancestors, the branch first.
std::vector<const BranchView*> lineage(const std::vector<BranchView>& branches, int id)
{
    std::vector<const BranchView*> line;
    for (const BranchView* branch = branchOf(branches, id); branch != nullptr && line.size() <= branches.size();
         branch = branchOf(branches, branch->parent))
        line.push_back(branch);
    return line;
}

} // namespace

sim::Instant forkOf(const std::vector<BranchView>& branches, int first, int second)
{
    std::vector<const BranchView*> a = lineage(branches, first);
    std::vector<const BranchView*> b = lineage(branches, second);
    const BranchView* lastA = nullptr;
    const BranchView* lastB = nullptr;
    while (!a.empty() && !b.empty() && a.back() == b.back()) {
        a.pop_back();
        b.pop_back();
    }
    lastA = a.empty() ? nullptr : a.back();
    lastB = b.empty() ? nullptr : b.back();
    if (lastA != nullptr && lastB != nullptr)
        return std::min(lastA->forkedAt, lastB->forkedAt);
    return lastA != nullptr ? lastA->forkedAt : lastB != nullptr ? lastB->forkedAt : sim::Instant{};
}

TimelineBar::TimelineBar(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setObjectName(QStringLiteral("timeline"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setMinimumWidth(200);
    m_rest.setSingleShot(true);
    m_rest.setInterval(350);
    connect(&m_rest, &QTimer::timeout, this, &TimelineBar::commit);
    connect(&look, &Look::changed, this, &TimelineBar::retranslate);
    retranslate();
}

void TimelineBar::setFrame(const FramePtr& frame)
{
    if (!frame->world)
        return;
    m_frame = frame;
    describe();
    update();
}

sim::Instant TimelineBar::rangeEnd() const
{
    sim::Instant end = std::max({m_frame->timelineEnd, m_frame->world->now, storyStart(*m_frame) + kLeastRange});
    for (const BranchView& branch : m_frame->branches)
        end = std::max(end, branch.end);
    // A little room for what comes next, growing in whole minutes so that the scale stands still.
    const auto span = std::chrono::duration_cast<std::chrono::minutes>((end - storyStart(*m_frame)) * 21 / 20);
    return storyStart(*m_frame) + (span / 5 + std::chrono::minutes(1)) * 5;
}

QRectF TimelineBar::track() const
{
    const double inset = m_look.scaled(kHandleRadius) + 3;
    return {inset, height() * 0.62, width() - 2 * inset, m_look.scaled(3) * 1.0};
}

double TimelineBar::xOf(sim::Instant instant) const
{
    const sim::Instant start = storyStart(*m_frame);
    const QRectF line = track();
    return line.left() + line.width() * sim::toSeconds(instant - start) / sim::toSeconds(rangeEnd() - start);
}

sim::Instant TimelineBar::at(double x) const
{
    const sim::Instant start = storyStart(*m_frame);
    const QRectF line = track();
    const double part = std::clamp((x - line.left()) / line.width(), 0.0, 1.0);
    const sim::Instant instant = start + sim::fromSeconds(part * sim::toSeconds(rangeEnd() - start));
    return std::min(instant, std::max(m_frame->timelineEnd, m_frame->world->now));
}

void TimelineBar::paintEvent(QPaintEvent*)
{
    if (!m_frame)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = m_look.tokens();
    const QRectF line = track();
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokens.line);
    painter.drawRoundedRect(line, 1.5, 1.5);
    const double reached = xOf(std::max(m_frame->timelineEnd, m_frame->world->now));
    painter.setBrush(mixed(tokens.line, tokens.accent, 0.4));
    painter.drawRoundedRect(QRectF(line.left(), line.top(), reached - line.left(), line.height()), 1.5, 1.5);
    painter.setBrush(tokens.accent);
    painter.drawRoundedRect(QRectF(line.left(), line.top(), xOf(m_frame->world->now) - line.left(), line.height()),
                            1.5, 1.5);

    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(tokens.muted);
    const QRectF labels(line.left(), 4, line.width(), m_look.scaled(16));
    drawTabular(painter, labels, Qt::AlignLeft | Qt::AlignVCenter, Wording::minutes(storyStart(*m_frame)));
    drawTabular(painter, labels, Qt::AlignRight | Qt::AlignVCenter, Wording::minutes(rangeEnd()));

    paintBranches(painter);
    paintMarks(painter);
    paintHandle(painter);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens.accent, 1.5));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
    }
}

void TimelineBar::paintBranches(QPainter& painter) const
{
    const auto current = std::find_if(m_frame->branches.begin(), m_frame->branches.end(),
                                      [](const BranchView& branch) { return branch.current; });
    if (current == m_frame->branches.end())
        return;
    const double base = track().center().y();
    double level = base - kBranchRise;
    for (const BranchView& branch : m_frame->branches) {
        if (branch.current)
            continue;
        const double from = xOf(forkOf(m_frame->branches, branch.id, current->id));
        const double to = std::max(xOf(branch.end), from + 8);
        const double bend = std::min(28.0, (to - from) * 0.6);
        QPainterPath path(QPointF(from, base));
        path.cubicTo(QPointF(from + bend / 2, base), QPointF(from + bend / 2, level), QPointF(from + bend, level));
        path.lineTo(to, level);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(m_look.tokens().branch, 1.8));
        painter.drawPath(path);
        painter.setFont(m_look.font(FontRole::Label));
        painter.drawText(QPointF(to + 6, level + 4), QString::fromStdString(branch.name));
        level = std::max(6.0, level - 10);
    }
}

void TimelineBar::paintMarks(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const double base = track().center().y();
    painter.setFont(m_look.font(FontRole::Label));
    double labelsEnd = -1e9;
    for (const Mark& mark : m_frame->marks) {
        if (mark.at < storyStart(*m_frame))
            continue;
        const double x = xOf(mark.at);
        const bool tall = mark.kind == Mark::Kind::Alert || mark.kind == Mark::Kind::Injection;
        QPen pen(mark.kind == Mark::Kind::You ? tokens.accent : markColor(mark.kind, tokens), 1.6);
        if (mark.kind == Mark::Kind::Injection)
            pen.setStyle(Qt::DashLine);
        painter.setPen(pen);
        painter.drawLine(QPointF(x, base - (tall ? 22 : 9)), QPointF(x, base));
        if (!tall || x < labelsEnd)
            continue;
        const QString word = mark.kind == Mark::Kind::Alert ? tr("alert") : tr("fault");
        painter.drawText(QPointF(x + 5, base - 13), word);
        labelsEnd = x + QFontMetricsF(painter.font()).horizontalAdvance(word) + 10;
    }
}

void TimelineBar::paintHandle(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const double base = track().center().y();
    const double now = xOf(m_scrub.value_or(m_frame->world->now));
    painter.setPen(QPen(tokens.panel, 2));
    painter.setBrush(tokens.accent);
    painter.drawEllipse(QPointF(now, base), m_look.scaled(kHandleRadius), m_look.scaled(kHandleRadius));
    std::optional<double> labelled;
    if (m_scrub)
        labelled = now;
    else if (m_hover)
        labelled = xOf(at(*m_hover));
    if (!labelled)
        return;
    const QString text = Wording::clock(m_scrub.value_or(at(*labelled)));
    painter.setFont(m_look.font(FontRole::Label));
    const double width = tabularWidth(painter.font(), text) + 12;
    const double high = m_look.scaled(20);
    const QRectF box(std::clamp(*labelled - width / 2, 0.0, this->width() - width), std::max(0.0, base - m_look.scaled(14) - high), width, high);
    painter.setPen(tokens.line);
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(box, 5, 5);
    painter.setPen(tokens.text);
    drawTabular(painter, box, Qt::AlignCenter, text);
    if (!m_scrub) {
        painter.setPen(QPen(tokens.muted, 1));
        painter.drawLine(QPointF(*labelled, base - 12), QPointF(*labelled, base + 6));
    }
}

void TimelineBar::scrubTo(sim::Instant instant)
{
    m_scrub = std::clamp(instant, storyStart(*m_frame), std::max(m_frame->timelineEnd, m_frame->world->now));
    describe();
    update();
}

void TimelineBar::commit()
{
    if (!m_scrub)
        return;
    const sim::Instant to = *m_scrub;
    m_scrub.reset();
    update();
    emit scrubbed(to);
}

void TimelineBar::mousePressEvent(QMouseEvent* event)
{
    if (m_frame && event->button() == Qt::LeftButton)
        scrubTo(at(event->position().x()));
}

void TimelineBar::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_frame)
        return;
    if (event->buttons() & Qt::LeftButton)
        scrubTo(at(event->position().x()));
    else
        m_hover = event->position().x();
    update();
}

void TimelineBar::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        commit();
}

void TimelineBar::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    m_hover.reset();
    update();
}

void TimelineBar::keyPressEvent(QKeyEvent* event)
{
    if (!m_frame)
        return QWidget::keyPressEvent(event);
    const sim::Instant now = m_scrub.value_or(m_frame->world->now);
    const sim::Duration step = kKeyStep * (event->modifiers() & Qt::ShiftModifier ? 12 : 1);
    switch (event->key()) {
    case Qt::Key_Left: scrubTo(now - step); break;
    case Qt::Key_Right: scrubTo(now + step); break;
    case Qt::Key_Home: scrubTo(storyStart(*m_frame)); break;
    case Qt::Key_End: scrubTo(std::max(m_frame->timelineEnd, m_frame->world->now)); break;
    case Qt::Key_Escape:
        m_scrub.reset();
        m_rest.stop();
        update();
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        m_rest.stop();
        commit();
        return;
    default: return QWidget::keyPressEvent(event);
    }
    m_rest.start();
}

void TimelineBar::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void TimelineBar::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool TimelineBar::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && m_frame) {
        auto* help = static_cast<QHelpEvent*>(event);
        for (const Mark& mark : m_frame->marks) {
            if (std::abs(xOf(mark.at) - help->pos().x()) < 4) {
                QToolTip::showText(help->globalPos(),
                                   Wording::clock(mark.at) + QStringLiteral("  ") + QString::fromStdString(mark.label),
                                   this);
                return true;
            }
        }
        QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void TimelineBar::describe()
{
    if (!m_frame)
        return;
    setAccessibleDescription(tr("%1 of %2 to %3. Left and right move by 5 seconds, with Shift by a minute.")
                                 .arg(Wording::clock(m_scrub.value_or(m_frame->world->now)),
                                      Wording::clock(storyStart(*m_frame)),
                                      Wording::clock(std::max(m_frame->timelineEnd, m_frame->world->now))));
}

void TimelineBar::retranslate()
{
    setAccessibleName(tr("Timeline"));
    setMinimumHeight(m_look.scaled(48));
    describe();
    update();
}

} // namespace app::desktop
