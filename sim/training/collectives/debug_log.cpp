#include "sim/training/collectives/debug_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstdlib>

namespace sim::training::collectives {

namespace {

// Seconds of single stages of the initialisation: H100 nodes' "Init timings" (2.26 and later), without the bootstrap.
constexpr double kKernels = 0.18;
constexpr double kAllocation = 0.04;
constexpr double kTopology = 0.05;
constexpr double kGraphs = 0.03;
constexpr double kBootstrap = 0.06;

bool sameWord(std::string_view a, std::string_view b)
{
    return std::ranges::equal(
        a, b, [](char x, char y) { return std::toupper(static_cast<unsigned char>(x)) == std::toupper(static_cast<unsigned char>(y)); });
}

std::string value(const Variables& variables, const char* name)
{
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
}

/// Names of numbers, by when NCCL first reads them: what it says of each is the same.
constexpr std::array kNetworkNumbers{"NCCL_IB_DISABLE", "NCCL_IB_MERGE_NICS", "NCCL_IB_ADAPTIVE_ROUTING", "NCCL_IB_PCI_RELAXED_ORDERING",
                                     "NCCL_IB_DATA_DIRECT"};
constexpr std::array kInitNumbers{
    "NCCL_RAS_ENABLE",          "NCCL_CUMEM_ENABLE",      "NCCL_MNNVL_ENABLE", "NCCL_NET_GDR_READ",    "NCCL_DMABUF_ENABLE", "NCCL_PXN_DISABLE",
    "NCCL_IGNORE_CPU_AFFINITY", "NCCL_NVLS_ENABLE",       "NCCL_CROSS_NIC",    "NCCL_MAX_NRINGS",      "NCCL_MAX_NCHANNELS", "NCCL_MAX_CTAS",
    "NCCL_MIN_NRINGS",          "NCCL_MIN_NCHANNELS",     "NCCL_MIN_CTAS",     "NCCL_BUFFSIZE",        "NCCL_LL_BUFFSIZE",   "NCCL_LL128_BUFFSIZE",
    "NCCL_P2P_NET_CHUNKSIZE",   "NCCL_P2P_NVL_CHUNKSIZE", "NCCL_SHM_DISABLE",  "NCCL_RUNTIME_CONNECT", "NCCL_NTHREADS",      "NCCL_LL128_NTHREADS",
    "NCCL_NVLS_CHUNKSIZE"};
constexpr std::array kConnectNumbers{"NCCL_IB_GID_INDEX",
                                     "NCCL_IB_QPS_PER_CONNECTION",
                                     "NCCL_IB_SPLIT_DATA_ON_QPS",
                                     "NCCL_IB_TIMEOUT",
                                     "NCCL_IB_RETRY_CNT",
                                     "NCCL_IB_PKEY",
                                     "NCCL_IB_SL",
                                     "NCCL_IB_TC",
                                     "NCCL_NET_SHARED_BUFFERS"};

/// NCCL's own spelling of distances (topoPathTypeStr).
std::string distance(PathType type)
{
    constexpr std::array kNames{"LOC", "NVL", "NVB", "C2C", "PIX", "PXB", "P2C", "PXN", "PHB", "SYS", "NET", "DIS"};
    return kNames[static_cast<std::size_t>(type)];
}

} // namespace

const std::vector<std::string>& knownVariables()
{
    static const std::vector<std::string> kAll = [] {
        std::vector<std::string> all{"NCCL_DEBUG", "NCCL_DEBUG_SUBSYS", "NCCL_SOCKET_IFNAME", "NCCL_IB_HCA",       "NCCL_ALGO",
                                     "NCCL_PROTO", "NCCL_P2P_DISABLE",  "NCCL_P2P_LEVEL",     "NCCL_NET_GDR_LEVEL"};
        all.insert(all.end(), kNetworkNumbers.begin(), kNetworkNumbers.end());
        all.insert(all.end(), kInitNumbers.begin(), kInitNumbers.end());
        all.insert(all.end(), kConnectNumbers.begin(), kConnectNumbers.end());
        return all;
    }();
    return kAll;
}

std::string_view errorText(int code)
{
    constexpr std::array<std::string_view, 7> kTexts{"no error",
                                                     "unhandled cuda error (run with NCCL_DEBUG=INFO for details)",
                                                     "unhandled system error (run with NCCL_DEBUG=INFO for details)",
                                                     "internal error - please report this issue to the NCCL developers",
                                                     "invalid argument (run with NCCL_DEBUG=WARN for details)",
                                                     "invalid usage (run with NCCL_DEBUG=WARN for details)",
                                                     "remote process exited or there was a network error"};
    return kTexts[static_cast<std::size_t>(std::clamp(code, 0, kRemoteError))];
}

std::string_view errorMeaning(int code)
{
    constexpr std::array<std::string_view, 7> kTexts{
        "",
        "ncclUnhandledCudaError: Call to CUDA function failed.",
        "ncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error. ",
        "ncclInternalError: Internal check failed.",
        "ncclInvalidArgument: Invalid value for an argument.",
        "ncclInvalidUsage: This usually reflects invalid usage of NCCL library.",
        "ncclRemoteError: A call failed possibly due to a network error or a remote process exiting prematurely."};
    return kTexts[static_cast<std::size_t>(std::clamp(code, 0, kRemoteError))];
}

DebugLevel::DebugLevel(const Variables& variables)
{
    const std::string level = value(variables, "NCCL_DEBUG");
    m_level = sameWord(level, "VERSION")                                                  ? Level::Version
        : sameWord(level, "WARN")                                                         ? Level::Warn
        : sameWord(level, "INFO") || sameWord(level, "TRACE") || sameWord(level, "ABORT") ? Level::Info
                                                                                          : Level::None;
    const auto given = variables.find("NCCL_DEBUG_SUBSYS");
    if (given == variables.end())
        return;
    std::string_view rest = given->second;
    const bool inverted = rest.starts_with('^');
    if (inverted)
        rest.remove_prefix(1);
    m_subsystems = inverted ? std::uint32_t{All} : 0U;
    constexpr std::array<std::pair<std::string_view, std::uint32_t>, 13> kNames{{{"INIT", Init},
                                                                                 {"COLL", Coll},
                                                                                 {"P2P", P2p},
                                                                                 {"SHM", Shm},
                                                                                 {"NET", Net},
                                                                                 {"GRAPH", Graph},
                                                                                 {"TUNING", Tuning},
                                                                                 {"ENV", Env},
                                                                                 {"NVLS", Nvls},
                                                                                 {"BOOTSTRAP", Bootstrap},
                                                                                 {"RAS", Ras},
                                                                                 {"PROFILE", Profile},
                                                                                 {"ALL", All}}};
    while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        for (const auto& [name, bit] : kNames)
            if (sameWord(name, word))
                m_subsystems = inverted ? (m_subsystems & ~bit) : (m_subsystems | bit);
    }
}

std::string debugPrefix(const DebugPlace& place, std::int64_t thread)
{
    return fmt::format("{}:{}:{} [{}] NCCL INFO ", place.host, place.process, thread, place.device);
}

std::vector<std::string> warningLines(const DebugPlace& place, std::int64_t thread, const std::string& stamp, const std::string& where,
                                      const std::string& text)
{
    return {{}, fmt::format("[{}] {}:{}:{} [{}] {} NCCL WARN {}", stamp, place.host, place.process, thread, place.device, where, text)};
}

/// Lines of one rank, each of some subsystems.
struct DebugLog::Lines {
    const DebugLevel& level;
    const Variables& variables;
    const DebugPlace& place;
    std::vector<std::string> all;

    void add(std::uint32_t subsystems, const std::string& text, std::int64_t thread)
    {
        if (level.informs(subsystems))
            all.push_back(debugPrefix(place, thread) + text);
    }
    void add(std::uint32_t subsystems, const std::string& text) { add(subsystems, text, place.thread); }
    /// What a number's variable says of itself when it is read first: strtoll takes what is none for 0.
    void number(const char* name, std::int64_t thread)
    {
        if (const std::string text = value(variables, name); !text.empty())
            add(DebugLevel::Env, fmt::format("{} set by environment to {}.", name, std::strtoll(text.c_str(), nullptr, 0)), thread);
    }
    /// Of a distance, or of what switches it off altogether.
    void distanceOf(const char* disable, const char* name, const std::optional<PathType>& set)
    {
        if (set && *set == PathType::Loc && std::atoi(value(variables, disable).c_str()) == 1)
            add(DebugLevel::All, fmt::format("{} set by environment to 1", disable));
        else if (set)
            add(DebugLevel::All, fmt::format("{} set by environment to {}", name, distance(*set)));
    }
};

DebugLog::DebugLog(Subject subject) : m_subject(std::move(subject)), m_level(m_subject.variables)
{
    const Communicator& communicator = m_subject.communicator;
    if (!m_level.informs(DebugLevel::All) || communicator.ring.channels == 0)
        return;
    m_channels = std::max(communicator.channels, communicator.nvlsChannels);
    for (int channel = 0; channel < m_channels; ++channel) {
        m_rings.push_back(ringOf(m_subject.system, communicator, channel % communicator.channels));
        m_trees.push_back(treeOf(m_subject.system, communicator, channel % communicator.channels));
    }
}

std::string DebugLog::pointer(int rank) const
{
    return fmt::format("0x{:x}",
                       0x55d0'0000'0000 + ((m_subject.id ^ (static_cast<std::uint64_t>(rank) + 1) * 0x9e37'79b9'7f4a'7c15) & 0xff'ffff'fff0));
}

/// The first of its process: it finds out what the process has.
bool DebugLog::leads(int rank) const
{
    return rank % std::max(1, m_subject.system.gpusPerProcess) == 0;
}

/// Once per process; false: it has no interface for the bootstrap.
bool DebugLog::begin(Lines& lines, const DebugPlace& place, int rank) const
{
    const std::int64_t caller = place.process;
    lines.add(DebugLevel::Init | DebugLevel::Env, "ENV/Plugin: Could not find: libnccl-env.so", caller);
    const auto driver = [&] {
        lines.add(DebugLevel::Init, fmt::format("cudaDriverVersion {}", m_subject.cudaDriver), caller);
    };
    if (rank != 0)
        driver();
    if (const std::string wish = value(m_subject.variables, "NCCL_SOCKET_IFNAME"); wish.size() > 1)
        lines.add(DebugLevel::Env, "NCCL_SOCKET_IFNAME set by environment to " + wish, caller);
    if (place.interface.empty())
        return false;
    lines.add(DebugLevel::Bootstrap, fmt::format("Bootstrap: Using {}:{}<0>", place.interface, place.address), caller);
    if (rank == 0)
        driver();
    if (m_level.informs(DebugLevel::All))
        lines.add(DebugLevel::All, kNcclVersionLine, caller);
    else if (m_level.version() && rank == 0)
        lines.all.emplace_back(kNcclVersionLine);
    network(lines, place, rank);
    return true;
}

std::vector<std::string> DebugLog::start(const DebugPlace& place, int rank) const
{
    Lines lines{m_level, m_subject.variables, place, {}};
    if (leads(rank) && !begin(lines, place, rank))
        return std::move(lines.all);
    const char* network = m_subject.communicator.nics[static_cast<std::size_t>(placeOf(m_subject.system, rank).node)].empty() ? "Socket" : "IB";
    lines.add(DebugLevel::Init | DebugLevel::Net, fmt::format("Assigned NET plugin {} to comm", network));
    lines.add(DebugLevel::Init, fmt::format("Using network {}", network));
    lines.add(DebugLevel::Init,
              fmt::format("{} comm {} rank {} nranks {} cudaDev {} nvmlDev {} busId {} commId 0x{:x} - Init START", m_subject.function, pointer(rank),
                          rank, m_subject.communicator.ranks, place.device, place.device, place.busId, m_subject.id));
    if (leads(rank) && value(m_subject.variables, "NCCL_RAS_ENABLE") != "0")
        lines.add(DebugLevel::Init | DebugLevel::Ras, "RAS client listening socket at 127.0.0.1<28028>");
    return std::move(lines.all);
}

void DebugLog::network(Lines& lines, const DebugPlace& place, int rank) const
{
    constexpr std::uint32_t kInitNet = DebugLevel::Init | DebugLevel::Net;
    const auto at = static_cast<std::size_t>(placeOf(m_subject.system, rank).node);
    const Node& node = m_subject.system.nodes[at];
    const auto& ports = m_subject.communicator.nics[at];
    lines.add(kInitNet, "NET/Plugin: Could not find: libnccl-net.so");
    for (const char* name : kNetworkNumbers)
        lines.number(name, place.thread);
    const std::string wish = value(m_subject.variables, "NCCL_SOCKET_IFNAME");
    const auto interfaces = [&] {
        if (wish.size() > 1)
            lines.add(DebugLevel::Env, "NCCL_SOCKET_IFNAME set by environment to " + wish);
    };
    if (!m_subject.environment.ibDisable) {
        interfaces();
        if (const auto hca = m_subject.variables.find("NCCL_IB_HCA"); hca != m_subject.variables.end())
            lines.add(DebugLevel::Net | DebugLevel::Env, "NCCL_IB_HCA set to " + hca->second);
        std::string found;
        for (std::size_t i = 0; i < ports.size(); ++i) {
            const Nic& nic = node.nics[static_cast<std::size_t>(ports[i])];
            const char* layer = nic.kind == NetworkKind::InfiniBand ? "IB" : "RoCE";
            found += fmt::format(" [{}]{}:1/{}", i, nic.name, layer);
            lines.add(DebugLevel::Net,
                      fmt::format(
                          "NET/IB: [{0}] {1}:uverbs{0}:1/{2} provider=Mlx5 speed={3:.0f} context={4} pciPath=/sys/class/infiniband/{1}/device ar={5}",
                          ports[i], nic.name, layer, nic.gigabytesPerSecond * 8000, pointer(1000 + ports[i]),
                          nic.kind == NetworkKind::InfiniBand ? 1 : 0));
        }
        if (ports.empty())
            lines.add(kInitNet, "NET/IB : No device found.");
        lines.add(kInitNet, fmt::format("NET/IB : Using{} [RO]; OOB {}:{}<0>", found, place.interface, place.address));
    }
    if (ports.empty()) {
        lines.add(kInitNet, "Failed to initialize NET plugin IB");
        interfaces();
        lines.add(kInitNet, fmt::format("NET/Socket : Using [0]{}:{}<0>", place.interface, place.address));
    }
    lines.add(kInitNet, fmt::format("Initialized NET plugin {}", ports.empty() ? "Socket" : "IB"));
}

std::vector<std::string> DebugLog::complete(const DebugPlace& place, int rank) const
{
    Lines lines{m_level, m_subject.variables, place, {}};
    const Communicator& made = m_subject.communicator;
    const Place where = made.places[static_cast<std::size_t>(rank)];
    const Node& node = m_subject.system.nodes[static_cast<std::size_t>(where.node)];
    const int local = static_cast<int>(node.gpus.size());
    const double bootstrap = m_subject.waited + kBootstrap;
    lines.add(DebugLevel::Bootstrap | DebugLevel::Profile,
              fmt::format("Bootstrap timings total {:.6f} (create {:.6f}, send {:.6f}, recv {:.6f}, ring {:.6f}, delay {:.6f})", bootstrap, 0.00003,
                          0.00015, m_subject.waited + kBootstrap / 2, kBootstrap / 3, 0.0));
    for (std::size_t i = 0; i < kInitNumbers.size() && leads(rank); ++i)
        lines.number(kInitNumbers[i], place.thread);
    if (m_subject.system.architecture != Architecture::Ampere && node.fabric == GpuFabric::Switch)
        lines.add(DebugLevel::Init,
                  fmt::format("MNNVL busId 0x{} fabric UUID 0.0 cliqueId 0x0 state {} healthMask 0x0", place.busId, m_subject.fabricReady ? 3 : 2));
    if (leads(rank)) {
        lines.distanceOf("NCCL_P2P_DISABLE", "NCCL_P2P_LEVEL", m_subject.environment.p2pLevel);
        lines.distanceOf("", "NCCL_NET_GDR_LEVEL", m_subject.environment.gdrLevel);
    }
    for (const int port : made.nics[static_cast<std::size_t>(where.node)])
        lines.add(DebugLevel::Net,
                  fmt::format("NET/IB : GPU Direct RDMA {} for HCA {} '{}'",
                              node.nics[static_cast<std::size_t>(port)].gpuDirect ? "Enabled" : "Disabled", port,
                              node.nics[static_cast<std::size_t>(port)].name));
    lines.add(DebugLevel::Init,
              fmt::format("ncclTopoGetCpuAffinity: Affinity for GPU {0} is {1}. (GPU affinity = {1} ; CPU affinity = {2}).", place.device,
                          place.affinity, place.processors));
    if (m_subject.environment.nvlsEnable != 0 && local > 2) {
        const bool blackwell = m_subject.system.architecture == Architecture::Blackwell;
        const int channels = !node.nvls ? 0 : made.nvlsChannels > 0 ? made.nvlsChannels : !blackwell ? 16 : made.nodes > 1 ? 32 : 24;
        lines.add(
            DebugLevel::Init,
            fmt::format("NVLS multicast support is {}available on dev {} (NVLS_NCHANNELS {})", node.nvls ? "" : "not ", place.device, channels));
    }
    graphs(lines, rank);
    lines.add(DebugLevel::Init,
              fmt::format("comm {} rank {} nRanks {} nNodes {} localRanks {} localRank {} MNNVL 0", pointer(rank), rank, made.ranks, made.nodes,
                          local, where.gpu));
    if (made.nvlsHeads > 0 && made.nodes > 1 && where.node == 0)
        for (int head = 0; head < made.nvlsHeads; ++head) {
            std::string line = fmt::format("NVLS Head {:2}:", head);
            for (int n = 0; n < std::min(made.nodes, 20); ++n)
                line += fmt::format(" {:2}", nvlsHeadsOf(m_subject.system, made, n)[static_cast<std::size_t>(head)]);
            lines.add(DebugLevel::Init, line);
        }
    if (rank == 0) {
        const std::size_t width = std::to_string(made.ranks - 1).size();
        for (int channel = 0; channel < m_channels; ++channel) {
            std::string line = fmt::format("Channel {:02}/{:02} :", channel, m_channels);
            for (const int one : m_rings[static_cast<std::size_t>(channel)])
                line += fmt::format(" {:{}}", one, width);
            constexpr std::size_t kLine = 128; // of dumpLine in src/graph/rings.cc
            lines.add(DebugLevel::Init, line.size() >= kLine ? line.substr(0, kLine - 4) + "..." : line);
        }
    }
    std::string trees = "Trees";
    for (int channel = 0; channel < m_channels; ++channel) {
        const TreeLinks& links = m_trees[static_cast<std::size_t>(channel)][static_cast<std::size_t>(rank)];
        const auto down = [&](std::size_t i) {
            return i < links.down.size() ? links.down[i] : -1;
        };
        trees += fmt::format(" [{}] {}/{}/{}->{}->{}", channel, down(0), down(1), down(2), rank, links.up);
        const std::vector<int>& ring = m_rings[static_cast<std::size_t>(channel)];
        const auto at = static_cast<std::size_t>(std::find(ring.begin(), ring.end(), rank) - ring.begin());
        lines.add(
            DebugLevel::Graph,
            fmt::format("Ring {:02} : {} -> {} -> {}", channel, ring[(at + ring.size() - 1) % ring.size()], rank, ring[(at + 1) % ring.size()]));
    }
    lines.add(DebugLevel::Init, trees.substr(0, 1023));
    const bool nvlinked = made.ring.typeIntra <= PathType::Nvb;
    const std::int64_t chunk = made.nodes > 1 || !nvlinked ? 128 << 10 : 512 << 10;
    lines.add(DebugLevel::Init, fmt::format("P2P Chunksize set to {}", std::min(chunk, m_subject.environment.bufferBytes / 8)));
    lines.add(DebugLevel::Init, "PROFILER/Plugin: Could not find: libnccl-profiler.so");
    const bool peers = transportsWithin(where.node, TransportKind::P2p);
    lines.add(DebugLevel::Init,
              fmt::format("Check P2P Type isAllDirectP2p {} directMode {} isAllCudaP2p {}", peers ? 1 : 0,
                          m_subject.system.gpusPerProcess > 1 ? 1 : 0, nvlinked ? 1 : 0));
    lines.add(DebugLevel::Init, fmt::format("[Proxy Service] Device {} CPU core {}", place.device, place.core), place.thread + 1);
    lines.add(DebugLevel::Init, fmt::format("[Proxy Service UDS] Device {} CPU core {}", place.device, place.core + 1), place.thread + 2);
    if (rank == 0)
        costs(lines);
    const auto threshold = [&](Algorithm a, Protocol p) {
        return m_subject.tuner.threadThresholds[index(a)][index(p)];
    };
    if (const std::string protocol = value(m_subject.variables, "NCCL_PROTO"); !protocol.empty())
        lines.add(DebugLevel::Env, "NCCL_PROTO set by environment to " + protocol);
    if (const std::string algorithm = value(m_subject.variables, "NCCL_ALGO"); !algorithm.empty())
        lines.add(DebugLevel::Env, "NCCL_ALGO set by environment to " + algorithm);
    if (made.failure)
        return std::move(lines.all);
    using enum Algorithm;
    using enum Protocol;
    lines.add(DebugLevel::Init,
              fmt::format("threadThresholds {}/{}/{} | {}/{}/{} | 512 | 512", threshold(Tree, LL), threshold(Tree, LL128), threshold(Tree, Simple),
                          threshold(Ring, LL), threshold(Ring, LL128), threshold(Ring, Simple)));
    lines.add(DebugLevel::Init,
              fmt::format("{} coll channels, {} collnet channels, {} nvls channels, {} p2p channels, {} p2p channels per peer", m_channels,
                          m_channels, made.nvlsChannels, made.p2pChannels, made.p2pChannelsPerPeer));
    if (rank == 0)
        lines.add(DebugLevel::Init, "CC Off, workFifoBytes 1048576");
    lines.add(DebugLevel::Init | DebugLevel::Tuning, "TUNER/Plugin: Could not find: libnccl-tuner.so");
    lines.add(DebugLevel::Init,
              fmt::format("{} comm {} rank {} nranks {} cudaDev {} nvmlDev {} busId {} commId 0x{:x} - Init COMPLETE", m_subject.function,
                          pointer(rank), rank, made.ranks, place.device, place.device, place.busId, m_subject.id));
    lines.add(DebugLevel::Init | DebugLevel::Profile,
              fmt::format("Init timings - {}: rank {} nranks {} total {:.2f} (kernels {:.2f}, alloc {:.2f}, bootstrap {:.2f}, allgathers 0.00, topo "
                          "{:.2f}, graphs {:.2f}, connections 0.01, rest 0.00)",
                          m_subject.function, rank, made.ranks, kKernels + kAllocation + bootstrap + kTopology + kGraphs + 0.01, kKernels,
                          kAllocation, bootstrap, kTopology, kGraphs));
    return std::move(lines.all);
}

/// Neighbours of the node's ring all talk so.
bool DebugLog::transportsWithin(int node, TransportKind kind) const
{
    int first = 0;
    while (m_subject.communicator.places[static_cast<std::size_t>(first)].node != node)
        ++first;
    const auto gpus = static_cast<int>(m_subject.system.nodes[static_cast<std::size_t>(node)].gpus.size());
    for (int gpu = 1; gpu < gpus; ++gpu)
        if (transportOf(m_subject.system, m_subject.environment, m_subject.communicator, 0, first + gpu - 1, first + gpu).kind != kind)
            return false;
    return true;
}

void DebugLog::graphs(Lines& lines, int rank) const
{
    if (rank != 0)
        return;
    const Communicator& made = m_subject.communicator;
    const auto pattern = [&](int number, const Graph& graph) {
        lines.add(DebugLevel::Graph,
                  fmt::format("Pattern {}, crossNic {}, nChannels {}, bw {:.6f}/{:.6f}, type {}/{}, sameChannels 1", number,
                              m_subject.environment.crossNic == 1 ? 1 : 0, graph.channels, graph.bandwidthIntra, graph.bandwidthInter,
                              distance(graph.typeIntra), distance(graph.typeInter)));
    };
    constexpr int kBalancedTree = 1, kTree = 3, kRing = 4, kNvls = 5; // src/include/graph.h
    pattern(kRing, made.ring);
    pattern(made.tree.plainTree ? kTree : kBalancedTree, made.tree);
    if (made.nvls.channels > 0)
        pattern(kNvls, made.nvls);
}

void DebugLog::costs(Lines& lines) const
{
    if (!m_level.informs(DebugLevel::Tuning))
        return;
    constexpr std::array kOrder{Collective::Broadcast, Collective::Reduce, Collective::AllGather, Collective::ReduceScatter,
                                Collective::AllReduce}; // NCCL's
    constexpr std::size_t kBlock = 3;
    for (std::size_t block = 0; block < kAlgorithms; block += kBlock) {
        const std::size_t end = std::min(block + kBlock, kAlgorithms);
        std::string algorithms = "  Algorithm   |", protocols = "  Protocol    |", threads = " Max NThreads |";
        for (std::size_t a = block; a < end; ++a) {
            algorithms += fmt::format(" {:>14}   {:>14}   {:>14} |", "", nameOf(static_cast<Algorithm>(a)), "");
            for (std::size_t p = 0; p < kProtocols; ++p)
                threads += fmt::format(" {:>14} |", m_subject.tuner.maxThreads[a][p]);
        }
        for (std::size_t i = 0; i < kBlock * kProtocols; ++i)
            protocols += fmt::format(" {:>14} |", nameOf(static_cast<Protocol>(i % kProtocols)));
        lines.add(DebugLevel::Tuning, algorithms);
        lines.add(DebugLevel::Tuning, protocols);
        lines.add(DebugLevel::Tuning, threads);
        for (const Collective collective : kOrder) {
            std::string row = fmt::format("{:>13} |", nameOf(collective));
            for (std::size_t a = block; a < end; ++a)
                for (std::size_t p = 0; p < kProtocols; ++p) {
                    const TunerEntry& entry = m_subject.tuner.at(collective, static_cast<Algorithm>(a), static_cast<Protocol>(p));
                    row += fmt::format("{:8.1f}/{:6.1f} |", entry.latencyMicroseconds, entry.gigabytesPerSecond);
                }
            lines.add(DebugLevel::Tuning, row);
        }
    }
}

/// The receiver uses its own port.
Transport DebugLog::receiving(int channel, int from, int to) const
{
    Transport transport = transportOf(m_subject.system, m_subject.environment, m_subject.communicator, channel, to, from);
    transport.proxyRank = -1;
    return transport;
}

std::string DebugLog::via(const Transport& transport) const
{
    const bool oneProcess = transport.kind == TransportKind::P2p && m_subject.system.gpusPerProcess > 1;
    return (oneProcess ? std::string("P2P/direct pointer") : transport.text()) + (transport.read ? "/read" : "");
}

/// Per channel, whom the rank receives from and whom it sends to. Connected by how far away the peer is, receivers first.
void DebugLog::edges(Lines& lines, int rank, const std::vector<std::vector<int>>& from, const std::vector<std::vector<int>>& to) const
{
    const int ranks = m_subject.communicator.ranks;
    const std::vector<Place>& places = m_subject.communicator.places;
    const auto deviceOf = [&](int r) {
        return places[static_cast<std::size_t>(r)].gpu;
    };
    const auto has = [](const std::vector<int>& peers, int peer) {
        return std::find(peers.begin(), peers.end(), peer) != peers.end();
    };
    for (int far = 1; far < ranks; ++far) {
        const int source = (rank + ranks - far) % ranks;
        const int target = (rank + far) % ranks;
        for (int channel = 0; channel < m_channels; ++channel)
            if (has(from[static_cast<std::size_t>(channel)], source)) {
                const Transport transport = receiving(channel, source, rank);
                if (transport.kind == TransportKind::NetIb || transport.kind == TransportKind::NetSocket)
                    lines.add(DebugLevel::Init | DebugLevel::Net,
                              fmt::format("Channel {:02}/0 : {}[{}] -> {}[{}] [receive] via {}", channel, source, deviceOf(source), rank,
                                          deviceOf(rank), transport.text()));
            }
        for (int channel = 0; channel < m_channels; ++channel)
            if (has(to[static_cast<std::size_t>(channel)], target)) {
                const Transport transport = transportOf(m_subject.system, m_subject.environment, m_subject.communicator, channel, rank, target);
                const bool net = transport.kind == TransportKind::NetIb || transport.kind == TransportKind::NetSocket;
                lines.add(DebugLevel::Init
                              | (net                                        ? DebugLevel::Net
                                     : transport.kind == TransportKind::Shm ? DebugLevel::Shm
                                                                            : DebugLevel::P2p),
                          fmt::format("Channel {:02}{} : {}[{}] -> {}[{}] {}via {}", channel, transport.kind == TransportKind::Shm ? "" : "/0", rank,
                                      deviceOf(rank), target, deviceOf(target), net ? "[send] " : "", via(transport)));
            }
    }
}

std::vector<std::string> DebugLog::connect(const DebugPlace& place, int rank, Algorithm algorithm) const
{
    Lines lines{m_level, m_subject.variables, place, {}};
    const Communicator& made = m_subject.communicator;
    if (made.ranks < 2 || m_channels == 0 || (algorithm != Algorithm::Ring && algorithm != Algorithm::Tree))
        return {};
    const auto channels = static_cast<std::size_t>(m_channels);
    std::vector<std::vector<int>> before(channels), after(channels);
    if (algorithm == Algorithm::Tree) {
        for (std::size_t channel = 0; channel < channels; ++channel) {
            const TreeLinks& links = m_trees[channel][static_cast<std::size_t>(rank)];
            before[channel] = links.down;
            if (links.up >= 0)
                before[channel].push_back(links.up);
        }
        edges(lines, rank, before, before); // both ways
        lines.add(DebugLevel::Init, "Connected all trees");
        return std::move(lines.all);
    }
    bool proxied = false, direct = true;
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const std::vector<int>& ring = m_rings[channel];
        for (std::size_t i = 0; i < ring.size(); ++i) {
            const int next = ring[(i + 1) % ring.size()];
            const Transport transport = transportOf(m_subject.system, m_subject.environment, made, static_cast<int>(channel), ring[i], next);
            proxied |= transport.proxyRank >= 0;
            direct &= (transport.kind != TransportKind::NetIb && transport.kind != TransportKind::NetSocket) || transport.gpuDirect;
            if (ring[i] == rank)
                after[channel].push_back(next);
            if (next == rank)
                before[channel].push_back(ring[i]);
        }
    }
    edges(lines, rank, before, after);
    for (std::size_t i = 0; i < kConnectNumbers.size() && made.nodes > 1 && leads(rank); ++i)
        lines.number(kConnectNumbers[i], place.thread + 1);
    lines.add(DebugLevel::Init, fmt::format("Connected all rings, use ring PXN {} GDR {}", proxied ? 1 : 0, direct ? 1 : 0));
    return std::move(lines.all);
}

std::vector<std::string> DebugLog::chosen(const DebugPlace& place, int rank, Collective collective, std::int64_t bytes, const Choice& choice) const
{
    Lines lines{m_level, m_subject.variables, place, {}};
    if (rank == 0)
        lines.add(DebugLevel::Tuning,
                  fmt::format("{}: {} Bytes -> Algo {} proto {} channel{{Lo..Hi}}={{0..{}}}", nameOf(collective), bytes, nameOf(choice.algorithm),
                              nameOf(choice.protocol), choice.channels - 1),
                  place.process);
    return std::move(lines.all);
}

} // namespace sim::training::collectives
