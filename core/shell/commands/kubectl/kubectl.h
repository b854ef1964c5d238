#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// Adds kubectl (v1.33): a client of the simulated API, with its own flag parsing, help and completion.
void addKubectl(CommandTable& table);

} // namespace core::shell
