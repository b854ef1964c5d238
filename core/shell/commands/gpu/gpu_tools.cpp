#include "core/shell/commands/gpu/gpu_tools.h"

namespace core::shell {

void addGpuTools(CommandTable& table)
{
    gpu::addDcgmi(table);
    gpu::addLspci(table);
    gpu::addModules(table);
    gpu::addMps(table);
    gpu::addNvidiaSmi(table);
    gpu::addProfTester(table);
}

} // namespace core::shell
