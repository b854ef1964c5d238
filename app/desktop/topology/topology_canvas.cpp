#include "app/desktop/topology/topology_canvas.h"

#include "app/desktop/theme/wording.h"
#include "app/desktop/topology/topology_painter.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace app::desktop {

namespace {

constexpr double kMargin = 16;
constexpr double kSmallestZoom = 0.05;
constexpr double kLargestZoom = 4;
constexpr double kLargestFit = 1.3;
constexpr int kMoveMilliseconds = 200;

/// Every thing the arrow keys can reach.
std::vector<std::pair<Selection, QRectF>> things(const TopologyLayout& layout, const sim::Frame& frame)
{
    std::vector<std::pair<Selection, QRectF>> all;
    for (std::size_t i = 0; i < layout.switches.size(); ++i)
        all.emplace_back(Selection::networkSwitch(QString::fromStdString(frame.switches[i].name)), layout.switches[i]);
    for (std::size_t i = 0; i < layout.machines.size(); ++i) {
        const PlacedMachine& placed = layout.machines[i];
        const QString name = QString::fromStdString(frame.machines[i].name);
        // A card is reached by its title, so that its pods and GPUs lie below it.
        all.emplace_back(Selection::machine(name),
                         QRectF(placed.card.topLeft(), QSizeF(placed.card.width(), 30)));
        for (std::size_t p = 0; p < placed.pods.size(); ++p) {
            const auto pod = static_cast<std::size_t>(frame.machines[i].pods[p]);
            all.emplace_back(Selection::pod(podKey(frame.pods[pod])), placed.pods[p]);
        }
        for (std::size_t g = 0; g < placed.gpus.size(); ++g)
            all.emplace_back(Selection::gpuOf(name, frame.machines[i].gpus[g].index), placed.gpus[g]);
    }
    return all;
}

bool samePlaces(const sim::Frame& a, const sim::Frame& b)
{
    if (a.machines.size() != b.machines.size() || a.switches.size() != b.switches.size()
        || a.links.size() != b.links.size() || a.pods.size() != b.pods.size())
        return false;
    for (std::size_t i = 0; i < a.machines.size(); ++i) {
        if (a.machines[i].pods != b.machines[i].pods || a.machines[i].name != b.machines[i].name)
            return false;
    }
    return std::equal(a.pods.begin(), a.pods.end(), b.pods.begin(), [](const auto& first, const auto& second) {
        return first.name == second.name && first.node == second.node;
    });
}

/// What the painter reads looks the same; the places are the same already. Most frames of a large cluster bring
/// nothing to paint.
bool sameLook(const sim::Frame& a, const sim::Frame& b)
{
    constexpr double kSeenLoad = 0.005; // less does not change a line's width
    const auto sameGpu = [](const sim::GpuView& x, const sim::GpuView& y) {
        return x.health == y.health && std::lround(x.temperatureC) == std::lround(y.temperatureC);
    };
    const auto sameMachine = [&](const sim::MachineView& x, const sim::MachineView& y) {
        return x.health == y.health && x.status == y.status && x.etcdLeader == y.etcdLeader
            && std::equal(x.gpus.begin(), x.gpus.end(), y.gpus.begin(), y.gpus.end(), sameGpu);
    };
    return std::equal(a.machines.begin(), a.machines.end(), b.machines.begin(), b.machines.end(), sameMachine)
        && std::equal(a.pods.begin(), a.pods.end(), b.pods.begin(), b.pods.end(), [](const auto& x, const auto& y) { return x.health == y.health; })
        && std::equal(a.links.begin(), a.links.end(), b.links.begin(), b.links.end(),
                      [](const auto& x, const auto& y) { return x.up == y.up && std::abs(x.load - y.load) < kSeenLoad; });
}

} // namespace

TopologyCanvas::TopologyCanvas(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
{
    setObjectName(QStringLiteral("canvas"));
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(260, 180);
    m_move.setStartValue(0.0);
    m_move.setEndValue(1.0);
    m_move.setDuration(kMoveMilliseconds);
    m_move.setEasingCurve(QEasingCurve::InOutCubic);
    connect(&m_move, &QVariantAnimation::valueChanged, this, qOverload<>(&QWidget::update));
    connect(&m_move, &QVariantAnimation::finished, this, [this] {
        m_moveStarts.clear();
        update();
    });
    connect(&look, &Look::changed, this, &TopologyCanvas::retranslate);
    retranslate();
}

void TopologyCanvas::setFrame(const FramePtr& frame)
{
    if (!frame || !frame->world)
        return;
    const FramePtr old = m_frame;
    m_frame = frame;
    const bool moved = !old || !old->world || !samePlaces(*old->world, *frame->world);
    if (moved) {
        const TopologyLayout before = m_layout;
        relayOut();
        if (old && old->world && old->world->topology == frame->world->topology)
            startMoves(before, *old->world);
    }
    describe();
    if (moved || !m_painted || !sameLook(*m_painted->world, *frame->world)) {
        m_painted = frame; // small changes add up against what is on the screen
        update();
    }
}

void TopologyCanvas::relayOut()
{
    m_laidOutFor = size();
    m_layout = layOut(*m_frame->world, std::max(0.5, width() - 2 * kMargin) / std::max(1.0, height() - 2 * kMargin));
    if (m_fitted)
        fit();
}

void TopologyCanvas::startMoves(const TopologyLayout& before, const sim::Frame& old)
{
    if (m_look.preferences().reduceMotion || !isVisible())
        return;
    QHash<QString, std::string> nodes;
    for (const sim::PodView& pod : old.pods)
        nodes.insert(podKey(pod), pod.node);
    m_moveStarts.clear();
    for (const sim::PodView& pod : m_frame->world->pods) {
        const QString key = podKey(pod);
        const auto node = nodes.constFind(key);
        if (node == nodes.constEnd() || *node == pod.node)
            continue;
        const QRectF from = rectOf(before, old, Selection::pod(key));
        if (!from.isEmpty())
            m_moveStarts.insert(key, from.topLeft());
    }
    if (!m_moveStarts.isEmpty()) {
        m_move.stop();
        m_move.start();
    }
}

void TopologyCanvas::fit()
{
    m_fitted = true;
    if (m_layout.bounds.isEmpty() || width() < 2 * kMargin || height() < 2 * kMargin)
        return;
    m_zoom = std::min({(width() - 2 * kMargin) / m_layout.bounds.width(),
                       (height() - 2 * kMargin) / m_layout.bounds.height(), kLargestFit});
    const QSizeF size = m_layout.bounds.size() * m_zoom;
    m_origin = QPointF((width() - size.width()) / 2, (height() - size.height()) / 2);
    update();
}

void TopologyCanvas::zoomBy(double factor, QPointF anchor)
{
    m_fitted = false;
    const QPointF scene = toScene(anchor);
    m_zoom = std::clamp(m_zoom * factor, kSmallestZoom, kLargestZoom);
    m_origin = anchor - scene * m_zoom;
    update();
}

void TopologyCanvas::zoomIn()
{
    zoomBy(1.2, QPointF(width() / 2.0, height() / 2.0));
}

void TopologyCanvas::zoomOut()
{
    zoomBy(1 / 1.2, QPointF(width() / 2.0, height() / 2.0));
}

void TopologyCanvas::select(const Selection& selection)
{
    if (selection == m_selection)
        return;
    m_selection = selection;
    if (m_frame && m_frame->world)
        ensureVisible(rectOf(m_layout, *m_frame->world, selection));
    describe();
    update();
}

void TopologyCanvas::choose(const Selection& selection)
{
    select(selection);
    emit selected(selection);
}

void TopologyCanvas::ensureVisible(const QRectF& box)
{
    if (box.isEmpty() || m_fitted)
        return;
    const QRectF shown(box.topLeft() * m_zoom + m_origin, box.size() * m_zoom);
    if (shown.left() < 0 || shown.right() > width())
        m_origin.rx() += width() / 2.0 - shown.center().x();
    if (shown.top() < 0 || shown.bottom() > height())
        m_origin.ry() += height() / 2.0 - shown.center().y();
}

void TopologyCanvas::moveSelection(int key)
{
    if (!m_frame || !m_frame->world)
        return;
    const auto all = things(m_layout, *m_frame->world);
    const auto current = std::find_if(all.begin(), all.end(),
                                      [this](const auto& thing) { return thing.first == m_selection; });
    if (current == all.end()) {
        if (!all.empty())
            choose(Selection::machine(QString::fromStdString(m_frame->world->machines.front().name)));
        return;
    }
    const QPointF from = current->second.center();
    const std::pair<Selection, QRectF>* best = nullptr;
    double bestCost = 0;
    for (const auto& thing : all) {
        const QPointF way = thing.second.center() - from;
        const bool horizontal = key == Qt::Key_Left || key == Qt::Key_Right;
        const double along = horizontal ? (key == Qt::Key_Right ? way.x() : -way.x())
                                        : (key == Qt::Key_Down ? way.y() : -way.y());
        const double across = std::abs(horizontal ? way.y() : way.x());
        if (along < 2 || thing.first == m_selection)
            continue;
        const double cost = along + 2.5 * across;
        if (best == nullptr || cost < bestCost) {
            best = &thing;
            bestCost = cost;
        }
    }
    if (best != nullptr)
        choose(best->first);
}

void TopologyCanvas::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down: moveSelection(event->key()); return;
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomIn(); return;
    case Qt::Key_Minus: zoomOut(); return;
    case Qt::Key_0:
    case Qt::Key_F: fit(); return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_selection.kind != Selection::Kind::None)
            emit inspectionWanted();
        return;
    case Qt::Key_Escape: choose({}); return;
    default: QWidget::keyPressEvent(event);
    }
}

void TopologyCanvas::wheelEvent(QWheelEvent* event)
{
    zoomBy(std::pow(1.0015, event->angleDelta().y()), event->position());
    event->accept();
}

void TopologyCanvas::mousePressEvent(QMouseEvent* event)
{
    m_dragStart = event->position();
    m_dragOrigin = m_origin;
    m_dragging = false;
}

void TopologyCanvas::mouseMoveEvent(QMouseEvent* event)
{
    if (!(event->buttons() & Qt::LeftButton))
        return;
    const QPointF way = event->position() - m_dragStart;
    if (!m_dragging && way.manhattanLength() < 6)
        return;
    m_dragging = true;
    m_fitted = false;
    m_origin = m_dragOrigin + way;
    update();
}

void TopologyCanvas::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_dragging || event->button() != Qt::LeftButton || !m_frame || !m_frame->world)
        return;
    const Selection hit = thingAt(m_layout, *m_frame->world, toScene(event->position()));
    choose(hit);
    if (hit.kind != Selection::Kind::None)
        emit inspectionWanted();
}

void TopologyCanvas::mouseDoubleClickEvent(QMouseEvent*)
{
    if (m_selection.kind == Selection::Kind::None)
        fit();
}

void TopologyCanvas::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void TopologyCanvas::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool TopologyCanvas::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && m_frame && m_frame->world) {
        auto* help = static_cast<QHelpEvent*>(event);
        const QString text = tip(thingAt(m_layout, *m_frame->world, toScene(help->pos())));
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

QString TopologyCanvas::tip(const Selection& selection) const
{
    const sim::Frame& world = *m_frame->world;
    switch (selection.kind) {
    case Selection::Kind::None: return {};
    case Selection::Kind::Pod:
        for (const sim::PodView& pod : world.pods) {
            if (podKey(pod) == selection.name)
                return QStringLiteral("%1 · %2").arg(selection.name, QString::fromStdString(pod.status));
        }
        return {};
    case Selection::Kind::Machine:
    case Selection::Kind::Gpu:
        for (const sim::MachineView& machine : world.machines) {
            if (QString::fromStdString(machine.name) != selection.name)
                continue;
            if (selection.kind == Selection::Kind::Machine)
                return QStringLiteral("%1 · %2").arg(selection.name, QString::fromStdString(machine.status));
            for (const sim::GpuView& gpu : machine.gpus) {
                if (gpu.index == selection.gpu)
                    return tr("GPU %1 of %2 · %3 °C · %4 W")
                        .arg(gpu.index)
                        .arg(selection.name)
                        .arg(std::lround(gpu.temperatureC))
                        .arg(std::lround(gpu.powerW));
            }
        }
        return {};
    case Selection::Kind::Switch: return selection.name;
    }
    return {};
}

void TopologyCanvas::describe()
{
    if (!m_frame || !m_frame->world)
        return;
    const sim::Frame& world = *m_frame->world;
    const auto ill = std::count_if(world.pods.begin(), world.pods.end(),
                                   [](const sim::PodView& pod) { return pod.health != sim::Health::Ok; });
    QString text = tr("%n machine(s)", nullptr, static_cast<int>(world.machines.size()));
    text += QStringLiteral(", ") + tr("%n pod(s)", nullptr, static_cast<int>(world.pods.size()));
    text += QStringLiteral(", ") + tr("%n not healthy", nullptr, static_cast<int>(ill));
    if (m_selection.kind != Selection::Kind::None)
        text += QStringLiteral(". ") + tr("Selected: %1").arg(tip(m_selection));
    setAccessibleDescription(text);
}

void TopologyCanvas::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (m_frame && m_frame->world && m_laidOutFor != size())
        relayOut();
}

void TopologyCanvas::retranslate()
{
    setAccessibleName(tr("Picture of the cluster"));
    describe();
    update();
}

void TopologyCanvas::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (!m_frame || !m_frame->world) {
        painter.setPen(m_look.tokens().muted);
        painter.drawText(rect(), Qt::AlignCenter, tr("Starting the lab…"));
        return;
    }
    painter.translate(m_origin);
    painter.scale(m_zoom, m_zoom);
    QHash<QString, QPointF> moving;
    if (m_move.state() == QAbstractAnimation::Running) {
        const double part = m_move.currentValue().toDouble();
        for (auto start = m_moveStarts.cbegin(); start != m_moveStarts.cend(); ++start) {
            const QRectF to = rectOf(m_layout, *m_frame->world, Selection::pod(start.key()));
            if (!to.isEmpty())
                moving.insert(start.key(), *start + (to.topLeft() - *start) * part);
        }
    }
    const QRectF visible(toScene({0, 0}), toScene({double(width()), double(height())}));
    TopologyPainter(m_look, *m_frame->world, m_layout, m_zoom, visible)
        .paint(painter, m_selection, hasFocus(), moving);
    if (hasFocus()) {
        painter.resetTransform();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(mixed(m_look.tokens().panel, m_look.tokens().accent, 0.6), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect()).adjusted(3.5, 3.5, -3.5, -3.5), 6, 6);
    }
}

} // namespace app::desktop
