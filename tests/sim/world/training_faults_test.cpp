#include "tests/sim/world/training_lab.h"

#include <algorithm>

// Every way in which a training job can be hurt: what it does to the job, in size and in words.
namespace {

using namespace sim;
using namespace sim::testing;

const training::Job& theJob(const World& world) { return world.training().all().begin()->second; }

/// How many containers of the job's pods have said it.
int sayers(const World& world, std::string_view text)
{
    int count = 0;
    for (const auto& [id, container] : world.runtimes().containers())
        count += container.podNamespace == "ml" && std::ranges::any_of(container.log, [&](const auto& line) { return line.second.find(text) != std::string::npos; }) ? 1 : 0;
    return count;
}

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

TEST(TrainingFaults, AStandstillLosesWhatSoundMachinesWouldHaveTrainedOn)
{
    World world = hurt("training-hang", {{"cause", "gpu-hung"}});
    const double usual = world.userLoad().last().rate;
    EXPECT_GT(usual, 300'000);
    world.runUntil(world.now() + 1min);
    const double lost = world.userLoad().last().lostRequests;
    world.runUntil(world.now() + 1min);
    EXPECT_NEAR(world.userLoad().last().lostRequests - lost, 60 * usual, usual);
    EXPECT_LT(world.telemetry().mean("sli.rate", 30s), 1) << "the chart shows what is trained on";
}

TEST(TrainingFaults, TheControllerWritesDownWhatItsSensorsMeet)
{
    const auto said = [](const World& world, std::string_view sensor, std::string_view event) {
        return std::ranges::count_if(world.gpus().nodes(), [&](const gpu::Node& node) {
            return std::ranges::any_of(node.events, [&](const auto& one) { return one.asserted && one.sensor.rfind(sensor, 0) == 0 && one.event == event; });
        });
    };
    EXPECT_EQ(said(soundLab(), "Fan", "Lower Critical going low"), 0);
    World fans = hurt("gpu-thermal", {{"cause", "fan-dust"}, {"variant", "dead-fans"}});
    fans.runUntil(fans.now() + 1min);
    EXPECT_EQ(said(fans, "Fan", "Lower Critical going low"), 1);
    World room = hurt("gpu-thermal", {{"cause", "room-cooling"}});
    room.runUntil(room.now() + 15min);
    EXPECT_GT(said(room, "Temperature Inlet Temp", "Upper Non-critical going high"), 3);
}

TEST(TrainingFaults, DriedPasteSlowsAGpuAndLosesNone)
{
    for (int gpu = 0; gpu < 8; ++gpu) { // those in the back row breathe warmer air
        const HostId host = theJob(soundLab()).run->members.back().worker.host;
        World world = hurt("gpu-thermal", {{"cause", "thermal-paste"}, {"machine", soundLab().hosts().at(host).name}, {"gpu", gpu}});
        world.runUntil(world.now() + 3min);
        const gpu::Node& node = *world.gpus().nodeOf(host);
        EXPECT_TRUE(std::ranges::all_of(node.gpus, [&](GpuId id) { return world.gpus().at(id).working(); })) << gpu;
        EXPECT_NE(world.gpus().at(node.gpus[static_cast<std::size_t>(gpu)]).now.reasons & gpu::reason::kSwThermal, 0u) << gpu;
    }
}

TEST(TrainingFaults, NobodyStartsACoolingUnitThatIsWorkedOn)
{
    World world = hurt("gpu-thermal", {{"cause", "no-fault"}});
    const CommandResult refused = world.apply(Command{command::SiteWork{.verb = command::SiteWork::Verb::StartCooling, .host = {}, .otherHost = {}, .name = "crac-2"}});
    EXPECT_FALSE(refused.ok);
    EXPECT_EQ(refused.error, "locked out");
    world.runUntil(world.now() + 22min);
    EXPECT_GT(progress(world), 0.95) << "its people start it themselves";
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
                                           NanCase{"no-clipping", "clip-off"}, NanCase{"bad-checkpoint", "spoilt-weights"}, NanCase{"fp16-overflow", "half-state"}));

TEST(TrainingFaults, WithoutClippingGoldDocumentsThrowTheModelOutOfItsBasin)
{
    World world = hurt("loss-nan", {{"cause", "no-clipping"}});
    world.runUntil(world.now() + 12min);
    EXPECT_FALSE(theJob(world).run->loss.weightsFinite);
    const auto& history = *theJob(world).history;
    EXPECT_TRUE(std::ranges::any_of(history, [](const training::StepRecord& step) { return step.gradientNorm > 20; })) << "a batch long before it breaks";
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
