#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// The tools of a machine with RDMA devices: infiniband-diags, libibverbs' and perftest's programs, MLNX_OFED's scripts. All of
/// them read sim::net::rdma.
void addFabricTools(CommandTable& table);

namespace fabric {
// One file per tool, or per family.
void addDeviceTools(CommandTable& table); ///< what everybody may run: ibstat, ibv_devinfo, show_gids, rdma, mlnx_qos ...
void addSubnetTools(CommandTable& table); ///< what sends management datagrams: iblinkinfo, perfquery, ibportstate, ibdiagnet ...
void addIbping(CommandTable& table);
void addPerftest(CommandTable& table);
void addSwitchTools(CommandTable& table); ///< SONiC's, on switches: show, config, ecnconfig, pfcwd, sonic-db-cli
} // namespace fabric

} // namespace core::shell
