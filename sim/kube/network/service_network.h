#pragma once

#include "sim/kube/api/store.h"
#include "sim/net/address.h"

#include <optional>

namespace sim::kube {

/// A Service's cluster address and port to the address and port of one ready endpoint, as the API server resolves it
/// for itself (admission webhooks), without any node's rules. `rejected`: the Service has no endpoints (its REJECT rule).
struct ServiceTarget {
    net::Ipv4 address;
    std::int64_t port = 0;
    bool rejected = false;
};

/// Nothing: no Service has that address and port, the packet goes on unchanged. `choice` spreads over the
/// ready endpoints.
std::optional<ServiceTarget> resolveService(const Store& store, net::Ipv4 clusterIp, std::int64_t port, std::uint64_t choice);

} // namespace sim::kube
