#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace sim::kube {

/// What GET /version answers: {"major": "1", "minor": "33", "gitVersion": "v1.33.1", "gitCommit": ..., ...}. Commits, dates and
/// Go versions of the builds that are known: the release v1.33.1, and v1.33.13 as golden/kubernetes was recorded with.
nlohmann::json serverVersion(const std::string& gitVersion);

} // namespace sim::kube
