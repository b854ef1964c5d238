#pragma once

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What NCCL finds when it looks at the machines of a job: the input of everything else here. It is a plain value;
/// the lab fills it from its live GPUs and ports, and a sick part is a lower figure in it.
namespace sim::training::collectives {

enum class Architecture { Ampere, Hopper, Blackwell };
enum class CpuVendor { Intel, Amd };
/// How the GPUs of a node reach each other without PCIe.
enum class GpuFabric { Switch, Pairs, None };
/// NCCL's distance between two devices, nearest first; the order counts (NCCL_P2P_LEVEL and its like).
enum class PathType { Loc, Nvl, Nvb, C2c, Pix, Pxb, P2c, Pxn, Phb, Sys, Net, Dis };
enum class NetworkKind { InfiniBand, Roce, Efa, Socket };

BOOST_DESCRIBE_ENUM(Architecture, Ampere, Hopper, Blackwell)
BOOST_DESCRIBE_ENUM(CpuVendor, Intel, Amd)
BOOST_DESCRIBE_ENUM(GpuFabric, Switch, Pairs, None)
BOOST_DESCRIBE_ENUM(PathType, Loc, Nvl, Nvb, C2c, Pix, Pxb, P2c, Pxn, Phb, Sys, Net, Dis)
BOOST_DESCRIBE_ENUM(NetworkKind, InfiniBand, Roce, Efa, Socket)

/// One rank's GPU. Rates are of one direction, as NCCL counts them (after the links' framing).
struct Gpu {
    int nvlinks = 0; ///< of the board
    int inactiveNvlinks = 0;
    double nvlinkGigabytesPerSecond = 0; ///< of one link
    double pcieGigabytesPerSecond = 0;
    double clockGigahertz = 0; ///< of the SMs under load
    double clockFactor = 1;    ///< below 1: throttled or capped
    double lateMicroseconds = 0; ///< how long after the first rank this one enters the call
    bool alive = true;           ///< a dead rank never enters it
    double nvlinkRate() const { return (nvlinks - inactiveNvlinks) * nvlinkGigabytesPerSecond; }
    bool operator==(const Gpu&) const = default;
};
BOOST_DESCRIBE_STRUCT(Gpu, (),
                      (nvlinks, inactiveNvlinks, nvlinkGigabytesPerSecond, pcieGigabytesPerSecond, clockGigahertz,
                       clockFactor, lateMicroseconds, alive))

struct Nic {
    std::string name; ///< "mlx5_0"
    NetworkKind kind = NetworkKind::InfiniBand;
    double gigabytesPerSecond = 0; ///< of the port: 400 Gb/s is 50
    bool up = true;                ///< a port that is down when the job starts is left out by NCCL
    bool gpuDirect = true;         ///< peer memory (nvidia_peermem or dma-buf) works
    std::uint32_t gpu = 0;         ///< the nearest, by its number in the node
    PathType path = PathType::Pix; ///< from that GPU
    bool operator==(const Nic&) const = default;
};
BOOST_DESCRIBE_STRUCT(Nic, (), (name, kind, gigabytesPerSecond, up, gpuDirect, gpu, path))

struct Node {
    CpuVendor cpu = CpuVendor::Intel;
    GpuFabric fabric = GpuFabric::Switch;
    bool nvls = false; ///< multicast works (Hopper and later, fabric manager running)
    double interSocketGigabytesPerSecond = 0;
    /// What CPU-staged copies of all its GPUs share.
    double hostMemoryGigabytesPerSecond = 0;
    double launchMicroseconds = 0; ///< of one kernel, on the host
    std::vector<Gpu> gpus;
    std::vector<Nic> nics;
    Nic ethernet; ///< what NET/Socket uses
    bool operator==(const Node&) const = default;
};
BOOST_DESCRIBE_STRUCT(Node, (),
                      (cpu, fabric, nvls, interSocketGigabytesPerSecond, hostMemoryGigabytesPerSecond, launchMicroseconds,
                       gpus, nics, ethernet))

/// Ranks are numbered node by node. Nodes may differ in health, not in kind.
struct System {
    Architecture architecture = Architecture::Hopper;
    std::vector<Node> nodes;
    /// GPUs that one process drives (nccl-tests' -g): their kernels are launched one after the other.
    int gpusPerProcess = 1;
    int ranks() const;
    bool operator==(const System&) const = default;
};
BOOST_DESCRIBE_STRUCT(System, (), (architecture, nodes, gpusPerProcess))

/// Where a rank is. `rank` must be one of the system's.
struct Place {
    int node = 0;
    int gpu = 0;
    bool operator==(const Place&) const = default;
};
Place placeOf(const System& system, int rank);

enum class NodeType {
    A100Sxm,         ///< DGX A100 class: 12 NVLinks, NVSwitch, 8 HDR ports
    H100Sxm,         ///< DGX/HGX H100: 18 NVLinks, NVSwitch with multicast, 8 NDR ports
    H200Sxm,
    H20,
    H800,            ///< 8 NVLinks
    B200,            ///< NVLink 5
    A100Pcie,        ///< no NVLink
    A100PciePairs,   ///< 12 NVLinks within pairs
    H100Pcie,        ///< no NVLink
    H100PciePairs,   ///< NVLink bridge within pairs
};
BOOST_DESCRIBE_ENUM(NodeType, A100Sxm, H100Sxm, H200Sxm, H20, H800, B200, A100Pcie, A100PciePairs, H100Pcie, H100PciePairs)

/// A healthy node as it is sold, with one port per GPU. Constants and their sources: README.md.
Node standardNode(NodeType type, int gpus = 8);
System standardSystem(NodeType type, int nodes, int gpusPerNode);
/// Replaces the ports: `count` of one kind and rate, spread over the GPUs in order.
void setNics(Node& node, int count, NetworkKind kind, double gigabytesPerSecond);

} // namespace sim::training::collectives
