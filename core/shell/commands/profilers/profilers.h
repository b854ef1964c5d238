#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// The tools that look inside running programs: go tool pprof, the JDK's, py-spy, memory_profiler, perf, valgrind, strace,
/// gdb, bpftrace. All of them read sim::programs or the machine's processes.
void addProfilers(CommandTable& table);

namespace profilers {
// One file per tool, or per small family.
void addBpftrace(CommandTable& table);
void addGdb(CommandTable& table); ///< gdb, pstack
void addGoTool(CommandTable& table);
void addJcmd(CommandTable& table); ///< jcmd, jinfo
void addJmap(CommandTable& table);
void addJps(CommandTable& table);
void addJstack(CommandTable& table);
void addJstat(CommandTable& table);
void addMemoryProfiler(CommandTable& table); ///< python3 -m memory_profiler, mprof
void addPerf(CommandTable& table);
void addPySpy(CommandTable& table);
void addStrace(CommandTable& table);
void addValgrind(CommandTable& table);
} // namespace profilers

} // namespace core::shell
