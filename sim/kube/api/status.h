#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/api/field_errors.h"

#include <string>

// Status objects with the API server's own words (apimachinery pkg/api/errors).
namespace sim::kube {

Response failure(int code, const std::string& reason, const std::string& message);
/// With details: the resource and the object's name.
Response failure(int code, const std::string& reason, const std::string& message, const KindInfo& info, const std::string& name);
Response failure(const StoreError& error, const KindInfo& info, const std::string& name);
Response badRequest(const std::string& message);
/// `pods "v" is forbidden: <why>`; without a name: `pods is forbidden: <why>`.
Response forbidden(const KindInfo& info, const std::string& name, const std::string& why);
/// `Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be ...`; several are bracketed.
Response invalid(const KindInfo& info, const std::string& name, const FieldErrors& errors);
/// The same of a kind that is no stored one: "PatchOptions.meta.k8s.io".
Response invalid(const std::string& kind, const std::string& group, const std::string& name, const FieldErrors& errors);
Response notFound(const KindInfo& info, const std::string& name);
Response unknownResource();
Response methodNotAllowed();
/// 500 with "Internal error occurred: ".
Response internalError(const std::string& why);
/// 410: the version is no longer remembered.
Response expired(const std::string& message);
/// The Success status that a deletion answers with.
Response deleted(const KindInfo& info, const std::string& name, const std::string& uid);

} // namespace sim::kube
