// ethtool 6.1 on the interfaces of mlx5 devices.
#include "core/shell/commands/fabric/ethtool_mlx5.h"

#include <fmt/format.h>

namespace core::shell::fabric {

using namespace rdma;

namespace {

Text noSuchInterface()
{
    return {"", "netlink error: No such device\n", 75};
}

std::string line(std::string_view name, std::uint64_t value)
{
    return fmt::format("     {}: {}\n", name, value);
}

std::string moduleLine(std::string_view name, const std::string& value)
{
    return fmt::format("\t{:<41} : {}\n", name, value);
}

} // namespace

Text ethtoolSettingsText(const Fabric& fabric, sim::HostId host, const std::string& interface)
{
    const DeviceId id = fabric.find(host, interface);
    if (!id.valid())
        return noSuchInterface();
    const Port& port = fabric.port(id);
    const bool up = port.logical == LogicalState::Active;
    const std::string mode = fmt::format("{}baseCR{}/Full", gigabits(fabric, port) * 1000, port.lanes);
    Text text;
    text.out = fmt::format("Settings for {}:\n\tSupported ports: [ FIBRE ]\n\tSupported link modes:   "
                           "{}\n\tSupported pause frame use: Symmetric\n"
                           "\tSupports auto-negotiation: Yes\n\tSupported FEC modes: RS\n",
                           interface, up ? mode : "Not reported");
    text.out += up ? fmt::format("\tSpeed: {}Mb/s\n\tLanes: {}\n\tDuplex: Full\n",
                                 gigabits(fabric, port) * 1000, port.lanes)
                   : std::string("\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n");
    text.out += fmt::format(
        "\tAuto-negotiation: on\n\tPort: FIBRE\n\tPHYAD: 0\n\tTransceiver: internal\n\tLink detected: {}\n",
        up ? "yes" : "no");
    return text;
}

Text ethtoolStatisticsText(const Fabric& fabric, sim::HostId host, const std::string& interface)
{
    const DeviceId id = fabric.find(host, interface);
    if (!id.valid())
        return {"", "Cannot get stats strings information: No such device\n", 96};
    Text text;
    text.out = "NIC statistics:\n";
    // RDMA goes past the kernel: its packets are in no queue's counters.
    for (const char* name : {"rx_packets", "rx_bytes", "tx_packets", "tx_bytes"})
        text.out += line(name, 0);
    if (fabric.layer() == LinkLayer::InfiniBand)
        return text;
    const PortId port{id.value};
    const auto value = [&](PortCounter counter) {
        return fabric.counter(port, counter);
    };
    const std::uint64_t rxPackets = value(PortCounter::RcvPackets),
                        txPackets = value(PortCounter::XmitPackets);
    const std::uint64_t rxBytes = value(PortCounter::RcvData), txBytes = value(PortCounter::XmitData);
    std::uint64_t rxPauses = 0, txPauses = 0;
    for (int p = 0; p < kPriorities; ++p) {
        rxPauses += fabric.counter(port, p, PriorityCounter::RxPause);
        txPauses += fabric.counter(port, p, PriorityCounter::TxPause);
    }
    const std::uint64_t discards = value(PortCounter::RcvDiscards);
    const std::vector<std::pair<const char*, std::uint64_t>> before = {
        {"rx_out_of_buffer", 0},
        {"rx_vport_rdma_unicast_packets", rxPackets - discards},
        {"rx_vport_rdma_unicast_bytes", rxBytes},
        {"tx_vport_rdma_unicast_packets", txPackets},
        {"tx_vport_rdma_unicast_bytes", txBytes},
        {"tx_packets_phy", txPackets},
        {"rx_packets_phy", rxPackets},
        {"rx_crc_errors_phy", value(PortCounter::RcvErrors)},
        {"tx_bytes_phy", txBytes},
        {"rx_bytes_phy", rxBytes},
        {"rx_in_range_len_errors_phy", 0},
        {"rx_oversize_pkts_phy", 0},
        {"rx_symbol_err_phy", value(PortCounter::SymbolError)},
        {"tx_mac_control_phy", txPauses},
        {"rx_mac_control_phy", rxPauses},
        {"rx_pause_ctrl_phy", rxPauses},
        {"tx_pause_ctrl_phy", txPauses},
        {"rx_discards_phy", discards},
        {"tx_discards_phy", 0},
        {"tx_errors_phy", 0},
        {"link_down_events_phy", value(PortCounter::LinkDowned)},
        {"rx_pcs_symbol_err_phy", value(PortCounter::SymbolError)},
        {"rx_pci_signal_integrity", 0},
        {"tx_pci_signal_integrity", 0},
        {"outbound_pci_stalled_rd", 0},
        {"outbound_pci_stalled_wr", 0},
    };
    for (const auto& [name, count] : before)
        text.out += line(name, count);
    const auto priority = [&](std::string_view direction, int p, std::string_view name,
                              PriorityCounter counter) {
        text.out += line(fmt::format("{}_prio{}_{}", direction, p, name), fabric.counter(port, p, counter));
    };
    for (int p = 0; p < kPriorities; ++p) {
        priority("rx", p, "bytes", PriorityCounter::RxBytes);
        priority("rx", p, "packets", PriorityCounter::RxPackets);
        priority("rx", p, "discards", PriorityCounter::RxDiscards);
        priority("tx", p, "bytes", PriorityCounter::TxBytes);
        priority("tx", p, "packets", PriorityCounter::TxPackets);
    }
    for (int p = 0; p < kPriorities; ++p) {
        if ((fabric.port(port).qos.pfc >> p & 1) == 0)
            continue; // the driver shows them of priorities with PFC only
        priority("rx", p, "pause", PriorityCounter::RxPause);
        priority("rx", p, "pause_duration", PriorityCounter::RxPauseMicroseconds);
        priority("tx", p, "pause", PriorityCounter::TxPause);
        priority("tx", p, "pause_duration", PriorityCounter::TxPauseMicroseconds);
        priority("rx", p, "pause_transition", PriorityCounter::RxPauseTransition);
    }
    text.out += line("tx_pause_storm_warning_events", fabric.counter(id, DeviceCounter::PauseStormWarnings))
        + line("tx_pause_storm_error_events", 0);
    for (const char* name : {"module_unplug", "module_bus_stuck", "module_high_temp", "module_bad_shorted"})
        text.out += line(name, 0);
    for (int p = 0; p < kPriorities; ++p) {
        priority("rx", p, "buf_discard", PriorityCounter::RxDiscards);
        text.out += line(fmt::format("rx_prio{}_cong_discard", p), 0);
        priority("rx", p, "marked", PriorityCounter::RxMarked);
    }
    return text;
}

Text ethtoolDriverText(const Fabric& fabric, sim::HostId host, const std::string& interface,
                       const std::string& kernel)
{
    const DeviceId id = fabric.find(host, interface);
    if (!id.valid())
        return {"", "Cannot get driver information: No such device\n", 71};
    const Device& d = fabric.device(id);
    return {fmt::format("driver: {}\nversion: {}\nfirmware-version: {} ({})\nexpansion-rom-version: "
                        "\nbus-info: {}\nsupports-statistics: yes\nsupports-test: yes\n"
                        "supports-eeprom-access: no\nsupports-register-dump: no\nsupports-priv-flags: yes\n",
                        fabric.layer() == LinkLayer::InfiniBand ? "mlx5_core[ib_ipoib]" : "mlx5_core", kernel,
                        d.firmware, d.boardId, d.pciAddress),
            "", 0};
}

Text ethtoolModuleText(const Fabric& fabric, sim::HostId host, const std::string& interface)
{
    const DeviceId id = fabric.find(host, interface);
    if (!id.valid())
        return noSuchInterface();
    const Cable& cable = fabric.cables()[fabric.port(id).cable.value];
    // The memories of a passive copper cable: what does not depend on the maker.
    Text text;
    text.out = moduleLine("Identifier", "0x19 (OSFP 8X Pluggable Transceiver)")
        + moduleLine("Power class", "1") + moduleLine("Max power", "1.50W")
        + moduleLine("Connector", "0x23 (No separable connector)")
        + moduleLine("Cable assembly length", fmt::format("{:.2f}m", cable.lengthMeters))
        + moduleLine("Transmitter technology", "0x0a (Copper cable, unequalized)")
        + moduleLine("Revision compliance", "Rev. 4.0") + moduleLine("Module State", "0x03 (ModuleReady)");
    return text;
}

} // namespace core::shell::fabric
