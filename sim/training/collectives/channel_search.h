#pragma once

#include "sim/training/collectives/channels.h"

namespace sim::training::collectives {

/// What limits a search within one node.
struct SearchLimits {
    Architecture architecture = Architecture::Hopper;
    int gpus = 1;
    bool severalNodes = false;
    double gpuRate = 0;  ///< least NVLink (or PCIe) rate of its GPUs, GB/s
    double pcieRate = 0; ///< least of its GPUs
    std::vector<double> portRates; ///< of each port in use, already limited by the path to its GPU
    int maxChannels = 32;
};

/// Channels and bandwidth of a ring: the speeds that NCCL tries for this architecture, from the fastest, the first
/// with the most bandwidth over all channels; few fast channels are doubled.
Graph searchRing(const SearchLimits& limits);
/// A tree has as many channels as the ring; its bandwidth within nodes may be higher than between them.
Graph searchTree(const SearchLimits& limits, const Graph& ring);
/// One channel per head. No channels: not to be had.
Graph searchNvls(const SearchLimits& limits, int heads);

} // namespace sim::training::collectives
