#include "sim/faults/gpu_thermal.h"

#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/faults/service.h"

#include <fmt/format.h>

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

void stopCooling(Context& context, const std::string& note)
{
    for (gpu::Row& row : context.parts.gpus.rows())
        for (gpu::CoolingUnit& unit : row.units)
            if (unit.name == kCooling) {
                unit.running = false;
                unit.note = note;
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

/// Placement brings a worker to the hot spot, and keeps it there.
void workAtHotSpot(Context& context, const GpuPlace& place, nlohmann::json& chosen)
{
    if (chosen.at("variant") == "cordoned-spare") { // somebody was done with a node, and left it as it was
        patch(context, "nodes", "", chosen.at("spare"), {{"spec", {{"unschedulable", true}}}});
        patch(context, "nodes", "", place.machine, {{"spec", {{"unschedulable", true}}}});
        deleteTrainingPod(context, chosen.at("worker"));
    } else {
        nlohmann::json names{kHotSpot};
        for (const auto& [key, job] : context.training.all())
            for (const training::Member& member : job.run ? job.run->members : std::vector<training::Member>())
                if (member.worker.host != place.node->host)
                    names.push_back(context.parts.hosts.at(member.worker.host).name);
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
        stopCooling(context, "alarm, high pressure cut-out");
    } else if (choice->is("limit-file")) {
        raiseLimit(context, *place->node, true);
    } else if (choice->is("left-by-benchmark")) {
        raiseLimit(context, *place->node, false);
    } else if (choice->cause == "sustained-load") {
        if (!chosen.contains("worker") || !chosen.contains("spare") || context.parts.hosts.find(kHotSpot) == nullptr)
            return Error{"the topology trains on no machines with a spare one beside them", "gpu-thermal"};
        workAtHotSpot(context, *place, chosen);
    } else if (choice->is("dried-paste")) {
        place->gpu->card.heat.pasteFactor = 3;
    } else {
        stopCooling(context, "planned maintenance, filter change");
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
                unit.note.clear();
            }
}

} // namespace sim::faults
