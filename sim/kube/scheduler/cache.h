#pragma once

#include "sim/kube/api/store.h"
#include "sim/kube/scheduler/resources.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sim::kube {

/// What the scheduler keeps of a pod: amounts parsed once.
struct PodInfo {
    std::shared_ptr<const Pod> pod;
    Resources requests;
    Resources nonZero;
    std::vector<std::pair<std::string, std::int64_t>> hostPorts; ///< protocol, port
    bool requiredAntiAffinity = false;

    explicit PodInfo(std::shared_ptr<const Pod> p);
    PodInfo() = default;
};
using PodInfoPtr = std::shared_ptr<const PodInfo>;

/// A node with what its pods take.
struct NodeInfo {
    std::shared_ptr<const Node> node; ///< none: a free slot
    int slot = 0;
    Resources allocatable;
    std::int64_t allowedPods = 110;
    Resources requested;
    Resources nonZero;
    std::map<ObjectKey, PodInfoPtr> pods;
    std::map<std::pair<std::string, std::int64_t>, int> usedPorts;
    std::map<std::string, std::int64_t> images; ///< name -> bytes
    int podsWithAntiAffinity = 0;
};

/// The scheduler's picture of nodes and assigned pods (pkg/scheduler/backend/cache), kept up to date change
/// by change: no cycle walks all pods. Derived from the store, hence not part of the fingerprint.
class SchedulerCache {
public:
    void clear() { *this = SchedulerCache(); }
    void setNode(std::shared_ptr<const Node> node);
    void removeNode(const std::string& name);
    /// Assigned pods that are not terminal. Replaces what was known of the pod.
    void setPod(std::shared_ptr<const Pod> pod);
    void removePod(const ObjectKey& key);
    /// The pod just placed, before the store says so.
    void assume(const PodInfoPtr& info, const std::string& node);

    /// Nodes in the order in which they are looked at: interleaved by zone (backend/cache/node_tree.go).
    const std::vector<int>& order() const;
    const NodeInfo& at(int slot) const { return m_nodes[static_cast<std::size_t>(slot)]; }
    const NodeInfo* find(const std::string& name) const;
    std::size_t nodeCount() const { return m_slots.size(); }
    std::int64_t nodesWithImage(const std::string& name) const;
    int podsWithAntiAffinity() const { return m_podsWithAntiAffinity; }

    /// Pods of a namespace that match a selector, per node slot; being deleted ones do not count. Built once
    /// per selector, then kept by setPod and removePod.
    const std::vector<int>& matching(const std::string& namespace_, const LabelSelector& selector) const;

private:
    struct Counted {
        std::string namespace_;
        LabelSelector selector;
        std::vector<int> bySlot;
    };
    void attach(const PodInfoPtr& info, const std::string& node, int sign);
    static bool counts(const Counted& counted, const Pod& pod);

    std::vector<NodeInfo> m_nodes;
    std::map<std::string, int> m_slots;
    std::vector<int> m_freeSlots;
    std::map<ObjectKey, std::pair<std::string, PodInfoPtr>> m_pods; ///< pod -> its node
    std::map<std::string, std::int64_t> m_imageNodes;
    int m_podsWithAntiAffinity = 0;
    mutable std::vector<int> m_order;
    mutable bool m_orderStale = true;
    mutable std::map<std::string, Counted> m_counted;
};

} // namespace sim::kube
