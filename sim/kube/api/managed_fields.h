#pragma once

#include "sim/kube/api/field_set.h"
#include "sim/kube/api/kinds.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace sim::kube {

/// A request that writes fields in somebody's name.
struct FieldWrite {
    std::string manager;
    std::string apiVersion;
    std::string subresource;
    Instant now{};
};

/// A field that an apply would take from somebody.
struct FieldConflict {
    std::string manager; ///< `"kubectl"`, `"kubectl-edit" using apps/v1 at 2026-11-24T00:23:42Z`
    std::string path;
};

/// What a server-side apply makes of an object.
struct Applied {
    nlohmann::json value;                    ///< the object, managedFields not yet set
    std::vector<ManagedFieldsEntry> owners;
    std::vector<FieldConflict> conflicts;    ///< not empty: nothing may be written
};

/// Owners after a create, update or patch: the manager owns what it changed, the others lose it. `before` is the
/// empty object of the kind on create.
std::vector<ManagedFieldsEntry> ownersAfterUpdate(std::vector<ManagedFieldsEntry> owners, const nlohmann::json& before,
                                                  const nlohmann::json& after, const StructSchema* schema, const FieldWrite& write);

/// Merges a configuration into the object, drops what this manager set before and no longer does, and finds what
/// it would take from others. An object that nobody owned anything of belongs to "before-first-apply".
/// `empty` is the empty object of the kind.
Applied applyConfiguration(const nlohmann::json& live, const std::vector<ManagedFieldsEntry>& owners, const nlohmann::json& configuration,
                           const nlohmann::json& empty, const StructSchema* schema, const FieldWrite& write, bool force);

/// "Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas".
std::string conflictMessage(const std::vector<FieldConflict>& conflicts);

} // namespace sim::kube
