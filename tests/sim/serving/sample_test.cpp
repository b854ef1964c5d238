#include "sim/serving/sample.h"

#include <gtest/gtest.h>

namespace sim::serving {

namespace {

Instant at(double seconds) { return Instant{} + fromSeconds(seconds); }

LlmEngine engineWith(std::uint32_t recordedRequests = 0)
{
    Deployment deployment;
    deployment.model = *modelNamed("Llama-3.1-8B");
    deployment.device = *deviceNamed("H100");
    EngineSettings settings = vllmSettings(32, deployment);
    settings.maxModelLen = 4096;
    settings.recordedRequests = recordedRequests;
    settings.recordedSteps = 64;
    return LlmEngine(settings);
}

Request ask(std::uint64_t text, std::uint32_t prompt, std::uint32_t answer)
{
    Request request;
    request.prompt = {{text, prompt}};
    request.answerTokens = answer;
    return request;
}

} // namespace

TEST(ServingSample, QuantilesAreThoseOfWhatCameInTheInterval)
{
    Histogram before(std::vector<double>{1, 2, 4});
    before.observe(0.5, 100); // long ago
    Histogram now = before;
    EXPECT_LT(quantileSince(before, now, 0.5), 0);
    now.observe(1.5, 8);
    now.observe(3, 2);
    EXPECT_DOUBLE_EQ(quantileSince(before, now, 0.5), 1 + 5.0 / 8);
    EXPECT_DOUBLE_EQ(quantileSince(before, now, 0.9), 2 + 2 * 0.5);
    now.observe(100, 90); // beyond the last bound nobody can say how far
    EXPECT_DOUBLE_EQ(quantileSince(before, now, 0.99), 4);
}

TEST(ServingSample, ItTellsTheIntervalAndNotTheWholeRun)
{
    LlmEngine engine = engineWith();
    engine.submit(ask(1, 512, 64), at(0));
    engine.advance(at(1));
    const Metrics before = engine.metrics();
    engine.submit(ask(1, 512, 200), at(1));
    engine.submit(ask(1, 512, 200), at(1));
    engine.advance(at(2));
    const ServingSample sample = sampleOf(before, engine, at(2), 1);
    EXPECT_FLOAT_EQ(sample.promptTokensPerSecond, static_cast<float>(engine.metrics().counters.promptTokens - before.counters.promptTokens));
    EXPECT_GT(sample.generationTokensPerSecond, 100);
    EXPECT_EQ(sample.running, 2);
    EXPECT_GT(sample.ttftP50, 0);
    EXPECT_LT(sample.ttftP50, 0.1);
    EXPECT_GT(sample.tpotP50, 0.004); // an H100 reads 15 GiB of weights in about 5 ms
    EXPECT_LT(sample.tpotP50, 0.025);
    EXPECT_LE(sample.tpotP50, sample.tpotP99);
    EXPECT_FLOAT_EQ(sample.hitRate, 496.0F / 512); // never all of a prompt
    const ServingSample quiet = sampleOf(engine.metrics(), engine, at(2), 1);
    EXPECT_LT(quiet.ttftP99, 0);
    EXPECT_LT(quiet.hitRate, 0);
}

TEST(LlmEngine, TheLatestRequestsAreKeptWithTheirLengths)
{
    LlmEngine engine = engineWith(4);
    EXPECT_TRUE(engine.recentRequests().empty());
    for (std::uint32_t i = 1; i <= 6; ++i)
        engine.submit(ask(i, 100 * i, i), at(i));
    engine.submit(ask(7, 5000, 1), at(7)); // refused
    const std::vector<IntakeRecord> latest = engine.recentRequests();
    ASSERT_EQ(latest.size(), 4u);
    for (std::uint32_t i = 0; i < 4; ++i)
        EXPECT_EQ(latest[i], (IntakeRecord{i + 3, at(i + 3), 100 * (i + 3), i + 3, 0}));
}

TEST(LlmEngine, AStepsRecordTellsTheHostsPart)
{
    LlmEngine engine = engineWith();
    engine.submit(ask(1, 512, 8), at(0));
    engine.advance(at(1));
    for (const StepRecord& step : engine.recentSteps())
        EXPECT_NEAR(toSeconds(step.end - step.begin), step.hostSeconds + engine.costs().seconds(step.work), 1e-8) << step.number;
    const double sound = engine.costs().seconds(engine.recentSteps().back().work);
    Device slow = engine.settings().deployment.device;
    slow.bandwidthBytesPerSecond /= 2;
    engine.setDevice(slow);
    engine.submit(ask(2, 512, 8), at(1));
    engine.advance(at(2));
    const StepRecord last = engine.recentSteps().back();
    EXPECT_NEAR(toSeconds(last.end - last.begin), last.hostSeconds + engine.costs().seconds(last.work), 1e-8);
    EXPECT_GT(engine.costs().seconds(last.work), 1.6 * sound);
}

} // namespace sim::serving
