#pragma once

#include "core/shell/commands/linux/here.h"

namespace core::shell::node {

/// How the processors' time divides now, per cent of all of them: what top, vmstat, iostat and mpstat show.
struct CpuSplit {
    double user = 0, nice = 0, system = 0, wait = 0, idle = 100;
};
CpuSplit cpuSplit(const sim::host::Machine& machine);

/// Tasks that have or want a processor, and those in uninterruptible sleep: vmstat's r and b.
struct TaskCounts {
    std::int64_t runnable = 0;
    std::int64_t blocked = 0;
};
TaskCounts taskCounts(const sim::host::Machine& machine);

/// Context switches and interrupts a second, of what runs: the timer's ticks, voluntary switches, requests of the disk.
double switchesPerSecond(const sim::host::Machine& machine);
double interruptsPerSecond(const sim::host::Machine& machine);

/// What the disk takes and gives now, bytes a second, beside what a quiet machine writes.
double diskReadRate(const sim::host::Machine& machine);
double diskWriteRate(const sim::host::Machine& machine);

/// The line above every report of sysstat, with the empty line that follows it.
std::string sysstatBanner(Invocation& inv);

} // namespace core::shell::node
