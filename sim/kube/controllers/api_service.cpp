#include "sim/kube/controllers/api_service.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kAvailable = "Available";

struct Verdict {
    bool available = false;
    const char* reason = "";
    std::string message;
};

/// Endpoints that stand ready behind the port.
bool hasReadyEndpoints(const Store& store, const Service& service, const std::string& portName)
{
    for (const auto& slice : store.inNamespace<EndpointSlice>(service.metadata.namespace_)) {
        const auto owner = slice->metadata.labels.find(kServiceNameLabel);
        if (owner == slice->metadata.labels.end() || owner->second != service.metadata.name)
            continue;
        const bool hasPort = std::any_of(slice->ports.begin(), slice->ports.end(),
                                         [&](const EndpointPort& port) { return port.name == portName; });
        const bool ready = std::any_of(slice->endpoints.begin(), slice->endpoints.end(),
                                       [](const SliceEndpoint& one) { return one.conditions.ready.value_or(true); });
        if (hasPort && ready)
            return true;
    }
    return false;
}

/// kube-aggregator/pkg/controllers/status/remote/remote_available_controller.go: sync
Verdict judge(const Store& store, const APIService& api)
{
    if (!api.spec.service)
        return {true, "Local", "Local APIServices are always available"};
    const ApiServiceReference& wanted = *api.spec.service;
    const auto service = store.get<Service>({wanted.namespace_, wanted.name});
    if (!service)
        return {false, "ServiceNotFound", fmt::format("service/{} in \"{}\" is not present", wanted.name, wanted.namespace_)};
    const std::int64_t number = wanted.port.value_or(443);
    const auto port = std::find_if(service->spec.ports.begin(), service->spec.ports.end(),
                                   [&](const ServicePort& one) { return one.port.value == number; });
    if (port == service->spec.ports.end())
        return {false, "ServicePortError", fmt::format("service/{} in \"{}\" is not listening on port {}", wanted.name,
                                                       wanted.namespace_, number)};
    if (!hasReadyEndpoints(store, *service, port->name))
        return {false, "MissingEndpoints", fmt::format("endpoints for service/{} in \"{}\" have no addresses with port name \"{}\"",
                                                       wanted.name, wanted.namespace_, port->name)};
    return {true, "Passed", "all checks passed"};
}

} // namespace

void ApiServiceController::relist(const Store& store)
{
    for (const auto& [key, service] : store.all<APIService>())
        queue.add(key);
}

void ApiServiceController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<APIService>)
        queue.add(event.key);
    else if (event.kind == kindIdOf<Service> || event.kind == kindIdOf<EndpointSlice>)
        for (const auto& [key, api] : store.all<APIService>())
            if (api->spec.service && api->spec.service->namespace_ == event.key.namespace_)
                queue.add(key);
}

void ApiServiceController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    const auto api = context.store().get<APIService>(key);
    if (!api)
        return;
    const Verdict verdict = judge(context.store(), *api);
    const Condition* known = findCondition(api->status.conditions, kAvailable);
    if (known && known->status.value == (verdict.available ? kTrue : kFalse) && known->reason == verdict.reason
        && known->message == verdict.message)
        return;
    patchObject<APIService>(context.client, key, [&](APIService& service) {
        Condition* condition = findCondition(service.status.conditions, kAvailable);
        if (!condition) {
            service.status.conditions.push_back({});
            condition = &service.status.conditions.back();
            condition->type = std::string(kAvailable);
        }
        const char* status = verdict.available ? kTrue : kFalse;
        if (condition->status.value != status)
            condition->lastTransitionTime = Time{context.now()};
        condition->status = std::string(status);
        condition->reason = verdict.reason;
        condition->message = verdict.message;
    });
}

bool aggregated(const Store& store, const std::string& name)
{
    const auto api = store.get<APIService>({"", name});
    const Condition* available = api ? findCondition(api->status.conditions, kAvailable) : nullptr;
    return available != nullptr && available->status.value == kTrue;
}

std::vector<std::string> unavailableGroupVersions(const Store& store)
{
    std::vector<std::string> names;
    for (const auto& [key, api] : store.all<APIService>()) {
        const Condition* available = findCondition(api->status.conditions, kAvailable);
        if (available && available->status.value != kTrue)
            names.push_back(api->spec.group + "/" + api->spec.version);
    }
    return names;
}

} // namespace sim::kube
