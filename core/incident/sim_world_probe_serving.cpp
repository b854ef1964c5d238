#include "core/incident/sim_world_probe.h"

#include "sim/kube/client/objects.h"

#include <algorithm>

// What predicates ask of model servers, their clients and routers.
namespace core::incident {

using namespace sim;

namespace {

constexpr Duration kLately = std::chrono::minutes(1);

/// Adds a replica's arguments to what all have in common.
void addArguments(ModelState& state, const serving::Server& server)
{
    const serving::EngineSettings& settings = server.arguments.settings;
    using serving::AttentionBackend;
    const AttentionBackend backend = settings.deployment.attentionBackend;
    state.continuous = state.continuous && settings.batching != serving::Batching::Static;
    state.paged = state.paged && settings.reservation == serving::Reservation::Paged;
    state.chunked = state.chunked && settings.chunkedPrefill;
    state.prefixCaching = state.prefixCaching && settings.prefixCaching;
    state.lru = state.lru && settings.eviction == serving::Eviction::Lru;
    state.fastAttention = state.fastAttention && (backend == AttentionBackend::FlashAttention || backend == AttentionBackend::FlashInfer);
    state.eightBitCache = state.eightBitCache && settings.deployment.cache == serving::Precision::Float8;
    state.seesDisconnects = state.seesDisconnects && server.seesDisconnects();
    state.byPriority = state.byPriority && settings.policy == serving::SchedulingPolicy::Priority;
    state.blockTokens = std::max<std::int64_t>(state.blockTokens, settings.blockSize);
    state.sequences = std::max<std::int64_t>(state.sequences, settings.maxNumSeqs);
}

} // namespace

std::optional<ModelState> SimWorldProbe::models(const std::string& nameSpace, const std::string& deployment) const
{
    ModelState state;
    bool any = false;
    double hits = 0, samplesWithHits = 0;
    for (const auto& [id, server] : m_world.serving().servers()) {
        if (server.nameSpace != nameSpace || kube::deploymentOf(server.pod) != deployment)
            continue;
        any = true;
        if (server.phase != serving::ServerPhase::Serving)
            continue;
        ++state.serving;
        addArguments(state, server);
        for (const GpuId gpu : server.gpus) {
            const gpu::Gpu& device = m_world.gpus().at(gpu);
            state.boards.insert(std::string(device.kind().shortName));
            state.clocksFree = state.clocksFree && device.settings.lockedMHz == 0
                && device.settings.powerLimitW >= m_world.gpus().nodeOf(device.host)->usualLimitW;
        }
        double waiting = 0, use = 0, samples = 0;
        for (auto sample = server.history.rbegin(); sample != server.history.rend() && m_world.now() - sample->at < kLately; ++sample) {
            waiting += sample->waiting;
            use += sample->cacheUse;
            state.preemptionsPerMinute += sample->preemptionsPerSecond * toSeconds(serving::Server::kSampleEvery);
            ++samples;
            if (sample->hitRate >= 0) {
                hits += sample->hitRate;
                ++samplesWithHits;
            }
        }
        if (samples > 0) {
            state.waiting += waiting / samples;
            state.cacheUse = std::max(state.cacheUse, use / samples);
        }
    }
    state.hitRate = samplesWithHits > 0 ? hits / samplesWithHits : 1;
    return any ? std::optional(state) : std::nullopt;
}

std::optional<ModelClientState> SimWorldProbe::modelClient(const std::string& name) const
{
    const serving::Client* client = m_world.serving().client(name);
    if (client == nullptr)
        return std::nullopt;
    return ModelClientState{client->share, !client->through.ownBeginnings, client->arriving().requestsPerSecond};
}

std::string SimWorldProbe::routerPolicy(const std::string& nameSpace, const std::string& deployment) const
{
    for (const auto& [id, router] : m_world.serving().routers()) {
        const container::Container* container = m_world.runtimes().find(id);
        if (container != nullptr && container->podNamespace == nameSpace && kube::deploymentOf(container->podName) == deployment)
            return router.policyName;
    }
    return {};
}

} // namespace core::incident
