#pragma once

#include "sim/kube/api/api_server.h"

#include <string>

namespace sim::kube {

/// The object's JSON after the patch, or why it cannot be applied.
struct Patched {
    nlohmann::json value;
    std::string error;   ///< the API server's words; empty when it could be applied
    int code = 400;      ///< 422: the patch is well formed but cannot be applied to this object
};

/// JSON patch (RFC 6902), JSON merge (RFC 7386), or strategic merge: lists of objects merge by their key
/// (containers by name, ports by containerPort, ...), with $patch, $retainKeys, $setElementOrder and
/// $deleteFromPrimitiveList. The kind is the object's own; where it has none, lists are known by their names.
/// Apply merges like strategic merge (see apply.h for ownership).
Patched applyPatch(const nlohmann::json& object, const nlohmann::json& patch, PatchType type);

} // namespace sim::kube
