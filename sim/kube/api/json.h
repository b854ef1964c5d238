#pragma once

#include "sim/kube/api/api_server.h"

#include <string>
#include <vector>

namespace sim::kube {

/// What decoding found wrong, kept apart because the server may be asked to overlook unknown fields.
struct DecodeProblems {
    std::vector<std::string> unknownFields; ///< `unknown field "spec.replica"`
    std::string fatal;                      ///< wrong type, bad quantity, bad time; empty when none
};

template <ApiObject T>
T decode(const nlohmann::json& json, DecodeProblems& problems);

} // namespace sim::kube
