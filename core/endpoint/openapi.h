#pragma once

#include "core/endpoint/http_message.h"
#include "sim/kube/api/store.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace core::endpoint {

/// Schemas of every kind, read off the described structs, by definition name ("io.k8s.api.core.v1.Pod"), in
/// OpenAPI v2 terms: references are {"$ref": "#/definitions/NAME"}.
const nlohmann::json& openApiDefinitions();

/// The same for custom resources, from their definitions' own schemas.
nlohmann::json customDefinitions(const sim::kube::Store& store);

/// The whole document in version 2 (swagger).
nlohmann::json openApiV2(const sim::kube::Store& store, const std::string& gitVersion);
/// One group and version in version 3; null when there is no such.
nlohmann::json openApiV3(const sim::kube::Store& store, const std::string& group, const std::string& version, const std::string& gitVersion);

/// GET /openapi/v2, /openapi/v3, /openapi/v3/apis/GROUP/VERSION. Nothing when the path is none of these.
std::optional<HttpAnswer> answerOpenApi(const HttpRequest& request, const sim::kube::Store& store, const std::string& gitVersion);

} // namespace core::endpoint
