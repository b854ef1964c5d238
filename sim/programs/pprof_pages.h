#pragma once

#include "sim/programs/profile.h"

#include <optional>

namespace sim::programs {

/// An answer of net/http/pprof (Go 1.22).
struct ProfilePage {
    int status = 200;
    std::string type = "text/plain; charset=utf-8";
    std::string body;
    Duration took{}; ///< a CPU profile takes as long as it was asked to look
};
/// What the program answers at its profiling port for a path with query; nothing when it serves no such path.
std::optional<ProfilePage> profilePage(const Running& running, const std::string& pathAndQuery);

} // namespace sim::programs
