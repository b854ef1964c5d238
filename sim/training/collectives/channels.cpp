#include "sim/training/collectives/channels.h"

#include "sim/engine/assert.h"
#include "sim/training/collectives/channel_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>

namespace sim::training::collectives {

namespace {

constexpr int kSystemError = 2; ///< ncclSystemError of nccl.h
constexpr int kMaxChannels = 64;
constexpr int kEthernet = -1; ///< in Communicator::nics

bool isHopperOrLater(const System& system)
{
    return system.architecture != Architecture::Ampere;
}

/// Sockets of a node hold half of its GPUs each.
bool onOneSocket(const Node& node, int a, int b)
{
    const int half = std::max(1, static_cast<int>(node.gpus.size() + 1) / 2);
    return node.gpus.size() <= 4 || a / half == b / half;
}

bool isNvlinked(const Node& node, int a, int b)
{
    const auto linked = [&](int gpu) { return node.gpus[static_cast<std::size_t>(gpu)].nvlinkRate() > 0; };
    if (node.fabric == GpuFabric::None || !linked(a) || !linked(b))
        return false;
    return node.fabric == GpuFabric::Switch || a / 2 == b / 2;
}

PathType pathBetween(const Node& node, int a, int b)
{
    if (a == b)
        return PathType::Loc;
    if (isNvlinked(node, a, b))
        return PathType::Nvl;
    return onOneSocket(node, a, b) ? PathType::Phb : PathType::Sys;
}

/// NCCL's default keeps to PCIe switches; two GPUs on AMD's CPUs may cross them (src/graph/paths.cc).
PathType p2pLimit(const Node& node, const Environment& environment)
{
    if (environment.p2pLevel)
        return *environment.p2pLevel;
    return node.cpu == CpuVendor::Amd && node.gpus.size() <= 2 ? PathType::Sys : PathType::Pxb;
}

bool isPeerToPeer(const Node& node, const Environment& environment, int a, int b)
{
    return pathBetween(node, a, b) <= p2pLimit(node, environment);
}

/// The longest path that a ring over all GPUs of the node must take.
PathType longestPath(const Node& node, const Environment& environment)
{
    PathType longest = PathType::Loc;
    for (std::size_t gpu = 1; gpu < node.gpus.size(); ++gpu) {
        PathType path = pathBetween(node, static_cast<int>(gpu) - 1, static_cast<int>(gpu));
        // Without peer-to-peer the way is through the CPU's memory.
        if (!isPeerToPeer(node, environment, static_cast<int>(gpu) - 1, static_cast<int>(gpu)))
            path = std::max(path, PathType::Phb);
        longest = std::max(longest, path);
    }
    return longest;
}

std::vector<int> portsInUse(const Node& node, const Environment& environment)
{
    std::vector<int> ports;
    for (std::size_t i = 0; i < node.nics.size() && !environment.ibDisable; ++i)
        if (node.nics[i].up && listSelects(environment.ibHca, node.nics[i].name))
            ports.push_back(static_cast<int>(i));
    std::stable_sort(ports.begin(), ports.end(), [&](int a, int b) {
        return node.nics[static_cast<std::size_t>(a)].gpu < node.nics[static_cast<std::size_t>(b)].gpu;
    });
    return ports;
}

double leastPcie(const Node& node)
{
    double least = node.gpus.front().pcieGigabytesPerSecond;
    for (const Gpu& gpu : node.gpus)
        least = std::min(least, gpu.pcieGigabytesPerSecond);
    return least;
}

/// Rate of one GPU towards the others of its node, by the slowest of them.
double gpuRate(const Node& node, PathType longest)
{
    if (longest > PathType::Nvb) {
        const double pcie = leastPcie(node);
        return longest == PathType::Sys ? std::min(pcie, node.interSocketGigabytesPerSecond) : pcie;
    }
    double least = node.gpus.front().nvlinkRate();
    for (const Gpu& gpu : node.gpus)
        least = std::min(least, gpu.nvlinkRate());
    return least > 0 ? least : leastPcie(node);
}

PathType interPath(const System& system, const Node& node, const std::vector<int>& ports, const Environment& environment,
                   bool nvlinked)
{
    PathType nearest = PathType::Sys;
    for (const int port : ports)
        nearest = std::min(nearest, node.nics[static_cast<std::size_t>(port)].path);
    if (ports.empty() || nearest > PathType::Pxb || node.gpus.size() == 1)
        return nearest;
    // The GPU at the end of a chain uses its neighbour's port: through the PCIe switch that two of them share on
    // Ampere boards, or through the neighbour itself (PXN).
    if (system.architecture == Architecture::Ampere || ports.size() < node.gpus.size())
        return PathType::Pxb;
    return nvlinked && !environment.pxnDisable ? PathType::Pxn : PathType::Sys;
}

SearchLimits limitsOf(const System& system, const Node& node, const std::vector<int>& ports, const Environment& environment)
{
    SearchLimits limits;
    limits.architecture = system.architecture;
    limits.gpus = static_cast<int>(node.gpus.size());
    limits.severalNodes = system.nodes.size() > 1;
    limits.gpuRate = gpuRate(node, longestPath(node, environment));
    limits.pcieRate = leastPcie(node);
    limits.maxChannels = kMaxChannels / 2;
    for (const int port : ports) {
        const Nic& nic = node.nics[static_cast<std::size_t>(port)];
        limits.portRates.push_back(std::min(nic.gigabytesPerSecond, limits.pcieRate));
    }
    if (ports.empty())
        limits.portRates.push_back(std::min(node.ethernet.gigabytesPerSecond, limits.pcieRate));
    return limits;
}

bool hasNvls(const System& system, const Environment& environment)
{
    if (!isHopperOrLater(system) || environment.nvlsEnable == 0)
        return false;
    return std::ranges::all_of(system.nodes, [&](const Node& node) {
        return node.nvls && node.fabric == GpuFabric::Switch && node.gpus.size() > 1
            && longestPath(node, environment) <= PathType::Nvb;
    });
}

int distinctHeads(const Node& node, const std::vector<int>& ports)
{
    std::vector<std::uint32_t> gpus;
    for (const int port : ports)
        gpus.push_back(node.nics[static_cast<std::size_t>(port)].gpu);
    std::sort(gpus.begin(), gpus.end());
    return static_cast<int>(std::unique(gpus.begin(), gpus.end()) - gpus.begin());
}

/// All ranks take the least that any of them found.
void alignTo(Graph& all, const Graph& one, bool first)
{
    if (first) {
        all = one;
        return;
    }
    all.channels = std::min(all.channels, one.channels);
    all.bandwidthIntra = std::min(all.bandwidthIntra, one.bandwidthIntra);
    all.bandwidthInter = std::min(all.bandwidthInter, one.bandwidthInter);
    all.typeIntra = std::max(all.typeIntra, one.typeIntra);
    all.typeInter = std::max(all.typeInter, one.typeInter);
    all.plainTree = all.plainTree || one.plainTree;
}

void searchNode(const System& system, const Environment& environment, std::size_t at, bool nvls, Communicator& made)
{
    const Node& node = system.nodes[at];
    const std::vector<int>& ports = made.nics[at];
    const SearchLimits limits = limitsOf(system, node, ports, environment);
    const PathType intra = node.gpus.size() > 1 ? longestPath(node, environment) : PathType::Nvl;
    const PathType inter = interPath(system, node, ports, environment, intra <= PathType::Nvb);
    const auto typed = [&](Graph graph) {
        graph.typeIntra = intra;
        graph.typeInter = inter;
        return graph;
    };
    const bool first = at == 0;
    const Graph ring = typed(searchRing(limits));
    Graph tree = typed(searchTree(limits, ring));
    // One port per GPU on Hopper boards: the balanced tree's second GPU cannot reach the first one's port directly.
    tree.plainTree = limits.gpus == 1
        || (isHopperOrLater(system) && limits.severalNodes && ports.size() >= node.gpus.size());
    alignTo(made.ring, ring, first);
    alignTo(made.tree, tree, first);
    if (!nvls)
        return;
    const int heads = limits.severalNodes ? distinctHeads(node, ports) : limits.gpus;
    alignTo(made.nvls, typed(heads > 0 ? searchNvls(limits, heads) : Graph{}), first);
}

/// 16 channels saturate the switch on Hopper; Blackwell uses 24 within a node and, with 400 Gb/s ports, between
/// nodes, 32 for two nodes (NCCL src/transport/nvls.cc).
void tuneNvls(const System& system, const Environment& environment, Communicator& made)
{
    made.nvlsHeads = made.nvls.channels;
    if (made.nvlsHeads == 0)
        return;
    made.nvlsChunkBytes = environment.nvlsChunkBytes;
    made.nvlsTreeChunkBytes = made.nodes >= 4 ? 65536 : made.nvlsChunkBytes;
    int channels = 16;
    if (system.architecture == Architecture::Blackwell) {
        channels = made.nodes == 2 ? 32 : 24;
        if (made.nodes > 1)
            made.nvlsTreeChunkBytes = 65536;
    }
    made.nvlsChannels = std::max(environment.minChannels, std::min(environment.maxChannels, channels));
}

void countRanks(const System& system, Communicator& made)
{
    made.ranks = system.ranks();
    for (const Node& node : system.nodes) {
        const int here = static_cast<int>(node.gpus.size());
        FL_ASSERT(here > 0);
        for (int gpu = 0; gpu < here; ++gpu)
            made.places.push_back({made.nodes, gpu});
        ++made.nodes;
        made.minRanksPerNode = made.minRanksPerNode == 0 ? here : std::min(made.minRanksPerNode, here);
        made.maxRanksPerNode = std::max(made.maxRanksPerNode, here);
    }
}

void findPorts(const System& system, const Environment& environment, Communicator& made)
{
    std::size_t least = ~std::size_t{0};
    std::size_t most = 0;
    for (const Node& node : system.nodes) {
        made.nics.push_back(portsInUse(node, environment));
        least = std::min(least, made.nics.back().size());
        most = std::max(most, made.nics.back().size());
    }
    made.networkIsSocket = most == 0;
    if (made.nodes > 1 && least == 0 && most > 0)
        made.failure = {kSystemError, fmt::format("Detected mixed local Net device counts across ranks (min {}, max {}). "
                                                  "Set NCCL_IGNORE_NET_MISMATCH=1 to continue.",
                                                  least, most)};
}

int firstRankOf(const System& system, int node)
{
    int first = 0;
    for (int i = 0; i < node; ++i)
        first += static_cast<int>(system.nodes[static_cast<std::size_t>(i)].gpus.size());
    return first;
}

/// Of all pairs the least (src/graph/paths.cc): two for each NVLink, two for a network peer, fewer when there are many of them.
int perPeer(const System& system, const Communicator& made)
{
    int least = made.p2pChannels;
    if (made.nodes > 1) {
        int network = 2;
        while (network > 1 && network * made.ranks > made.channels * 4)
            network /= 2;
        least = std::min(least, network);
    }
    for (const Node& node : system.nodes)
        for (const Gpu& gpu : node.gpus)
            if (node.gpus.size() > 1)
                least = std::min(least, made.ring.typeIntra <= PathType::Nvb ? 2 * std::max(1, gpu.nvlinks - gpu.inactiveNvlinks) : 2);
    return std::min(made.p2pChannels, static_cast<int>(std::bit_ceil(static_cast<unsigned>(least))));
}

/// The GPU by which a channel enters a node.
int entryGpu(const System& system, const Communicator& communicator, int channel, int node)
{
    const auto& ports = communicator.nics[static_cast<std::size_t>(node)];
    const Node& here = system.nodes[static_cast<std::size_t>(node)];
    if (communicator.nodes == 1 || ports.empty())
        return 0;
    const int search = channel % std::max(1, communicator.ring.channels);
    const int port = ports[static_cast<std::size_t>(search) % ports.size()];
    return static_cast<int>(here.nics[static_cast<std::size_t>(port)].gpu % here.gpus.size());
}

} // namespace

Communicator connect(const System& system, const Environment& environment)
{
    FL_ASSERT(!system.nodes.empty());
    Communicator made;
    countRanks(system, made);
    made.failure = environment.failure;
    findPorts(system, environment, made);
    if (made.failure)
        return made;
    const bool nvls = hasNvls(system, environment);
    for (std::size_t node = 0; node < system.nodes.size(); ++node)
        searchNode(system, environment, node, nvls, made);
    // The search never gives up: one channel over whatever path there is.
    if (made.ring.channels == 0 || made.tree.channels == 0) {
        made.ring.channels = made.tree.channels = 1;
        made.ring.bandwidthIntra = made.ring.bandwidthInter = 0.1;
        made.tree.bandwidthIntra = made.tree.bandwidthInter = 0.1;
        made.ring.typeIntra = made.tree.typeIntra = PathType::Sys;
    }
    made.ring.channels = made.tree.channels = std::min(made.ring.channels, made.tree.channels);
    int channels = std::min(kMaxChannels, made.ring.channels * 2);
    if (isHopperOrLater(system) && made.nodes > 1 && made.ring.bandwidthIntra > 45 && channels < 16)
        channels *= 2;
    made.channels = std::max(std::min(environment.maxChannels, channels), environment.minChannels);
    made.p2pChannels = static_cast<int>(std::bit_ceil(static_cast<unsigned>(made.channels)));
    made.p2pChannelsPerPeer = perPeer(system, made);
    if (nvls)
        tuneNvls(system, environment, made);
    return made;
}

std::vector<int> ringOf(const System& system, const Communicator& communicator, int channel)
{
    std::vector<int> order;
    order.reserve(static_cast<std::size_t>(communicator.ranks));
    int first = 0;
    for (int node = 0; node < communicator.nodes; ++node) {
        const int gpus = static_cast<int>(system.nodes[static_cast<std::size_t>(node)].gpus.size());
        const int entry = entryGpu(system, communicator, channel, node);
        // Even GPUs go down so that the last one shares the entry's PCIe switch; one node alone goes up.
        const int step = communicator.nodes > 1 && entry % 2 == 0 ? gpus - 1 : 1;
        for (int i = 0; i < gpus; ++i)
            order.push_back(first + (entry + i * step) % gpus);
        first += gpus;
    }
    return order;
}

NodeLinks binaryTree(int nodes, int node)
{
    NodeLinks links;
    // A node stands as high as its lowest set bit; the root, 0, above all.
    const int height = node == 0 ? static_cast<int>(std::bit_ceil(static_cast<unsigned>(nodes))) : node & -node;
    if (node != 0) {
        const int above = (node - height) | (height * 2);
        links.up = above < nodes ? above : node - height;
        if (height > 1)
            links.down.push_back(node - height / 2);
    }
    for (int reach = height / 2; reach > 0; reach /= 2)
        if (node + reach < nodes) {
            links.down.push_back(node + reach);
            break;
        }
    return links;
}

NodeLinks secondTree(int nodes, int node)
{
    // Mirrored, or, where that would map leaves to leaves, shifted by one.
    const bool odd = nodes % 2 == 1;
    const auto there = [&](int n) { return odd ? (n + nodes - 1) % nodes : nodes - 1 - n; };
    const auto back = [&](int n) { return odd ? (n + 1) % nodes : nodes - 1 - n; };
    NodeLinks links = binaryTree(nodes, there(node));
    if (links.up >= 0)
        links.up = back(links.up);
    for (int& child : links.down)
        child = back(child);
    return links;
}

std::vector<TreeLinks> treeOf(const System& system, const Communicator& communicator, int channel)
{
    std::vector<TreeLinks> links(static_cast<std::size_t>(communicator.ranks));
    const bool second = channel >= std::max(1, communicator.channels / 2);
    const auto rankAt = [&](int node, int position) {
        const int gpus = static_cast<int>(system.nodes[static_cast<std::size_t>(node)].gpus.size());
        return firstRankOf(system, node) + (entryGpu(system, communicator, channel, node) + position) % gpus;
    };
    for (int node = 0; node < communicator.nodes; ++node) {
        const int gpus = static_cast<int>(system.nodes[static_cast<std::size_t>(node)].gpus.size());
        for (int i = 0; i + 1 < gpus; ++i) {
            links[static_cast<std::size_t>(rankAt(node, i))].down.push_back(rankAt(node, i + 1));
            links[static_cast<std::size_t>(rankAt(node, i + 1))].up = rankAt(node, i);
        }
    }
    for (int node = 0; node < communicator.nodes; ++node) {
        const NodeLinks across = second ? secondTree(communicator.nodes, node) : binaryTree(communicator.nodes, node);
        const bool balanced = !communicator.tree.plainTree
            && system.nodes[static_cast<std::size_t>(node)].gpus.size() > 1;
        for (std::size_t i = 0; i < across.down.size(); ++i) {
            // Balanced: the first child hangs on the second GPU of the chain.
            const int parent = rankAt(node, balanced && i == 0 ? 1 : 0);
            const int child = rankAt(across.down[i], 0);
            links[static_cast<std::size_t>(parent)].down.push_back(child);
            links[static_cast<std::size_t>(child)].up = parent;
        }
    }
    return links;
}

std::vector<int> nvlsHeadsOf(const System& system, const Communicator& communicator, int node)
{
    std::vector<int> heads;
    const int first = firstRankOf(system, node);
    const Node& here = system.nodes[static_cast<std::size_t>(node)];
    if (communicator.nodes == 1) {
        heads.resize(here.gpus.size());
        std::iota(heads.begin(), heads.end(), first);
    } else {
        for (const int port : communicator.nics[static_cast<std::size_t>(node)]) {
            const int head = first + static_cast<int>(here.nics[static_cast<std::size_t>(port)].gpu);
            if (std::find(heads.begin(), heads.end(), head) == heads.end())
                heads.push_back(head);
        }
    }
    heads.resize(std::min(heads.size(), static_cast<std::size_t>(communicator.nvlsHeads)));
    return heads;
}

Transport transportOf(const System& system, const Environment& environment, const Communicator& communicator, int channel,
                      int from, int to)
{
    const Place sender = communicator.places[static_cast<std::size_t>(from)];
    const Place receiver = communicator.places[static_cast<std::size_t>(to)];
    const Node& node = system.nodes[static_cast<std::size_t>(sender.node)];
    Transport transport;
    if (sender.node == receiver.node) {
        if (isPeerToPeer(node, environment, sender.gpu, receiver.gpu)) {
            transport.kind = TransportKind::P2p;
            transport.viaNvlink = isNvlinked(node, sender.gpu, receiver.gpu);
            transport.cumem = environment.cumem;
            transport.read = transport.viaNvlink && system.architecture == Architecture::Ampere;
            return transport;
        }
        if (!environment.shmDisable) {
            transport.kind = TransportKind::Shm;
            return transport;
        }
    }
    const auto& ports = communicator.nics[static_cast<std::size_t>(sender.node)];
    if (ports.empty()) {
        transport.kind = TransportKind::NetSocket;
        transport.nic = kEthernet;
        return transport;
    }
    transport.kind = TransportKind::NetIb;
    const int search = channel % std::max(1, communicator.ring.channels);
    transport.nic = ports[static_cast<std::size_t>(search) % ports.size()];
    const auto portOf = [&](int gpu) {
        const auto own = std::find_if(ports.begin(), ports.end(), [&](int port) {
            return static_cast<int>(node.nics[static_cast<std::size_t>(port)].gpu) == gpu;
        });
        return own == ports.end() ? transport.nic : *own;
    };
    const int nearest = static_cast<int>(node.nics[static_cast<std::size_t>(transport.nic)].gpu);
    PathType path = node.nics[static_cast<std::size_t>(transport.nic)].path;
    const bool shared = system.architecture == Architecture::Ampere || ports.size() < node.gpus.size();
    if (nearest != sender.gpu && !(shared && nearest / 2 == sender.gpu / 2)) {
        if (!environment.pxnDisable && isNvlinked(node, sender.gpu, nearest)) {
            transport.proxyRank = from - sender.gpu + nearest;
        } else if (environment.crossNic != 0 && portOf(sender.gpu) != transport.nic) {
            transport.nic = portOf(sender.gpu); // another rail than the receiver's
        } else {
            path = PathType::Sys;
        }
    }
    const Nic& nic = node.nics[static_cast<std::size_t>(transport.nic)];
    // P2C and PXN count as near: the transfer starts at the GPU that owns the port.
    transport.gpuDirect = nic.gpuDirect && path <= environment.gdrLevel.value_or(PathType::P2c);
    return transport;
}

std::string Transport::text() const
{
    switch (kind) {
    case TransportKind::P2p: return cumem ? "P2P/CUMEM" : "P2P/IPC";
    case TransportKind::Shm: return "SHM/direct/direct";
    case TransportKind::NetIb:
        return fmt::format("NET/IB/{}{}{}", nic, proxyRank >= 0 ? fmt::format("({})", proxyRank) : std::string(),
                           gpuDirect ? "/GDRDMA" : "");
    case TransportKind::NetSocket: return "NET/Socket/0";
    case TransportKind::None: break;
    }
    return {};
}

} // namespace sim::training::collectives
