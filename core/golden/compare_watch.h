#pragma once

#include "core/golden/masking.h"
#include "core/golden/text_difference.h"

namespace core::golden {

/// The life of every object as its watchers saw it, kind by kind: what was added, each change of what is wanted
/// or known of it, its end. Left out is what depends on when a controller happened to look: counts on the way,
/// which of objects that differ in a random suffix came first, and how one kind's changes fall between
/// another's.
void compareWatches(const std::vector<WatchLine>& expected, const std::vector<WatchLine>& got, const Masking& masking,
                    std::vector<Difference>& differences);

} // namespace core::golden
