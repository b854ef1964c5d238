#pragma once

#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace sim::host {

/// What a command line does when nobody watches: a job of cron, a service of the learner's own. Known are the few programs
/// that such lines are made of (sleep, echo, touch, rm, dd, fallocate, truncate, find -delete, mkdir, logger, systemctl,
/// stress-ng, pkill, false) and scripts that lie on the machine; anything else runs a moment and succeeds.
struct Errand {
    struct Change {
        enum class Kind : std::uint8_t { Write, Append, Size, Remove, Folder, Log, StartUnit, StopUnit, RestartUnit, Kill };
        Kind kind = Kind::Write;
        std::string path; ///< or the unit, or what a process is called
        std::string text;      ///< of Kill: "full" when its whole command line counts
        std::int64_t size = 0; ///< of Kill: the signal
    };
    Duration takes = 120ms;
    double cores = 0.1;
    std::int64_t residentBytes = 3 << 20;
    std::int64_t exitCode = 0;
    std::vector<Change> changes; ///< in order
    std::string output;          ///< what is neither redirected nor thrown away: cron mails it
    std::string program;         ///< the last program's name, for ps
    std::string user;            ///< who owns what it makes
};
Errand errandOf(const Machine& machine, const std::string& commandLine, const std::string& user, Instant now);

/// Whether a service's program is one of these, rather than a daemon of the lab.
bool isErrand(const Machine& machine, const std::vector<std::string>& command);

} // namespace sim::host
