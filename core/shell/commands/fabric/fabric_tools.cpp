#include "core/shell/commands/fabric/fabric_tools.h"

namespace core::shell {

void addFabricTools(CommandTable& table)
{
    fabric::addDeviceTools(table);
    fabric::addSubnetTools(table);
    fabric::addIbping(table);
    fabric::addPerftest(table);
    fabric::addSwitchTools(table);
}

} // namespace core::shell
