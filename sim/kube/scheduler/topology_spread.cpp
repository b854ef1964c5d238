#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/reasons.h"

#include <algorithm>
#include <cmath>
#include <limits>

// PodTopologySpread (framework/plugins/podtopologyspread).
namespace sim::kube {

namespace {

constexpr const char* kDoNotSchedule = "DoNotSchedule";
// System defaulting (plugin.go): spread by node and zone, softly.
constexpr std::int64_t kDefaultHostnameSkew = 3;
constexpr std::int64_t kDefaultZoneSkew = 5;

const std::string* labelOf(const NodeInfo& node, const std::string& key)
{
    const auto it = node.node->metadata.labels.find(key);
    return it == node.node->metadata.labels.end() ? nullptr : &it->second;
}

bool hasAllKeys(const NodeInfo& node, const std::vector<SpreadConstraint>& constraints)
{
    return std::all_of(constraints.begin(), constraints.end(),
                       [&](const SpreadConstraint& c) { return labelOf(node, c.topologyKey) != nullptr; });
}

SpreadConstraint constraint(const Cycle& cycle, std::string key, std::int64_t maxSkew, LabelSelector selector)
{
    SpreadConstraint c;
    c.topologyKey = std::move(key);
    c.maxSkew = maxSkew;
    c.selfMatch = selector.matches(cycle.object().metadata.labels);
    c.podsBySlot = nullptr;
    c.selector = std::move(selector);
    return c;
}

/// What Services and the owner select: the pods that a pod should keep apart from without saying so.
std::optional<LabelSelector> defaultSelector(const Cycle& cycle)
{
    const Pod& pod = cycle.object();
    const std::string& ns = pod.metadata.namespace_;
    LabelSelector selector;
    const auto& services = cycle.store.all<Service>();
    for (auto it = services.lower_bound({ns, {}}); it != services.end() && it->first.namespace_ == ns; ++it) {
        const StringMap& wanted = it->second->spec.selector;
        const bool matches = !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) {
            const auto label = pod.metadata.labels.find(entry.first);
            return label != pod.metadata.labels.end() && label->second == entry.second;
        });
        if (matches)
            selector.matchLabels.insert(wanted.begin(), wanted.end());
    }
    if (const OwnerReference* owner = controllerOf(pod.metadata); owner && owner->kind == "ReplicaSet")
        if (const auto rs = cycle.store.get<ReplicaSet>({ns, owner->name})) {
            selector.matchLabels.insert(rs->spec.selector.matchLabels.begin(), rs->spec.selector.matchLabels.end());
            selector.matchExpressions = rs->spec.selector.matchExpressions;
        }
    if (selector.matchLabels.empty() && selector.matchExpressions.empty())
        return std::nullopt;
    return selector;
}

std::vector<SpreadConstraint> ownConstraints(const Cycle& cycle, bool hard)
{
    std::vector<SpreadConstraint> found;
    for (const TopologySpreadConstraint& c : cycle.object().spec.topologySpreadConstraints)
        if ((c.whenUnsatisfiable == kDoNotSchedule) == hard) {
            // No selector matches no pod; an empty one matches all.
            LabelSelector selector;
            if (c.labelSelector)
                selector = *c.labelSelector;
            else
                selector.matchExpressions.push_back({"", "In", {}});
            found.push_back(constraint(cycle, c.topologyKey, c.maxSkew, std::move(selector)));
        }
    return found;
}

void bindCounts(const Cycle& cycle, std::vector<SpreadConstraint>& constraints)
{
    for (SpreadConstraint& c : constraints)
        c.podsBySlot = &cycle.cache.matching(cycle.object().metadata.namespace_, c.selector);
}

int podsOn(const SpreadConstraint& c, const NodeInfo& node)
{
    return (*c.podsBySlot)[static_cast<std::size_t>(node.slot)];
}

bool preFilter(Cycle& cycle)
{
    if (cycle.object().spec.topologySpreadConstraints.empty())
        return false;
    cycle.hardSpread = ownConstraints(cycle, true);
    if (cycle.hardSpread.empty())
        return false;
    bindCounts(cycle, cycle.hardSpread);
    for (const int slot : cycle.cache.order()) {
        const NodeInfo& node = cycle.cache.at(slot);
        // nodeAffinityPolicy Honor, nodeTaintsPolicy Ignore: the defaults.
        if (!matchesNodeAffinity(cycle.object().spec, *node.node) || !hasAllKeys(node, cycle.hardSpread))
            continue;
        for (SpreadConstraint& c : cycle.hardSpread)
            c.byValue[*labelOf(node, c.topologyKey)] += podsOn(c, node);
    }
    for (SpreadConstraint& c : cycle.hardSpread) {
        c.minimum = std::numeric_limits<std::int64_t>::max();
        for (const auto& [value, count] : c.byValue)
            c.minimum = std::min(c.minimum, count);
        if (c.byValue.empty())
            c.minimum = 0;
    }
    return true;
}

FilterCode filter(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    for (const SpreadConstraint& c : cycle.hardSpread) {
        const std::string* value = labelOf(node, c.topologyKey);
        if (!value) {
            if (reasons)
                reasons->push_back(reasons::kSpreadMissingLabel);
            return FilterCode::UnschedulableAndUnresolvable;
        }
        const auto it = c.byValue.find(*value);
        const std::int64_t here = it == c.byValue.end() ? 0 : it->second;
        if (here + (c.selfMatch ? 1 : 0) - c.minimum > c.maxSkew) {
            if (reasons)
                reasons->push_back(reasons::kSpreadConstraints);
            return FilterCode::Unschedulable;
        }
    }
    return FilterCode::Success;
}

bool preScore(Cycle& cycle, const std::vector<int>& slots)
{
    cycle.softSpread.clear();
    cycle.requireAllTopologies = !cycle.object().spec.topologySpreadConstraints.empty();
    if (cycle.requireAllTopologies) {
        cycle.softSpread = ownConstraints(cycle, false);
    } else if (const auto selector = defaultSelector(cycle)) {
        cycle.softSpread.push_back(constraint(cycle, kLabelHostname, kDefaultHostnameSkew, *selector));
        cycle.softSpread.push_back(constraint(cycle, kLabelZone, kDefaultZoneSkew, *selector));
    }
    if (cycle.softSpread.empty())
        return false;
    bindCounts(cycle, cycle.softSpread);
    const auto ignored = [&](const NodeInfo& node) {
        return cycle.requireAllTopologies && !hasAllKeys(node, cycle.softSpread);
    };
    std::size_t qualified = 0;
    for (const int slot : slots) {
        const NodeInfo& node = cycle.cache.at(slot);
        if (ignored(node))
            continue;
        ++qualified;
        for (SpreadConstraint& c : cycle.softSpread)
            if (c.topologyKey != kLabelHostname) {
                const std::string* value = labelOf(node, c.topologyKey);
                c.byValue.try_emplace(value ? *value : std::string(), 0);
            }
    }
    bool zones = false;
    for (SpreadConstraint& c : cycle.softSpread) {
        const std::size_t size = c.topologyKey == kLabelHostname ? qualified : c.byValue.size();
        c.weight = std::log(static_cast<double>(size + 2));
        zones |= c.topologyKey != kLabelHostname;
    }
    if (!zones)
        return true;
    for (const int slot : cycle.cache.order()) {
        const NodeInfo& node = cycle.cache.at(slot);
        if (ignored(node) || !matchesNodeAffinity(cycle.object().spec, *node.node))
            continue;
        for (SpreadConstraint& c : cycle.softSpread) {
            if (c.topologyKey == kLabelHostname)
                continue;
            const std::string* value = labelOf(node, c.topologyKey);
            const auto it = c.byValue.find(value ? *value : std::string());
            if (it != c.byValue.end())
                it->second += podsOn(c, node);
        }
    }
    return true;
}

std::int64_t score(const Cycle& cycle, const NodeInfo& node)
{
    if (cycle.requireAllTopologies && !hasAllKeys(node, cycle.softSpread))
        return 0;
    double sum = 0;
    for (const SpreadConstraint& c : cycle.softSpread) {
        const std::string* value = labelOf(node, c.topologyKey);
        if (!value)
            continue;
        const std::int64_t count = c.topologyKey == kLabelHostname ? podsOn(c, node) : c.byValue.at(*value);
        sum += static_cast<double>(count) * c.weight + static_cast<double>(c.maxSkew - 1);
    }
    return static_cast<std::int64_t>(std::round(sum));
}

void normalize(const Cycle& cycle, const std::vector<int>& slots, std::vector<std::int64_t>& scores)
{
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = 0;
    std::vector<bool> counts(slots.size(), true);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        counts[i] = !cycle.requireAllTopologies || hasAllKeys(cycle.cache.at(slots[i]), cycle.softSpread);
        if (!counts[i])
            continue;
        least = std::min(least, scores[i]);
        most = std::max(most, scores[i]);
    }
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (!counts[i])
            scores[i] = 0;
        else if (most == 0)
            scores[i] = kMaxNodeScore;
        else
            scores[i] = kMaxNodeScore * (most + least - scores[i]) / most;
    }
}

} // namespace

Plugin podTopologySpreadPlugin()
{
    Plugin p{"PodTopologySpread", 2};
    p.preFilter = preFilter;
    p.filter = filter;
    p.preScore = preScore;
    p.score = score;
    p.normalizeScore = normalize;
    p.mayHelp = [](const WatchEvent& e, const PodInfo& pod) {
        return hints::podSeen(e) || hints::nodeAdded(e) || hints::nodeLabelsChanged(e) || hints::selfChanged(e, pod)
            || (e.kind == kindIdOf<Node> && e.type == WatchEvent::Type::Deleted);
    };
    return p;
}

} // namespace sim::kube
