#pragma once

#include "sim/kube/api/store.h"

namespace sim::kube {

/// The two PriorityClasses of the system, which an API server makes when it first starts. Requires: none is there.
void createDefaultPriorities(Store& store, Instant now, RandomStream& random);

} // namespace sim::kube
