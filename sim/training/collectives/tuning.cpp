#include "sim/training/collectives/tuning.h"

#include "sim/engine/assert.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace sim::training::collectives {

namespace {

using PerProtocol = std::array<double, kProtocols>; ///< LL, LL128, Simple
using PerAlgorithm = std::array<PerProtocol, kAlgorithms>;

// Microseconds and GB/s of NCCL 2.30.7's tables, algorithms in NCCL's order.
constexpr PerAlgorithm kBaseLatency = {{{6.8, 14.0, 8.4}, {6.6, 14.0, 8.4}, {}, {}, {}, {}, {8.0, 8.0, 8.0}}};

enum class Hardware { Nvlink, Pci, Net };
constexpr std::array<PerAlgorithm, 3> kHopLatency = {{
    {{{0.6, 1.25, 4.0}, {0.6, 1.9, 3.4}, {0, 0, 3.7}, {0, 0, 2.8}, {0, 0, 25}, {0, 0, 25}, {0, 0, 4.0}}},
    {{{1.0, 1.9, 4.0}, {1.0, 2.5, 5.7}, {0, 0, 3.7}, {0, 0, 2.8}, {}, {}, {0, 0, 4.0}}},
    {{{5.0, 8.5, 14}, {2.7, 4.0, 14.0}, {0, 0, 31}, {0, 0, 30}, {0, 0, 18}, {0, 0, 20.9}, {0, 0, 14}}},
}};

using PerNodes = std::array<double, 3>; ///< one node, two, more
// Rows: Volta, Ampere, Hopper, Blackwell.
constexpr std::array<PerNodes, 4> kLlMax = {{{39.0, 39.0, 20.4}, {87.7, 22.5, 19.0}, {141.0, 45.0, 35.0}, {282.0, 90.0, 70.0}}};
constexpr std::array<double, 4> kRingLl128PerChannel = {20.0, 20.0, 36.7, 40.0};
constexpr std::array<PerNodes, 4> kTreeLl128PerChannel = {
    {{20.0, 20.0, 20.0}, {20.0, 20.0, 20.0}, {36.7, 36.7, 29.0}, {55.6, 31.67, 20.0}}};
constexpr std::array<PerNodes, 4> kTreePerChannel = {
    {{26.5, 18.5, 10.0}, {24.0, 23.6, 17.8}, {38.7, 41.4, 36.0}, {70.0, 42.8, 24.0}}};
constexpr std::array<PerNodes, 4> kNvlsTreePerChannel = {
    {{26.5, 18.5, 10.0}, {24.0, 23.6, 17.8}, {0.0, 57.7, 45.5}, {0.0, 96.0, 80.0}}};
constexpr std::array<double, 4> kNvlsEfficiency = {0, 0, 0.85, 0.74};

/// Trees are slower than the model at medium sizes; from 64 bytes on, doubling.
constexpr std::array<std::array<double, 24>, kProtocols> kTreeCorrection = {{
    {1, 1, 1, 1, .9, .8, .7, .7, .7, .7, .6, .5, .4, .4, .5, .6, .7, .8, .9, 1, 1, 1, 1, 1},
    {1, 1, 1, 1, 1, .9, .8, .8, .8, .7, .6, .6, .6, .6, .6, .6, .8, .9, .9, .9, .9, 1, 1, 1},
    {.9, .9, .9, .9, .9, .9, .9, .8, .7, .6, .6, .5, .5, .5, .5, .6, .7, .8, .7, .7, .8, .9, .9, .9},
}};

constexpr double kPcie3 = 12; ///< PCI_BW: a ring no faster than this gets 256 threads

std::size_t generation(Architecture architecture)
{
    switch (architecture) {
    case Architecture::Ampere: return 1;
    case Architecture::Hopper: return 2;
    case Architecture::Blackwell: break;
    }
    return 3;
}

int logTwo(std::int64_t value)
{
    return value <= 0 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value))) - 1;
}

bool isReduceOrBroadcast(Collective c)
{
    return c == Collective::Broadcast || c == Collective::Reduce;
}

bool isGatherOrScatter(Collective c)
{
    return c == Collective::AllGather || c == Collective::ReduceScatter;
}

bool isPointToPoint(Collective c)
{
    return c == Collective::AllToAll || c == Collective::SendReceive;
}

struct Model {
    const System& system;
    const Communicator& comm;
    std::size_t generationRow;
    std::size_t nodesColumn;
    double ranksPerNode;

    Model(const System& s, const Communicator& c)
        : system(s), comm(c), generationRow(generation(s.architecture)),
          nodesColumn(c.nodes <= 2 ? static_cast<std::size_t>(c.nodes - 1) : 2),
          ranksPerNode(static_cast<double>(c.ranks) / c.nodes)
    {
    }

    const Graph& graphOf(Algorithm a) const
    {
        return a == Algorithm::Ring || a == Algorithm::Pat   ? comm.ring
            : a == Algorithm::Nvls || a == Algorithm::NvlsTree ? comm.nvls
                                                               : comm.tree;
    }

    bool serves(Collective c, Algorithm a, Protocol p) const
    {
        if (isPointToPoint(c) || a == Algorithm::CollNetDirect || a == Algorithm::CollNetChain)
            return false;
        if (isReduceOrBroadcast(c) && a != Algorithm::Ring)
            return false;
        if (isGatherOrScatter(c) && a != Algorithm::Pat && a != Algorithm::Ring && a != Algorithm::Nvls)
            return false;
        const bool nvls = a == Algorithm::Nvls || a == Algorithm::NvlsTree;
        if (nvls && (p != Protocol::Simple || comm.nvls.channels < 2))
            return false;
        if (a == Algorithm::NvlsTree && (comm.nodes == 1 || c != Collective::AllReduce))
            return false;
        if (a == Algorithm::Nvls && comm.nodes > 1) // across nodes it needs a network that reduces
            return false;
        if (a == Algorithm::Pat) // one GPU per node only
            return isGatherOrScatter(c) && p == Protocol::Simple && comm.nodes == comm.ranks;
        return true;
    }

    double nvlsChannelRate(Collective c, Algorithm a) const
    {
        const Graph& graph = comm.nvls;
        double intra = graph.bandwidthIntra * kNvlsEfficiency[generationRow] * (graph.channels - 1) / graph.channels;
        intra *= c == Collective::AllReduce ? 2 : (ranksPerNode - 1) / ranksPerNode;
        const double inter = graph.bandwidthInter * (comm.nodes <= 2 && a == Algorithm::NvlsTree ? 2 : 1);
        const double cap = a == Algorithm::NvlsTree ? kNvlsTreePerChannel[generationRow][nodesColumn]
                                                    : std::numeric_limits<double>::max();
        return std::min({intra, inter, cap});
    }

    double busRate(Collective c, Algorithm a, Protocol p) const
    {
        const Graph& graph = graphOf(a);
        const double n = graph.channels;
        if (a == Algorithm::Nvls || a == Algorithm::NvlsTree)
            return n * nvlsChannelRate(c, a);
        double rate = n * (comm.nodes <= 2 ? graph.bandwidthIntra : graph.bandwidthInter);
        // Within a node the GPU decides LL's limit, across nodes the CPU.
        const std::size_t llRow = comm.nodes == 1                               ? generationRow
            : system.nodes.front().cpu == CpuVendor::Amd ? 1
                                                         : 0;
        const double llMax = kLlMax[llRow][nodesColumn];
        if (a == Algorithm::Ring) {
            if (p == Protocol::LL)
                return std::min(llMax, rate * .5);
            if (p == Protocol::LL128)
                return std::min(rate * .92, n * kRingLl128PerChannel[generationRow]);
            return rate;
        }
        if (a == Algorithm::Pat)
            return rate * .75;
        rate = std::min(rate * .92, n * kTreePerChannel[generationRow][nodesColumn]);
        if (p == Protocol::LL)
            rate = std::min(rate / 3.8, llMax);
        if (p == Protocol::LL128)
            rate = std::min(rate * (comm.nodes == 1 ? 7.0 / 9 : 120.0 / 128), n * kTreeLl128PerChannel[generationRow][nodesColumn]);
        return graph.plainTree ? rate * .85 : rate;
    }

    int stepsOf(Collective c) const
    {
        return c == Collective::AllReduce ? 2 * (comm.ranks - 1) : isGatherOrScatter(c) ? comm.ranks - 1 : comm.ranks;
    }

    double algorithmRate(Collective c, Algorithm a, Protocol p) const
    {
        const double bus = busRate(c, a, p);
        if (isGatherOrScatter(c) && a != Algorithm::Ring)
            return bus;
        const bool stepwise = a == Algorithm::Ring || a == Algorithm::Nvls || a == Algorithm::NvlsTree;
        return bus * (stepwise ? static_cast<double>(comm.ranks) / stepsOf(c) : .5);
    }

    double latencyOf(Collective c, Algorithm a, Protocol p) const
    {
        const Graph& graph = graphOf(a);
        const bool nvlink = graph.typeIntra <= PathType::Nvb;
        const auto hop = [&](Hardware hardware, Algorithm of) {
            return kHopLatency[static_cast<std::size_t>(hardware)][index(of)][index(p)];
        };
        const Hardware inside = nvlink ? Hardware::Nvlink : Hardware::Pci;
        const double base = kBaseLatency[index(a)][index(p)];
        double intra = hop(inside, a);
        // One rank per node shows all of the network's latency: the tree's figure.
        const double inter = hop(Hardware::Net, ranksPerNode == 1 ? Algorithm::Tree : a);
        switch (a) {
        case Algorithm::Ring: {
            if (isReduceOrBroadcast(c))
                return base + hop(comm.nodes == 1 ? inside : Hardware::Net, a); // every channel has one order
            const double overhead = comm.nodes == 1 ? 0
                : (system.nodes.front().cpu == CpuVendor::Amd ? 2.0 : 1.0) * (p == Protocol::Simple ? 3 : 1);
            intra = std::max(intra, overhead);
            const int across = comm.nodes == 1 ? 0 : (c == Collective::AllReduce ? 2 : 1) * (comm.nodes - 1);
            return base + (stepsOf(c) - across) * intra + across * inter;
        }
        case Algorithm::Tree: {
            const int inNode = comm.ranks / comm.nodes - 1;
            return base + 2 * (inNode * intra + logTwo(comm.nodes) * inter);
        }
        case Algorithm::Nvls: return intra + (comm.nodes > 1 ? inter : 0);
        case Algorithm::NvlsTree: return base + intra + 2 * logTwo(comm.nodes) * inter;
        case Algorithm::Pat: return base + logTwo(comm.nodes) * (inter / 3.5) + comm.ranks * 2.8;
        case Algorithm::CollNetDirect:
        case Algorithm::CollNetChain: break;
        }
        return base;
    }
};

bool isProtocolOn(const System& system, const Environment& environment, const Graph& graph, Collective c, Protocol p)
{
    using Word = Choices<kProtocols>::Word;
    const Word word = environment.protocols.words[index(c)][index(p)];
    if (word != Word::Default)
        return word == Word::Yes;
    if (p != Protocol::LL128)
        return true;
    // LL128 needs stores of 128 bytes to stay whole on their way.
    const PathType farthest = system.architecture == Architecture::Ampere ? PathType::Pxb : PathType::Pxn;
    return graph.typeInter <= farthest && graph.typeIntra <= PathType::Nvb;
}

int threadsWanted(const std::optional<int>& wanted, int least, int most, int standard)
{
    if (!wanted)
        return standard;
    if (*wanted % 32 != 0 || *wanted > most)
        return most;
    return std::max(*wanted, least);
}

void setThreads(const Environment& environment, const Communicator& comm, Tuner& tuner)
{
    const auto of = [&](Algorithm a, Protocol p) -> int& { return tuner.maxThreads[index(a)][index(p)]; };
    const int ringStandard = comm.ring.bandwidthIntra * comm.ring.channels <= kPcie3 ? 256 : 512;
    of(Algorithm::Ring, Protocol::Simple) = threadsWanted(environment.threads, 64, 512, ringStandard);
    of(Algorithm::Tree, Protocol::Simple) = threadsWanted(environment.threads, 64, 512, 512);
    of(Algorithm::Nvls, Protocol::Simple) = of(Algorithm::NvlsTree, Protocol::Simple) = 640;
    of(Algorithm::Pat, Protocol::Simple) = 640;
    for (const Algorithm a : {Algorithm::Ring, Algorithm::Tree}) {
        of(a, Protocol::LL) = threadsWanted(environment.threads, 64, 512, 512);
        of(a, Protocol::LL128) = threadsWanted(environment.ll128Threads, 160, 640, 640);
    }
    for (auto& algorithm : tuner.threadThresholds)
        algorithm = {8, 8, 64};
    tuner.threadThresholds[index(Algorithm::Ring)][index(Protocol::LL)] *= comm.ranks;
}

struct Candidate {
    Algorithm algorithm;
    Protocol protocol;
    double microseconds;
};

bool isWanted(const Forced& forced, Algorithm a, Protocol p)
{
    return (!forced.algorithm || *forced.algorithm == a) && (!forced.protocol || *forced.protocol == p);
}

std::optional<Candidate> quickest(const System& system, const Communicator& comm, const Tuner& tuner, Collective collective,
                                  std::int64_t bytes, const Forced& forced)
{
    std::optional<Candidate> best;
    for (std::size_t a = 0; a < kAlgorithms; ++a)
        for (std::size_t p = 0; p < kProtocols; ++p) {
            const auto algorithm = static_cast<Algorithm>(a);
            const auto protocol = static_cast<Protocol>(p);
            if (!isWanted(forced, algorithm, protocol))
                continue;
            const auto time = estimate(system, comm, tuner, collective, algorithm, protocol, bytes);
            if (time && (!best || *time < best->microseconds))
                best = Candidate{algorithm, protocol, *time};
        }
    return best;
}

std::string unavailable(const Environment& environment, Collective collective, const Forced& forced)
{
    const std::string algorithm = forced.algorithm ? std::string(nameOf(*forced.algorithm)) : environment.algorithms.asGiven;
    const std::string protocol = forced.protocol ? std::string(nameOf(*forced.protocol)) : environment.protocols.asGiven;
    return fmt::format("Error : no algorithm/protocol available for function {} with datatype ncclFloat32.{}{}", nameOf(collective),
                       algorithm.empty() ? std::string() : fmt::format(" NCCL_ALGO was set to {}.", algorithm),
                       protocol.empty() ? std::string() : fmt::format(" NCCL_PROTO was set to {}.", protocol));
}

/// Channels that carry data: few bytes use few of them (src/enqueue.cc).
void spread(const Communicator& comm, const Tuner& tuner, Collective collective, std::int64_t bytes, Choice& choice)
{
    const bool nvls = choice.algorithm == Algorithm::Nvls || choice.algorithm == Algorithm::NvlsTree;
    std::int64_t channels = nvls ? comm.nvlsChannels : comm.channels;
    std::int64_t threads = tuner.maxThreads[index(choice.algorithm)][index(choice.protocol)];
    const std::int64_t threshold = tuner.threadThresholds[index(choice.algorithm)][index(choice.protocol)];
    if (!nvls) {
        while (channels > 1 && bytes < channels * threads * threshold)
            --channels;
        while (bytes < channels * threads * threshold && threads % 128 == 0)
            threads /= 2;
    }
    // A channel gets no less than a cell of 32 KiB of traffic.
    constexpr std::int64_t kLeastTraffic = 32 << 10;
    const std::int64_t perByte = (collective == Collective::AllReduce ? 2 : 1) * (choice.protocol == Protocol::LL ? 4 : 1);
    channels = std::clamp<std::int64_t>((bytes * perByte + kLeastTraffic - 1) / kLeastTraffic, 1, channels);
    choice.channels = static_cast<int>(channels);
    choice.threads = static_cast<int>(std::max<std::int64_t>(threads, 96));
}

Choice pointToPoint(const Communicator& comm, Collective collective, std::int64_t bytes)
{
    constexpr std::int64_t kLlThreshold = 16384; ///< NCCL_P2P_LL_THRESHOLD, of one message
    const std::int64_t message = collective == Collective::AllToAll ? bytes / std::max(1, comm.ranks) : bytes;
    Choice choice;
    choice.protocol = message <= kLlThreshold ? Protocol::LL : Protocol::Simple;
    choice.channels = comm.p2pChannels;
    choice.threads = 640;
    return choice;
}

} // namespace

Tuner tune(const System& system, const Environment& environment, const Communicator& communicator)
{
    using Word = Choices<kAlgorithms>::Word;
    Tuner tuner;
    setThreads(environment, communicator, tuner);
    if (communicator.ranks < 2 || communicator.failure)
        return tuner;
    const Model model(system, communicator);
    for (std::size_t c = 0; c < kCollectives; ++c)
        for (std::size_t a = 0; a < kAlgorithms; ++a)
            for (std::size_t p = 0; p < kProtocols; ++p) {
                const auto collective = static_cast<Collective>(c);
                const auto algorithm = static_cast<Algorithm>(a);
                const auto protocol = static_cast<Protocol>(p);
                if (!model.serves(collective, algorithm, protocol))
                    continue;
                TunerEntry& entry = tuner.entries[c][a][p];
                entry.latencyMicroseconds = model.latencyOf(collective, algorithm, protocol);
                const bool on = environment.algorithms.words[c][a] != Word::No
                    && isProtocolOn(system, environment, model.graphOf(algorithm), collective, protocol);
                entry.gigabytesPerSecond = on ? model.algorithmRate(collective, algorithm, protocol) : 0;
            }
    return tuner;
}

std::optional<double> estimate(const System& system, const Communicator& communicator, const Tuner& tuner,
                               Collective collective, Algorithm algorithm, Protocol protocol, std::int64_t bytes)
{
    const TunerEntry& entry = tuner.at(collective, algorithm, protocol);
    if (entry.gigabytesPerSecond <= 0)
        return std::nullopt;
    double rate = entry.gigabytesPerSecond;
    double latency = entry.latencyMicroseconds;
    const int size = logTwo(bytes >> 6);
    const bool corrected = (algorithm == Algorithm::Tree && size < 23)
        || (algorithm == Algorithm::NvlsTree && size < 24 && system.architecture == Architecture::Blackwell);
    if (collective == Collective::AllReduce && corrected)
        rate *= kTreeCorrection[index(protocol)][static_cast<std::size_t>(size)];
    if (algorithm == Algorithm::Ring && protocol == Protocol::Simple && communicator.nodes > 1
        && collective == Collective::AllReduce
        && bytes / (static_cast<std::int64_t>(communicator.channels) * communicator.ranks) >= 64)
        latency *= 1.4; // the ring's plateau, from Ampere on
    return latency + static_cast<double>(bytes) / (1000 * rate);
}

Choice choose(const System& system, const Environment& environment, const Communicator& communicator, const Tuner& tuner,
              Collective collective, std::int64_t bytes, const Forced& forced)
{
    FL_ASSERT(bytes >= 0);
    Choice choice;
    choice.failure = communicator.failure;
    if (choice.failure || communicator.ranks < 2)
        return choice;
    if (isPointToPoint(collective))
        return pointToPoint(communicator, collective, bytes);
    auto best = quickest(system, communicator, tuner, collective, bytes, forced);
    if (!best && forced.ringInstead)
        best = quickest(system, communicator, tuner, collective, bytes, {.algorithm = Algorithm::Ring, .protocol = {}});
    if (!best) {
        const bool asked = forced.algorithm || forced.protocol || !environment.algorithms.asGiven.empty()
            || !environment.protocols.asGiven.empty();
        choice.failure = {asked ? kInvalidUsage : kInternalError, unavailable(environment, collective, forced)};
        return choice;
    }
    choice.algorithm = best->algorithm;
    choice.protocol = best->protocol;
    choice.estimatedMicroseconds = best->microseconds;
    spread(communicator, tuner, collective, bytes, choice);
    return choice;
}

} // namespace sim::training::collectives
