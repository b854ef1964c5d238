#include "core/session/training_detail.h"
#include "sim/training/jobs/jobs.h"
#include "tests/sim/world/training_lab.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <set>

namespace {

using namespace std::chrono_literals;
using namespace core::session;
using namespace sim::training::collectives;

const sim::World& trainingLab()
{
    static const sim::World kWorld = sim::testing::warmLab(1, 12min);
    return kWorld;
}

const sim::training::Job& only(const sim::World& world) { return world.training().all().begin()->second; }

TrainingInterest interestIn(Collective collective, std::optional<Algorithm> algorithm, int gpus, std::int64_t bytes = 1 << 28)
{
    TrainingInterest interest;
    interest.ring = true;
    interest.collective = collective;
    interest.algorithm = algorithm;
    interest.gpus = gpus;
    interest.bytes = bytes;
    return interest;
}

void injectInto(sim::World& world, const char* fault, nlohmann::json parameters)
{
    const sim::CommandResult done = world.apply(sim::Command{sim::command::InjectFault{fault, std::move(parameters)}});
    ASSERT_TRUE(done.ok) << done.error;
}

void expectLanesFillTheStep(const JobDetail& job)
{
    ASSERT_FALSE(job.lanes.empty());
    std::int64_t ranks = 0;
    for (const StepLane& lane : job.lanes) {
        double sum = 0;
        for (const sim::training::Segment& segment : lane.segments)
            sum += segment.seconds;
        EXPECT_NEAR(sum, job.laneSeconds, 1e-9 * job.laneSeconds);
        ranks += lane.ranks;
    }
    EXPECT_EQ(ranks, job.settings->worldSize());
}

TEST(TrainingDetail, AJobUnderWayIsToldAsItsLogTellsIt)
{
    const JobDetail job = jobOf(trainingLab(), only(trainingLab()));
    EXPECT_EQ(job.name, "ml/llama-7b");
    EXPECT_EQ(job.phase, "training");
    EXPECT_EQ(job.health, sim::Health::Ok);
    EXPECT_NEAR(job.stepSeconds, job.usualSeconds, 0.1 * job.usualSeconds);
    expectLanesFillTheStep(job);
    ASSERT_TRUE(job.settings);
    EXPECT_EQ(job.memory.size(), 1u);
    EXPECT_LT(job.memory.front().total(), job.memoryBytes);
    EXPECT_EQ(job.history.back().iteration, job.iteration);
    EXPECT_EQ(job.curvesRead.reads, (std::vector<std::string>{"log/ml/llama-7b-worker-2/pytorch", "log/ml/llama-7b-master-0/pytorch"}));
    EXPECT_NE(job.curvesRead.text.find("lm loss:"), std::string::npos) << job.curvesRead.text;
    EXPECT_EQ(job.stateRead.reads.front(), "http/slo.lab:80/training");
    EXPECT_NE(job.stateRead.text.find("training_step_seconds"), std::string::npos) << job.stateRead.text;
}

TEST(TrainingDetail, SharesOfGoodputAreAllOfTheTime)
{
    const JobDetail job = jobOf(trainingLab(), only(trainingLab()));
    const sim::training::Goodput& g = job.goodput;
    EXPECT_GT(g.productive, g.starting);
    EXPECT_GT(g.starting, 0);
    EXPECT_NEAR((g.productive + g.lost + g.stalled + g.starting) / g.all(), 1, 1e-12);
}

TEST(TrainingDetail, ALaggardShowsWithoutItsName)
{
    sim::World world = trainingLab();
    injectInto(world, "gpu-thermal", {{"cause", "thermal-paste"}});
    world.runUntil(world.now() + 10min);
    const JobDetail job = jobOf(world, only(world));
    expectLanesFillTheStep(job);
    ASSERT_GT(job.lanes.size(), 1u);
    EXPECT_EQ(job.lanes.front().which, StepLane::Which::Most);
    EXPECT_EQ(job.lanes.back().which, StepLane::Which::Last);
    EXPECT_GT(job.lanes.front().ranks, job.lanes.back().ranks);
}

TEST(TrainingDetail, AStallCountsFromTheLastStepThatEnded)
{
    sim::World world = trainingLab();
    injectInto(world, "training-hang", {{"cause", "gpu-hung"}});
    world.runUntil(world.now() + 2min);
    const JobDetail job = jobOf(world, only(world));
    EXPECT_EQ(job.phase, "stalled");
    EXPECT_EQ(job.health, sim::Health::Critical);
    EXPECT_EQ(job.since, job.history.back().at);
    EXPECT_EQ(job.stepSeconds, 0);
    for (const Reading* read : {&job.stateRead, &job.curvesRead}) // what these print names nobody
        EXPECT_EQ(read->text.find("rank "), std::string::npos) << read->text;
}

TEST(TrainingDetail, APlanCutsTheJobIntoStages)
{
    const sim::World& world = trainingLab();
    const PipelineDetail own = pipelineOf(world, only(world), 0);
    EXPECT_EQ(own.parallelism.pipeline, 1);
    EXPECT_NEAR(own.bubbleShare, 0, 1e-9);
    // Steps of one stage are what the step model makes of them, without what closes a step.
    EXPECT_NEAR(own.seconds, only(world).run->healthySeconds, 0.15 * own.seconds);
    EXPECT_EQ(own.choices, (std::vector<std::int64_t>{1, 2, 4, 8, 16}));
    double last = 0;
    for (const std::int64_t stages : {2, 4, 8}) {
        const PipelineDetail plan = pipelineOf(world, only(world), stages);
        ASSERT_TRUE(plan.problem.empty()) << plan.problem;
        EXPECT_EQ(plan.parallelism.worldSize(), 32);
        EXPECT_EQ(static_cast<std::int64_t>(plan.turns.size()), 2 * stages * plan.parallelism.microBatches());
        EXPECT_GT(plan.bubbleShare, last);
        last = plan.bubbleShare;
    }
}

TEST(TrainingDetail, AfterAnAllReduceEveryRankHasAllOfEveryChunk)
{
    for (const int gpus : {2, 4, 8, 16, 32, 48})
        for (const std::optional<Algorithm> algorithm : {std::optional<Algorithm>(), std::optional(Algorithm::Ring), std::optional(Algorithm::Tree), std::optional(Algorithm::Nvls)}) {
            const auto ring = ringOf(trainingLab(), nullptr, interestIn(Collective::AllReduce, algorithm, gpus));
            ASSERT_TRUE(ring);
            if (!ring->problem.empty())
                continue; // NCCL has no switch for two GPUs of eight, say
            ASSERT_EQ(static_cast<int>(ring->ranks.size()), gpus);
            const int steps = static_cast<int>(ring->steps.size());
            const RingHoldings held = holdingsBefore(*ring, steps);
            EXPECT_EQ(chunksAtEnd(*ring), std::vector<int>(static_cast<std::size_t>(gpus), ring->chunks)) << gpus << ' ' << nameOf(ring->timing.choice.algorithm);
            for (const auto& chunks : holdingsBefore(*ring, 0))
                for (const std::uint64_t held : chunks)
                    EXPECT_EQ(std::popcount(held), 1); // its own part
            for (const auto& chunks : held)
                for (const std::uint64_t one : chunks)
                    EXPECT_EQ(std::popcount(one), gpus); // everybody's
        }
}

TEST(TrainingDetail, OtherCollectivesLeaveWhatTheyPromise)
{
    const auto chunksOf = [](Collective collective) {
        const auto ring = ringOf(trainingLab(), nullptr, interestIn(collective, Algorithm::Ring, 16));
        EXPECT_TRUE(ring && ring->problem.empty()) << ring->problem;
        return chunksAtEnd(*ring);
    };
    EXPECT_EQ(chunksOf(Collective::AllGather), std::vector<int>(16, 16));
    EXPECT_EQ(chunksOf(Collective::ReduceScatter), std::vector<int>(16, 1));
    EXPECT_EQ(chunksOf(Collective::Broadcast), std::vector<int>(16, 8));
    EXPECT_EQ(chunksOf(Collective::AllToAll), std::vector<int>(16, 16));
    std::vector<int> root(16, 0);
    root[0] = 8;
    EXPECT_EQ(chunksOf(Collective::Reduce), root);
}

TEST(TrainingDetail, ARingsStepsTakeThePredictedTime)
{
    const auto ring = ringOf(trainingLab(), &only(trainingLab()), interestIn(Collective::AllReduce, Algorithm::Ring, 0, std::int64_t{1} << 30));
    ASSERT_TRUE(ring && ring->problem.empty());
    EXPECT_EQ(ring->ranks.size(), 32u);
    EXPECT_EQ(ring->machines.size(), 4u);
    EXPECT_EQ(ring->steps.size(), 62u);
    double sum = 0;
    for (const RingStep& step : ring->steps)
        sum += step.microseconds;
    EXPECT_NEAR(sum, ring->timing.microseconds, 1e-6 * sum);
    // Eight ports a machine carry more than its GPUs' NVLinks have to: 16 channels pass each GPU, two each port.
    EXPECT_EQ(ring->timing.bottleneck.kind, BottleneckKind::Nvlink);
    std::set<int> crossed;
    double longest = 0;
    for (const RingMove& move : ring->steps.front().moves) {
        EXPECT_GT(move.share, 0.5);
        longest = std::max(longest, move.share);
        if (move.leavesMachine)
            crossed.insert(move.from);
    }
    EXPECT_NEAR(longest, 1, 1e-9);
    EXPECT_EQ(crossed.size(), 4u); // once out of each machine
    const auto tree = ringOf(trainingLab(), &only(trainingLab()), interestIn(Collective::AllReduce, Algorithm::Tree, 0, std::int64_t{1} << 30));
    EXPECT_EQ(tree->timing.bottleneck.kind, BottleneckKind::Port);
}

TEST(TrainingDetail, WithoutGpusThereIsNothing)
{
    auto built = sim::World::build(tests::library()->topologies.at("hosts"), 1);
    ASSERT_TRUE(built);
    EXPECT_FALSE(ringOf(*built, nullptr, interestIn(Collective::AllReduce, {}, 0)));
    TrainingInterest interest;
    interest.job = interest.pipeline = true;
    const TrainingDetail detail = trainingOf(*built, interest);
    EXPECT_TRUE(detail.jobs.empty() && !detail.job && !detail.pipeline);
}

} // namespace
