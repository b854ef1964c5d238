// ethtool 6.1 and brctl of bridge-utils 1.7.
#include "core/shell/commands/fabric/ethtool_mlx5.h"
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"

#include <fmt/format.h>

#include <cmath>

namespace core::shell::node {

namespace {

using sim::net::Interface;

/// Whether a device has a cable, what the cable's rate is, and whether light comes through.
struct Cable {
    bool is = false;
    bool carrier = true;
    double bitsPerSecond = 0;
};

Cable cableOf(Invocation& inv, const std::string& device)
{
    const auto& fabric = inv.door().world().network().fabric();
    const sim::LinkId link = fabric.linkOf(stackIdOf(inv), device);
    if (!link.valid())
        return {};
    return {true, fabric.carrier(link), fabric.links()[link.value].bitsPerSecond};
}

int showSettings(Invocation& inv, const Interface& i)
{
    const Cable cable = cableOf(inv, i.name);
    const bool up = i.adminUp && cable.carrier;
    std::string text = fmt::format("Settings for {}:\n", i.name);
    if (cable.is) {
        const auto megabits = static_cast<std::int64_t>(cable.bitsPerSecond / 1e6);
        const std::string mode = megabits >= 25'000 ? fmt::format("{}baseCR{}/Full", megabits, megabits >= 100'000 ? "4" : "") : fmt::format("{}baseT/Full", megabits);
        text += fmt::format("\tSupported ports: [ FIBRE ]\n\tSupported link modes:   {0}\n\tSupported pause frame use: Symmetric\n\tSupports auto-negotiation: Yes\n"
                            "\tSupported FEC modes: Not reported\n\tAdvertised link modes:  {0}\n\tAdvertised pause frame use: Symmetric\n"
                            "\tAdvertised auto-negotiation: Yes\n\tAdvertised FEC modes: Not reported\n",
                            mode);
        text += up ? fmt::format("\tSpeed: {}Mb/s\n\tDuplex: Full\n", megabits) : std::string("\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n");
        text += "\tAuto-negotiation: on\n\tPort: FIBRE\n\tPHYAD: 0\n\tTransceiver: internal\n\tSupports Wake-on: d\n\tWake-on: d\n";
    } else if (i.name != "lo") {
        text += "\tSpeed: 10000Mb/s\n\tDuplex: Full\n\tAuto-negotiation: off\n\tPort: Twisted Pair\n\tPHYAD: 0\n\tTransceiver: internal\n\tMDI-X: Unknown\n";
    }
    inv.print(text + fmt::format("\tLink detected: {}\n", up ? "yes" : "no"));
    return 0;
}

int showCounters(Invocation& inv, const Interface& i)
{
    if (!cableOf(inv, i.name).is) {
        inv.err().write("no stats available\n");
        return 94;
    }
    const auto& c = i.counters;
    inv.print(fmt::format("NIC statistics:\n     rx_packets: {:.0f}\n     rx_bytes: {:.0f}\n     tx_packets: {:.0f}\n     tx_bytes: {:.0f}\n     rx_dropped: {:.0f}\n"
                          "     tx_dropped: {:.0f}\n     rx_oversize_pkts: {:.0f}\n     rx_crc_errors: 0\n     tx_errors: 0\n",
                          std::floor(c.rxPackets), std::floor(c.rxBytes), std::floor(c.txPackets), std::floor(c.txBytes), c.rxDropped, c.txDropped, c.rxErrors));
    return 0;
}

int showDriver(Invocation& inv, const Interface& i)
{
    const bool cable = cableOf(inv, i.name).is;
    inv.print(fmt::format("driver: {}\nversion: {}\nfirmware-version: {}\nexpansion-rom-version: \nbus-info: {}\nsupports-statistics: {}\nsupports-test: {}\n"
                          "supports-eeprom-access: no\nsupports-register-dump: no\nsupports-priv-flags: {}\n",
                          cable ? "mlx5_core" : i.name.rfind("vxlan", 0) == 0 ? "vxlan" : "veth", cable ? machineOf(inv).kernel : "1.0",
                          cable ? std::string(sim::host::kEthernetFirmware) + " (MT_0000000359)" : "", cable ? sim::host::kEthernetPci : "", "yes", cable ? "yes" : "no", cable ? "yes" : "no"));
    return 0;
}

/// Of a network interface of an RDMA device; nothing when it is another's, or the mode says nothing about them.
std::optional<fabric::Text> rdmaText(Invocation& inv, const std::string& mode, const std::string& interface)
{
    const sim::net::rdma::Fabric& compute = inv.door().world().rdma();
    const sim::HostId host = inv.place().host;
    const sim::net::rdma::DeviceId device = compute.find(host, interface);
    if (inv.place().container || !device.valid() || compute.device(device).netdev != interface)
        return std::nullopt;
    if (mode.empty())
        return fabric::ethtoolSettingsText(compute, host, interface);
    if (mode == "-S" || mode == "--statistics")
        return fabric::ethtoolStatisticsText(compute, host, interface);
    if (mode == "-i" || mode == "--driver")
        return fabric::ethtoolDriverText(compute, host, interface, machineOf(inv).kernel);
    if (mode == "-m" || mode == "--dump-module-eeprom" || mode == "--module-info") {
        if (isRoot(inv))
            return fabric::ethtoolModuleText(compute, host, interface);
        return fabric::Text{"", "netlink error: Operation not permitted\n", 1};
    }
    return fabric::Text{"", "netlink error: Operation not supported\n", 1};
}

int runEthtool(Invocation& inv)
{
    std::string mode, device;
    for (const std::string& word : inv.arguments) {
        if (!word.empty() && word[0] == '-')
            mode = word;
        else if (device.empty())
            device = word;
    }
    if (device.empty()) {
        inv.err().write("ethtool: bad command line argument(s)\nFor more information run ethtool -h\n");
        return 1;
    }
    if (const auto text = rdmaText(inv, mode, device)) {
        inv.noteRead("rdma/" + machineOf(inv).name);
        inv.print(text->out);
        inv.err().write(text->errors);
        return text->status;
    }
    inv.noteRead("interface/" + placeName(inv));
    const Interface* i = stackOf(inv).interface(device);
    const bool statistics = mode == "-S" || mode == "--statistics", driver = mode == "-i" || mode == "--driver";
    if (i == nullptr) {
        inv.err().write(mode.empty() ? fmt::format("netlink error: no device matches name (offset 24)\nnetlink error: No such device\nnetlink error: no device matches name (offset 24)\n"
                                                   "netlink error: No such device\nnetlink error: no device matches name (offset 24)\nnetlink error: No such device\n"
                                                   "netlink error: no device matches name (offset 24)\nnetlink error: No such device\nnetlink error: no device matches name (offset 24)\n"
                                                   "netlink error: No such device\n")
                              : statistics    ? "Cannot get stats strings information: No such device\n"
                              : driver        ? "Cannot get driver information: No such device\n"
                                              : "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n");
        if (mode.empty())
            inv.print("No data available\n");
        return mode.empty() ? 75 : statistics ? 96 : driver ? 71 : 1;
    }
    if (mode.empty())
        return showSettings(inv, *i);
    if (mode == "-S" || mode == "--statistics")
        return showCounters(inv, *i);
    if (driver && device == "lo") {
        inv.err().write("Cannot get driver information: Operation not supported\n");
        return 71;
    }
    if (mode == "-g" || mode == "-c" || mode == "-a" || mode == "-l") {
        inv.err().write("netlink error: Operation not supported\n");
        return 1;
    }
    if (driver)
        return showDriver(inv, *i);
    if (mode == "-k" || mode == "--show-features") {
        inv.print(fmt::format("Features for {}:\nrx-checksumming: on\ntx-checksumming: on\n\ttx-checksum-ipv4: off [fixed]\n\ttx-checksum-ip-generic: on\n"
                              "scatter-gather: on\n\ttx-scatter-gather: on\ntcp-segmentation-offload: on\n\ttx-tcp-segmentation: on\n"
                              "generic-segmentation-offload: on\ngeneric-receive-offload: on\nlarge-receive-offload: off\n",
                              device));
        return 0;
    }
    inv.err().write("ethtool: bad command line argument(s)\nFor more information run ethtool -h\n");
    return 1;
}

int runBrctl(Invocation& inv)
{
    // No machine of the lab has a bridge of its own but where a container engine made one.
    inv.noteRead("interface/" + placeName(inv));
    inv.print("bridge name\tbridge id\t\tSTP enabled\tinterfaces\n");
    for (const Interface& i : stackOf(inv).interfaces) {
        if (i.name.rfind("docker", 0) != 0 && i.name.rfind("br-", 0) != 0)
            continue;
        std::string id = i.mac;
        std::erase(id, ':');
        std::string members;
        for (const Interface& other : stackOf(inv).interfaces)
            if (other.name.rfind("veth", 0) == 0 && i.name == "docker0")
                members += (members.empty() ? "" : "\n\t\t\t\t\t\t\t") + other.name;
        inv.print(fmt::format("{}\t\t8000.{}\tno\t\t{}\n", i.name, id, members));
    }
    return 0;
}

} // namespace

void addEthtool(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "ethtool";
    spec.summary = "query or control network driver and hardware settings";
    spec.usage = "ethtool [-S|-i|-k|-m] DEVNAME";
    spec.parseOptions = false;
    spec.run = runEthtool;
    table.add(spec);
    spec.name = "brctl";
    spec.summary = "Ethernet bridge administration";
    spec.usage = "brctl show";
    spec.run = runBrctl;
    table.add(std::move(spec));
}

} // namespace core::shell::node
