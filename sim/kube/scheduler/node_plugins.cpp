#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/reasons.h"

#include <fmt/core.h>

#include <algorithm>

// Plugins that compare a pod with what a node says of itself.
namespace sim::kube {

namespace {

void say(Reasons* reasons, std::string text)
{
    if (reasons)
        reasons->push_back(std::move(text));
}

FilterCode filterUnschedulable(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    if (!node.unschedulable)
        return FilterCode::Success;
    Taint taint;
    taint.key = kTaintUnschedulable;
    taint.effect = kNoSchedule;
    if (toleratesTaint(cycle.shape().spec().tolerations, taint))
        return FilterCode::Success;
    say(reasons, reasons::kNodeUnschedulable);
    return FilterCode::UnschedulableAndUnresolvable;
}

FilterCode filterName(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    const std::string& wanted = cycle.object().spec.nodeName;
    if (wanted.empty() || wanted == node.node->metadata.name)
        return FilterCode::Success;
    say(reasons, reasons::kNodeName);
    return FilterCode::UnschedulableAndUnresolvable;
}

FilterCode filterTaints(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    const Taint* taint = node.tainted ? untoleratedTaint(node.node->spec.taints, cycle.shape().spec().tolerations) : nullptr;
    if (!taint)
        return FilterCode::Success;
    say(reasons, fmt::format(fmt::runtime(reasons::kUntoleratedTaint), taint->key, taint->value));
    return FilterCode::UnschedulableAndUnresolvable;
}

/// PreferNoSchedule taints that the pod does not tolerate: fewer is better.
std::int64_t scoreTaints(const Cycle& cycle, const NodeInfo& node)
{
    if (!node.tainted)
        return 0;
    const auto& tolerations = cycle.shape().spec().tolerations;
    std::int64_t count = 0;
    for (const Taint& taint : node.node->spec.taints)
        if (taint.effect == kPreferNoSchedule && !toleratesTaint(tolerations, taint))
            ++count;
    return count;
}

FilterCode filterAffinity(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    if (matchesNodeAffinity(cycle.shape().spec(), *node.node))
        return FilterCode::Success;
    say(reasons, reasons::kNodeAffinity);
    return FilterCode::UnschedulableAndUnresolvable;
}

/// The names when every term pins some (node_affinity.go, PreFilter): nothing else need be looked at.
std::optional<std::set<std::string>> pinnedNodes(const PodSpec& spec)
{
    if (!spec.affinity || !spec.affinity->nodeAffinity)
        return std::nullopt;
    const auto& required = spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution;
    if (!required || required->nodeSelectorTerms.empty())
        return std::nullopt;
    std::set<std::string> names;
    for (const NodeSelectorTerm& term : required->nodeSelectorTerms) {
        std::optional<std::set<std::string>> ofTerm;
        for (const LabelSelectorRequirement& r : term.matchFields) {
            if (r.key != "metadata.name" || r.operator_ != "In")
                continue;
            const std::set<std::string> listed(r.values.begin(), r.values.end());
            if (ofTerm)
                std::erase_if(*ofTerm, [&](const std::string& name) { return listed.count(name) == 0; });
            else
                ofTerm = listed;
        }
        if (!ofTerm)
            return std::nullopt;
        names.merge(*ofTerm);
    }
    return names;
}

PreFilterStatus preFilterAffinity(Cycle& cycle)
{
    const PodSpec& spec = cycle.shape().spec();
    const bool required = spec.affinity && spec.affinity->nodeAffinity
        && spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution;
    if (spec.nodeSelector.empty() && !required)
        return {PreFilterStatus::Code::Skip, {}};
    if (cycle.plan.onlyNodes && cycle.plan.onlyNodes->empty())
        return {PreFilterStatus::Code::Reject, reasons::kAffinityConflict};
    return {};
}

const std::vector<PreferredSchedulingTerm>* preferredTerms(const Cycle& cycle)
{
    const auto& affinity = cycle.shape().spec().affinity;
    if (!affinity || !affinity->nodeAffinity
        || affinity->nodeAffinity->preferredDuringSchedulingIgnoredDuringExecution.empty())
        return nullptr;
    return &affinity->nodeAffinity->preferredDuringSchedulingIgnoredDuringExecution;
}

std::int64_t scoreAffinity(const Cycle& cycle, const NodeInfo& node)
{
    std::int64_t sum = 0;
    for (const PreferredSchedulingTerm& term : *preferredTerms(cycle))
        if (matchesTerm(term.preference, *node.node))
            sum += term.weight;
    return sum;
}

bool conflict(const std::vector<HostPort>& wanted, const std::vector<HostPort>& used)
{
    return std::any_of(wanted.begin(), wanted.end(), [&](const HostPort& w) {
        return std::any_of(used.begin(), used.end(), [&](const HostPort& u) { return w.conflictsWith(u); });
    });
}

FilterCode filterPorts(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    if (!conflict(cycle.shape().hostPorts, node.usedPorts))
        return FilterCode::Success;
    say(reasons, reasons::kNodePorts);
    return FilterCode::Unschedulable;
}

bool toleratesNode(const Node& node, const PodInfo& pod)
{
    return untoleratedTaint(node.spec.taints, pod.shape->spec().tolerations) == nullptr;
}

bool matchesNode(const Node& node, const PodInfo& pod)
{
    return matchesNodeAffinity(pod.shape->spec(), node);
}

/// The node passes now and, if it was there before, did not pass then.
bool nowPasses(const WatchEvent& event, const PodInfo& pod, bool (*passes)(const Node&, const PodInfo&))
{
    const Node* before = event.before<Node>();
    return passes(event.as<Node>(), pod) && (!before || !passes(*before, pod));
}

} // namespace

Plugin nodeUnschedulablePlugin()
{
    Plugin p{"NodeUnschedulable"};
    p.nodeLocal = true;
    p.filter = filterUnschedulable;
    p.events = cluster_event::kNodeAdded | cluster_event::kNodeTaints;
    p.hint = [](const WatchEvent& e, std::uint32_t, const PodInfo&) { return !e.as<Node>().spec.unschedulable; };
    return p;
}

Plugin nodeNamePlugin()
{
    Plugin p{"NodeName"};
    p.nodeLocal = true;
    p.filter = filterName;
    p.events = cluster_event::kNodeAdded;
    p.hint = [](const WatchEvent& e, std::uint32_t, const PodInfo& pod) { return e.key.name == pod.pod->spec.nodeName; };
    return p;
}

Plugin taintTolerationPlugin()
{
    Plugin p{"TaintToleration", 3};
    p.nodeLocal = true;
    p.filter = filterTaints;
    p.score = scoreTaints;
    p.normalizeScore = [](const Cycle&, const std::vector<int>&, std::vector<std::int64_t>& s) { normalizeByMaximum(s, true); };
    p.events = cluster_event::kNodeAdded | cluster_event::kNodeTaints;
    p.hint = [](const WatchEvent& e, std::uint32_t, const PodInfo& pod) { return nowPasses(e, pod, toleratesNode); };
    return p;
}

Plugin nodeAffinityPlugin()
{
    Plugin p{"NodeAffinity", 2};
    p.nodeLocal = true;
    p.prepare = [](Cycle& c) { c.plan.onlyNodes = pinnedNodes(c.shape().spec()); };
    p.preFilter = preFilterAffinity;
    p.filter = filterAffinity;
    p.preScore = [](Cycle& c, const std::vector<int>&) { return preferredTerms(c) != nullptr; };
    p.score = scoreAffinity;
    p.normalizeScore = [](const Cycle&, const std::vector<int>&, std::vector<std::int64_t>& s) { normalizeByMaximum(s, false); };
    p.events = cluster_event::kNodeAdded | cluster_event::kNodeLabels;
    p.hint = [](const WatchEvent& e, std::uint32_t, const PodInfo& pod) { return nowPasses(e, pod, matchesNode); };
    return p;
}

Plugin nodePortsPlugin()
{
    Plugin p{"NodePorts"};
    p.nodeLocal = true;
    p.preFilter = [](Cycle& c) {
        return PreFilterStatus{c.shape().hostPorts.empty() ? PreFilterStatus::Code::Skip : PreFilterStatus::Code::Run, {}};
    };
    p.filter = filterPorts;
    p.events = cluster_event::kNodeAdded | cluster_event::kPodGone;
    p.hint = [](const WatchEvent& e, std::uint32_t bits, const PodInfo& pod) {
        if ((bits & cluster_event::kPodGone) == 0)
            return true;
        std::vector<HostPort> freed;
        for (const Container& c : e.as<Pod>().spec.containers)
            for (const ContainerPort& port : c.ports)
                if (port.hostPort > 0)
                    freed.push_back({port.hostIP.empty() ? "0.0.0.0" : port.hostIP,
                                     port.protocol.empty() ? "TCP" : port.protocol, port.hostPort});
        return conflict(pod.shape->hostPorts, freed);
    };
    return p;
}

} // namespace sim::kube
