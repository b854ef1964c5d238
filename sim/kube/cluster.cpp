#include "sim/kube/cluster.h"

#include "sim/host/start_checks.h"
#include "sim/kube/api/default_accounts.h"
#include "sim/kube/api/default_api_services.h"
#include "sim/kube/api/default_flows.h"
#include "sim/kube/api/default_priorities.h"
#include "sim/kube/api/default_roles.h"
#include "sim/kube/api/defaults.h"
#include "sim/kube/api/status.h"
#include "sim/kube/client/event_types.h"
#include "sim/kube/client/recorder.h"
#include "sim/kube/component_status.h"
#include "sim/kube/control_plane.h"
#include "sim/kube/controllers/controller_manager.h"
#include "sim/kube/etcd/etcd_group.h"
#include "sim/kube/fake/fake_kubelets.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/metrics/metrics_api.h"
#include "sim/kube/pod_tally.h"
#include "sim/kube/network/api_service.h"
#include "sim/kube/network/cluster_network.h"
#include "sim/kube/operators/operators.h"
#include "sim/kube/scheduler/scheduler.h"
#include "sim/kube/webhook_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace sim::kube {

namespace {

constexpr const char* kKubeSystem = "kube-system";
constexpr std::int64_t kKubeletPort = 10250;
// What the machine of a hosted control plane is called: events name it (golden/kubernetes was recorded on such a one).
constexpr const char* kHostedMachine = "vm";
constexpr const char* kBootstrapStream = "kube/bootstrap"; // uids of what an API server makes at its first start
// Writes that a component has under way at a time (workers of a controller, pod workers of a kubelet).
constexpr std::int64_t kParallelWrites = 5;
// Shorter commits are within the components' own pace.
constexpr Duration kSlowCommit = 100ms;
// How soon controllers and scheduler try again what no API server took (client-go backs off between 0.8 and 30 s).
constexpr Duration kUnansweredRetry = 1s;

Response etcdRefusal(const EtcdFailure& failure)
{
    Response response = kube::failure(500, "", failure.text);
    response.body.erase("reason"); // the API server does not know one
    response.took = failure.took;
    return response;
}

/// A deletion that stores nothing before: no grace, no finalizers, nobody to wait for.
bool deletesAtOnce(const Request& request, const Response& tried)
{
    if (request.verb != Verb::Delete && request.verb != Verb::DeleteCollection)
        return false;
    return request.resource == "pods" ? request.gracePeriodSeconds == 0 : tried.body.value("kind", std::string()) == "Status";
}

/// Whose writes an event makes: the component and which of its kind.
std::pair<std::uint16_t, std::uint32_t> writerOf(const Event& event) { return {event.type, event.target}; }

/// The kubelet's process has come up. One that ends at its start never gets that far, though systemd calls it active.
bool kubeletListens(const Context& context, HostId host)
{
    const host::Machine& machine = context.hosts.at(host);
    const auto unit = machine.units.find("kubelet.service");
    if (unit == machine.units.end() || !context.network.hasStack(machine.stack))
        return false;
    const auto& listeners = context.network.stack(machine.stack).listeners;
    return std::any_of(listeners.begin(), listeners.end(), [&](const net::Listener& one) {
        return one.port == kKubeletPort && one.pid == unit->second.mainPid;
    });
}
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
    PodTally podTally;
    WatchCursor kubeletCursor;
    ClusterNetwork network;
    EtcdGroup etcd;
    Operators operators;
    std::map<std::pair<std::uint16_t, std::uint32_t>, Instant> busyUntil; ///< with writes, while etcd is slow
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
    createDefaultRoles(m_store, context.engine.now(), context.engine.random(kBootstrapStream), !m_settings.hosted);
    createDefaultPriorities(m_store, context.engine.now(), context.engine.random(kBootstrapStream));
    createDefaultFlows(m_store, context.engine.now(), context.engine.random(kBootstrapStream));
    createDefaultApiServices(m_store, context.engine.now(), context.engine.random(kBootstrapStream));
    createSystemAccounts(m_store, context.engine.now(), context.engine.random(kBootstrapStream), !m_settings.hosted);
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
    if (!m_settings.nodes.empty())
        context.engine.after(ClusterNetwork::kPeriod, kubeEvent(EventType::NetworkTick));
    createApiService(m_store, context, m_settings, context.engine.random(kBootstrapStream));
    if (m_settings.hosted) {
        m_state->controllers.start(context, m_store);
        m_state->scheduler.start(context, m_store, std::string("default-scheduler-") + kHostedMachine);
        return;
    }
    m_state->etcd.start(context, m_settings);
    context.engine.after(LeaderElection::kRetryPeriod, kubeEvent(EventType::LeaderElection));
}

bool Cluster::apiAvailable(const Context& context) const
{
    return m_settings.hosted || serving(context, m_settings, "kube-apiserver") > 0;
}

bool Cluster::writable(const Context& context) const
{
    return m_settings.hosted || (m_state->etcd.takesWrites(context.engine.now()) && apiAvailable(context));
}

std::optional<Response> Cluster::readRefusal(Instant now) const
{
    if (m_settings.hosted)
        return std::nullopt;
    const auto failure = m_state->etcd.readFailure(now);
    return failure ? std::optional(etcdRefusal(*failure)) : std::nullopt;
}

Duration Cluster::readDelay(Instant now) const
{
    return m_settings.hosted ? Duration{} : m_state->etcd.readLatency(now);
}

std::optional<HealthAnswer> Cluster::health(const std::string& path, bool verbose, Instant now) const
{
    const std::optional<bool> etcd = m_settings.hosted ? std::nullopt : std::optional(m_state->etcd.answersHealthCheck(now));
    return apiHealth(path, verbose, etcd);
}

const EtcdGroup& Cluster::etcd() const { return m_state->etcd; }
EtcdGroup& Cluster::etcd() { return m_state->etcd; }
HostId Cluster::etcdLeader() const { return m_state->etcd.leader(); }

Response Cluster::handle(Context& context, const Request& request)
{
    if (auto metrics = readMetrics(context, request))
        return *metrics;
    if (auto components = readComponents(context, request))
        return *components;
    if (!Operators::admits(request))
        return handleAdmitted(context, request);
    Request admitted = request;
    if (auto refused = m_state->operators.admit(context, m_store, m_settings, admitted))
        return *refused;
    return handleAdmitted(context, admitted);
}

Response Cluster::handleAdmitted(Context& context, const Request& request)
{
    WebhookNetwork webhooks(context, m_settings);
    if (m_settings.hosted)
        return ApiServer::handle(m_store, context.engine, request, &webhooks);
    return handleStored(context, request, webhooks);
}

Response Cluster::handleStored(Context& context, const Request& request, WebhookCaller& webhooks)
{
    const EtcdGroup& etcd = m_state->etcd;
    const Instant now = context.engine.now();
    if (request.verb == Verb::Get || request.verb == Verb::List) {
        if (auto refusal = readRefusal(now))
            return *refusal;
        Response response = ApiServer::handle(m_store, context.engine, request, &webhooks);
        response.took += etcd.readLatency(now);
        return response;
    }
    if (const auto failure = etcd.writeFailure(now, true))
        return etcdRefusal(*failure);
    if (etcd.noSpace() && !request.dryRun) {
        // What the API server itself has against a request is said before etcd is asked.
        Request trial = request;
        trial.dryRun = true;
        Response tried = ApiServer::handle(m_store, context.engine, trial, &webhooks);
        if (!tried.ok())
            return tried;
        if (!deletesAtOnce(request, tried))
            return etcdRefusal(*etcd.writeFailure(now));
    }
    const std::uint64_t before = m_store.resourceVersion();
    Response response = ApiServer::handle(m_store, context.engine, request, &webhooks);
    const Duration commit = *etcd.commitLatency(now);
    if (m_store.resourceVersion() != before && commit >= kSlowCommit)
        response.took += commit;
    return response;
}

/// While etcd is slow a component waits for what it has written before it goes on.
bool Cluster::putOff(Context& context, const Event& event) const
{
    const auto busy = m_state->busyUntil.find(writerOf(event));
    if (busy == m_state->busyUntil.end() || busy->second <= context.engine.now())
        return false;
    context.engine.at(busy->second, event);
    return true;
}

void Cluster::noteWrites(Context& context, const Event& event, std::uint64_t before)
{
    if (m_settings.hosted)
        return;
    const Instant now = context.engine.now();
    const auto written = static_cast<std::int64_t>(m_store.resourceVersion() - before);
    const Duration commit = m_state->etcd.commitLatency(now).value_or(Duration{});
    if (written == 0 || commit < kSlowCommit)
        m_state->busyUntil.erase(writerOf(event));
    else
        m_state->busyUntil[writerOf(event)] = now + commit * std::max<std::int64_t>(written, kParallelWrites) / kParallelWrites;
}

void Cluster::handle(Context& context, const Event& event)
{
    const auto type = static_cast<EventType>(event.type);
    const bool writes = type == EventType::ControllerWake || type == EventType::SchedulerWake || type == EventType::KubeletPodSync
        || type == EventType::KubeletLease || type == EventType::OperatorWake;
    if (writes && putOff(context, event))
        return;
    const std::uint64_t before = m_store.resourceVersion();
    dispatch(context, event, writable(context));
    if (writes)
        noteWrites(context, event, before);
}

void Cluster::dispatch(Context& context, const Event& event, bool up)
{
    State& s = *m_state;
    const ClusterMetrics metrics(context, m_store, s.usage);
    WebhookNetwork webhooks(context, m_settings);
    Client client{context, m_store, s.recorder, m_settings, &metrics, &webhooks};
    KubeletContext k{context, up ? &client : nullptr, m_settings};
    switch (static_cast<EventType>(event.type)) {
    case EventType::ControllerWake:
        if (!up) {
            context.engine.after(kUnansweredRetry, event);
        } else {
            const std::uint64_t before = m_store.resourceVersion();
            s.controllers.wake(client, event.target, event.argument);
            if (m_store.resourceVersion() == before) // else settle() plans what is left or due later
                s.controllers.schedule(context);
        }
        break;
    case EventType::SchedulerWake:
        if (up)
            s.scheduler.wake(client, event.argument);
        else
            context.engine.after(kUnansweredRetry, event);
        break;
    case EventType::LeaderElection:
        elect(context);
        context.engine.after(LeaderElection::kRetryPeriod, event);
        break;
    case EventType::EtcdElection: s.etcd.electionDue(context, m_store, event.argument); break;
    case EventType::NodeMonitor:
        if (up)
            s.controllers.monitorNodes(client);
        context.engine.after(NodeLifecycleController::kMonitorPeriod, event);
        break;
    case EventType::EventExpiry: s.recorder.expire(context, m_store); break;
    case EventType::PodGc: break;
    case EventType::KubeletPodSync: s.kubelets[event.target].syncEvent(k, event.argument); break;
    case EventType::KubeletProbe: s.kubelets[event.target].probeEvent(k, event.argument); break;
    case EventType::KubeletLease:
        s.kubelets[event.target].leaseEvent(k, event.argument);
        if (!up)
            logUnwritten(context, s.kubelets[event.target]);
        break;
    case EventType::KubeletStatus: s.kubelets[event.target].statusEvent(k, event.argument); break;
    case EventType::ControlPlaneReady: break;
    case EventType::FakeKubeletDue: s.fakes.due(client); break;
    case EventType::FakeKubeletLeases: s.fakes.renewLeases(client); break;
    case EventType::NetworkTick:
        s.network.tick(context, m_store, m_settings, up);
        context.engine.after(ClusterNetwork::kPeriod, event);
        break;
    case EventType::OperatorWake:
        if (up)
            s.operators.wake(client, event.target, event.argument);
        else
            context.engine.after(kUnansweredRetry, event);
        break;
    }
}

/// What a kubelet's journal says of a lease that it could not renew.
void Cluster::logUnwritten(Context& context, const Kubelet& kubelet) const
{
    const auto& units = context.hosts.at(kubelet.host()).units;
    const auto unit = units.find("kubelet.service");
    if (!kubelet.running() || unit == units.end())
        return;
    const Instant now = context.engine.now();
    const auto failure = m_state->etcd.writeFailure(now);
    const std::string why = failure && apiAvailable(context)
        ? failure->text
        : fmt::format("Put \\\"https://api.lab:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{}?timeout=10s\\\": dial tcp: "
                      "connect: connection refused", kubelet.node());
    context.hosts.log(context.engine, kubelet.host(), "kubelet", "kubelet.service", unit->second.mainPid, 3,
                      host::klogHeader('E', now, unit->second.mainPid, "controller.go:195") + fmt::format("\"Failed to update lease\" err=\"{}\"", why));
}

void Cluster::elect(Context& context)
{
    State& s = *m_state;
    s.etcd.poll(context, m_store);
    const bool up = writable(context);
    // client-go gives one renewal half of the deadline, and it reads before it writes.
    const bool renewable = up && 2 * *s.etcd.commitLatency(context.engine.now()) < LeaderElection::kRenewDeadline;
    if (s.controllerElection.tryAcquire(context, m_settings, renewable)) {
        s.controllers.stop();
        if (s.controllerElection.holder().valid())
            s.controllers.start(context, m_store);
    }
    if (s.schedulerElection.tryAcquire(context, m_settings, renewable)) {
        s.scheduler.stop();
        if (s.schedulerElection.holder().valid())
            s.scheduler.start(context, m_store, "default-scheduler-" + context.hosts.at(s.schedulerElection.holder()).name);
    }
    if (!up)
        return;
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
    KubeletContext k{context, writable(context) ? &client : nullptr, m_settings};
    const HostId host = std::visit([](const auto& n) { return n.host; }, notice);
    if (std::holds_alternative<container::ContainerExited>(notice) && m_state->etcd.member(host) != nullptr)
        m_state->etcd.look(context, m_store);
    for (Kubelet& kubelet : m_state->kubelets)
        if (kubelet.host() == host)
            kubelet.on(k, notice);
}

void Cluster::on(Context& context, const host::Notice& notice)
{
    Client client{context, m_store, m_state->recorder, m_settings};
    KubeletContext k{context, writable(context) ? &client : nullptr, m_settings};
    const auto* unit = std::get_if<host::UnitChanged>(&notice);
    const auto* power = std::get_if<host::PowerChanged>(&notice);
    for (Kubelet& kubelet : m_state->kubelets) {
        if (unit != nullptr && unit->host == kubelet.host() && unit->unit == "kubelet.service") {
            const bool active = unit->state == host::Unit::State::Active;
            if (active && !kubelet.running() && kubeletListens(context, kubelet.host()))
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

std::optional<Response> Cluster::readMetrics(const Context& context, const Request& request) const
{
    if (!isMetricsRequest(request))
        return std::nullopt;
    return metricsResponse(m_store, ClusterMetrics(context, m_store, m_state->usage), request);
}

std::optional<Response> Cluster::readComponents(const Context& context, const Request& request) const
{
    if (!isComponentRead(request))
        return std::nullopt;
    if (auto refused = ApiServer::forbidden(m_store, request))
        return refused;
    return componentResponse(context, m_settings, componentEtcdAnswers(context), request);
}

std::optional<std::variant<Table, Response>> Cluster::componentTable(const Context& context, const Request& request) const
{
    if (!isComponentRead(request) || ApiServer::forbidden(m_store, request))
        return std::nullopt;
    return kube::componentTable(context, m_settings, componentEtcdAnswers(context), request);
}

bool Cluster::componentEtcdAnswers(const Context& context) const
{
    return m_settings.hosted || m_state->etcd.answersHealthCheck(context.engine.now());
}

void Cluster::drawOnTie(const ObjectKey& pod, std::string node)
{
    m_state->scheduler.drawOnTie(pod, std::move(node));
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

const ControllerManager& Cluster::controllers() const
{
    return m_state->controllers;
}

const PodTally& Cluster::podTally() const
{
    return m_state->podTally;
}

void Cluster::settle(Context& context)
{
    State& s = *m_state;
    // Watches hang while no API server answers; afterwards everybody lists anew.
    if (s.kubeletCursor.resourceVersion == m_store.resourceVersion() && s.apiWasUp
        && (!s.controllers.running() || s.controllers.cursor().resourceVersion == m_store.resourceVersion())
        && (!s.scheduler.running() || s.scheduler.cursor().resourceVersion == m_store.resourceVersion()))
        return;
    const bool up = writable(context);
    const bool returned = up && !s.apiWasUp;
    s.apiWasUp = up;
    if (!up)
        return;
    Client client{context, m_store, s.recorder, m_settings};
    KubeletContext k{context, &client, m_settings};
    const std::uint64_t latest = m_store.resourceVersion();

    // Mostly all of them have seen the same.
    using Changes = std::optional<std::vector<const WatchEvent*>>;
    const std::uint64_t seen = s.kubeletCursor.resourceVersion;
    const Changes changes = m_store.changesAfter(seen);
    const auto changesFor = [&](const WatchCursor& cursor, Changes& own) -> const Changes& {
        return cursor.resourceVersion == seen ? changes : own = m_store.changesAfter(cursor.resourceVersion);
    };
    if (s.controllers.running()) {
        Changes own;
        if (const Changes& news = changesFor(s.controllers.cursor(), own))
            s.controllers.observe(*news, m_store, context.engine.now());
        else
            s.controllers.relist(m_store);
        s.controllers.setCursor(latest);
        s.controllers.schedule(context);
    }
    if (s.scheduler.running()) {
        Changes own;
        if (const Changes& news = changesFor(s.scheduler.cursor(), own))
            s.scheduler.observe(context, *news);
        else
            s.scheduler.relist(context, m_store);
        s.scheduler.setCursor(latest);
        s.scheduler.schedule(context);
    }
    s.operators.settle(context, m_store, m_settings, changes ? &*changes : nullptr);
    s.kubeletCursor.resourceVersion = latest;
    if (changes)
        s.podTally.observe(*changes);
    else
        s.podTally = PodTally::of(m_store);
    s.network.observe(changes ? &*changes : nullptr);
    if (returned || !changes) {
        for (Kubelet& kubelet : s.kubelets)
            kubelet.relist(k);
        return;
    }
    bool inputs = false;
    std::vector<WatchEvent> pods; // copied: a kubelet's answer may write and move the history
    for (const WatchEvent* change : *changes) {
        inputs = inputs || change->kind == kindIdOf<ConfigMap> || change->kind == kindIdOf<Secret>;
        if (change->kind != kindIdOf<Pod>)
            continue;
        s.fakes.observe(context, *change);
        if (!s.kubelets.empty())
            pods.push_back(*change);
    }
    for (const WatchEvent& change : pods)
        for (Kubelet& kubelet : s.kubelets)
            if (change.as<Pod>().spec.nodeName == kubelet.node())
                kubelet.observe(k, change.key, change.type == WatchEvent::Type::Deleted
                                                   ? nullptr : std::static_pointer_cast<const Pod>(change.object));
    if (inputs)
        for (Kubelet& kubelet : s.kubelets)
            kubelet.observeInputs(k);
}

DnsView Cluster::dnsView(const net::Network& network, const host::Hosts& hosts, const container::Runtimes& runtimes, Instant now) const
{
    return m_state->network.view(network, hosts, runtimes, m_store, now);
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
    s.network.addTo(f);
    sim::addTo(f, s.usage);
    s.etcd.addTo(f);
    s.operators.addTo(f);
    sim::addTo(f, s.busyUntil);
}

} // namespace sim::kube
