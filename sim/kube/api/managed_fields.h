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
    std::string manager; ///< `"kubectl"`, `"kubectl" with subresource "scale" using apps/v1`
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

/// What an entry owns; nothing where its fields were not written down.
FieldSet ownedFields(const ManagedFieldsEntry& entry);
/// Without what nobody owns, and without the part that the subresource cannot write.
FieldSet writableFields(FieldSet set, const std::string& subresource);
/// By operation, time and manager, as the server lists them.
void sortOwners(std::vector<ManagedFieldsEntry>& owners);
nlohmann::json entryJson(const ManagedFieldsEntry& entry);

/// The object of the kind that nobody has set a field of.
const nlohmann::json& emptyObject(KindId kind);
/// What a new object's JSON sets.
FieldSet fieldsOfNew(KindId kind, const nlohmann::json& object);

/// Owners after a write of the scale subresource: spec.replicas is the manager's.
std::vector<ManagedFieldsEntry> ownersAfterScale(KindId kind, std::vector<ManagedFieldsEntry> owners, const std::string& manager);

/// Merges a configuration into the object, drops what this manager set before and no longer does, and finds what
/// it would take from others. What nobody owned of an object outside its status belongs to "before-first-apply".
/// `empty` is the empty object of the kind.
Applied applyConfiguration(const nlohmann::json& live, const std::vector<ManagedFieldsEntry>& owners, const nlohmann::json& configuration,
                           const nlohmann::json& empty, const StructSchema* schema, const FieldWrite& write, bool force);

/// "Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas".
std::string conflictMessage(const std::vector<FieldConflict>& conflicts);

} // namespace sim::kube
