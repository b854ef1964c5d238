#pragma once

#include "sim/kube/api/store.h"
#include "sim/net/stack.h"

#include <string>

namespace sim::kube {

// What kube-proxy in iptables mode writes on a node, from Services and EndpointSlices alone
// (k8s.io/kubernetes pkg/proxy/iptables/proxier.go, v1.33).

/// "KUBE-SVC-TCOU7JCQXEZGVUNU" for prefix "KUBE-SVC-", "kube-system/kube-dns:dns" and "udp": the first 16 letters of
/// the base 32 of SHA-256 over name and protocol.
std::string serviceChainName(const std::string& prefix, const std::string& servicePort, const std::string& protocol);
/// "KUBE-SEP-...": the same over the endpoint ("10.244.0.3:53") as well.
std::string endpointChainName(const std::string& servicePort, const std::string& protocol, const std::string& endpoint);

/// Brings the node's KUBE-* chains and the jumps to them in line with the store; other rules stay. `node` is its name,
/// for policies Local; traffic from outside `podNetwork` is masqueraded.
void writeServiceRules(net::Stack& stack, const Store& store, const std::string& node, const net::Prefix& podNetwork);

/// The addresses and ports that a packet to a Service's address would be sent on to by the rules of this machine, in the
/// rules' order. Empty: no rule (any more), or the Service is rejected for want of endpoints.
struct ServiceBackend {
    net::Ipv4 address;
    std::int64_t port = 0;
    bool operator==(const ServiceBackend&) const = default;
};
std::vector<ServiceBackend> serviceBackends(const net::Stack& machine, net::Ipv4 address, net::Protocol protocol, std::int64_t port);

} // namespace sim::kube
