#pragma once

#include "sim/training/collectives/environment.h"

#include <optional>
#include <string>
#include <vector>

/// What NCCL decides when a communicator is made: how much each pattern can carry, which ranks follow each other
/// in rings and trees, and by which transport each pair of them talks.
namespace sim::training::collectives {

/// The outcome of NCCL's search for one pattern. Bandwidths are GB/s of one channel.
struct Graph {
    int channels = 0; ///< 0: the pattern can't be had
    double bandwidthIntra = 0;
    double bandwidthInter = 0;
    PathType typeIntra = PathType::Nvl;
    PathType typeInter = PathType::Pix;
    bool plainTree = false; ///< a node's tree receives and sends on one GPU, not balanced over two
    bool operator==(const Graph&) const = default;
};
BOOST_DESCRIBE_STRUCT(Graph, (), (channels, bandwidthIntra, bandwidthInter, typeIntra, typeInter, plainTree))

enum class TransportKind { P2p, Shm, NetIb, NetSocket, None };

/// How one edge is served.
struct Transport {
    TransportKind kind = TransportKind::None;
    int nic = -1;         ///< of the sender's node, for NET
    bool gpuDirect = false;
    int proxyRank = -1;   ///< PXN: the rank whose NIC is used
    bool viaNvlink = false;
    bool cumem = false;
    bool read = false;    ///< the receiver fetches: Ampere's GPUs over NVLink
    /// As NCCL_DEBUG=INFO prints it behind "via": "P2P/CUMEM", "SHM/direct/direct", "NET/IB/3(5)/GDRDMA".
    std::string text() const;
    bool operator==(const Transport&) const = default;
};

struct Communicator {
    int ranks = 0;
    int nodes = 0;
    int minRanksPerNode = 0;
    int maxRanksPerNode = 0;
    Graph ring;
    Graph tree;
    Graph nvls;
    int channels = 0;     ///< of rings and trees ("coll channels")
    int nvlsChannels = 0;
    int nvlsHeads = 0;
    int p2pChannels = 0;
    int p2pChannelsPerPeer = 0;
    std::int64_t nvlsChunkBytes = 0;
    std::int64_t nvlsTreeChunkBytes = 0;
    bool networkIsSocket = false;
    std::vector<Place> places;          ///< by rank
    std::vector<std::vector<int>> nics; ///< by node: the ports in use, in the order channels take them
    std::optional<Failure> failure;     ///< initialisation fails: nothing else holds
    bool operator==(const Communicator&) const = default;
};

/// A closed form of NCCL's search (src/graph/search.cc) for nodes whose GPUs are alike but for their health: the
/// weakest GPU of a node decides there, the weakest node decides all (init.cc takes the least of every rank).
Communicator connect(const System& system, const Environment& environment);

/// Order of the ranks in one channel's ring, node by node: entered from the network at a node's first rank and
/// left at its last.
std::vector<int> ringOf(const System& system, const Communicator& communicator, int channel);

struct TreeLinks {
    int up = -1;
    std::vector<int> down; ///< at most three: one within the node, two to other nodes
    bool operator==(const TreeLinks&) const = default;
};
/// The links of every rank in one channel. Channels beyond half of them use the second tree, in which the leaves
/// of the first are inner nodes.
std::vector<TreeLinks> treeOf(const System& system, const Communicator& communicator, int channel);

/// Parent and children of a node in the first or the second of NCCL's two binary trees over `nodes` nodes.
struct NodeLinks {
    int up = -1;
    std::vector<int> down;
    bool operator==(const NodeLinks&) const = default;
};
NodeLinks binaryTree(int nodes, int node);
NodeLinks secondTree(int nodes, int node);

/// NVLS heads of one node, in order: the GPUs that reduce and multicast a share each.
std::vector<int> nvlsHeadsOf(const System& system, const Communicator& communicator, int node);

Transport transportOf(const System& system, const Environment& environment, const Communicator& communicator, int channel,
                      int from, int to);

} // namespace sim::training::collectives
