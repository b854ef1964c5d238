#include "app/desktop/gpu/pipeline_picture.h"

#include "app/desktop/gpu/training_step_picture.h"
#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <array>

namespace app::desktop {

using sim::training::PipelineTurn;

namespace {

constexpr int kStagePitch = 30;
constexpr int kLargestPitch = 64; ///< where there is room
constexpr double kBarShare = 0.8; ///< of the pitch
constexpr double kInFrame = 6;
constexpr int kScaleHeight = 22;
constexpr int kKeyHeight = 22;
constexpr int kMostNamed = 12; ///< stages that the sentence tells one by one
constexpr double kLater = 0.35; ///< how strongly a turn that has not begun is drawn

} // namespace

PipelinePicture::PipelinePicture(Look& look, QWidget* parent) : QWidget(parent), m_look(look)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::MinimumExpanding);
    retranslate();
}

int PipelinePicture::stages() const
{
    return m_detail ? static_cast<int>(m_detail->layers.size()) : 0;
}

QSize PipelinePicture::sizeHint() const
{
    return {m_look.scaled(480), m_look.scaled(kScaleHeight + kKeyHeight) + std::max(1, stages()) * m_look.scaled(kStagePitch) + 8};
}

void PipelinePicture::setDetail(std::shared_ptr<const core::session::PipelineDetail> detail)
{
    const int before = stages();
    m_detail = std::move(detail);
    m_moment = m_detail ? std::clamp(m_moment, 0.0, m_detail->seconds) : 0;
    if (before != stages())
        updateGeometry();
    setAccessibleDescription(sentence());
    update();
}

void PipelinePicture::setMoment(double seconds)
{
    if (!m_detail)
        return;
    m_moment = std::clamp(seconds, 0.0, m_detail->seconds);
    setAccessibleDescription(sentence());
    update();
}

const PipelineTurn* PipelinePicture::turnAt(std::int64_t stage, double seconds) const
{
    for (const PipelineTurn& turn : m_detail->turns)
        if (turn.stage == stage && seconds >= turn.begin && seconds < turn.end)
            return &turn;
    return nullptr;
}

QString PipelinePicture::sentence() const
{
    if (!m_detail || m_detail->turns.empty())
        return {};
    QStringList all;
    for (int stage = 0; stage < std::min(stages(), kMostNamed); ++stage) {
        const PipelineTurn* turn = turnAt(stage, m_moment);
        all += turn == nullptr ? tr("stage %1 waits").arg(stage)
            : turn->backward   ? tr("stage %1 backward of micro-batch %2").arg(stage).arg(turn->microBatch + 1)
                               : tr("stage %1 forward of micro-batch %2").arg(stage).arg(turn->microBatch + 1);
    }
    return tr("At %1: %2").arg(TrainingStepPicture::secondsText(m_moment), all.join(tr(", ")));
}

double PipelinePicture::nameWidth() const
{
    const QFontMetricsF metrics(m_look.font(FontRole::Secondary));
    double widest = 0;
    for (int stage = 0; stage < stages(); ++stage)
        widest = std::max(widest, metrics.horizontalAdvance(tr("Stage %1 · %n layer(s)", nullptr, static_cast<int>(m_detail->layers[static_cast<std::size_t>(stage)])).arg(stage)));
    return std::min(widest + 12 + kInFrame, width() * 0.3);
}

QRectF PipelinePicture::row(std::int64_t stage) const
{
    const double left = nameWidth();
    const double room = (height() - m_look.scaled(kScaleHeight + kKeyHeight) - 8.0) / std::max(1, stages());
    const double pitch = std::clamp<double>(room, m_look.scaled(kStagePitch), m_look.scaled(kLargestPitch));
    return {left, m_look.scaled(kScaleHeight) + static_cast<double>(stage) * pitch, std::max(20.0, width() - left - kInFrame), pitch * kBarShare};
}

double PipelinePicture::xOf(double seconds) const
{
    const QRectF box = row(0);
    return box.left() + box.width() * seconds / std::max(1e-12, m_detail->seconds);
}

void PipelinePicture::paintEvent(QPaintEvent*)
{
    const Tokens& tokens = m_look.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!m_detail || m_detail->turns.empty()) {
        painter.setFont(m_look.font(FontRole::Body));
        painter.setPen(tokens.muted);
        const QString why = m_detail && !m_detail->problem.empty() ? tr("The trainer would refuse this cut: %1").arg(QString::fromStdString(m_detail->problem))
                                                                   : tr("The pipeline of a job appears here once its processes run.");
        painter.drawText(rect().adjusted(12, 0, -12, 0), Qt::AlignCenter | Qt::TextWordWrap, why);
        return;
    }
    const QColor forward = mixed(tokens.panel, tokens.accent, tokens.dark ? 0.5 : 0.55);
    const QColor backward = mixed(tokens.panel, tokens.ok, tokens.dark ? 0.5 : 0.55);
    painter.setFont(m_look.font(FontRole::Label));
    for (int i = 0; i <= 4; ++i) {
        const double x = xOf(m_detail->seconds * i / 4);
        painter.setPen(tokens.muted);
        const Qt::Alignment side = i == 0 ? Qt::AlignLeft : i == 4 ? Qt::AlignRight : Qt::AlignHCenter;
        drawTabular(painter, QRectF(i == 0 ? x : i == 4 ? x - 80 : x - 40, 0, 80, m_look.scaled(kScaleHeight) - 4), Qt::AlignVCenter | side,
                    TrainingStepPicture::secondsText(m_detail->seconds * i / 4));
    }
    for (int stage = 0; stage < stages(); ++stage) {
        const QRectF box = row(stage);
        painter.setFont(m_look.font(FontRole::Secondary));
        painter.setPen(tokens.text);
        const QString name = tr("Stage %1 · %n layer(s)", nullptr, static_cast<int>(m_detail->layers[static_cast<std::size_t>(stage)])).arg(stage);
        painter.drawText(QRectF(kInFrame, box.top(), nameWidth() - 8 - kInFrame, box.height()), Qt::AlignVCenter | Qt::AlignLeft,
                         QFontMetricsF(painter.font()).elidedText(name, Qt::ElideRight, nameWidth() - 8 - kInFrame));
        painter.setPen(Qt::NoPen);
        painter.setBrush(QBrush(mixed(tokens.panel, tokens.muted, 0.55), Qt::BDiagPattern));
        painter.drawRect(box);
    }
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    for (const PipelineTurn& turn : m_detail->turns) {
        const QRectF box = row(turn.stage);
        const QRectF part(xOf(turn.begin), box.top(), xOf(turn.end) - xOf(turn.begin), box.height());
        const bool now = m_moment >= turn.begin && m_moment < turn.end;
        const bool later = turn.begin > m_moment;
        const QColor whole = turn.backward ? backward : forward;
        // Chunks of a stage differ in depth, as in the usual pictures of interleaving.
        const double depth = m_detail->parallelism.interleave > 1 ? 1 - 0.35 * static_cast<double>(turn.chunk) / static_cast<double>(m_detail->parallelism.interleave - 1) : 1;
        const QColor fill = mixed(tokens.panel, whole, depth * (later ? kLater : 1));
        painter.setPen(part.width() > 3 ? QPen(tokens.panel, 1) : QPen(Qt::NoPen));
        painter.setBrush(fill);
        painter.drawRect(part);
        const QString number = QString::number(turn.microBatch + 1);
        if (metrics.horizontalAdvance(number) + 4 < part.width()) {
            painter.setPen(readableOn(later ? tokens.muted : tokens.text, fill));
            painter.drawText(part, Qt::AlignCenter, number);
        }
        if (now) {
            painter.setPen(QPen(tokens.text, 1.6));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(part);
        }
    }
    const QRectF last = row(stages() - 1);
    painter.setPen(QPen(tokens.text, 1.4));
    painter.drawLine(QPointF(xOf(m_moment), m_look.scaled(kScaleHeight) - 5), QPointF(xOf(m_moment), last.bottom() + 4));
    // The key.
    double x = kInFrame;
    const double side = m_look.scaled(10);
    const QRectF key(0, last.bottom() + 6, width(), m_look.scaled(kKeyHeight));
    const std::array<std::pair<QBrush, QString>, 3> entries{
        {{forward, tr("forward, number of the micro-batch")}, {backward, tr("backward")}, {QBrush(mixed(tokens.panel, tokens.muted, 0.55), Qt::BDiagPattern), tr("bubble")}}};
    for (const auto& [fill, words] : entries) {
        painter.setPen(QPen(tokens.muted, 1));
        painter.setBrush(fill);
        painter.drawRect(QRectF(x + 0.5, key.center().y() - side / 2, side, side));
        painter.setPen(tokens.text);
        const double wide = metrics.horizontalAdvance(words);
        painter.drawText(QRectF(x + side + 6, key.top(), wide + 4, key.height()), Qt::AlignVCenter | Qt::AlignLeft, words);
        x += side + wide + m_look.scaled(20);
    }
    if (hasFocus())
        drawFocus(painter, QRectF(0, 0, width(), key.bottom() + 1), Look::kControlRadius, tokens);
}

void PipelinePicture::moveTo(double x)
{
    if (!m_detail || m_detail->turns.empty())
        return;
    const QRectF box = row(0);
    setMoment((x - box.left()) / box.width() * m_detail->seconds);
    emit momentMoved(m_moment);
}

void PipelinePicture::mousePressEvent(QMouseEvent* event)
{
    moveTo(event->position().x());
}

void PipelinePicture::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton)
        moveTo(event->position().x());
}

void PipelinePicture::keyPressEvent(QKeyEvent* event)
{
    const int step = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    const bool edge = event->key() == Qt::Key_Home || event->key() == Qt::Key_End;
    if (!m_detail || m_detail->turns.empty() || (step == 0 && !edge))
        return QWidget::keyPressEvent(event);
    double to = event->key() == Qt::Key_End ? m_detail->seconds : 0;
    if (step != 0) {
        to = step > 0 ? m_detail->seconds : 0;
        for (const PipelineTurn& turn : m_detail->turns) // the next instant at which a turn begins
            if (step > 0 ? turn.begin > m_moment + 1e-9 && turn.begin < to : turn.begin < m_moment - 1e-9 && turn.begin > to)
                to = turn.begin;
    }
    setMoment(to);
    emit momentMoved(m_moment);
}

void PipelinePicture::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void PipelinePicture::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

void PipelinePicture::retranslate()
{
    setAccessibleName(tr("Micro-batches over the stages of the pipeline"));
    setAccessibleDescription(sentence());
    updateGeometry();
    update();
}

} // namespace app::desktop
