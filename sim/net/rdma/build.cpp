// From a specification to a fabric in which every link is up and the subnet manager has swept once.
#include "sim/net/rdma/fabric.h"

#include "sim/engine/assert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace sim::net::rdma {

namespace {

/// Prefixes that NVIDIA's NICs and switches carry.
constexpr std::uint64_t kDeviceGuids = 0xa088c20300000000;
constexpr std::uint64_t kSwitchGuids = 0xfc6a1c0300000000;
constexpr std::uint64_t kLinkLocal = 0xfe80000000000000;
/// A switch of this family takes 64 GUIDs, one per port and a few for itself.
constexpr std::uint64_t kGuidStride = 64;
constexpr std::uint16_t kDefaultPartition = 0xffff;

/// "0000:18:00.0" -> bus 24, device 0.
std::pair<long, long> busAndSlot(const std::string& pciAddress)
{
    FL_ASSERT(pciAddress.size() >= 12);
    return {std::strtol(pciAddress.substr(5, 2).c_str(), nullptr, 16),
            std::strtol(pciAddress.substr(8, 2).c_str(), nullptr, 16)};
}

std::string netdevName(const RailSpec& rail, LinkLayer layer)
{
    if (!rail.netdev.empty())
        return rail.netdev;
    const auto [bus, slot] = busAndSlot(rail.pciAddress);
    return layer == LinkLayer::InfiniBand ? fmt::format("ibp{}s{}", bus, slot)
                                          : fmt::format("enp{}s{}np0", bus, slot);
}

/// The MAC address that a node GUID is made of: its middle bytes are 03:00.
std::uint64_t macOf(std::uint64_t nodeGuid)
{
    return (nodeGuid >> 40 << 24) | (nodeGuid & 0xffffff);
}

/// Modified EUI-64 (RFC 4291, appendix A).
std::uint64_t interfaceOf(std::uint64_t mac)
{
    return ((mac >> 24 << 40) | 0xfffe000000 | (mac & 0xffffff)) ^ 0x0200000000000000;
}

std::vector<Gid> ethernetGids(std::uint64_t interface, int rail, std::size_t node)
{
    const std::uint64_t ipv4 = 10u << 24 | static_cast<std::uint64_t>(100 + rail) << 16
        | static_cast<std::uint64_t>(node / 250) << 8 | (node % 250 + 1);
    const std::uint64_t mapped = 0x0000ffff00000000 | ipv4;
    return {{kLinkLocal, interface, Gid::Type::RoceV1},
            {kLinkLocal, interface, Gid::Type::RoceV2},
            {0, mapped, Gid::Type::RoceV1},
            {0, mapped, Gid::Type::RoceV2}};
}

struct Parts {
    std::vector<Device> devices;
    std::vector<Port> ports;
    std::vector<Switch> switches;
    std::vector<Cable> cables;
};

Port portOf(const FabricSpec& spec)
{
    Port port;
    port.maxSpeed = spec.speed;
    port.maxLanes = port.lanes = spec.lanes;
    port.smLid = 0;
    port.qos = spec.qos;
    return port;
}

void addDevices(Parts& parts, const FabricSpec& spec, const std::vector<RailSpec>& rails)
{
    for (std::size_t node = 0; node < spec.nodes.size(); ++node) {
        for (std::size_t rail = 0; rail < rails.size(); ++rail) {
            Device device;
            device.host = spec.nodes[node].host;
            device.rail = static_cast<int>(rail);
            device.name = fmt::format("mlx5_{}", spec.firstDevice + static_cast<int>(rail));
            device.pciAddress = rails[rail].pciAddress;
            device.numaNode = rails[rail].numaNode;
            device.netdev = netdevName(rails[rail], spec.layer);
            device.firmware = spec.firmware;
            device.boardId = spec.boardId;
            device.type = spec.deviceType;
            device.layer = spec.layer;
            device.nodeGuid = kDeviceGuids | (spec.guidSeed << 20 & 0xf00000) | parts.devices.size() << 2;
            device.pkeys = {kDefaultPartition};
            Port port = portOf(spec);
            if (spec.layer == LinkLayer::InfiniBand) {
                port.guid = device.nodeGuid;
                port.lid = kNoLid;
                device.gids = {{kLinkLocal, port.guid, Gid::Type::Infiniband}};
            } else {
                port.guid = interfaceOf(macOf(device.nodeGuid));
                device.gids = ethernetGids(port.guid, device.rail, node);
            }
            parts.devices.push_back(std::move(device));
            parts.ports.push_back(port);
        }
    }
}

RdmaSwitchId addSwitch(Parts& parts, const FabricSpec& spec, Switch s)
{
    const bool infiniband = spec.layer == LinkLayer::InfiniBand;
    const std::string model = !spec.switchModel.empty() ? spec.switchModel
        : infiniband                                    ? "MQM9700"
                                                        : "SN5600";
    const RdmaSwitchId id{parts.switches.size()};
    s.name.insert(0, spec.switchPrefix);
    s.description = infiniband ? fmt::format("MF0;{}:{}/U1", s.name, model) : s.name;
    s.guid = kSwitchGuids | (spec.guidSeed << 20 & 0xf00000) | parts.switches.size() * kGuidStride;
    s.firstPort = PortId{parts.ports.size()};
    s.portCount = spec.switchPorts;
    for (int number = 1; number <= spec.switchPorts; ++number) {
        Port port = portOf(spec);
        port.owner = id;
        port.number = number;
        port.guid = s.guid;
        port.watchdog = spec.watchdog;
        parts.ports.push_back(port);
    }
    if (!infiniband) {
        s.designedQos = spec.qos;
        s.saved.assign(static_cast<std::size_t>(s.portCount), {spec.qos, spec.watchdog, false});
    }
    parts.switches.push_back(std::move(s));
    return id;
}

void plug(Parts& parts, PortId a, PortId b, double meters)
{
    const CableId id{parts.cables.size()};
    Cable cable;
    cable.a = a;
    cable.b = b;
    cable.lengthMeters = meters;
    cable.changesAt = cable.trainedAt = kNever;
    parts.ports[a.value].cable = parts.ports[b.value].cable = id;
    parts.cables.push_back(cable);
}

} // namespace

std::vector<RailSpec> hgxRails()
{
    std::vector<RailSpec> rails;
    for (const char* bus : {"18", "29", "3a", "4b", "9a", "ab", "bc", "cd"})
        rails.push_back({fmt::format("0000:{}:00.0", bus), rails.size() < 4 ? 0 : 1, ""});
    return rails;
}

Fabric Fabric::build(const FabricSpec& spec, Instant now)
{
    FL_ASSERT(!spec.nodes.empty() && spec.nodesPerUnit > 0 && spec.oversubscription > 0);
    const std::vector<RailSpec> rails = spec.rails.empty() ? hgxRails() : spec.rails;
    const int units = (static_cast<int>(spec.nodes.size()) + spec.nodesPerUnit - 1) / spec.nodesPerUnit;
    const int leavesPerUnit = spec.oneLeafPerUnit ? 1 : static_cast<int>(rails.size());
    const int places = spec.nodesPerUnit * static_cast<int>(rails.size())
        / leavesPerUnit; // for NICs, on each leaf
    const int uplinks = spec.spines == 0 ? 0 : static_cast<int>(std::ceil(places / spec.oversubscription));
    FL_ASSERT(places + uplinks <= spec.switchPorts);
    FL_ASSERT(spec.layer == LinkLayer::Ethernet || spec.spines > 0 || units * leavesPerUnit == 1);

    Fabric fabric;
    fabric.m_layer = spec.layer;
    fabric.m_now = now;
    Parts parts;
    addDevices(parts, spec, rails);
    for (int unit = 0; unit < units; ++unit)
        for (int rail = 0; rail < leavesPerUnit; ++rail) {
            Switch leaf;
            leaf.name = spec.oneLeafPerUnit ? fmt::format("leaf-{}", unit + 1)
                                            : fmt::format("leaf-{}-{}", unit + 1, rail + 1);
            leaf.unit = unit;
            leaf.rail = spec.oneLeafPerUnit ? -1 : rail;
            addSwitch(parts, spec, std::move(leaf));
        }
    const std::size_t leaves = parts.switches.size();
    FL_ASSERT(spec.spines == 0 || static_cast<int>(leaves) * uplinks <= spec.spines * spec.switchPorts);
    for (int spine = 0; spine < spec.spines; ++spine) {
        Switch s;
        s.name = fmt::format("spine-{}", spine + 1);
        s.tier = Tier::Spine;
        addSwitch(parts, spec, std::move(s));
    }
    for (std::size_t d = 0; d < parts.devices.size(); ++d) {
        const std::size_t node = d / rails.size(), rail = d % rails.size(),
                          perUnit = static_cast<std::size_t>(spec.nodesPerUnit);
        const std::size_t leaf = spec.oneLeafPerUnit ? node / perUnit : node / perUnit * rails.size() + rail;
        const std::size_t place = spec.oneLeafPerUnit ? node % perUnit * rails.size() + rail : node % perUnit;
        plug(parts, PortId{d},
             PortId{parts.switches[leaf].firstPort.value + static_cast<std::uint32_t>(place)},
             spec.nodeCableMeters);
    }
    std::vector<std::uint32_t> spineUsed(static_cast<std::size_t>(spec.spines));
    for (std::size_t leaf = 0; leaf < leaves; ++leaf)
        for (int up = 0; up < uplinks; ++up) {
            const std::size_t spine = (static_cast<std::size_t>(up) + (uplinks % spec.spines == 0 ? 0 : leaf))
                % static_cast<std::size_t>(spec.spines);
            FL_ASSERT(spineUsed[spine] < static_cast<std::uint32_t>(spec.switchPorts));
            plug(parts,
                 PortId{parts.switches[leaf].firstPort.value + static_cast<std::uint32_t>(places + up)},
                 PortId{parts.switches[leaves + spine].firstPort.value + spineUsed[spine]++},
                 spec.spineCableMeters);
        }
    for (const NodeSpec& node : spec.nodes)
        fabric.m_hosts.edit()[node.host].name = node.name;
    const std::size_t ports = parts.ports.size();
    fabric.m_portCounters = CounterTable(ports, static_cast<std::size_t>(PortCounter::Count));
    fabric.m_deviceCounters = CounterTable(parts.devices.size(),
                                           static_cast<std::size_t>(DeviceCounter::Count));
    if (spec.layer == LinkLayer::Ethernet)
        fabric.m_priorityCounters = CounterTable(ports * kPriorities,
                                                 static_cast<std::size_t>(PriorityCounter::Count));
    fabric.m_channelLoad = std::vector<double>(parts.cables.size() * 2);
    const std::size_t cables = parts.cables.size();
    fabric.m_devices = std::move(parts.devices);
    fabric.m_ports = std::move(parts.ports);
    fabric.m_switches = std::move(parts.switches);
    fabric.m_cables = std::move(parts.cables);

    for (std::size_t cable = 0; cable < cables; ++cable)
        fabric.finishTraining(CableId{cable});
    if (spec.layer == LinkLayer::InfiniBand) {
        std::uint8_t priority = 15;
        for (const std::size_t node : spec.managers) {
            FL_ASSERT(node < spec.nodes.size());
            fabric.m_subnet.managers.push_back({DeviceId{node * rails.size()}, priority--, true, now});
        }
        fabric.chooseMaster(true);
        if (fabric.m_subnet.master >= 0)
            fabric.finishSweep();
    }
    for (std::vector<double>* rates :
         {&fabric.m_portCounters.settle(now), &fabric.m_deviceCounters.settle(now)})
        FL_ASSERT(!rates->empty());
    if (!fabric.m_priorityCounters.empty())
        fabric.m_priorityCounters.settle(now);
    fabric.m_notices.clear();
    fabric.m_subnet.armsAt = fabric.m_subnet.sweptAt = kNever;
    fabric.m_subnet.sweepAgain = false;
    fabric.updateNextDue();
    return fabric;
}

} // namespace sim::net::rdma
