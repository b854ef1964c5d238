#include "app/desktop/gpu/inside_picture.h"

#include "app/desktop/gpu/gpu_look.h"
#include "app/desktop/theme/painting.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace app::desktop {

using core::session::LinkState;
using core::session::NodeGpu;
using core::session::NodeNic;
using core::session::Silence;

namespace {

constexpr int kSocketHeight = 28;
constexpr int kLaneHeight = 30;
constexpr int kDeviceHeight = 38;
constexpr int kLinksHeight = 32;
constexpr int kNvSwitchHeight = 24;
constexpr int kFanSide = 16;
constexpr int kFansPerColumn = 3;
constexpr double kColumnGap = 6;
constexpr double kMostStretch = 1.7;

sim::Health healthOf(const NodeGpu& gpu)
{
    const bool inactive = std::any_of(gpu.links.begin(), gpu.links.end(), [](const auto& link) { return !link.active; });
    const bool errors = std::any_of(gpu.links.begin(), gpu.links.end(), [](const auto& link) { return link.errors > 0; });
    return inactive || errors ? sim::Health::Warn : sim::Health::Ok;
}

std::int64_t activeOf(const NodeGpu& gpu)
{
    return std::count_if(gpu.links.begin(), gpu.links.end(), [](const auto& link) { return link.active; });
}

} // namespace

InsidePicture::InsidePicture(Look& look, QWidget* parent) : SpotPicture(look, parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    retranslate();
}

void InsidePicture::setDetail(std::shared_ptr<const core::session::NodeDetail> detail)
{
    m_detail = std::move(detail);
    arrange();
}

void InsidePicture::setRoom(const QSize& room)
{
    if (room == m_room)
        return;
    m_room = room;
    arrange();
}

double InsidePicture::stretched(int pixels) const
{
    return m_look.scaled(pixels) * m_stretch;
}

void InsidePicture::resizeEvent(QResizeEvent* event)
{
    SpotPicture::resizeEvent(event);
    arrange();
}

void InsidePicture::arrange()
{
    m_stretch = 1;
    const double natural = layParts();
    // Where the page is high, all of it grows a little.
    m_stretch = natural > 0 ? std::clamp((m_room.height() - 4) / natural, 1.0, kMostStretch) : 1;
    if (m_stretch > 1)
        layParts();
    std::vector<QRectF> boxes;
    for (const Part& part : m_parts)
        boxes.push_back(part.box);
    setSpots(std::move(boxes));
    if (m_wanted != m_height) {
        m_height = m_wanted;
        setFixedHeight(m_wanted);
    }
    update();
}

/// Places all parts; returns the height they take.
double InsidePicture::layParts()
{
    m_parts.clear();
    double y = 0;
    if (m_detail && width() > 0 && !m_detail->gpus.empty()) {
        const auto count = static_cast<int>(m_detail->gpus.size());
        const double column = (width() - (count - 1) * kColumnGap) / count;
        const auto left = [&](int i) { return i * (column + kColumnGap); };
        const double device = stretched(kDeviceHeight);
        for (int socket = 0; socket < m_detail->sockets; ++socket) {
            int first = count, last = -1;
            for (int i = 0; i < count; ++i)
                if (m_detail->gpus[static_cast<std::size_t>(i)].socket == socket) {
                    first = std::min(first, i);
                    last = i;
                }
            if (last >= 0)
                add(Kind::Socket, socket, {left(first), 0, left(last) + column - left(first), static_cast<double>(stretched(kSocketHeight))});
        }
        y = stretched(kSocketHeight) + stretched(kLaneHeight);
        for (std::size_t i = 0; i < m_detail->nics.size(); ++i)
            if (const int rail = m_detail->nics[i].rail; rail < count)
                add(Kind::Nic, static_cast<int>(i), {left(rail) + 10, y, column - 10, device});
        y += m_detail->nics.empty() ? 0 : device + 6;
        for (int i = 0; i < count; ++i)
            add(Kind::Gpu, i, {left(i) + 10, y, column - 10, device});
        y += device;
        const bool linked = std::any_of(m_detail->gpus.begin(), m_detail->gpus.end(), [](const NodeGpu& gpu) { return !gpu.links.empty(); });
        if (linked) {
            for (int i = 0; i < count; ++i)
                if (!m_detail->gpus[static_cast<std::size_t>(i)].links.empty())
                    add(Kind::Links, i, {left(i) + 10, y, column - 10, static_cast<double>(stretched(kLinksHeight))});
            y += stretched(kLinksHeight);
            const int switches = std::max(1, m_detail->nvSwitches);
            const double wide = (width() - 10 - (switches - 1) * kColumnGap) / switches;
            for (int i = 0; i < switches; ++i)
                add(Kind::NvSwitch, i, {10 + i * (wide + kColumnGap), y, wide, static_cast<double>(stretched(kNvSwitchHeight))});
            y += stretched(kNvSwitchHeight);
        }
        // Air: four columns of fans stand before the modules, beside them the supplies.
        y += 12;
        m_airTop = y;
        const double fan = m_look.scaled(kFanSide);
        y += m_look.scaled(18);
        const auto fans = static_cast<int>(m_detail->chassis.fans.size());
        const int fanColumns = (fans + kFansPerColumn - 1) / kFansPerColumn;
        double x = 0;
        for (int i = 0; i < fans; ++i)
            add(Kind::Fan, i, {(i / kFansPerColumn) * (kFansPerColumn * (fan + 3) + 8) + (i % kFansPerColumn) * (fan + 3), y, fan, fan});
        x = fanColumns * (kFansPerColumn * (fan + 3) + 8) + 12;
        const auto supplies = static_cast<int>(m_detail->chassis.supplies.size());
        const double wide = m_look.scaled(56);
        if (x + supplies * (wide + 4) > width()) { // no room beside the fans
            x = 0;
            y += fan + m_look.scaled(22);
        }
        m_supplyLeft = x;
        for (int i = 0; i < supplies; ++i) {
            if (x + wide > width() && i > 0) {
                x = m_supplyLeft;
                y += fan + 4;
            }
            add(Kind::Supply, i, {x, y, wide, fan});
            x += wide + 4;
        }
        y += fan + 2;
    }
    m_wanted = static_cast<int>(std::ceil(y)) + 2;
    return y;
}

QRectF InsidePicture::boxOf(Kind kind, int index) const
{
    for (const Part& part : m_parts)
        if (part.kind == kind && part.index == index)
            return part.box;
    return {};
}

QString InsidePicture::socketText(int socket) const
{
    return tr("CPU %1 · NUMA node %1 · %n thread(s)", nullptr, static_cast<int>(m_detail->cpus / std::max(1, m_detail->sockets))).arg(socket);
}

QString InsidePicture::sentence(int spot) const
{
    const Part& part = m_parts[static_cast<std::size_t>(spot)];
    const auto at = static_cast<std::size_t>(part.index);
    const auto& chassis = m_detail->chassis;
    switch (part.kind) {
    case Kind::Socket: return socketText(part.index);
    case Kind::Nic: {
        const NodeNic& nic = m_detail->nics[at];
        QStringList all{tr("%1, rail %2").arg(QString::fromStdString(nic.name)).arg(nic.rail), GpuLook::linkState(nic.state), QString::fromStdString(nic.rate)};
        all += nic.switchPort.empty() ? tr("nothing at the other end") : tr("to %1").arg(QString::fromStdString(nic.switchPort));
        if (nic.errors > 0)
            all += tr("%L1 errors counted").arg(nic.errors);
        return all.join(QStringLiteral(" · "));
    }
    case Kind::Gpu: {
        const NodeGpu& gpu = m_detail->gpus[at];
        QString words = GpuLook::sentence(QString::fromStdString(m_detail->name), gpu.figures);
        if (gpu.pcieWidth > 0)
            words += QStringLiteral(" · ") + tr("PCIe Gen%1 x%2, could be Gen%3 x%4").arg(gpu.pcieGeneration).arg(gpu.pcieWidth).arg(gpu.pcieMaxGeneration).arg(gpu.pcieMaxWidth);
        return words;
    }
    case Kind::Links: {
        const NodeGpu& gpu = m_detail->gpus[at];
        QString words = tr("%1: %2 of %n NVLink(s) active", nullptr, static_cast<int>(gpu.links.size())).arg(GpuLook::gpuName(gpu.figures)).arg(activeOf(gpu));
        for (std::size_t i = 0; i < gpu.links.size(); ++i) {
            if (!gpu.links[i].active)
                words += QStringLiteral(" · ") + tr("link %1 inactive").arg(i);
            if (gpu.links[i].errors > 0)
                words += QStringLiteral(" · ") + tr("link %1: %L2 errors").arg(i).arg(gpu.links[i].errors);
        }
        return words;
    }
    case Kind::NvSwitch:
        return m_detail->nvSwitches > 0 ? tr("NVSwitch %1 of %2 · NVLink fabric: %3").arg(part.index + 1).arg(m_detail->nvSwitches).arg(QString::fromStdString(m_detail->fabric))
                                        : tr("NVLink fabric: %1").arg(QString::fromStdString(m_detail->fabric));
    case Kind::Fan: {
        const core::session::FanReading& fan = chassis.fans[at];
        return fan.rpm ? tr("Fan %1: %L2 rpm").arg(part.index + 1).arg(std::lround(*fan.rpm / 100) * 100) : tr("Fan %1: no reading").arg(part.index + 1);
    }
    case Kind::Supply: {
        const core::session::SupplyReading& supply = chassis.supplies[at];
        return supply.ok ? tr("Supply %1: %L2 W").arg(part.index + 1).arg(std::lround(supply.inputW)) : tr("Supply %1: failed").arg(part.index + 1);
    }
    }
    return {};
}

void InsidePicture::paintEvent(QPaintEvent*)
{
    if (!m_detail)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintLanes(painter);
    for (const Part& part : m_parts)
        paintPart(painter, part);
    paintWords(painter);
    paintCursor(painter);
}

/// From a socket a line goes to each column's PCIe switch, which serves the adapter and the GPU.
void InsidePicture::paintLanes(QPainter& painter) const
{
    const Tokens& tokens = m_look.tokens();
    const QColor quiet = mixed(tokens.line, tokens.muted, 0.45);
    painter.setBrush(Qt::NoBrush);
    for (std::size_t i = 0; i < m_detail->gpus.size(); ++i) {
        const NodeGpu& gpu = m_detail->gpus[i];
        const QRectF box = boxOf(Kind::Gpu, static_cast<int>(i));
        const QRectF socket = boxOf(Kind::Socket, gpu.socket);
        const double x = box.left() - 6;
        const double hub = socket.bottom() + stretched(kLaneHeight) / 2;
        painter.setPen(QPen(quiet, 1.4));
        painter.drawLine(QPointF(x, socket.bottom()), QPointF(x, box.center().y()));
        for (std::size_t n = 0; n < m_detail->nics.size(); ++n)
            if (m_detail->nics[n].rail == static_cast<int>(i)) {
                const QRectF nic = boxOf(Kind::Nic, static_cast<int>(n));
                painter.drawLine(QPointF(x, nic.center().y()), QPointF(nic.left(), nic.center().y()));
            }
        const bool narrow = gpu.pcieWidth > 0 && gpu.pcieDegraded();
        painter.setPen(QPen(narrow ? tokens.warn : quiet, narrow ? 2 : 1.4, gpu.pcieWidth > 0 ? (narrow ? Qt::DashLine : Qt::SolidLine) : Qt::DotLine));
        painter.drawLine(QPointF(x, box.center().y()), QPointF(box.left(), box.center().y()));
        // The PCIe switch.
        const QRectF place(x - 4, hub - m_look.scaled(8), box.width() + 10, m_look.scaled(16));
        painter.setPen(QPen(tokens.line, 1));
        painter.setBrush(mixed(tokens.raised, tokens.muted, tokens.dark ? 0.07 : 0.1));
        painter.drawRoundedRect(place, 4, 4);
        painter.setBrush(Qt::NoBrush);
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.muted);
        const QString words = gpu.pcieWidth > 0 ? tr("PCIe Gen%1").arg(gpu.pcieMaxGeneration) : QStringLiteral("PCIe");
        const QString shown = QFontMetricsF(painter.font()).horizontalAdvance(words) < place.width() - 6 ? words : QStringLiteral("PCIe");
        painter.drawText(place, Qt::AlignCenter, shown);
    }
}

void InsidePicture::paintBox(QPainter& painter, const QRectF& box, const QString& title, const QString& words, sim::Health health, bool marked) const
{
    const Tokens& tokens = m_look.tokens();
    const bool ill = health == sim::Health::Warn || health == sim::Health::Critical;
    painter.setPen(QPen(ill ? healthColor(tokens, health) : tokens.line, ill ? 1.6 : 1, health == sim::Health::Critical ? Qt::DashLine : Qt::SolidLine));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    const double half = box.height() / 2;
    const double side = m_look.scaled(7);
    QRectF first(box.left() + 5, box.top() + 2, box.width() - 10, half - 2);
    if (marked) {
        drawHealth(painter, QRectF(first.left(), first.center().y() - side / 2, side, side), health, tokens);
        first.setLeft(first.left() + side + 3);
    }
    painter.setPen(tokens.text);
    painter.drawText(first, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(title, Qt::ElideRight, first.width() + 1));
    const QRectF second(box.left() + 5, box.center().y() - 1, box.width() - 10, half - 2);
    painter.setPen(ill ? readableOn(healthColor(tokens, health), tokens.raised) : tokens.muted);
    painter.drawText(second, Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(words, Qt::ElideMiddle, second.width() + 1));
}

void InsidePicture::paintGpu(QPainter& painter, const NodeGpu& gpu, const QRectF& box) const
{
    const bool works = gpu.figures.state == core::session::GpuFigures::State::Working;
    const QString state = GpuLook::shortState(gpu.figures);
    const QString heat = gpu.figures.temperatureC ? QStringLiteral("%1°").arg(std::lround(*gpu.figures.temperatureC)) : QStringLiteral("–");
    const QString lanes = works ? (gpu.pcieDegraded() ? tr("Gen%1 x%2!").arg(gpu.pcieGeneration).arg(gpu.pcieWidth) : QStringLiteral("x%1").arg(gpu.pcieWidth)) : QString();
    paintBox(painter, box, GpuLook::gpuName(gpu.figures), works ? (state.isEmpty() ? heat + QStringLiteral(" · ") + lanes : state + QStringLiteral(" ") + heat)
                   : state.isEmpty() ? heat : state,
             gpu.figures.health, true);
}

/// A tick for each link: full when it is active, a gap with a cross when not, in the warning's colour when it counts errors.
void InsidePicture::paintLinks(QPainter& painter, const NodeGpu& gpu, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const double pitch = box.width() / static_cast<double>(gpu.links.size());
    const double label = m_look.scaled(15);
    for (std::size_t i = 0; i < gpu.links.size(); ++i) {
        const auto& link = gpu.links[i];
        const double x = box.left() + (static_cast<double>(i) + 0.5) * pitch;
        const QColor color = link.errors > 0 ? tokens.warn : mixed(tokens.panel, tokens.ok, 0.8);
        if (link.active) {
            painter.setPen(QPen(color, std::min(2.2, pitch * 0.55)));
            painter.drawLine(QPointF(x, box.top() + 1), QPointF(x, box.bottom() - label));
        } else {
            painter.setPen(QPen(tokens.critical, 1.4));
            const double middle = (box.top() + box.bottom() - label) / 2, arm = std::min(2.5, pitch * 0.6);
            painter.drawLine(QPointF(x - arm, middle - arm), QPointF(x + arm, middle + arm));
            painter.drawLine(QPointF(x - arm, middle + arm), QPointF(x + arm, middle - arm));
        }
    }
    const sim::Health health = healthOf(gpu);
    const bool ill = health != sim::Health::Ok;
    QRectF words(box.left(), box.bottom() - label, box.width(), label);
    painter.setFont(m_look.font(FontRole::Label));
    painter.setPen(ill ? readableOn(tokens.warn, tokens.panel) : tokens.muted);
    const QString text = QStringLiteral("%1/%2").arg(activeOf(gpu)).arg(gpu.links.size());
    if (ill) {
        const double side = m_look.scaled(7), wide = tabularWidth(painter.font(), text) + side + 4;
        words.setLeft(words.center().x() - wide / 2);
        drawHealth(painter, QRectF(words.left(), words.center().y() - side / 2, side, side), health, tokens);
        words.setLeft(words.left() + side + 4);
        painter.setPen(readableOn(tokens.warn, tokens.panel));
        drawTabular(painter, words, Qt::AlignVCenter | Qt::AlignLeft, text);
    } else {
        drawTabular(painter, words, Qt::AlignCenter, text);
    }
}

void InsidePicture::paintFan(QPainter& painter, const core::session::FanReading& fan, const QRectF& box) const
{
    const Tokens& tokens = m_look.tokens();
    const QColor color = fan.rpm ? (fan.ok ? tokens.ok : tokens.critical) : tokens.faint;
    painter.setPen(QPen(color, fan.ok ? 1.2 : 2));
    painter.setBrush(tokens.raised);
    painter.drawEllipse(box.adjusted(1, 1, -1, -1));
    const QPointF c = box.center();
    const double arm = box.width() * 0.28;
    if (fan.ok) { // blades
        for (int i = 0; i < 3; ++i) {
            const double angle = i * 2.0944;
            painter.drawLine(c, c + QPointF(arm * std::cos(angle), arm * std::sin(angle)));
        }
        return;
    }
    painter.drawLine(c + QPointF(-arm, -arm), c + QPointF(arm, arm));
    painter.drawLine(c + QPointF(-arm, arm), c + QPointF(arm, -arm));
}

void InsidePicture::paintPart(QPainter& painter, const Part& part) const
{
    const Tokens& tokens = m_look.tokens();
    const auto at = static_cast<std::size_t>(part.index);
    switch (part.kind) {
    case Kind::Socket: {
        painter.setPen(QPen(tokens.line, 1));
        painter.setBrush(mixed(tokens.raised, tokens.muted, tokens.dark ? 0.07 : 0.1));
        painter.drawRoundedRect(part.box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.text);
        painter.drawText(part.box, Qt::AlignCenter, QFontMetricsF(painter.font()).elidedText(socketText(part.index), Qt::ElideRight, part.box.width() - 12));
        return;
    }
    case Kind::Nic: {
        const NodeNic& nic = m_detail->nics[at];
        const sim::Health health = GpuLook::health(nic.state, nic.errors > 0);
        const QString words = nic.state == LinkState::Up ? (nic.errors > 0 ? tr("%L1 errors").arg(nic.errors) : QString::fromStdString(nic.switchPort))
                                                        : GpuLook::linkState(nic.state);
        paintBox(painter, part.box, QString::fromStdString(nic.name), words, health, true);
        return;
    }
    case Kind::Gpu: return paintGpu(painter, m_detail->gpus[at], part.box);
    case Kind::Links: return paintLinks(painter, m_detail->gpus[at], part.box);
    case Kind::NvSwitch: {
        const bool ready = m_detail->fabric.empty() || m_detail->fabric == "Completed" || m_detail->fabric == "N/A";
        painter.setPen(QPen(ready ? tokens.line : tokens.warn, ready ? 1 : 1.6));
        painter.setBrush(mixed(tokens.raised, tokens.ok, ready ? 0.14 : 0));
        painter.drawRoundedRect(part.box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(tokens.text);
        QString words = m_detail->nvSwitches > 0 ? QStringLiteral("NVSwitch %1").arg(part.index) : tr("NVLink fabric");
        if (!ready)
            words += QStringLiteral(" · ") + QString::fromStdString(m_detail->fabric);
        painter.drawText(part.box, Qt::AlignCenter, QFontMetricsF(painter.font()).elidedText(words, Qt::ElideRight, part.box.width() - 8));
        return;
    }
    case Kind::Fan: return paintFan(painter, m_detail->chassis.fans[at], part.box);
    case Kind::Supply: {
        const core::session::SupplyReading& supply = m_detail->chassis.supplies[at];
        painter.setPen(QPen(supply.ok ? tokens.line : tokens.critical, supply.ok ? 1 : 1.6, supply.ok ? Qt::SolidLine : Qt::DashLine));
        painter.setBrush(tokens.raised);
        painter.drawRoundedRect(part.box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3);
        painter.setFont(m_look.font(FontRole::Label));
        painter.setPen(supply.ok ? tokens.muted : readableOn(tokens.critical, tokens.raised));
        drawTabular(painter, part.box, Qt::AlignCenter, supply.ok ? QStringLiteral("%1 W").arg(std::lround(supply.inputW)) : tr("failed"));
        return;
    }
    }
}

void InsidePicture::paintWords(QPainter& painter) const
{
    if (m_parts.empty())
        return;
    const Tokens& tokens = m_look.tokens();
    painter.setFont(m_look.font(FontRole::Label));
    const QFontMetricsF metrics(painter.font());
    painter.setPen(tokens.muted);
    const double line = m_look.scaled(16);
    const auto word = [&](double left, double top, const QString& text) {
        painter.drawText(QRectF(left, top, width() - left, line), Qt::AlignVCenter | Qt::AlignLeft, metrics.elidedText(text, Qt::ElideRight, width() - left));
    };
    word(0, m_airTop, m_supplyLeft > 0 ? tr("Fans") : GpuLook::chassisSentence(m_detail->chassis));
    if (m_supplyLeft > 0)
        word(m_supplyLeft, m_airTop, tr("Supplies") + QStringLiteral(" · ") + GpuLook::kilowatts(m_detail->chassis.inputW));
}

void InsidePicture::retranslate()
{
    setAccessibleName(tr("Inside of the machine"));
    arrange();
}

} // namespace app::desktop
