#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// Every command of the lab. Which of them a place has is System::hasCommand's business.
CommandTable allCommands();

} // namespace core::shell
