#pragma once

#include "core/shell/system.h"

#include <string>

namespace core::shell {

/// "drwxr-xr-x".
std::string modeString(const FileStat& stat);

} // namespace core::shell
