#include "sim/kube/network/service_network.h"

#include "sim/kube/client/objects.h"

namespace sim::kube {

namespace {


struct ReadyEndpoint {
    std::string address;
    std::int64_t port = 0;
};

/// Ready endpoints of a Service for one of its ports; an empty port name means the only one.
std::vector<ReadyEndpoint> readyEndpoints(const Store& store, const ObjectKey& service, const std::string& portName)
{
    std::vector<ReadyEndpoint> endpoints;
    const auto& slices = store.all<EndpointSlice>();
    for (auto it = slices.lower_bound({service.namespace_, {}}); it != slices.end() && it->first.namespace_ == service.namespace_; ++it) {
        const EndpointSlice& slice = *it->second;
        const auto label = slice.metadata.labels.find(kServiceNameLabel);
        if (label == slice.metadata.labels.end() || label->second != service.name)
            continue;
        for (const EndpointPort& port : slice.ports) {
            if (port.name != portName)
                continue;
            for (const SliceEndpoint& endpoint : slice.endpoints)
                if (endpoint.conditions.ready.value_or(true) && !endpoint.addresses.empty())
                    endpoints.push_back({endpoint.addresses.front(), port.port});
        }
    }
    return endpoints;
}

} // namespace

std::optional<ServiceTarget> resolveService(const Store& store, net::Ipv4 clusterIp, std::int64_t port, std::uint64_t choice)
{
    const std::string address = clusterIp.text();
    for (const auto& [key, service] : store.all<Service>()) {
        if (service->spec.clusterIP != address)
            continue;
        for (const ServicePort& one : service->spec.ports) {
            if (one.port.value != port)
                continue;
            const auto endpoints = readyEndpoints(store, key, one.name);
            ServiceTarget target;
            if (endpoints.empty()) {
                target.rejected = true;
                return target;
            }
            const ReadyEndpoint& chosen = endpoints[choice % endpoints.size()];
            target.address = net::Ipv4::parse(chosen.address).value_or(net::Ipv4{});
            target.port = chosen.port;
            return target;
        }
    }
    return std::nullopt;
}

} // namespace sim::kube
