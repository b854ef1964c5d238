#pragma once

#include "sim/gpu/gpus.h"
#include "sim/net/rdma/fabric.h"
#include "sim/training/collectives/system.h"

#include <string>
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

/// "18000": bus, device and function as NCCL writes them.
std::string ncclBusId(const gpu::Gpu& gpu);
/// Processors of the GPU's socket, of a machine with that many: "0-55".
std::string nearProcessors(const gpu::Gpus& gpus, const gpu::Gpu& gpu, std::int64_t processors);

} // namespace sim::training
