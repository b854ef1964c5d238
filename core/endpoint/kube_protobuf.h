#pragma once

#include "sim/engine/result.h"

#include <nlohmann/json.hpp>

#include <string_view>

namespace core::endpoint {

/// A body of type application/vnd.kubernetes.protobuf as the JSON it stands for: kubectl's typed commands (create
/// deployment, auth can-i) send no other. Empty fields, which protobuf cannot tell from absent ones, are left out.
sim::Result<nlohmann::json> decodeKubeProtobuf(std::string_view body);

} // namespace core::endpoint
