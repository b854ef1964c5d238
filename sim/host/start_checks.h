#pragma once

#include "sim/host/machine.h"

namespace sim::host {

/// Why a unit's program cannot run now, found from the machine's files; nothing when it can.
struct StartFailure {
    std::int64_t exitCode = 1;
    bool atExec = false;             ///< systemd could not even execute it (203/EXEC)
    std::vector<JournalEntry> lines; ///< what is logged first (instant, unit and pid are the caller's)
    bool klog = false; ///< its lines begin with klog's header
};
std::optional<StartFailure> whyNotStarting(const Machine& machine, const Unit& unit);

/// klog's header: "E0302 09:05:04.123456    1234 run.go:72] ".
std::string klogHeader(char severity, Instant at, Pid pid, const char* source);

} // namespace sim::host
