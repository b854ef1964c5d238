#pragma once

#include "sim/training/collectives/channels.h"

#include <cstdint>
#include <vector>

/// The links of a job as numbered resources, and the way of each edge over them.
namespace sim::training::collectives {

enum class LinkKind { NvlinkOut, NvlinkIn, PcieOut, PcieIn, NicOut, NicIn, HostMemory, EthernetOut, EthernetIn };
BOOST_DESCRIBE_ENUM(LinkKind, NvlinkOut, NvlinkIn, PcieOut, PcieIn, NicOut, NicIn, HostMemory, EthernetOut, EthernetIn)

struct Link {
    LinkKind kind = LinkKind::NvlinkOut;
    int node = 0;
    int of = 0; ///< rank for GPU links, port of the node for NICs
    double gigabytesPerSecond = 0;
    bool operator==(const Link&) const = default;
};

/// Every link of a system by number. Rates are the system's.
class LinkTable {
public:
    explicit LinkTable(const System& system);
    const std::vector<Link>& links() const { return m_links; }
    std::vector<Link>& links() { return m_links; }
    std::uint32_t ofGpu(LinkKind kind, int rank) const;
    std::uint32_t ofNic(LinkKind kind, int node, int nic) const;
    std::uint32_t ofNode(LinkKind kind, int node) const;

private:
    std::vector<Link> m_links;
    std::vector<std::uint32_t> m_firstNic; ///< by node
    std::uint32_t m_firstNode = 0;
};

/// The links that one edge of a channel loads, in the order of travel.
struct Route {
    static constexpr std::size_t kMost = 8;
    std::array<std::uint32_t, kMost> links{};
    std::uint32_t count = 0;
    bool acrossNodes = false;
    bool gpuDirect = true;
    void add(std::uint32_t link) { links[count++] = link; }
};
Route routeOf(const System& system, const Environment& environment, const Communicator& communicator,
              const LinkTable& table, int channel, int from, int to);

/// Bytes on each link of a table, without a protocol's flags.
struct LinkLoads {
    std::vector<double> bytes;
    bool anyStaged = false; ///< some edge between nodes goes through host memory
};

/// Bytes on each link for the whole of a collective, in closed form. `channels` carry equal shares.
LinkLoads loadsOf(const System& system, const Environment& environment, const Communicator& communicator,
                  const LinkTable& table, Collective collective, Algorithm algorithm, int channels, double bytes);

} // namespace sim::training::collectives
