#pragma once

#include "sim/engine/time.h"
#include "sim/kube/api/meta.h"

#include <optional>
#include <string>
#include <string_view>

namespace core::shell::kubectl {

/// "45s", "2m3s", "3h", "8d": how long, in at most two units, as the AGE column shows it.
std::string humanDuration(sim::Duration duration);
/// humanDuration() from `at` to `now`; "<unknown>" when not set.
std::string since(const std::optional<sim::kube::Time>& at, sim::Instant now);
/// "Tue, 24 Nov 2026 00:11:36 +0000"
std::string longDate(sim::Instant at);
/// The same for an optional time; Go's zero time when not set.
std::string longDate(const std::optional<sim::kube::Time>& at);
/// "2026-11-24T00:11:36.123456789Z", with nine digits: the stamps of `logs --timestamps`.
std::string rfc3339Nano(sim::Instant at);

/// Go's time.ParseDuration ("1h2m3.5s", "300ms", "0"). Nothing when malformed.
std::optional<sim::Duration> parseDuration(std::string_view text);
/// Go's words for why it is malformed.
std::string durationError(std::string_view text);
/// Go's Duration.String(): "7s", "1m30s", "0s".
std::string durationText(sim::Duration duration);

} // namespace core::shell::kubectl
