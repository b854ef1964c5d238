#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// Remote power over a machine's management controller, named MACHINE-bmc: works when the machine is off.
void addIpmitool(CommandTable& table);

} // namespace core::shell
