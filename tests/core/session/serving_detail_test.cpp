#include "core/session/serving_detail.h"

#include "core/session/serving_what_if.h"
#include "sim/serving/load.h"
#include "sim/world/world.h"
#include "tests/support/content.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace {

using namespace core::session;
using namespace sim::serving;
using Use = CacheCell::Use;
using Kind = BatchCell::Kind;

sim::Instant at(double seconds) { return sim::Instant{} + sim::fromSeconds(seconds); }

EngineSettings small(std::uint32_t blocks = 96)
{
    Deployment deployment;
    deployment.model = *modelNamed("Llama-3.1-8B");
    deployment.device = *deviceNamed("H100");
    EngineSettings settings = vllmSettings(32, deployment);
    settings.maxModelLen = 512;
    settings.maxNumSeqs = 16;
    settings.maxNumBatchedTokens = 256;
    settings.blocksOverride = blocks + 1;
    settings.recordedSteps = 512;
    settings.recordedRequests = 512;
    return settings;
}

Request ask(std::uint64_t text, std::uint32_t prompt, std::uint32_t answer)
{
    Request request;
    request.prompt = {{text, prompt}};
    request.answerTokens = answer;
    return request;
}

/// Chat over a server that is too small for it.
LlmEngine busy(EngineSettings settings, double seconds, double rate = 6)
{
    LlmEngine engine(settings);
    LoadSettings load;
    load.requestsPerSecond = rate;
    load.maxTokens = settings.maxModelLen;
    LoadGenerator generator(load, 7, at(0));
    for (Request request = generator.next(); request.arrival < at(seconds); request = generator.next()) {
        const sim::Instant arrival = request.arrival;
        engine.submit(std::move(request), arrival);
    }
    engine.advance(at(seconds));
    return engine;
}

void expectAddsUp(const CacheMap& map)
{
    EXPECT_EQ(map.free + map.cachedFree + map.held, map.cells.size());
    EXPECT_NEAR(map.written + map.unwritten, map.held, 1e-9);
    for (std::size_t i = 0; i < map.cells.size(); ++i) {
        const CacheCell& cell = map.cells[i];
        EXPECT_LE(cell.written, map.cellTokens);
        EXPECT_EQ(cell.use == Use::Held, cell.owner >= 0) << i;
    }
}

} // namespace

TEST(ServingDetail, TheBlockMapIsTheEnginesCache)
{
    LlmEngine engine(small());
    engine.submit(ask(1, 100, 40), at(0)); // 7 blocks
    engine.advance(at(0.1));
    engine.submit(ask(1, 100, 40), at(0.1)); // finds 6 of them
    engine.advance(at(0.13));
    const CacheMap map = blockMapOf(engine);
    expectAddsUp(map);
    ASSERT_EQ(map.owners.size(), 2u);
    EXPECT_EQ(map.cells.size(), engine.paged()->pool().size());
    EXPECT_EQ(map.held, engine.paged()->pool().used());
    EXPECT_EQ(map.owners[0].shared, 6u);
    EXPECT_EQ(map.owners[1].shared, 6u);
    for (std::size_t i = 0; i < 6; ++i) {
        const CacheCell& cell = map.cells[map.owners[1].cells[i]];
        EXPECT_EQ(cell.holders, 2);
        EXPECT_EQ(cell.owner, 0);
        EXPECT_EQ(cell.written, 16);
        EXPECT_TRUE(cell.stored);
    }
    // The last block of each is written in part.
    for (const CacheOwner& owner : map.owners) {
        std::uint32_t tokens = 0;
        for (const std::uint32_t cell : owner.cells)
            tokens += map.cells[cell].written;
        EXPECT_EQ(tokens, owner.computed);
    }
    engine.advance(at(10));
    const CacheMap after = blockMapOf(engine);
    expectAddsUp(after);
    EXPECT_TRUE(after.owners.empty());
    EXPECT_EQ(after.cachedFree, engine.paged()->pool().cachedFree());
    EXPECT_GT(after.cachedFree, 0u);
}

TEST(ServingDetail, ABusyCacheAddsUpAtAnyInstant)
{
    for (double seconds = 1; seconds < 12; seconds += 0.37) {
        const CacheMap map = blockMapOf(busy(small(), seconds));
        expectAddsUp(map);
        EXPECT_LT(map.unwritten, static_cast<double>(map.owners.size()) * 2 + 1); // at most the last block of each, and what is under way
    }
}

TEST(ServingDetail, TheContiguousTwinHoldsLessOfTheSameLoad)
{
    LlmEngine engine(small());
    LoadSettings load;
    load.requestsPerSecond = 6;
    load.maxTokens = 512;
    LoadGenerator generator(load, 7, at(0));
    ServingTwin twin;
    Request request = generator.next();
    for (double seconds = 0.5; seconds < 8; seconds += 0.5) {
        for (; request.arrival < at(seconds); request = generator.next())
            engine.submit(request, request.arrival);
        engine.advance(at(seconds));
        const LlmEngine& other = twin.follow(engine, at(seconds));
        EXPECT_EQ(other.nextId(), engine.nextId()); // everything that one got, the other got
        const CacheMap map = blockMapOf(other);
        EXPECT_FALSE(map.paged);
        expectAddsUp(map);
        EXPECT_LE(map.running, 3u); // 96 blocks hold three sequences of 512 tokens
        EXPECT_EQ(map.cells.size(), blockMapOf(engine).cells.size());
    }
    const CacheMap paged = blockMapOf(engine);
    const CacheMap contiguous = blockMapOf(twin.follow(engine, at(8)));
    EXPECT_GT(contiguous.waiting, paged.waiting);
    EXPECT_GT(contiguous.unwritten, paged.unwritten);
    // Time goes back: it begins anew and arrives at the same.
    ServingTwin fresh;
    const LlmEngine early = busy(small(), 3);
    const CacheMap again = blockMapOf(twin.follow(early, at(3)));
    const CacheMap first = blockMapOf(fresh.follow(early, at(3)));
    EXPECT_EQ(again.cells, first.cells);
}

TEST(ServingDetail, TheTwinNamesRequestsAsTheEngineDoes)
{
    EngineSettings settings = small();
    settings.maxQueuedRequests = 6; // the twin, which works them off more slowly, refuses some that the engine took
    const LlmEngine engine = busy(settings, 20, 20);
    ServingTwin twin;
    const CacheMap map = twin.cacheMap(engine, at(20));
    ASSERT_LT(twin.follow(engine, at(20)).nextId(), engine.nextId());
    ASSERT_FALSE(map.owners.empty());
    const std::vector<IntakeRecord> requests = engine.recentRequests();
    for (const CacheOwner& owner : map.owners) {
        const auto asked = std::find_if(requests.begin(), requests.end(), [&](const IntakeRecord& one) { return one.id == owner.id; });
        ASSERT_NE(asked, requests.end());
        EXPECT_EQ(asked->promptTokens, owner.prompt);
    }
}

TEST(ServingDetail, LanesTellEveryStep)
{
    const LlmEngine engine = busy(small(), 6, 20);
    const BatchLanes lanes = lanesOf(engine, 64);
    ASSERT_EQ(lanes.steps.size(), 64u);
    const std::vector<StepRecord> records = engine.recentSteps();
    ASSERT_GE(records.size(), 64u);
    for (std::size_t i = 0; i < 64; ++i) {
        const StepRecord& record = records[records.size() - 64 + i];
        const BatchStep& step = lanes.steps[i];
        EXPECT_EQ(step.number, record.number);
        EXPECT_EQ(step.prefillTokens + step.decodeTokens, record.work.tokens);
        EXPECT_LE(step.prefillTokens + step.decodeTokens, lanes.budget);
        EXPECT_NEAR(step.device.total() + step.hostSeconds, step.seconds, 1e-9);
        std::uint32_t tokens = 0;
        std::uint32_t waiting = 0;
        for (std::size_t row = 0; row < lanes.rows.size(); ++row) {
            tokens += lanes.cell(row, i).tokens;
            waiting += lanes.cell(row, i).kind == Kind::Waiting || lanes.cell(row, i).kind == Kind::Preempted ? 1 : 0;
        }
        EXPECT_EQ(tokens, step.prefillTokens + step.decodeTokens);
        EXPECT_LE(waiting, step.waiting + lanes.rows.size());
    }
    EXPECT_TRUE(std::is_sorted(lanes.rows.begin(), lanes.rows.end(), [](const BatchRow& a, const BatchRow& b) { return a.id < b.id; }));
    EXPECT_TRUE(std::any_of(lanes.cells.begin(), lanes.cells.end(), [](const BatchCell& cell) { return cell.kind == Kind::Waiting; }));
}

TEST(ServingDetail, APreemptedSequenceWaitsUntilItIsBack)
{
    EngineSettings settings = small(40);
    settings.admission = AdmissionRule::FirstChunk;
    LlmEngine engine(settings);
    for (std::uint64_t i = 1; i <= 4; ++i)
        engine.submit(ask(i, 100, 200), at(0));
    while (engine.metrics().counters.preemptions == 0 && engine.nextDue())
        engine.advance(*engine.nextDue());
    for (int i = 0; i < 20; ++i)
        engine.advance(*engine.nextDue());
    const BatchLanes lanes = lanesOf(engine, 512);
    bool found = false;
    for (std::size_t row = 0; row < lanes.rows.size(); ++row)
        for (std::size_t i = 0; i + 1 < lanes.steps.size(); ++i)
            if (lanes.cell(row, i).kind == Kind::Preempted) {
                found = true;
                const Kind next = lanes.cell(row, i + 1).kind;
                EXPECT_TRUE(next == Kind::Waiting || next == Kind::Prefill) << static_cast<int>(next);
            }
    EXPECT_TRUE(found);
}

TEST(ServingDetail, AnEngineThatNeverRanHasNoLanes)
{
    const LlmEngine engine(small());
    EXPECT_TRUE(lanesOf(engine, 64).rows.empty());
    expectAddsUp(blockMapOf(engine));
}

namespace {

sim::World servingSite()
{
    static const sim::World kWorld = [] {
        auto built = sim::World::build(tests::library()->topologies.at("serving"), 1);
        EXPECT_TRUE(built) << (built ? "" : built.error().text());
        built->runUntil(built->now() + std::chrono::minutes(4));
        return std::move(*built);
    }();
    return kWorld;
}

ServingInterest everything(const std::string& replica = {})
{
    ServingInterest interest;
    interest.fleet = interest.cache = interest.twin = interest.batch = interest.samples = true;
    interest.replica = replica;
    return interest;
}

} // namespace

TEST(ServingDetail, ASiteIsToldRouteByRoute)
{
    const sim::World world = servingSite();
    ServingTwin twin;
    const ServingDetail detail = servingOf(world, everything(), &twin);
    ASSERT_TRUE(detail.exists);
    ASSERT_EQ(detail.routes.size(), 3u);
    EXPECT_EQ(detail.routes[0].service, "llm/chat-router");
    EXPECT_EQ(detail.routes[0].router, "chat-router");
    EXPECT_EQ(detail.routes[0].policyName, "cache_aware");
    EXPECT_EQ(detail.routes[0].policy, RoutePolicy::PrefixAffine);
    EXPECT_GT(detail.routes[0].firstTokenGoal, 0);
    EXPECT_EQ(detail.routes[2].router, ""); // the documents' Service leads to its server
    EXPECT_EQ(detail.clients.size(), world.serving().clients().size());
    EXPECT_EQ(std::count_if(detail.replicas.begin(), detail.replicas.end(), [](const ServingReplica& one) { return one.route == 0; }), 4);
    for (const ServingReplica& replica : detail.replicas) {
        EXPECT_EQ(replica.state, ServingReplica::State::Ready) << replica.name << ' ' << replica.word;
        EXPECT_TRUE(replica.measured);
        EXPECT_FALSE(replica.node.empty());
    }
    double asked = 0;
    for (const ServingReplica& replica : detail.replicas)
        asked += replica.requestsPerSecond;
    EXPECT_GT(asked, 5);

    ASSERT_TRUE(detail.inside);
    const ServingInside& inside = *detail.inside;
    EXPECT_EQ(inside.deployment, "chat");
    EXPECT_EQ(inside.model, "meta-llama/Llama-3.1-8B-Instruct");
    ASSERT_TRUE(inside.cache && inside.twin && inside.batch);
    expectAddsUp(*inside.cache);
    expectAddsUp(*inside.twin);
    EXPECT_FALSE(inside.twin->paged);
    EXPECT_FALSE(inside.batch->steps.empty());
    ASSERT_TRUE(inside.samples);
    EXPECT_FALSE(inside.samples->empty());
    EXPECT_FALSE(detail.fleetRead.reads.empty());
    EXPECT_FALSE(inside.stateRead.reads.empty());
    // Nothing that was not asked for is worked out.
    ServingInterest little;
    little.fleet = true;
    little.replica = detail.replicas.back().name;
    const ServingDetail other = servingOf(world, little, nullptr);
    ASSERT_TRUE(other.inside);
    EXPECT_EQ(other.inside->replica, detail.replicas.back().name);
    EXPECT_FALSE(other.inside->cache || other.inside->twin || other.inside->batch || other.inside->samples);
    little.replica = "nobody";
    EXPECT_FALSE(servingOf(world, little, nullptr).inside);
}

TEST(ServingDetail, TheCommandOfWhatIfMakesTheServerSo)
{
    sim::World world = servingSite();
    ServingInterest interest;
    interest.fleet = true;
    const ServingDetail detail = servingOf(world, interest, nullptr);
    ASSERT_TRUE(detail.inside);
    EngineSettings wanted = detail.inside->settings;
    wanted.maxNumSeqs = 48;
    wanted.deployment.cache = Precision::Float8;
    const auto deployment = world.cluster().store().get<sim::kube::Deployment>({detail.inside->nameSpace, detail.inside->deployment});
    ASSERT_TRUE(deployment);
    EXPECT_EQ(deployment->spec.template_.spec.containers.front().args, detail.inside->arguments);
    // What the arguments say is what was asked for.
    const auto arguments = argumentsFor(detail.inside->arguments, detail.inside->model, detail.inside->settings, wanted);
    ServerLine line;
    line.words = {"vllm", "serve"};
    line.words.insert(line.words.end(), arguments.begin(), arguments.end());
    const auto understood = serverArguments(line, "0.19.1", detail.inside->settings.deployment.device, 1);
    const auto* good = std::get_if<ServerArguments>(&understood);
    ASSERT_NE(good, nullptr);
    EXPECT_EQ(good->settings.maxNumSeqs, 48u);
    EXPECT_EQ(good->settings.deployment.cache, Precision::Float8);
    EXPECT_EQ(good->settings.maxModelLen, detail.inside->settings.maxModelLen);
}

TEST(ServingDetail, OtherServersReadTheirArgumentsBack)
{
    struct Start {
        std::vector<std::string> program, arguments;
        std::string version;
    };
    const auto understood = [](const Start& start, const std::vector<std::string>& arguments) {
        ServerLine line;
        line.words = start.program;
        line.words.insert(line.words.end(), arguments.begin(), arguments.end());
        const auto result = serverArguments(line, start.version, *deviceNamed("H100"), 2);
        const auto* good = std::get_if<ServerArguments>(&result);
        EXPECT_NE(good, nullptr) << std::get<ArgumentError>(result).lines.back();
        return good != nullptr ? *good : ServerArguments();
    };
    for (const Start& start : {Start{{"python3", "-m", "sglang.launch_server"}, {"--model-path", "Qwen/Qwen2.5-7B-Instruct", "--context-length", "8192"}, "0.5.3"},
                               Start{{"trtllm-serve"}, {"meta-llama/Llama-3.1-8B-Instruct", "--max_seq_len=8192", "--free_gpu_memory_fraction", "0.8"}, "1.0.0"}}) {
        const ServerArguments before = understood(start, start.arguments);
        EngineSettings wanted = before.settings;
        wanted.maxModelLen = 4096;
        wanted.maxNumSeqs = 48;
        wanted.memoryUtilization = 0.7;
        wanted.deployment.tensorParallel = 2;
        wanted.deployment.cache = Precision::Float8;
        wanted = sizedAnew(wanted, before.settings);
        const ServerArguments after = understood(start, argumentsFor(start.arguments, before.model, before.settings, wanted));
        EXPECT_EQ(after.model, before.model);
        EXPECT_EQ(after.settings, wanted) << start.program.front();
    }
}

TEST(ServingDetail, RatesOfClientsAreThoseOfSomeSeconds)
{
    sim::World world = servingSite();
    ServingDetailer detailer;
    ServingInterest interest;
    interest.fleet = true;
    detailer.look(world, interest, true);
    const std::uint64_t before = world.serving().clients().front().sent;
    world.runUntil(world.now() + std::chrono::seconds(4));
    const auto detail = detailer.look(world, interest, true);
    EXPECT_DOUBLE_EQ(detail->clients.front().requestsPerSecond, static_cast<double>(world.serving().clients().front().sent - before) / 4);
    EXPECT_EQ(detailer.look(world, ServingInterest(), true), nullptr);
}

TEST(ServingDetail, TheTwinFollowsAcrossAnyLooks)
{
    sim::World world = servingSite();
    ServingDetailer detailer;
    for (int look = 0; look < 40; ++look) {
        world.runUntil(world.now() + std::chrono::milliseconds(370));
        const auto detail = detailer.look(world, everything(), true);
        ASSERT_TRUE(detail->inside && detail->inside->twin);
        expectAddsUp(*detail->inside->twin);
    }
}

TEST(ServingDetail, WithoutServersThereIsNothing)
{
    auto built = sim::World::build(tests::library()->topologies.at("hosts"), 1);
    ASSERT_TRUE(built);
    EXPECT_FALSE(servingOf(*built, everything(), nullptr).exists);
}
