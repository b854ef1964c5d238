#pragma once

#include "sim/programs/running.h"

namespace sim::programs {

/// What the runtime prints about its collector since the last look: Go's gctrace lines, HotSpot's -Xlog:gc.
std::vector<std::string> collectorLines(const Running& running);
/// What a JVM prints when an allocation fails; `first`: the dump is written now.
std::vector<std::string> heapFullLines(const Running& running, bool first);
/// What the program prints when it may open no more files.
std::string descriptorsLine(const Running& running);

} // namespace sim::programs
