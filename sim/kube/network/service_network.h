#pragma once

#include "sim/kube/api/store.h"
#include "sim/net/address.h"

#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// A Service's cluster address and port to the address and port of one ready endpoint, as kube-proxy's rules
/// do it on every node. `rejected`: the Service has no endpoints (its REJECT rule).
struct ServiceTarget {
    net::Ipv4 address;
    std::int64_t port = 0;
    bool rejected = false;
};

/// Nothing: no Service has that address and port, the packet goes on unchanged. `choice` spreads over the
/// ready endpoints.
std::optional<ServiceTarget> resolveService(const Store& store, net::Ipv4 clusterIp, std::int64_t port, std::uint64_t choice);

/// What CoreDNS's kubernetes plugin answers for a full name: A records of Services, headless Services and
/// their pods. Empty: NXDOMAIN, or no CoreDNS pod is ready.
std::vector<net::Ipv4> resolveName(const Store& store, const std::string& domain, const std::string& name);

} // namespace sim::kube
