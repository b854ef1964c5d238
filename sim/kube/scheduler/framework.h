#pragma once

#include "sim/kube/scheduler/cache.h"
#include "sim/kube/scheduler/cluster_events.h"
#include "sim/kube/scheduler/profile.h"
#include "sim/kube/scheduler/volume_needs.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sim::kube {

struct Client;

/// Outcome of a filter (framework/interface.go, Code).
enum class FilterCode : std::uint8_t {
    Success,
    Unschedulable,                ///< removing pods might help
    UnschedulableAndUnresolvable, ///< it would not
};

inline constexpr std::int64_t kMaxNodeScore = 100;

/// One spread constraint in the form in which a cycle uses it. Numbers are PodCounts'.
struct SpreadConstraint {
    int key = 0;
    bool byHostname = false;
    std::int64_t maxSkew = 1;
    std::int64_t minDomains = 1;
    bool selfMatch = false;
    int counter = 0;
    int tally = 0;
    double weight = 0;        ///< of scores
    std::int64_t minimum = 0; ///< matching pods in the emptiest domain
};

struct WeightedTally {
    int tally = 0;
    std::int64_t weight = 0;
};

/// What PreFilter and PreScore work out of a pod's shape alone: equal pods share it until the cluster's
/// nodes or selectors change.
struct Plan {
    std::optional<std::set<std::string>> onlyNodes; ///< PreFilterResult: no other node comes into question
    std::vector<SpreadConstraint> hardSpread;
    std::vector<SpreadConstraint> softSpread;
    bool requireAllTopologies = false;
    std::vector<int> affinity;             ///< tallies, one per term
    std::vector<int> antiAffinity;
    std::vector<int> existingAntiAffinity;
    bool matchesOwnAffinity = false;
    std::vector<WeightedTally> preferred;
};

/// What the plugins of one scheduling cycle share.
struct Cycle {
    SchedulerCache& cache;
    const Store& store;
    const Profile& profile;
    PodId id;
    Plan& plan;
    VolumeNeeds volumes;
    VolumeMatch match; ///< set aside by Reserve

    const PodInfo& pod() const { return cache.podAt(id); }
    const PodShape& shape() const { return *pod().shape; }
    const Pod& object() const { return *pod().pod; }
    const PodCounts& counts() const { return cache.counts(); }
};

/// Texts of a failed filter; only gathered when somebody will read them.
using Reasons = std::vector<std::string>;

struct PreFilterStatus {
    enum class Code : std::uint8_t { Run, Skip, Reject };
    Code code = Code::Run;
    std::string text; ///< of a rejection; it holds for every node
};

/// What a permit or preBind plugin says. Wait: ask again when something has changed.
enum class BindingVerdict : std::uint8_t { Go, Wait, Fail };
struct BindingStatus {
    BindingVerdict verdict = BindingVerdict::Go;
    std::string text; ///< why it failed
};

/// A pod on its way to a node, as binding plugins see it.
struct Binding {
    const Client& client;
    Cycle& cycle;
    const std::string& node;
};

/// A plugin at the framework's extension points; a null pointer is a point it does not have. PostFilter is
/// preemption.h's, QueueSort is the queue's order.
struct Plugin {
    const char* name;
    std::int64_t weight = 0;
    /// Filter and score follow from the pod's shape and the node with its pods alone: they are remembered.
    /// Such a plugin's preScore must look at the shape only.
    bool nodeLocal = false;

    /// False: the pod may not enter the queue yet.
    bool (*preEnqueue)(const Pod&) = nullptr;
    /// Fills the shape's plan.
    void (*prepare)(Cycle&) = nullptr;
    PreFilterStatus (*preFilter)(Cycle&) = nullptr;
    /// PreFilterExtensions: a pod was added to a node or removed from one in thought; counts say so already.
    void (*podsChanged)(Cycle&) = nullptr;
    FilterCode (*filter)(const Cycle&, const NodeInfo&, Reasons*) = nullptr;
    /// Prepares scoring over the feasible nodes. False: no scores for this pod (Skip).
    bool (*preScore)(Cycle&, const std::vector<int>& slots) = nullptr;
    /// One node at a time (nodeLocal plugins), or all feasible ones at once: `scores` has their number.
    std::int64_t (*score)(const Cycle&, const NodeInfo&) = nullptr;
    void (*scoreAll)(const Cycle&, const std::vector<int>& slots, std::vector<std::int64_t>& scores) = nullptr;
    /// To 0..100. Null: scores are that already.
    void (*normalizeScore)(const Cycle&, const std::vector<int>& slots, std::vector<std::int64_t>& scores) = nullptr;
    /// True: what the pod needs of the node is set aside.
    bool (*reserve)(Cycle&, const NodeInfo&) = nullptr;
    BindingStatus (*permit)(const Binding&) = nullptr;
    /// Asked once with `first`, then until it says Go or Fail.
    BindingStatus (*preBind)(const Binding&, bool first) = nullptr;
    /// False: the API refused.
    bool (*bind)(const Binding&) = nullptr;
    void (*postBind)(const Binding&) = nullptr;
    /// ClusterEvent bits that may help a pod which this plugin has rejected, and the QueueingHint that looks
    /// closer. No hint: any such event.
    std::uint32_t events = 0;
    bool (*hint)(const WatchEvent&, std::uint32_t bits, const PodInfo&) = nullptr;
};
using Plugins = std::vector<Plugin>;

/// The default profile's plugins in order (pkg/scheduler/apis/config/v1/default_plugins.go).
const Plugins& defaultPlugins();

/// helper.DefaultNormalizeScore.
void normalizeByMaximum(std::vector<std::int64_t>& scores, bool reverse);

// The plugins, one function each, in files by subject.
Plugin schedulingGatesPlugin();
Plugin nodeUnschedulablePlugin();
Plugin nodeNamePlugin();
Plugin taintTolerationPlugin();
Plugin nodeAffinityPlugin();
Plugin nodePortsPlugin();
Plugin nodeResourcesFitPlugin();
Plugin volumeRestrictionsPlugin();
Plugin nodeVolumeLimitsPlugin();
Plugin volumeBindingPlugin();
Plugin volumeZonePlugin();
Plugin podTopologySpreadPlugin();
Plugin interPodAffinityPlugin();
Plugin balancedAllocationPlugin();
Plugin imageLocalityPlugin();
Plugin defaultBinderPlugin();

} // namespace sim::kube
