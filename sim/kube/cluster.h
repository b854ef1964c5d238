#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/api/store.h"
#include "sim/kube/api_health.h"
#include "sim/kube/client/context.h"
#include "sim/kube/network/dns_exchange.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sim::kube {

class ControllerManager;
class EtcdGroup;
class Kubelet;
class LeaderElection;
struct PodTally;
class Scheduler;
struct FakeNode;

/// A Kubernetes cluster: store, controllers, scheduler, batch operators, kubelets, service network. All behaviour runs
/// from events; each component follows the store by its own watch cursor and reconciles after its own
/// latency. A component works only while its process does: kubelet.service on its node, the control
/// plane's static pods on theirs. A hosted control plane (see ClusterSettings) always works; nodes without a
/// machine are fake ones.
class Cluster {
public:
    explicit Cluster(ClusterSettings settings);

    const Store& store() const { return m_store; }
    const ClusterSettings& settings() const { return m_settings; }

    /// Registers nodes, starts kubelets, controllers and scheduler. Once, at the start of the world.
    void start(Context& context);

    /// A request as the API server takes it. Requires for non-empty result: apiAvailable(). What etcd refuses or
    /// delays shows in the response.
    Response handle(Context& context, const Request& request);
    /// At least one kube-apiserver answers; what it says depends on etcd.
    bool apiAvailable(const Context& context) const;
    /// What every read meets now when etcd does not answer; nothing when it does.
    std::optional<Response> readRefusal(Instant now) const;
    /// How long a read waits for etcd now.
    Duration readDelay(Instant now) const;
    /// What an API server's health path answers (api_health.h).
    std::optional<HealthAnswer> health(const std::string& path, bool verbose, Instant now) const;
    const EtcdGroup& etcd() const;
    EtcdGroup& etcd();
    /// The host of the machine that leads etcd; none without a quorum.
    HostId etcdLeader() const;

    void handle(Context& context, const Event& event);   ///< events of Part::Kube
    void on(Context& context, const container::Notice& notice);
    void on(Context& context, const host::Notice& notice);
    /// Adds a node whose kubelet runs nothing (fake/fake_kubelets.h). Requires: no node of that name.
    void joinFakeNode(Context& context, const FakeNode& node);
    /// From now on, pods whose names begin so are said to use this much in each container; without a namespace the node of
    /// that name. Requires: fake nodes.
    void recordUsage(const std::string& namespace_, const std::string& podPrefix, std::int64_t milliCpu, std::int64_t memoryBytes);
    /// What a metrics-server answers; nothing when the request is for another API.
    std::optional<Response> readMetrics(const Context& context, const Request& request) const;
    /// ComponentStatuses: each reader has the components asked. Nothing when the request is for something else.
    std::optional<Response> readComponents(const Context& context, const Request& request) const;
    std::optional<std::variant<Table, Response>> componentTable(const Context& context, const Request& request) const;
    /// The scheduler takes that node for the pod whenever it is among the best.
    void drawOnTie(const ObjectKey& pod, std::string node);
    /// Its kubelet dies, or comes back. Requires: a fake node.
    void setFakeNodeAlive(Context& context, const std::string& node, bool alive);

    /// Its decisions are there to be looked at (the window's "why here?").
    const Scheduler& scheduler() const;
    const ControllerManager& controllers() const;
    /// Pods by state, as of the latest settle().
    const PodTally& podTally() const;

    /// Lets every component look at what changed in the store and schedule its work. The world calls it
    /// after each event and command.
    void settle(Context& context);

    /// What name resolution and packet paths look at (network/dns_exchange.h, network/packet_path.h). Holds references.
    DnsView dnsView(const net::Network& network, const host::Hosts& hosts, const container::Runtimes& runtimes, Instant now) const;

    bool operator==(const Cluster& other) const;
    void addTo(Fingerprint& f) const;

    /// The container that runs a pod's container now, if any (kubectl logs, exec; probes).
    const container::Container* containerOf(const Context& context, const Pod& pod, const std::string& containerName,
                                            bool previous = false) const;

private:
    /// Components get their writes done: an API server answers and etcd takes them.
    bool writable(const Context& context) const;
    Response handleAdmitted(Context& context, const Request& request);
    Response handleStored(Context& context, const Request& request, WebhookCaller& webhooks);
    bool putOff(Context& context, const Event& event) const;
    void noteWrites(Context& context, const Event& event, std::uint64_t before);
    void dispatch(Context& context, const Event& event, bool up);
    void logUnwritten(Context& context, const Kubelet& kubelet) const;
    void elect(Context& context);
    void publishLease(Context& context, const LeaderElection& election);

    bool componentEtcdAnswers(const Context& context) const;

    struct State;                       // controllers', scheduler's and kubelets' own state
    ClusterSettings m_settings;
    Store m_store;
    std::shared_ptr<State> m_state;     // copied with the cluster (see the copy operations)

public:
    ~Cluster();
    Cluster(const Cluster&);
    Cluster& operator=(const Cluster&);
    Cluster(Cluster&&) noexcept;
    Cluster& operator=(Cluster&&) noexcept;
};

} // namespace sim::kube
