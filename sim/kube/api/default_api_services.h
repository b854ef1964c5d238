#pragma once

#include "sim/kube/api/store.h"

namespace sim::kube {

/// Makes the APIServices of the groups that the API server serves itself. Requires: none is there.
void createDefaultApiServices(Store& store, Instant now, RandomStream& random);

/// Keeps one for each group and version that custom resource definitions serve, as the aggregator registers them.
void registerCustomGroups(Store& store, Instant now, RandomStream& random);

} // namespace sim::kube
