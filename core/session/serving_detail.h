#pragma once

#include "core/session/host_detail.h"
#include "sim/serving/router.h"
#include "sim/serving/sample.h"

#include <deque>

// What the window's page about LLM serving shows, as host_detail.h does it for one machine. The builders that take an engine are pure.
namespace core::session {

/// What the open page wants to see.
struct ServingInterest {
    bool fleet = false;   ///< clients, routers and replicas: whatever else is asked for
    std::string replica;  ///< whose inside is asked for; empty: the first with an engine
    bool cache = false;   ///< its block map
    bool twin = false;    ///< the same load on an engine that reserves contiguously
    bool batch = false;   ///< its recent steps
    bool samples = false; ///< its history
    bool operator==(const ServingInterest&) const = default;
};

/// A sequence that holds a part of the cache.
struct CacheOwner {
    sim::serving::RequestId id = 0;
    std::uint32_t prompt = 0;         ///< tokens
    std::uint32_t computed = 0;       ///< or under way
    std::uint32_t delivered = 0;      ///< of the answer
    std::uint32_t preemptions = 0;
    std::vector<std::uint32_t> cells; ///< in the order of its tokens; those that a window has left behind are gone
    std::uint32_t firstToken = 0;     ///< of the first cell
    std::uint32_t shared = 0;         ///< cells that others hold as well
};

/// A block of the pool, or as many tokens of a contiguous cache.
struct CacheCell {
    enum class Use : std::uint8_t { Free, CachedFree, Held };
    Use use = Use::Free;
    bool stored = false;       ///< may be found by its content
    std::uint16_t written = 0; ///< tokens with content
    std::uint16_t holders = 0;
    std::int32_t owner = -1;   ///< in CacheMap::owners; the first of them that holds it
    bool operator==(const CacheCell&) const = default;
};

/// A cache as it lies in memory.
struct CacheMap {
    bool paged = true;
    std::uint32_t cellTokens = 16;
    std::vector<CacheCell> cells;     ///< by block, or by place
    std::vector<CacheOwner> owners;   ///< in the scheduler's order; who waits holds nothing
    std::uint32_t groups = 1;         ///< of layers, whose blocks lie in one pool
    std::uint32_t waiting = 0;
    std::uint32_t running = 0;
    std::uint32_t largestFree = 0;    ///< tokens in one piece; contiguous only
    // Cells of each kind; the last two in cells' worth of tokens.
    std::uint32_t free = 0, cachedFree = 0, held = 0;
    double written = 0, unwritten = 0; ///< of `held`
    double share(double cellCount) const { return cells.empty() ? 0 : cellCount / static_cast<double>(cells.size()); }
};
CacheMap blockMapOf(const sim::serving::LlmEngine& engine);

/// One sequence in the steps of a batch.
struct BatchRow {
    sim::serving::RequestId id = 0;
    std::uint32_t prompt = 0; ///< tokens; 0: not known any more
};

struct BatchCell {
    enum class Kind : std::uint8_t {
        Away,      ///< not there yet, or ended
        Waiting,   ///< in the queue
        Passed,    ///< in the batch, but this step computes nothing for it
        Prefill,   ///< a chunk of its prompt, or of what a preemption threw away
        Decode,
        Preempted, ///< thrown out while this step was put together
    };
    Kind kind = Kind::Away;
    std::uint32_t tokens = 0;
    std::uint32_t computed = 0; ///< before
};

struct BatchStep {
    std::uint64_t number = 0;
    sim::Instant begin{};
    double seconds = 0;
    double idleBefore = 0;  ///< seconds between the step before and this one
    double hostSeconds = 0; ///< of `seconds`
    sim::serving::StepCost device; ///< the rest of it, as long as it took
    std::uint32_t prefillTokens = 0;
    std::uint32_t decodeTokens = 0;
    std::uint32_t waiting = 0;
    std::uint32_t freeBlocks = 0;
};

/// The latest steps, a row a sequence, in the order of their ids.
struct BatchLanes {
    std::uint32_t budget = 0; ///< tokens of a step
    std::vector<BatchStep> steps;
    std::vector<BatchRow> rows;
    std::uint32_t rowsLeftOut = 0; ///< of those that wait
    std::vector<BatchCell> cells;  ///< rows * steps
    const BatchCell& cell(std::size_t row, std::size_t step) const { return cells[row * steps.size() + step]; }
};
BatchLanes lanesOf(const sim::serving::LlmEngine& engine, std::size_t mostSteps);

/// The requests of one engine, played to a twin whose cache is contiguous and reserves the longest sequence for each.
class ServingTwin {
public:
    /// Brings the twin up to an instant, as far as it is known who has asked until then; begins anew where the engine is another one or time went back. Only what the engine still
    /// remembers (recentRequests) is played.
    const sim::serving::LlmEngine& follow(const sim::serving::LlmEngine& engine, sim::Instant now);
    /// The twin's cache after follow(), its owners by the ids that the engine gave them.
    CacheMap cacheMap(const sim::serving::LlmEngine& engine, sim::Instant now);

private:
    std::optional<sim::serving::LlmEngine> m_twin;
    std::vector<sim::serving::RequestId> m_ids; ///< the engine's, by the twin's from 1 on: what the twin refused has none there
    sim::serving::EngineSettings m_of;
    sim::serving::IntakeRecord m_last;
    sim::Instant m_at{};     ///< of the last call
    sim::Instant m_played{}; ///< up to here
};

/// A way from clients to replicas: a Service with a router behind it, or with the replicas themselves.
struct ServingRoute {
    std::string service;   ///< that clients call: "llm/chat-router"
    std::string router;    ///< name of its Deployment; empty: the Service leads to the replicas
    std::optional<sim::serving::RoutePolicy> policy; ///< nothing: no router runs
    std::string policyName; ///< as its --policy says
    bool ready = true;     ///< somebody is behind the Service
    double firstTokenGoal = 0; ///< seconds: the strictest that its clients agreed on; 0: none did
    double tokenGoal = 0;      ///< seconds a token
};

/// A replica as monitoring knows it: what its pod says and what its metrics say.
struct ServingReplica {
    enum class State : std::uint8_t { Ready, Starting, NotReady, Down };
    std::string name;      ///< of its pod
    std::string node;
    int route = 0;         ///< in ServingDetail::routes
    State state = State::Ready;
    std::string word;      ///< why it is not ready, as kubectl prints it; empty: nothing to say
    bool measured = true;  ///< it has an engine; the figures below hold
    double requestsPerSecond = 0; ///< that come in
    double promptTokensPerSecond = 0;
    double generationTokensPerSecond = 0;
    std::uint32_t running = 0;
    std::uint32_t waiting = 0;
    double cacheUse = 0;
    double hitRate = 0;
};

struct ServingClient {
    std::string name;
    std::string asks;      ///< the kind of its load: "chat"
    int route = 0;
    double requestsPerSecond = 0;
    double failuresPerSecond = 0;
};

/// One replica from the inside.
struct ServingInside {
    std::string replica;
    sim::serving::EngineSettings settings;
    std::optional<CacheMap> cache;
    std::optional<CacheMap> twin;
    std::optional<BatchLanes> batch;
    std::optional<std::vector<sim::serving::ServingSample>> samples; ///< oldest first
    // The Deployment behind it, for a patch; empty: none.
    std::string nameSpace, deployment, container;
    std::vector<std::string> arguments;
    std::string model; ///< the word among them that names the model
    Reading stateRead, samplesRead; ///< the latter with the samples
};

struct ServingDetail {
    bool exists = false; ///< false: nothing here serves a model, and nothing else holds
    std::vector<ServingRoute> routes;
    std::vector<ServingClient> clients;   ///< by route
    std::vector<ServingReplica> replicas; ///< by route
    std::optional<ServingInside> inside;  ///< nothing: the replica has no engine, or none has
    Reading fleetRead;
};

/// What monitoring and the servers' own metrics tell. `twin`: plays the load that is compared; null: nothing is compared.
ServingDetail servingOf(const sim::World& world, const ServingInterest& interest, ServingTwin* twin);

/// Builds what is asked for, at LookPace.
class ServingDetailer {
public:
    std::shared_ptr<const ServingDetail> look(const sim::World& world, const ServingInterest& interest, bool still);
    void forget() { *this = ServingDetailer(); }

private:
    /// What clients had sent at an instant: rates of a single second jump.
    struct Counts {
        sim::Instant at{};
        std::vector<std::uint64_t> sent, failed; ///< by client
    };
    void smooth(ServingDetail& detail, const sim::World& world);

    std::shared_ptr<const ServingDetail> m_last;
    std::deque<Counts> m_counts;
    ServingInterest m_asked;
    ServingTwin m_twin;
    LookPace m_pace;
};

} // namespace core::session
