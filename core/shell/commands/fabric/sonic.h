#pragma once

#include "core/shell/commands/fabric/text.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace core::shell::fabric {

/// What SONiC's utilities print of one switch: sonic-utilities as of 2026 (show, pfcstat, queuestat, portstat, intfutil, ecnconfig, pfcwd, lldpshow).
/// Ports are called by rdma::frontPanelName.

/// None: the switch has no such port.
rdma::PortId sonicPort(const rdma::Fabric& fabric, rdma::RdmaSwitchId id, const std::string& name);
/// The switch's ports in the order of their numbers.
std::vector<rdma::PortId> sonicPorts(const rdma::Fabric& fabric, rdma::RdmaSwitchId id);
/// The bits of a mask as SONiC lists them: 0x18 -> "3,4".
std::string priorityList(std::uint8_t bits);

Text showPfcCounters(const rdma::Fabric& fabric, rdma::RdmaSwitchId id);
Text showPfcPriority(const rdma::Fabric& fabric, rdma::RdmaSwitchId id, const std::string& port);
/// `before`: the switch `seconds` ago, for -p. Null: since the start, at the rates of this moment.
Text showInterfaceCounters(const rdma::Fabric& fabric, rdma::RdmaSwitchId id, const rdma::Fabric* before, int seconds);
Text showInterfaceStatus(const rdma::Fabric& fabric, rdma::RdmaSwitchId id, const std::string& port);
Text showQueueCounters(const rdma::Fabric& fabric, rdma::RdmaSwitchId id, const std::string& port);
Text showLldpTable(const rdma::Fabric& fabric, rdma::RdmaSwitchId id);
/// ecnconfig -l: the WRED profile, which only goes with all of the switch's QoS (config qos clear).
Text showEcn(const rdma::Fabric& fabric, rdma::RdmaSwitchId id);
/// ecnconfig -q: of these queues, by the first port, as it does.
Text ecnStatus(const rdma::Fabric& fabric, rdma::RdmaSwitchId id, const std::vector<int>& queues);
Text pfcwdConfig(const rdma::Fabric& fabric, rdma::RdmaSwitchId id, const std::vector<std::string>& ports);
Text pfcwdStats(const rdma::Fabric& fabric, rdma::RdmaSwitchId id);
/// A key of CONFIG_DB's tables of ports, taken apart: "QUEUE|Ethernet0|3".
struct ConfigKey {
    std::string table;
    rdma::PortId port;
    int queue = -1; ///< 0 .. 7; -1: the key names none
};
/// Nothing: it names no port of the switch, or a queue that there is not.
std::optional<ConfigKey> parseConfigKey(const rdma::Fabric& fabric, rdma::RdmaSwitchId id, const std::string& key);
/// CONFIG_DB's entry of a table: PORT_QOS_MAP|Ethernet0, QUEUE|Ethernet0|3, PFC_WD|Ethernet0; field -> value, in the order in which it is shown.
/// Empty: there is none.
std::vector<std::pair<std::string, std::string>> configEntry(const rdma::Fabric& fabric, rdma::RdmaSwitchId id, const std::string& key);
/// The keys that exist of those tables.
std::vector<std::string> configKeys(const rdma::Fabric& fabric, rdma::RdmaSwitchId id);

} // namespace core::shell::fabric
