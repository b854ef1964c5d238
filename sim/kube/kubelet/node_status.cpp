#include "sim/kube/api/quantity.h"
#include "sim/kube/controllers/controller.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"

#include <fmt/format.h>

#include <algorithm>

// The node's own object and its lease (pkg/kubelet/kubelet_node_status.go, nodestatus/setters.go).
namespace sim::kube {

namespace {

constexpr const char* kLeaseNamespace = "kube-node-lease";
constexpr std::int64_t kLeaseSeconds = 40;
// Unchanged status is posted every 5 min (nodeStatusReportFrequency).
constexpr Duration kStatusPeriod = 300s;
// How long the runtime and the PLEG may be silent (pkg/kubelet/runtime.go, pleg/generic.go).
constexpr Duration kRuntimeThreshold = 30s;
constexpr Duration kPlegThreshold = 180s;

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
}

void Kubelet::nodeEvent(KubeletContext& k, const char* type, const std::string& reason, const std::string& message) const
{
    if (k.client == nullptr)
        return;
    if (const auto node = k.client->store.get<Node>({"", m_node}))
        k.client->event(Reporter{"kubelet", m_node, false, {}}, *node, type, reason, message);
}

std::string Kubelet::notReadyMessage(const KubeletContext& k) const
{
    const Duration silent = k.now() - m_runtimeSeen;
    if (m_runtimeUp || silent < kRuntimeThreshold)
        return {};
    std::string text = "container runtime is down";
    if (silent >= kPlegThreshold) // several errors stand in brackets (utilerrors.NewAggregate)
        text = fmt::format("[{}, PLEG is not healthy: pleg was last seen active {} ago; threshold is {}]", text, goDuration(silent),
                           goDuration(kPlegThreshold));
    return text;
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
    const auto [gpus, usableGpus] = k.context.gpus.offered(m_host);
    status.capacity = {{"cpu", Quantity{std::to_string(machine.cpus)}},
                       {"ephemeral-storage", Quantity{fmt::format("{}Ki", disk.sizeBytes / 1024)}},
                       {"hugepages-1Gi", Quantity{"0"}}, {"hugepages-2Mi", Quantity{"0"}},
                       {"memory", Quantity{fmt::format("{}Ki", machine.memoryBytes / 1024)}},
                       {"pods", Quantity{std::to_string(m_config.maxPods)}}};
    status.allocatable = status.capacity;
    // The hard eviction thresholds are kept back.
    const auto threshold = [&](const char* signal, std::int64_t capacity) {
        const auto found = m_config.evictionHard.find(signal);
        return found == m_config.evictionHard.end() ? 0 : thresholdOf(found->second, capacity);
    };
    status.allocatable["ephemeral-storage"] = Quantity{std::to_string(disk.sizeBytes - threshold("nodefs.available", disk.sizeBytes))};
    status.allocatable["memory"] = Quantity{fmt::format("{}Ki", (machine.memoryBytes - machine.hugePageBytes()
                                                                 - threshold("memory.available", machine.memoryBytes)) / 1024)};
    status.capacity["hugepages-2Mi"] = status.allocatable["hugepages-2Mi"]
        = Quantity{machine.hugePageBytes() == 0 ? "0" : fmt::format("{}Mi", machine.hugePageBytes() >> 20)};
    if (gpus > 0) {
        status.capacity["nvidia.com/gpu"] = Quantity{std::to_string(gpus)};
        status.allocatable["nvidia.com/gpu"] = Quantity{std::to_string(usableGpus)};
    }
    status.daemonEndpoints.kubeletEndpoint.Port = 10250;
    if (!stored->status.nodeInfo.bootID.empty() && stored->status.nodeInfo.bootID != machine.bootId)
        nodeEvent(k, kWarning, "Rebooted", fmt::format("Node {} has been rebooted, boot id: {}", m_node, machine.bootId));
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
    struct Reported {
        const char* type;
        bool value;
        const char* yes;
        const char* no;
        std::string message;
    };
    const bool memory = underPressure(k, m_memoryShort);
    const bool full = underPressure(k, m_diskShort);
    const std::string notReady = notReadyMessage(k);
    const Reported conditions[] = {
        {"MemoryPressure", memory, "NodeHasInsufficientMemory", "NodeHasSufficientMemory",
         memory ? "kubelet has insufficient memory available" : "kubelet has sufficient memory available"},
        {"DiskPressure", full, "NodeHasDiskPressure", "NodeHasNoDiskPressure", full ? "kubelet has disk pressure" : "kubelet has no disk pressure"},
        {"PIDPressure", false, "NodeHasInsufficientPID", "NodeHasSufficientPID", "kubelet has sufficient PID available"},
        {"Ready", notReady.empty(), "NodeReady", "NodeNotReady", notReady.empty() ? "kubelet is posting ready status" : notReady}};
    for (const Reported& one : conditions) {
        const Condition* before = findCondition(status.conditions, one.type);
        const bool changed = before == nullptr || before->status.value != (one.value ? kTrue : kFalse);
        const std::string word = one.value ? one.yes : one.no; // reasons say Kubelet where events say Node
        setCondition(status.conditions, one.type, one.value, "Kubelet" + word.substr(4), one.message, now).lastHeartbeatTime = Time{now};
        if (changed)
            nodeEvent(k, kNormal, word, fmt::format("Node {} status is now: {}", m_node, word));
    }
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

/// What a kubelet that hardly gets to run writes down of its attempts.
void Kubelet::leaseTimesOut(KubeletContext& k) const
{
    log(k, 'E', "controller.go:195",
        fmt::format("\"Failed to update lease\" err=\"Put \\\"https://api.lab:6443/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/"
                    "leases/{}?timeout=10s\\\": context deadline exceeded\"", m_node));
    log(k, 'E', "kubelet_node_status.go:549",
        fmt::format("\"Error updating node status, will retry\" err=\"error getting node \\\"{0}\\\": Get \\\"https://api.lab:6443/api/v1/"
                    "nodes/{0}?timeout=10s\\\": net/http: request canceled (Client.Timeout exceeded while awaiting headers)\"", m_node));
}

} // namespace sim::kube
