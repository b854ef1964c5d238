#include "sim/kube/network/service_network.h"

#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kServiceLabel = "kubernetes.io/service-name";
constexpr const char* kDnsNamespace = "kube-system";
constexpr const char* kDnsService = "kube-dns";

struct Endpoint {
    std::string address;
    std::int64_t port = 0;
};

/// Ready endpoints of a Service for one of its ports; an empty port name means the only one.
std::vector<Endpoint> readyEndpoints(const Store& store, const ObjectKey& service, const std::string& portName)
{
    std::vector<Endpoint> endpoints;
    const auto& slices = store.all<EndpointSlice>();
    for (auto it = slices.lower_bound({service.namespace_, {}}); it != slices.end() && it->first.namespace_ == service.namespace_; ++it) {
        const EndpointSlice& slice = *it->second;
        const auto label = slice.metadata.labels.find(kServiceLabel);
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
            const Endpoint& chosen = endpoints[choice % endpoints.size()];
            target.address = net::Ipv4::parse(chosen.address).value_or(net::Ipv4{});
            target.port = chosen.port;
            return target;
        }
    }
    return std::nullopt;
}

std::vector<net::Ipv4> resolveName(const Store& store, const std::string& domain, const std::string& name)
{
    const auto dns = store.get<Service>({kDnsNamespace, kDnsService});
    if (!dns || dns->spec.ports.empty() || readyEndpoints(store, {kDnsNamespace, kDnsService}, dns->spec.ports.front().name).empty())
        return {};
    const std::string suffix = ".svc." + domain;
    std::string bare = name;
    if (!bare.empty() && bare.back() == '.')
        bare.pop_back();
    if (bare.size() <= suffix.size() || bare.compare(bare.size() - suffix.size(), suffix.size(), suffix) != 0)
        return {};
    bare.resize(bare.size() - suffix.size());
    const auto dot = bare.rfind('.');
    if (dot == std::string::npos)
        return {};
    const std::string space = bare.substr(dot + 1);
    std::string serviceName = bare.substr(0, dot);
    const auto service = store.get<Service>({space, serviceName});
    if (!service)
        return {};
    std::vector<net::Ipv4> addresses;
    if (service->spec.clusterIP != "None") {
        if (const auto address = net::Ipv4::parse(service->spec.clusterIP))
            addresses.push_back(*address);
        return addresses;
    }
    for (const ServicePort& port : service->spec.ports)
        for (const Endpoint& endpoint : readyEndpoints(store, {space, serviceName}, port.name))
            if (const auto address = net::Ipv4::parse(endpoint.address);
                address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end())
                addresses.push_back(*address);
    return addresses;
}

} // namespace sim::kube
