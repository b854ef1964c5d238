#include "core/session/gpu_detail.h"

#include "core/shell/commands/gpu/bmc.h"
#include "core/shell/commands/gpu/shell_place.h"
#include "core/shell/commands/hands.h"
#include "sim/gpu/operating_point.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::session {

namespace {

namespace smi = core::shell::gpu;
namespace reason = sim::gpu::reason;
using sim::gpu::Gpu;
using sim::host::Machine;

/// nvidia-smi whose words are kept. It only reads.
class TextPlace final : public smi::SmiPlace {
public:
    explicit TextPlace(smi::SmiState state) : m_state(std::move(state)) { }
    smi::SmiState look() override { return m_state; }
    sim::CommandResult change(const sim::command::GpuChange&) override { return {}; }
    void print(std::string_view text) override { m_text += text; }
    void complain(std::string_view text) override { m_text += text; }
    void wait(sim::Duration) override { }
    bool redirect(const std::string&) override { return false; }
    const std::string& text() const { return m_text; }

private:
    smi::SmiState m_state;
    std::string m_text;
};

constexpr std::uint64_t kSlowed = reason::kSwThermal | reason::kHwThermal | reason::kHwPowerBrake;
/// Operators watch from here below the temperature at which the driver begins to lower clocks.
constexpr double kCloseC = 5;

GpuFigures::State stateOf(const Gpu& gpu, Silence silence)
{
    using State = GpuFigures::State;
    if (silence != Silence::None)
        return State::Silent;
    switch (gpu.presence) {
    case Gpu::Presence::Working: return State::Working;
    case Gpu::Presence::Lost: return State::Lost;
    case Gpu::Presence::Uninitialised: return State::Uninitialised;
    case Gpu::Presence::Absent: return State::Absent;
    }
    return State::Silent;
}

sim::Health healthOf(const Gpu& gpu, const GpuFigures& figures)
{
    if (figures.state == GpuFigures::State::Silent)
        return sim::Health::Unknown;
    if (figures.state != GpuFigures::State::Working || gpu.temperatureC() >= figures.maxC)
        return sim::Health::Critical;
    const bool suspect = (figures.reasons & kSlowed) != 0 || figures.maxC - gpu.temperatureC() <= kCloseC || !gpu.healthy
        || gpu.recovery != sim::gpu::RecoveryAction::None;
    return suspect ? sim::Health::Warn : sim::Health::Ok;
}

GpuFigures figuresOf(const Gpu& gpu, int number, Silence silence)
{
    GpuFigures one;
    one.slot = static_cast<int>(gpu.index);
    one.number = number;
    one.state = stateOf(gpu, silence);
    one.maxC = gpu.kind().maxOperatingC;
    // The management controller asks a module over its own bus; one that is gone does not answer.
    if (silence != Silence::Off && gpu.presence != Gpu::Presence::Lost && gpu.presence != Gpu::Presence::Absent)
        one.temperatureC = gpu.temperatureC();
    if (silence == Silence::None && gpu.presence != Gpu::Presence::Absent)
        one.lastXid = gpu.lastXid;
    if (one.state == GpuFigures::State::Working) {
        one.powerW = gpu.now.powerW;
        one.limitW = gpu.settings.powerLimitW;
        one.smMHz = static_cast<int>(gpu.now.smMHz);
        one.maxSmMHz = gpu.kind().maxSmMHz;
        one.reasons = gpu.now.reasons;
        one.utilisation = gpu.now.activity.kernel;
    }
    one.health = healthOf(gpu, one);
    return one;
}

RackMachine rackMachineOf(const sim::World& world, const sim::gpu::Node& node)
{
    const Machine& machine = world.hosts().at(node.host);
    RackMachine one;
    one.name = machine.name;
    one.row = static_cast<int>(node.row);
    one.silence = silenceOf(world, machine);
    one.chassis = chassisOf(world, machine);
    one.gpus = gpusOf(world, machine);
    if (!node.gpus.empty())
        one.model = world.gpus().at(node.gpus.front()).kind().name;
    one.chassisRead = chassisReadOf(world, machine, one.chassis);
    Reading& read = one.gpusRead;
    read.what = "GPUs";
    if (one.silence != Silence::None && one.silence != Silence::Driver)
        return one; // nobody can ask nvidia-smi
    read.reads = {"gpu/" + machine.name};
    read.text = smiText(world, machine,
                        {"--query-gpu=index,name,temperature.gpu,power.draw,power.limit,clocks.sm,clocks_event_reasons.active,utilization.gpu",
                         "--format=csv"});
    for (const GpuFigures& gpu : one.gpus)
        read.shape += fmt::format("{}:{}:{} ", static_cast<int>(gpu.state), gpu.reasons & kSlowed, static_cast<int>(gpu.health));
    return one;
}

} // namespace

Silence silenceOf(const sim::World& world, const Machine& machine)
{
    if (machine.power == Machine::Power::Off)
        return Silence::Off;
    if (!answersNow(world, machine))
        return Silence::Network;
    const sim::gpu::Node* node = world.gpus().nodeOf(machine.id);
    return sim::gpu::nvmlStatus(node->driver, machine) == sim::gpu::NvmlStatus::Success ? Silence::None : Silence::Driver;
}

ChassisReading chassisOf(const sim::World& world, const Machine& machine)
{
    const sim::gpu::Chassis& chassis = world.gpus().nodeOf(machine.id)->chassis;
    const bool on = machine.power != Machine::Power::Off;
    ChassisReading reading;
    reading.inletC = chassis.inletC;
    if (on)
        reading.exhaustC = chassis.exhaustC;
    for (const sim::gpu::Fan& fan : chassis.fans)
        reading.fans.push_back({on ? std::optional(fan.rpm) : std::nullopt, !on || fan.rpm >= sim::gpu::Chassis::kLeastRpm});
    for (const sim::gpu::PowerSupply& supply : chassis.supplies) {
        reading.supplies.push_back({supply.inputW, !supply.failed});
        reading.inputW += supply.inputW;
    }
    const bool hot = reading.inletC > sim::gpu::Chassis::kHotInletC || reading.exhaustC.value_or(0) > smi::kHotExhaust;
    const bool warm = reading.inletC > sim::gpu::Chassis::kWarmInletC || reading.exhaustC.value_or(0) > smi::kWarmExhaust;
    reading.health = !on                                              ? sim::Health::Unknown
        : hot                                                         ? sim::Health::Critical
        : warm || reading.fansStill() > 0 || reading.suppliesOut() > 0 ? sim::Health::Warn
                                                                      : sim::Health::Ok;
    return reading;
}

std::vector<GpuFigures> gpusOf(const sim::World& world, const Machine& machine)
{
    const Silence silence = silenceOf(world, machine);
    const smi::SmiState state = smi::smiStateOf(world, machine);
    std::vector<GpuFigures> all;
    for (const sim::GpuId id : world.gpus().nodeOf(machine.id)->gpus) {
        const Gpu& gpu = world.gpus().at(id);
        const auto device = std::find_if(state.devices.begin(), state.devices.end(), [&](const auto& one) { return one.gpu == &gpu; });
        all.push_back(figuresOf(gpu, device == state.devices.end() ? -1 : device->number, silence));
    }
    return all;
}

Reading chassisReadOf(const sim::World& world, const Machine& machine, const ChassisReading& chassis)
{
    Reading read;
    read.what = "chassis";
    read.reads = {"host/" + machine.name};
    read.text = smi::bmcAnswer(world.gpus(), *world.gpus().nodeOf(machine.id), machine.power != Machine::Power::Off, world.now(), {"sdr", "elist"}).out;
    read.shape = fmt::format("{}:{}:{}", static_cast<int>(chassis.health), chassis.fansStill(), chassis.suppliesOut());
    return read;
}

std::string smiText(const sim::World& world, const Machine& machine, const std::vector<std::string>& arguments)
{
    TextPlace place(smi::smiStateOf(world, machine));
    smi::nvidiaSmi(place, arguments);
    return place.text();
}

RacksDetail racksOf(const sim::World& world)
{
    RacksDetail detail;
    Reading& read = detail.roomRead;
    read.what = "room";
    read.reads = {"site/room"};
    for (const sim::gpu::Row& row : world.gpus().rows()) {
        RackRow one{row.name, row.supplyC, row.setpointC, row.heatW, {}};
        read.text += core::shell::rowText(row, false);
        for (const sim::gpu::CoolingUnit& unit : row.units) {
            one.units.push_back({unit.name, unit.capacityW, unit.running});
            read.shape += unit.running ? "+" : "-";
        }
        constexpr double kNoticedC = 2;
        read.shape += fmt::format("{} ", static_cast<int>((row.supplyC - row.setpointC) / kNoticedC));
        detail.rows.push_back(std::move(one));
    }
    for (const sim::gpu::Node& node : world.gpus().nodes())
        detail.machines.push_back(rackMachineOf(world, node));
    return detail;
}

} // namespace core::session
