#include "sim/kube/network/api_service.h"

#include "sim/kube/client/objects.h"

namespace sim::kube {

namespace {

constexpr const char* kApiServiceName = "kubernetes";
constexpr const char* kApiPortName = "https";
constexpr std::int64_t kApiServicePort = 443;
constexpr std::int64_t kApiServerPort = 6443;

} // namespace

void createApiService(Store& store, const Context& context, const ClusterSettings& settings, RandomStream& random)
{
    Service service;
    service.metadata.name = kApiServiceName;
    service.metadata.namespace_ = "default";
    service.metadata.labels = {{"component", "apiserver"}, {"provider", "kubernetes"}};
    service.spec.type = "ClusterIP";
    service.spec.clusterIP = net::Ipv4{settings.serviceNetwork.network().value + 1}.text();
    service.spec.clusterIPs = {service.spec.clusterIP};
    service.spec.internalTrafficPolicy = "Cluster";
    service.spec.ipFamilies = {"IPv4"};
    service.spec.ipFamilyPolicy = "SingleStack";
    service.spec.sessionAffinity = "None";
    ServicePort port;
    port.name = kApiPortName;
    port.port = kApiServicePort;
    port.protocol = "TCP";
    port.targetPort.value = kApiServerPort;
    service.spec.ports.push_back(port);
    store.create(std::move(service), context.engine.now(), random);

    EndpointSlice slice;
    slice.metadata.name = kApiServiceName;
    slice.metadata.namespace_ = "default";
    slice.metadata.labels = {{kServiceNameLabel, kApiServiceName}};
    slice.addressType = "IPv4";
    slice.ports.push_back({kApiPortName, kApiServerPort, "TCP"});
    for (const HostId id : settings.controlPlane) {
        const host::Machine& machine = context.hosts.at(id);
        const auto address = context.network.hasStack(machine.stack) ? context.network.stack(machine.stack).primaryAddress() : std::nullopt;
        if (!address)
            continue;
        SliceEndpoint endpoint;
        endpoint.addresses = {address->text()};
        endpoint.conditions.ready = true;
        slice.endpoints.push_back(std::move(endpoint));
    }
    store.create(std::move(slice), context.engine.now(), random);
}

} // namespace sim::kube
