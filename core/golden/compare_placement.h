#pragma once

#include "core/golden/masking.h"
#include "core/golden/text_difference.h"
#include "sim/kube/api/store.h"
#include "sim/kube/scheduler/scheduler.h"

namespace core::golden {

/// How many pods each node has, of nodes that are alike in order of size.
void comparePlacement(const Recording& recording, const sim::kube::Store& store, const Masking& masking,
                      std::vector<Difference>& differences);

/// Score vectors pod by pod, in the order of binding; which node a vector belongs to depends on how earlier ties
/// fell. Pods that only one node could take have no scores and are left out.
void compareScores(const Recording& recording, const sim::kube::Scheduler& scheduler, std::vector<Difference>& differences);

} // namespace core::golden
