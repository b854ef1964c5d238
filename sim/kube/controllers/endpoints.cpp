#include "sim/kube/controllers/endpoint_slice.h"
#include "sim/kube/controllers/service_pods.h"

#include "sim/net/address.h"

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kEndpointsManagedBy = "endpoints.kubernetes.io/managed-by";
constexpr const char* kEndpointsManager = "endpoint-controller";

bool byAddress(const EndpointAddress& a, const EndpointAddress& b)
{
    return net::Ipv4::parse(a.ip).value_or(net::Ipv4{}) < net::Ipv4::parse(b.ip).value_or(net::Ipv4{});
}

} // namespace

void EndpointsController::relist(const Store& store)
{
    for (const auto& [key, service] : store.all<Service>())
        queue.add(key);
}

void EndpointsController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    enqueueServices(queue, event, store);
    if (event.kind == kindIdOf<Endpoints> && event.type == WatchEvent::Type::Deleted && store.get<Service>(event.key))
        queue.add(event.key);
}

void EndpointsController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    Store& store = context.store();
    const auto service = store.get<Service>(key);
    if (!service) {
        // The Endpoints of a Service has no owner reference: it goes by name.
        triggers.forget(key);
        store.remove<Endpoints>(key, context.now());
        return;
    }
    if (service->spec.selector.empty() || service->spec.type == "ExternalName")
        return;
    const auto pods = servicePods(store, *service, false);
    std::vector<EndpointSubset> subsets;
    for (const auto& pod : pods) {
        const auto ports = endpointPorts(*service, *pod);
        auto it = std::find_if(subsets.begin(), subsets.end(), [&](const EndpointSubset& s) { return s.ports == ports; });
        if (it == subsets.end()) {
            subsets.push_back({});
            it = subsets.end() - 1;
            it->ports = ports;
        }
        EndpointAddress address;
        address.ip = pod->status.podIP;
        address.nodeName = pod->spec.nodeName;
        ObjectReference target;
        target.kind = "Pod";
        target.namespace_ = pod->metadata.namespace_;
        target.name = pod->metadata.name;
        target.uid = pod->metadata.uid;
        address.targetRef = target;
        (isReady(*pod) || service->spec.publishNotReadyAddresses ? it->addresses : it->notReadyAddresses).push_back(std::move(address));
    }
    for (EndpointSubset& s : subsets) {
        std::sort(s.addresses.begin(), s.addresses.end(), byAddress);
        std::sort(s.notReadyAddresses.begin(), s.notReadyAddresses.end(), byAddress);
    }

    StringMap labels = service->metadata.labels;
    labels[kEndpointsManagedBy] = kEndpointsManager;
    if (service->spec.clusterIP == kNoClusterIp)
        labels[kHeadlessLabel] = "";
    const std::optional<Instant> trigger = triggers.changed(*service, pods);
    const auto stored = store.get<Endpoints>(key);
    if (!stored) {
        if (!namespaceRefusal(context.client, "endpoints", key.name, key.namespace_).empty())
            return;
        Endpoints endpoints;
        endpoints.metadata.namespace_ = key.namespace_;
        endpoints.metadata.name = key.name;
        endpoints.metadata.labels = std::move(labels);
        setTriggerTime(endpoints.metadata, trigger);
        endpoints.subsets = std::move(subsets);
        store.create(std::move(endpoints), context.now(), context.client.random(kIdentityStream));
        return;
    }
    if (stored->subsets == subsets && stored->metadata.labels == labels)
        return;
    Endpoints endpoints = *stored;
    endpoints.subsets = std::move(subsets);
    endpoints.metadata.labels = std::move(labels);
    setTriggerTime(endpoints.metadata, trigger);
    store.update(std::move(endpoints), context.now());
}

} // namespace sim::kube
