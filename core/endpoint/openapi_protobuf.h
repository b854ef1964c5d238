#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace core::endpoint {

/// An OpenAPI v2 document in the protobuf encoding that kubectl asks for (gnostic's openapi.v2.Document), as far
/// as our documents go: info, paths with query parameters, definitions, vendor extensions.
std::string openApiProtobuf(const nlohmann::json& document);

} // namespace core::endpoint
