#include "sim/faults/ecc_degraded.h"

#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

// ECC tells of an error; whether the card, a reset or nobody has to do something about it is told by where the error was, whether it
// stayed there, and how many came before.
namespace sim::faults {

namespace {

using nlohmann::json;

/// A bank that goes: a further row every two and a half minutes of work.
constexpr double kBankPerSecond = 1.0 / 150;
constexpr double kCachePerSecond = 1.0 / 200;
constexpr std::int64_t kUsedSpares = 5;
/// Errors that its InfoROM knows of from the weeks before.
constexpr std::int64_t kCacheErrorsBefore = 6;
constexpr const char* kFaultyImage = "registry.lab:5000/ml/megatron:25.07";

const Variants& eccVariants()
{
    static const Variants kVariants{
        {"weak-bank", {"spares-left", "spares-gone"}},
        {"cache-upset", {"uncontained-once"}},
        {"failing-cache", {"again-and-again"}},
        {"bad-kernel", {"new-release"}},
        {"no-fault", {"contained-once"}},
    };
    return kVariants;
}

void wearBank(Context& context, gpu::Gpu& gpu, std::int64_t spares)
{
    gpu::CardDefect& defect = gpu.card.defect;
    defect.weakBank = static_cast<std::int64_t>(context.parts.engine.random("faults/gpu").below(static_cast<std::uint64_t>(gpu.kind().remapBanks)));
    defect.uncorrectablePerSecond = kBankPerSecond;
    gpu::MemoryErrors& errors = gpu.card.errors;
    errors.remapper.used[defect.weakBank] = errors.remapper.uncorrectable = spares;
    errors.aggregate.dramUncorrectable = spares;
    context.parts.gpus.spoilMemory(context.parts.engine, context.parts.hosts, gpu.id);
}

/// The job is made anew with the image that CI built last night.
Result<Done> releaseTrainer(Context& context)
{
    const bool there = replaceTraining(context, [](json& podTemplate, const std::string&) { podTemplate.at("spec").at("containers").at(0)["image"] = kFaultyImage; });
    return there ? Result<Done>(Done{}) : Error{"the topology has no PyTorchJob", "ecc-degraded"};
}

/// Who looks after the nodes has seen the remapping, and will reset the device when its worker has moved anyway.
void planReset(Context& context, const GpuPlace& place)
{
    const std::string note = fmt::format("CHG-2240: GPU {} (serial {}) has a row remapping pending, reset with tonight's kernel update", place.slot, place.gpu->card.serial);
    patch(context, "nodes", "", place.machine, {{"metadata", {{"annotations", {{kMaintenanceNote, note}}}}}});
}

} // namespace

Result<json> injectEccDegraded(Context& context, const json& parameters)
{
    const auto choice = choose(context, eccVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto place = trainingGpu(context, parameters);
    if (!place)
        return Error{"the topology has no GPUs", "ecc-degraded"};
    json chosen = described(context, *place, choice->cause, choice->variant);
    kube::Context& parts = context.parts;
    gpu::Gpu& gpu = *place->gpu;
    Result<Done> done = Done{};
    if (choice->cause == "weak-bank") {
        wearBank(context, gpu, choice->is("spares-left") ? kUsedSpares : gpu::RowRemapper::kSparesPerBank);
    } else if (choice->cause == "cache-upset") {
        parts.gpus.spoilCache(parts.engine, parts.hosts, gpu.id);
    } else if (choice->cause == "failing-cache") {
        gpu.card.errors.aggregate.sramUncorrectableSecDed = kCacheErrorsBefore;
        gpu.card.defect.sramPerSecond = kCachePerSecond;
        parts.gpus.spoilCache(parts.engine, parts.hosts, gpu.id);
    } else if (choice->cause == "bad-kernel") {
        done = releaseTrainer(context);
    } else {
        parts.gpus.spoilMemory(parts.engine, parts.hosts, gpu.id);
        planReset(context, *place);
    }
    if (!done)
        return done.error();
    return chosen;
}

} // namespace sim::faults
