#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/client/context.h"

#include <variant>

namespace sim::kube {

/// A get or a list of ComponentStatuses.
bool isComponentRead(const Request& request);
/// Asks scheduler, controller manager and etcd how they are, as the API server does for each reader
/// (registry/core/componentstatus). Requires: isComponentRead().
Response componentResponse(const Context& context, const ClusterSettings& settings, bool etcdAnswers, const Request& request);
std::variant<Table, Response> componentTable(const Context& context, const ClusterSettings& settings, bool etcdAnswers,
                                             const Request& request);

} // namespace sim::kube
