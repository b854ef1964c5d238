#pragma once

namespace app::cli {

/// Exit status 0: ran; 1: the world is not healthy, the answer is wrong, or a file is bad; 2: usage.
inline constexpr int kRan = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

int run(int argc, char** argv);

} // namespace app::cli
