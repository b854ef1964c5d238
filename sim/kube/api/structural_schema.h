#pragma once

#include "sim/kube/api/field_errors.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

// Schemas of custom resources (apiextensions-apiserver/pkg/apiserver/{schema,validation}).
namespace sim::kube::structural {

/// Takes out what the schema does not name, unless x-kubernetes-preserve-unknown-fields; lists the paths.
void prune(nlohmann::json& value, const nlohmann::json& schema, const std::string& at, std::vector<std::string>& unknown);
/// Fills in the defaults of missing fields.
void applyDefaults(nlohmann::json& value, const nlohmann::json& schema);
/// type, enum, required, minimum, maximum, lengths, pattern, items, additionalProperties, format and the rules of
/// x-kubernetes-validations that cel.h understands.
/// `others`: what else is wrong with the object; stands between the schema's errors and those of its rules.
void validate(FieldErrors& errors, const nlohmann::json& value, const nlohmann::json& schema, FieldErrors others = {});

} // namespace sim::kube::structural
