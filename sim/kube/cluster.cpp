#include "sim/kube/cluster.h"

#include "sim/kube/api/default_priorities.h"
#include "sim/kube/api/default_roles.h"
#include "sim/kube/api/defaults.h"
#include "sim/kube/client/event_types.h"
#include "sim/kube/client/recorder.h"
#include "sim/kube/control_plane.h"
#include "sim/kube/controllers/controller_manager.h"
#include "sim/kube/fake/fake_kubelets.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/metrics/metrics_api.h"
#include "sim/kube/scheduler/scheduler.h"
#include "sim/kube/webhook_network.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kKubeSystem = "kube-system";
constexpr const char* kBootstrapStream = "kube/bootstrap"; // uids of what an API server makes at its first start

} // namespace

struct Cluster::State {
    ControllerManager controllers;
    Scheduler scheduler;
    LeaderElection controllerElection{"kube-controller-manager"};
    LeaderElection schedulerElection{"kube-scheduler"};
    Recorder recorder;
    std::vector<Kubelet> kubelets;      ///< in the order of settings.nodes
    FakeKubelets fakes;
    RecordedUsage usage;
    WatchCursor kubeletCursor;
    HostId etcdLeader;
    bool apiWasUp = false;
};

Cluster::Cluster(ClusterSettings settings)
    : m_settings(std::move(settings))
    , m_state(std::make_shared<State>())
{
}

Cluster::~Cluster() = default;
Cluster::Cluster(const Cluster& other)
    : m_settings(other.m_settings)
    , m_store(other.m_store)
    , m_state(std::make_shared<State>(*other.m_state))
{
}
Cluster& Cluster::operator=(const Cluster& other)
{
    if (this != &other) {
        m_settings = other.m_settings;
        m_store = other.m_store;
        m_state = std::make_shared<State>(*other.m_state);
    }
    return *this;
}
Cluster::Cluster(Cluster&&) noexcept = default;
Cluster& Cluster::operator=(Cluster&&) noexcept = default;

void Cluster::start(Context& context)
{
    RandomStream& random = context.engine.random(kIdentityStream);
    for (const char* name : {"default", kKubeSystem, "kube-public", "kube-node-lease"}) {
        Namespace space;
        space.metadata.name = name;
        admitNew(space, m_store, random);
        m_store.create(std::move(space), context.engine.now(), random);
    }
    createDefaultRoles(m_store, context.engine.now(), context.engine.random(kBootstrapStream));
    createDefaultPriorities(m_store, context.engine.now(), context.engine.random(kBootstrapStream));
    for (std::size_t i = 0; i < m_settings.nodes.size(); ++i) {
        const host::Machine& machine = context.hosts.at(m_settings.nodes[i]);
        const net::Prefix range{{m_settings.podNetwork.base.value + (static_cast<std::uint32_t>(i) << 8)}, 24};
        m_state->kubelets.emplace_back(machine.id, static_cast<std::uint32_t>(i), machine.name, range);
    }
    for (Kubelet& kubelet : m_state->kubelets) {
        KubeletContext k{context, nullptr, m_settings};
        if (context.hosts.unitActive(kubelet.host(), "kubelet.service"))
            kubelet.start(k);
    }
    if (m_settings.hosted) {
        m_state->controllers.start(context, m_store);
        m_state->scheduler.start(context, m_store, "default-scheduler");
        return;
    }
    context.engine.after(LeaderElection::kRetryPeriod, kubeEvent(EventType::LeaderElection));
}

bool Cluster::apiAvailable(const Context& context) const
{
    if (m_settings.hosted)
        return true;
    const int etcd = serving(context, m_settings, "etcd");
    return etcd * 2 > static_cast<int>(m_settings.controlPlane.size()) && serving(context, m_settings, "kube-apiserver") > 0;
}

HostId Cluster::etcdLeader() const
{
    return m_state->etcdLeader;
}

Response Cluster::handle(Context& context, const Request& request)
{
    if (isMetricsRequest(request))
        return metricsResponse(m_store, ClusterMetrics(context, m_store, m_state->usage), request);
    WebhookNetwork webhooks(context, m_settings);
    return ApiServer::handle(m_store, context.engine, request, &webhooks);
}

void Cluster::handle(Context& context, const Event& event)
{
    State& s = *m_state;
    const bool up = apiAvailable(context);
    const ClusterMetrics metrics(context, m_store, s.usage);
    Client client{context, m_store, s.recorder, m_settings, &metrics};
    KubeletContext k{context, up ? &client : nullptr, m_settings};
    switch (static_cast<EventType>(event.type)) {
    case EventType::ControllerWake:
        if (up) {
            const std::uint64_t before = m_store.resourceVersion();
            s.controllers.wake(client, event.target, event.argument);
            if (m_store.resourceVersion() == before) // else settle() plans what is left or due later
                s.controllers.schedule(context);
        }
        break;
    case EventType::SchedulerWake:
        if (up)
            s.scheduler.wake(client, event.argument);
        break;
    case EventType::LeaderElection:
        elect(context, up);
        context.engine.after(LeaderElection::kRetryPeriod, event);
        break;
    case EventType::EtcdElection: break;
    case EventType::NodeMonitor:
        if (up)
            s.controllers.monitorNodes(client);
        context.engine.after(NodeLifecycleController::kMonitorPeriod, event);
        break;
    case EventType::EventExpiry: s.recorder.expire(context, m_store); break;
    case EventType::PodGc: break;
    case EventType::KubeletPodSync: s.kubelets[event.target].syncEvent(k, event.argument); break;
    case EventType::KubeletProbe: s.kubelets[event.target].probeEvent(k, event.argument); break;
    case EventType::KubeletLease: s.kubelets[event.target].leaseEvent(k, event.argument); break;
    case EventType::KubeletStatus: break;
    case EventType::ControlPlaneReady: break;
    case EventType::FakeKubeletDue: s.fakes.due(client); break;
    case EventType::FakeKubeletLeases: s.fakes.renewLeases(client); break;
    }
}

void Cluster::elect(Context& context, bool up)
{
    State& s = *m_state;
    // etcd: the leader stays while it lives and a quorum is there.
    const bool quorum = serving(context, m_settings, "etcd") * 2 > static_cast<int>(m_settings.controlPlane.size());
    if (s.etcdLeader.valid() && (!quorum || !componentServes(context, s.etcdLeader, "etcd")))
        s.etcdLeader = {};
    else if (!s.etcdLeader.valid() && quorum)
        for (const HostId machine : m_settings.controlPlane)
            if (!s.etcdLeader.valid() && componentServes(context, machine, "etcd"))
                s.etcdLeader = machine;
    if (!up)
        return; // leases cannot be renewed; whoever leads goes on until its own deadline, without effect
    if (s.controllerElection.tryAcquire(context, m_settings)) {
        s.controllers.stop();
        if (s.controllerElection.holder().valid())
            s.controllers.start(context, m_store);
    }
    if (s.schedulerElection.tryAcquire(context, m_settings)) {
        s.scheduler.stop();
        if (s.schedulerElection.holder().valid())
            s.scheduler.start(context, m_store, "default-scheduler-" + context.hosts.at(s.schedulerElection.holder()).name);
    }
    for (const LeaderElection* election : {&s.controllerElection, &s.schedulerElection})
        publishLease(context, *election);
}

void Cluster::publishLease(Context& context, const LeaderElection& election)
{
    if (!election.holder().valid())
        return;
    const ObjectKey key{kKubeSystem, election.component()};
    const std::string holder = context.hosts.at(election.holder()).name;
    const auto known = m_store.get<Lease>(key);
    // The real one writes every two seconds; the object is only looked at by people, so ten will do.
    if (known && known->spec.holderIdentity == holder && known->spec.renewTime && context.engine.now() - known->spec.renewTime->at < 10s)
        return;
    Lease lease = known ? *known : Lease{};
    lease.metadata.name = key.name;
    lease.metadata.namespace_ = key.namespace_;
    lease.spec.holderIdentity = holder;
    lease.spec.leaseDurationSeconds = 15;
    lease.spec.leaseTransitions = election.transitions() - 1;
    lease.spec.acquireTime = MicroTime{election.acquired()};
    lease.spec.renewTime = MicroTime{context.engine.now()};
    if (known)
        m_store.update(std::move(lease), context.engine.now());
    else
        m_store.create(std::move(lease), context.engine.now(), context.engine.random(kIdentityStream));
}

void Cluster::on(Context& context, const container::Notice& notice)
{
    Client client{context, m_store, m_state->recorder, m_settings};
    KubeletContext k{context, apiAvailable(context) ? &client : nullptr, m_settings};
    const HostId host = std::visit([](const auto& n) { return n.host; }, notice);
    for (Kubelet& kubelet : m_state->kubelets)
        if (kubelet.host() == host)
            kubelet.on(k, notice);
}

void Cluster::on(Context& context, const host::Notice& notice)
{
    Client client{context, m_store, m_state->recorder, m_settings};
    KubeletContext k{context, apiAvailable(context) ? &client : nullptr, m_settings};
    const auto* unit = std::get_if<host::UnitChanged>(&notice);
    const auto* power = std::get_if<host::PowerChanged>(&notice);
    for (Kubelet& kubelet : m_state->kubelets) {
        if (unit != nullptr && unit->host == kubelet.host() && unit->unit == "kubelet.service") {
            const bool active = unit->state == host::Unit::State::Active;
            if (active && !kubelet.running())
                kubelet.start(k);
            else if (!active && kubelet.running())
                kubelet.stop();
        }
        if (power != nullptr && power->host == kubelet.host() && !power->on && kubelet.running())
            kubelet.stop();
    }
}

void Cluster::joinFakeNode(Context& context, const FakeNode& node)
{
    Client client{context, m_store, m_state->recorder, m_settings};
    m_state->fakes.join(client, node);
}

void Cluster::recordUsage(const std::string& namespace_, const std::string& podPrefix, std::int64_t milliCpu, std::int64_t memoryBytes)
{
    m_state->usage[{namespace_, podPrefix}] = {"", milliCpu, memoryBytes};
}

void Cluster::setFakeNodeAlive(Context& context, const std::string& node, bool alive)
{
    Client client{context, m_store, m_state->recorder, m_settings};
    if (alive)
        m_state->fakes.resume(client, node);
    else
        m_state->fakes.stop(client, node);
}

const Scheduler& Cluster::scheduler() const
{
    return m_state->scheduler;
}

void Cluster::settle(Context& context)
{
    State& s = *m_state;
    // Watches hang while no API server answers; afterwards everybody lists anew.
    if (s.kubeletCursor.resourceVersion == m_store.resourceVersion() && s.apiWasUp
        && (!s.controllers.running() || s.controllers.cursor().resourceVersion == m_store.resourceVersion())
        && (!s.scheduler.running() || s.scheduler.cursor().resourceVersion == m_store.resourceVersion()))
        return;
    const bool up = apiAvailable(context);
    const bool returned = up && !s.apiWasUp;
    s.apiWasUp = up;
    if (!up)
        return;
    Client client{context, m_store, s.recorder, m_settings};
    KubeletContext k{context, &client, m_settings};
    const std::uint64_t latest = m_store.resourceVersion();

    if (s.controllers.running()) {
        const auto changes = m_store.changesAfter(s.controllers.cursor().resourceVersion);
        if (changes)
            s.controllers.observe(*changes, m_store);
        else
            s.controllers.relist(m_store);
        s.controllers.setCursor(latest);
        s.controllers.schedule(context);
    }
    if (s.scheduler.running()) {
        const auto changes = m_store.changesAfter(s.scheduler.cursor().resourceVersion);
        if (changes)
            s.scheduler.observe(context, *changes);
        else
            s.scheduler.relist(context, m_store);
        s.scheduler.setCursor(latest);
        s.scheduler.schedule(context);
    }
    const auto changes = m_store.changesAfter(s.kubeletCursor.resourceVersion);
    s.kubeletCursor.resourceVersion = latest;
    if (returned || !changes) {
        for (Kubelet& kubelet : s.kubelets)
            kubelet.relist(k);
        return;
    }
    bool inputs = false;
    std::vector<WatchEvent> pods; // copied: a kubelet's answer may write and move the history
    for (const WatchEvent* change : *changes) {
        inputs = inputs || change->kind == kindIdOf<ConfigMap> || change->kind == kindIdOf<Secret>;
        if (change->kind == kindIdOf<Pod>)
            pods.push_back(*change);
    }
    for (const WatchEvent& change : pods)
        s.fakes.observe(context, change);
    for (const WatchEvent& change : pods)
        for (Kubelet& kubelet : s.kubelets)
            if (change.as<Pod>().spec.nodeName == kubelet.node())
                kubelet.observe(k, change.key, change.type == WatchEvent::Type::Deleted
                                                   ? nullptr : std::static_pointer_cast<const Pod>(change.object));
    if (inputs)
        for (Kubelet& kubelet : s.kubelets)
            kubelet.observeInputs(k);
}

std::optional<ServiceTarget> Cluster::resolveService(net::Ipv4 clusterIp, std::int64_t port, std::uint64_t choice) const
{
    return kube::resolveService(m_store, clusterIp, port, choice);
}

std::vector<net::Ipv4> Cluster::resolveName(const std::string& name) const
{
    return kube::resolveName(m_store, m_settings.dnsDomain, name);
}

const container::Container* Cluster::containerOf(const Context& context, const Pod& pod, const std::string& containerName,
                                                 bool previous) const
{
    for (const Kubelet& kubelet : m_state->kubelets) {
        if (kubelet.node() != pod.spec.nodeName)
            continue;
        const auto hash = pod.metadata.annotations.find(kMirrorPodAnnotation);
        const ContainerId id = kubelet.containerOf(hash == pod.metadata.annotations.end() ? pod.metadata.uid : hash->second,
                                                   containerName, previous);
        return id.valid() ? context.runtimes.find(id) : nullptr;
    }
    return nullptr;
}

bool Cluster::operator==(const Cluster& other) const
{
    return fingerprintOf(*this) == fingerprintOf(other);
}

void Cluster::addTo(Fingerprint& f) const
{
    m_store.addTo(f);
    const State& s = *m_state;
    s.controllers.addTo(f);
    s.scheduler.addTo(f);
    s.controllerElection.addTo(f);
    s.schedulerElection.addTo(f);
    s.recorder.addTo(f);
    for (const Kubelet& kubelet : s.kubelets)
        kubelet.addTo(f);
    s.fakes.addTo(f);
    sim::addTo(f, s.usage);
    sim::addTo(f, s.etcdLeader);
}

} // namespace sim::kube
