#include "sim/serving/engine.h"

#include <gtest/gtest.h>

namespace sim::serving {

namespace {

EngineSettings small(std::uint32_t blocks = 64)
{
    Deployment deployment;
    deployment.model = *modelNamed("Llama-3.1-8B");
    deployment.device = *deviceNamed("H100");
    EngineSettings settings = vllmSettings(32, deployment);
    settings.maxModelLen = 4096;
    settings.maxNumSeqs = 16;
    settings.maxNumBatchedTokens = 256;
    settings.blocksOverride = blocks + 1; // one is vLLM's null block
    settings.recordedSteps = 4096;
    return settings;
}

std::uint64_t g_text = 0;

Request ask(std::uint32_t prompt, std::uint32_t answer, std::int32_t priority = 0)
{
    Request request;
    request.prompt = {{++g_text, prompt}};
    request.answerTokens = answer;
    request.priority = priority;
    return request;
}

Instant at(double seconds) { return Instant{} + fromSeconds(seconds); }

void drain(LlmEngine& engine)
{
    while (const auto due = engine.nextDue())
        engine.advance(*due);
}

const Completion& of(const LlmEngine& engine, RequestId id)
{
    for (const Completion& done : engine.completions())
        if (done.id == id)
            return done;
    static const Completion kNone;
    ADD_FAILURE() << "request " << id << " has not ended";
    return kNone;
}

} // namespace

TEST(LlmEngine, RunningGoBeforeWaitingAndPromptsAreCutToTheBudget)
{
    LlmEngine engine(small());
    engine.submit(ask(300, 4), at(0));
    engine.submit(ask(100, 4), at(0));
    drain(engine);
    const auto steps = engine.recentSteps();
    // 256 of the first prompt; its rest and all of the second; then one token each.
    ASSERT_EQ(steps[0].lanes.size(), 1u);
    EXPECT_EQ(steps[0].lanes[0].tokens, 256u);
    EXPECT_FALSE(steps[0].lanes[0].sampled);
    ASSERT_EQ(steps[1].lanes.size(), 2u);
    EXPECT_EQ(steps[1].lanes[0].tokens, 44u);
    EXPECT_EQ(steps[1].lanes[1].tokens, 100u);
    EXPECT_EQ(steps[2].work.decodes, 2);
    EXPECT_EQ(steps[2].work.decodeContext, 301 + 101);
    EXPECT_EQ(engine.metrics().counters.generationTokens, 8u);
    EXPECT_EQ(engine.metrics().counters.promptTokens, 400u);
}

TEST(LlmEngine, TheNextStepIsPutTogetherWhileOneRuns)
{
    LlmEngine engine(small());
    engine.submit(ask(100, 8), at(0));
    drain(engine);
    const auto steps = engine.recentSteps();
    EXPECT_EQ(steps[1].scheduled, steps[0].scheduled);
    EXPECT_EQ(steps[2].scheduled, steps[0].end);
    EXPECT_EQ(steps[1].begin, steps[0].end);

    EngineSettings settings = small();
    settings.asyncScheduling = false;
    LlmEngine sync(settings);
    sync.submit(ask(100, 8), at(0));
    drain(sync);
    EXPECT_EQ(sync.recentSteps()[1].scheduled, sync.recentSteps()[0].end);
    EXPECT_GT(of(sync, 1).latency(), of(engine, 1).latency());
}

TEST(LlmEngine, MemoryShortTheLastAdmittedIsPreemptedAndComputedAgain)
{
    EngineSettings settings = small(24); // 384 tokens
    settings.prefixCaching = false;
    settings.admission = AdmissionRule::FirstChunk;
    LlmEngine engine(settings);
    engine.submit(ask(120, 130), at(0));
    engine.submit(ask(120, 130), at(0));
    drain(engine);
    EXPECT_EQ(of(engine, 1).preemptions, 0u);
    EXPECT_GE(of(engine, 2).preemptions, 1u);
    EXPECT_GT(engine.metrics().counters.recomputedTokens, 120u);
    EXPECT_EQ(of(engine, 2).answerTokens, 130u);
    EXPECT_EQ(engine.paged()->pool().used(), 0u);
}

TEST(LlmEngine, UnderPriorityTheLeastImportantGoesFirst)
{
    EngineSettings settings = small(24);
    settings.policy = SchedulingPolicy::Priority;
    settings.prefixCaching = false;
    settings.admission = AdmissionRule::FirstChunk;
    LlmEngine engine(settings);
    engine.submit(ask(120, 130, 5), at(0));
    engine.submit(ask(120, 130, 1), at(0));
    drain(engine);
    EXPECT_GE(of(engine, 1).preemptions, 1u);
    EXPECT_EQ(of(engine, 2).preemptions, 0u);
    EXPECT_LT(of(engine, 2).lastToken, of(engine, 1).lastToken);
}

TEST(LlmEngine, WhatTheCacheCannotHoldIsRefused)
{
    LlmEngine engine(small(24));
    EXPECT_EQ(engine.submit(ask(380, 4), at(0)), Refusal::None);
    EXPECT_EQ(engine.submit(ask(380, 5), at(0)), Refusal::LargerThanCache);
    EXPECT_EQ(engine.submit(ask(4000, 200), at(0)), Refusal::TooLong);
    EXPECT_EQ(engine.submit(ask(0, 4), at(0)), Refusal::Empty);
    EXPECT_EQ(engine.nextId(), 2u);
    drain(engine);
    EXPECT_EQ(engine.completions().size(), 1u);
}

TEST(LlmEngine, ReservingWholeAnswersNothingIsPreempted)
{
    EngineSettings settings = small(40);
    settings.admission = AdmissionRule::WholeAnswer;
    LlmEngine engine(settings);
    for (int i = 0; i < 20; ++i)
        engine.submit(ask(50, 150), at(0.01 * i));
    drain(engine);
    EXPECT_EQ(engine.completions().size(), 20u);
    EXPECT_EQ(engine.metrics().counters.preemptions, 0u);
}

TEST(LlmEngine, ALongPromptHoldsOthersUpUnlessItIsCut)
{
    const auto shortOnesWait = [](std::uint32_t threshold) {
        EngineSettings settings = small(2000);
        settings.maxModelLen = 20000;
        settings.longPrefillTokenThreshold = threshold;
        LlmEngine engine(settings);
        engine.submit(ask(16000, 4), at(0));
        for (int i = 0; i < 8; ++i)
            engine.submit(ask(50, 4), at(0.02));
        drain(engine);
        return of(engine, 5).timeToFirstToken();
    };
    EXPECT_GT(shortOnesWait(0), 5 * shortOnesWait(64));
}

TEST(LlmEngine, PromptsFirstStallsAnswersWhichMixingDoesNot)
{
    const auto longestGap = [](Batching batching, bool chunked) {
        EngineSettings settings = small(4000);
        settings.maxModelLen = 20000;
        settings.batching = batching;
        settings.maxNumBatchedTokens = chunked ? 512 : 20000;
        LlmEngine engine(settings);
        engine.submit(ask(100, 300), at(0));
        for (int i = 0; i < 6; ++i)
            engine.submit(ask(6000, 2), at(0.2 + 0.3 * i));
        drain(engine);
        const Histogram& gaps = engine.metrics()[HistogramName::InterTokenLatency];
        std::size_t last = 0;
        for (std::size_t i = 0; i < gaps.counts().size(); ++i)
            if (gaps.counts()[i] > 0)
                last = i;
        return last;
    };
    EXPECT_GT(longestGap(Batching::PrefillFirst, false), longestGap(Batching::Mixed, true));
}

TEST(LlmEngine, StaticBatchesWaitForTheirLongestAnswer)
{
    EngineSettings settings = small(400);
    settings.batching = Batching::Static;
    LlmEngine engine(settings);
    engine.submit(ask(50, 4), at(0));
    engine.submit(ask(50, 200), at(0));
    engine.submit(ask(50, 4), at(0.005));
    drain(engine);
    EXPECT_EQ(of(engine, 1).lastToken, of(engine, 2).lastToken);
    EXPECT_GT(of(engine, 3).firstToken, of(engine, 2).lastToken);

    LlmEngine continuous(small(400));
    continuous.submit(ask(50, 4), at(0));
    continuous.submit(ask(50, 200), at(0));
    continuous.submit(ask(50, 4), at(0.005));
    drain(continuous);
    EXPECT_LT(of(continuous, 3).lastToken, of(continuous, 2).lastToken);
}

/// Who has ended holds its blocks until the batch ends: it cannot be preempted for the one that still grows.
TEST(LlmEngine, AStaticBatchTakesOnlyWhatItCanHoldToItsEnd)
{
    for (const AdmissionRule admission : {AdmissionRule::FirstChunk, AdmissionRule::WholePrompt}) {
        EngineSettings settings = small(24); // 384 tokens
        settings.batching = Batching::Static;
        settings.admission = admission;
        LlmEngine engine(settings);
        engine.submit(ask(120, 200), at(0));
        engine.submit(ask(120, 4), at(0));
        engine.submit(ask(120, 4), at(0));
        drain(engine);
        EXPECT_EQ(engine.completions().size(), 3u);
        EXPECT_EQ(engine.metrics().counters.preemptions, 0u);
        EXPECT_GT(of(engine, 2).firstToken, of(engine, 1).lastToken);
    }
}

TEST(LlmEngine, AStaticBatchEndsWhenTheLastThatAnswersIsAborted)
{
    EngineSettings settings = small(400);
    settings.batching = Batching::Static;
    LlmEngine engine(settings);
    Request brief = ask(50, 4);
    brief.maxTokens = 100;
    engine.submit(ask(50, 200), at(0));
    engine.submit(brief, at(0));
    engine.submit(ask(50, 4), at(0.005));
    engine.advance(at(0.5));
    ASSERT_TRUE(engine.completions().empty());
    EXPECT_TRUE(engine.abort(1, at(0.5)));
    drain(engine);
    EXPECT_EQ(of(engine, 1).reason, FinishReason::Abort);
    EXPECT_EQ(of(engine, 2).reason, FinishReason::Stop);
    EXPECT_EQ(of(engine, 3).reason, FinishReason::Length);
    EXPECT_EQ(engine.paged()->pool().used(), 0u);
}

TEST(LlmEngine, ASharedSystemPromptIsComputedOnce)
{
    LlmEngine engine(small(400));
    for (int i = 0; i < 10; ++i) {
        Request request;
        request.prompt = {{77, 160}, {++g_text, 30}};
        request.answerTokens = 5;
        engine.submit(std::move(request), at(0.5 * i));
    }
    drain(engine);
    EXPECT_EQ(of(engine, 1).cachedTokens, 0u);
    EXPECT_EQ(of(engine, 2).cachedTokens, 160u);
    EXPECT_EQ(engine.metrics().counters.prefixHits, 9u * 160);
    EXPECT_NEAR(engine.state().prefixHitRate, 9.0 * 160 / (10 * 190), 1e-9);
    EXPECT_LT(of(engine, 2).timeToFirstToken(), of(engine, 1).timeToFirstToken());
}

TEST(LlmEngine, AnAbortedRequestGivesItsBlocksBack)
{
    LlmEngine engine(small());
    engine.submit(ask(100, 400), at(0));
    engine.submit(ask(100, 10), at(0));
    engine.advance(at(0.1));
    EXPECT_TRUE(engine.abort(1, at(0.1)));
    EXPECT_FALSE(engine.abort(1, at(0.1)));
    drain(engine);
    EXPECT_EQ(of(engine, 1).reason, FinishReason::Abort);
    EXPECT_LT(of(engine, 1).answerTokens, 400u);
    EXPECT_EQ(of(engine, 2).answerTokens, 10u);
    EXPECT_EQ(engine.paged()->pool().used(), 0u);
}

TEST(LlmEngine, AStopTokenIsSeenOneStepLate)
{
    Request request = ask(32, 5);
    request.maxTokens = 100;
    LlmEngine engine(small());
    engine.submit(request, at(0));
    drain(engine);
    EXPECT_EQ(of(engine, 1).reason, FinishReason::Stop);
    EXPECT_EQ(of(engine, 1).answerTokens, 5u);
    EXPECT_EQ(engine.metrics().counters.steps, 6u); // one in vain
}

TEST(LlmEngine, AWatermarkKeepsBlocksForThoseThatRun)
{
    const auto preemptions = [](double watermark) {
        EngineSettings settings = small(60);
        settings.watermark = watermark;
        LlmEngine engine(settings);
        for (int i = 0; i < 40; ++i)
            engine.submit(ask(60, 120), at(0.05 * i));
        drain(engine);
        EXPECT_EQ(engine.completions().size(), 40u);
        return engine.metrics().counters.preemptions;
    };
    EXPECT_GT(preemptions(0), preemptions(0.3));
}

TEST(LlmEngine, WhatWillHappenIsInTheFingerprint)
{
    // Two that have done the same so far, and of which one will answer longer.
    const auto after = [](std::uint32_t answer, std::uint64_t text) {
        LlmEngine engine(small());
        Request request = ask(100, answer);
        request.prompt = {{77, 100}};
        request.answerText = text;
        engine.submit(std::move(request), at(0));
        engine.advance(at(0.03));
        return engine;
    };
    EXPECT_EQ(fingerprintOf(after(40, 5)), fingerprintOf(after(40, 5)));
    EXPECT_EQ(after(40, 5).metrics(), after(41, 5).metrics());
    EXPECT_NE(fingerprintOf(after(40, 5)), fingerprintOf(after(41, 5)));
    EXPECT_NE(fingerprintOf(after(40, 5)), fingerprintOf(after(40, 6)));
}

TEST(LlmEngine, AQueueMayBeBounded)
{
    EngineSettings settings = small();
    settings.maxNumSeqs = 1;
    settings.maxQueuedRequests = 2;
    for (const EngineKind kind : {EngineKind::Vllm, EngineKind::SgLang}) {
        settings.kind = kind;
        LlmEngine engine(settings);
        engine.submit(ask(50, 50), at(0));
        engine.advance(at(0.001));
        EXPECT_EQ(engine.submit(ask(50, 50), at(0.01)), Refusal::None);
        // One runs: vLLM counts it, SGLang does not.
        EXPECT_EQ(engine.submit(ask(50, 50), at(0.01)), kind == EngineKind::SgLang ? Refusal::None : Refusal::QueueFull);
        EXPECT_EQ(engine.submit(ask(50, 50), at(0.01)), Refusal::QueueFull);
    }
}

} // namespace sim::serving
