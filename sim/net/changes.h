#pragma once

#include "sim/net/stack.h"

#include <string>

/// What `ip` and `iptables` do to one stack. Each returns what the tool prints on failure (one line, without
/// the tool's name for netlink's own errors), or an empty string. Call Network::changed() afterwards.
namespace sim::net {

/// Completes device, scope and protocol as the kernel does. "RTNETLINK answers: File exists" when the same
/// destination and metric are there, "Error: Nexthop has invalid gateway." when `via` is on no connected net.
std::string addRoute(Stack& stack, Route route);
std::string replaceRoute(Stack& stack, Route route);
/// Matches on what the route names: destination, and via, device, type and metric where given.
std::string deleteRoute(Stack& stack, const Route& route);

std::string setInterfaceUp(Stack& stack, const std::string& device, bool up);
std::string setMtu(Stack& stack, const std::string& device, std::int64_t mtu);
/// The connected route comes and goes with the address.
std::string addAddress(Stack& stack, const std::string& device, Prefix address);
std::string removeAddress(Stack& stack, const std::string& device, Prefix address);

/// `index` is 1-based. Tables: "filter", "nat", "mangle", "raw". Built-in chains are made when first used.
std::string appendRule(Stack& stack, const std::string& table, const std::string& chain, FirewallRule rule);
std::string insertRule(Stack& stack, const std::string& table, const std::string& chain, std::int64_t index,
                       FirewallRule rule);
std::string deleteRule(Stack& stack, const std::string& table, const std::string& chain,
                       const FirewallRule& rule);
std::string deleteRuleAt(Stack& stack, const std::string& table, const std::string& chain,
                         std::int64_t index);
std::string flushChain(Stack& stack, const std::string& table,
                       const std::string& chain); ///< empty chain: all
std::string setPolicy(Stack& stack, const std::string& table, const std::string& chain,
                      const std::string& policy);
/// Counters back to nothing; an empty chain: all.
std::string zeroChain(Stack& stack, const std::string& table, const std::string& chain);
std::string renameChain(Stack& stack, const std::string& table, const std::string& chain, const std::string& name);
std::string newChain(Stack& stack, const std::string& table, const std::string& chain);
std::string deleteChain(Stack& stack, const std::string& table, const std::string& chain);

/// The chains of a table that the kernel provides, in iptables' order.
const std::vector<std::string>& builtInChains(const std::string& table);

} // namespace sim::net
