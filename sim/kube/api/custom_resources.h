#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/api/field_errors.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// The version of a definition that is served under a name; the storage version when the name is empty.
const CrdVersion* versionOf(const CustomResourceDefinition& definition, std::string_view name = {});

/// A custom resource by plural, singular, short name, kind, or either with its group; established ones only.
std::optional<Resource> findCustomResource(const Store& store, std::string_view name);
/// Every established custom resource.
std::vector<Resource> customResources(const Store& store);

/// "widgets.example.com/": what the keys of its objects begin with.
std::string keyPrefix(const CustomResourceDefinition& definition);
bool hasStatus(const CustomResourceDefinition& definition);
bool hasScale(const CustomResourceDefinition& definition);

/// Prunes unknown fields (naming them, as strict decoding does) and fills in the schema's defaults.
void conform(CustomObject& object, const CustomResourceDefinition& definition, std::vector<std::string>& unknownFields);
/// What breaks the schema.
FieldErrors validateCustom(const CustomObject& object, const CustomResourceDefinition& definition);

nlohmann::json customScale(const CustomObject& object, const CustomResourceDefinition& definition);
/// False: the definition has no scale.
bool setCustomScale(CustomObject& object, const CustomResourceDefinition& definition, std::int64_t replicas);

std::vector<Table::Column> customColumns(const CustomResourceDefinition& definition);
std::vector<std::string> customCells(const CustomObject& object, const CustomResourceDefinition& definition, Instant now);

/// What the controllers of definitions write on a new one: NamesAccepted and Established, or why not.
void establish(CustomResourceDefinition& definition, const Store& store, Instant now);
/// The definition's objects go first; it follows when none is left. Returns its last state, null when it is gone.
std::shared_ptr<const CustomResourceDefinition> removeDefinition(Store& store, const std::string& name, Instant now);
/// Takes out definitions that wait for their last object, if that is gone by now.
void finishDefinitionRemovals(Store& store, Instant now);

} // namespace sim::kube
