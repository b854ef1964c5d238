#include "sim/kube/controllers/controller.h"

#include <fmt/core.h>

namespace sim::kube {

namespace {

// From a controller's request to what watches saw of it, in a quiet recording (golden case 03: 5 to 11 ms from a change to
// the answer to it).
constexpr Duration kShortestRequest = 4ms;
constexpr Duration kLongestRequest = 8ms;

} // namespace

Instant ControllerContext::request()
{
    return rate.reserve(now(), limit) + random.uniform(kShortestRequest, kLongestRequest);
}

std::string createPod(const Client& client, Pod pod, const std::string& controller, std::shared_ptr<const Pod>& created)
{
    return createObject<Pod>(client, pod, controller, created);
}

bool refusedByNamespace(const std::string& error)
{
    return error.ends_with("because it is being terminated");
}

std::string namespaceRefusal(const Client& client, const std::string& resource, const std::string& name,
                             const std::string& namespace_)
{
    const auto ns = client.store.get<Namespace>({"", namespace_});
    if (!ns)
        return fmt::format("namespaces \"{}\" not found", namespace_);
    if (!ns->metadata.deletionTimestamp)
        return {};
    return fmt::format("{} \"{}\" is forbidden: unable to create new content in namespace {} because it is being terminated",
                       resource, name, namespace_);
}

void setPodCondition(Pod& pod, const char* type, const char* status, const std::string& reason, const std::string& message,
                     Instant now)
{
    Condition* condition = findCondition(pod.status.conditions, type);
    if (!condition) {
        pod.status.conditions.push_back({});
        condition = &pod.status.conditions.back();
        condition->type = std::string(type);
    }
    if (condition->status.value != status)
        condition->lastTransitionTime = Time{now};
    condition->status = std::string(status);
    condition->reason = reason;
    condition->message = message;
}

} // namespace sim::kube
