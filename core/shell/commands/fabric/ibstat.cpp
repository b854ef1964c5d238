// ibstat and ibstatus of infiniband-diags (rdma-core 55), and MLNX_OFED's ibdev2netdev.
#include "core/shell/commands/fabric/ibstat.h"

#include <fmt/format.h>

namespace core::shell::fabric {

using namespace rdma;

namespace {

const char* stateName(LogicalState state)
{
    static constexpr const char* kNames[] = {"???", "Down", "Initializing", "Armed", "Active"};
    return kNames[static_cast<int>(state)];
}

const char* physicalName(PhysicalState state)
{
    return state == PhysicalState::LinkUp  ? "LinkUp"
        : state == PhysicalState::Disabled ? "Disabled"
                                           : "Polling";
}

std::string portText(const Fabric& fabric, DeviceId id, bool alone)
{
    const Port& port = fabric.port(id);
    const char* before = alone ? "" : "\t\t";
    std::string text = fmt::format("{}Port 1:\n", alone ? "" : "\t");
    const auto line = [&](std::string_view label, const std::string& value) {
        text += fmt::format("{}{}: {}\n", before, label, value);
    };
    line("State", stateName(port.logical));
    line("Physical state", physicalName(port.physical));
    line("Rate", std::to_string(gigabits(fabric, port)));
    line("Base lid", std::to_string(port.lid));
    line("LMC", "0");
    line("SM lid", std::to_string(port.smLid));
    line("Capability mask", fmt::format("0x{:08x}", capabilityMask(fabric, id)));
    line("Port GUID", fmt::format("0x{:016x}", port.guid));
    line("Link layer", linkLayerName(fabric.layer()));
    return text;
}

} // namespace

Text ibstatText(const Fabric& fabric, sim::HostId host, const IbstatOptions& options)
{
    Text text;
    std::vector<DeviceId> devices;
    for (const DeviceId id : fabric.devicesOf(host))
        if (options.device.empty() || fabric.device(id).name == options.device)
            devices.push_back(id);
    if (!options.device.empty() && devices.empty()) {
        text.errors = fmt::format("ibpanic: [{}] main: '{}' IB device can't be found: Success\n", options.pid,
                                  options.device);
        text.status = 255;
        return text;
    }
    for (const DeviceId id : devices) {
        const Device& d = fabric.device(id);
        if (options.portList) {
            text.out += fmt::format("0x{:016x}\n", fabric.port(id).guid);
        } else if (options.list) {
            text.out += d.name + "\n";
        } else if (options.port > 1) {
            text.errors += fmt::format("ibwarn: [{0}] ca_stat: CA: '{1}' has no port number {2} - max "
                                       "(1)\nibwarn: [{0}] main: stat of IB device '{1}' failed\n",
                                       options.pid, d.name, options.port);
        } else if (options.port == 1 && !options.brief) {
            text.out += fmt::format("CA: '{}'\n", d.name) + portText(fabric, id, true);
        } else {
            text.out += fmt::format("CA '{}'\n\tCA type: {}\n\tNumber of ports: 1\n\tFirmware version: "
                                    "{}\n\tHardware version: 0\n\tNode GUID: 0x{:016x}\n"
                                    "\tSystem image GUID: 0x{:016x}\n",
                                    d.name, d.type, d.firmware, d.nodeGuid, d.nodeGuid);
            if (!options.brief)
                text.out += portText(fabric, id, false);
        }
    }
    return text;
}

Text ibstatusText(const Fabric& fabric, sim::HostId host, const std::string& device)
{
    Text text;
    const std::string name = device.substr(0, device.find(':'));
    const bool otherPort = device.size() > name.size() && device.substr(name.size() + 1) != "1";
    for (const DeviceId id : fabric.devicesOf(host)) {
        const Device& d = fabric.device(id);
        const Port& port = fabric.port(id);
        if (!name.empty() && d.name != name)
            continue;
        const std::string number = otherPort ? device.substr(name.size() + 1) : "1";
        const auto value = [&](const std::string& known, const char* unknown = "unknown") {
            return otherPort ? std::string(unknown) : known;
        };
        text.out += fmt::format("Infiniband device '{}' port {} status:\n\tdefault gid:\t {}\n\tbase lid:\t "
                                "{}\n\tsm lid:\t\t {}\n\tstate:\t\t {}\n"
                                "\tphys state:\t {}\n\trate:\t\t {}\n\tlink_layer:\t {}\n\n",
                                d.name, number, value(d.gids.empty() ? "" : gidText(d.gids[0])),
                                value(fmt::format("0x{:x}", port.lid)),
                                value(fmt::format("0x{:x}", port.smLid)), value(stateInSysfs(port)),
                                value(physicalStateInSysfs(port)), value(rateInSysfs(fabric, port)),
                                value(linkLayerName(fabric.layer()), "IB"));
    }
    if (!name.empty() && text.out.empty()) {
        text.out = fmt::format(
            "Fatal error:  device '{0}': sys files not found (/sys/class/infiniband/{0}/ports)\n", name);
        text.status = 255;
    }
    return text;
}

Text ibdev2netdevText(const Fabric& fabric, sim::HostId host)
{
    Text text;
    for (const DeviceId id : fabric.devicesOf(host))
        text.out += fmt::format("{} port 1 ==> {} ({})\n", fabric.device(id).name, fabric.device(id).netdev,
                                fabric.port(id).logical == LogicalState::Active ? "Up" : "Down");
    return text;
}

} // namespace core::shell::fabric
