#include "tests/app/support/fake_training.h"

#include "tests/app/support/fake_world.h"

#include <cmath>

namespace app::desktop::testing {

using namespace core::session;
using namespace sim::training;

std::shared_ptr<const JobDetail> sketchJob()
{
    auto job = std::make_shared<JobDetail>();
    job->key = "ml/llama-master-0:23456";
    job->name = "ml/llama";
    job->phase = "training";
    const sim::Instant begin = sketchWorld()->now - std::chrono::minutes(6);
    job->since = begin;
    job->runs = 2;
    job->iterations = 1000;
    job->stepSeconds = 3.3;
    job->usualSeconds = 3.2;
    job->tokensPerSecond = 330e3;
    job->modelUtilisation = 0.45;
    job->settings.emplace();
    job->settings->nodes = 1;
    job->settings->shape.sequence = 4096;
    job->settings->parallelism.data = 8;
    job->settings->parallelism.globalBatch = 64;
    job->goodput = {1500, 200, 100, 200};
    sim::Instant at = begin;
    const auto step = [&](std::int64_t iteration) {
        StepRecord record;
        at += std::chrono::milliseconds(3200);
        record.at = at;
        record.iteration = iteration;
        record.seconds = 3.2F;
        record.loss = 8 / std::sqrt(static_cast<float>(iteration));
        record.gradientNorm = 2;
        record.learningRate = 3e-4F;
        job->history.push_back(record);
    };
    for (int i = 1; i <= 60; ++i)
        step(i);
    job->history[19].skipped = true;
    job->history[29].loss = std::nanf("");
    job->marks = {{TrainingMark::Kind::Skipped, 20, job->history[19].at},
                  {TrainingMark::Kind::NotFinite, 30, job->history[29].at},
                  {TrainingMark::Kind::Checkpoint, 50, job->history[49].at}};
    at += std::chrono::seconds(40);
    for (int i = 51; i <= 70; ++i)
        step(i);
    job->marks.push_back({TrainingMark::Kind::Restart, 51, job->history[60].at});
    job->iteration = 70;
    job->furthest = 70;
    job->laneSeconds = 3.3;
    StepLane most;
    most.which = StepLane::Which::Most;
    most.ranks = 7;
    most.segments = {{Activity::Forward, 1.0, {}}, {Activity::Backward, 1.9, {}}, {Activity::DataCommunication, 0.2, {}}, {Activity::WaitForReplicas, 0.2, {}}};
    StepLane last = most;
    last.which = StepLane::Which::Last;
    last.ranks = 1;
    last.segments = {{Activity::Forward, 1.1, {}}, {Activity::Backward, 2.0, {}}, {Activity::DataCommunication, 0.2, {}}};
    job->lanes = {most, last};
    job->memory.resize(1);
    job->memory[0].weights = 10e9;
    job->memory[0].gradients = 20e9;
    job->memory[0].optimiser = 8e9;
    job->memory[0].activations = 22e9;
    job->memoryBytes = 85e9;
    job->stateRead = {"training", "training_progress_ratio 0.97\n", {"http/slo.lab:80/training", "from/bastion"}, "training 2"};
    job->curvesRead = {"trainer log", "iteration 70\n", {"log/ml/llama-worker-0/pytorch"}, "2"};
    return job;
}

std::shared_ptr<const PipelineDetail> sketchPipeline()
{
    auto plan = std::make_shared<PipelineDetail>();
    plan->choices = {1, 2, 4};
    plan->own = 4;
    plan->parallelism.pipeline = 4;
    plan->parallelism.globalBatch = 8;
    plan->layers = {8, 8, 8, 8};
    plan->costs = {std::vector<double>(4, 0.1), std::vector<double>(4, 0.2), 0};
    plan->turns = pipelineTurns(plan->parallelism, plan->costs);
    plan->seconds = 0.3 * 11;
    plan->bubbleShare = 3.0 / 11;
    return plan;
}

std::shared_ptr<const RingDetail> sketchRing()
{
    using collectives::MoveKind;
    auto ring = std::make_shared<RingDetail>();
    ring->choices = {2, 4};
    ring->jobGpus = 4;
    ring->machines = {"gpu-1", "gpu-2"};
    ring->ranks = {{0, 0, 0}, {0, 1, 1}, {1, 0, 0}, {1, 1, 1}};
    ring->bytes = std::int64_t{1} << 30;
    ring->throughSwitch = true;
    ring->timing.microseconds = 6000;
    ring->timing.busGigabytesPerSecond = 180;
    ring->timing.choice.algorithm = collectives::Algorithm::Ring;
    ring->timing.choice.channels = 16;
    ring->timing.bottleneck.kind = collectives::BottleneckKind::Port;
    ring->chunks = 4;
    ring->chunkBytes = 16 << 20;
    for (int step = 0; step < 6; ++step) {
        RingStep one;
        one.microseconds = 1000;
        for (int rank = 0; rank < 4; ++rank) {
            const bool leaves = rank % 2 == 1;
            const int turn = step < 3 ? step + 1 : step - 3;
            one.moves.push_back({rank, (rank + 1) % 4, (rank - turn + 8) % 4, step < 3 ? MoveKind::Reduce : MoveKind::Copy, leaves, leaves ? 12.0 : 48.0,
                                 leaves ? 1 : 0.25});
        }
        ring->steps.push_back(one);
    }
    return ring;
}

std::shared_ptr<const TrainingDetail> sketchTraining()
{
    auto detail = std::make_shared<TrainingDetail>();
    detail->jobs = {{"ml/llama-master-0:23456", "ml/llama"}, {"ml/other-master-0:23456", "ml/other"}};
    detail->job = sketchJob();
    detail->pipeline = sketchPipeline();
    detail->ring = sketchRing();
    return detail;
}

} // namespace app::desktop::testing
