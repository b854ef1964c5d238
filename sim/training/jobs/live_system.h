#pragma once

#include "sim/gpu/gpus.h"
#include "sim/net/rdma/fabric.h"
#include "sim/training/collectives/debug_log.h"

#include <vector>

namespace sim::training {

/// The GPUs that one machine gives to a communicator, in the order of their CUDA numbers.
struct MachineShare {
    HostId host;
    std::vector<GpuId> gpus; ///< at least one
};
/// What NCCL finds on these machines now: clocks that their GPUs will hold, NVLinks that are up, adapters whose port is active, how
/// fast it is, and whether it reaches GPU memory.
collectives::System liveSystem(const gpu::Gpus& gpus, const net::rdma::Fabric& fabric, const std::vector<MachineShare>& machines);

/// Fills in what NCCL's lines tell of a rank's device, of a machine with so many processors: bus id, those of its socket, and where the
/// thread's proxy started.
void describeDevice(collectives::DebugPlace& place, const gpu::Gpus& gpus, const gpu::Gpu& gpu, std::int64_t processors);

} // namespace sim::training
