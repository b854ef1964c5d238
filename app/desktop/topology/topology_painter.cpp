#include "app/desktop/topology/topology_painter.h"

#include "app/desktop/theme/painting.h"
#include "app/desktop/theme/wording.h"

#include <QFontMetricsF>
#include <QPainter>

#include <cmath>

namespace app::desktop {

namespace {

constexpr double kFullDetail = 0.62;  ///< below, GPU figures and notes are too small to read
constexpr double kShapeDetail = 0.28; ///< below, only blocks
constexpr double kCoolC = 44;
constexpr double kHotC = 92;
constexpr double kMostTextScale = 1.25;
constexpr int kFigurePixels = 11;

} // namespace

TopologyPainter::TopologyPainter(const Look& look, const sim::Frame& frame, const TopologyLayout& layout,
                                 double zoom, const QRectF& visible)
    : m_look(look)
    , m_frame(frame)
    , m_layout(layout)
    , m_zoom(zoom)
    , m_visible(visible)
{
}

void TopologyPainter::paint(QPainter& painter, const Selection& selection, bool focused,
                            const QHash<QString, QPointF>& moving) const
{
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_zoom >= kShapeDetail)
        paintLinks(painter, selection);
    for (std::size_t i = 0; i < m_layout.switches.size(); ++i) {
        if (m_layout.switches[i].intersects(m_visible))
            paintSwitch(painter, i,
                        selection == Selection::networkSwitch(QString::fromStdString(m_frame.switches[i].name)));
    }
    for (std::size_t i = 0; i < m_layout.machines.size(); ++i) {
        if (m_layout.machines[i].card.intersects(m_visible))
            paintMachine(painter, i, selection, focused, moving);
    }
    if (moving.isEmpty())
        return;
    for (const sim::PodView& pod : m_frame.pods) {
        const auto at = moving.constFind(podKey(pod));
        if (at != moving.constEnd())
            paintPod(painter, pod, QRectF(*at, QSizeF(14, 14)), false);
    }
}

void TopologyPainter::paintLinks(QPainter& painter, const Selection& selection) const
{
    const Tokens& tokens = m_look.tokens();
    painter.setBrush(Qt::NoBrush);
    for (std::size_t i = 0; i < m_layout.links.size(); ++i) {
        const QPainterPath& path = m_layout.links[i];
        if (path.isEmpty() || !path.boundingRect().adjusted(-3, -3, 3, 3).intersects(m_visible))
            continue;
        const sim::LinkView& link = m_frame.links[i];
        const bool touched = !selection.name.isEmpty()
            && (QString::fromStdString(link.from) == selection.name
                || QString::fromStdString(link.to) == selection.name);
        QColor color = mixed(mixed(tokens.line, tokens.muted, 0.25), tokens.accent,
                             link.load < 0.01 ? 0 : 0.35 + 0.65 * link.load);
        QPen pen(color, link.load < 0.01 ? 1.2 : 1.2 + 2.4 * link.load);
        if (touched)
            pen = QPen(mixed(color, tokens.accent, 0.75), pen.widthF() + 0.6);
        if (!link.up) {
            pen.setColor(tokens.critical);
            pen.setStyle(Qt::DashLine);
        }
        painter.setPen(pen);
        painter.drawPath(path);
        if (!link.up && m_zoom >= kFullDetail) {
            // A link that is down also says so with a cross in its middle.
            const QPointF middle = path.pointAtPercent(0.5);
            painter.setPen(QPen(tokens.critical, 2));
            painter.drawLine(middle + QPointF(-4, -4), middle + QPointF(4, 4));
            painter.drawLine(middle + QPointF(-4, 4), middle + QPointF(4, -4));
        }
    }
}

void TopologyPainter::paintSwitch(QPainter& painter, std::size_t index, bool selected) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF& box = m_layout.switches[index];
    const sim::SwitchView& view = m_frame.switches[index];
    painter.setPen(selected ? QPen(tokens.accent, 2) : QPen(tokens.line, 1));
    painter.setBrush(mixed(tokens.raised, tokens.muted, tokens.dark ? 0.07 : 0.1));
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2);
    if (m_zoom < kShapeDetail)
        return;
    painter.setFont(cardFont(FontRole::Label));
    painter.setPen(tokens.muted);
    const QString name = QString::fromStdString(view.name);
    const QString text = name + QLatin1Char(' ') + Wording::bitRate(view.bitsPerSecond);
    const bool fits = QFontMetricsF(painter.font()).horizontalAdvance(text) < box.width() - 8;
    painter.drawText(box, Qt::AlignCenter, fits ? text : name);
}

QFont TopologyPainter::cardFont(FontRole role) const
{
    // Cards do not grow with the text: zooming in is how a picture gets larger.
    QFont font = m_look.font(role);
    const double shrink = std::min(1.0, kMostTextScale / m_look.preferences().fontScale);
    font.setPixelSize(static_cast<int>(std::lround(font.pixelSize() * shrink)));
    return font;
}

QString TopologyPainter::note(const sim::MachineView& machine)
{
    using Role = sim::MachineView::Role;
    switch (machine.role) {
    case Role::ControlPlane: return machine.etcdLeader ? QStringLiteral("etcd ★") : QStringLiteral("etcd");
    case Role::Worker: return QStringLiteral("%1 cpu").arg(machine.cpuCores, 0, 'f', 0);
    case Role::Gpu:
        return machine.gpus.empty()
            ? QString()
            : QStringLiteral("%1 × %2").arg(machine.gpus.size()).arg(
                  Wording::gpuModel(QString::fromStdString(machine.gpus.front().model)));
    case Role::Registry: return QStringLiteral("images");
    case Role::Infra: return QStringLiteral("infra");
    case Role::Bastion: return QStringLiteral("ops");
    case Role::Server: return QStringLiteral("%1 cpu").arg(machine.cpuCores, 0, 'f', 0);
    case Role::Router: return QStringLiteral("wan");
    case Role::Outside: return {};
    }
    return {};
}

void TopologyPainter::paintTitle(QPainter& painter, const sim::MachineView& machine, const QRectF& card) const
{
    const Tokens& tokens = m_look.tokens();
    const QRectF line(card.left() + 12, card.top() + 9, card.width() - 24, 20);
    drawHealth(painter, QRectF(line.left(), line.center().y() - 4.5, 9, 9), machine.health, tokens);
    painter.setFont(cardFont(FontRole::Section));
    painter.setPen(tokens.text);
    const QString name = QString::fromStdString(machine.name);
    const double left = 16;
    painter.drawText(line.adjusted(left, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, name);
    if (m_zoom < kFullDetail)
        return;
    // An ill machine says its state in words where the note stands otherwise.
    const bool ill = machine.health == sim::Health::Critical
        || (machine.health == sim::Health::Warn && machine.status != "Ready" && machine.status != "Up");
    const double room = line.width() - left - QFontMetricsF(painter.font()).horizontalAdvance(name) - 8;
    painter.setFont(cardFont(FontRole::Label));
    painter.setPen(ill ? healthColor(tokens, machine.health) : tokens.muted);
    const QString text = ill ? QString::fromStdString(machine.status) : note(machine);
    // A state is cut where it must be; a mere note is left out rather than mutilated.
    if (ill || QFontMetricsF(painter.font()).horizontalAdvance(text) <= room)
        painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight,
                         QFontMetricsF(painter.font()).elidedText(text, Qt::ElideRight, room));
}

void TopologyPainter::paintMachine(QPainter& painter, std::size_t index, const Selection& selection, bool focused,
                                   const QHash<QString, QPointF>& moving) const
{
    const Tokens& tokens = m_look.tokens();
    const PlacedMachine& placed = m_layout.machines[index];
    const sim::MachineView& machine = m_frame.machines[index];
    const QString name = QString::fromStdString(machine.name);
    const bool selected = selection == Selection::machine(name);

    painter.setPen(selected ? QPen(tokens.accent, focused ? 2.4 : 1.8) : QPen(tokens.line, 1));
    painter.setBrush(tokens.raised);
    if (m_zoom < kShapeDetail) {
        painter.setBrush(mixed(tokens.raised, healthColor(tokens, machine.health),
                               machine.health == sim::Health::Ok ? 0.25 : 0.8));
        painter.drawRect(placed.card);
    } else {
        painter.drawRoundedRect(placed.card, Look::kControlRadius, Look::kControlRadius);
        paintTitle(painter, machine, placed.card);
    }

    // A key is made only where something may have it: there are thousands of pods.
    const bool keyed = !moving.isEmpty() || selection.kind == Selection::Kind::Pod;
    for (std::size_t p = 0; p < placed.pods.size(); ++p) {
        const sim::PodView& pod = m_frame.pods[static_cast<std::size_t>(machine.pods[p])];
        const QString key = keyed ? podKey(pod) : QString();
        if (!keyed || !moving.contains(key))
            paintPod(painter, pod, placed.pods[p], keyed && selection == Selection::pod(key));
    }
    if (!placed.more.isEmpty() && m_zoom >= kFullDetail) {
        painter.setFont(cardFont(FontRole::Label));
        painter.setPen(tokens.muted);
        painter.drawText(placed.more, Qt::AlignVCenter | Qt::AlignLeft,
                         QStringLiteral("+%1").arg(machine.pods.size() - placed.pods.size()));
    }
    for (std::size_t g = 0; g < placed.gpus.size(); ++g)
        paintGpu(painter, machine.gpus[g], placed.gpus[g],
                 selection == Selection::gpuOf(name, machine.gpus[g].index));
}

void TopologyPainter::paintPod(QPainter& painter, const sim::PodView& pod, const QRectF& box, bool selected) const
{
    const Tokens& tokens = m_look.tokens();
    const QColor color = healthColor(tokens, pod.health);
    if (m_zoom < kShapeDetail) {
        painter.fillRect(box, color);
        return;
    }
    // Each health has its own figure: filled, dashed outline with a bar, outline with a cross, hollow.
    const QRectF inner = box.adjusted(0.8, 0.8, -0.8, -0.8);
    const bool ok = pod.health == sim::Health::Ok;
    painter.setPen(ok ? QPen(Qt::NoPen) : QPen(color, 1.6));
    painter.setBrush(ok ? QBrush(color) : QBrush(mixed(tokens.raised, color, 0.14)));
    painter.drawRoundedRect(inner, 3, 3);
    const QPointF c = inner.center();
    switch (pod.health) {
    case sim::Health::Ok: break;
    case sim::Health::Warn:
        painter.setBrush(color);
        painter.setPen(Qt::NoPen);
        painter.drawPolygon(QPolygonF({{c.x(), c.y() - 3.2}, {c.x() + 3.4, c.y() + 2.8}, {c.x() - 3.4, c.y() + 2.8}}));
        break;
    case sim::Health::Critical:
        painter.drawLine(c + QPointF(-2.6, -2.6), c + QPointF(2.6, 2.6));
        painter.drawLine(c + QPointF(-2.6, 2.6), c + QPointF(2.6, -2.6));
        break;
    case sim::Health::Unknown: painter.drawLine(c + QPointF(-2.6, 0), c + QPointF(2.6, 0)); break;
    }
    if (selected) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens.accent, 2));
        painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), 4, 4);
    }
}

void TopologyPainter::paintGpu(QPainter& painter, const sim::GpuView& gpu, const QRectF& box, bool selected) const
{
    const Tokens& tokens = m_look.tokens();
    const QColor heat = heatColor((gpu.temperatureC - kCoolC) / (kHotC - kCoolC));
    const QColor fill = mixed(heat, tokens.panel, tokens.dark ? 0.05 : 0.5);
    if (m_zoom < kShapeDetail) {
        painter.fillRect(box, fill);
        return;
    }
    const bool ill = gpu.health != sim::Health::Ok;
    painter.setPen(selected ? QPen(tokens.accent, 2)
                       : ill ? QPen(healthColor(tokens, gpu.health), 1.8)
                             : QPen(mixed(fill, tokens.text, 0.12), 1));
    painter.setBrush(gpu.present ? QBrush(fill) : QBrush(Qt::NoBrush)); // an empty place: nothing answers there
    painter.drawRoundedRect(box, 4, 4);
    if (m_zoom < kFullDetail)
        return;
    const QColor white(Qt::white);
    const QColor black(QStringLiteral("#0b0f14"));
    QFont font = m_look.font(FontRole::Label);
    font.setPixelSize(kFigurePixels);
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(contrastRatio(white, fill) > contrastRatio(black, fill) ? white : black);
    if (!gpu.present)
        painter.setPen(tokens.muted);
    drawTabular(painter, ill ? box.adjusted(0, 0, -8, 0) : box, Qt::AlignCenter,
                gpu.present ? QStringLiteral("%1°").arg(std::lround(gpu.temperatureC)) : QStringLiteral("–"));
    if (ill)
        drawHealth(painter, QRectF(box.right() - 10, box.center().y() - 3.5, 7, 7), gpu.health, tokens);
}

} // namespace app::desktop
