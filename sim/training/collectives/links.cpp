#include "sim/training/collectives/links.h"

#include "sim/engine/assert.h"

namespace sim::training::collectives {

namespace {

constexpr std::uint32_t kPerGpu = 4; ///< NVLink and PCIe, out and in
constexpr std::uint32_t kPerNode = 3;

std::uint32_t offsetOf(LinkKind kind)
{
    switch (kind) {
    case LinkKind::NvlinkOut:
    case LinkKind::NicOut:
    case LinkKind::HostMemory: return 0;
    case LinkKind::NvlinkIn:
    case LinkKind::NicIn:
    case LinkKind::EthernetOut: return 1;
    case LinkKind::PcieOut:
    case LinkKind::EthernetIn: return 2;
    case LinkKind::PcieIn: break;
    }
    return 3;
}

/// Where the receiver's port for a channel is: as far down its list as the sender's.
int receivingNic(const Communicator& communicator, const Transport& transport, int sender, int receiver)
{
    const auto& mine = communicator.nics[static_cast<std::size_t>(sender)];
    const auto& theirs = communicator.nics[static_cast<std::size_t>(receiver)];
    std::size_t at = 0;
    while (at + 1 < mine.size() && mine[at] != transport.nic)
        ++at;
    return theirs[at % theirs.size()];
}

void routeByNetwork(const Communicator& communicator, const LinkTable& table, const Transport& transport, int from, int to,
                    Route& route)
{
    const int sender = communicator.places[static_cast<std::size_t>(from)].node;
    const int receiver = communicator.places[static_cast<std::size_t>(to)].node;
    route.acrossNodes = true;
    route.gpuDirect = transport.gpuDirect;
    int leaves = from;
    if (transport.proxyRank >= 0) {
        route.add(table.ofGpu(LinkKind::NvlinkOut, from));
        route.add(table.ofGpu(LinkKind::NvlinkIn, transport.proxyRank));
        leaves = transport.proxyRank;
    }
    route.add(table.ofGpu(LinkKind::PcieOut, leaves));
    if (!transport.gpuDirect)
        route.add(table.ofNode(LinkKind::HostMemory, sender));
    if (transport.kind == TransportKind::NetSocket) {
        route.add(table.ofNode(LinkKind::EthernetOut, sender));
        route.add(table.ofNode(LinkKind::EthernetIn, receiver));
    } else {
        route.add(table.ofNic(LinkKind::NicOut, sender, transport.nic));
        route.add(table.ofNic(LinkKind::NicIn, receiver, receivingNic(communicator, transport, sender, receiver)));
    }
    route.add(table.ofGpu(LinkKind::PcieIn, to));
}

/// Adds the loads of one collective, edge by edge.
struct Loader {
    const System& system;
    const Environment& environment;
    const Communicator& comm;
    const LinkTable& table;
    LinkLoads& loads;

    void edge(int channel, int from, int to, double bytes)
    {
        const Route route = routeOf(system, environment, comm, table, channel, from, to);
        for (std::uint32_t i = 0; i < route.count; ++i)
            loads.bytes[route.links[i]] += bytes;
        loads.anyStaged = loads.anyStaged || (route.acrossNodes && !route.gpuDirect);
    }
    void gpu(LinkKind kind, int rank, double bytes) { loads.bytes[table.ofGpu(kind, rank)] += bytes; }

    /// `perEdge` bytes of a whole array on every edge of the rings. A pipeline from or to rank 0 ends before it
    /// would come back to it.
    void rings(int channels, double perEdge, Collective collective)
    {
        const int distinct = std::min(channels, comm.ring.channels);
        for (int c = 0; c < distinct; ++c) {
            const int alike = channels / distinct + (c < channels % distinct ? 1 : 0);
            const std::vector<int> order = ringOf(system, comm, c);
            const std::size_t n = order.size();
            for (std::size_t i = 0; i < n; ++i) {
                const int from = order[i];
                const int to = order[(i + 1) % n];
                const bool closes = (collective == Collective::Broadcast && to == 0)
                    || (collective == Collective::Reduce && from == 0);
                if (!closes)
                    edge(c, from, to, perEdge * alike / channels);
            }
        }
    }

    void trees(int channels, double bytes)
    {
        for (int c = 0; c < channels; ++c) {
            const std::vector<TreeLinks> links = treeOf(system, comm, c);
            for (std::size_t rank = 0; rank < links.size(); ++rank)
                if (const int up = links[rank].up; up >= 0) {
                    edge(c, static_cast<int>(rank), up, bytes / channels);
                    edge(c, up, static_cast<int>(rank), bytes / channels);
                }
        }
    }

    /// In-switch reduction reads every GPU's whole array once and writes the result to all by multicast.
    void nvls(Collective collective, double bytes)
    {
        for (int node = 0, first = 0; node < comm.nodes; ++node) {
            const int gpus = static_cast<int>(system.nodes[static_cast<std::size_t>(node)].gpus.size());
            const std::vector<int> heads = nvlsHeadsOf(system, comm, node);
            const double share = bytes / static_cast<double>(heads.size());
            const bool reduces = collective != Collective::AllGather;
            const bool spreads = collective != Collective::ReduceScatter;
            for (int rank = first; rank < first + gpus; ++rank) {
                gpu(LinkKind::NvlinkOut, rank, reduces ? bytes : 0);
                gpu(LinkKind::NvlinkIn, rank, spreads ? bytes : 0);
            }
            for (const int head : heads) {
                gpu(LinkKind::NvlinkIn, head, reduces ? share : 0);
                gpu(LinkKind::NvlinkOut, head, spreads ? share : 0);
            }
            first += gpus;
        }
    }

    /// Heads with the same number talk to each other along both binary trees, half of their share on each.
    void headTrees(double bytes)
    {
        std::vector<std::vector<int>> heads;
        for (int node = 0; node < comm.nodes; ++node)
            heads.push_back(nvlsHeadsOf(system, comm, node));
        for (int node = 0; node < comm.nodes; ++node)
            for (const NodeLinks& links : {binaryTree(comm.nodes, node), secondTree(comm.nodes, node)}) {
                if (links.up < 0)
                    continue;
                const auto& mine = heads[static_cast<std::size_t>(node)];
                const auto& above = heads[static_cast<std::size_t>(links.up)];
                const double share = bytes / static_cast<double>(mine.size()) / 2;
                for (std::size_t h = 0; h < std::min(mine.size(), above.size()); ++h) {
                    edge(static_cast<int>(h), mine[h], above[h], share);
                    edge(static_cast<int>(h), above[h], mine[h], share);
                }
            }
    }

    /// Every rank has a message for every other. Between nodes it leaves by the sender's rail.
    void allToAll(double bytes)
    {
        const double message = bytes / comm.ranks;
        for (int from = 0; from < comm.ranks; ++from) {
            const Place place = comm.places[static_cast<std::size_t>(from)];
            const int gpus = static_cast<int>(system.nodes[static_cast<std::size_t>(place.node)].gpus.size());
            for (int gpu = 0; gpu < gpus; ++gpu)
                if (gpu != place.gpu)
                    edge(gpu, from, from - place.gpu + gpu, message);
            // The messages to one node take one route each; a rail's are all alike.
            for (int node = 0, first = 0; node < comm.nodes; ++node) {
                const int there = static_cast<int>(system.nodes[static_cast<std::size_t>(node)].gpus.size());
                if (node != place.node)
                    edge(place.gpu, from, first + place.gpu % there, message * there);
                first += there;
            }
        }
    }
};

} // namespace

LinkTable::LinkTable(const System& system)
{
    int rank = 0;
    for (std::size_t node = 0; node < system.nodes.size(); ++node)
        for (const Gpu& gpu : system.nodes[node].gpus) {
            const auto at = static_cast<int>(node);
            m_links.push_back({LinkKind::NvlinkOut, at, rank, gpu.nvlinkRate()});
            m_links.push_back({LinkKind::NvlinkIn, at, rank, gpu.nvlinkRate()});
            m_links.push_back({LinkKind::PcieOut, at, rank, gpu.pcieGigabytesPerSecond});
            m_links.push_back({LinkKind::PcieIn, at, rank, gpu.pcieGigabytesPerSecond});
            ++rank;
        }
    for (std::size_t node = 0; node < system.nodes.size(); ++node) {
        m_firstNic.push_back(static_cast<std::uint32_t>(m_links.size()));
        for (std::size_t nic = 0; nic < system.nodes[node].nics.size(); ++nic)
            for (const LinkKind kind : {LinkKind::NicOut, LinkKind::NicIn})
                m_links.push_back({kind, static_cast<int>(node), static_cast<int>(nic),
                                   system.nodes[node].nics[nic].gigabytesPerSecond});
    }
    m_firstNode = static_cast<std::uint32_t>(m_links.size());
    for (std::size_t node = 0; node < system.nodes.size(); ++node) {
        const Node& here = system.nodes[node];
        m_links.push_back({LinkKind::HostMemory, static_cast<int>(node), 0, here.hostMemoryGigabytesPerSecond});
        for (const LinkKind kind : {LinkKind::EthernetOut, LinkKind::EthernetIn})
            m_links.push_back({kind, static_cast<int>(node), 0, here.ethernet.gigabytesPerSecond});
    }
}

std::uint32_t LinkTable::ofGpu(LinkKind kind, int rank) const
{
    return static_cast<std::uint32_t>(rank) * kPerGpu + offsetOf(kind);
}

std::uint32_t LinkTable::ofNic(LinkKind kind, int node, int nic) const
{
    return m_firstNic[static_cast<std::size_t>(node)] + static_cast<std::uint32_t>(nic) * 2 + offsetOf(kind);
}

std::uint32_t LinkTable::ofNode(LinkKind kind, int node) const
{
    return m_firstNode + static_cast<std::uint32_t>(node) * kPerNode + offsetOf(kind);
}

Route routeOf(const System& system, const Environment& environment, const Communicator& communicator,
              const LinkTable& table, int channel, int from, int to)
{
    Route route;
    const Transport transport = transportOf(system, environment, communicator, channel, from, to);
    const int node = communicator.places[static_cast<std::size_t>(from)].node;
    switch (transport.kind) {
    case TransportKind::P2p:
        route.add(table.ofGpu(transport.viaNvlink ? LinkKind::NvlinkOut : LinkKind::PcieOut, from));
        route.add(table.ofGpu(transport.viaNvlink ? LinkKind::NvlinkIn : LinkKind::PcieIn, to));
        break;
    case TransportKind::Shm:
        route.add(table.ofGpu(LinkKind::PcieOut, from));
        route.add(table.ofNode(LinkKind::HostMemory, node));
        route.add(table.ofGpu(LinkKind::PcieIn, to));
        break;
    case TransportKind::NetIb:
    case TransportKind::NetSocket: routeByNetwork(communicator, table, transport, from, to, route); break;
    case TransportKind::None: FL_ASSERT(false);
    }
    return route;
}

LinkLoads loadsOf(const System& system, const Environment& environment, const Communicator& communicator,
                  const LinkTable& table, Collective collective, Algorithm algorithm, int channels, double bytes)
{
    LinkLoads loads;
    loads.bytes.assign(table.links().size(), 0);
    const double n = communicator.ranks;
    if (communicator.ranks < 2)
        return loads;
    Loader loader{system, environment, communicator, table, loads};
    if (collective == Collective::AllToAll)
        loader.allToAll(bytes);
    else if (collective == Collective::SendReceive)
        for (int rank = 0; rank < communicator.ranks; ++rank)
            loader.edge(communicator.places[static_cast<std::size_t>(rank)].gpu, rank, (rank + 1) % communicator.ranks, bytes);
    else if (algorithm == Algorithm::Tree)
        loader.trees(channels, bytes);
    else if (algorithm == Algorithm::Nvls || algorithm == Algorithm::NvlsTree) {
        loader.nvls(collective, bytes);
        if (algorithm == Algorithm::NvlsTree)
            loader.headTrees(bytes);
    } else if (collective == Collective::Broadcast || collective == Collective::Reduce)
        loader.rings(channels, bytes, collective);
    else
        loader.rings(channels, bytes * (collective == Collective::AllReduce ? 2 : 1) * (n - 1) / n, collective);
    return loads;
}

} // namespace sim::training::collectives
