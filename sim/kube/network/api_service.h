#pragma once

#include "sim/kube/api/store.h"
#include "sim/kube/client/context.h"

namespace sim::kube {

/// What the API servers publish about themselves at their first start: the Service default/kubernetes on the first
/// address of the service network, and its EndpointSlice (pkg/controlplane/reconcilers).
void createApiService(Store& store, const Context& context, const ClusterSettings& settings, RandomStream& random);

} // namespace sim::kube
