#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/kubectl/kubectl.h"
#include "core/shell/commands/nccl/nccl_tools.h"
#include "tests/core/commands/command_lab.h"

namespace test {

Setting suiteSetting()
{
    return {"training", std::chrono::minutes(3), [](core::shell::CommandTable& table) {
                core::shell::addGpuTools(table);
                core::shell::addKubectl(table);
                core::shell::addNcclTools(table);
            }};
}

} // namespace test
