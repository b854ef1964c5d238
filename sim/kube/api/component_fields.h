#pragma once

#include "sim/kube/api/managed_fields.h"

namespace sim::kube {

// The cluster's own components write without a record: there are far more of their writes than of people's, and what
// they own can be told from the object. What nobody recorded owns belongs to the component that writes that part.

inline constexpr const char* kControllerManager = "kube-controller-manager";

/// Everybody's entries, in the server's order. `object` is the JSON of an object of that kind with that metadata.
std::vector<ManagedFieldsEntry> ownersOf(KindId kind, const nlohmann::json& object, const ObjectMeta& metadata);

/// What is to be stored of entries that a client sent: those of people. `kept` is what is stored now.
std::vector<ManagedFieldsEntry> recordedOwners(KindId kind, const std::vector<ManagedFieldsEntry>& sent,
                                               const std::vector<ManagedFieldsEntry>& kept);

/// Remembers when a component wrote its part, where the object itself does not tell.
void markWritten(ObjectMeta& metadata, const char* manager, const char* subresource, Instant now);

/// The object's JSON as the API server answers it.
nlohmann::json answerOf(KindId kind, const void* object);

} // namespace sim::kube
