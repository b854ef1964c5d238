#pragma once

#include "core/golden/masking.h"
#include "core/golden/recording.h"
#include "sim/kube/api/store.h"

namespace core::golden {

/// The step with what its script had read from the recorded control plane put into the replay's terms: pods with random
/// names are the replay's first of that kind, and uids of owners those of the objects they name.
Step withOwnNames(Step step, const Recording& recording, const sim::kube::Store& store, const Masking& masking);

} // namespace core::golden
