#pragma once

#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace sim::host {

struct OomLine {
    std::uint8_t priority = 6;
    std::string text;
};

/// What dump_header() of mm/oom_kill.c writes before a victim dies: who needed a page and found none, how memory divides,
/// every task with its pages, and the summary. `cgroup` is the control group whose limit was hit; empty: the machine's own.
std::vector<OomLine> oomReport(const Machine& machine, const Process& victim, const std::string& cgroup);
/// Of a process's page tables: an entry for each resident page, and the tables above.
std::int64_t pageTableBytes(const Process& process);
/// The user's number, as the kernel prints it.
std::int64_t uidOf(const Machine& machine, const std::string& user);

} // namespace sim::host
