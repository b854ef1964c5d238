#include "core/shell/commands/fabric/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::fabric {

using namespace rdma;

std::string stateInSysfs(const Port& port)
{
    switch (port.logical) {
    case LogicalState::Down: return "1: DOWN";
    case LogicalState::Initializing: return "2: INIT";
    case LogicalState::Armed: return "3: ARMED";
    case LogicalState::Active: return "4: ACTIVE";
    }
    return "";
}

std::string physicalStateInSysfs(const Port& port)
{
    switch (port.physical) {
    case PhysicalState::Polling: return "2: Polling";
    case PhysicalState::Disabled: return "3: Disabled";
    case PhysicalState::LinkUp: return "5: LinkUp";
    }
    return "";
}

int gigabits(const Fabric& fabric, const Port& port)
{
    if (port.physical != PhysicalState::LinkUp)
        return fabric.layer() == LinkLayer::InfiniBand ? 10 : 40;
    return static_cast<int>(laneBitsPerSecond(port.speed) * port.lanes / 1e9);
}

std::string rateInSysfs(const Fabric& fabric, const Port& port)
{
    const bool up = port.physical == PhysicalState::LinkUp;
    const char* name = up ? speedName(port.speed) : fabric.layer() == LinkLayer::InfiniBand ? "SDR" : "QDR";
    return fmt::format("{} Gb/sec ({}X {})", gigabits(fabric, port), up ? port.lanes : 4, name);
}

std::string guidInSysfs(std::uint64_t guid)
{
    return fmt::format("{:04x}:{:04x}:{:04x}:{:04x}", guid >> 48, guid >> 32 & 0xffff, guid >> 16 & 0xffff,
                       guid & 0xffff);
}

const char* linkLayerName(LinkLayer layer)
{
    return layer == LinkLayer::InfiniBand ? "InfiniBand" : "Ethernet";
}

std::uint32_t capabilityMask(const Fabric& fabric, DeviceId device)
{
    if (fabric.layer() == LinkLayer::Ethernet)
        return 0x00010000;
    // ConnectX-7's capabilities; bit 1 is IsSM.
    std::uint32_t mask = 0xa750e848;
    for (const SubnetManager& manager : fabric.subnet().managers)
        if (manager.device == device && manager.running)
            mask |= 2;
    return mask;
}

std::string nodeDescription(const Fabric& fabric, DeviceId device)
{
    const Device& d = fabric.device(device);
    const auto host = fabric.hosts().find(d.host);
    return fmt::format("{} {}", host == fabric.hosts().end() ? "" : host->second.name, d.name);
}

std::string ipv4Of(const Gid& gid)
{
    if (gid.prefix != 0 || gid.interface >> 32 != 0xffff)
        return "";
    return fmt::format("{}.{}.{}.{}", gid.interface >> 24 & 0xff, gid.interface >> 16 & 0xff,
                       gid.interface >> 8 & 0xff, gid.interface & 0xff);
}

std::string gidAsIpv6(const Gid& gid)
{
    if (const std::string v4 = ipv4Of(gid); !v4.empty())
        return "::ffff:" + v4;
    // fe80::/64 with an interface identifier: the zeros of the prefix fold, and nothing else is longer.
    std::string text = fmt::format("{:x}:", gid.prefix >> 48);
    for (int shift = 48; shift >= 0; shift -= 16)
        text += fmt::format(":{:x}", gid.interface >> shift & 0xffff);
    return text;
}

std::uint64_t dataWords(const Fabric& fabric, PortId port, PortCounter counter)
{
    const std::uint64_t value = fabric.counter(port, counter);
    return fabric.layer() == LinkLayer::InfiniBand ? value : value / 4;
}

DeviceId defaultDevice(const Fabric& fabric, sim::HostId host)
{
    DeviceId linked;
    for (const DeviceId id : fabric.devicesOf(host)) {
        if (fabric.port(id).logical == LogicalState::Active)
            return id;
        if (!linked.valid() && fabric.linkUp(PortId{id.value}))
            linked = id;
    }
    return linked;
}

Node nodeOf(const Fabric& fabric, PortId port)
{
    const RdmaSwitchId owner = fabric.port(port).owner;
    return owner.valid() ? Node{owner, {}} : Node{{}, DeviceId{port.value}};
}

std::vector<PortId> portsOf(const Fabric& fabric, const Node& node)
{
    if (!node.fabricSwitch.valid())
        return {PortId{node.device.value}};
    const Switch& s = fabric.switchOf(node.fabricSwitch);
    std::vector<PortId> ports;
    for (int i = 0; i < s.portCount; ++i)
        ports.emplace_back(s.firstPort.value + static_cast<std::uint32_t>(i));
    return ports;
}

std::vector<Node> discover(const Fabric& fabric, DeviceId from)
{
    std::vector<Node> found;
    if (!from.valid())
        return found;
    std::vector<bool> seenSwitch(fabric.switches().size()), seenDevice(fabric.devices().size());
    found.push_back({{}, from});
    seenDevice[from.value] = true;
    for (std::size_t next = 0; next < found.size(); ++next) {
        const Node at = found[next];
        if (!at.fabricSwitch.valid() && next > 0)
            continue; // packets end at a device
        for (const PortId port : portsOf(fabric, at)) {
            if (!fabric.linkUp(port))
                continue;
            const Node other = nodeOf(fabric, fabric.peer(port));
            std::vector<bool>& seen = other.fabricSwitch.valid() ? seenSwitch : seenDevice;
            const std::size_t index = other.fabricSwitch.valid() ? other.fabricSwitch.value
                                                                 : other.device.value;
            if (!seen[index]) {
                seen[index] = true;
                found.push_back(other);
            }
        }
    }
    std::reverse(found.begin(), found.end());
    return found;
}

std::string description(const Fabric& fabric, const Node& node)
{
    return node.fabricSwitch.valid() ? fabric.switchOf(node.fabricSwitch).description
                                     : nodeDescription(fabric, node.device);
}

std::uint64_t guid(const Fabric& fabric, const Node& node)
{
    return node.fabricSwitch.valid() ? fabric.switchOf(node.fabricSwitch).guid
                                     : fabric.device(node.device).nodeGuid;
}

std::uint16_t lid(const Fabric& fabric, const Node& node)
{
    return node.fabricSwitch.valid() ? fabric.switchOf(node.fabricSwitch).lid : fabric.port(node.device).lid;
}

Text cannotOpenPort(int pid, std::string_view tool, const std::string& device)
{
    return {"",
            fmt::format("ibwarn: [{0}] mad_rpc_open_port: can't open UMAD port ({1}:0)\n{2}: iberror: failed: "
                        "Failed to open '{1}' port '0'\n",
                        pid, device, tool),
            255};
}

std::string timedOut(int pid, std::string_view caller, int lid)
{
    return fmt::format("ibwarn: [{0}] _do_madrpc: recv failed: Connection timed out\nibwarn: [{0}] {1}: "
                       "_do_madrpc failed; dport (Lid {2})\n",
                       pid, caller, lid);
}

} // namespace core::shell::fabric
