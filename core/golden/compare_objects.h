#pragma once

#include "core/golden/masking.h"
#include "core/golden/text_difference.h"
#include "sim/kube/api/store.h"

namespace core::golden {

/// The objects that were there at the end, whole but for managedFields. Events are compared by what they say,
/// once (their order and counts are the watch's business).
void compareObjects(const Recording& recording, const sim::kube::Store& store, sim::Instant now, const Masking& masking,
                    std::vector<Difference>& differences);

} // namespace core::golden
