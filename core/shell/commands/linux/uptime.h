#pragma once

#include "core/shell/commands/linux/here.h"

namespace core::shell::node {

/// " 09:00:00 up 12 days,  1:17,  1 user,  load average: 1.19, 0.74, 0.63", without the newline.
std::string uptimeLine(Invocation& inv);

} // namespace core::shell::node
