#pragma once

#include "sim/training/collectives/links.h"
#include "sim/training/collectives/tuning.h"

/// How long a collective really takes: a physical model of launch, hops, chunk pipelines and links, set against
/// published runs (README.md), beside NCCL's own estimate (tuning.h).
namespace sim::training::collectives {

/// The model's parameters. Times are microseconds; those of hops hold at 1.41 GHz, an A100's clock, and shrink as
/// clocks rise. README.md says where each comes from.
struct TimingConstants {
    double kernel = 13;                                     ///< start, first and last flag of a collective's kernel
    double pointToPointKernel = 10;
    std::array<double, kProtocols> hop{1.4, 2.5, 14.4};     ///< to the next GPU of the node, by protocol
    std::array<double, kProtocols> networkHop{6, 9, 25};    ///< to another node
    double hopHiding = 0.45; ///< how much of the time that a link has to spare hides its hop's latency
    double efaHop = 35;                                     ///< more, for each
    double socketHop = 40;
    /// Once per chunk, by architecture: channels queue at the switch.
    std::array<double, 3> nvlsSyncPerChannel{0, 0.33, 0.46};
    double nvlsFillChunks = 1.6;                            ///< chunks' times until the pipeline is full
    double nvlsTreeFillChunks = 2.1;
    std::array<double, 3> nvlsEfficiency{0, 0.895, 0.93};   ///< of the links, in-switch
    double nvlsTreeEfficiency = 0.83;
    std::array<double, 3> ringEfficiency{0.967, 0.985, 0.955};  ///< of the links by architecture, Simple
    std::array<double, 3> ll128Efficiency{0.6, 0.8, 0.8};       ///< the same of LL128, flags included
    std::array<double, 3> pointToPointEfficiency{0.81, 0.905, 0.85};
    double pairEfficiency = 0.9;                            ///< both directions of one pair's links
    double treeEfficiency = 0.92;
    double portEfficiency = 0.96;                           ///< of a port's rate
    double stagedPort = 0.5;                                ///< without GPUDirect RDMA
    double socketEfficiency = 0.4;                          ///< of the ethernet port's rate
    double sharedMemoryEfficiency = 0.83;                   ///< of PCIe, through host memory
    /// GB/s that the threads of one channel's block move, by architecture, at its full clock.
    std::array<double, 3> llPerChannel{4.3, 6.0, 6.0};
    std::array<double, 3> ll128PerChannel{10, 18, 20};
    std::array<double, 3> simplePerChannel{24, 34, 34};
    double blackwellSimpleHop = 4;
    bool operator==(const TimingConstants&) const = default;
};

enum class BottleneckKind { Launch, Latency, Nvlink, Pcie, Port, HostMemory, Ethernet, Blocks };
BOOST_DESCRIBE_ENUM(BottleneckKind, Launch, Latency, Nvlink, Pcie, Port, HostMemory, Ethernet, Blocks)

/// What decided the time: for the inspector and for a debrief.
struct Bottleneck {
    BottleneckKind kind = BottleneckKind::Latency;
    int node = -1;
    int of = -1; ///< rank or port, as Link::of
    bool operator==(const Bottleneck&) const = default;
};

struct Timing {
    std::optional<Failure> failure;
    bool endless = false; ///< a dead rank: every other one waits for it
    Choice choice;
    double hostMicroseconds = 0;    ///< the process launches its kernels one after the other
    double latencyMicroseconds = 0; ///< of the kernel's time
    double transferMicroseconds = 0;
    double lateMicroseconds = 0;    ///< waiting for the last rank
    /// From the first rank's call to the last one's end, in a series of calls (launches overlap kernels).
    double microseconds = 0;
    double algorithmGigabytesPerSecond = 0;
    double busGigabytesPerSecond = 0;
    Bottleneck bottleneck;
    bool operator==(const Timing&) const = default;
};

/// `bytes` as nccl-tests counts them, above 0.
Timing timeOf(const System& system, const Environment& environment, const Communicator& communicator, const Tuner& tuner,
              Collective collective, std::int64_t bytes, const Forced& forced = {}, const TimingConstants& constants = {});

/// The same from a description alone.
Timing timeOf(const System& system, const Environment& environment, Collective collective, std::int64_t bytes,
              const Forced& forced = {}, const TimingConstants& constants = {});

/// How NCCL cuts an array (src/enqueue.cc): bytes of a chunk, and of all chunks that are in flight at once.
struct Chunking {
    double chunkBytes = 0;
    double loopBytes = 0;
    double loops = 0; ///< at least a part of one
};
Chunking chunkingOf(const Environment& environment, const Communicator& communicator, Algorithm algorithm,
                    Protocol protocol, int channels, double bytes);

} // namespace sim::training::collectives
