#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// The tools of a machine with NVIDIA GPUs: nvidia-smi, dcgmi, lspci, modprobe, rmmod, modinfo. All of them read sim::gpu.
void addGpuTools(CommandTable& table);

namespace gpu {
// One file per tool, or per small family.
void addDcgmi(CommandTable& table);
void addLspci(CommandTable& table);
void addModules(CommandTable& table); ///< modprobe, rmmod, modinfo
void addNvidiaSmi(CommandTable& table);
} // namespace gpu

} // namespace core::shell
