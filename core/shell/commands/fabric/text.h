#pragma once

#include "sim/net/rdma/fabric.h"

#include <string>
#include <vector>

namespace core::shell::fabric {

namespace rdma = sim::net::rdma;

/// What a tool prints and how it ends.
struct Text {
    std::string out;
    std::string errors;
    int status = 0;
};

/// The names that verbs, sysfs and management datagrams use of one and the same port.
std::string stateInSysfs(const rdma::Port& port);                            ///< "4: ACTIVE"
std::string physicalStateInSysfs(const rdma::Port& port);                    ///< "5: LinkUp"
std::string rateInSysfs(const rdma::Fabric& fabric, const rdma::Port& port); ///< "400 Gb/sec (4X NDR)"
std::string guidInSysfs(std::uint64_t guid);                                 ///< "a088:c203:00e3:142a"
const char* linkLayerName(rdma::LinkLayer layer);                            ///< "InfiniBand"
/// Gb/s as tools print it. A port without a link shows what it would be trained to first: 10 (4X SDR), or 40
/// on Ethernet.
int gigabits(const rdma::Fabric& fabric, const rdma::Port& port);
std::uint32_t capabilityMask(const rdma::Fabric& fabric, rdma::DeviceId device);
std::string nodeDescription(const rdma::Fabric& fabric, rdma::DeviceId device); ///< "gpu-1 mlx5_0"
/// "::ffff:10.100.0.1" of a GID, as inet_ntop writes it.
std::string gidAsIpv6(const rdma::Gid& gid);
/// "10.100.0.1" of a GID that is made of an IPv4 address; empty otherwise.
std::string ipv4Of(const rdma::Gid& gid);

/// Bytes that a port's registers count as 4-byte words whatever the link layer.
std::uint64_t dataWords(const rdma::Fabric& fabric, rdma::PortId port, rdma::PortCounter counter);

/// A node of an InfiniBand subnet as discovery meets it: a switch, or a device.
struct Node {
    rdma::RdmaSwitchId fabricSwitch; ///< none: a device
    rdma::DeviceId device;
};

/// The nodes that directed-route packets reach from a device, in the order in which libibnetdisc lists them:
/// the last found first. Empty without a link.
std::vector<Node> discover(const rdma::Fabric& fabric, rdma::DeviceId from);
/// The device through which a host's tools talk when they are not told otherwise: its first active one, else
/// its first with a link, else none.
rdma::DeviceId defaultDevice(const rdma::Fabric& fabric, sim::HostId host);

std::string description(const rdma::Fabric& fabric, const Node& node);
std::uint64_t guid(const rdma::Fabric& fabric, const Node& node);
std::uint16_t lid(const rdma::Fabric& fabric, const Node& node);
std::vector<rdma::PortId> portsOf(const rdma::Fabric& fabric, const Node& node);
Node nodeOf(const rdma::Fabric& fabric, rdma::PortId port);

/// How management tools end where no port has a link, or all are Ethernet.
Text cannotOpenPort(int pid, std::string_view tool, const std::string& device = "(null)");
/// What they print when nobody answers at a LID.
std::string timedOut(int pid, std::string_view caller, int lid);

} // namespace core::shell::fabric
