#pragma once

#include "sim/serving/request.h"

#include <span>

namespace sim::serving {

enum class RoutePolicy : std::uint8_t {
    RoundRobin,
    LeastLoaded,    ///< waiting * 4 + running, as vLLM balances its data-parallel engines
    PrefixAffine,   ///< vllm-router's cache_aware: to where the longest beginning of the prompt went before, unless loads are uneven
    SessionHash,    ///< rendezvous hashing of the session: few move when engines come and go
};

/// How busy one engine looked at its last scrape; a router never sees more.
struct EngineLoad {
    std::uint32_t engine = 0; ///< its stable number
    std::uint32_t running = 0;
    std::uint32_t waiting = 0;
    bool ready = true;
};

/// Of RoutePolicy::PrefixAffine, with vllm-router's defaults.
struct AffinitySettings {
    std::uint32_t absoluteImbalance = 64; ///< --balance-abs-threshold: the busiest has more than this over the idlest ..
    double relativeImbalance = 1.5;       ///< --balance-rel-threshold: .. and more than this times as much: then load alone decides
    double knownShare = 0.3;              ///< --cache-threshold: of the prompt that must be known for it to be followed
    std::uint32_t blockTokens = 64;       ///< prompts are compared in steps of so many
    std::uint32_t rememberedBlocks = 200'000;
    bool operator==(const AffinitySettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(AffinitySettings, (), (absoluteImbalance, relativeImbalance, knownShare, blockTokens, rememberedBlocks))

/// Chooses engines for requests. A value; it remembers only what it sent where.
class Router {
public:
    explicit Router(RoutePolicy policy, const AffinitySettings& affinity = {});

    RoutePolicy policy() const { return m_policy; }
    /// The number of an engine that is ready; nothing is: kNone. What the request's prompt begins with counts as being
    /// there from now on.
    static constexpr std::uint32_t kNone = 0xffffffff;
    std::uint32_t choose(const Request& request, std::span<const EngineLoad> engines);
    /// An engine is gone or was restarted: its cache is cold.
    void forget(std::uint32_t engine);
    std::size_t copiedBytes() const { return m_seen.size() * sizeof(Seen); }

    bool operator==(const Router&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct Seen {
        std::uint64_t hash = 0;
        std::uint32_t engine = kNone;
        bool operator==(const Seen&) const = default;
    };
    std::uint32_t leastLoaded(std::span<const EngineLoad> engines);
    std::uint32_t prefixAffine(const Request& request, std::span<const EngineLoad> engines);

    RoutePolicy m_policy;
    AffinitySettings m_affinity;
    std::uint64_t m_next = 0;
    std::vector<Seen> m_seen; ///< by hash, direct-mapped: a newer prefix takes an older one's place
};

} // namespace sim::serving
