#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// The tools of a machine with NVIDIA GPUs: nvidia-smi, nvidia-cuda-mps-control, dcgmi, dcgmproftester13, lspci, modprobe, rmmod, modinfo. All of them read sim::gpu.
void addGpuTools(CommandTable& table);

namespace gpu {
// One file per tool, or per small family.
void addDcgmi(CommandTable& table);
void addLspci(CommandTable& table);
void addModules(CommandTable& table); ///< modprobe, rmmod, modinfo
void addMps(CommandTable& table); ///< nvidia-cuda-mps-control
void addNvidiaSmi(CommandTable& table);
void addProfTester(CommandTable& table); ///< dcgmproftester13
} // namespace gpu

} // namespace core::shell
