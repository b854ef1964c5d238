#pragma once

#include "core/shell/command_table.h"
#include "sim/engine/ids.h"
#include "sim/training/collectives/debug_log.h"

namespace core::shell::nccl {

/// One process of a test, in a pod.
struct PerfProcess {
    sim::ContainerId container;
    sim::training::collectives::Variables variables; ///< NCCL_*
    int localRank = 0;                               ///< among those of its pod
};
/// Runs one of nccl-tests' programs over these processes, those of a pod next to each other. Its exit status.
int runPerf(Invocation& inv, const std::string& program, const std::vector<std::string>& arguments, const std::vector<PerfProcess>& processes);

void addNcclTests(CommandTable& table);
void addMpirun(CommandTable& table);
void addFrTrace(CommandTable& table);
void addNcclRas(CommandTable& table);

} // namespace core::shell::nccl
