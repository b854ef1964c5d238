#include "core/session/training_detail.h"
#include "sim/training/model/stage_cost.h"
#include "sim/world/world.h"

#include <algorithm>

namespace core::session {

namespace {

namespace train = sim::training;

constexpr std::int64_t kMostStages = 16;

train::Accelerator acceleratorOf(train::collectives::NodeType node)
{
    switch (node) {
    case train::collectives::NodeType::A100Sxm: return train::a100Sxm80();
    case train::collectives::NodeType::H200Sxm: return train::h200Sxm();
    default: return train::h100Sxm();
    }
}

/// The job's cut with another number of stages; what it takes from the replicas is given to them.
train::Parallelism cutInto(const train::Parallelism& own, std::int64_t stages, std::int64_t ranks)
{
    train::Parallelism cut = own;
    cut.pipeline = stages;
    cut.data = std::max<std::int64_t>(1, ranks / (cut.tensor * cut.context * stages));
    if (stages == 1)
        cut.interleave = 1;
    if (stages != own.pipeline)
        cut.firstStageLayers = cut.lastStageLayers = 0;
    return cut;
}

/// Of collectives that nothing hides, half show in the forward pass and half in the backward one.
double collectivesOf(const train::StageCost& cost)
{
    return cost.tensor.seconds + cost.context.seconds + cost.expert.seconds + cost.sharded.seconds;
}

} // namespace

PipelineDetail pipelineOf(const sim::World& world, const train::Job& job, std::int64_t stages)
{
    const train::Run& run = *job.run;
    const train::TrainerSettings& settings = run.settings;
    PipelineDetail detail;
    detail.own = settings.parallelism.pipeline;
    const std::int64_t perStage = settings.parallelism.tensor * settings.parallelism.context;
    for (std::int64_t count = 1; count <= kMostStages; count *= 2)
        if (settings.worldSize() % (perStage * count) == 0 && settings.shape.layers % count == 0)
            detail.choices.push_back(count);
    if (std::find(detail.choices.begin(), detail.choices.end(), detail.own) == detail.choices.end())
        detail.choices.insert(std::upper_bound(detail.choices.begin(), detail.choices.end(), detail.own), detail.own);

    detail.parallelism = cutInto(settings.parallelism, stages > 0 ? stages : detail.own, settings.worldSize());
    if (const auto problem = train::configurationError(settings.shape, detail.parallelism, settings.worldSize())) {
        detail.problem = *problem;
        return detail;
    }
    const auto kind = soundKindOf(world, run.members.front().worker.host);
    if (!kind) // a job runs, so there are GPUs; NCCL's model does not know them
        return detail;
    train::StepPlan plan;
    plan.shape = settings.shape;
    plan.parallelism = detail.parallelism;
    plan.recompute = settings.recompute;
    plan.accelerator = acceleratorOf(kind->node);
    const train::FabricTimes fabric(*kind, train::collectives::readEnvironment({}));
    double work = 0;
    for (std::int64_t stage = 0; stage < detail.parallelism.pipeline; ++stage) {
        const train::StageCost cost = train::stageCost(plan, fabric, stage, 1, 1);
        const double shown = collectivesOf(cost) / 2;
        detail.layers.push_back(train::layersOfStage(settings.shape, detail.parallelism, stage));
        detail.costs.forwardSeconds.push_back(cost.forward.seconds + shown);
        detail.costs.backwardSeconds.push_back(cost.backward.seconds + cost.recompute.seconds + shown);
        work += static_cast<double>(detail.parallelism.microBatches()) * cost.seconds();
    }
    if (detail.parallelism.pipeline > 1) {
        const double bytes = 2 * static_cast<double>(plan.parallelism.microBatch * plan.shape.sequence * plan.shape.hidden)
            / static_cast<double>(perStage);
        detail.costs.sendSeconds = train::callTraffic(plan, fabric, train::Collective::SendReceive, train::Group::Pipeline, bytes, 1).seconds;
    }
    detail.turns = train::pipelineTurns(detail.parallelism, detail.costs);
    for (const train::PipelineTurn& turn : detail.turns)
        detail.seconds = std::max(detail.seconds, turn.end);
    if (detail.seconds > 0)
        detail.bubbleShare = std::max(0.0, 1 - work / (detail.seconds * static_cast<double>(detail.parallelism.pipeline)));
    return detail;
}

} // namespace core::session
