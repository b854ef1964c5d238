#include "sim/gpu/gpus.h"

#include "sim/engine/assert.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace sim::gpu {

namespace {

constexpr Duration kStep = 1s; // nvidia-smi's own averages are over about this
constexpr double kStepSeconds = 1;
constexpr std::uint16_t kTick = 0;
constexpr double kBusVolts = 54;
constexpr Duration kBrakeHold = 30s;
/// Below, a module's own converters give up: 54 V less 5 %.
constexpr double kLeastVolts = 51.3;
constexpr double kUndervoltageFallsPerSecond = 0.08;
constexpr double kReplaysPerSecond = 40;
constexpr double kContactFallsPerSecond = 0.05;
/// The driver lets go of a degree's worth of clock each second above its target, and takes one back below it.
constexpr int kThermalStepMHz = 15;
constexpr double kThermalHysteresisC = 2;

} // namespace

Card newCard(RandomStream& random)
{
    Card card;
    card.serial = fmt::format("165{:010}", random.below(10'000'000'000ULL));
    card.uuid = fmt::format("GPU-{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", random.below(1ULL << 32), random.below(65536), random.below(65536),
                            random.below(65536), random.below(1ULL << 48));
    card.heat.pasteFactor = random.uniform(0.97, 1.05);
    return card;
}

std::int64_t Gpu::memoryUsedBytes() const
{
    std::int64_t bytes = 0;
    for (const GpuProcess& process : processes)
        bytes += process.memoryBytes;
    return bytes;
}

double Gpu::clockFactor() const
{
    return working() && !hung ? static_cast<double>(now.smMHz) / kind().maxSmMHz : 0;
}

std::int64_t Gpu::activeLinks() const
{
    return std::count_if(links.begin(), links.end(), [](const NvLink& link) { return link.active; });
}

std::string Gpu::pciAddress() const
{
    return lowered(std::string_view(slot.busId).substr(4));
}

GpuId Gpus::add(Gpu gpu)
{
    gpu.id = GpuId(m_gpus.size());
    if (gpu.links.empty())
        gpu.links.resize(static_cast<std::size_t>(gpu.kind().nvlinks));
    gpu.settings.powerLimitW = gpu.kind().defaultLimitW;
    gpu.slot.generation = gpu.kind().pcieGeneration;
    gpu.now.smMHz = gpu.kind().idleSmMHz;
    gpu.now.powerW = gpu.kind().idleW;
    Node* node = nodeOf(gpu.host);
    if (node == nullptr) {
        m_nodes.emplace_back();
        node = &m_nodes.back();
        node->host = gpu.host;
        node->usualLimitW = gpu.kind().defaultLimitW;
        node->chassis.supplies.resize(6);
        node->cooling.dieOhms = gpu.kind().dieOhms;
        node->cooling.sinkOhms = gpu.kind().sinkOhms;
        for (Fan& fan : node->chassis.fans)
            fan.rpm = Chassis::kLowestDuty * Chassis::kFullRpm;
    }
    node->gpus.push_back(gpu.id);
    m_gpus.push_back(std::move(gpu));
    return m_gpus.back().id;
}

std::int64_t Gpus::addRow(Row row)
{
    m_rows.push_back(std::move(row));
    return static_cast<std::int64_t>(m_rows.size()) - 1;
}

std::vector<GpuId> Gpus::of(HostId host) const
{
    const Node* node = nodeOf(host);
    return node == nullptr ? std::vector<GpuId>() : node->gpus;
}

const Node* Gpus::nodeOf(HostId host) const
{
    const auto found = std::find_if(m_nodes.begin(), m_nodes.end(), [&](const Node& node) { return node.host == host; });
    return found == m_nodes.end() ? nullptr : &*found;
}

Node* Gpus::nodeOf(HostId host)
{
    return const_cast<Node*>(std::as_const(*this).nodeOf(host));
}

Gpus::Offer Gpus::offered(HostId host) const
{
    const Node* node = nodeOf(host);
    if (node == nullptr)
        return {};
    Offer offer;
    offer.devices = node->pluginManaged ? node->registered : static_cast<std::int64_t>(node->gpus.size());
    if (node->pluginManaged && !node->plugin.valid())
        return offer; // the kubelet keeps the devices of a plugin that went away, but none of them is usable
    for (const GpuId id : node->gpus)
        offer.usable += at(id).healthy ? 1 : 0;
    return offer;
}

void Gpus::start(Engine& engine)
{
    if (m_gpus.empty())
        return;
    FL_ASSERT(!m_rows.empty());
    engine.after(kStep, {.part = Part::Gpu, .type = kTick});
}

void Gpus::handle(Engine& engine, host::Hosts& hosts, const Event& event)
{
    FL_ASSERT(event.type == kTick);
    tick(engine, hosts);
    engine.after(kStep, {.part = Part::Gpu, .type = kTick});
}

void Gpus::tick(Engine& engine, host::Hosts& hosts)
{
    for (Node& node : m_nodes) {
        const bool on = hosts.at(node.host).power == host::Machine::Power::On;
        for (const GpuId id : node.gpus)
            run(engine, hosts, node, at(id), on);
        feed(engine, node, on);
        for (const GpuId id : node.gpus) {
            Gpu& gpu = at(id);
            if (!gpu.working() || !on || gpu.now.activity.kernel < 0.05)
                continue;
            RandomStream& random = engine.random("gpu/hardware");
            double falls = gpu.card.defect.fallsOffPerSecond;
            if (gpu.slot.volts < kLeastVolts)
                falls += kUndervoltageFallsPerSecond;
            if (gpu.slot.contact < Slot::kGoodContact)
                falls += kContactFallsPerSecond * (1 - gpu.slot.contact);
            if (falls > 0 && random.unit() < falls)
                lose(engine, hosts, id);
        }
        cool(engine, node);
    }
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        double heatJ = 0;
        for (const Node& node : m_nodes)
            if (node.row == static_cast<std::int64_t>(row))
                heatJ += node.givenJ;
        m_rows[row].breathe(heatJ - m_rows[row].takenJ, kStepSeconds);
    }
}

void Gpus::run(Engine& engine, host::Hosts& hosts, Node& node, Gpu& gpu, bool on)
{
    Readings& now = gpu.now;
    if (!on || !gpu.working() || !node.driver.loaded) {
        // What fell off the bus, or has no driver, draws its idle current until somebody cuts the power.
        Readings still;
        still.smMHz = on ? gpu.kind().idleSmMHz : 0;
        still.powerW = on && gpu.presence != Gpu::Presence::Absent ? gpu.kind().idleW : 0;
        still.energyJ = now.energyJ + still.powerW * kStepSeconds;
        now = still;
        return;
    }
    now.activity = {};
    for (const GpuProcess& process : gpu.processes)
        now.activity += process.activity;
    const Board& board = gpu.kind();
    if (!gpu.settings.persistence && gpu.processes.empty()) // nobody holds the device: the driver lets go of it, and of what was set
        resetSettings(gpu);
    const Heat& heat = gpu.card.heat;
    // Against heat the driver steps down and up again.
    const bool hot = heat.dieC > board.maxOperatingC || heat.memoryC > board.memoryMaxC;
    if (hot)
        gpu.thermalMHz = std::max<std::int64_t>(board.idleSmMHz, (gpu.thermalMHz > 0 ? gpu.thermalMHz : now.smMHz)
                                                    - kThermalStepMHz * static_cast<std::int64_t>(std::ceil(std::max(heat.dieC - board.maxOperatingC, 1.0))));
    else if (gpu.thermalMHz > 0 && heat.dieC < board.maxOperatingC - kThermalHysteresisC && (gpu.thermalMHz += kThermalStepMHz) >= board.maxSmMHz)
        gpu.thermalMHz = 0;
    const OperatingPoint point = operatingPoint(board, now.activity,
                                                {.powerW = gpu.settings.powerLimitW, .lockedMHz = static_cast<int>(gpu.settings.lockedMHz),
                                                 .thermalMHz = static_cast<int>(gpu.thermalMHz), .hwThermal = heat.dieC >= board.slowdownC,
                                                 .powerBrake = node.powerBrake, .context = !gpu.processes.empty()});
    now.smMHz = point.smMHz;
    now.reasons = point.reasons;
    // Power swings with the data: 2 % from one second to the next (the H200 capture's spread).
    RandomStream& random = engine.random("gpu/noise");
    const double swing = now.activity.kernel > 0 ? 0.04 * (random.unit() - 0.5) : 0.01 * (random.unit() - 0.5);
    now.powerW = point.powerW * (1 + swing);
    now.energyJ += now.powerW * kStepSeconds;
    constexpr double kStepUs = kStepSeconds * 1e6;
    now.powerCapUs += (point.reasons & reason::kSwPowerCap) != 0 ? kStepUs : 0;
    now.swThermalUs += (point.reasons & reason::kSwThermal) != 0 ? kStepUs : 0;
    now.hwThermalUs += (point.reasons & reason::kHwThermal) != 0 ? kStepUs : 0;
    now.powerBrakeUs += (point.reasons & reason::kHwPowerBrake) != 0 ? kStepUs : 0;
    now.nvlinkTxBytes += now.activity.nvlinkTxBytesPerSecond * kStepSeconds;
    now.nvlinkRxBytes += now.activity.nvlinkRxBytesPerSecond * kStepSeconds;
    now.pcieTxBytes += now.activity.pcieTxBytesPerSecond * kStepSeconds;
    now.pcieRxBytes += now.activity.pcieRxBytesPerSecond * kStepSeconds;
    if (gpu.slot.contact < Slot::kGoodContact) {
        const auto spoilt = static_cast<std::int64_t>(kReplaysPerSecond * (1 - gpu.slot.contact) * (0.5 + random.unit()));
        gpu.slot.replays += spoilt;
        gpu.slot.correctedErrors += spoilt;
    }
    for (NvLink& link : gpu.links)
        if (link.active && link.crcPerSecond > 0) {
            const auto spoilt = static_cast<std::int64_t>(link.crcPerSecond * (0.5 + random.unit()));
            link.crcErrors += spoilt;
            link.replayErrors += spoilt / 4;
        }
    const CardDefect defect = gpu.card.defect;
    if (defect.correctablePerSecond > 0 && now.activity.dram > 0)
        gpu.card.errors.correctable(static_cast<std::int64_t>(defect.correctablePerSecond * 2 * random.unit()));
    if (defect.uncorrectablePerSecond > 0 && now.activity.dram > 0 && random.unit() < defect.uncorrectablePerSecond)
        spoilMemory(engine, hosts, gpu.id);
    if (gpu.tainted && !gpu.processes.empty())
        m_lost.push_back({gpu.id, 0});
    else if (defect.sramPerSecond > 0 && now.activity.kernel > 0 && random.unit() < defect.sramPerSecond)
        spoilCache(engine, hosts, gpu.id);
    if (heat.dieC >= board.shutdownC)
        lose(engine, hosts, gpu.id);
}

void Gpus::feed(Engine& engine, Node& node, bool on)
{
    double loadW = 0;
    for (const GpuId id : node.gpus)
        loadW += at(id).now.powerW;
    const double takenW = on ? loadW + node.chassis.otherW : 0;
    const int supplies = node.chassis.workingSupplies();
    for (PowerSupply& supply : node.chassis.supplies)
        supply.inputW = supply.failed || supplies == 0 ? 0 : takenW / supplies;
    const double capacityW = supplies * Chassis::kSupplyW;
    // Beyond what they are rated for the supplies pull the brake line; the controller lets go of it for a try after a while.
    if (takenW > capacityW)
        node.brakeUntil = engine.now() + kBrakeHold;
    const bool brake = on && engine.now() < node.brakeUntil;
    if (brake != node.powerBrake)
        logEvent(engine, node.host, "Power Unit PWR_UNIT", "Soft-power control failure", brake);
    node.powerBrake = brake;
    node.busVolts = on ? kBusVolts * (takenW > capacityW && takenW > 0 ? 0.97 : 1.0) : 0;
    for (const GpuId id : node.gpus) {
        Gpu& gpu = at(id);
        const double amperes = node.busVolts > 0 ? gpu.now.powerW / node.busVolts : 0;
        gpu.slot.volts = node.busVolts - amperes * gpu.slot.feedOhms;
    }
    node.takenJ += takenW * kStepSeconds;
}

/// Its controller writes down that a sensor went beyond a limit, or has come back.
void Gpus::logCrossing(Engine& engine, const Node& node, const std::string& sensor, const char* event, bool beyond)
{
    const auto last = std::find_if(node.events.rbegin(), node.events.rend(), [&](const auto& one) { return one.sensor == sensor && one.event == event; });
    if (beyond || (last != node.events.rend() && last->asserted)) // a fan that starts was never said to be slow
        logEvent(engine, node.host, sensor, event, beyond);
}

void Gpus::cool(Engine& engine, Node& node)
{
    Chassis& chassis = node.chassis;
    const double inletC = chassis.inletC;
    Row& row = m_rows[static_cast<std::size_t>(node.row)];
    constexpr double kAirJoulesPerKelvinCubicMetre = 1.15 * 1006;
    chassis.inletC = row.supplyC + chassis.recirculation * std::max(0.0, chassis.exhaustC - row.supplyC);
    double hottestC = 0;
    double givenJ = 0;
    double flowSum = 0;
    for (int column = 0; column < Chassis::kColumns; ++column) {
        const double flow = chassis.columnFlow(column);
        flowSum += flow / Chassis::kColumns;
        const double cubicMetres = std::max(0.002, chassis.fullFlow * Chassis::kGpuShare / Chassis::kColumns * flow);
        const double cooled = flow * chassis.fullFlow / Chassis::kFullFlow; // what HeatPath is given for
        double airC = chassis.inletC;
        for (std::size_t i = static_cast<std::size_t>(column); i < node.gpus.size(); i += Chassis::kColumns) {
            Gpu& gpu = at(node.gpus[i]);
            const double given = heatUp(gpu.card.heat, node.cooling, gpu.now.powerW, gpu.now.activity.dram, airC, cooled, kStepSeconds);
            airC += given / kStepSeconds / (kAirJoulesPerKelvinCubicMetre * cubicMetres);
            givenJ += given;
            hottestC = std::max(hottestC, gpu.card.heat.dieC);
        }
    }
    const double otherJ = chassis.supplies.empty() || node.busVolts <= 0 ? 0 : chassis.otherW * kStepSeconds;
    givenJ += otherJ;
    node.givenJ += givenJ;
    const double air = std::max(0.02, chassis.fullFlow * flowSum);
    chassis.exhaustC = chassis.inletC + givenJ / kStepSeconds / (kAirJoulesPerKelvinCubicMetre * air);
    std::array<double, Chassis::kColumns * Chassis::kFansPerColumn> rpm{};
    std::ranges::transform(chassis.fans, rpm.begin(), &Fan::rpm);
    chassis.turnFans(node.busVolts > 0 ? hottestC : 0, kStepSeconds);
    if (node.busVolts <= 0) {
        for (Fan& fan : chassis.fans)
            fan.rpm = 0;
        return;
    }
    for (std::size_t i = 0; i < rpm.size(); ++i)
        if (const bool slow = chassis.fans[i].rpm < Chassis::kLeastRpmCritical; slow != (rpm[i] < Chassis::kLeastRpmCritical))
            logCrossing(engine, node, fmt::format("Fan FAN{}", i + 1), "Lower Critical going low", slow);
    if (const bool warm = chassis.inletC > Chassis::kWarmInletC; warm != (inletC > Chassis::kWarmInletC))
        logCrossing(engine, node, "Temperature Inlet Temp", "Upper Non-critical going high", warm);
    if (const bool hot = chassis.inletC > Chassis::kHotInletC; hot != (inletC > Chassis::kHotInletC))
        logCrossing(engine, node, "Temperature Inlet Temp", "Upper Critical going high", hot);
}

void Gpus::logEvent(Engine& engine, HostId host, std::string sensor, std::string event, bool asserted)
{
    constexpr std::size_t kKept = 512;
    Node* node = nodeOf(host);
    if (node->events.size() >= kKept)
        node->events.erase(node->events.begin());
    node->events.push_back({engine.now(), std::move(sensor), std::move(event), asserted});
}

std::vector<Lost> Gpus::takeLost()
{
    return std::exchange(m_lost, {});
}

void Gpus::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_gpus);
    sim::addTo(f, m_nodes);
    sim::addTo(f, m_rows);
    sim::addTo(f, m_hostPrograms);
}

} // namespace sim::gpu
