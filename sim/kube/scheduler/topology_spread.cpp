#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/reasons.h"

#include <algorithm>
#include <cmath>
#include <limits>

// PodTopologySpread (framework/plugins/podtopologyspread).
namespace sim::kube {

// Functions are named after their extension points, as in every plugin.
namespace topology_spread {
namespace {

constexpr const char* kDoNotSchedule = "DoNotSchedule";
constexpr const char* kIgnore = "Ignore";
constexpr const char* kHonor = "Honor";
// System defaulting (plugin.go): spread by node and zone, softly.
constexpr std::int64_t kDefaultHostnameSkew = 3;
constexpr std::int64_t kDefaultZoneSkew = 5;
constexpr int kAllNodes = 0;

/// What Services and the owner select (plugins/helper/spread.go): the pods that a pod should keep apart from
/// without saying so.
std::optional<LabelSelector> defaultSelector(const Cycle& cycle)
{
    const ObjectMeta& pod = cycle.shape().model->metadata;
    LabelSelector selector;
    const auto& services = cycle.store.all<Service>();
    for (auto it = services.lower_bound({pod.namespace_, {}}); it != services.end() && it->first.namespace_ == pod.namespace_; ++it) {
        const StringMap& wanted = it->second->spec.selector;
        const bool matches = !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
            const auto label = pod.labels.find(entry.first);
            return label != pod.labels.end() && label->second == entry.second;
        });
        if (matches)
            selector.matchLabels.insert(wanted.begin(), wanted.end());
    }
    const auto add = [&](const LabelSelector& more) {
        selector.matchLabels.insert(more.matchLabels.begin(), more.matchLabels.end());
        selector.matchExpressions.insert(selector.matchExpressions.end(), more.matchExpressions.begin(), more.matchExpressions.end());
    };
    if (const OwnerReference* owner = controllerOf(pod)) {
        const ObjectKey key{pod.namespace_, owner->name};
        if (owner->kind == "ReplicaSet") {
            if (const auto rs = cycle.store.get<ReplicaSet>(key))
                add(rs->spec.selector);
        } else if (owner->kind == "StatefulSet") {
            if (const auto set = cycle.store.get<StatefulSet>(key))
                add(set->spec.selector);
        }
    }
    if (selector.matchLabels.empty() && selector.matchExpressions.empty())
        return std::nullopt;
    return selector;
}

/// Which nodes a constraint counts, and the words that tell one choice from another.
struct Counted {
    bool honourAffinity = true;
    bool honourTaints = false;
    std::vector<std::string> keys; ///< all of which a node must have
};

bool asksForNodes(const PodSpec& spec)
{
    return !spec.nodeSelector.empty()
        || (spec.affinity && spec.affinity->nodeAffinity
            && spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution);
}

int inclusionOf(Cycle& cycle, const Counted& counted)
{
    const PodSpec& spec = cycle.shape().spec();
    const bool byAffinity = counted.honourAffinity && asksForNodes(spec);
    if (!byAffinity && !counted.honourTaints && counted.keys.empty())
        return kAllNodes;
    std::string text;
    if (byAffinity || counted.honourTaints)
        text = std::to_string(cycle.shape().serial) + (byAffinity ? " affinity" : "") + (counted.honourTaints ? " taints" : "");
    for (const std::string& key : counted.keys)
        text += ' ' + key;
    return cycle.cache.counts().inclusion(text, [&](const Node& node) {
        return std::all_of(counted.keys.begin(), counted.keys.end(), [&](const std::string& key) {
                   return node.metadata.labels.count(key) != 0;
               })
            && (!byAffinity || matchesNodeAffinity(spec, node))
            && (!counted.honourTaints || !untoleratedTaint(node.spec.taints, spec.tolerations));
    });
}

SpreadConstraint constraint(Cycle& cycle, const std::string& key, std::int64_t maxSkew, const LabelSelector& selector, const Counted& counted)
{
    PodCounts& counts = cycle.cache.counts();
    SpreadConstraint c;
    c.key = counts.key(key);
    c.byHostname = key == kLabelHostname;
    c.maxSkew = maxSkew;
    c.selfMatch = selector.matches(cycle.shape().labels());
    c.counter = counts.selected(cycle.shape().namespaceName(), selector);
    c.tally = counts.tally(c.counter, c.key, inclusionOf(cycle, counted));
    return c;
}

std::vector<SpreadConstraint> ownConstraints(Cycle& cycle, bool hard)
{
    std::vector<SpreadConstraint> found;
    const auto& all = cycle.shape().spec().topologySpreadConstraints;
    std::vector<std::string> keys;
    for (const TopologySpreadConstraint& c : all)
        if ((c.whenUnsatisfiable == kDoNotSchedule) == hard)
            keys.push_back(c.topologyKey);
    for (const TopologySpreadConstraint& c : all) {
        if ((c.whenUnsatisfiable == kDoNotSchedule) != hard)
            continue;
        // No selector matches no pod; an empty one matches all.
        LabelSelector selector;
        if (c.labelSelector)
            selector = *c.labelSelector;
        else
            selector.matchExpressions.push_back({"", "In", {}});
        addLabelKeys(selector, cycle.shape().labels(), c.matchLabelKeys, "In");
        found.push_back(constraint(cycle, c.topologyKey, c.maxSkew, selector,
                                   {c.nodeAffinityPolicy != kIgnore, c.nodeTaintsPolicy == kHonor, keys}));
        found.back().minDomains = c.minDomains.value_or(1);
    }
    return found;
}

void prepare(Cycle& cycle)
{
    Plan& plan = cycle.plan;
    plan.hardSpread = ownConstraints(cycle, true);
    plan.softSpread.clear();
    plan.requireAllTopologies = !cycle.shape().spec().topologySpreadConstraints.empty();
    if (plan.requireAllTopologies) {
        plan.softSpread = ownConstraints(cycle, false);
    } else if (cycle.profile.systemDefaultSpreading) {
        if (const auto selector = defaultSelector(cycle)) {
            plan.softSpread.push_back(constraint(cycle, kLabelHostname, kDefaultHostnameSkew, *selector, {}));
            plan.softSpread.push_back(constraint(cycle, kLabelZone, kDefaultZoneSkew, *selector, {}));
        }
    }
}

void findMinimum(Cycle& cycle)
{
    for (SpreadConstraint& c : cycle.plan.hardSpread) {
        const PodCounts::Tally& tally = cycle.counts().tallyAt(c.tally);
        std::int64_t domains = 0;
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        for (std::size_t i = 0; i < tally.byValue.size(); ++i)
            if (tally.nodes[i] > 0) {
                ++domains;
                least = std::min(least, tally.byValue[i]);
            }
        c.minimum = domains == 0 || domains < c.minDomains ? 0 : least;
    }
}

PreFilterStatus preFilter(Cycle& cycle)
{
    if (cycle.plan.hardSpread.empty())
        return {PreFilterStatus::Code::Skip, {}};
    findMinimum(cycle);
    return {};
}

FilterCode filter(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    for (const SpreadConstraint& c : cycle.plan.hardSpread) {
        if (cycle.counts().valueOf(c.key, node.slot) < 0) {
            if (reasons)
                reasons->push_back(reasons::kSpreadMissingLabel);
            return FilterCode::UnschedulableAndUnresolvable;
        }
        const std::int64_t here = cycle.counts().inDomainOf(cycle.counts().tallyAt(c.tally), node.slot);
        if (here + (c.selfMatch ? 1 : 0) - c.minimum > c.maxSkew) {
            if (reasons)
                reasons->push_back(reasons::kSpreadConstraints);
            return FilterCode::Unschedulable;
        }
    }
    return FilterCode::Success;
}

bool lacksTopology(const Cycle& cycle, int slot)
{
    return std::any_of(cycle.plan.softSpread.begin(), cycle.plan.softSpread.end(),
                       [&](const SpreadConstraint& c) { return cycle.counts().valueOf(c.key, slot) < 0; });
}

/// Nodes that lack one of the pod's own topology keys get no points.
bool ignored(const Cycle& cycle, int slot)
{
    return cycle.plan.requireAllTopologies && lacksTopology(cycle, slot);
}

/// Domains among the feasible nodes; a node without the label is in a domain of its own kind.
std::size_t domainsAmong(const Cycle& cycle, const SpreadConstraint& c, const std::vector<int>& slots)
{
    std::vector<std::uint8_t> seen(cycle.counts().keyAt(c.key).values.size() + 1, 0);
    std::size_t domains = 0;
    for (const int slot : slots) {
        if (ignored(cycle, slot))
            continue;
        std::uint8_t& mark = seen[static_cast<std::size_t>(cycle.counts().valueOf(c.key, slot) + 1)];
        domains += mark == 0 ? 1 : 0;
        mark = 1;
    }
    return domains;
}

bool preScore(Cycle& cycle, const std::vector<int>& slots)
{
    if (cycle.plan.softSpread.empty())
        return false;
    for (SpreadConstraint& c : cycle.plan.softSpread) {
        std::size_t size = 0;
        if (!c.byHostname)
            size = domainsAmong(cycle, c, slots);
        else if (cycle.plan.requireAllTopologies)
            size = static_cast<std::size_t>(std::count_if(slots.begin(), slots.end(), [&](int s) { return !ignored(cycle, s); }));
        else
            size = slots.size();
        c.weight = std::log(static_cast<double>(size + 2));
    }
    return true;
}

/// math.Round of a sum that is not negative.
std::int64_t rounded(double sum)
{
    const auto whole = static_cast<std::int64_t>(sum);
    return sum - static_cast<double>(whole) >= 0.5 ? whole + 1 : whole;
}

void scoreAll(const Cycle& cycle, const std::vector<int>& slots, std::vector<std::int64_t>& scores)
{
    std::vector<double> sums(slots.size(), 0);
    for (const SpreadConstraint& c : cycle.plan.softSpread) {
        const std::int32_t* values = cycle.counts().keyAt(c.key).bySlot.data();
        const std::int32_t* bySlot = cycle.counts().counterAt(c.counter).bySlot.data();
        const std::int64_t* byValue = cycle.counts().tallyAt(c.tally).byValue.data();
        const double weight = c.weight;
        const double base = static_cast<double>(c.maxSkew - 1);
        const auto add = [&](auto podsNear) {
            double* sum = sums.data();
            for (const int slot : slots) {
                if (const std::int32_t value = values[slot]; value >= 0)
                    *sum += static_cast<double>(podsNear(slot, value)) * weight + base;
                ++sum;
            }
        };
        if (c.byHostname)
            add([&](int slot, std::int32_t) { return bySlot[slot]; });
        else
            add([&](int, std::int32_t value) { return byValue[value]; });
    }
    for (std::size_t i = 0; i < slots.size(); ++i)
        scores[i] = ignored(cycle, slots[i]) ? 0 : rounded(sums[i]);
}

void normalize(const Cycle& cycle, const std::vector<int>& slots, std::vector<std::int64_t>& scores)
{
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = 0;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (ignored(cycle, slots[i])) {
            scores[i] = -1;
            continue;
        }
        least = std::min(least, scores[i]);
        most = std::max(most, scores[i]);
    }
    // Many nodes have the same sum: one division for each sum, unless these are many.
    const auto points = [&](std::int64_t s) { return most == 0 ? kMaxNodeScore : kMaxNodeScore * (most + least - s) / most; };
    std::vector<std::int64_t> bySum;
    if (most - least < static_cast<std::int64_t>(scores.size()))
        for (std::int64_t s = least; s <= most; ++s)
            bySum.push_back(points(s));
    for (std::int64_t& s : scores)
        s = s < 0 ? 0 : bySum.empty() ? points(s) : bySum[static_cast<std::size_t>(s - least)];
}

/// A pod that a constraint counts came, went or changed its labels; or nodes with the keys did.
bool mayHelp(const WatchEvent& event, std::uint32_t, const PodInfo& pod)
{
    const auto& constraints = pod.shape->spec().topologySpreadConstraints;
    if (event.kind == kindIdOf<Node>) {
        const auto hasKeys = [&](const Node& node) {
            return std::all_of(constraints.begin(), constraints.end(), [&](const TopologySpreadConstraint& c) {
                return node.metadata.labels.count(c.topologyKey) != 0;
            });
        };
        const Node* before = event.before<Node>();
        return hasKeys(event.as<Node>()) || (before && hasKeys(*before));
    }
    const Pod& other = event.as<Pod>();
    if (other.metadata.namespace_ != pod.shape->namespaceName())
        return false;
    const Pod* before = event.before<Pod>();
    return std::any_of(constraints.begin(), constraints.end(), [&](const TopologySpreadConstraint& c) {
        return c.labelSelector
            && (c.labelSelector->matches(other.metadata.labels) || (before && c.labelSelector->matches(before->metadata.labels)));
    });
}

} // namespace
} // namespace topology_spread

Plugin podTopologySpreadPlugin()
{
    Plugin p{"PodTopologySpread", 2};
    p.prepare = topology_spread::prepare;
    p.preFilter = topology_spread::preFilter;
    p.podsChanged = topology_spread::findMinimum;
    p.filter = topology_spread::filter;
    p.preScore = topology_spread::preScore;
    p.scoreAll = topology_spread::scoreAll;
    p.normalizeScore = topology_spread::normalize;
    p.events = cluster_event::kPodPlaced | cluster_event::kPodLabels | cluster_event::kPodGone | cluster_event::kNodeAdded
        | cluster_event::kNodeDeleted | cluster_event::kNodeLabels | cluster_event::kNodeTaints;
    p.hint = topology_spread::mayHelp;
    return p;
}

} // namespace sim::kube
