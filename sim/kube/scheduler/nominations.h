#pragma once

#include "sim/kube/scheduler/cache.h"

#include <map>
#include <string>
#include <vector>

namespace sim::kube {

/// Waiting pods for which room is being made on a node (backend/queue/nominator.go).
class Nominations {
public:
    /// Empty node: none any more.
    void set(PodId id, const std::string& node);
    const std::vector<PodId>* on(const std::string& node) const;
    bool any() const { return !m_byNode.empty(); }
    void clear() { *this = Nominations(); }

private:
    std::map<PodId, std::string> m_nodes;
    std::map<std::string, std::vector<PodId>> m_byNode;
};

} // namespace sim::kube
