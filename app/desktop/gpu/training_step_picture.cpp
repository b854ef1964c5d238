#include "app/desktop/gpu/training_step_picture.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <set>

namespace app::desktop {

using core::session::StepLane;
using sim::training::Activity;

namespace {

constexpr int kLanePitch = 44;
constexpr int kLaneBar = 26;
constexpr int kKeyPitch = 18;
constexpr double kLaneNameShare = 0.3;
constexpr double kInsideFrame = 6; ///< the frame of the focus must not touch what it frames

} // namespace

TrainingStepPicture::TrainingStepPicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    retranslate();
}

QString TrainingStepPicture::activityName(Activity activity)
{
    switch (activity) {
    case Activity::WaitForData: return tr("waits for data");
    case Activity::Forward: return tr("forward");
    case Activity::Backward: return tr("backward");
    case Activity::Recompute: return tr("recomputes");
    case Activity::TensorCommunication: return tr("tensor-parallel communication");
    case Activity::ContextCommunication: return tr("context-parallel communication");
    case Activity::ExpertCommunication: return tr("expert-parallel communication");
    case Activity::PipelineCommunication: return tr("pipeline communication");
    case Activity::Bubble: return tr("bubble of the pipeline");
    case Activity::WaitForTensor: return tr("waits for its tensor group");
    case Activity::DataCommunication: return tr("gradients and parameters on the way");
    case Activity::WaitForReplicas: return tr("waits for the other replicas");
    case Activity::Optimiser: return tr("optimiser");
    case Activity::Checkpoint: return tr("checkpoint");
    case Activity::Logging: return tr("logging");
    }
    return {};
}

QString TrainingStepPicture::secondsText(double seconds)
{
    if (seconds <= 0)
        return QStringLiteral("0");
    return seconds < 0.1 ? tr("%1 ms").arg(seconds * 1000, 0, 'f', seconds < 0.001 ? 2 : 1) : tr("%1 s").arg(seconds, 0, 'f', 2);
}

TrainingStepPicture::Kind TrainingStepPicture::kindOf(Activity activity)
{
    switch (activity) {
    case Activity::Forward:
    case Activity::Backward: return Kind::Compute;
    case Activity::Recompute: return Kind::Recompute;
    case Activity::TensorCommunication:
    case Activity::ContextCommunication:
    case Activity::ExpertCommunication:
    case Activity::PipelineCommunication:
    case Activity::DataCommunication: return Kind::Communication;
    case Activity::Bubble: return Kind::Bubble;
    case Activity::WaitForData:
    case Activity::WaitForTensor:
    case Activity::WaitForReplicas: return Kind::Waiting;
    case Activity::Optimiser: return Kind::Optimiser;
    case Activity::Checkpoint:
    case Activity::Logging: return Kind::Storage;
    }
    return Kind::Compute;
}

QString TrainingStepPicture::kindName(Kind kind) const
{
    switch (kind) {
    case Kind::Compute: return tr("computes");
    case Kind::Recompute: return tr("computes again");
    case Kind::Communication: return tr("communication that nothing hides");
    case Kind::Bubble: return tr("bubble");
    case Kind::Waiting: return tr("waits");
    case Kind::Optimiser: return tr("optimiser");
    case Kind::Storage: return tr("checkpoint and log");
    }
    return {};
}

/// Idle kinds are hatched: they differ without colour.
QBrush TrainingStepPicture::brush(Kind kind) const
{
    const Tokens& tokens = m_look.tokens();
    switch (kind) {
    case Kind::Compute: return mixed(tokens.panel, tokens.accent, tokens.dark ? 0.55 : 0.6);
    case Kind::Recompute: return mixed(tokens.panel, tokens.accent, 0.28);
    case Kind::Communication: return mixed(tokens.panel, tokens.branch, 0.7);
    case Kind::Bubble: return QBrush(tokens.muted, Qt::BDiagPattern);
    case Kind::Waiting: return QBrush(tokens.warn, Qt::FDiagPattern);
    case Kind::Optimiser: return mixed(tokens.panel, tokens.ok, 0.7);
    case Kind::Storage: return mixed(tokens.panel, tokens.info, 0.4);
    }
    return Qt::NoBrush;
}

void TrainingStepPicture::setJob(std::shared_ptr<const core::session::JobDetail> job)
{
    const int before = lanes();
    m_job = std::move(job);
    if (m_lane >= lanes() || (m_lane >= 0 && m_part >= static_cast<int>(m_job->lanes[static_cast<std::size_t>(m_lane)].segments.size())))
        m_lane = m_part = -1;
    QStringList all;
    for (int i = 0; i < lanes(); ++i) {
        QStringList parts;
        for (int k = 0; k < static_cast<int>(m_job->lanes[static_cast<std::size_t>(i)].segments.size()); ++k)
            parts += sentence(i, k);
        all += laneName(i) + QStringLiteral(": ") + parts.join(tr(", "));
    }
    setAccessibleDescription(all.isEmpty() ? tr("No step has begun yet.") : all.join(QLatin1Char('\n')));
    if (before != lanes())
        updateGeometry();
    update();
}

QString TrainingStepPicture::laneName(int lane) const
{
    const StepLane& one = m_job->lanes[static_cast<std::size_t>(lane)];
    const bool stages = m_job->lanes.front().stage != m_job->lanes.back().stage;
    const QString ranks = tr("%n rank(s)", nullptr, static_cast<int>(one.ranks));
    QString words;
    switch (one.which) {
    case StepLane::Which::All: words = tr("All %1").arg(ranks); break;
    case StepLane::Which::Most: words = tr("Most: %1").arg(ranks); break;
    case StepLane::Which::Others: words = tr("Others: %1").arg(ranks); break;
    case StepLane::Which::Last: words = tr("Slowest: %1").arg(ranks); break;
    }
    return stages ? tr("Stage %1 · %2").arg(one.stage).arg(words) : words;
}

QString TrainingStepPicture::sentence(int lane, int part) const
{
    const sim::training::Segment& one = m_job->lanes[static_cast<std::size_t>(lane)].segments[static_cast<std::size_t>(part)];
    return tr("%1 %2 (%3)").arg(activityName(one.activity), secondsText(one.seconds), Wording::percent(one.seconds / std::max(1e-12, m_job->laneSeconds)));
}

double TrainingStepPicture::nameWidth() const
{
    const QFontMetricsF metrics(m_look.font(FontRole::Secondary));
    double widest = 0;
    for (int i = 0; i < lanes(); ++i)
        widest = std::max(widest, metrics.horizontalAdvance(laneName(i)));
    return std::min(widest + 12 + kInsideFrame, width() * kLaneNameShare);
}

QRectF TrainingStepPicture::laneBox(int lane) const
{
    const double left = nameWidth();
    return {left, top() + lane * static_cast<double>(m_look.scaled(kLanePitch)), std::max(20.0, width() - left - kInsideFrame), static_cast<double>(m_look.scaled(kLaneBar))};
}

QRectF TrainingStepPicture::partBox(int lane, int part) const
{
    const QRectF box = laneBox(lane);
    const auto& segments = m_job->lanes[static_cast<std::size_t>(lane)].segments;
    double before = 0;
    for (int i = 0; i < part; ++i)
        before += segments[static_cast<std::size_t>(i)].seconds;
    const double all = std::max(1e-12, m_job->laneSeconds);
    return {box.left() + box.width() * before / all, box.top(), box.width() * segments[static_cast<std::size_t>(part)].seconds / all, box.height()};
}

int TrainingStepPicture::heightForWidth(int width) const
{
    return static_cast<int>(top() + std::max(1, lanes()) * m_look.scaled(kLanePitch) + legend(nullptr, width) + m_look.scaled(kKeyPitch) + 8);
}

double TrainingStepPicture::legend(QPainter* painter, double width) const
{
    std::set<Kind> shown;
    if (m_job)
        for (const StepLane& lane : m_job->lanes)
            for (const auto& segment : lane.segments)
                shown.insert(kindOf(segment.activity));
    const Tokens& tokens = m_look.tokens();
    const QFont font = m_look.font(FontRole::Label);
    const QFontMetricsF metrics(font);
    const double pitch = m_look.scaled(kKeyPitch);
    const double side = m_look.scaled(10);
    const double begin = top() + lanes() * m_look.scaled(kLanePitch);
    double x = kInsideFrame, y = 0;
    for (const Kind kind : shown) {
        const double wide = side + 6 + metrics.horizontalAdvance(kindName(kind));
        if (x > kInsideFrame && x + wide > width) {
            x = kInsideFrame;
            y += pitch;
        }
        if (painter != nullptr) {
            const QRectF row(x, begin + y, wide, pitch);
            const QRectF mark(row.left() + 0.5, row.center().y() - side / 2, side, side);
            painter->setPen(QPen(tokens.muted, 1));
            painter->setBrush(brush(kind));
            painter->drawRect(mark);
            painter->setFont(font);
            painter->setPen(tokens.text);
            painter->drawText(row.adjusted(side + 6, 0, 20, 0), Qt::AlignVCenter | Qt::AlignLeft, kindName(kind));
        }
        x += wide + m_look.scaled(14);
    }
    return y + pitch;
}

void TrainingStepPicture::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = m_look.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (lanes() == 0) {
        painter.setFont(m_look.font(FontRole::Body));
        painter.setPen(tokens.muted);
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, tr("No step has begun yet. While one runs, it is shown here rank by rank."));
        return;
    }
    // The scale: a mark at each quarter.
    const QRectF first = laneBox(0);
    painter.setFont(m_look.font(FontRole::Label));
    for (int i = 0; i <= 4; ++i) {
        const double x = first.left() + first.width() * i / 4;
        painter.setPen(QPen(mixed(tokens.panel, tokens.line, 0.75), 1));
        painter.drawLine(QPointF(x, top() - 6), QPointF(x, laneBox(lanes() - 1).bottom() + 4));
        painter.setPen(tokens.muted);
        const Qt::Alignment side = i == 0 ? Qt::AlignLeft : i == 4 ? Qt::AlignRight : Qt::AlignHCenter;
        drawTabular(painter, QRectF(i == 0 ? x : i == 4 ? x - 80 : x - 40, 0, 80, top() - 6), Qt::AlignVCenter | side, secondsText(m_job->laneSeconds * i / 4));
    }
    for (int i = 0; i < lanes(); ++i) {
        const QRectF box = laneBox(i);
        painter.setFont(m_look.font(FontRole::Secondary));
        painter.setPen(tokens.text);
        const QRectF name(kInsideFrame, box.top(), nameWidth() - 8 - kInsideFrame, box.height());
        painter.drawText(name, Qt::AlignVCenter | Qt::AlignLeft, QFontMetricsF(painter.font()).elidedText(laneName(i), Qt::ElideRight, name.width()));
        painter.setFont(m_look.font(FontRole::Label));
        const QFontMetricsF metrics(painter.font());
        const auto& segments = m_job->lanes[static_cast<std::size_t>(i)].segments;
        for (int k = 0; k < static_cast<int>(segments.size()); ++k) {
            const QRectF part = partBox(i, k);
            const Kind kind = kindOf(segments[static_cast<std::size_t>(k)].activity);
            painter.setPen(QPen(tokens.panel, 1));
            painter.setBrush(tokens.raised);
            painter.drawRect(part);
            painter.setBrush(brush(kind));
            painter.drawRect(part);
            const QString words = activityName(segments[static_cast<std::size_t>(k)].activity);
            const bool plain = kind != Kind::Bubble && kind != Kind::Waiting;
            if (plain && metrics.horizontalAdvance(words) + 10 < part.width()) {
                painter.setPen(readableOn(tokens.text, brush(kind).color()));
                painter.drawText(part, Qt::AlignCenter, words);
            }
        }
        if (i == m_lane && m_part >= 0) {
            painter.setPen(QPen(hasFocus() ? tokens.accent : tokens.muted, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(partBox(i, m_part).adjusted(0, -1, 0, 1));
            painter.setPen(tokens.text);
            drawTabular(painter, QRectF(box.left(), box.bottom(), box.width(), m_look.scaled(kLanePitch - kLaneBar)), Qt::AlignVCenter | Qt::AlignLeft, sentence(i, m_part));
        }
    }
    const double below = legend(&painter, width());
    painter.setPen(tokens.muted);
    const QRectF note(kInsideFrame, top() + lanes() * m_look.scaled(kLanePitch) + below, width(), m_look.scaled(kKeyPitch));
    painter.drawText(note, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(painter.font()).elidedText(tr("Each kind is summed over the step: micro-batches really take turns."), Qt::ElideRight, note.width()));
    if (hasFocus())
        drawFocus(painter, rect(), Look::kControlRadius, tokens);
}

std::pair<int, int> TrainingStepPicture::at(const QPointF& point) const
{
    for (int i = 0; i < lanes(); ++i)
        for (int k = 0; k < static_cast<int>(m_job->lanes[static_cast<std::size_t>(i)].segments.size()); ++k)
            if (partBox(i, k).adjusted(0, -3, 0, 3).contains(point))
                return {i, k};
    return {-1, -1};
}

void TrainingStepPicture::choose(int lane, int part)
{
    m_lane = lane;
    m_part = part;
    if (lane >= 0 && part >= 0)
        setAccessibleDescription(laneName(lane) + QStringLiteral(": ") + sentence(lane, part));
    update();
}

void TrainingStepPicture::mousePressEvent(QMouseEvent* event)
{
    const auto [lane, part] = at(event->position());
    choose(lane, part);
}

void TrainingStepPicture::keyPressEvent(QKeyEvent* event)
{
    const int down = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    const int right = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    if (lanes() == 0 || (down == 0 && right == 0))
        return QWidget::keyPressEvent(event);
    const int lane = std::clamp(m_lane < 0 ? 0 : m_lane + down, 0, lanes() - 1);
    const int last = static_cast<int>(m_job->lanes[static_cast<std::size_t>(lane)].segments.size()) - 1;
    choose(lane, std::clamp(m_part < 0 ? 0 : m_part + right, 0, last));
}

void TrainingStepPicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (m_lane < 0 && lanes() > 0 && event->reason() != Qt::MouseFocusReason)
        choose(0, 0);
    update();
}

void TrainingStepPicture::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool TrainingStepPicture::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const auto [lane, part] = at(help->pos()); lane >= 0)
            QToolTip::showText(help->globalPos(), laneName(lane) + QStringLiteral(": ") + sentence(lane, part), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void TrainingStepPicture::retranslate()
{
    setAccessibleName(tr("One step, rank by rank"));
    updateGeometry();
    update();
}

} // namespace app::desktop
