#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/reasons.h"

#include <algorithm>

// InterPodAffinity (framework/plugins/interpodaffinity): required terms both ways, preferred terms of the
// incoming pod.
namespace sim::kube {

namespace {

bool matches(const PodAffinityTerm& term, const Pod& owner, const Pod& other)
{
    const bool inNamespace = term.namespaces.empty()
        ? other.metadata.namespace_ == owner.metadata.namespace_
        : std::find(term.namespaces.begin(), term.namespaces.end(), other.metadata.namespace_) != term.namespaces.end();
    return inNamespace && term.labelSelector && term.labelSelector->matches(other.metadata.labels);
}

using Terms = std::vector<PodAffinityTerm>;

const Terms& requiredTerms(const std::optional<PodAffinity>& affinity)
{
    static const Terms kNone;
    return affinity ? affinity->requiredDuringSchedulingIgnoredDuringExecution : kNone;
}

const Terms& affinityTerms(const Pod& pod)
{
    static const std::optional<PodAffinity> kNone;
    return requiredTerms(pod.spec.affinity ? pod.spec.affinity->podAffinity : kNone);
}

const Terms& antiAffinityTerms(const Pod& pod)
{
    static const std::optional<PodAffinity> kNone;
    return requiredTerms(pod.spec.affinity ? pod.spec.affinity->podAntiAffinity : kNone);
}

const std::string* labelOf(const NodeInfo& node, const std::string& key)
{
    const auto it = node.node->metadata.labels.find(key);
    return it == node.node->metadata.labels.end() ? nullptr : &it->second;
}

bool preFilter(Cycle& cycle)
{
    const Pod& pod = cycle.object();
    const Terms& affinity = affinityTerms(pod);
    const Terms& anti = antiAffinityTerms(pod);
    if (affinity.empty() && anti.empty() && cycle.cache.podsWithAntiAffinity() == 0)
        return false;
    const auto count = [](Cycle::TopologyCounts& counts, const NodeInfo& node, const std::string& key) {
        if (const std::string* value = labelOf(node, key))
            counts[{key, *value}] += 1;
    };
    for (const int slot : cycle.cache.order()) {
        const NodeInfo& node = cycle.cache.at(slot);
        if (affinity.empty() && anti.empty() && node.podsWithAntiAffinity == 0)
            continue;
        for (const auto& [key, existing] : node.pods) {
            // An existing pod counts when it matches all terms of the incoming pod's affinity.
            const bool all = !affinity.empty() && std::all_of(affinity.begin(), affinity.end(), [&](const PodAffinityTerm& t) {
                return matches(t, pod, *existing->pod);
            });
            if (all)
                for (const PodAffinityTerm& t : affinity)
                    count(cycle.affinity, node, t.topologyKey);
            for (const PodAffinityTerm& t : anti)
                if (matches(t, pod, *existing->pod))
                    count(cycle.antiAffinity, node, t.topologyKey);
            if (existing->requiredAntiAffinity)
                for (const PodAffinityTerm& t : antiAffinityTerms(*existing->pod))
                    if (matches(t, *existing->pod, pod))
                        count(cycle.existingAntiAffinity, node, t.topologyKey);
        }
    }
    return true;
}

bool satisfiesAffinity(const Cycle& cycle, const NodeInfo& node)
{
    const Terms& terms = affinityTerms(cycle.object());
    bool podsExist = true;
    for (const PodAffinityTerm& t : terms) {
        const std::string* value = labelOf(node, t.topologyKey);
        if (!value)
            return false;
        podsExist &= cycle.affinity.count({t.topologyKey, *value}) != 0;
    }
    if (podsExist)
        return true;
    // The first pod of a group that wants to be together may go anywhere.
    return cycle.affinity.empty() && std::all_of(terms.begin(), terms.end(), [&](const PodAffinityTerm& t) {
        return matches(t, cycle.object(), cycle.object());
    });
}

FilterCode filter(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    const auto fail = [&](const char* text, FilterCode code) {
        if (reasons)
            reasons->push_back(text);
        return code;
    };
    if (!satisfiesAffinity(cycle, node))
        return fail(reasons::kAffinityRules, FilterCode::UnschedulableAndUnresolvable);
    for (const PodAffinityTerm& t : antiAffinityTerms(cycle.object()))
        if (const std::string* value = labelOf(node, t.topologyKey); value && cycle.antiAffinity.count({t.topologyKey, *value}))
            return fail(reasons::kAntiAffinityRules, FilterCode::Unschedulable);
    for (const auto& [topology, number] : cycle.existingAntiAffinity)
        if (const std::string* value = labelOf(node, topology.first); value && *value == topology.second)
            return fail(reasons::kExistingAntiAffinity, FilterCode::Unschedulable);
    return FilterCode::Success;
}

bool preScore(Cycle& cycle, const std::vector<int>&)
{
    const Pod& pod = cycle.object();
    if (!pod.spec.affinity)
        return false;
    cycle.preferred.clear();
    bool any = false;
    const auto weigh = [&](const std::optional<PodAffinity>& affinity, std::int64_t sign) {
        if (!affinity)
            return;
        for (const WeightedPodAffinityTerm& w : affinity->preferredDuringSchedulingIgnoredDuringExecution) {
            any = true;
            for (const int slot : cycle.cache.order()) {
                const NodeInfo& node = cycle.cache.at(slot);
                const std::string* value = labelOf(node, w.podAffinityTerm.topologyKey);
                if (!value)
                    continue;
                for (const auto& [key, existing] : node.pods)
                    if (matches(w.podAffinityTerm, pod, *existing->pod))
                        cycle.preferred[{w.podAffinityTerm.topologyKey, *value}] += sign * w.weight.value;
            }
        }
    };
    weigh(pod.spec.affinity->podAffinity, 1);
    weigh(pod.spec.affinity->podAntiAffinity, -1);
    return any;
}

std::int64_t score(const Cycle& cycle, const NodeInfo& node)
{
    std::int64_t sum = 0;
    for (const auto& [topology, weight] : cycle.preferred)
        if (const std::string* value = labelOf(node, topology.first); value && *value == topology.second)
            sum += weight;
    return sum;
}

void normalize(const Cycle&, const std::vector<int>&, std::vector<std::int64_t>& scores)
{
    if (scores.empty())
        return;
    const auto [least, most] = std::minmax_element(scores.begin(), scores.end());
    const std::int64_t low = *least;
    const std::int64_t span = *most - low;
    for (std::int64_t& s : scores)
        s = span > 0 ? static_cast<std::int64_t>(static_cast<double>(kMaxNodeScore) * static_cast<double>(s - low)
                                                 / static_cast<double>(span))
                     : 0;
}

} // namespace

Plugin interPodAffinityPlugin()
{
    Plugin p{"InterPodAffinity", 2};
    p.preFilter = preFilter;
    p.filter = filter;
    p.preScore = preScore;
    p.score = score;
    p.normalizeScore = normalize;
    p.mayHelp = [](const WatchEvent& e, const PodInfo& pod) {
        return hints::podSeen(e) || hints::nodeAdded(e) || hints::nodeLabelsChanged(e) || hints::selfChanged(e, pod);
    };
    return p;
}

} // namespace sim::kube
