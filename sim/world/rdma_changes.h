#pragma once

#include "sim/host/hosts.h"
#include "sim/net/rdma/fabric.h"
#include "sim/world/command.h"

namespace sim {

/// What administrators change about the compute network. Changes are named "rdma/HOST/DEVICE", "rdma/SWITCH/PORT" and "rdma/SWITCH".
CommandResult changeRdma(Instant now, const host::Hosts& hosts, net::rdma::Fabric& fabric, const command::RdmaChange& change);

} // namespace sim
