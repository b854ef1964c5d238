#include "sim/training/collectives/timing.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace sim::training::collectives {

namespace {

constexpr double kReferenceGigahertz = 1.41;

/// What slows all ranks is the slowest of them.
struct Slowest {
    double clock = 0; ///< GHz
    double clockFactor = 1; ///< of its full clock
    double late = 0;
    double host = 0;
    bool dead = false;
    NetworkKind network = NetworkKind::InfiniBand;
};

Slowest slowestOf(const System& system, const Communicator& comm)
{
    Slowest slowest;
    bool first = true;
    for (std::size_t n = 0; n < system.nodes.size(); ++n) {
        const Node& node = system.nodes[n];
        slowest.host = std::max(slowest.host, node.launchMicroseconds * system.gpusPerProcess);
        for (const Gpu& gpu : node.gpus) {
            const double clock = gpu.clockGigahertz * gpu.clockFactor;
            slowest.clock = first ? clock : std::min(slowest.clock, clock);
            slowest.clockFactor = std::min(slowest.clockFactor, gpu.clockFactor);
            first = false;
            slowest.late = std::max(slowest.late, gpu.lateMicroseconds);
            slowest.dead = slowest.dead || !gpu.alive;
        }
        for (const int port : comm.nics[n])
            slowest.network = std::max(slowest.network, node.nics[static_cast<std::size_t>(port)].kind);
    }
    if (comm.networkIsSocket)
        slowest.network = NetworkKind::Socket;
    return slowest;
}

/// One run's figures, from links to microseconds.
struct Run {
    const System& system;
    const Environment& environment;
    const Communicator& comm;
    const TimingConstants& constants;
    Collective collective;
    double bytes;
    const Choice& choice;
    Slowest slowest;

    bool isPointToPoint() const
    {
        return collective == Collective::AllToAll || collective == Collective::SendReceive;
    }
    bool usesNvls() const { return choice.algorithm == Algorithm::Nvls || choice.algorithm == Algorithm::NvlsTree; }
    double scaled(double microseconds) const { return microseconds * kReferenceGigahertz / slowest.clock; }

    double hop() const
    {
        if (choice.protocol == Protocol::Simple && system.architecture == Architecture::Blackwell)
            return constants.blackwellSimpleHop;
        return scaled(constants.hop[index(choice.protocol)]);
    }
    double networkHop() const
    {
        return constants.networkHop[index(choice.protocol)]
            + (slowest.network == NetworkKind::Efa          ? constants.efaHop
                   : slowest.network == NetworkKind::Socket ? constants.socketHop
                                                            : 0);
    }

    double channelRate() const
    {
        const auto architecture = static_cast<std::size_t>(system.architecture);
        const auto& rates = choice.protocol == Protocol::LL ? constants.llPerChannel
            : choice.protocol == Protocol::LL128            ? constants.ll128PerChannel
                                                            : constants.simplePerChannel;
        return rates[architecture] * slowest.clockFactor;
    }

    /// A protocol's flags travel with its data.
    double wireFactor() const
    {
        return choice.protocol == Protocol::LL ? 2 : choice.protocol == Protocol::LL128 ? 128.0 / 120 : 1;
    }

    double nvlinkEfficiency(const Node& node) const
    {
        const auto architecture = static_cast<std::size_t>(system.architecture);
        if (isPointToPoint())
            return constants.pointToPointEfficiency[architecture];
        if (choice.algorithm == Algorithm::Nvls)
            return constants.nvlsEfficiency[architecture];
        if (choice.algorithm == Algorithm::NvlsTree)
            return constants.nvlsTreeEfficiency;
        const auto& stepwise
            = choice.protocol == Protocol::LL128 ? constants.ll128Efficiency : constants.ringEfficiency;
        return stepwise[architecture] * (node.fabric == GpuFabric::Pairs ? constants.pairEfficiency : 1);
    }

    double efficiencyOf(const Link& link, bool staged) const
    {
        const double tree = choice.algorithm == Algorithm::Tree ? constants.treeEfficiency : 1;
        switch (link.kind) {
        case LinkKind::NvlinkOut:
        case LinkKind::NvlinkIn: return nvlinkEfficiency(system.nodes[static_cast<std::size_t>(link.node)]);
        case LinkKind::NicOut:
        case LinkKind::NicIn: return constants.portEfficiency * tree * (staged ? constants.stagedPort : 1);
        case LinkKind::EthernetOut:
        case LinkKind::EthernetIn: return constants.socketEfficiency;
        case LinkKind::PcieOut:
        case LinkKind::PcieIn: return comm.ring.typeIntra > PathType::Nvb ? constants.sharedMemoryEfficiency : 1;
        case LinkKind::HostMemory: break;
        }
        return 1;
    }
};

struct Busy {
    double microseconds = 0;
    Bottleneck bottleneck;
    double inNode = 0; ///< of the busiest link between GPUs of a node
};

BottleneckKind kindOf(LinkKind kind)
{
    switch (kind) {
    case LinkKind::NvlinkOut:
    case LinkKind::NvlinkIn: return BottleneckKind::Nvlink;
    case LinkKind::PcieOut:
    case LinkKind::PcieIn: return BottleneckKind::Pcie;
    case LinkKind::NicOut:
    case LinkKind::NicIn: return BottleneckKind::Port;
    case LinkKind::EthernetOut:
    case LinkKind::EthernetIn: return BottleneckKind::Ethernet;
    case LinkKind::HostMemory: break;
    }
    return BottleneckKind::HostMemory;
}

/// How long the busiest link works, and the blocks that feed it.
Busy busiest(const Run& run, const LinkTable& table, const LinkLoads& loads)
{
    Busy busy;
    double mostSent = 0;
    for (std::size_t i = 0; i < loads.bytes.size(); ++i) {
        if (loads.bytes[i] <= 0)
            continue;
        const Link& link = table.links()[i];
        const double rate = link.gigabytesPerSecond * run.efficiencyOf(link, loads.anyStaged);
        const double time = loads.bytes[i] * run.wireFactor() / (rate * 1000);
        if (time > busy.microseconds)
            busy = {time, {kindOf(link.kind), link.node, link.of}, busy.inNode};
        const bool nvlink = link.kind == LinkKind::NvlinkOut || link.kind == LinkKind::NvlinkIn;
        if (nvlink || (link.kind == LinkKind::PcieOut && run.comm.ring.typeIntra > PathType::Nvb))
            busy.inNode = std::max(busy.inNode, time);
        if (link.kind == LinkKind::NvlinkOut || link.kind == LinkKind::PcieOut)
            mostSent = std::max(mostSent, loads.bytes[i]);
    }
    if (!run.usesNvls() && !run.isPointToPoint()) {
        const double time = mostSent / (run.choice.channels * run.channelRate() * 1000);
        if (time > busy.microseconds)
            busy = {time, {BottleneckKind::Blocks, -1, -1}, busy.inNode};
    }
    return busy;
}

int treeDepth(int nodes)
{
    return nodes <= 1 ? 0 : static_cast<int>(std::bit_width(static_cast<unsigned>(nodes))) - 1;
}

/// Microseconds of hops that nothing hides. A hop whose link has time to spare beside the busiest one hides its
/// latency in it, chunk by chunk.
double hopsOf(const Run& run, const Busy& busy)
{
    const Communicator& comm = run.comm;
    const int inNode = comm.maxRanksPerNode - 1;
    switch (run.collective) {
    case Collective::AllToAll: return inNode * run.hop() + (comm.nodes > 1 ? run.networkHop() : 0);
    case Collective::SendReceive: return comm.nodes > 1 ? run.networkHop() : run.hop();
    case Collective::AllReduce:
    case Collective::AllGather:
    case Collective::ReduceScatter:
    case Collective::Broadcast:
    case Collective::Reduce: break;
    }
    const double across = comm.nodes > 1 ? 2 * treeDepth(comm.nodes) * run.networkHop() : 0;
    if (run.choice.algorithm == Algorithm::Tree)
        return 2 * inNode * run.hop() + across;
    if (run.usesNvls())
        return across;
    const int turns = run.collective == Collective::AllReduce ? 2 : 1;
    const int steps = turns * (comm.ranks - 1);
    const int netSteps = comm.nodes > 1 ? turns * (comm.nodes - 1) : 0;
    const Chunking chunks
        = chunkingOf(run.environment, comm, Algorithm::Ring, run.choice.protocol, run.choice.channels, run.bytes);
    const double perChunk = busy.microseconds / (steps * std::max(1.0, chunks.loops));
    const bool networkDecides = busy.bottleneck.kind != BottleneckKind::Blocks && busy.inNode < busy.microseconds;
    const double spare
        = networkDecides ? run.constants.hopHiding * perChunk * (1 - busy.inNode / busy.microseconds) : 0;
    return (steps - netSteps) * std::max(0.0, run.hop() - spare) + netSteps * run.networkHop();
}

/// The switch's pipeline: each loop moves one chunk per head and channel, and all channels meet at its end. What
/// the network needs for a chunk goes on beside it.
double nvlsTransfer(const Run& run, const Busy& busy)
{
    const bool tree = run.choice.algorithm == Algorithm::NvlsTree;
    const Chunking chunks
        = chunkingOf(run.environment, run.comm, run.choice.algorithm, run.choice.protocol, run.comm.nvlsChannels, run.bytes);
    const double sync = run.constants.nvlsSyncPerChannel[static_cast<std::size_t>(run.system.architecture)]
        * run.comm.nvlsChannels / run.slowest.clockFactor;
    const double fill = tree ? run.constants.nvlsTreeFillChunks : run.constants.nvlsFillChunks;
    const double loops = std::max(1.0, chunks.loops);
    const double inSwitch = busy.inNode / loops + sync;
    return loops * std::max(busy.microseconds / loops, inSwitch) + fill * inSwitch;
}

} // namespace

Chunking chunkingOf(const Environment& environment, const Communicator& communicator, Algorithm algorithm,
                    Protocol protocol, int channels, double bytes)
{
    constexpr double kSteps = 8; ///< NCCL_STEPS: slots of a channel's buffer
    Chunking chunks;
    const double heads = std::max(1, communicator.nvlsHeads);
    const auto limit = [&](double most, double belowLoops) {
        if (bytes < belowLoops * channels * heads * chunks.chunkBytes)
            chunks.chunkBytes = std::min(chunks.chunkBytes, most);
    };
    if (algorithm == Algorithm::Nvls) {
        chunks.chunkBytes = static_cast<double>(communicator.nvlsChunkBytes);
        limit(65536, 64);
        limit(32768, 8);
        limit(16384, 2);
        chunks.loopBytes = channels * heads * chunks.chunkBytes;
    } else if (algorithm == Algorithm::NvlsTree) {
        chunks.chunkBytes = static_cast<double>(std::min(communicator.nvlsChunkBytes, communicator.nvlsTreeChunkBytes));
        limit(262144, 32);
        limit(131072, 16);
        limit(65536, 4);
        limit(32768, 1);
        chunks.loopBytes = channels * heads * chunks.chunkBytes;
    } else {
        // Simple rings use half of the buffer per chunk, LL128 sends 120 of 128 bytes, LL half of each.
        const double buffer = static_cast<double>(environment.bufferBytes);
        chunks.chunkBytes = protocol == Protocol::Simple ? buffer / kSteps * (algorithm == Algorithm::Ring ? 4 : 1)
            : protocol == Protocol::LL128                ? 120.0 * 640 * 8 * 120 / 128
                                                         : 512 * 8 * 8.0;
        chunks.loopBytes = channels * chunks.chunkBytes * (algorithm == Algorithm::Ring ? communicator.ranks : 1);
    }
    chunks.loops = bytes / chunks.loopBytes;
    return chunks;
}

Timing timeOf(const System& system, const Environment& environment, const Communicator& communicator, const Tuner& tuner,
              Collective collective, std::int64_t bytes, const Forced& forced, const TimingConstants& constants)
{
    FL_ASSERT(bytes > 0);
    Timing timing;
    timing.choice = choose(system, environment, communicator, tuner, collective, bytes, forced);
    timing.failure = timing.choice.failure;
    if (timing.failure)
        return timing;
    const Run run{system, environment, communicator, constants, collective, static_cast<double>(bytes), timing.choice,
                  slowestOf(system, communicator)};
    timing.endless = run.slowest.dead && communicator.ranks > 1;
    timing.hostMicroseconds = run.slowest.host;
    timing.lateMicroseconds = run.slowest.late;
    const LinkTable table(system);
    const LinkLoads loads = loadsOf(system, environment, communicator, table, collective, timing.choice.algorithm,
                                    timing.choice.channels, run.bytes);
    const Busy busy = busiest(run, table, loads);
    timing.latencyMicroseconds
        = run.scaled(run.isPointToPoint() ? constants.pointToPointKernel : constants.kernel) + hopsOf(run, busy);
    timing.transferMicroseconds = run.usesNvls() ? nvlsTransfer(run, busy) : busy.microseconds;
    const double kernel = timing.latencyMicroseconds + timing.transferMicroseconds;
    timing.microseconds = std::max(timing.hostMicroseconds, kernel) + timing.lateMicroseconds;
    timing.bottleneck = timing.hostMicroseconds > kernel                        ? Bottleneck{BottleneckKind::Launch, -1, -1}
        : timing.latencyMicroseconds > timing.transferMicroseconds ? Bottleneck{BottleneckKind::Latency, -1, -1}
                                                                   : busy.bottleneck;
    timing.algorithmGigabytesPerSecond = run.bytes / timing.microseconds / 1000;
    timing.busGigabytesPerSecond = timing.algorithmGigabytesPerSecond * busFactor(collective, communicator.ranks);
    return timing;
}

Timing timeOf(const System& system, const Environment& environment, Collective collective, std::int64_t bytes,
              const Forced& forced, const TimingConstants& constants)
{
    const Communicator communicator = connect(system, environment);
    return timeOf(system, environment, communicator, tune(system, environment, communicator), collective, bytes, forced,
                  constants);
}

} // namespace sim::training::collectives
