#pragma once

#include "sim/container/runtime.h"
#include "sim/kube/cluster.h"
#include "sim/net/network.h"
#include "sim/world/host_services.h"

#include <string>
#include <vector>

namespace sim {

/// People using the shop: an open load that enters at the first Service of a chain and needs every tier.
struct LoadProfile {
    std::vector<std::string> chain;      ///< "shop/gateway", "shop/checkout", "shop/postgres"
    std::vector<std::string> hostChain;  ///< the same of HostServices on plain machines; used when `chain` is empty
    StackId users;                       ///< of hostChain: from where people come
    bool training = false;               ///< nobody calls: what counts is how training jobs get on, see Jobs::progress()
    bool serving = false;                ///< what counts is what clients of language models get, see serving::Fleet::last()
    double requestsPerSecond = 0;        ///< mean
    double swing = 0.03;                 ///< slow wave, as a fraction of the mean
    Duration swingPeriod = 600s;
    double noise = 0.01;                 ///< second to second, as a fraction
    Duration clientTimeout = 2s;         ///< a request that waits longer has failed
    bool operator==(const LoadProfile&) const = default;
};
BOOST_DESCRIBE_STRUCT(LoadProfile, (), (chain, hostChain, users, training, serving, requestsPerSecond, swing, swingPeriod, noise, clientTimeout))

struct LoadResult {
    double success = 1;
    double rate = 0;                     ///< asked for
    double p99Seconds = 0;
    double lostRequests = 0;             ///< since the start
    double offeredRequests = 0;          ///< since the start
    bool operator==(const LoadResult&) const = default;
};
BOOST_DESCRIBE_STRUCT(LoadResult, (), (success, rate, p99Seconds, lostRequests, offeredRequests))

/// Turns the state of Services, pods, programs and network into what users get, once a second; gives
/// the programs their load, so that CPU, GPU and logs follow.
class UserLoad {
public:
    void setProfile(LoadProfile profile) { m_profile = std::move(profile); }
    const LoadProfile& profile() const { return m_profile; }
    const LoadResult& last() const { return m_last; }
    void addService(HostService service) { m_services[service.name] = std::move(service); }
    const std::map<std::string, HostService>& services() const { return m_services; }
    const ServerSettings& settings() const { return m_settings; } ///< of the processes that have served so far

    void tick(Engine& engine, net::Network& network, host::Hosts& hosts, container::Runtimes& runtimes,
              const kube::Cluster& cluster, const container::docker::Daemons& dockers, programs::Programs& programs);

    /// What users got in the last second, of what they asked for. Training: the share of the steps that sound machines would make,
    /// the tokens/s of those, and the time of a step. Serving: requests answered within their goals, requests/s, seconds to the first token.
    void record(double success, double rate, double p99Seconds);

    bool operator==(const UserLoad&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, m_profile); sim::addTo(f, m_services); sim::addTo(f, m_settings); sim::addTo(f, m_last); }

private:
    LoadProfile m_profile;
    std::map<std::string, HostService> m_services; ///< by name
    ServerSettings m_settings;
    LoadResult m_last;
};

} // namespace sim
