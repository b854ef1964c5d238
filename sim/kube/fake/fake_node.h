#pragma once

#include "sim/kube/api/core_v1.h"

#include <string>
#include <vector>

namespace sim::kube {

/// A node without a machine below it.
struct FakeNode {
    std::string name;
    ResourceList capacity{{"cpu", Quantity{"4"}}, {"memory", Quantity{"16Gi"}}, {"pods", Quantity{"110"}},
                          {"ephemeral-storage", Quantity{"100Gi"}}};
    StringMap labels;            ///< beside those every kubelet sets
    std::vector<Taint> taints;
    bool unschedulable = false;
    bool ready = true;
};

} // namespace sim::kube
