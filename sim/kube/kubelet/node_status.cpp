#include "sim/kube/api/quantity.h"
#include "sim/kube/controllers/controller.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// The node's own object, its lease, and what the kubelet does when the machine runs short
// (pkg/kubelet/kubelet_node_status.go, pkg/kubelet/eviction).
namespace sim::kube {

namespace {

constexpr const char* kLeaseNamespace = "kube-node-lease";
constexpr std::int64_t kLeaseSeconds = 40;
// Unchanged status is posted every 5 min (nodeStatusReportFrequency).
constexpr Duration kStatusPeriod = 300s;
// Hard thresholds (pkg/kubelet/apis/config/v1beta1/defaults_linux.go).
constexpr std::int64_t kMemoryThreshold = 100LL << 20;
constexpr double kNodefsThreshold = 0.10;
constexpr double kImagefsThreshold = 0.15;
constexpr std::int64_t kPodsPerNode = 110;
// Priorities from system-cluster-critical up are spared.
constexpr std::int64_t kCriticalPriority = 2'000'000'000;

double available(const host::Machine& machine, const std::string& path)
{
    const host::Mount& mount = machine.mountOf(path);
    if (mount.sizeBytes <= 0)
        return 1;
    return static_cast<double>(mount.sizeBytes - machine.usedBytes(mount)) / static_cast<double>(mount.sizeBytes);
}

bool diskShort(const host::Machine& machine)
{
    return available(machine, "/var/lib/kubelet") < kNodefsThreshold || available(machine, "/var/lib/containerd") < kImagefsThreshold;
}

bool memoryShort(const host::Machine& machine)
{
    return machine.memoryBytes - machine.memoryUsedBytes() < kMemoryThreshold;
}

void setCondition(std::vector<Condition>& conditions, const char* type, bool value, const std::string& reason, const std::string& message,
                  Instant now)
{
    Condition* condition = findCondition(conditions, type);
    if (condition == nullptr) {
        conditions.push_back({});
        condition = &conditions.back();
        condition->type = std::string(type);
    }
    const std::string status = value ? kTrue : kFalse;
    if (condition->status.value != status)
        condition->lastTransitionTime = Time{now};
    condition->status = status;
    condition->reason = reason;
    condition->message = message;
    condition->lastHeartbeatTime = Time{now};
}

/// Equal but for the heartbeats.
bool same(NodeStatus a, NodeStatus b)
{
    for (auto* status : {&a, &b})
        for (Condition& condition : status->conditions)
            condition.lastHeartbeatTime.reset();
    return a == b;
}

} // namespace

void Kubelet::registerNode(KubeletContext& k)
{
    if (k.client->store.get<Node>({"", m_node}))
        return;
    const host::Machine& machine = k.context.hosts.at(m_host);
    Node node;
    node.metadata.name = m_node;
    node.metadata.labels = {{"beta.kubernetes.io/arch", "amd64"}, {"beta.kubernetes.io/os", "linux"}, {"kubernetes.io/arch", "amd64"},
                            {"kubernetes.io/hostname", m_node}, {"kubernetes.io/os", "linux"}};
    if (machine.role == "control-plane") {
        node.metadata.labels["node-role.kubernetes.io/control-plane"] = "";
        node.metadata.labels["node.kubernetes.io/exclude-from-external-load-balancers"] = "";
    }
    node.spec.podCIDR = m_podRange.text();
    node.spec.podCIDRs = {node.spec.podCIDR};
    k.client->store.create(std::move(node), k.now(), k.client->random(kIdentityStream));
    m_nodeReported = {};
    reportNode(k);
    if (const auto made = k.client->store.get<Node>({"", m_node}))
        k.client->event(Reporter{"kubelet", m_node, false, {}}, *made, kNormal, "Starting", "Starting kubelet.");
}

void Kubelet::reportNode(KubeletContext& k)
{
    if (k.client == nullptr)
        return;
    const auto stored = k.client->store.get<Node>({"", m_node});
    if (!stored)
        return;
    const host::Machine& machine = k.context.hosts.at(m_host);
    const Instant now = k.now();
    NodeStatus status = stored->status;
    status.addresses.clear();
    if (const auto address = k.context.network.hasStack(machine.stack) ? k.context.network.stack(machine.stack).primaryAddress() : std::nullopt)
        status.addresses.push_back({address->text(), "InternalIP"});
    status.addresses.push_back({m_node, "Hostname"});
    const host::Mount& disk = machine.mountOf("/var/lib/kubelet");
    const std::int64_t gpus = static_cast<std::int64_t>(k.context.gpus.of(m_host).size());
    status.capacity = {{"cpu", Quantity{std::to_string(machine.cpus)}},
                       {"ephemeral-storage", Quantity{fmt::format("{}Ki", disk.sizeBytes / 1024)}},
                       {"hugepages-1Gi", Quantity{"0"}}, {"hugepages-2Mi", Quantity{"0"}},
                       {"memory", Quantity{fmt::format("{}Ki", machine.memoryBytes / 1024)}},
                       {"pods", Quantity{std::to_string(kPodsPerNode)}}};
    status.allocatable = status.capacity;
    // The hard eviction thresholds are kept back.
    status.allocatable["ephemeral-storage"] = Quantity{std::to_string(disk.sizeBytes - disk.sizeBytes / 10)};
    status.allocatable["memory"] = Quantity{fmt::format("{}Ki", (machine.memoryBytes - kMemoryThreshold) / 1024)};
    if (gpus > 0)
        status.capacity["nvidia.com/gpu"] = status.allocatable["nvidia.com/gpu"] = Quantity{std::to_string(gpus)};
    status.daemonEndpoints.kubeletEndpoint.Port = 10250;
    status.nodeInfo = {.architecture = "amd64", .bootID = machine.bootId, .containerRuntimeVersion = "containerd://1.7.24",
                       .kernelVersion = machine.kernel, .kubeProxyVersion = std::string(), .kubeletVersion = k.settings.version,
                       .machineID = machine.machineId, .operatingSystem = "linux", .osImage = machine.osImage, .systemUUID = machine.machineId};
    status.images.clear();
    for (const auto& [reference, image] : k.context.runtimes.images(m_host)) {
        const auto parsed = container::Reference::parse(reference);
        ContainerImage entry;
        if (parsed)
            entry.names.push_back(parsed->registry + "/" + parsed->repository + "@" + image->digest);
        entry.names.push_back(reference);
        entry.sizeBytes = image->bytes();
        status.images.push_back(std::move(entry));
    }
    std::stable_sort(status.images.begin(), status.images.end(), [](const auto& a, const auto& b) { return a.sizeBytes > b.sizeBytes; });
    const bool memory = memoryShort(machine);
    const bool full = diskShort(machine);
    setCondition(status.conditions, "MemoryPressure", memory, memory ? "KubeletHasInsufficientMemory" : "KubeletHasSufficientMemory",
                 memory ? "kubelet has insufficient memory available" : "kubelet has sufficient memory available", now);
    setCondition(status.conditions, "DiskPressure", full, full ? "KubeletHasDiskPressure" : "KubeletHasNoDiskPressure",
                 full ? "kubelet has disk pressure" : "kubelet has no disk pressure", now);
    setCondition(status.conditions, "PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available", now);
    setCondition(status.conditions, "Ready", m_runtimeUp, m_runtimeUp ? "KubeletReady" : "KubeletNotReady",
                 m_runtimeUp ? "kubelet is posting ready status" : "container runtime is down", now);
    if (same(status, stored->status) && now - m_nodeReported < kStatusPeriod && m_nodeReported != Instant{})
        return;
    m_nodeReported = now;
    patchObject<Node>(*k.client, {"", m_node}, [&](Node& node) { node.status = status; });
}

void Kubelet::renewLease(KubeletContext& k)
{
    if (k.client == nullptr || !k.client->store.get<Namespace>({"", kLeaseNamespace}))
        return;
    const ObjectKey key{kLeaseNamespace, m_node};
    if (k.client->store.get<Lease>(key)) {
        patchObject<Lease>(*k.client, key, [&](Lease& lease) { lease.spec.renewTime = MicroTime{k.now()}; });
        return;
    }
    Lease lease;
    lease.metadata.name = m_node;
    lease.metadata.namespace_ = kLeaseNamespace;
    if (const auto node = k.client->store.get<Node>({"", m_node})) {
        OwnerReference owner;
        owner.apiVersion = "v1";
        owner.kind = "Node";
        owner.name = m_node;
        owner.uid = node->metadata.uid;
        lease.metadata.ownerReferences = {owner};
    }
    lease.spec.holderIdentity = m_node;
    lease.spec.leaseDurationSeconds = kLeaseSeconds;
    lease.spec.renewTime = MicroTime{k.now()};
    k.client->store.create(std::move(lease), k.now(), k.client->random(kIdentityStream));
}

void Kubelet::relievePressure(KubeletContext& k)
{
    const host::Machine& machine = k.context.hosts.at(m_host);
    const bool full = diskShort(machine);
    const bool memory = memoryShort(machine);
    if ((!full && !memory) || !m_runtimeUp)
        return;
    container::Context runtime = k.runtime();
    if (full) {
        // Images that no container uses go first.
        std::set<std::string> used;
        for (const auto& [id, container] : k.context.runtimes.containers())
            if (container.host == m_host)
                used.insert(container.image);
        std::vector<std::string> unused;
        for (const auto& [reference, image] : k.context.runtimes.images(m_host))
            if (used.count(reference) == 0)
                unused.push_back(reference);
        for (const std::string& reference : unused)
            k.context.runtimes.removeImage(runtime, m_host, reference);
        if (!unused.empty() && !diskShort(k.context.hosts.at(m_host)))
            return;
    }
    // One pod at a time: those above their request first is all the same here, so by priority, then by memory.
    PodWork* victim = nullptr;
    const auto memoryOf = [&](const PodWork& work) {
        std::int64_t bytes = 0;
        for (const ContainerRecord& record : work.containers)
            if (const auto* container = record.id.valid() ? k.context.runtimes.find(record.id) : nullptr)
                bytes += container->state == container::Container::State::Running ? container->program.memoryBytes : 0;
        return bytes;
    };
    for (auto& [uid, work] : m_pods) {
        if (work.isStatic || work.terminating || work.evicted || work.pod->spec.priority.value_or(0) >= kCriticalPriority)
            continue;
        if (victim == nullptr || work.pod->spec.priority.value_or(0) < victim->pod->spec.priority.value_or(0)
            || (work.pod->spec.priority.value_or(0) == victim->pod->spec.priority.value_or(0) && memoryOf(work) > memoryOf(*victim)))
            victim = &work;
    }
    const std::string resource = full ? "ephemeral-storage" : "memory";
    log(k, 'W', "eviction_manager.go:376", fmt::format("\"Attempting to reclaim\" resourceName=\"{}\"", resource));
    if (victim == nullptr)
        return;
    const host::Mount& disk = machine.mountOf("/var/lib/kubelet");
    const std::int64_t threshold = full ? disk.sizeBytes / 10 : kMemoryThreshold;
    const std::int64_t left = full ? disk.sizeBytes - machine.usedBytes(disk) : machine.memoryBytes - machine.memoryUsedBytes();
    victim->evicted = true;
    victim->evictionMessage = fmt::format("The node was low on resource: {}. Threshold quantity: {}, available: {}Ki. ", resource,
                                          Quantity::ofBytes(threshold).text, std::max<std::int64_t>(0, left) / 1024);
    event(k, *victim, kWarning, reason::kEvicted, victim->evictionMessage);
    wake(k, *victim, 1ms);
}

} // namespace sim::kube
