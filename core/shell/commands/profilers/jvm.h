#pragma once

#include "core/shell/commands/profilers/target.h"
#include "sim/programs/tasks.h"

namespace core::shell::profilers {

/// The regions of a G1 heap as the tools count them, in bytes.
struct HeapFigures {
    double regionBytes = 0;
    double edenCapacity = 0, edenUsed = 0;
    double survivorCapacity = 0, survivorUsed = 0;
    double oldCapacity = 0, oldUsed = 0;
    double metaCapacity = 0, metaUsed = 0;
    double classCapacity = 0, classUsed = 0;
};
HeapFigures heapFiguresOf(const sim::programs::Running& running);

/// jstack's and jcmd Thread.print's text; `locks`: with the ownable synchronizers of each thread (-l).
std::string threadDump(const Target& target, sim::Instant now, bool locks);
/// Flags that differ from the defaults, as jinfo -flags and jcmd VM.flags print them.
std::string flagsText(const sim::programs::Running& running);
/// jmap -histo's table.
std::string histogram(const sim::programs::Running& running, bool live);

} // namespace core::shell::profilers
