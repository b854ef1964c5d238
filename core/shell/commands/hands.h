#pragma once

#include "core/shell/command_table.h"
#include "sim/gpu/cooling.h"

namespace core::shell {

/// hands: work orders for the people at the racks. They look, measure, clean, seat and replace; each order takes its time.
void addHands(CommandTable& table);

/// A row as building management shows it, in lines; what stands on the panel of a cooling unit is read by who stands before it.
std::string rowText(const sim::gpu::Row& row, bool panels);

} // namespace core::shell
