#pragma once

#include "core/shell/commands/linux/here.h"

#include <string>
#include <vector>

namespace core::shell::node {

/// A TCP socket that is no listener.
struct OpenConnection {
    std::string state; ///< as ss prints: "ESTAB", "SYN-SENT"
    sim::net::Ipv4 local;
    std::int64_t localPort = 0;
    sim::net::Ipv4 peer;
    std::int64_t peerPort = 0;
    sim::host::Pid pid = 0;
    std::string program;
};

/// The connections of a network namespace that follow from the world: image pulls, and what the tiers of the
/// users' load keep open among each other. Those of the cluster's own components are not modelled.
std::vector<OpenConnection> openConnections(const sim::World& world, sim::StackId here);

} // namespace core::shell::node
