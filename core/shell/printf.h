#pragma once

#include <string>
#include <vector>

namespace core::shell {

/// printf(1): reuses the format while arguments are left. Errors go to `errors`, one per line.
std::string formatPrintf(const std::string& format, const std::vector<std::string>& arguments,
                         std::string& errors);

} // namespace core::shell
