#include "tests/support/world.h"

#include <algorithm>

// Every way in which a training job can be hurt: what it does to the job, in size and in words.
namespace {

using namespace sim;

const World& soundLab()
{
    static const World kWorld = [] {
        auto built = World::build(tests::library()->topologies.at("training"), 3);
        EXPECT_TRUE(built) << (built ? "" : built.error().text());
        built->runUntil(built->now() + 10min);
        return std::move(*built);
    }();
    return kWorld;
}

World hurt(const char* fault, nlohmann::json parameters)
{
    World world = soundLab();
    const CommandResult done = world.apply(Command{command::InjectFault{fault, std::move(parameters)}});
    EXPECT_TRUE(done.ok) << done.error;
    return world;
}

const training::Job& theJob(const World& world) { return world.training().all().begin()->second; }

/// How many containers of the job's pods have said it.
int sayers(const World& world, std::string_view text)
{
    int count = 0;
    for (const auto& [id, container] : world.runtimes().containers())
        count += container.podNamespace == "ml" && std::ranges::any_of(container.log, [&](const auto& line) { return line.second.find(text) != std::string::npos; }) ? 1 : 0;
    return count;
}

double progress(const World& world) { return world.telemetry().mean("sli.success", 30s); }

TEST(TrainingFaults, OneInterfaceThatOthersCannotReachStopsTheBootstrap)
{
    World world = hurt("training-hang", {{"cause", "nccl-interface"}});
    world.runUntil(world.now() + 4min);
    ASSERT_TRUE(theJob(world).run);
    EXPECT_EQ(theJob(world).run->phase, training::RunPhase::Bootstrap);
    EXPECT_EQ(sayers(world, "Bootstrap: Using ib0:192.168.100."), 1);
    EXPECT_LT(progress(world), 0.05);
}

TEST(TrainingFaults, AMachineTooManyKeepsAllInTheRendezvous)
{
    World world = hurt("training-hang", {{"cause", "rank-mismatch"}, {"variant", "one-node-too-many"}});
    world.runUntil(world.now() + 5min);
    ASSERT_TRUE(theJob(world).run);
    EXPECT_EQ(theJob(world).run->phase, training::RunPhase::Rendezvous);
    EXPECT_EQ(sayers(world, "AssertionError"), 0) << "the script has not been started yet";
    world.runUntil(world.now() + 12min);
    EXPECT_GT(sayers(world, "4/5 clients joined"), 0);
}

TEST(TrainingFaults, EqualRanksKeepAllInTheRendezvous)
{
    World world = hurt("training-hang", {{"cause", "rank-mismatch"}, {"variant", "same-rank"}});
    world.runUntil(world.now() + 5min);
    ASSERT_TRUE(theJob(world).run);
    EXPECT_EQ(theJob(world).run->phase, training::RunPhase::Rendezvous);
}

TEST(TrainingFaults, ANodeWhosePodsGetNoProcessorIsAStraggler)
{
    World world = hurt("training-hang", {{"cause", "node-starved"}});
    world.runUntil(world.now() + 2min);
    EXPECT_GT(theJob(world).run->times->seconds, 2 * theJob(world).run->healthySeconds);
    EXPECT_FALSE(theJob(world).run->stall);
}

TEST(TrainingFaults, ClosedNodesMakeTheJobWaitUntilTheyOpen)
{
    World world = hurt("training-hang", {{"cause", "no-fault"}});
    world.runUntil(world.now() + 5min);
    EXPECT_LT(progress(world), 0.05);
    world.runUntil(world.now() + 15min);
    EXPECT_GT(progress(world), 0.95) << "nobody touched it";
}

TEST(TrainingFaults, AWorkerAtTheHotEndOfTheRowSlowsDown)
{
    for (const char* variant : {"cordoned-spare", "pinned-workers"}) {
        World world = hurt("gpu-thermal", {{"cause", "sustained-load"}, {"variant", variant}});
        world.runUntil(world.now() + 8min);
        const gpu::Node& node = *world.gpus().nodeOf(world.machine("gpu-5")->id);
        double hottest = 0;
        for (const GpuId id : node.gpus)
            hottest = std::max(hottest, world.gpus().at(id).temperatureC());
        EXPECT_GT(hottest, 85) << variant;
    }
}

struct NanCase {
    const char* cause;
    const char* variant;
};

class LossNan : public ::testing::TestWithParam<NanCase> {};

TEST_P(LossNan, NothingIsLearntWithinMinutes)
{
    World world = hurt("loss-nan", {{"cause", GetParam().cause}, {"variant", GetParam().variant}});
    const Instant latest = world.now() + 8min;
    while (world.now() < latest && (progress(world) > 0.1 || theJob(world).history->empty() || training::Jobs::learntFrom(theJob(world), theJob(world).history->back())))
        world.runUntil(world.now() + 10s);
    EXPECT_LT(progress(world), 0.5);
    ASSERT_TRUE(theJob(world).run);
    EXPECT_EQ(theJob(world).run->phase, training::RunPhase::Training) << "it goes on, with numbers that are none";
}

INSTANTIATE_TEST_SUITE_P(Causes, LossNan,
                         ::testing::Values(NanCase{"bad-data", "nan-weights"}, NanCase{"learning-rate", "ten-times"}, NanCase{"learning-rate", "short-warm-up"},
                                           NanCase{"bad-checkpoint", "spoilt-weights"}, NanCase{"fp16-overflow", "half-state"}));

TEST(TrainingFaults, WithoutClippingGoldDocumentsThrowTheModelBack)
{
    World world = hurt("loss-nan", {{"cause", "no-clipping"}});
    world.runUntil(world.now() + 10min);
    World sound = soundLab();
    sound.runUntil(world.now());
    EXPECT_GT(theJob(world).history->back().loss, theJob(sound).history->back().loss + 1);
}

TEST(TrainingFaults, SpoiltDataSpoilsTheSameIterationAgain)
{
    World world = hurt("loss-nan", {{"cause", "bad-data"}});
    const auto firstNan = [&] {
        const Instant latest = world.now() + 12min;
        while (world.now() < latest && (!theJob(world).run || theJob(world).run->loss.weightsFinite))
            world.runUntil(world.now() + 5s);
        return theJob(world).run ? theJob(world).run->loss.originStep : -1;
    };
    const std::int64_t first = firstNan();
    ASSERT_GT(first, 0);
    // A restart loads the checkpoint before, and meets the same samples.
    for (const auto& [id, container] : world.runtimes().containers())
        if (container.podName == "llama-7b-worker-0" && container.pid != 0) {
            EXPECT_TRUE(world.apply(Command{command::Signal{container.host, container.pid, 9}}).ok);
            break;
        }
    world.runUntil(world.now() + 90s);
    EXPECT_EQ(firstNan(), first);
}

} // namespace
