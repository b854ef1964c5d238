// /sys/class/infiniband as Linux 6.1 fills it for mlx5 devices.
#include "core/shell/commands/fabric/sysfs.h"

#include "core/shell/commands/fabric/rdma_tool.h"

#include <fmt/format.h>

namespace core::shell::fabric {

using namespace rdma;

namespace {

/// Files of counters/ with the width that the kernel reads: the four data counters and unicast packets from
/// the 64-bit attribute, all else from the classic one.
struct CounterFile {
    const char* name;
    PortCounter counter;
    bool wide;
};

constexpr CounterFile kCounterFiles[] = {
    {"VL15_dropped", PortCounter::Vl15Dropped, false},
    {"excessive_buffer_overrun_errors", PortCounter::ExcessiveBufferOverrunErrors, false},
    {"link_downed", PortCounter::LinkDowned, false},
    {"link_error_recovery", PortCounter::LinkErrorRecovery, false},
    {"local_link_integrity_errors", PortCounter::LocalLinkIntegrityErrors, false},
    {"port_rcv_constraint_errors", PortCounter::RcvConstraintErrors, false},
    {"port_rcv_errors", PortCounter::RcvErrors, false},
    {"port_rcv_packets", PortCounter::RcvPackets, true},
    {"port_rcv_remote_physical_errors", PortCounter::RcvRemotePhysicalErrors, false},
    {"port_rcv_switch_relay_errors", PortCounter::RcvSwitchRelayErrors, false},
    {"port_xmit_constraint_errors", PortCounter::XmitConstraintErrors, false},
    {"port_xmit_discards", PortCounter::XmitDiscards, false},
    {"port_xmit_packets", PortCounter::XmitPackets, true},
    {"port_xmit_wait", PortCounter::XmitWait, false},
    {"symbol_error", PortCounter::SymbolError, false},
    {"unicast_rcv_packets", PortCounter::RcvPackets, true},
    {"unicast_xmit_packets", PortCounter::XmitPackets, true},
};

} // namespace

std::map<std::string, std::string> infinibandFiles(const Fabric& fabric, DeviceId id)
{
    const Device& d = fabric.device(id);
    const Port& port = fabric.port(id);
    std::map<std::string, std::string> files;
    const auto add = [&](const std::string& name, const std::string& value) {
        files[name] = value + "\n";
    };
    add("board_id", d.boardId);
    add("fw_ver", d.firmware);
    add("hca_type", d.type);
    add("hw_rev", "0");
    add("node_desc", nodeDescription(fabric, id));
    add("node_guid", guidInSysfs(d.nodeGuid));
    add("node_type", "1: CA");
    add("sys_image_guid", guidInSysfs(d.nodeGuid));
    add("device/numa_node", std::to_string(d.numaNode));
    const std::string at = "ports/1/";
    add(at + "cap_mask", fmt::format("0x{:08x}", capabilityMask(fabric, id)));
    add(at + "lid", fmt::format("0x{:x}", port.lid));
    add(at + "lid_mask_count", "0");
    add(at + "link_layer", linkLayerName(fabric.layer()));
    add(at + "phys_state", physicalStateInSysfs(port));
    add(at + "rate", rateInSysfs(fabric, port));
    add(at + "sm_lid", fmt::format("0x{:x}", port.smLid));
    add(at + "sm_sl", "0");
    add(at + "state", stateInSysfs(port));
    for (std::size_t i = 0; i < d.pkeys.size(); ++i)
        add(fmt::format("{}pkeys/{}", at, i), fmt::format("0x{:04x}", d.pkeys[i]));
    for (std::size_t i = 0; i < d.gids.size(); ++i) {
        add(fmt::format("{}gids/{}", at, i), gidText(d.gids[i]));
        add(fmt::format("{}gid_attrs/types/{}", at, i),
            d.gids[i].type == Gid::Type::RoceV2 ? "RoCE v2" : "IB/RoCE v1");
        if (fabric.layer() == LinkLayer::Ethernet)
            add(fmt::format("{}gid_attrs/ndevs/{}", at, i), d.netdev);
    }
    const PortId portId{id.value};
    for (const CounterFile& file : kCounterFiles)
        add(at + "counters/" + file.name,
            std::to_string(
                saturated(fabric.counter(portId, file.counter), file.wide ? 64 : classicBits(file.counter))));
    add(at + "counters/port_rcv_data", std::to_string(dataWords(fabric, portId, PortCounter::RcvData)));
    add(at + "counters/port_xmit_data", std::to_string(dataWords(fabric, portId, PortCounter::XmitData)));
    add(at + "counters/multicast_rcv_packets", "0");
    add(at + "counters/multicast_xmit_packets", "0");
    for (const auto& [name, value] : hardwareCounters(fabric, id))
        add(at + "hw_counters/" + name, std::to_string(value));
    add(at + "hw_counters/lifespan", "10");
    return files;
}

std::map<std::string, std::string> infinibandFiles(const Fabric& fabric, sim::HostId host)
{
    std::map<std::string, std::string> files;
    for (const DeviceId id : fabric.devicesOf(host))
        for (auto& [name, value] : infinibandFiles(fabric, id))
            files[fabric.device(id).name + "/" + name] = value;
    return files;
}

} // namespace core::shell::fabric
