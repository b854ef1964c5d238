#include "core/incident/sim_world_probe.h"
#include "sim/gpu/operating_point.h"
#include "sim/training/jobs/jobs.h"
#include "sim/world/world.h"

#include <algorithm>

// What predicates ask of GPU machines and training jobs.
namespace core::incident {

namespace {

using namespace sim;

/// Between chip and sink, sink and air: as out of the box with room for age, and what a learner would call dried or clogged.
constexpr double kWornHeatPath = 1.5;
constexpr double kDustyFilter = 0.75;
/// Steps whose loss is looked at: a spoilt batch comes in a few of them.
constexpr std::size_t kLatestSteps = 20;

bool cardSound(const gpu::Card& card)
{
    return card.defect == gpu::CardDefect{} && card.heat.pasteFactor < kWornHeatPath && card.heat.clogFactor < kWornHeatPath;
}

bool slotSound(const gpu::Slot& slot) { return slot.contact >= gpu::Slot::kGoodContact && slot.feedOhms <= 2 * gpu::Slot::kGoodFeedOhms; }

bool chassisSound(const gpu::Chassis& chassis)
{
    return std::ranges::none_of(chassis.fans, &gpu::Fan::failed) && std::ranges::none_of(chassis.supplies, &gpu::PowerSupply::failed)
        && chassis.filterFlow >= kDustyFilter;
}

bool linksLast(const net::rdma::Fabric& fabric, HostId host)
{
    return std::ranges::all_of(fabric.devicesOf(host), [&](net::rdma::DeviceId id) {
        const net::rdma::PortId port{id.value};
        const net::rdma::CableCondition& condition = fabric.cables()[fabric.port(port).cable.value].condition;
        return fabric.linkUp(port) && condition == net::rdma::CableCondition{};
    });
}

const training::Job* jobOf(const training::Jobs& jobs, const std::string& name)
{
    const auto& all = jobs.all();
    const auto found = std::ranges::find_if(all, [&](const auto& entry) { return training::jobName(entry.first) == name; });
    return found == all.end() ? nullptr : &found->second;
}

} // namespace

std::optional<GpuMachineState> SimWorldProbe::gpus(const std::string& machine) const
{
    const host::Machine* found = m_world.machine(machine);
    const gpu::Node* node = found == nullptr ? nullptr : m_world.gpus().nodeOf(found->id);
    if (node == nullptr)
        return std::nullopt;
    GpuMachineState state;
    state.hardwareSound = chassisSound(node->chassis);
    state.linksUp = linksLast(m_world.rdma(), node->host);
    const bool driverAnswers = found->power == host::Machine::Power::On && gpu::nvmlStatus(node->driver, *found) == gpu::NvmlStatus::Success;
    for (const GpuId id : node->gpus) {
        const gpu::Gpu& gpu = m_world.gpus().at(id);
        state.working += driverAnswers && gpu.working() && gpu.healthy && !gpu.hung && !gpu.tainted ? 1 : 0;
        state.hardwareSound = state.hardwareSound && slotSound(gpu.slot) && cardSound(gpu.card);
        state.powerLimitW = std::max(state.powerLimitW, gpu.settings.powerLimitW);
        state.lowestLimitW = state.lowestLimitW > 0 ? std::min(state.lowestLimitW, gpu.settings.powerLimitW) : gpu.settings.powerLimitW;
        state.clocksFree = state.clocksFree && gpu.settings.lockedMHz == 0;
        state.nvlinksUp = state.nvlinksUp && gpu.activeLinks() == static_cast<std::int64_t>(gpu.links.size());
        state.hottestC = std::max(state.hottestC, gpu.temperatureC());
        state.heldByHeat = state.heldByHeat || (gpu.now.reasons & (gpu::reason::kSwThermal | gpu::reason::kHwThermal)) != 0;
    }
    return state;
}

bool SimWorldProbe::coolingRuns() const
{
    return std::ranges::all_of(m_world.gpus().rows(), [](const gpu::Row& row) { return std::ranges::all_of(row.units, &gpu::CoolingUnit::running); });
}

std::optional<TrainingState> SimWorldProbe::training(const std::string& name) const
{
    const training::Job* job = jobOf(m_world.training(), name);
    if (job == nullptr || !job->run)
        return std::nullopt;
    const training::Run& run = *job->run;
    TrainingState state;
    state.trains = run.phase == training::RunPhase::Training && !run.stall && run.iteration > run.firstIteration;
    const auto& history = *job->history;
    const auto ofThisRun = static_cast<std::size_t>(std::max<std::int64_t>(0, run.iteration - run.firstIteration));
    const std::size_t latest = std::min({history.size(), ofThisRun, kLatestSteps});
    state.learns = latest > 0 && std::all_of(history.end() - static_cast<std::ptrdiff_t>(latest), history.end(),
                                             [&](const training::StepRecord& step) { return training::Jobs::learntFrom(*job, step); });
    if (state.trains && run.times && run.times->seconds > 0)
        state.stepOfSound = std::min(1.0, run.healthySeconds / run.times->seconds);
    state.saveSeconds = job->lastSaveSeconds;
    if (run.settings.saveInterval > 0 && run.times && run.times->seconds > 0) {
        const double save = std::max(job->lastSaveSeconds, training::soundSaveSeconds(run)); // a new job has not saved yet
        state.pauseShare = save / (save + static_cast<double>(run.settings.saveInterval) * run.times->seconds);
    }
    state.parallelSave = run.settings.parallelSave;
    const training::OptimiserSettings& optimiser = run.settings.optimiser;
    state.learningRate = optimiser.learningRate;
    state.warmupSteps = optimiser.warmupIterations;
    state.clip = optimiser.clipGradient;
    const training::Recipe recipe = training::recipeOf(run.settings);
    state.scalesLoss = recipe.precision != training::Precision::PureFp16
        && (recipe.precision != training::Precision::Fp16 || recipe.scaling == training::LossScaling::Dynamic);
    state.namesInterface = std::ranges::all_of(run.members, [](const training::Member& one) { return one.worker.environment.contains("NCCL_SOCKET_IFNAME"); });
    state.soundProgram = std::ranges::none_of(run.members, [](const training::Member& one) { return one.worker.faultySteps > 0; });
    state.cleanData = std::ranges::none_of(run.oddSamples, [](const training::OddSamples& odd) { return odd.nonFinitePerStep > 0; });
    const training::Checkpoint* last = m_world.training().toRestore(*job, run.settings);
    state.soundCheckpoint = last == nullptr || (last->condition == training::Restored::Whole && last->state.weightsFinite);
    return state;
}

} // namespace core::incident
