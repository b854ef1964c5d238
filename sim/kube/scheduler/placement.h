#pragma once

#include "sim/engine/random.h"
#include "sim/kube/scheduler/decision.h"
#include "sim/kube/scheduler/diagnosis.h"
#include "sim/kube/scheduler/nominations.h"
#include "sim/kube/scheduler/shape_memory.h"

#include <vector>

namespace sim::kube {

/// How many feasible nodes are enough (schedule_one.go, numFeasibleNodesToFind).
std::size_t feasibleNodesWanted(std::size_t nodes, std::int64_t percentage);

/// The filter and score part of one scheduling cycle (schedule_one.go, schedulePod).
class PlacementRun {
public:
    PlacementRun(Cycle& cycle, const Plugins& plugins, ShapeMemory& memory, const Nominations& nominations);

    Cycle& cycle() { return m_cycle; }
    /// A PreFilter rejected the pod: no node need be looked at.
    bool rejected() const { return m_rejectedBy != nullptr; }

    /// Slots of feasible nodes, at most as many as are wanted. `nextStart` is where the next cycle begins.
    std::vector<int> findFeasible(std::size_t& nextStart, Decision& decision);
    /// Requires: slots not empty. The best node; one of the best at random.
    int choose(const std::vector<int>& slots, RandomStream& random, Decision& decision);
    /// Requires: no node is feasible.
    Diagnosis diagnose();

    /// All filters pass, with the pods that are nominated to the node and without.
    bool fits(int slot);
    /// The first objection. Code Success: none.
    Diagnosis::NodeStatus explain(int slot);
    /// A pod was attached or detached in thought.
    void podsChanged();

private:
    const NodeVerdict& look(int slot)
    {
        const auto at = static_cast<std::size_t>(slot);
        const bool known = at < m_memory.generations.size() && m_memory.generations[at] == m_cycle.cache.generationAt(slot);
        return known ? m_memory.verdicts[at] : lookAnew(slot);
    }
    const NodeVerdict& lookAnew(int slot);
    void judge(const NodeInfo& node, NodeVerdict& verdict);
    bool passes(int slot);
    bool skipsFilter(std::size_t plugin) const;
    template <class Ask>
    auto withNominated(int slot, Ask ask) -> decltype(ask());
    void tabulate(const std::vector<int>& slots, std::size_t plugin, const std::vector<std::int64_t>& normalized, Decision& decision) const;

    Cycle& m_cycle;
    const Plugins& m_plugins;
    ShapeMemory& m_memory;
    const Nominations& m_nominations;
    std::vector<const Plugin*> m_crossing;    ///< filters that look beyond the node
    std::vector<std::uint8_t> m_skipped;      ///< by plugin: PreFilter said Skip
    const char* m_rejectedBy = nullptr;
    std::string m_rejection;
    NodeVerdict m_passing;                    ///< when the shape's memory is not kept
};

} // namespace sim::kube
