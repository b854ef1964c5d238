#include "sim/serving/engine.h"
#include "sim/serving/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace sim::serving {

namespace {

constexpr int kSeeds = 60;

/// Engines small enough that memory is always short, and every rule among them.
EngineSettings randomSettings(RandomStream& random, Reservation reservation = Reservation::Paged)
{
    Deployment deployment;
    const char* const models[] = {"Llama-3.1-8B", "Mistral-7B-v0.1", "gemma-3-27b-it", "DeepSeek-V3"};
    deployment.model = *modelNamed(models[reservation == Reservation::Paged ? random.below(4) : 0]);
    if (deployment.model.window > 0)
        deployment.model.window = 64;
    deployment.device = *deviceNamed(random.below(2) == 0 ? "H100" : "RTX4090");
    EngineSettings s = vllmSettings(random.below(2) == 0 ? 9 : 32, deployment);
    s.maxModelLen = 1024;
    s.blockSize = random.below(2) == 0 ? 16 : 8;
    s.maxNumSeqs = 1 + static_cast<std::uint32_t>(random.below(24));
    s.maxNumBatchedTokens = 48 + static_cast<std::uint32_t>(random.below(400));
    s.longPrefillTokenThreshold = random.below(3) == 0 ? 32 : 0;
    s.policy = random.below(3) == 0 ? SchedulingPolicy::Priority : SchedulingPolicy::Fcfs;
    s.batching = static_cast<Batching>(random.below(3));
    s.admission = static_cast<AdmissionRule>(random.below(3));
    s.watermark = random.below(3) == 0 ? 0.05 : 0;
    s.eviction = static_cast<Eviction>(random.below(4));
    s.prefixCaching = random.below(4) != 0;
    s.blocksOverride = static_cast<std::uint32_t>(1500 / s.blockSize * layerGroups(deployment.model).count()) + 1;
    s.reservation = reservation;
    return s;
}

std::vector<Request> randomRequests(RandomStream& random, int count)
{
    std::vector<Request> requests;
    Instant at{};
    for (int i = 0; i < count; ++i) {
        at += fromSeconds(random.exponential(0.03));
        Request request;
        request.arrival = at;
        if (random.below(2) == 0)
            request.prompt.push_back({1 + random.below(3), static_cast<std::uint32_t>(1 + random.below(200))});
        request.prompt.push_back({100 + static_cast<std::uint64_t>(i), static_cast<std::uint32_t>(1 + random.below(300))});
        request.answerTokens = static_cast<std::uint32_t>(1 + random.below(250));
        request.maxTokens = random.below(3) == 0 ? request.answerTokens + 20 : 0;
        request.salt = random.below(3);
        request.priority = static_cast<std::int32_t>(random.below(3));
        requests.push_back(std::move(request));
    }
    return requests;
}

void expectBlocksAddUp(const LlmEngine& engine)
{
    const BlockPool& pool = engine.paged()->pool();
    ASSERT_EQ(pool.free() + pool.used(), pool.size());
    ASSERT_EQ(pool.freeOrder().size(), pool.free());
    // Each holder of a block is a live sequence, and each block in a table is held.
    std::map<BlockPool::BlockId, std::uint32_t> holders;
    const std::uint32_t groups = engine.paged()->settings().fullGroups + engine.paged()->settings().slidingGroups;
    for (const LlmEngine::Progress& one : engine.live())
        if (one.running)
            for (std::uint32_t group = 0; group < groups; ++group)
                for (const BlockPool::BlockId block : engine.paged()->table(one.slot, group))
                    if (block != BlockPool::kNone)
                        ++holders[block];
    ASSERT_EQ(holders.size(), pool.used());
    for (const auto& [block, count] : holders)
        ASSERT_EQ(pool.holders(block), count);
}

/// Submits all and runs to the end, in steps of random length if `random` is given.
LlmEngine played(const EngineSettings& settings, const std::vector<Request>& requests, RandomStream* random = nullptr)
{
    LlmEngine engine(settings);
    for (const Request& request : requests) {
        while (random != nullptr && random->below(2) == 0) {
            const auto due = engine.nextDue();
            if (!due || *due >= request.arrival)
                break;
            engine.advance(*due + (request.arrival - *due) / 3);
        }
        engine.submit(request, request.arrival);
    }
    while (const auto due = engine.nextDue()) {
        if (random != nullptr && random->below(3) == 0) {
            LlmEngine copy = engine;
            engine = copy;
        }
        engine.advance(random != nullptr && random->below(2) == 0 ? *due + fromSeconds(random->uniform(0, 0.2)) : *due);
    }
    return engine;
}

} // namespace

TEST(EngineSwarm, EveryRequestEndsAndTokensAreConserved)
{
    for (int seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStream random(static_cast<std::uint64_t>(seed), "test/serving");
        const EngineSettings settings = randomSettings(random);
        const auto requests = randomRequests(random, 60);
        LlmEngine engine(settings);
        std::uint64_t refused = 0;
        std::map<RequestId, const Request*> taken;
        for (const Request& request : requests) {
            const RequestId id = engine.nextId();
            if (engine.submit(request, request.arrival) == Refusal::None)
                taken[id] = &request;
            else
                ++refused;
            expectBlocksAddUp(engine);
        }
        std::uint64_t steps = 0;
        while (const auto due = engine.nextDue()) {
            engine.advance(*due);
            expectBlocksAddUp(engine);
            ASSERT_LT(++steps, 200'000u) << "no end in sight";
        }
        EXPECT_EQ(engine.completions().size() + refused, requests.size());
        EXPECT_EQ(engine.metrics().counters.refused, refused);
        std::uint64_t prompts = 0;
        for (const Completion& done : engine.completions()) {
            EXPECT_EQ(done.answerTokens, taken[done.id]->answerTokens);
            EXPECT_EQ(done.promptTokens, taken[done.id]->promptTokens());
            EXPECT_LE(done.arrival, done.queued);
            EXPECT_LE(done.queued, done.scheduled);
            EXPECT_LT(done.scheduled, done.firstToken);
            EXPECT_LE(done.firstToken, done.lastToken);
            EXPECT_LE(done.preemptions, 400u);
            prompts += done.promptTokens;
        }
        EXPECT_EQ(engine.metrics().counters.promptTokens, prompts);
        EXPECT_EQ(engine.paged()->pool().used(), 0u);
        EXPECT_LE(engine.metrics().counters.prefixHits, engine.metrics().counters.prefixQueries);
        if (settings.batching == Batching::Static || settings.admission == AdmissionRule::WholeAnswer) {
            EXPECT_EQ(engine.metrics().counters.preemptions, 0u);
        }
    }
}

/// Clients that go at any moment leave nothing behind, and the others end as before.
TEST(EngineSwarm, AbortsLeaveNothingBehind)
{
    for (int seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStream random(static_cast<std::uint64_t>(seed), "test/serving/aborts");
        LlmEngine engine(randomSettings(random));
        RequestId last = 0;
        std::uint64_t aborted = 0;
        const auto abortOne = [&](Instant at) {
            if (last > 0 && random.below(4) == 0)
                aborted += engine.abort(1 + random.below(last), at) ? 1 : 0;
        };
        for (const Request& request : randomRequests(random, 60)) {
            const RequestId id = engine.nextId();
            if (engine.submit(request, request.arrival) == Refusal::None)
                last = id;
            abortOne(request.arrival);
            expectBlocksAddUp(engine);
        }
        while (const auto due = engine.nextDue()) {
            engine.advance(*due);
            abortOne(*due);
            expectBlocksAddUp(engine);
        }
        EXPECT_EQ(engine.completions().size(), last);
        EXPECT_EQ(engine.metrics().counters.finished[static_cast<std::size_t>(FinishReason::Abort)], aborted);
        EXPECT_EQ(engine.paged()->pool().used(), 0u);
        EXPECT_TRUE(engine.live().empty());
    }
}

TEST(EngineSwarm, TwinChunkedAndCopiedRunsAreOne)
{
    for (int seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStream random(static_cast<std::uint64_t>(seed), "test/serving/twin");
        const EngineSettings settings = randomSettings(random);
        const auto requests = randomRequests(random, 40);
        const LlmEngine one = played(settings, requests);
        const LlmEngine twin = played(settings, requests);
        EXPECT_EQ(one, twin);
        EXPECT_EQ(fingerprintOf(one), fingerprintOf(twin));
        LlmEngine chunked = played(settings, requests, &random);
        EXPECT_EQ(one.completions(), chunked.completions());
        EXPECT_EQ(one.metrics(), chunked.metrics());
    }
}

/// Under Fcfs a later request is never first scheduled before an earlier one.
TEST(EngineSwarm, NobodyOvertakesBeyondThePolicy)
{
    for (int seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomStream random(static_cast<std::uint64_t>(seed), "test/serving/order");
        EngineSettings settings = randomSettings(random);
        settings.policy = SchedulingPolicy::Fcfs;
        auto done = played(settings, randomRequests(random, 50)).takeCompletions();
        std::sort(done.begin(), done.end(), [](const Completion& a, const Completion& b) { return a.id < b.id; });
        for (std::size_t i = 1; i < done.size(); ++i)
            EXPECT_LE(done[i - 1].scheduled, done[i].scheduled);
    }
}

TEST(EngineSwarm, SharingNeverCrossesSalts)
{
    for (int seed = 1; seed <= kSeeds; ++seed) {
        RandomStream random(static_cast<std::uint64_t>(seed), "test/serving/salts");
        EngineSettings settings = randomSettings(random);
        settings.prefixCaching = true;
        auto requests = randomRequests(random, 40);
        for (std::size_t i = 0; i < requests.size(); ++i)
            requests[i].salt = i + 1;
        const LlmEngine engine = played(settings, requests);
        EXPECT_EQ(engine.metrics().counters.prefixHits, 0u) << seed;
    }
}

TEST(EngineSwarm, ContiguousWastesNoLessThanPaged)
{
    double paged = 0;
    double last = 0;
    for (const Reservation reservation : {Reservation::Paged, Reservation::ContiguousExact, Reservation::ContiguousPower, Reservation::ContiguousMax}) {
        double waste = 0;
        double held = 0;
        for (int seed = 1; seed <= 20; ++seed) {
            RandomStream random(static_cast<std::uint64_t>(seed), "test/serving/waste");
            EngineSettings settings = randomSettings(random, Reservation::ContiguousExact);
            settings.reservation = reservation;
            settings.batching = Batching::Mixed;
            settings.prefixCaching = false;
            settings.blocksOverride = 6000 / settings.blockSize + 1;
            LlmEngine engine(settings);
            for (const Request& request : randomRequests(random, 40))
                engine.submit(request, request.arrival);
            while (const auto due = engine.nextDue()) {
                engine.advance(*due);
                const CacheUse use = engine.cacheUse();
                EXPECT_GE(use.internal, 0);
                waste += use.internal;
                held += use.held;
            }
        }
        const double share = waste / held;
        if (reservation == Reservation::Paged) {
            paged = share;
            EXPECT_LT(paged, 0.06);
        } else {
            EXPECT_GT(share, paged);
            EXPECT_GE(share, last);
            last = share;
        }
    }
    EXPECT_GT(last, 0.6);
}

TEST(EngineSwarm, AllConversationLoadsRun)
{
    for (const LoadKind kind : {LoadKind::Chat, LoadKind::Agents, LoadKind::Retrieval, LoadKind::Documents, LoadKind::Batch}) {
        Deployment deployment;
        deployment.model = *modelNamed("Llama-3.1-8B");
        deployment.device = *deviceNamed("H100");
        LlmEngine engine(defaultSettings(EngineKind::Vllm, deployment));
        LoadSettings load;
        load.kind = kind;
        load.requestsPerSecond = kind == LoadKind::Documents ? 0.3 : 4;
        LoadGenerator generator(load, 3, Instant{});
        for (int i = 0; i < 150; ++i) {
            const Request request = generator.next();
            ASSERT_EQ(engine.submit(request, request.arrival), Refusal::None);
        }
        while (const auto due = engine.nextDue())
            engine.advance(*due);
        EXPECT_EQ(engine.completions().size(), 150u);
        const double rate = engine.state().prefixHitRate;
        if (kind == LoadKind::Agents) {
            EXPECT_GT(rate, 0.7);
        }
        if (kind == LoadKind::Chat) {
            EXPECT_GT(rate, 0.1);
        }
        if (kind == LoadKind::Batch) {
            EXPECT_EQ(rate, 0);
        }
    }
}

} // namespace sim::serving
