#pragma once

#include "sim/kube/controllers/controller.h"

#include <map>

namespace sim::kube {

/// Calls to a CSI driver that are under way, and when each is answered.
using DriverCalls = std::map<ObjectKey, Instant>;

/// True once the driver has answered, between `least` and `most` after the first question, which starts the call; until
/// then the key comes back when the answer is there. `stream`: the controller's random stream.
bool driverAnswered(ControllerContext& context, DriverCalls& calls, WorkQueue& queue, const char* stream, const ObjectKey& key,
                    Duration least, Duration most);

} // namespace sim::kube
