#pragma once

#include "sim/net/stack.h"

#include <string>

namespace core::shell::node {

/// As iptables -S prints it: "-A OUTPUT -d 10.0.0.20/32 -p tcp -m tcp --dport 5000 -j DROP".
std::string saveRule(const std::string& chain, const sim::net::FirewallRule& rule);
/// As ip route prints it: "10.1.0.0/24 dev eth0 proto kernel scope link src 10.1.0.21".
std::string routeLine(const sim::net::Stack& stack, const sim::net::Route& route);

} // namespace core::shell::node
