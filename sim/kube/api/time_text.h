#pragma once

#include "sim/engine/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace sim::kube {

/// "2026-11-24T01:02:54Z"
std::string rfc3339(Instant at);
/// "2026-11-24T01:02:54.000000Z"
std::string rfc3339Micro(Instant at);
/// Reads RFC 3339 with any fraction and offset. Years 1678 to 2261 (what an Instant can hold).
std::optional<Instant> parseRfc3339(std::string_view text);

} // namespace sim::kube
