#include "sim/serving/router.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <bit>

namespace sim::serving {

namespace {

/// vLLM's balancer weighs a waiting request as four running ones.
constexpr std::uint32_t kWaitingWeight = 4;

std::uint32_t loadOf(const EngineLoad& engine) { return kWaitingWeight * engine.waiting + engine.running; }

std::uint64_t scrambled(std::uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

} // namespace

Router::Router(RoutePolicy policy, const AffinitySettings& affinity)
    : m_policy(policy), m_affinity(affinity), m_seen(policy == RoutePolicy::PrefixAffine ? std::bit_ceil(affinity.rememberedBlocks) : 0)
{
    FL_ASSERT(affinity.blockTokens > 0);
}

/// Among equals in turn, so that idle engines share.
std::uint32_t Router::leastLoaded(std::span<const EngineLoad> engines)
{
    std::uint32_t least = 0xffffffff;
    for (const EngineLoad& engine : engines)
        if (engine.ready)
            least = std::min(least, loadOf(engine));
    const std::size_t turn = m_next++;
    for (std::size_t i = 0; i < engines.size(); ++i) {
        const EngineLoad& engine = engines[(turn + i) % engines.size()];
        if (engine.ready && loadOf(engine) == least)
            return engine.engine;
    }
    return kNone;
}

std::uint32_t Router::prefixAffine(const Request& request, std::span<const EngineLoad> engines)
{
    const std::uint32_t blocks = request.promptTokens() / m_affinity.blockTokens;
    PromptReader reader(request.prompt, 0);
    std::uint64_t hash = firstParent(request.salt);
    std::uint32_t found = kNone;
    std::uint32_t known = 0;
    const std::size_t mask = m_seen.size() - 1;
    std::vector<std::uint64_t> hashes;
    hashes.reserve(blocks);
    for (std::uint32_t i = 0; i < blocks; ++i) {
        hash = reader.next(hash, m_affinity.blockTokens);
        hashes.push_back(hash);
        if (const Seen& seen = m_seen[hash & mask]; seen.hash == hash && seen.engine != kNone && (i == 0 || found != kNone)) {
            found = seen.engine;
            known = i + 1;
        }
    }
    std::uint32_t chosen = leastLoaded(engines);
    if (chosen == kNone)
        return kNone;
    std::uint32_t least = 0xffffffff;
    std::uint32_t most = 0;
    bool ready = false;
    for (const EngineLoad& engine : engines)
        if (engine.ready) {
            least = std::min(least, loadOf(engine));
            most = std::max(most, loadOf(engine));
            ready = ready || engine.engine == found;
        }
    const bool uneven = most - least > m_affinity.absoluteImbalance && most > m_affinity.relativeImbalance * least;
    if (ready && !uneven && known > m_affinity.knownShare * blocks)
        chosen = found;
    for (const std::uint64_t one : hashes)
        m_seen[one & mask] = {one, chosen};
    return chosen;
}

std::uint32_t Router::choose(const Request& request, std::span<const EngineLoad> engines)
{
    switch (m_policy) {
    case RoutePolicy::RoundRobin:
        for (std::size_t i = 0; i < engines.size(); ++i)
            if (const EngineLoad& engine = engines[m_next++ % engines.size()]; engine.ready)
                return engine.engine;
        return kNone;
    case RoutePolicy::LeastLoaded: return leastLoaded(engines);
    case RoutePolicy::PrefixAffine: return prefixAffine(request, engines);
    case RoutePolicy::SessionHash: break;
    }
    std::uint32_t chosen = kNone;
    std::uint64_t best = 0;
    for (const EngineLoad& engine : engines) {
        const std::uint64_t weight = scrambled(request.session * 0x9e3779b97f4a7c15ULL + scrambled(engine.engine + 1));
        if (engine.ready && (chosen == kNone || weight > best)) {
            best = weight;
            chosen = engine.engine;
        }
    }
    return chosen;
}

void Router::forget(std::uint32_t engine)
{
    for (Seen& seen : m_seen)
        if (seen.engine == engine)
            seen = {};
}

void Router::addTo(Fingerprint& f) const
{
    f.add(static_cast<std::uint64_t>(m_policy));
    sim::addTo(f, m_affinity);
    f.add(m_next);
    f.add(m_seen.size());
    for (const Seen& seen : m_seen) // each at the place that its hash gives it
        if (seen.engine != kNone) {
            f.add(seen.hash);
            f.add(std::uint64_t{seen.engine});
        }
}

} // namespace sim::serving
