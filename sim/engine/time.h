#pragma once

#include <chrono>
#include <cstdint>

namespace sim {

/// Virtual time. It has no now(): only an Engine knows the instant.
struct VirtualClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<VirtualClock>;
    static constexpr bool is_steady = true;
};

/// Nanoseconds of virtual time, signed.
using Duration = VirtualClock::duration;

/// Nanoseconds since 1970-01-01T00:00:00Z in the simulated world. A world starts at its topology's
/// start date, so an Instant prints as a wall-clock date without further context.
using Instant = VirtualClock::time_point;

using namespace std::chrono_literals;

constexpr double toSeconds(Duration d) { return static_cast<double>(d.count()) / 1e9; }

/// Rounds half away from zero, the one place where model seconds become nanoseconds.
constexpr Duration fromSeconds(double s)
{
    return Duration{static_cast<std::int64_t>(s * 1e9 + (s < 0 ? -0.5 : 0.5))};
}

constexpr std::int64_t unixSeconds(Instant t) { return t.time_since_epoch().count() / 1'000'000'000; }

} // namespace sim
