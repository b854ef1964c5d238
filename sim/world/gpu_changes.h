#pragma once

#include "sim/gpu/gpus.h"
#include "sim/net/rdma/fabric.h"
#include "sim/world/command.h"

namespace sim {

/// What administrators and people at the rack change about GPUs; see the commands' own comments for the errors.
CommandResult changeGpu(Engine& engine, host::Hosts& hosts, gpu::Gpus& gpus, const command::GpuChange& change);
CommandResult runOnGpu(Engine& engine, host::Hosts& hosts, net::Network& network, gpu::Gpus& gpus, const command::GpuProgram& change);
CommandResult callMps(Engine& engine, host::Hosts& hosts, net::Network& network, gpu::Gpus& gpus, const command::MpsCall& call);
CommandResult changeModule(Engine& engine, host::Hosts& hosts, gpu::Gpus& gpus, const command::ModuleChange& change);
CommandResult workAtSite(Engine& engine, host::Hosts& hosts, gpu::Gpus& gpus, net::rdma::Fabric& fabric, const command::SiteWork& work);

} // namespace sim
