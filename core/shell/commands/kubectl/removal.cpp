#include "core/shell/commands/kubectl/removal.h"

#include "sim/world/world.h"

namespace core::shell::kubectl {

std::optional<sim::kube::Response> removeAndWait(Call& call, const Manifest& target, sim::Duration timeout,
                                                 std::optional<std::int64_t> graceSeconds)
{
    auto request = call.client.request(sim::kube::Verb::Delete, *target.kind, target.nameSpace, target.name);
    request.gracePeriodSeconds = graceSeconds;
    request.propagationPolicy = "Background";
    sim::kube::Response response = call.client.write(std::move(request));
    if (response.code == 404)
        return std::nullopt;
    if (!succeeded(response))
        return response;
    const auto look = call.client.request(sim::kube::Verb::Get, *target.kind, target.nameSpace, target.name);
    const sim::Instant end = call.inv.now() + timeout;
    while (call.inv.door().world().apiRead(look).code != 404) {
        if (call.inv.now() >= end) {
            sim::kube::Response late;
            late.code = 0;
            late.body = Json{{"message", "error: timed out waiting for the condition"}};
            return late;
        }
        call.inv.sleep(kPollInterval);
    }
    return std::nullopt;
}

} // namespace core::shell::kubectl
