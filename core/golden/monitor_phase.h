#pragma once

#include "core/golden/recording.h"

namespace core::golden {

/// When within its 5 s the recorded control plane looked at its nodes, as the recording's events of the node controller
/// tell: to some tenths of a second where the watch saw one, to a second where a table told one's age.
double nodeMonitorPhase(const Recording& recording);

} // namespace core::golden
