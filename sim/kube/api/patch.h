#pragma once

#include "sim/kube/api/api_server.h"

#include <string>

namespace sim::kube {

/// The object's JSON after the patch, or why it cannot be applied (in the API server's words).
struct Patched {
    nlohmann::json value;
    std::string error;
};

/// Strategic merge (lists of objects merge by their key: containers by name, ports by containerPort, ...),
/// JSON merge (RFC 7386), JSON patch (RFC 6902). Apply merges like strategic merge; who owns which field is
/// not kept.
Patched applyPatch(const nlohmann::json& object, const nlohmann::json& patch, PatchType type);

} // namespace sim::kube
