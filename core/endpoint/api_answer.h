#pragma once

#include "core/endpoint/api_request.h"
#include "sim/world/world.h"

namespace core::endpoint {

/// A response in the format that was asked for. Warnings become Warning headers.
HttpAnswer encodeResponse(const sim::kube::Response& response, const ObjectFormat& format);
/// A JSON value as body in JSON or YAML.
HttpAnswer encodeValue(int status, const nlohmann::json& value, const ObjectFormat& format);

/// meta.k8s.io Table of objects of one kind. `columns` false: later events of a watch leave them out.
nlohmann::json tableJson(const sim::kube::Table& table, sim::kube::KindId kind, const ApiRequest& asked, const std::string& resourceVersion,
                         bool columns = true);
/// An object cut down to apiVersion, kind and metadata.
nlohmann::json partialMetadata(const nlohmann::json& object, const std::string& version);

/// Reads from the world: object, list, table or metadata.
HttpAnswer answerRead(const sim::World& world, const ApiRequest& asked);

} // namespace core::endpoint
