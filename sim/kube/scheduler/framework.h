#pragma once

#include "sim/kube/scheduler/cache.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// Outcome of a filter (framework/interface.go, Code).
enum class FilterCode : std::uint8_t {
    Success,
    Unschedulable,                ///< removing pods might help
    UnschedulableAndUnresolvable, ///< it would not
};

inline constexpr std::int64_t kMaxNodeScore = 100;

/// One spread constraint in the form in which a cycle uses it.
struct SpreadConstraint {
    std::string topologyKey;
    std::int64_t maxSkew = 1;
    LabelSelector selector;
    bool selfMatch = false;
    const std::vector<int>* podsBySlot = nullptr; ///< of the cache, valid for one cycle
    std::map<std::string, std::int64_t> byValue;  ///< matching pods per topology value
    std::int64_t minimum = 0;                     ///< over the values
    double weight = 0;                            ///< of scores
};

/// What the plugins of one scheduling cycle share: the pod and their own precomputed parts.
struct Cycle {
    const SchedulerCache& cache;
    const Store& store; ///< Services and ReplicaSets, for default spreading
    const PodInfo& pod;

    /// PreFilterResult: the only nodes that can come into question (a DaemonSet's pinned pod), by name.
    std::optional<std::set<std::string>> onlyNodes;
    std::vector<SpreadConstraint> hardSpread;
    std::vector<SpreadConstraint> softSpread;
    bool requireAllTopologies = false;

    /// (topology key, value) -> matching pods, of the pod's own terms and of existing pods' anti-affinity.
    using TopologyCounts = std::map<std::pair<std::string, std::string>, std::int64_t>;
    TopologyCounts affinity;
    TopologyCounts antiAffinity;
    TopologyCounts existingAntiAffinity;
    TopologyCounts preferred; ///< weights

    explicit Cycle(const SchedulerCache& c, const Store& s, const PodInfo& p) : cache(c), store(s), pod(p) { }
    const Pod& object() const { return *pod.pod; }
};

/// Texts of a failed filter; only gathered when somebody will read them.
using Reasons = std::vector<std::string>;

/// A plugin at the framework's extension points; a null pointer is a point it does not have.
struct Plugin {
    const char* name;
    std::int64_t weight = 0;
    /// Prepares the cycle. False: the filter has nothing to do for this pod (Skip).
    bool (*preFilter)(Cycle&) = nullptr;
    FilterCode (*filter)(const Cycle&, const NodeInfo&, Reasons*) = nullptr;
    /// Prepares scoring over the feasible nodes. False: no scores for this pod (Skip).
    bool (*preScore)(Cycle&, const std::vector<int>& slots) = nullptr;
    std::int64_t (*score)(const Cycle&, const NodeInfo&) = nullptr;
    /// To 0..100. Null: scores are that already.
    void (*normalizeScore)(const Cycle&, const std::vector<int>& slots, std::vector<std::int64_t>& scores) = nullptr;
    /// QueueingHint: might this change let a pod pass that this plugin has rejected?
    bool (*mayHelp)(const WatchEvent&, const PodInfo&) = nullptr;
};

/// The default profile in filter order (pkg/scheduler/apis/config/v1/default_plugins.go).
const std::vector<Plugin>& defaultPlugins();

/// helper.DefaultNormalizeScore.
void normalizeByMaximum(std::vector<std::int64_t>& scores, bool reverse);

// The plugins, one function each, in files by subject.
Plugin nodeUnschedulablePlugin();
Plugin nodeNamePlugin();
Plugin taintTolerationPlugin();
Plugin nodeAffinityPlugin();
Plugin nodePortsPlugin();
Plugin nodeResourcesFitPlugin();
Plugin balancedAllocationPlugin();
Plugin imageLocalityPlugin();
Plugin podTopologySpreadPlugin();
Plugin interPodAffinityPlugin();

/// Changes that several hints look for.
namespace hints {
bool nodeAdded(const WatchEvent& event);
bool nodeLabelsChanged(const WatchEvent& event);
bool nodeTaintsChanged(const WatchEvent& event);
bool assignedPodGone(const WatchEvent& event);
bool podSeen(const WatchEvent& event);
bool selfChanged(const WatchEvent& event, const PodInfo& pod);
} // namespace hints

} // namespace sim::kube
