#include "tests/sim/world/training_lab.h"

#include <algorithm>

// Jobs that one slow part holds back, and jobs that cannot get all of their places.
namespace {

using namespace sim;
using namespace sim::testing;

struct Cause {
    const char* cause;
    const char* variant;
};

class SlowRank : public ::testing::TestWithParam<Cause> {};

TEST_P(SlowRank, HoldsAllOthersBack)
{
    World world = hurt("slow-rank", {{"cause", GetParam().cause}, {"variant", GetParam().variant}});
    world.runUntil(world.now() + 3min);
    EXPECT_LT(progress(world), 0.9) << GetParam().variant;
    EXPECT_GT(progress(world), 0.1) << "it still makes steps";
}

INSTANTIATE_TEST_SUITE_P(Causes, SlowRank,
                         ::testing::Values(Cause{"locked-clock", "left-by-benchmark"}, Cause{"power-cap", "one-gpu"}, Cause{"nvlinks-down", "most-of-them"},
                                           Cause{"slow-rail", "lost-lanes"}, Cause{"slow-rail", "slower-speed"}, Cause{"no-fault", "measurement"}));

TEST(SlowAndStuckJobs, AMeasurementEndsByItself)
{
    World world = hurt("slow-rank", {{"cause", "no-fault"}});
    world.runUntil(world.now() + 18min);
    EXPECT_GT(progress(world), 0.95);
}

TEST(SlowAndStuckJobs, AScalerSkipsStepsUntilItHasFoundItsPlace)
{
    World world = hurt("loss-nan", {{"cause", "no-fault"}});
    world.runUntil(world.now() + 3min);
    const training::Job& job = world.training().all().begin()->second;
    const auto skipped = std::ranges::count_if(*job.history, [](const training::StepRecord& step) { return step.skipped; });
    EXPECT_GT(skipped, 10);
    world.runUntil(world.now() + 10min);
    EXPECT_GT(progress(world), 0.95) << "nobody touched it";
}

class EccDegraded : public ::testing::TestWithParam<Cause> {};

TEST_P(EccDegraded, EndsTheJobAgainAndAgain)
{
    World world = hurt("ecc-degraded", {{"cause", GetParam().cause}, {"variant", GetParam().variant}});
    const training::Job& job = world.training().all().begin()->second;
    const std::int64_t before = job.runs;
    world.runUntil(world.now() + 12min);
    EXPECT_GE(job.runs, before + 2) << GetParam().variant;
    EXPECT_LT(world.telemetry().mean("sli.success", 10min), 0.9);
}

INSTANTIATE_TEST_SUITE_P(Causes, EccDegraded,
                         ::testing::Values(Cause{"weak-bank", "spares-left"}, Cause{"weak-bank", "spares-gone"}, Cause{"cache-upset", "uncontained-once"},
                                           Cause{"failing-cache", "again-and-again"}, Cause{"bad-kernel", "new-release"}));

TEST(SlowAndStuckJobs, AContainedErrorEndsTheJobOnce)
{
    World world = hurt("ecc-degraded", {{"cause", "no-fault"}});
    const std::int64_t runs = world.training().all().begin()->second.runs;
    world.runUntil(world.now() + 5min);
    EXPECT_GT(progress(world), 0.95) << "its pod keeps its devices, also one that the plugin would give to nobody else";
    world.runUntil(world.now() + 10min);
    EXPECT_EQ(world.training().all().begin()->second.runs, runs + 1);
}

TEST(SlowAndStuckJobs, AResetMakesAGpuRunAgainAfterAnUncontainedError)
{
    World world = hurt("ecc-degraded", {{"cause", "cache-upset"}});
    const std::string machine = world.injections().back().parameters.at("machine");
    const auto slot = std::atoi(world.injections().back().parameters.at("gpu").get<std::string>().c_str());
    const GpuId id = world.gpus().of(world.machine(machine)->id)[static_cast<std::size_t>(slot)];
    world.runUntil(world.now() + 6min);
    EXPECT_LT(progress(world), 0.05);
    EXPECT_TRUE(world.gpus().at(id).processes.empty()) << "nothing comes to run on it";
    const CommandResult reset = world.apply(Command{command::GpuChange{id, command::GpuChange::Verb::Reset, 0, {}}});
    EXPECT_TRUE(reset.ok) << reset.error;
    world.runUntil(world.now() + 8min);
    EXPECT_GT(progress(world), 0.95);
}

class GangDeadlock : public ::testing::TestWithParam<Cause> {};

TEST_P(GangDeadlock, LeavesTheJobWithAWorkerTooFew)
{
    World world = hurt("gang-deadlock", {{"cause", GetParam().cause}, {"variant", GetParam().variant}});
    world.runUntil(world.now() + 4min);
    int running = 0;
    for (const auto& [key, pod] : world.cluster().store().all<kube::Pod>())
        running += key.name.rfind("llama-7b-", 0) == 0 && !pod->spec.nodeName.empty() ? 1 : 0;
    EXPECT_EQ(running, 3) << GetParam().variant;
    EXPECT_LT(progress(world), 0.05);
}

INSTANTIATE_TEST_SUITE_P(Causes, GangDeadlock,
                         ::testing::Values(Cause{"half-gangs", "two-jobs"}, Cause{"fragmented", "notebooks"}, Cause{"idle-holders", "finished-evaluation"},
                                           Cause{"quota", "lowered"}, Cause{"no-fault", "evening-evaluation"}));

TEST(SlowAndStuckJobs, AnEveningsEvaluationEndsAndGivesTheNodesBack)
{
    World world = hurt("gang-deadlock", {{"cause", "no-fault"}});
    world.runUntil(world.now() + 18min);
    EXPECT_GT(progress(world), 0.95);
}

} // namespace
