#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/flags.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

/// A sum of quantities of one resource, in milli-units and in the writing of its parts.
struct Total {
    std::int64_t milli = 0;
    bool decimalBytes = false; ///< "100M" rather than "128Mi"

    void add(const Quantity& quantity)
    {
        milli += quantity.milliValue();
        const char last = quantity.text.empty() ? '0' : quantity.text.back();
        decimalBytes = decimalBytes || last == 'M' || last == 'G' || last == 'k';
    }
    std::string text(const std::string& resource) const
    {
        if (milli == 0)
            return "0";
        const bool bytes = resource == "memory" || resource == "ephemeral-storage"
            || resource.compare(0, 10, "hugepages-") == 0;
        if (!bytes || milli % 1000 != 0)
            return Quantity::ofMilli(milli).text;
        return decimalBytes ? Quantity::ofMilli(milli).text : Quantity::ofBytes(milli / 1000).text;
    }
};
using Totals = std::map<std::string, Total>;

void addAll(Totals& totals, const ResourceList& list)
{
    for (const auto& [name, quantity] : list)
        totals[name].add(quantity);
}

/// What a pod asks for: the sum of its containers, or its largest init container.
Totals podTotals(const PodSpec& spec, bool limits)
{
    Totals totals;
    for (const Container& container : spec.containers)
        addAll(totals, limits ? container.resources.limits : container.resources.requests);
    for (const Container& container : spec.initContainers) {
        for (const auto& [name, quantity] : limits ? container.resources.limits : container.resources.requests) {
            Total one;
            one.add(quantity);
            if (one.milli > totals[name].milli)
                totals[name] = one;
        }
    }
    return totals;
}

std::int64_t percent(const Total& total, const ResourceList& allocatable, const std::string& resource)
{
    const auto it = allocatable.find(resource);
    const std::int64_t all = it == allocatable.end() ? 0 : it->second.milliValue();
    if (all == 0)
        return 0;
    return static_cast<std::int64_t>(static_cast<double>(total.milli) / static_cast<double>(all) * 100);
}

std::string share(Totals& totals, const ResourceList& allocatable, const std::string& resource)
{
    const Total& total = totals[resource];
    return fmt::format("{} ({}%)", total.text(resource), percent(total, allocatable, resource));
}

std::string rolesOf(const StringMap& labels)
{
    static constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
    std::set<std::string> roles;
    for (const auto& [key, value] : labels) {
        if (key.compare(0, kPrefix.size(), kPrefix) == 0 && key.size() > kPrefix.size())
            roles.insert(key.substr(kPrefix.size()));
        else if (key == "kubernetes.io/role" && !value.empty())
            roles.insert(value);
    }
    return roles.empty() ? "<none>" : join({roles.begin(), roles.end()}, ",");
}

void describeTaints(TabText& out, std::vector<Taint> taints)
{
    if (taints.empty()) {
        out.line(0, "Taints:\t<none>");
        return;
    }
    // Sorted by effect, then key, as printTaintsMultiline orders them.
    std::stable_sort(taints.begin(), taints.end(), [](const Taint& a, const Taint& b) {
        return a.effect + "," + a.key < b.effect + "," + b.key;
    });
    for (std::size_t i = 0; i < taints.size(); ++i) {
        const Taint& t = taints[i];
        out.add(fmt::format("{}\t{}{}:{}\n", i == 0 ? "Taints:" : "", t.key, t.value.empty() ? "" : "=" + t.value,
                            t.effect));
    }
}

void describeLease(TabText& out, const Lease* lease, const std::string& node)
{
    if (!lease) {
        out.line(0, fmt::format("Lease:\tFailed to get lease: leases.coordination.k8s.io \"{}\" not found", node));
        return;
    }
    out.line(0, "Lease:");
    const auto time = [](const std::optional<MicroTime>& at) { return at ? longDate(at->at) : std::string("<unset>"); };
    out.line(1, "HolderIdentity:\t" + (lease->spec.holderIdentity.empty() ? "<unset>" : lease->spec.holderIdentity));
    out.line(1, "AcquireTime:\t" + time(lease->spec.acquireTime));
    out.line(1, "RenewTime:\t" + time(lease->spec.renewTime));
}

void describeNodeResources(TabText& out, std::string_view title, const ResourceList& list)
{
    if (list.empty())
        return;
    out.line(0, fmt::format("{}:", title));
    for (const auto& [name, quantity] : list)
        out.line(1, fmt::format("{}:\t{}", name, quantity.text));
}

void describePods(TabText& out, const Node& node, const std::vector<Pod>& pods, sim::Instant now)
{
    const ResourceList& allocatable = node.status.allocatable.empty() ? node.status.capacity : node.status.allocatable;
    out.line(0, fmt::format("Non-terminated Pods:\t({} in total)", pods.size()));
    out.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    out.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    Totals requests, limits;
    const auto addTo = [](Totals& all, const Totals& some) {
        for (const auto& [name, total] : some) {
            all[name].milli += total.milli;
            all[name].decimalBytes = all[name].decimalBytes || total.decimalBytes;
        }
    };
    for (const Pod& pod : pods) {
        Totals podRequests = podTotals(pod.spec, false);
        Totals podLimits = podTotals(pod.spec, true);
        out.line(1, fmt::format("{}\t{}\t\t{}\t{}\t{}\t{}\t{}", pod.metadata.namespace_, pod.metadata.name,
                                share(podRequests, allocatable, "cpu"), share(podLimits, allocatable, "cpu"),
                                share(podRequests, allocatable, "memory"), share(podLimits, allocatable, "memory"),
                                since(pod.metadata.creationTimestamp, now)));
        addTo(requests, podRequests);
        addTo(limits, podLimits);
    }
    out.line(0, "Allocated resources:");
    out.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    out.line(1, "Resource\tRequests\tLimits");
    out.line(1, "--------\t--------\t------");
    for (const char* resource : {"cpu", "memory", "ephemeral-storage"}) {
        out.line(1, fmt::format("{}\t{}\t{}", resource, share(requests, allocatable, resource),
                                share(limits, allocatable, resource)));
    }
    for (const auto& [resource, quantity] : allocatable) {
        if (resource == "cpu" || resource == "memory" || resource == "ephemeral-storage" || resource == "pods")
            continue;
        if (resource.compare(0, 10, "hugepages-") == 0) {
            out.line(1, fmt::format("{}\t{}\t{}", resource, share(requests, allocatable, resource),
                                    share(limits, allocatable, resource)));
        } else {
            out.line(1, fmt::format("{}\t{}\t{}", resource, requests[resource].text(resource),
                                    limits[resource].text(resource)));
        }
    }
}

} // namespace

std::string describeNode(const Node& node, const Lease* lease, const std::vector<Pod>& pods, const EventList& events,
                         sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + node.metadata.name);
    out.line(0, "Roles:\t" + rolesOf(node.metadata.labels));
    describeLabels(out, "Labels", node.metadata.labels);
    describeAnnotations(out, "Annotations", node.metadata.annotations);
    out.line(0, "CreationTimestamp:\t" + longDate(node.metadata.creationTimestamp));
    describeTaints(out, node.spec.taints);
    out.line(0, fmt::format("Unschedulable:\t{}", node.spec.unschedulable));
    describeLease(out, lease, node.metadata.name);
    if (!node.status.conditions.empty()) {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
        out.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
        for (const Condition& c : node.status.conditions) {
            out.line(1, fmt::format("{} \t{} \t{} \t{} \t{} \t{}", c.type.value, c.status.value,
                                    longDate(c.lastHeartbeatTime), longDate(c.lastTransitionTime), c.reason, c.message));
        }
    }
    out.line(0, "Addresses:");
    for (const NodeAddress& address : node.status.addresses)
        out.line(1, address.type + ":\t" + address.address);
    describeNodeResources(out, "Capacity", node.status.capacity);
    describeNodeResources(out, "Allocatable", node.status.allocatable);
    const NodeSystemInfo& info = node.status.nodeInfo;
    out.line(0, "System Info:");
    out.line(1, "Machine ID:\t" + info.machineID);
    out.line(1, "System UUID:\t" + info.systemUUID);
    out.line(1, "Boot ID:\t" + info.bootID);
    out.line(1, "Kernel Version:\t" + info.kernelVersion);
    out.line(1, "OS Image:\t" + info.osImage);
    out.line(1, "Operating System:\t" + info.operatingSystem);
    out.line(1, "Architecture:\t" + info.architecture);
    out.line(1, "Container Runtime Version:\t" + info.containerRuntimeVersion);
    out.line(1, "Kubelet Version:\t" + info.kubeletVersion);
    out.line(1, "Kube-Proxy Version:\t" + info.kubeProxyVersion.value);
    if (!node.spec.podCIDR.empty()) {
        out.line(0, "PodCIDR:\t" + node.spec.podCIDR);
        out.line(0, "PodCIDRs:\t" + join(node.spec.podCIDRs, ","));
    }
    if (!node.spec.providerID.empty())
        out.line(0, "ProviderID:\t" + node.spec.providerID);
    describePods(out, node, pods, now);
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
