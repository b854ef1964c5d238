#pragma once

#include "core/shell/commands/kubectl/json_text.h"
#include "sim/kube/api/api_server.h"

namespace core::shell::kubectl {

/// A typed object from what the API answered. Fields the types do not know are left behind.
template <sim::kube::ApiObject T>
T decoded(const Json& object)
{
    std::vector<std::string> unknown;
    return sim::kube::fromJson<T>(object, unknown);
}

} // namespace core::shell::kubectl
