// iblinkinfo of infiniband-diags (rdma-core 55).
#include "core/shell/commands/fabric/iblinkinfo.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::fabric {

using namespace rdma;

namespace {

/// What the link could be by what both ends can do.
std::string hints(const Port& port, const Port& other)
{
    const int lanes = std::min(port.maxLanes, other.maxLanes);
    const LaneSpeed speed = std::min(port.maxSpeed, other.maxSpeed);
    return fmt::format("({} {})", port.lanes < lanes ? fmt::format("Could be {}X", lanes) : "",
                       port.speed < speed ? fmt::format("Could be {}", signallingText(speed)) : "");
}

std::string portLine(const Fabric& fabric, const Node& node, PortId id, bool line)
{
    const Port& port = fabric.port(id);
    std::string text = line ? fmt::format("0x{:016x} \"{:>30}\" ", port.guid, description(fabric, node))
                            : "      ";
    if (!node.fabricSwitch.valid() && !line)
        text += fmt::format("0x{:016x} ", port.guid);
    return text
        + fmt::format("{:6} {:4}[  ] =={}==>  {}", lid(fabric, node), port.number, linkStateText(port),
                      linkPeerText(fabric, id, line));
}

} // namespace

std::string linkStateText(const Port& port)
{
    const char* physical = port.physical == PhysicalState::LinkUp ? "LinkUp"
        : port.physical == PhysicalState::Disabled                ? "Disabled"
                                                                  : "Polling";
    if (port.logical == LogicalState::Down)
        return fmt::format("(              {:>6}/{:>8})", "Down", physical);
    const char* state = port.logical == LogicalState::Active ? "Active"
        : port.logical == LogicalState::Armed                ? "Armed"
                                                             : "Initialize";
    return fmt::format("({:>3} {:>18} {:>6}/{:>8})", fmt::format("{}X", port.lanes),
                       signallingText(port.speed), state, physical);
}

std::string linkPeerText(const Fabric& fabric, PortId id, bool withGuid)
{
    const Port& port = fabric.port(id);
    if (port.physical != PhysicalState::LinkUp)
        return "           [  ] \"\" ( )\n";
    const PortId peer = fabric.peer(id);
    const Port& other = fabric.port(peer);
    const Node node = nodeOf(fabric, peer);
    return fmt::format("{}{:6} {:4}[  ] \"{}\" {}\n", withGuid ? fmt::format("0x{:016x} ", other.guid) : "",
                       lid(fabric, node), other.number, description(fabric, node), hints(port, other));
}

Text iblinkinfoText(const Fabric& fabric, sim::HostId host, const IblinkinfoOptions& options)
{
    const DeviceId from = defaultDevice(fabric, host);
    if (fabric.layer() != LinkLayer::InfiniBand || !from.valid())
        return cannotOpenPort(options.pid, "iblinkinfo");
    Text text;
    for (const Node& node : discover(fabric, from)) {
        if ((options.switchesOnly && !node.fabricSwitch.valid())
            || (options.devicesOnly && node.fabricSwitch.valid()))
            continue;
        bool headed = options.line;
        for (const PortId port : portsOf(fabric, node)) {
            if (options.down && fabric.linkUp(port))
                continue;
            if (!headed)
                text.out += node.fabricSwitch.valid()
                    ? fmt::format("Switch: 0x{:016x} {}:\n", guid(fabric, node), description(fabric, node))
                    : fmt::format("CA: {}:\n", description(fabric, node));
            headed = true;
            text.out += portLine(fabric, node, port, options.line);
        }
    }
    return text;
}

} // namespace core::shell::fabric
