#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// cat, grep, sed, awk, jq, less, vi and their kin: what works on text and files alone.
void addTextCommands(CommandTable& table);

} // namespace core::shell
