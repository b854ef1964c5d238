#pragma once

#include "sim/training/collectives/channels.h"

/// NCCL's own estimate of what each algorithm and protocol would take, by which it chooses (src/graph/tuning.cc of
/// 2.30.7). What a collective really takes is timing.h's.
namespace sim::training::collectives {

struct TunerEntry {
    double latencyMicroseconds = 0;
    double gigabytesPerSecond = 0; ///< of the algorithm; 0: not to be used
    bool operator==(const TunerEntry&) const = default;
};

struct Tuner {
    std::array<std::array<std::array<TunerEntry, kProtocols>, kAlgorithms>, kCollectives> entries{};
    std::array<std::array<int, kProtocols>, kAlgorithms> maxThreads{};
    /// Bytes a thread must have before another channel or more threads are used.
    std::array<std::array<std::int64_t, kProtocols>, kAlgorithms> threadThresholds{};
    const TunerEntry& at(Collective c, Algorithm a, Protocol p) const { return entries[index(c)][index(a)][index(p)]; }
    bool operator==(const Tuner&) const = default;
};

Tuner tune(const System& system, const Environment& environment, const Communicator& communicator);

/// Microseconds by NCCL's formula; nothing where the pair is not to be used. `bytes` as nccl-tests counts them.
std::optional<double> estimate(const System& system, const Communicator& communicator, const Tuner& tuner,
                               Collective collective, Algorithm algorithm, Protocol protocol, std::int64_t bytes);

struct Choice {
    Algorithm algorithm = Algorithm::Ring;
    Protocol protocol = Protocol::Simple;
    double estimatedMicroseconds = 0;
    int channels = 1; ///< that carry data
    int threads = 0;  ///< of each channel's block
    std::optional<Failure> failure;
    bool operator==(const Choice&) const = default;
};

/// What a caller insists on, beside the environment's NCCL_ALGO and NCCL_PROTO.
struct Forced {
    std::optional<Algorithm> algorithm;
    std::optional<Protocol> protocol;
    /// NCCL before 2.24 took a ring where the wanted algorithm could not be had; since then the call fails.
    bool ringInstead = false;
};

/// Send/receive and all-to-all know no algorithms: Ring and Simple (LL for little) stand for them.
Choice choose(const System& system, const Environment& environment, const Communicator& communicator, const Tuner& tuner,
              Collective collective, std::int64_t bytes, const Forced& forced = {});

} // namespace sim::training::collectives
