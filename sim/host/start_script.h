#pragma once

#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace sim::host {

/// What became of a shell script that a unit starts.
struct ScriptRun {
    std::vector<std::string> output;  ///< what it wrote to standard error
    std::int64_t exitCode = 0;
    std::vector<std::string> program; ///< what it turned into with `exec`; empty: it ended
};

/// Whether a file is a script for /bin/sh or bash, by its first line.
bool isShellScript(const File& file);

/// Runs a start script as a user, as far as such scripts usually go: assignments, `.`, export, mkdir, cd, ulimit, sysctl -w,
/// chown, cat, redirections of echo, test -r/-w/-x/-d with ||, and exec, in the order of its lines. It stops where the user
/// may not do what a line says, with dash's and coreutils' words; `set -e` decides whether a failed command ends it. What
/// succeeds changes nothing.
ScriptRun runStartScript(const Machine& machine, const std::string& path, const std::string& user,
                         std::map<std::string, std::string> environment);

/// The command line of a unit's main process once it runs: what its start script turns into, or ExecStart itself.
std::vector<std::string> startedCommand(const Machine& machine, const Unit& unit);

} // namespace sim::host
