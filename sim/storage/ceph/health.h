#pragma once

#include "sim/engine/fingerprint.h"

#include <string>
#include <vector>

namespace sim::storage::ceph {

enum class Severity : std::uint8_t { Ok, Warning, Error };
const char* severityName(Severity severity); ///< "HEALTH_WARN"

struct HealthCheck {
    std::string code;                ///< "OSD_DOWN"
    Severity severity = Severity::Warning;
    std::string summary;             ///< "1 osds down"
    std::vector<std::string> detail; ///< at most kHealthDetail lines
    bool operator==(const HealthCheck&) const = default;
};
inline constexpr std::size_t kHealthDetail = 50; ///< mon_health_max_detail

Severity worst(const std::vector<HealthCheck>& checks);

} // namespace sim::storage::ceph
