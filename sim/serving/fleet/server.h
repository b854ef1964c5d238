#pragma once

#include "sim/engine/ids.h"
#include "sim/serving/arguments.h"
#include "sim/serving/sample.h"

#include <deque>
#include <map>
#include <optional>

namespace sim::serving {

/// A request on its way through a server, for whoever waits for it.
struct Flight {
    std::int64_t client = -1; ///< index in Fleet::clients(); -1: somebody's own request
    std::uint64_t ask = 0;    ///< its number in Fleet::asks()
    Instant arrival{};
    Instant leaves = Instant::max(); ///< when its reader has seen enough
    bool judged = false; ///< whether it counts as good is settled
    bool left = false;   ///< its client has gone, and the server does not know
    bool operator==(const Flight&) const = default;
};
BOOST_DESCRIBE_STRUCT(Flight, (), (client, ask, arrival, leaves, judged, left))

/// A line of a start that is still to come.
struct DueLine {
    Instant at{};
    std::string text;
    bool operator==(const DueLine&) const = default;
};
BOOST_DESCRIBE_STRUCT(DueLine, (), (at, text))

enum class ServerPhase : std::uint8_t {
    Starting,
    Serving,
    Stalled, ///< a rank stands still: no step ends
    Dead,    ///< the engine's processes are gone, the API server is there (VLLM_KEEP_ALIVE_ON_ENGINE_DEATH)
    Ended,   ///< the container's process has ended or is about to
};

/// One container with a model server: an API server, an engine's core, and with tensor parallelism a worker for each GPU.
struct Server {
    ContainerId container;
    HostId host;
    std::string nameSpace;
    std::string pod;
    ServerPhase phase = ServerPhase::Starting;
    ServerArguments arguments;
    std::map<std::string, std::string> environment;
    std::vector<GpuId> gpus;             ///< by rank
    std::int64_t corePid = 0;            ///< of the machine; 0: it does not run
    std::vector<std::int64_t> workers;   ///< pids by rank; with one GPU the core's
    std::vector<DueLine> lines;          ///< of the start, by instant
    Instant initialises{};               ///< when the core looks at its devices
    Instant loadBegins{};
    Instant loadEnds{};
    Instant readyAt{};                   ///< when its port opens; Instant::max() until that is known, and where it never does
    std::optional<Instant> failsAt;      ///< when the start fails
    std::optional<LlmEngine> engine;
    std::map<RequestId, Flight> flights;
    Counters logged;                     ///< when the last line of statistics was due
    Instant lastStats{};
    bool statsIdle = false;              ///< nothing happened in the last interval
    Instant stalledSince{};
    std::int64_t stallLines = 0;
    std::deque<ServingSample> history;   ///< one for each kSampleEvery, of the last kHistory
    Metrics sampled{0};                  ///< when the last was taken
    static constexpr Duration kSampleEvery = 5s;
    static constexpr Duration kHistory = 3600s;
    // Of the last second, for its GPUs:
    std::uint64_t busyNs = 0;
    StepTraffic moved;
    double busyShare = 0;
    StepTraffic movedLast;
    std::uint64_t generated = 0; ///< the counter at the end of the last second
    double tokensPerSecond = 0;  ///< given in the last second
    bool operator==(const Server&) const = default;

    bool answers() const { return phase == ServerPhase::Serving || phase == ServerPhase::Stalled || phase == ServerPhase::Dead; }
    bool takes() const { return phase == ServerPhase::Serving || phase == ServerPhase::Stalled; }
    std::int64_t ranks() const { return arguments.settings.deployment.tensorParallel; }
    const std::string& servedName() const { return arguments.servedNames.front(); }
    /// A client that hangs up is seen by the server. Middleware of Starlette's BaseHTTPMiddleware kind hides that from what is behind it.
    bool seesDisconnects() const { return arguments.middleware.empty(); }
    void addTo(Fingerprint& f) const;
};

} // namespace sim::serving
