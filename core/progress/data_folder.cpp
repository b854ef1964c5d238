#include "core/progress/data_folder.h"

#include <cstdlib>

namespace core::progress {

std::string defaultDataFolder()
{
    // The XDG base directory specification: a relative path in the variable is to be ignored.
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/')
        return std::string(data) + "/faultline";
    if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/')
        return std::string(home) + "/.local/share/faultline";
    return {};
}

} // namespace core::progress
