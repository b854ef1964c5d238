#include "core/shell/commands/fabric/fabric_tools.h"
#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/hands.h"
#include "tests/core/commands/command_lab.h"

namespace test {

Setting suiteSetting()
{
    return {"training", std::chrono::minutes(1), [](core::shell::CommandTable& table) {
                core::shell::addFabricTools(table);
                core::shell::addGpuTools(table);
                core::shell::addHands(table);
            }};
}

} // namespace test
