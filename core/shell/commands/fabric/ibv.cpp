// ibv_devices and ibv_devinfo of libibverbs (rdma-core 55), and MLNX_OFED's show_gids.
#include "core/shell/commands/fabric/ibv.h"

#include <fmt/format.h>

namespace core::shell::fabric {

using namespace rdma;

namespace {

/// "4096 (5)": the enumeration counts powers of two from 256.
std::string mtuText(int mtu)
{
    int code = 1;
    for (int size = 256; size < mtu; size *= 2)
        ++code;
    return fmt::format("{} ({})", mtu, code);
}

/// "100.0 Gbps (128)" of one lane.
const char* laneText(const Fabric& fabric, const Port& port)
{
    if (port.physical != PhysicalState::LinkUp)
        return fabric.layer() == LinkLayer::InfiniBand ? "2.5 Gbps (1)" : "10.0 Gbps (4)";
    switch (port.speed) {
    case LaneSpeed::Edr: return "25.0 Gbps (32)";
    case LaneSpeed::Hdr: return "50.0 Gbps (64)";
    case LaneSpeed::Ndr: return "100.0 Gbps (128)";
    case LaneSpeed::Xdr: return "200.0 Gbps (256)";
    case LaneSpeed::Sdr: break;
    }
    return "2.5 Gbps (1)";
}

std::string portDetails(const Fabric& fabric, DeviceId id)
{
    const Port& port = fabric.port(id);
    const bool infiniband = fabric.layer() == LinkLayer::InfiniBand;
    std::string text = fmt::format(
        "\t\t\tmax_msg_sz:\t\t0x40000000\n\t\t\tport_cap_flags:\t\t0x{:08x}\n\t\t\tport_cap_flags2:\t0x0000\n"
        "\t\t\tmax_vl_num:\t\t{}\n\t\t\tbad_pkey_cntr:\t\t0x0\n\t\t\tqkey_viol_cntr:\t\t0x0\n\t\t\tsm_sl:"
        "\t\t\t0\n"
        "\t\t\tpkey_tbl_len:\t\t{}\n\t\t\tgid_tbl_len:\t\t{}\n\t\t\tsubnet_timeout:\t\t{}\n\t\t\tinit_type_"
        "reply:\t0\n",
        capabilityMask(fabric, id), infiniband ? "4 (3)" : "invalid value (0)", infiniband ? 128 : 1,
        infiniband ? 8 : 255, infiniband ? 18 : 0);
    const int lanes = port.physical == PhysicalState::LinkUp ? port.lanes : 4;
    text += fmt::format(
        "\t\t\tactive_width:\t\t{}X ({})\n\t\t\tactive_speed:\t\t{}\n\t\t\tphys_state:\t\t{}\n", lanes,
        lanes == 4       ? 2
            : lanes == 2 ? 16
                         : 1,
        laneText(fabric, port),
        port.physical == PhysicalState::LinkUp         ? "LINK_UP (5)"
            : port.physical == PhysicalState::Disabled ? "DISABLED (3)"
                                                       : "POLLING (2)");
    const std::vector<Gid>& gids = fabric.device(id).gids;
    for (std::size_t i = 0; i < gids.size(); ++i)
        text += gids[i].type == Gid::Type::RoceV2
            ? fmt::format("\t\t\tGID[{:3}]:\t\t{}, RoCE v2\n", i, gidAsIpv6(gids[i]))
            : fmt::format("\t\t\tGID[{:3}]:\t\t{}{}\n", i, gidText(gids[i]), infiniband ? "" : ", RoCE v1");
    return text;
}

} // namespace

Text ibvDevicesText(const Fabric& fabric, sim::HostId host)
{
    Text text;
    text.out = fmt::format("    {:<16}\t   node GUID\n    {:<16}\t----------------\n", "device", "------");
    for (const DeviceId id : fabric.devicesOf(host))
        text.out += fmt::format("    {:<16}\t{:016x}\n", fabric.device(id).name, fabric.device(id).nodeGuid);
    return text;
}

Text ibvDevinfoText(const Fabric& fabric, sim::HostId host, const IbvDevinfoOptions& options)
{
    Text text;
    const std::vector<DeviceId> devices = fabric.devicesOf(host);
    if (options.list) {
        text.out = fmt::format("{} HCA{} found:\n", devices.size(), devices.size() == 1 ? "" : "s");
        for (const DeviceId id : devices)
            text.out += fmt::format("\t{}\n", fabric.device(id).name);
        text.out += "\n";
        return text;
    }
    if (devices.empty()) {
        text.errors = "No IB devices found\n";
        text.status = 255;
        return text;
    }
    for (const DeviceId id : devices) {
        const Device& d = fabric.device(id);
        if (!options.device.empty() && d.name != options.device)
            continue;
        if (options.port > 1) {
            text.errors += "Invalid port requested for device\n";
            text.status = 4;
            continue;
        }
        text.out += fmt::format("hca_id:\t{}\n\ttransport:\t\t\tInfiniBand "
                                "(0)\n\tfw_ver:\t\t\t\t{}\n\tnode_guid:\t\t\t{}\n\tsys_image_guid:\t\t\t{}\n"
                                "\tvendor_id:\t\t\t0x02c9\n\tvendor_part_id:\t\t\t{}\n\thw_ver:"
                                "\t\t\t\t0x0\n\tboard_id:\t\t\t{}\n\tphys_port_cnt:\t\t\t1\n",
                                d.name, d.firmware, guidInSysfs(d.nodeGuid), guidInSysfs(d.nodeGuid),
                                d.type.substr(2), d.boardId);
        const Port& port = fabric.port(id);
        static constexpr const char* kStates[] = {"", "PORT_DOWN (1)", "PORT_INIT (2)", "PORT_ARMED (3)",
                                                  "PORT_ACTIVE (4)"};
        text.out += fmt::format("\t\tport:\t1\n\t\t\tstate:\t\t\t{}\n\t\t\tmax_mtu:\t\t4096 "
                                "(5)\n\t\t\tactive_mtu:\t\t{}\n\t\t\tsm_lid:\t\t\t{}\n"
                                "\t\t\tport_lid:\t\t{}\n\t\t\tport_lmc:\t\t0x00\n\t\t\tlink_layer:\t\t{}\n",
                                kStates[static_cast<int>(port.logical)], mtuText(port.mtu), port.smLid,
                                port.lid, linkLayerName(fabric.layer()));
        if (options.verbose)
            text.out += portDetails(fabric, id);
        text.out += "\n";
    }
    if (text.out.empty() && text.errors.empty()) {
        text.errors = fmt::format("IB device '{}' wasn't found\n", options.device);
        text.status = 255;
    }
    return text;
}

Text showGidsText(const Fabric& fabric, sim::HostId host, const std::string& device)
{
    Text text;
    text.out = "DEV\tPORT\tINDEX\tGID\t\t\t\t\tIPv4  "
               "\t\tVER\tDEV\n---\t----\t-----\t---\t\t\t\t\t------------  \t---\t---\n";
    int found = 0;
    for (const DeviceId id : fabric.devicesOf(host)) {
        const Device& d = fabric.device(id);
        if (!device.empty() && d.name != device)
            continue;
        for (std::size_t i = 0; i < d.gids.size(); ++i) {
            const Gid& gid = d.gids[i];
            const std::string v4 = ipv4Of(gid);
            text.out += fmt::format("{}\t1\t{}\t{}\t{}\t{}\t{}\n", d.name, i, gidText(gid),
                                    v4.empty() ? "\t" : v4 + "  ",
                                    gid.type == Gid::Type::RoceV2 ? "v2" : "v1",
                                    fabric.layer() == LinkLayer::Ethernet ? d.netdev : "");
            ++found;
        }
    }
    text.out += fmt::format("n_gids_found={}\n", found);
    return text;
}

} // namespace core::shell::fabric
