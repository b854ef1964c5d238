#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/reasons.h"

#include <algorithm>

// InterPodAffinity (framework/plugins/interpodaffinity): required and preferred terms, the pod's own and
// those of the pods that are there.
namespace sim::kube {

// Functions are named after their extension points, as in every plugin.
namespace inter_pod_affinity {
namespace {

using Carried = PodCounts::CarriedTerm;
constexpr int kAllNodes = 0;
// InterPodAffinityArgs.hardPodAffinityWeight
constexpr std::int64_t kRequiredTermWeight = 1;

int tallyOf(PodCounts& counts, int counter, const PodTerm& term)
{
    return counts.tally(counter, counts.key(term.topologyKey), kAllNodes);
}

void prepare(Cycle& cycle)
{
    PodCounts& counts = cycle.cache.counts();
    const PodShape& shape = cycle.shape();
    Plan& plan = cycle.plan;
    plan.affinity.clear();
    plan.antiAffinity.clear();
    plan.existingAntiAffinity.clear();
    plan.preferred.clear();
    // A pod that is there counts when it matches all terms of the incoming pod's affinity.
    if (!shape.affinity.empty()) {
        const int all = counts.matchingAll(shape.affinity);
        for (const PodTerm& term : shape.affinity)
            plan.affinity.push_back(tallyOf(counts, all, term));
    }
    plan.matchesOwnAffinity = std::all_of(shape.affinity.begin(), shape.affinity.end(),
                                          [&](const PodTerm& term) { return counts.matches(term, shape); });
    for (const PodTerm& term : shape.antiAffinity)
        plan.antiAffinity.push_back(tallyOf(counts, counts.matchingAll({term}), term));
    for (const PodTerm& term : shape.preferredAffinity)
        plan.preferred.push_back({tallyOf(counts, counts.matchingAll({term}), term), term.weight});
    for (const PodTerm& term : shape.preferredAntiAffinity)
        plan.preferred.push_back({tallyOf(counts, counts.matchingAll({term}), term), -term.weight});
    for (std::size_t i = 0; i < counts.carriedTerms().size(); ++i) {
        const Carried carried = counts.carriedTerms()[i];
        if (!counts.matches(carried.term, shape))
            continue;
        const int tally = tallyOf(counts, counts.carrying(static_cast<int>(i)), carried.term);
        if (carried.kind == Carried::Kind::AntiAffinity)
            plan.existingAntiAffinity.push_back(tally);
        else
            plan.preferred.push_back({tally, carried.kind == Carried::Kind::Affinity ? kRequiredTermWeight : carried.term.weight});
    }
}

bool anyPods(const Cycle& cycle, int tally)
{
    const auto& byValue = cycle.counts().tallyAt(tally).byValue;
    return std::any_of(byValue.begin(), byValue.end(), [](std::int64_t pods) { return pods > 0; });
}

PreFilterStatus preFilter(Cycle& cycle)
{
    const Plan& plan = cycle.plan;
    const bool own = !plan.affinity.empty() || !plan.antiAffinity.empty();
    const bool needed = own
        || std::any_of(plan.existingAntiAffinity.begin(), plan.existingAntiAffinity.end(), [&](int t) { return anyPods(cycle, t); });
    return {needed ? PreFilterStatus::Code::Run : PreFilterStatus::Code::Skip, {}};
}

std::int64_t podsNear(const Cycle& cycle, int tally, const NodeInfo& node)
{
    return cycle.counts().inDomainOf(cycle.counts().tallyAt(tally), node.slot);
}

bool satisfiesAffinity(const Cycle& cycle, const NodeInfo& node)
{
    bool podsExist = true;
    for (const int tally : cycle.plan.affinity) {
        if (cycle.counts().valueOf(cycle.counts().tallyAt(tally).key, node.slot) < 0)
            return false;
        podsExist = podsExist && podsNear(cycle, tally, node) > 0;
    }
    if (podsExist)
        return true;
    // The first pod of a group that wants to be together may go anywhere.
    return cycle.plan.matchesOwnAffinity
        && std::none_of(cycle.plan.affinity.begin(), cycle.plan.affinity.end(), [&](int t) { return anyPods(cycle, t); });
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
    for (const int tally : cycle.plan.antiAffinity)
        if (podsNear(cycle, tally, node) > 0)
            return fail(reasons::kAntiAffinityRules, FilterCode::Unschedulable);
    for (const int tally : cycle.plan.existingAntiAffinity)
        if (podsNear(cycle, tally, node) > 0)
            return fail(reasons::kExistingAntiAffinity, FilterCode::Unschedulable);
    return FilterCode::Success;
}

bool preScore(Cycle& cycle, const std::vector<int>&)
{
    return std::any_of(cycle.plan.preferred.begin(), cycle.plan.preferred.end(),
                       [&](const WeightedTally& w) { return anyPods(cycle, w.tally); });
}

void scoreAll(const Cycle& cycle, const std::vector<int>& slots, std::vector<std::int64_t>& scores)
{
    std::fill(scores.begin(), scores.end(), 0);
    for (const WeightedTally& w : cycle.plan.preferred) {
        const PodCounts::Tally& tally = cycle.counts().tallyAt(w.tally);
        for (std::size_t i = 0; i < slots.size(); ++i)
            scores[i] += w.weight * cycle.counts().inDomainOf(tally, slots[i]);
    }
}

void normalize(const Cycle&, const std::vector<int>&, std::vector<std::int64_t>& scores)
{
    if (scores.empty())
        return;
    const auto [least, most] = std::minmax_element(scores.begin(), scores.end());
    const std::int64_t low = *least;
    const std::int64_t span = *most - low;
    for (std::int64_t& s : scores)
        s = span > 0 ? static_cast<std::int64_t>(static_cast<double>(kMaxNodeScore) * (static_cast<double>(s - low) / static_cast<double>(span)))
                     : 0;
}

bool selects(const std::vector<PodTerm>& terms, const StringMap& labels)
{
    return std::any_of(terms.begin(), terms.end(),
                       [&](const PodTerm& t) { return t.selector && t.selector->matches(labels); });
}

bool mayHelp(const WatchEvent& event, std::uint32_t bits, const PodInfo& pod)
{
    const PodShape& shape = *pod.shape;
    if (event.kind == kindIdOf<Node>) {
        const auto hasKey = [&](const PodTerm& t) { return event.as<Node>().metadata.labels.count(t.topologyKey) != 0; };
        return shape.affinity.empty() || std::any_of(shape.affinity.begin(), shape.affinity.end(), hasKey);
    }
    // Somebody else's anti-affinity, or the pod's own, may have gone; somebody to be near may have come.
    const StringMap& labels = event.as<Pod>().metadata.labels;
    if ((bits & cluster_event::kPodGone) != 0)
        return selects(shape.antiAffinity, labels) || (event.as<Pod>().spec.affinity && event.as<Pod>().spec.affinity->podAntiAffinity);
    const Pod* before = event.before<Pod>();
    return selects(shape.affinity, labels)
        || ((bits & cluster_event::kPodLabels) != 0 && before && selects(shape.antiAffinity, before->metadata.labels));
}

} // namespace
} // namespace inter_pod_affinity

Plugin interPodAffinityPlugin()
{
    Plugin p{"InterPodAffinity", 2};
    p.prepare = inter_pod_affinity::prepare;
    p.preFilter = inter_pod_affinity::preFilter;
    p.filter = inter_pod_affinity::filter;
    p.preScore = inter_pod_affinity::preScore;
    p.scoreAll = inter_pod_affinity::scoreAll;
    p.normalizeScore = inter_pod_affinity::normalize;
    p.events = cluster_event::kPodPlaced | cluster_event::kPodLabels | cluster_event::kPodGone | cluster_event::kNodeAdded
        | cluster_event::kNodeLabels | cluster_event::kNodeTaints;
    p.hint = inter_pod_affinity::mayHelp;
    return p;
}

} // namespace sim::kube
