#include "sim/kube/controllers/driver_calls.h"

namespace sim::kube {

bool driverAnswered(ControllerContext& context, DriverCalls& calls, WorkQueue& queue, const char* stream, const ObjectKey& key,
                    Duration least, Duration most)
{
    const auto [call, started] = calls.try_emplace(key, Instant{});
    if (started)
        call->second = context.now() + context.client.random(stream).uniform(least, most);
    if (context.now() < call->second) {
        queue.addAt(key, call->second);
        return false;
    }
    calls.erase(call);
    return true;
}

} // namespace sim::kube
