#pragma once

#include "core/shell/commands/linux/here.h"

namespace core::shell::node {

/// One process as ps and top show it, figures of this instant.
struct ProcessRow {
    sim::host::Pid pid = 0;
    sim::host::Pid parent = 0;
    std::string user;
    std::int64_t uid = 0, gid = 0;
    std::string group;
    std::string name;      ///< comm
    std::string arguments; ///< the command line; "[name]" for kernel threads
    char state = 'S';
    double cpuNow = 0;      ///< per cent of one core, as top shows
    double cpuLifetime = 0; ///< per cent of one core over its life, as ps shows
    double memory = 0;      ///< per cent
    std::int64_t virtualBytes = 0;
    std::int64_t residentBytes = 0;
    std::int64_t filePages = 0; ///< of these: SHR
    double seconds = 0; ///< CPU time
    sim::Instant started{};
    bool kernelThread = false;
    bool leader = false; ///< of a session: "s" in STAT
    std::int64_t threads = 1;
    std::int64_t nice = 0;
    std::string waitChannel; ///< kernel function it sleeps in, or "-"
    std::string unit;
    std::string cgroup;
    sim::host::Pid task = 0; ///< of a thread's row, as ps -L shows; otherwise pid
};
ProcessRow processRow(const sim::host::Machine& machine, const sim::host::Process& process, sim::Instant now);
std::vector<ProcessRow> processRows(Invocation& inv);

/// "9", "KILL", "SIGKILL": 9.
std::optional<int> signalNumber(std::string text);

/// "00:01:02" or "1-02:03:04".
std::string cpuTimeLong(double seconds);
/// "1:02" as ps aux, or "0:00.80" as top.
std::string cpuTimeShort(double seconds);
/// "09:00" today, "Mar02" before, "2025" of another year.
std::string startText(sim::Instant started, sim::Instant now);
/// "S", "Ss", "R", "I<".
std::string stateText(const ProcessRow& row);
/// procps cuts names to eight characters: "system+".
std::string shortUser(const std::string& user);

} // namespace core::shell::node
