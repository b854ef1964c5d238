#pragma once

#include "sim/host/machine.h"

namespace sim::host {

/// Why a unit's program cannot run now, found from the machine's files; nothing when it can.
struct StartFailure {
    struct Line {
        std::string identifier;
        std::uint8_t priority = 6;
        std::string message;
        std::string source; ///< of klog's header, "run.go:72"; empty: the line has none
    };
    std::int64_t exitCode = 1;
    bool atExec = false;     ///< systemd could not even execute it (203/EXEC)
    std::vector<Line> lines; ///< what is logged first
};
std::optional<StartFailure> whyNotStarting(const Machine& machine, const Unit& unit, Instant now);

/// klog's header: "E0302 09:05:04.123456    1234 run.go:72] ".
std::string klogHeader(char severity, Instant at, Pid pid, const char* source);

} // namespace sim::host
