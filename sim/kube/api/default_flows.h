#pragma once

#include "sim/kube/api/store.h"

namespace sim::kube {

/// The FlowSchemas and PriorityLevelConfigurations an API server makes when it first starts. Requires: none is there.
void createDefaultFlows(Store& store, Instant now, RandomStream& random);

} // namespace sim::kube
