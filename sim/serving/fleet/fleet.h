#pragma once

#include "sim/container/runtime.h"
#include "sim/gpu/gpus.h"
#include "sim/serving/fleet/server.h"
#include "sim/serving/fleet/traffic.h"

#include <span>

namespace sim::serving {

/// Who is behind a name, as kube-proxy and the pods' labels have it now. The world answers.
class Discovery {
public:
    virtual ~Discovery() = default;
    /// Containers of the ready endpoints of a Service ("llm/chat"), routers among them.
    virtual std::vector<ContainerId> endpoints(const std::string& service) const = 0;
    /// Containers of the ready pods of a namespace with these labels ("app=chat,tier=gpu").
    virtual std::vector<ContainerId> ready(const std::string& nameSpace, const std::string& selector) const = 0;
};

/// What the fleet touches besides its own state. Built by the world for each call.
struct Surroundings {
    gpu::Gpus& gpus;
    container::Runtimes& runtimes;
    container::Context& runtime; ///< with the engine and the machines
    const Discovery& discovery;
    Instant now() const { return runtime.engine.now(); }
};

/// A request that somebody sent by hand or by a program of his own.
struct Ask {
    ContainerId server;          ///< none: nobody was there to take it
    RequestId request = 0;
    Refusal refusal = Refusal::None;
    Instant sent{};
    std::uint32_t delivered = 0; ///< tokens
    Instant firstToken{};        ///< when the first came; known at its end
    bool ended = false;
    bool failed = false;         ///< the engine died under it
    FinishReason reason = FinishReason::Length;
    std::uint32_t cachedTokens = 0;
    Instant endedAt{};
    bool operator==(const Ask&) const = default;
};
BOOST_DESCRIBE_STRUCT(Ask, (), (server, request, refusal, sent, delivered, firstToken, ended, failed, reason, cachedTokens, endedAt))

/// What users got in the last second.
struct FleetResult {
    double success = 1;      ///< share of good answers, the mean over the interactive clients: a small one counts as much as a large one
    double requestsPerSecond = 0;
    double firstTokenP99 = 0; ///< seconds, of the last Client::kWindow
    bool operator==(const FleetResult&) const = default;
};
BOOST_DESCRIBE_STRUCT(FleetResult, (), (success, requestsPerSecond, firstTokenP99))

/// Containers of the ready pods that a router's command line makes it send to.
std::vector<ContainerId> workersOf(const container::Container& router, const Discovery& discovery);
/// Its /metrics.
std::string routerMetrics(const RouterState& router, const container::Runtimes& runtimes);

/// The model servers of a cluster, their routers and their clients. A server is what its container's command line says: it starts, loads,
/// sizes its cache by what its GPUs have left, answers, and dies as its processes and devices do.
class Fleet {
public:
    /// Once a second. `servers`: the containers of model servers that run, in the order of their ids; `routers` likewise.
    void advance(Surroundings& around, std::span<const ContainerId> servers, std::span<const ContainerId> routers);

    /// In between, while somebody waits for an answer of his own (isAsked()): what has arrived and what was answered up to now.
    void attend(Surroundings& around);
    bool isAsked() const;

    void addClient(const ClientSettings& settings, std::uint64_t seed, Instant start) { m_clients.emplace_back(settings, seed, start); }
    const std::vector<Client>& clients() const { return m_clients; }
    std::vector<Client>& clients() { return m_clients; }
    const Client* client(const std::string& name) const;

    const std::map<ContainerId, Server>& servers() const { return m_servers; }
    const Server* find(ContainerId container) const;
    /// The pid of the process that computes on a GPU; 0: none does.
    std::int64_t workerOn(GpuId gpu) const;
    const std::map<ContainerId, RouterState>& routers() const { return m_routers; }
    const FleetResult& last() const { return m_last; }
    bool empty() const { return m_servers.empty() && m_clients.empty(); }
    /// About what a copy of it takes: the caches of its engines.
    std::size_t copiedBytes() const;

    /// Sends somebody's own request to a Service's container, by way of a router where it is one. Its number, for ask().
    std::uint64_t submit(Surroundings& around, ContainerId to, Request request);
    std::uint64_t nextAsk() const { return m_nextAsk; }
    /// POST /reset_prefix_cache: nothing happens while a sequence holds blocks.
    void resetPrefixCache(ContainerId server);
    /// Null: it ended long ago, or never was.
    const Ask* ask(std::uint64_t number) const;
    /// Its client hangs up.
    void abandon(Surroundings& around, std::uint64_t number);

    bool operator==(const Fleet&) const = default;
    void addTo(Fingerprint& f) const;

private:
    friend class FleetStep;
    std::map<ContainerId, Server> m_servers;
    std::map<ContainerId, RouterState> m_routers;
    std::vector<Client> m_clients;
    std::map<std::uint64_t, Ask> m_asks; ///< under way, and for a while after their end
    std::uint64_t m_nextAsk = 1;
    FleetResult m_last;
};

} // namespace sim::serving
