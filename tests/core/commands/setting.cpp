#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/ipmitool.h"
#include "tests/core/commands/command_lab.h"

namespace test {

Setting suiteSetting()
{
    return {"mini", std::chrono::minutes(5), [](core::shell::CommandTable& table) {
                core::shell::addIpmitool(table);
                core::shell::addGpuTools(table);
            }};
}

} // namespace test
