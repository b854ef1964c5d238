#include "core/shell/commands/fabric/fabric_tools.h"
#include "tests/core/commands/command_lab.h"

namespace test {

Setting suiteSetting()
{
    return {"training-roce", std::chrono::minutes(1), [](core::shell::CommandTable& table) { core::shell::addFabricTools(table); }};
}

} // namespace test
