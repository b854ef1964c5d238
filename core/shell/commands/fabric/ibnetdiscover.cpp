// ibnetdiscover, ibhosts, ibswitches and sminfo of infiniband-diags (rdma-core 55).
#include "core/shell/commands/fabric/ibnetdiscover.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::fabric {

using namespace rdma;

namespace {

/// PCI ids, which are the node's device ids: a device type is "MT" and the id in decimal.
int deviceId(const Fabric& fabric, const Node& node)
{
    if (!node.fabricSwitch.valid())
        return std::stoi(fabric.device(node.device).type.substr(2));
    return 0xd2f2; // Quantum-2
}

std::string nodeName(const Fabric& fabric, const Node& node)
{
    return fmt::format("\"{}-{:016x}\"", node.fabricSwitch.valid() ? "S" : "H", guid(fabric, node));
}

/// "4xNDR"
std::string widthAndSpeed(const Port& port)
{
    return fmt::format("{}x{}", port.lanes, speedName(port.speed));
}

std::string switchText(const Fabric& fabric, const Node& node)
{
    const Switch& s = fabric.switchOf(node.fabricSwitch);
    std::string text = fmt::format("\nvendid=0x2c9\ndevid=0x{:x}\nsysimgguid=0x{:x}\nswitchguid=0x{:x}({:x})"
                                   "\nSwitch\t{} {}\t\t# \"{}\" enhanced port 0 lid {} lmc 0\n",
                                   deviceId(fabric, node), s.guid, s.guid, s.guid, s.portCount,
                                   nodeName(fabric, node), s.description, s.lid);
    for (const PortId id : portsOf(fabric, node)) {
        if (!fabric.linkUp(id))
            continue;
        const PortId peer = fabric.peer(id);
        const Node other = nodeOf(fabric, peer);
        text += fmt::format("[{}]\t{}[{}]{}\t\t# \"{}\" lid {} {}\n", fabric.port(id).number,
                            nodeName(fabric, other), fabric.port(peer).number,
                            other.fabricSwitch.valid() ? "" : fmt::format("({:x}) ", fabric.port(peer).guid),
                            description(fabric, other), lid(fabric, other), widthAndSpeed(fabric.port(id)));
    }
    return text;
}

std::string deviceText(const Fabric& fabric, const Node& node)
{
    const Device& d = fabric.device(node.device);
    const Port& port = fabric.port(node.device);
    std::string text = fmt::format(
        "\nvendid=0x2c9\ndevid=0x{:x}\nsysimgguid=0x{:x}\ncaguid=0x{:x}\nCa\t1 {}\t\t# \"{}\"\n",
        deviceId(fabric, node), d.nodeGuid, d.nodeGuid, nodeName(fabric, node), description(fabric, node));
    if (port.physical != PhysicalState::LinkUp)
        return text;
    const PortId peer = fabric.peer(PortId{node.device.value});
    const Node other = nodeOf(fabric, peer);
    return text
        + fmt::format("[1]({:x}) \t{}[{}]\t\t# lid {} lmc 0 \"{}\" lid {} {}\n", port.guid,
                      nodeName(fabric, other), fabric.port(peer).number, port.lid, description(fabric, other),
                      lid(fabric, other), widthAndSpeed(port));
}

} // namespace

Text ibnetdiscoverText(const Fabric& fabric, sim::HostId host, const IbnetdiscoverOptions& options)
{
    const DeviceId from = defaultDevice(fabric, host);
    if (fabric.layer() != LinkLayer::InfiniBand || !from.valid())
        return cannotOpenPort(options.pid, "ibnetdiscover");
    Text text;
    const std::vector<Node> nodes = discover(fabric, from);
    if (options.list || options.hcas || options.switches) {
        for (const bool switches : {false, true})
            for (const Node& node : nodes)
                if (node.fabricSwitch.valid() == switches
                    && (options.list || (switches ? options.switches : options.hcas)))
                    text.out += fmt::format("{}\t : 0x{:016x} ports {} devid 0x{:x} vendid 0x2c9 \"{}\"\n",
                                            switches ? "Switch" : "Ca", guid(fabric, node),
                                            portsOf(fabric, node).size(), deviceId(fabric, node),
                                            description(fabric, node));
        return text;
    }
    text.out = fmt::format(
        "#\n# Topology file: generated on {}\n#\n# Initiated from node {:016x} port {:016x}\n", options.date,
        fabric.device(from).nodeGuid, fabric.port(from).guid);
    for (const Node& node : nodes)
        if (node.fabricSwitch.valid())
            text.out += switchText(fabric, node);
    for (const Node& node : nodes)
        if (!node.fabricSwitch.valid())
            text.out += deviceText(fabric, node);
    return text;
}

Text ibhostsText(const Fabric& fabric, sim::HostId host, int pid)
{
    const DeviceId from = defaultDevice(fabric, host);
    if (fabric.layer() != LinkLayer::InfiniBand || !from.valid())
        return cannotOpenPort(pid, "/usr/sbin/ibnetdiscover");
    Text text;
    for (const Node& node : discover(fabric, from))
        if (!node.fabricSwitch.valid())
            text.out += fmt::format("Ca\t: 0x{:016x} ports 1 \"{}\"\n", guid(fabric, node),
                                    description(fabric, node));
    return text;
}

Text ibswitchesText(const Fabric& fabric, sim::HostId host, int pid)
{
    const DeviceId from = defaultDevice(fabric, host);
    if (fabric.layer() != LinkLayer::InfiniBand || !from.valid())
        return cannotOpenPort(pid, "/usr/sbin/ibnetdiscover");
    Text text;
    for (const Node& node : discover(fabric, from))
        if (node.fabricSwitch.valid())
            text.out += fmt::format("Switch\t: 0x{:016x} ports {} \"{}\" enhanced port 0 lid {} lmc 0\n",
                                    guid(fabric, node), portsOf(fabric, node).size(),
                                    description(fabric, node), lid(fabric, node));
    return text;
}

Text sminfoText(const Fabric& fabric, sim::HostId host, int lid, int pid)
{
    const DeviceId from = defaultDevice(fabric, host);
    if (fabric.layer() != LinkLayer::InfiniBand || !from.valid())
        return cannotOpenPort(pid, "sminfo");
    const int asked = lid != 0 ? lid : fabric.port(from).smLid;
    Text text;
    const DeviceId at = fabric.findLid(static_cast<std::uint16_t>(asked));
    const auto& managers = fabric.subnet().managers;
    const auto manager = std::find_if(managers.begin(), managers.end(),
                                      [&](const SubnetManager& m) { return m.device == at && m.running; });
    if (asked == 0) {
        text.errors = fmt::format("ibwarn: [{0}] _do_madrpc: send failed; Invalid argument\nibwarn: [{0}] "
                                  "mad_rpc: _do_madrpc failed; dport (Lid 0)\n"
                                  "sminfo: iberror: failed: query\n",
                                  pid);
        text.status = 255;
        return text;
    }
    const bool answers = manager != managers.end() && fabric.linkUp(PortId{at.value})
        && fabric.device(at).powered && fabric.port(from).logical == LogicalState::Active;
    if (!answers) {
        text.errors = timedOut(pid, "mad_rpc", asked) + "sminfo: iberror: failed: query\n";
        text.status = 255;
        return text;
    }
    const bool master = fabric.masterDevice() == at;
    text.out = fmt::format("sminfo: sm lid {} sm guid 0x{:x}, activity count {} priority {} state {} {}\n",
                           asked, fabric.port(at).guid, fabric.activityCount(*manager), manager->priority,
                           master ? 3 : 2, master ? "SMINFO_MASTER" : "SMINFO_STANDBY");
    return text;
}

} // namespace core::shell::fabric
