#pragma once

#include "sim/kube/scheduler/framework.h"

#include <string>
#include <vector>

namespace sim::kube {

/// Why no node takes a pod (framework/types.go, Diagnosis and FitError).
struct Diagnosis {
    struct NodeStatus {
        int slot = 0;
        FilterCode code = FilterCode::Unschedulable;
        const char* plugin = nullptr;
        Reasons reasons;
    };
    std::size_t allNodes = 0;
    std::vector<NodeStatus> nodes;
    std::string absent;             ///< the reason of nodes that are not listed; empty: there are none
    std::string preFilter;          ///< one text for all nodes
    std::string postFilter;
    std::set<std::string> rejectedBy;

    /// "0/3 nodes are available: 1 Insufficient memory, 2 Insufficient cpu. preemption: ..."
    std::string message() const;
};

} // namespace sim::kube
