#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// hands: work orders for the people at the racks. They look, measure, clean, seat and replace; each order takes its time.
void addHands(CommandTable& table);

} // namespace core::shell
