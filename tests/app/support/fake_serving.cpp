#include "tests/app/support/fake_serving.h"

#include "sim/serving/load.h"
#include "tests/app/support/fake_world.h"

namespace app::desktop::testing {

namespace {

using namespace core::session;
namespace serving = sim::serving;

Reading servingReading(const char* what)
{
    return {what, std::string("text of ") + what, {std::string("serving/") + what}, "as it is"};
}

} // namespace

std::shared_ptr<const ServingDetail> sketchServing(const ServingSketch& sketch)
{
    serving::Deployment deployment;
    deployment.model = *serving::modelNamed("Llama-3.1-8B");
    deployment.device = *serving::deviceNamed("A100");
    serving::EngineSettings settings = vllmSettings(19, deployment);
    settings.maxModelLen = 4096;
    if (sketch.blocks > 0) {
        settings.blocksOverride = sketch.blocks + 1;
        settings.maxModelLen = 1024;
    }
    settings.admission = serving::AdmissionRule::FirstChunk;
    settings.maxNumBatchedTokens = 1024;
    settings.reservation = sketch.contiguous ? serving::Reservation::ContiguousMax : serving::Reservation::Paged;
    settings.recordedSteps = 64;
    settings.recordedRequests = 512;
    const sim::Instant start = sketchWorld()->now - sim::fromSeconds(sketch.seconds);
    serving::LlmEngine engine(settings);
    serving::LoadSettings load;
    load.requestsPerSecond = sketch.requestsPerSecond;
    load.maxTokens = settings.maxModelLen;
    load.sharedTokens = 96;
    serving::LoadGenerator generator(load, 11, start);
    ServingTwin twin;

    ServingInside inside;
    std::vector<serving::ServingSample>& samples = inside.samples.emplace();
    serving::Request request = generator.next();
    serving::Metrics before = engine.metrics();
    for (double second = 1; second <= sketch.seconds; ++second) {
        const sim::Instant now = start + sim::fromSeconds(second);
        for (; request.arrival < now; request = generator.next())
            engine.submit(request, request.arrival);
        engine.advance(now);
        engine.takeCompletions();
        if (sketch.twin)
            twin.follow(engine, now);
        samples.push_back(sampleOf(before, engine, now, 1));
        before = engine.metrics();
    }
    const sim::Instant now = start + sim::fromSeconds(sketch.seconds);
    inside.replica = "chat-6d4f9c7b5-2xk4q";
    inside.settings = settings;
    inside.cache = blockMapOf(engine);
    if (sketch.twin)
        inside.twin = twin.cacheMap(engine, now);
    inside.batch = lanesOf(engine, 48);
    inside.nameSpace = "llm";
    inside.deployment = "chat";
    inside.container = "vllm";
    inside.arguments = {"--model", "meta-llama/Llama-3.1-8B", "--max-model-len", "4096", "--gpu-memory-utilization", "0.9"};
    inside.model = "meta-llama/Llama-3.1-8B";
    inside.stateRead = servingReading("state");
    inside.samplesRead = servingReading("samples");

    auto detail = std::make_shared<ServingDetail>();
    detail->exists = true;
    detail->routes = {{"llm/chat-router", "chat-router", serving::RoutePolicy::PrefixAffine, "cache_aware", true, 2, 0.06}, {"llm/docs", "", std::nullopt, "", true, 20, 0.12}};
    detail->clients = {{"web", "chat", 0, 6.2, 0}, {"agents", "agents", 0, 2.4, 0}, {"nightly", "batch", 0, 0.8, 0.3}, {"contracts", "documents", 1, 0.2, 0}};
    using State = ServingReplica::State;
    const serving::ServingSample& last = samples.back();
    const serving::EngineState state = engine.state();
    detail->replicas = {{"chat-6d4f9c7b5-2xk4q", "gpu-1", 0, State::Ready, "", true, 5.1, last.promptTokensPerSecond, last.generationTokensPerSecond, state.running, state.waiting,
                         state.cacheUsage, state.prefixHitRate},
                        {"chat-6d4f9c7b5-9dwlz", "gpu-1", 0, State::Ready, "", true, 4.3, 900, 640, 14, 0, 0.41, 0.37},
                        {"chat-6d4f9c7b5-kq7vn", "gpu-2", 0, State::Starting, "ContainerCreating", false},
                        {"chat-6d4f9c7b5-zz81p", "gpu-2", 0, State::Down, "CrashLoopBackOff", false},
                        {"docs-7b5c6d4f9-m2n8x", "gpu-2", 1, State::Ready, "", true, 0.2, 310, 42, 2, 0, 0.18, 0}};
    detail->fleetRead = servingReading("fleet");
    detail->inside = std::move(inside);
    return detail;
}

std::shared_ptr<const ServingDetail> sketchDownServing()
{
    auto detail = std::make_shared<ServingDetail>();
    detail->exists = true;
    detail->routes = {{"llm/chat", "", std::nullopt, "", false, 2, 0.06}};
    detail->clients = {{"web", "chat", 0, 3, 3}};
    detail->replicas = {{"chat-6d4f9c7b5-zz81p", "gpu-2", 0, ServingReplica::State::Down, "CrashLoopBackOff", false}};
    detail->fleetRead = servingReading("fleet");
    return detail;
}

} // namespace app::desktop::testing
