#include "sim/kube/webhook_network.h"

#include "sim/kube/network/service_network.h"

#include <fmt/format.h>

namespace sim::kube {

namespace {

// TCP and TLS handshakes and the request itself, with a program that answers at once.
constexpr Duration kRoundTrip = std::chrono::milliseconds(5);

WebhookAnswer failed(std::string why, Duration took = {})
{
    WebhookAnswer answer;
    answer.failure = std::move(why);
    answer.took = took;
    return answer;
}

/// The pod that has the address.
std::shared_ptr<const Pod> podAt(const Store& store, const std::string& namespace_, const std::string& address)
{
    for (auto& pod : store.inNamespace<Pod>(namespace_))
        if (pod->status.podIP == address)
            return pod;
    return nullptr;
}

} // namespace

WebhookAnswer WebhookNetwork::call(const Store& store, const WebhookCall& call)
{
    if (call.serviceName.empty())
        return failed("dial tcp: lookup of a host outside the cluster: no such host");
    const auto service = store.get<Service>({call.serviceNamespace, call.serviceName});
    if (!service)
        return failed(fmt::format("service \"{}\" not found", call.serviceName));
    const auto address = net::Ipv4::parse(service->spec.clusterIP);
    const auto target = address ? resolveService(store, *address, call.servicePort, 0) : std::nullopt;
    if (!target)
        return failed(fmt::format("no service port {} found for service \"{}\"", call.servicePort, call.serviceName));
    if (target->rejected)
        return failed(fmt::format("no endpoints available for service \"{}\"", call.serviceName));
    if (!m_settings.controlPlane.empty()) {
        const StackId from = m_context.hosts.at(m_settings.controlPlane.front()).stack;
        const std::string dialed = fmt::format("dial tcp {}:{}: ", service->spec.clusterIP, call.servicePort);
        switch (m_context.network.reach(from, target->address, net::Protocol::Tcp, target->port).verdict) {
        case net::Verdict::Delivered: break;
        case net::Verdict::Refused: return failed(dialed + "connect: connection refused");
        case net::Verdict::HostUnreachable: return failed(dialed + "connect: no route to host", std::chrono::seconds(3));
        case net::Verdict::NetworkUnreachable: return failed(dialed + "connect: network is unreachable");
        default: return failed("context deadline exceeded", call.timeout);
        }
    }
    const auto pod = podAt(store, call.serviceNamespace, target->address.text());
    const auto answered = pod && m_program ? m_program(*pod, call.review) : std::nullopt;
    if (!answered)
        return failed("EOF", kRoundTrip);
    return {*answered, {}, kRoundTrip};
}

} // namespace sim::kube
