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
    if (!node.node->spec.unschedulable)
        return FilterCode::Success;
    Taint taint;
    taint.key = kTaintUnschedulable;
    taint.effect = kNoSchedule;
    if (toleratesTaint(cycle.object().spec.tolerations, taint))
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
    const Taint* taint = untoleratedTaint(node.node->spec.taints, cycle.object().spec.tolerations);
    if (!taint)
        return FilterCode::Success;
    say(reasons, fmt::format(fmt::runtime(reasons::kUntoleratedTaint), taint->key, taint->value));
    return FilterCode::UnschedulableAndUnresolvable;
}

/// PreferNoSchedule taints that the pod does not tolerate: fewer is better.
std::int64_t scoreTaints(const Cycle& cycle, const NodeInfo& node)
{
    const auto& tolerations = cycle.object().spec.tolerations;
    std::int64_t count = 0;
    for (const Taint& taint : node.node->spec.taints)
        if (taint.effect == kPreferNoSchedule && !toleratesTaint(tolerations, taint))
            ++count;
    return count;
}

FilterCode filterAffinity(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    if (matchesNodeAffinity(cycle.object().spec, *node.node))
        return FilterCode::Success;
    say(reasons, reasons::kNodeAffinity);
    return FilterCode::UnschedulableAndUnresolvable;
}

/// The names when every term pins one (node_affinity.go, PreFilter): nothing else need be looked at.
std::optional<std::set<std::string>> pinnedNodes(const PodSpec& spec)
{
    if (!spec.affinity || !spec.affinity->nodeAffinity)
        return std::nullopt;
    const auto& required = spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution;
    if (!required || required->nodeSelectorTerms.empty())
        return std::nullopt;
    std::set<std::string> names;
    for (const NodeSelectorTerm& term : required->nodeSelectorTerms) {
        bool pinned = false;
        for (const LabelSelectorRequirement& r : term.matchFields)
            if (r.key == "metadata.name" && r.operator_ == "In") {
                pinned = true;
                names.insert(r.values.begin(), r.values.end());
            }
        if (!pinned)
            return std::nullopt;
    }
    return names;
}

bool hasRequiredAffinity(Cycle& cycle)
{
    const PodSpec& spec = cycle.object().spec;
    cycle.onlyNodes = pinnedNodes(spec);
    return !spec.nodeSelector.empty()
        || (spec.affinity && spec.affinity->nodeAffinity
            && spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution);
}

const std::vector<PreferredSchedulingTerm>* preferredTerms(const Cycle& cycle)
{
    const auto& affinity = cycle.object().spec.affinity;
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

FilterCode filterPorts(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    for (const auto& port : cycle.pod.hostPorts)
        if (node.usedPorts.count(port) != 0) {
            say(reasons, reasons::kNodePorts);
            return FilterCode::Unschedulable;
        }
    return FilterCode::Success;
}

} // namespace

Plugin nodeUnschedulablePlugin()
{
    Plugin p{"NodeUnschedulable"};
    p.filter = filterUnschedulable;
    p.mayHelp = [](const WatchEvent& e, const PodInfo& pod) {
        return hints::nodeAdded(e) || hints::nodeTaintsChanged(e) || hints::selfChanged(e, pod);
    };
    return p;
}

Plugin nodeNamePlugin()
{
    Plugin p{"NodeName"};
    p.filter = filterName;
    p.mayHelp = [](const WatchEvent& e, const PodInfo&) { return hints::nodeAdded(e); };
    return p;
}

Plugin taintTolerationPlugin()
{
    Plugin p{"TaintToleration", 3};
    p.filter = filterTaints;
    p.score = scoreTaints;
    p.normalizeScore = [](const Cycle&, const std::vector<int>&, std::vector<std::int64_t>& s) { normalizeByMaximum(s, true); };
    p.mayHelp = [](const WatchEvent& e, const PodInfo& pod) {
        return hints::nodeAdded(e) || hints::nodeTaintsChanged(e) || hints::selfChanged(e, pod);
    };
    return p;
}

Plugin nodeAffinityPlugin()
{
    Plugin p{"NodeAffinity", 2};
    p.preFilter = hasRequiredAffinity;
    p.filter = filterAffinity;
    p.preScore = [](Cycle& c, const std::vector<int>&) { return preferredTerms(c) != nullptr; };
    p.score = scoreAffinity;
    p.normalizeScore = [](const Cycle&, const std::vector<int>&, std::vector<std::int64_t>& s) { normalizeByMaximum(s, false); };
    p.mayHelp = [](const WatchEvent& e, const PodInfo&) { return hints::nodeAdded(e) || hints::nodeLabelsChanged(e); };
    return p;
}

Plugin nodePortsPlugin()
{
    Plugin p{"NodePorts"};
    p.preFilter = [](Cycle& c) { return !c.pod.hostPorts.empty(); };
    p.filter = filterPorts;
    p.mayHelp = [](const WatchEvent& e, const PodInfo&) { return hints::nodeAdded(e) || hints::assignedPodGone(e); };
    return p;
}

} // namespace sim::kube
