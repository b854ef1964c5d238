#pragma once

#include "sim/kube/api/core_v1.h"

#include <string>

namespace sim::kube {

/// Sets the PodScheduled condition; its time changes with its status only.
void setScheduledCondition(Pod& pod, bool scheduled, const std::string& reason, const std::string& message, Instant now);

} // namespace sim::kube
