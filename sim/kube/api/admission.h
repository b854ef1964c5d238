#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/api/field_errors.h"

#include <optional>
#include <string>

namespace sim::kube {

/// 404 or 403 for a namespace that is not there or being terminated (NamespaceLifecycle).
std::optional<Response> namespaceRefusal(const Store& store, const KindInfo& info, const std::string& namespace_, const std::string& name);
/// Why the plugins that fill things in will not have a new object: unknown service account or priority class. Empty:
/// they will. LimitRanger's defaults are filled in.
std::string mutatingRefusal(const Store& store, KindId kind, void* object);
/// Why the plugins that come last will not have it: LimitRanger.
std::string validatingRefusal(const Store& store, KindId kind, const void* object);
/// RBAC's own rule: nobody grants what they do not hold. `escalate` and `bind` are the verbs that allow it.
std::optional<Response> escalationRefusal(const Store& store, const Request& request, const KindInfo& info, const void* object,
                                          const std::string& name);
/// What of a Service cannot be allocated: node ports outside 30000-32767 or taken, addresses out of range or taken.
FieldErrors allocationErrors(const Store& store, const Service& service);

} // namespace sim::kube
