#pragma once

#include <string>

namespace core::progress {

/// Where a user's attempts live unless told otherwise: $XDG_DATA_HOME/faultline, else
/// ~/.local/share/faultline. The only place in core that reads the environment. Without a home folder:
/// empty, and the caller has to ask for one. Creates nothing.
std::string defaultDataFolder();

} // namespace core::progress
