#pragma once

#include "sim/kube/api/api_server.h"

#include <string>
#include <vector>

// Status objects with the API server's own words (apimachinery pkg/api/errors).
namespace sim::kube {

Response failure(int code, const std::string& reason, const std::string& message, const KindInfo* info = nullptr,
                 const std::string& name = {});
Response failure(const StoreError& error, const KindInfo& info, const std::string& name);
/// `Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be ...`; several are bracketed.
Response invalid(const KindInfo& info, const std::string& name, const std::vector<std::string>& problems);
Response notFound(const KindInfo& info, const std::string& name);
Response unknownResource();
/// The Success status that a deletion answers with.
Response deleted(const KindInfo& info, const std::string& name, const std::string& uid);

} // namespace sim::kube
