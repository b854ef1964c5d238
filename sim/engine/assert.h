#pragma once

namespace sim {

/// Prints the failed condition with its place and aborts. Never returns.
[[noreturn]] void assertionFailed(const char* condition, const char* file, int line);

} // namespace sim

/// A bug of ours stops the program at once, in every build type. Never use it for bad input or for a
/// simulated failure: those are `Result` errors and ordinary data.
#define FL_ASSERT(condition)                                              \
    do {                                                                  \
        if (!(condition)) [[unlikely]]                                    \
            ::sim::assertionFailed(#condition, __FILE__, __LINE__);       \
    } while (false)
