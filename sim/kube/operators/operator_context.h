#pragma once

#include "sim/kube/client/client.h"
#include "sim/kube/controllers/pod_index.h"
#include "sim/kube/operators/operator_pods.h"

namespace sim::kube {

/// What an operator gets while it works.
struct OperatorContext {
    const Client& client;       ///< with the operator's own queue of events
    const PodIndex& pods;
    RandomStream& random;       ///< the operator's
    const OperatorProcess& process;
    Store& store() const { return client.store; }
    Instant now() const { return client.now(); }
};

} // namespace sim::kube
