#include "sim/kube/scheduler/pod_condition.h"

#include "sim/kube/client/objects.h"

namespace sim::kube {

void setScheduledCondition(Pod& pod, bool scheduled, const std::string& reason, const std::string& message, Instant now)
{
    Condition* condition = findCondition(pod.status.conditions, "PodScheduled");
    if (!condition) {
        condition = &pod.status.conditions.emplace_back();
        condition->type = std::string("PodScheduled");
    }
    const char* status = scheduled ? kTrue : kFalse;
    if (condition->status.value != status)
        condition->lastTransitionTime = Time{now};
    condition->status = std::string(status);
    condition->reason = reason;
    condition->message = message;
}

} // namespace sim::kube
