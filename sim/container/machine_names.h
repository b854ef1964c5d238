#pragma once

#include "sim/engine/time.h"
#include "sim/host/hosts.h"
#include "sim/net/network.h"

#include <string>
#include <vector>

namespace sim::container {

/// What a machine's resolver answers: its /etc/hosts first, then the nameservers of its
/// /etc/resolv.conf in order. A site nameserver (dnsmasq) serves the /etc/hosts of its own machine.
struct MachineName {
    enum class Status : std::uint8_t { Found, NotFound, NoAnswer };
    Status status = Status::NotFound;
    std::vector<net::Ipv4> addresses; ///< in the file's order; several for a name on several lines
    std::string server;  ///< "/etc/hosts", or the nameserver's address
    Duration took{};
};

/// A dotted address resolves to itself. `from` is the machine's own network namespace.
MachineName resolveOnMachine(const host::Hosts& hosts, const net::Network& network, HostId host, const std::string& name);
/// One question to a nameserver at an address, as seen from a network namespace.
MachineName askNameserver(const host::Hosts& hosts, const net::Network& network, StackId from, net::Ipv4 server,
                          const std::string& name);
/// The addresses that a hosts(5) file gives to a name, in its order.
std::vector<net::Ipv4> addressesInHosts(const std::string& hostsFile, const std::string& name);
/// Addresses after `nameserver` in a resolv.conf.
std::vector<net::Ipv4> nameserversIn(const std::string& resolvConf);

} // namespace sim::container
