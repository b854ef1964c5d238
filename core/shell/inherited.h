#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace core::shell {

/// What a shell hands down to everything it starts: nice(2)'s level and the limits of setrlimit(2) that `ulimit` changed.
struct Inherited {
    struct Limit {
        std::string soft; ///< in the units that ulimit prints: a number or "unlimited"
        std::string hard;
    };
    std::int64_t nice = 0;         ///< -20 .. 19
    std::map<char, Limit> limits;  ///< by ulimit's letter; a missing one is the login's
};

} // namespace core::shell
