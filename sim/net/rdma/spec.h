#pragma once

#include "sim/net/rdma/port.h"

#include <string>
#include <vector>

namespace sim::net::rdma {

/// One GPU node of a fabric that is to be built.
struct NodeSpec {
    HostId host;
    std::string name;
    bool operator==(const NodeSpec&) const = default;
};

/// Where a node's NIC of a rail sits.
struct RailSpec {
    std::string pciAddress; ///< "0000:18:00.0"
    int numaNode = 0;
    std::string netdev; ///< empty: named after the PCI address, as systemd does
};

/// A rail-optimised fabric of leaves and spines: NIC r of every node of a unit hangs on leaf r of the unit.
struct FabricSpec {
    LinkLayer layer = LinkLayer::InfiniBand;
    LaneSpeed speed = LaneSpeed::Ndr;
    int lanes = 4;
    std::vector<NodeSpec> nodes;
    int nodesPerUnit = 32;       ///< the last unit may hold fewer
    std::vector<RailSpec> rails; ///< empty: eight, where an HGX H100 has them
    bool oneLeafPerUnit = false; ///< all rails of a unit on one leaf: small fabrics
    int spines = 0; ///< 0: no second tier, and leaves are islands: for InfiniBand, whose subnet manager is
                    ///< one, only with one leaf
    double oversubscription = 1; ///< of a leaf: node ports to spine ports
    int switchPorts = 64;
    double nodeCableMeters = 5;
    double spineCableMeters = 30;
    int firstDevice = 0; ///< number of a node's first NIC: mlx5_<firstDevice>
    std::string deviceType = "MT4129";
    std::string boardId = "MT_0000000838";
    std::string firmware = "28.39.1002";
    std::string switchModel; ///< empty: MQM9700 for InfiniBand, SN5600 for Ethernet
    std::string switchPrefix; ///< of the switches' names
    Qos qos;                 ///< of all Ethernet ports
    PauseWatchdog watchdog;  ///< of all Ethernet switch ports
    std::vector<std::size_t> managers{
        0}; ///< InfiniBand: nodes (by index) whose first NIC runs a subnet manager, best first
    std::uint64_t guidSeed = 1; ///< tells the GUIDs of two fabrics apart
};

/// The eight NICs of an HGX H100 board, each below the PCIe switch of one GPU.
std::vector<RailSpec> hgxRails();

} // namespace sim::net::rdma
