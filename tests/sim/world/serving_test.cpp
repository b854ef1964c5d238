#include "tests/sim/world/serving_lab.h"

#include "sim/serving/log_lines.h"

#include <algorithm>

namespace {

using namespace sim;
using sim::testing::edit;
using sim::testing::servingLab;
using sim::testing::serversOf;

/// How many lines of a container's log hold the text.
std::size_t said(const World& world, const serving::Server& server, std::string_view text)
{
    const auto& log = world.runtimes().find(server.container)->log;
    return static_cast<std::size_t>(std::count_if(log.begin(), log.end(), [&](const auto& line) { return line.second.find(text) != std::string::npos; }));
}

void signal(World& world, const serving::Server& server, std::int64_t pid, int number)
{
    world.apply(Command{command::Signal{server.host, pid, number}});
}

TEST(Serving, ServersLoadTheirModelAndTakeTheMemoryThatTheirArgumentsSay)
{
    const World& world = servingLab();
    ASSERT_EQ(world.serving().servers().size(), 7u);
    for (const serving::Server* server : serversOf(world, "chat")) {
        ASSERT_EQ(server->phase, serving::ServerPhase::Serving);
        const serving::MemoryPlan& plan = server->engine->memory();
        const gpu::Gpu& gpu = world.gpus().at(server->gpus.front());
        EXPECT_NEAR(static_cast<double>(gpu.memoryUsedBytes()), plan.used(), 0.02 * plan.total);
        EXPECT_NEAR(plan.used() / plan.total, 0.9, 0.02);
        ASSERT_EQ(gpu.processes.size(), 1u);
        EXPECT_EQ(gpu.processes.front().name, "VLLM::EngineCore");
        EXPECT_EQ(said(world, *server, "GPU KV cache size:"), 1u);
        EXPECT_EQ(said(world, *server, "Application startup complete."), 1u);
        EXPECT_GT(said(world, *server, "Avg generation throughput"), 10u);
    }
    const serving::Server* docs = serversOf(world, "docs").front();
    EXPECT_EQ(docs->workers.size(), 2u);
    EXPECT_NE(docs->workers[0], docs->corePid);
    EXPECT_EQ(world.gpus().at(docs->gpus[1]).processes.front().name, "VLLM::Worker_TP1");
}

TEST(Serving, ClientsAreServedWithinTheirGoals)
{
    const World& world = servingLab();
    EXPECT_GT(sim::testing::served(world), 0.99);
    for (const serving::Client& client : world.serving().clients()) {
        EXPECT_GT(client.share, 0.95) << client.settings.name;
        EXPECT_GT(client.firstTokenSeconds(0.5), 0) << client.settings.name;
    }
    // The router spreads conversations and keeps each where its beginning is.
    double hits = 0;
    for (const serving::Server* server : serversOf(world, "chat")) {
        EXPECT_GT(server->engine->metrics().counters.generationTokens, 100'000u);
        hits += server->engine->state().prefixHitRate / 4;
    }
    EXPECT_GT(hits, 0.6);
}

TEST(Serving, GoalsAreJudgedByTheAnswersNotByWhenSomebodyLooks)
{
    nlohmann::json strict = tests::library()->topologies.at("serving");
    for (nlohmann::json& client : strict.at("modelClients"))
        client["firstTokenGoalSeconds"] = 0.02; // no prompt is computed so fast; most within the second between two looks
    auto world = World::build(strict, 3);
    ASSERT_TRUE(world);
    world->runUntil(world->now() + 8min);
    for (const serving::Client& client : world->serving().clients()) {
        EXPECT_LT(client.share, 0.1) << client.settings.name;
        EXPECT_GT(client.outcomes[static_cast<std::size_t>(serving::Outcome::SlowFirstToken)], 20u) << client.settings.name;
    }
}

TEST(Serving, WhoComesBeforeThePortIsOpenIsTurnedAway)
{
    World world = servingLab();
    edit(world, "docs", [](nlohmann::json&, nlohmann::json& container) {
        for (const char* probe : {"startupProbe", "readinessProbe", "livenessProbe"})
            container.erase(probe); // its pod is ready at once
    });
    const serving::Client before = *world.serving().client("contracts");
    world.runUntil(world.now() + 6min);
    EXPECT_GT(world.serving().client("contracts")->outcomes[static_cast<std::size_t>(serving::Outcome::Unreachable)],
              before.outcomes[static_cast<std::size_t>(serving::Outcome::Unreachable)]);
    ASSERT_EQ(serversOf(world, "docs").size(), 1u);
    EXPECT_EQ(serversOf(world, "docs").front()->phase, serving::ServerPhase::Serving);
}

TEST(Serving, AShellInAServersImageIsNoServer)
{
    World world = servingLab();
    edit(world, "docs", [](nlohmann::json&, nlohmann::json& container) {
        container["command"] = {"sleep", "infinity"};
        container.erase("args");
    });
    world.runUntil(world.now() + 3min);
    EXPECT_TRUE(serversOf(world, "docs").empty());
    const auto& containers = world.runtimes().containers();
    EXPECT_TRUE(std::any_of(containers.begin(), containers.end(), [](const auto& entry) {
        const container::Container& one = entry.second;
        return one.podName.starts_with("docs-") && !one.sandbox && one.state == container::Container::State::Running && one.log.empty();
    }));
}

TEST(Serving, ACopyGoesOnAsItsOriginal)
{
    World one = servingLab();
    World other = servingLab();
    one.runUntil(one.now() + 20s);
    for (int i = 0; i < 40; ++i)
        other.runUntil(other.now() + 500ms);
    EXPECT_EQ(one.fingerprint(), other.fingerprint());
}

TEST(Serving, AnEngineThatDiesEndsItsServerWithoutAnErrorAndTheKubeletStartsItAnew)
{
    World world = servingLab();
    const serving::Server server = *serversOf(world, "chat").front();
    signal(world, server, server.corePid, 9);
    world.runUntil(world.now() + 3s);
    const container::Container* container = world.runtimes().find(server.container);
    ASSERT_NE(container, nullptr);
    EXPECT_EQ(container->state, container::Container::State::Exited);
    EXPECT_EQ(container->exitCode, 0);
    EXPECT_EQ(said(world, server, serving::engineDeadLine()), 1u);
    world.runUntil(world.now() + 120s);
    const auto servers = serversOf(world, "chat");
    EXPECT_EQ(std::count_if(servers.begin(), servers.end(), [](const auto* one) { return one->phase == serving::ServerPhase::Serving; }), 4);
}

TEST(Serving, AServerThatIsKeptAliveAnswersWithoutItsEngine)
{
    World world = servingLab();
    edit(world, "docs", [](auto&, nlohmann::json& container) {
        faults::setEnvironment(container, "VLLM_KEEP_ALIVE_ON_ENGINE_DEATH", "1");
        container.erase("livenessProbe");
    });
    world.runUntil(world.now() + 180s);
    const serving::Server server = *serversOf(world, "docs").front();
    ASSERT_EQ(server.phase, serving::ServerPhase::Serving);
    signal(world, server, server.workers[1], 9);
    world.runUntil(world.now() + 5s);
    const serving::Server* dead = world.serving().find(server.container);
    ASSERT_NE(dead, nullptr);
    EXPECT_EQ(dead->phase, serving::ServerPhase::Dead);
    EXPECT_EQ(said(world, server, "Worker proc VllmWorker-1 died unexpectedly"), 1u);
    EXPECT_EQ(world.runtimes().find(server.container)->state, container::Container::State::Running);
}

TEST(Serving, ARankThatStandsStillHoldsUpAllAndIsComplainedAboutEveryMinute)
{
    World world = servingLab();
    const serving::Server server = *serversOf(world, "docs").front();
    signal(world, server, server.workers[1], 19);
    world.runUntil(world.now() + 40s);
    const std::uint64_t before = world.serving().find(server.container)->engine->metrics().counters.generationTokens;
    world.runUntil(world.now() + 110s);
    const serving::Server* stalled = world.serving().find(server.container);
    ASSERT_NE(stalled, nullptr);
    EXPECT_EQ(stalled->phase, serving::ServerPhase::Stalled);
    EXPECT_EQ(stalled->engine->metrics().counters.generationTokens, before);
    EXPECT_GE(said(world, server, "No available shared memory broadcast block found in 60 seconds"), 1u);
    EXPECT_GT(world.gpus().at(server.gpus[0]).now.activity.kernel, 0.9); // NCCL spins where the other rank does not come
    signal(world, server, server.workers[1], 18);
    world.runUntil(world.now() + 30s);
    EXPECT_GT(world.serving().find(server.container)->engine->metrics().counters.generationTokens, before);
}

TEST(Serving, ALockedClockSlowsPromptsMoreThanDecoding)
{
    World world = servingLab();
    const serving::Server server = *serversOf(world, "chat").front();
    world.apply(Command{command::GpuChange{server.gpus.front(), command::GpuChange::Verb::LockClocks, 990, {}}});
    world.runUntil(world.now() + 60s);
    const serving::ServingSample& slow = world.serving().find(server.container)->history.back();
    World sound = servingLab();
    sound.runUntil(world.now());
    const serving::ServingSample& usual = sound.serving().find(server.container)->history.back();
    EXPECT_GT(slow.ttftP50, usual.ttftP50);
    EXPECT_LT(slow.tpotP50, 1.6F * usual.tpotP50); // 990 MHz still asks for nearly all that the memory gives
}

TEST(Serving, ArgumentsOfTheDeploymentTuneTheServer)
{
    World world = servingLab();
    edit(world, "chat", [](nlohmann::json& spec, nlohmann::json& container) {
        faults::setArgument(container, "--max-num-seqs", "8");
        faults::setArgument(container, "--kv-cache-dtype", "fp8");
        spec["replicas"] = 2;
    });
    world.runUntil(world.now() + 240s);
    const auto servers = serversOf(world, "chat");
    ASSERT_EQ(servers.size(), 2u);
    for (const serving::Server* server : servers) {
        EXPECT_EQ(server->engine->settings().maxNumSeqs, 8u);
        EXPECT_LE(server->engine->state().running, 8u);
        EXPECT_GT(server->engine->state().waiting, 0u);
        EXPECT_GT(server->engine->memory().blocks, 50'000u); // eight bits: twice the tokens
    }
    EXPECT_LT(sim::testing::served(world), 0.8);
}

TEST(Serving, SomebodysOwnRequestIsAnsweredTokenByToken)
{
    World world = servingLab();
    serving::Request request;
    request.prompt = {{77, 300}};
    request.answerTokens = 50;
    request.maxTokens = 50;
    const ContainerId to = world.serving().routers().begin()->first;
    const std::uint64_t number = world.apply(Command{command::AskModel{to, request}}).id;
    std::uint32_t last = 0;
    std::size_t looks = 0;
    while (!world.serving().ask(number)->ended) {
        ASSERT_LT(looks++, 400u);
        world.runUntil(world.now() + 25ms);
        const std::uint32_t delivered = world.serving().ask(number)->delivered;
        EXPECT_GE(delivered, last);
        EXPECT_LE(delivered, last + 10);
        last = delivered;
    }
    EXPECT_EQ(world.serving().ask(number)->delivered, 50u);
    EXPECT_EQ(world.serving().ask(number)->reason, serving::FinishReason::Length);
}

TEST(Serving, WhoHangsUpFreesHisBlocksUnlessMiddlewareHidesIt)
{
    for (const bool hidden : {false, true}) {
        World world = servingLab();
        if (hidden) {
            edit(world, "docs", [](auto&, nlohmann::json& container) { faults::setArgument(container, "--middleware", "audit.RequestAudit"); });
            world.runUntil(world.now() + 180s);
        }
        const serving::Server* docs = serversOf(world, "docs").front();
        const ContainerId id = docs->container;
        serving::Request request;
        request.prompt = {{78, 300}};
        request.answerTokens = 400;
        const std::uint64_t number = world.apply(Command{command::AskModel{id, request}}).id;
        world.runUntil(world.now() + 500ms);
        const serving::RequestId asked = world.serving().ask(number)->request;
        world.apply(Command{command::LeaveModel{number}});
        world.runUntil(world.now() + 100ms);
        const auto live = world.serving().find(id)->engine->live();
        EXPECT_EQ(std::any_of(live.begin(), live.end(), [&](const auto& one) { return one.id == asked; }), hidden);
    }
}

} // namespace
