#include "sim/serving/router.h"

#include "sim/serving/engine.h"
#include "sim/serving/load.h"

#include <gtest/gtest.h>

#include <map>

namespace sim::serving {

namespace {

Request from(std::uint64_t session, std::uint64_t text = 1, std::uint32_t tokens = 640)
{
    Request request;
    request.session = session;
    request.prompt = {{text, tokens}};
    return request;
}

std::vector<EngineLoad> idle(std::uint32_t engines)
{
    std::vector<EngineLoad> loads;
    for (std::uint32_t i = 0; i < engines; ++i)
        loads.push_back({i, 0, 0, true});
    return loads;
}

} // namespace

TEST(Router, RoundRobinSkipsWhatIsNotReady)
{
    Router router(RoutePolicy::RoundRobin);
    auto engines = idle(3);
    engines[1].ready = false;
    std::vector<std::uint32_t> chosen;
    for (int i = 0; i < 4; ++i)
        chosen.push_back(router.choose(from(1), engines));
    EXPECT_EQ(chosen, (std::vector<std::uint32_t>{0, 2, 0, 2}));
    for (EngineLoad& engine : engines)
        engine.ready = false;
    EXPECT_EQ(router.choose(from(1), engines), Router::kNone);
}

TEST(Router, LeastLoadedWeighsWaitingFourfold)
{
    Router router(RoutePolicy::LeastLoaded);
    const std::vector<EngineLoad> engines = {{0, 10, 0, true}, {1, 0, 3, true}, {2, 13, 0, true}};
    EXPECT_EQ(router.choose(from(1), engines), 0u);
}

TEST(Router, SessionsStayWhenAnotherEngineComes)
{
    Router router(RoutePolicy::SessionHash);
    int moved = 0;
    std::map<std::uint32_t, int> spread;
    for (std::uint64_t session = 0; session < 1000; ++session) {
        const std::uint32_t before = router.choose(from(session), idle(4));
        const std::uint32_t after = router.choose(from(session), idle(5));
        moved += before != after ? 1 : 0;
        EXPECT_TRUE(before == after || after == 4);
        ++spread[before];
    }
    EXPECT_NEAR(moved, 200, 60);
    for (const auto& [engine, count] : spread)
        EXPECT_NEAR(count, 250, 60) << engine;
}

TEST(Router, PrefixesReturnUnlessTheirEngineIsOverloaded)
{
    Router router(RoutePolicy::PrefixAffine);
    auto engines = idle(4);
    const std::uint32_t home = router.choose(from(1, 42), engines);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(router.choose(from(2, 42), engines), home);
    engines[home].waiting = 100;
    EXPECT_NE(router.choose(from(3, 42), engines), home);
    Router other(RoutePolicy::PrefixAffine);
    const std::uint32_t first = other.choose(from(1, 7), idle(4));
    other.forget(first);
    EXPECT_NE(other.choose(from(1, 7), idle(4)), first); // in turn again
}

/// Row 35 of the published figures: consistent hashing finds more prefixes than round robin (82.6 % against 63.4 %).
TEST(Router, AffinityRaisesTheHitRate)
{
    const auto hitRate = [](RoutePolicy policy) {
        Deployment deployment;
        deployment.model = *modelNamed("Llama-3.1-8B");
        deployment.device = *deviceNamed("H100");
        std::vector<LlmEngine> engines(4, LlmEngine(defaultSettings(EngineKind::Vllm, deployment)));
        Router router(policy);
        LoadSettings load;
        load.kind = LoadKind::Chat;
        load.sharedTokens = 600;
        load.requestsPerSecond = 12;
        LoadGenerator generator(load, 11, Instant{});
        std::vector<EngineLoad> loads;
        for (int i = 0; i < 1500; ++i) {
            const Request request = generator.next();
            loads.clear();
            for (std::uint32_t e = 0; e < engines.size(); ++e) {
                engines[e].advance(request.arrival);
                loads.push_back({e, engines[e].state().running, engines[e].state().waiting, true});
            }
            engines[router.choose(request, loads)].submit(request, request.arrival);
        }
        double queries = 0;
        double hits = 0;
        for (LlmEngine& engine : engines) {
            while (const auto due = engine.nextDue())
                engine.advance(*due);
            queries += static_cast<double>(engine.metrics().counters.prefixQueries);
            hits += static_cast<double>(engine.metrics().counters.prefixHits);
        }
        return hits / queries;
    };
    const double robin = hitRate(RoutePolicy::RoundRobin);
    EXPECT_GT(hitRate(RoutePolicy::SessionHash), robin + 0.1);
    EXPECT_GT(hitRate(RoutePolicy::PrefixAffine), robin + 0.1);
}

} // namespace sim::serving
