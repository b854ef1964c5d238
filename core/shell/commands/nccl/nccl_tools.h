#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// What the trainers' image brings along: nccl-tests with mpirun, ncclras, torch's reader of flight recorder dumps.
void addNcclTools(CommandTable& table);

} // namespace core::shell
