#include "sim/kube/fake/fake_kubelets.h"

#include "sim/engine/assert.h"
#include "sim/kube/client/event_types.h"
#include "sim/kube/controllers/controller.h"
#include "sim/kube/fake/fake_pod_status.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kLeaseNamespace = "kube-node-lease";
constexpr std::int64_t kLeaseSeconds = 40;
// golden/kubernetes/INDEX.md.
constexpr Duration kStart = std::chrono::milliseconds(150);
constexpr Duration kEnd = std::chrono::milliseconds(300);
// One that comes back looks for its pods a little later (case 80: the first is gone 0.53 s after it was back).
constexpr Duration kCatchUp = std::chrono::milliseconds(220);
// From the end of such a wait to what watches saw of it: the median of the cases with few pods.
constexpr Duration kWrite = std::chrono::milliseconds(13);

void setConditions(NodeStatus& status, bool ready, Instant now)
{
    const auto set = [&](const char* type, bool value, const char* reason, const char* message) {
        setCondition(status.conditions, type, value, reason, message, now).lastHeartbeatTime = Time{now};
    };
    set("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available");
    set("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure");
    set("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available");
    set("Ready", ready, ready ? "KubeletReady" : "KubeletNotReady",
        ready ? "kubelet is posting ready status" : "container runtime network not ready");
}

} // namespace

FakeKubelets::Host* FakeKubelets::hostOf(const std::string& node)
{
    const auto found = m_byName.find(node);
    return found == m_byName.end() ? nullptr : &m_hosts[found->second];
}

void FakeKubelets::join(const Client& client, const FakeNode& from)
{
    FL_ASSERT(hostOf(from.name) == nullptr);
    const auto number = static_cast<std::uint32_t>(m_hosts.size()) + 1;
    m_byName[from.name] = number - 1;
    // Beside nodes with machines they have a range of their own, 10.1.0.0/16.
    const std::uint32_t address = number + (client.settings.hosted ? 0 : 1u << 16);
    m_hosts.push_back({from.name, fmt::format("10.{}.{}.{}", address >> 16, address >> 8 & 255, address & 255), true, from.ready});
    const Host& host = m_hosts.back();

    Node node;
    node.metadata.name = from.name;
    node.metadata.labels = from.labels;
    for (const auto& [key, value] : StringMap{{"beta.kubernetes.io/arch", "amd64"}, {"beta.kubernetes.io/os", "linux"},
                                              {"kubernetes.io/arch", "amd64"}, {kLabelHostname, from.name}, {"kubernetes.io/os", "linux"}})
        node.metadata.labels.emplace(key, value);
    node.spec.taints = from.taints;
    // TaintNodesByCondition admission: nothing is placed on a node before its controller has seen it ready.
    node.spec.taints.push_back({kNoSchedule, "node.kubernetes.io/not-ready", {}, {}});
    node.spec.unschedulable = from.unschedulable;
    node.status.capacity = from.capacity;
    node.status.allocatable = from.capacity;
    node.status.addresses = {{host.address, "InternalIP"}, {from.name, "Hostname"}};
    node.status.nodeInfo.architecture = "amd64";
    node.status.nodeInfo.containerRuntimeVersion = "containerd://1.7.27";
    node.status.nodeInfo.kernelVersion = "6.1.0-13-amd64";
    node.status.nodeInfo.kubeletVersion = client.settings.version;
    node.status.nodeInfo.operatingSystem = "linux";
    node.status.nodeInfo.osImage = "Debian GNU/Linux 12 (bookworm)";
    setConditions(node.status, from.ready, client.now());
    client.store.create(std::move(node), client.now(), client.random(kIdentityStream));
    renew(client, host);
    if (!m_renewing) {
        m_renewing = true;
        client.context.engine.after(kLeasePeriod, kubeEvent(EventType::FakeKubeletLeases));
    }
}

void FakeKubelets::stop(const Client& client, const std::string& node)
{
    Host* host = hostOf(node);
    FL_ASSERT(host != nullptr);
    renew(client, *host);
    host->alive = false;
}

void FakeKubelets::resume(const Client& client, const std::string& node)
{
    Host* host = hostOf(node);
    FL_ASSERT(host != nullptr);
    host->alive = true;
    renew(client, *host);
    postStatus(client, *host);
    for (const auto& [key, pod] : client.store.all<Pod>()) {
        if (pod->spec.nodeName != node)
            continue;
        if (pod->metadata.deletionTimestamp)
            plan(client.context, Step::Remove, pod, kCatchUp + annotatedSeconds(*pod, "sim/term-seconds").value_or(kEnd));
        else if (pod->status.phase == kPodPending && pod->metadata.annotations.count("sim/hold") == 0)
            plan(client.context, Step::Start, pod, kCatchUp + kStart);
    }
}

void FakeKubelets::observe(Context& context, const WatchEvent& event)
{
    if (event.type == WatchEvent::Type::Deleted)
        return;
    const Pod& pod = event.as<Pod>();
    const Host* host = hostOf(pod.spec.nodeName);
    if (host == nullptr || !host->alive)
        return;
    const Pod* before = event.before<Pod>();
    const auto shared = std::static_pointer_cast<const Pod>(event.object);
    if (pod.metadata.deletionTimestamp) {
        if (before == nullptr || !before->metadata.deletionTimestamp)
            plan(context, Step::Remove, shared, annotatedSeconds(pod, "sim/term-seconds").value_or(kEnd));
        return;
    }
    if ((before == nullptr || before->spec.nodeName.empty()) && pod.metadata.annotations.count("sim/hold") == 0)
        plan(context, Step::Start, shared, annotatedSeconds(pod, "sim/start-seconds").value_or(kStart));
}

void FakeKubelets::plan(Context& context, Step step, std::shared_ptr<const Pod> pod, Duration after)
{
    m_due.push_back({context.engine.now() + after + kWrite, m_sequence++, step, std::move(pod)});
    std::push_heap(m_due.begin(), m_due.end());
    wake(context);
}

void FakeKubelets::wake(Context& context)
{
    if (m_due.empty())
        return;
    const Instant at = std::max(m_due.front().at, m_free);
    if (m_wakeAt && *m_wakeAt <= at)
        return;
    m_wakeAt = at;
    context.engine.at(*m_wakeAt, kubeEvent(EventType::FakeKubeletDue));
}

void FakeKubelets::due(const Client& client)
{
    const Instant now = client.now();
    if (m_wakeAt && *m_wakeAt <= now)
        m_wakeAt.reset();
    while (!m_due.empty() && std::max(m_due.front().at, m_free) <= now) {
        std::pop_heap(m_due.begin(), m_due.end());
        const Due next = std::move(m_due.back());
        m_due.pop_back();
        const Host* host = hostOf(next.pod->spec.nodeName);
        const auto pod = client.store.get<Pod>(keyOf(next.pod->metadata));
        if (host == nullptr || !host->alive || !pod || pod->metadata.uid != next.pod->metadata.uid)
            continue;
        m_free = now + client.settings.fakeKubeletPace;
        if (next.step == Step::Start && pod->status.phase == kPodPending)
            start(client, *pod, *host);
        else if (next.step == Step::End && pod->status.phase == kPodRunning)
            end(client, *pod);
        else if (next.step == Step::Remove)
            client.store.remove<Pod>(keyOf(pod->metadata), now, 0);
    }
    wake(client.context);
}

void FakeKubelets::start(const Client& client, const Pod& pod, const Host& host)
{
    ++m_addresses;
    Pod started = pod;
    fillStarted(started, host.address, fmt::format("10.244.{}.{}", m_addresses >> 8 & 255, m_addresses & 255), client.now());
    const auto written = client.store.update(std::move(started), client.now());
    if (const auto runs = annotatedSeconds(pod, "sim/run-seconds"); runs && written)
        plan(client.context, Step::End, written.object, *runs);
}

void FakeKubelets::end(const Client& client, const Pod& pod)
{
    const auto code = pod.metadata.annotations.find("sim/exit-code");
    Pod ended = pod;
    fillEnded(ended, code == pod.metadata.annotations.end() ? 0 : std::atoi(code->second.c_str()), client.now());
    client.store.update(std::move(ended), client.now());
}

void FakeKubelets::postStatus(const Client& client, const Host& host) const
{
    patchObject<Node>(client, {"", host.name}, [&](Node& node) { setConditions(node.status, host.ready, client.now()); });
}

void FakeKubelets::renew(const Client& client, const Host& host) const
{
    const ObjectKey key{kLeaseNamespace, host.name};
    if (patchObject<Lease>(client, key, [&](Lease& lease) { lease.spec.renewTime = MicroTime{client.now()}; }))
        return;
    Lease lease;
    lease.metadata.name = host.name;
    lease.metadata.namespace_ = kLeaseNamespace;
    lease.spec.holderIdentity = host.name;
    lease.spec.leaseDurationSeconds = kLeaseSeconds;
    lease.spec.renewTime = MicroTime{client.now()};
    client.store.create(std::move(lease), client.now(), client.random(kIdentityStream));
}

void FakeKubelets::renewLeases(const Client& client)
{
    for (const Host& host : m_hosts)
        if (host.alive)
            renew(client, host);
    client.context.engine.after(kLeasePeriod, kubeEvent(EventType::FakeKubeletLeases));
}

void FakeKubelets::addTo(Fingerprint& f) const
{
    for (const Host& host : m_hosts) {
        f.add(host.name);
        f.add(std::uint64_t{host.alive});
    }
    f.add(m_sequence);
    sim::addTo(f, m_free);
    f.add(static_cast<std::uint64_t>(m_due.size()));
}

} // namespace sim::kube
