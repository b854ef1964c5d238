#pragma once

#include "sim/net/rdma/port.h"

#include <vector>

namespace sim::net::rdma {

/// A host channel adapter or RoCE NIC with one port, which is the port of the same number (Fabric::ports).
struct Device {
    HostId host;
    int rail = 0;
    std::string name;       ///< "mlx5_0"
    std::string pciAddress; ///< "0000:18:00.0"
    int numaNode = 0;
    std::string netdev;   ///< "ibp24s0", "enp24s0np0"
    std::string firmware; ///< "28.39.1002"
    std::string boardId;  ///< "MT_0000000838"
    std::string type;     ///< "MT4129"
    std::uint64_t nodeGuid = 0;
    LinkLayer layer = LinkLayer::InfiniBand;
    std::vector<Gid> gids;
    std::vector<std::uint16_t> pkeys; ///< bit 15: full member
    bool powered = true;              ///< its host runs and the driver is loaded
    int pcieGeneration = 5;           ///< of its slot, as negotiated
    int pcieLanes = 16;
    double drainBytesPerSecond = 0; ///< what it takes in at most; 0: as fast as PCIe
    bool receiveStalled = false;    ///< hangs: takes nothing in and, with PFC, pauses its switch for good
    FlapPlan stalls;                ///< hangs in bouts: works for `up`, hangs for `down`, until its host is switched off
    Instant stallChangesAt = kNever;
    bool operator==(const Device&) const = default;
};
BOOST_DESCRIBE_STRUCT(Device, (),
                      (host, rail, name, pciAddress, numaNode, netdev, firmware, boardId, type, nodeGuid,
                       layer, gids, pkeys, powered, pcieGeneration, pcieLanes, drainBytesPerSecond,
                       receiveStalled, stalls, stallChangesAt))

/// Of a switch's port, as SONiC counts them.
constexpr int kLanesOfPort = 8;
/// What SONiC calls port `number` (from 1) of a switch: "Ethernet0", "Ethernet8".
std::string frontPanelName(int number);

enum class Tier : std::uint8_t { Leaf, Spine };

/// What a switch keeps of a port over a restart.
struct SavedPort {
    Qos qos;
    PauseWatchdog watchdog;
    bool disabled = false;
    bool operator==(const SavedPort&) const = default;
};
BOOST_DESCRIBE_STRUCT(SavedPort, (), (qos, watchdog, disabled))

struct Switch {
    std::string name;        ///< "leaf-1-4": unit and rail, from 1
    std::string description; ///< "MF0;leaf-1-4:MQM9700/U1", the NodeDescription
    std::uint64_t guid = 0;
    std::uint16_t lid = 0;
    Tier tier = Tier::Leaf;
    int unit = 0; ///< of a leaf
    int rail = 0; ///< of a leaf; -1: all of its unit
    PortId firstPort;
    int portCount = 0;
    bool up = true;
    std::vector<std::uint8_t>
        forwarding; ///< InfiniBand: out port by destination LID, 0: none; as of the last sweep
    Qos designedQos;              ///< Ethernet: of each port, as the site's template has it
    std::vector<SavedPort> saved; ///< Ethernet: by port
    bool operator==(const Switch&) const = default;
};
BOOST_DESCRIBE_STRUCT(Switch, (),
                      (name, description, guid, lid, tier, unit, rail, firstPort, portCount, up, forwarding, designedQos, saved))

/// How a host moves data between its GPUs and NICs.
enum class MemoryPath : std::uint8_t {
    Direct,      ///< peer to peer below the PCIe switch
    ThroughRoot, ///< Access Control Services send peer traffic up to the root complex and down again
    Staged,      ///< copied through host memory: no GPUDirect RDMA
};

struct HostSettings {
    std::string name;
    bool nvidiaPeermem = true;  ///< the module is loaded
    bool dmabuf = false;        ///< kernel and driver export GPU memory as dma-buf
    bool accessControl = false; ///< ACS is on at the PCIe switches
    bool operator==(const HostSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(HostSettings, (), (name, nvidiaPeermem, dmabuf, accessControl))

constexpr MemoryPath memoryPath(const HostSettings& host)
{
    if (!host.nvidiaPeermem && !host.dmabuf)
        return MemoryPath::Staged;
    return host.accessControl ? MemoryPath::ThroughRoot : MemoryPath::Direct;
}

/// Payload of a PCIe link in one direction: 128b/130b encoding from generation 3 on, packets of
/// 256 bytes with 26 of header and framing (PCI Express base specification: 4 framing, 2 sequence, 16 header,
/// 4 LCRC).
double pcieBytesPerSecond(int generation, int lanes);

} // namespace sim::net::rdma
