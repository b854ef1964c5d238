#include "sim/faults/gpu_thermal.h"

#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/faults/service.h"

#include <fmt/format.h>

#include <algorithm>

// A chip's temperature is the room's air, plus what the chassis adds, plus power times the way from the chip to that air. Each
// cause makes one of these terms too large.
namespace sim::faults {

namespace {

constexpr const char* kLimitFile = "/etc/default/gpu-power-limit";
constexpr const char* kCooling = "crac-2";
/// The machine at the end of the row: it breathes some of its own exhaust, and takes work only when nothing else is free.
constexpr const char* kHotSpot = "gpu-5";

const Variants& thermalVariants()
{
    static const Variants kVariants{
        {"fan-dust", {"dead-fans", "clogged-filter"}},
        {"room-cooling", {"unit-tripped"}},
        {"power-limit", {"limit-file", "left-by-benchmark"}},
        {"sustained-load", {"cordoned-spare", "pinned-workers"}},
        {"thermal-paste", {"dried-paste"}},
        {"no-fault", {"planned-maintenance"}},
    };
    return kVariants;
}

void stopCooling(Context& context, const std::string& note, bool lockedOut)
{
    for (gpu::Row& row : context.parts.gpus.rows())
        for (gpu::CoolingUnit& unit : row.units)
            if (unit.name == kCooling) {
                unit.running = false;
                unit.note = note;
                unit.lockedOut = lockedOut;
            }
}

void raiseLimit(Context& context, gpu::Node& node, bool inFile)
{
    constexpr double kBoardsOwn = 700;
    if (inFile)
        putText(context, node.host, kLimitFile, fmt::format("# Back to what the data sheet says\nLIMIT_W={:.0f}\n", kBoardsOwn));
    for (const GpuId id : node.gpus)
        context.parts.gpus.at(id).settings.powerLimitW = kBoardsOwn;
}

/// Paste dries over months: when somebody looks, the driver has long gone down to a clock whose heat the chip can shed.
void dryPaste(const gpu::Node& node, gpu::Gpu& gpu)
{
    constexpr gpu::Activity kBusy{.kernel = 1, .sm = 1, .tensor = 1, .dram = 1};
    const gpu::Board& board = gpu.kind();
    gpu::Heat& heat = gpu.card.heat;
    heat.pasteFactor = 3;
    const double shedW = (board.maxOperatingC - heat.sinkC) / (node.cooling.dieOhms * heat.pasteFactor);
    gpu.thermalMHz = gpu.now.smMHz;
    while (gpu.thermalMHz > board.idleSmMHz && gpu::powerAt(board, kBusy, static_cast<int>(gpu.thermalMHz)) > shedW)
        gpu.thermalMHz -= gpu::kClockStepMHz;
}

/// Placement brings a worker to the hot spot, and keeps it there.
void workAtHotSpot(Context& context, const GpuPlace& place, nlohmann::json& chosen)
{
    if (chosen.at("variant") == "cordoned-spare") { // somebody was done with a node, and left it as it was
        patch(context, "nodes", "", chosen.at("spare"), {{"spec", {{"unschedulable", true}}}});
        patch(context, "nodes", "", place.machine, {{"spec", {{"unschedulable", true}}}});
        deleteTrainingPod(context, chosen.at("worker"));
    } else {
        std::vector<std::string> names = trainingMachineNames(context);
        std::ranges::replace(names, place.machine, std::string(kHotSpot));
        const nlohmann::json in{{"key", "kubernetes.io/hostname"}, {"operator", "In"}, {"values", names}};
        replaceTraining(context, [&](nlohmann::json& podTemplate, const std::string&) {
            podTemplate["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] = {{{"matchExpressions", {in}}}};
        });
    }
    chosen["left"] = place.machine;
    chosen["machine"] = kHotSpot;
}

} // namespace

Result<nlohmann::json> injectGpuThermal(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, thermalVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto place = trainingGpu(context, parameters);
    if (!place)
        return Error{"the topology has no GPUs", "gpu-thermal"};
    nlohmann::json chosen = described(context, *place, choice->cause, choice->variant);
    chosen["unit"] = kCooling;
    gpu::Chassis& chassis = place->node->chassis;
    if (choice->is("dead-fans")) { // the three modules before two of the GPUs
        const auto column = static_cast<std::size_t>(place->slot) % gpu::Chassis::kColumns;
        for (std::size_t fan = 0; fan < gpu::Chassis::kFansPerColumn; ++fan)
            chassis.fans[column * gpu::Chassis::kFansPerColumn + fan].failed = true;
    } else if (choice->is("clogged-filter")) {
        chassis.filterFlow = 0.55;
    } else if (choice->is("unit-tripped")) {
        stopCooling(context, "alarm, high pressure cut-out", false);
    } else if (choice->is("limit-file")) {
        raiseLimit(context, *place->node, true);
    } else if (choice->is("left-by-benchmark")) {
        raiseLimit(context, *place->node, false);
    } else if (choice->cause == "sustained-load") {
        if (!chosen.contains("worker") || !chosen.contains("spare") || context.parts.hosts.find(kHotSpot) == nullptr)
            return Error{"the topology trains on no machines with a spare one beside them", "gpu-thermal"};
        workAtHotSpot(context, *place, chosen);
    } else if (choice->is("dried-paste")) {
        dryPaste(*place->node, *place->gpu);
    } else {
        stopCooling(context, "planned maintenance, filter change", true);
    }
    return chosen;
}

void proceedGpuThermal(Context& context, const nlohmann::json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    for (gpu::Row& row : context.parts.gpus.rows())
        for (gpu::CoolingUnit& unit : row.units)
            if (unit.name == kCooling) {
                unit.running = true;
                unit.lockedOut = false;
                unit.note.clear();
            }
}

} // namespace sim::faults
