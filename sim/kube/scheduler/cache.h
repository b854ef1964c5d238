#pragma once

#include "sim/engine/text_hash.h"
#include "sim/kube/api/store.h"
#include "sim/kube/scheduler/pod_counts.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sim::kube {

/// A pod's place in the cache; kept until the pod is forgotten, then used again.
using PodId = std::uint32_t;
inline constexpr PodId kNoPod = ~PodId{0};
inline constexpr int kNoSlot = -1;

/// A node with what its pods take.
struct NodeInfo {
    std::shared_ptr<const Node> node; ///< none: a free slot
    int slot = 0;
    bool unschedulable = false;       ///< what the node's specification says
    bool tainted = false;             ///< it has taints
    Resources allocatable;
    std::int64_t allowedPods = 0;
    Resources requested;
    Resources nonZero;
    std::vector<PodId> pods;          ///< in no order
    std::vector<HostPort> usedPorts;
    std::map<std::string, std::int64_t> images; ///< name -> bytes
};

/// The scheduler's picture of nodes and pods (pkg/scheduler/backend/cache), kept up to date change by change:
/// no cycle walks all pods. Derived from the store, hence not part of the fingerprint.
class SchedulerCache {
public:
    void clear() { *this = SchedulerCache(); }
    void setNode(std::shared_ptr<const Node> node);
    void removeNode(const std::string& name);

    PodId find(const ObjectKey& key) const;
    /// Takes a pod in or a new version of it. It runs where spec.nodeName says; a waiting or finished one
    /// runs nowhere.
    PodId setPod(std::shared_ptr<const Pod> pod);
    void removePod(PodId id);
    std::vector<PodId> pods() const; ///< all, in order of their keys
    const PodInfo& podAt(PodId id) const { return m_pods[id].info; }
    int slotOf(PodId id) const { return m_pods[id].slot; }
    /// Puts a waiting pod on a node before the store says so, and takes it off again. What-if questions of
    /// preemption and nominated pods use it as well.
    void attach(PodId id, int slot);
    void detach(PodId id);

    /// Nodes in the order in which they are looked at: interleaved by zone, each zone in order of arrival
    /// (backend/cache/node_tree.go).
    const std::vector<int>& order() const;
    const NodeInfo& at(int slot) const { return m_nodes[static_cast<std::size_t>(slot)]; }
    /// Rises with each change of the node and of its pods.
    std::uint64_t generationAt(int slot) const { return m_generations[static_cast<std::size_t>(slot)]; }
    const NodeInfo* find(const std::string& name) const;
    std::size_t nodeCount() const { return m_slots.size(); }
    std::size_t slotCount() const { return m_nodes.size(); }
    std::int64_t nodesWithImage(const std::string& name) const;
    /// Rises when some node's images, or how many nodes there are while any has images, change.
    std::uint64_t imageEpoch() const { return m_imageEpoch; }

    PodCounts& counts() { return m_counts; }
    const PodCounts& counts() const { return m_counts; }
    /// How many placed pods use a claim.
    int usersOfClaim(const ObjectKey& claim) const;

private:
    struct Entry {
        PodInfo info;
        int slot = kNoSlot;
        std::uint32_t place = 0; ///< in its node's pods
    };
    struct Zone {
        std::string name;
        std::vector<int> slots;
    };
    void addTo(NodeInfo& node, const PodShape& shape, int sign);
    void touch(int slot) { m_generations[static_cast<std::size_t>(slot)] = ++m_generation; }
    void joinZone(int slot);
    void leaveZone(int slot, const std::string& zone);
    void countImages(const NodeInfo& node, std::int64_t sign);

    std::vector<NodeInfo> m_nodes;
    std::vector<std::uint64_t> m_generations; ///< by slot
    boost::unordered_flat_map<std::string, int, TextHash> m_slots;
    std::vector<int> m_freeSlots;
    std::vector<Zone> m_zones;
    std::vector<Entry> m_pods;
    std::vector<PodId> m_freePods;
    boost::unordered_flat_map<ObjectKey, PodId, ObjectKey::Hash> m_ids;
    std::map<std::string, std::vector<PodId>> m_strays; ///< by the name of a node that is not there
    PodShapes m_shapes;
    PodCounts m_counts;
    std::map<std::string, std::int64_t> m_imageNodes;
    std::map<ObjectKey, int> m_claimUsers;
    std::uint64_t m_imageEpoch = 1;
    std::uint64_t m_generation = 0;
    mutable std::vector<int> m_order;
    mutable bool m_orderStale = true;
};

} // namespace sim::kube
