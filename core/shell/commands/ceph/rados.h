#pragma once

#include "core/shell/command_table.h"

namespace core::shell::cephtool {

void addRados(CommandTable& table); ///< rados, rbd

} // namespace core::shell::cephtool
