// ibdiagnet of ibutils2 (2.13): stages and summary. Its source is closed; words are those of published logs.
#include "core/shell/commands/fabric/ibdiagnet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace core::shell::fabric {

using namespace rdma;

namespace {

constexpr const char* kRule = "---------------------------------------------\n";

struct Stage {
    const char* name;
    std::vector<std::string> warnings;
    std::vector<std::string> errors;
};

/// "Sfc6a1c0300000000/U1/P3" of a switch, "Ha088c203001.../U1/P1" of a device.
std::string portName(const Fabric& fabric, PortId port)
{
    const Node node = nodeOf(fabric, port);
    const std::uint64_t id = guid(fabric, node);
    return node.fabricSwitch.valid() ? fmt::format("S{:016x}/N{:016x}/P{}", id, id, fabric.port(port).number)
                                     : fmt::format("H{:016x}/N{:016x}/P{}", id, id, fabric.port(port).number);
}

/// Counters that must not grow during a run, with their names in the tool's messages.
constexpr std::array<std::pair<const char*, PortCounter>, 7> kWatched = {{
    {"symbol_error_counter", PortCounter::SymbolError},
    {"link_error_recovery_counter", PortCounter::LinkErrorRecovery},
    {"link_down_counter", PortCounter::LinkDowned},
    {"port_rcv_errors", PortCounter::RcvErrors},
    {"port_rcv_remote_physical_errors", PortCounter::RcvRemotePhysicalErrors},
    {"port_xmit_discard", PortCounter::XmitDiscards},
    {"local_link_integrity_errors", PortCounter::LocalLinkIntegrityErrors},
}};

std::string stageText(const Stage& stage)
{
    std::string text = fmt::format("{}{}\n", kRule, stage.name);
    for (const std::string& line : stage.errors)
        text += "-E- " + line + "\n";
    for (const std::string& line : stage.warnings)
        text += "-W- " + line + "\n";
    text += stage.errors.empty() ? fmt::format("-I- {} finished successfully\n", stage.name)
                                 : fmt::format("-E- {} finished with errors\n", stage.name);
    return text + "\n";
}

} // namespace

Text ibdiagnetText(const Fabric& before, const Fabric& after, sim::HostId host)
{
    Text text;
    const DeviceId from = defaultDevice(after, host);
    if (after.layer() != LinkLayer::InfiniBand || !from.valid()) {
        text.out = "-E- Could not find an active local port\n";
        text.status = 1;
        return text;
    }
    const std::vector<Node> nodes = discover(after, from);
    const auto switches = std::count_if(nodes.begin(), nodes.end(),
                                        [](const Node& n) { return n.fabricSwitch.valid(); });
    Stage discovery{"Discovery", {}, {}}, lids{"Lids Check", {}, {}}, links{"Links Check", {}, {}},
        manager{"Subnet Manager", {}, {}}, counters{"Port Counters", {}, {}},
        information{"Nodes Information", {}, {}}, speeds{"Speed / Width checks", {}, {}},
        partitions{"Partition Keys", {}, {}};

    if (!after.masterDevice().valid())
        manager.errors.push_back("Not found master subnet manager in fabric");
    std::string firstFirmware;
    for (const Node& node : nodes) {
        if (!node.fabricSwitch.valid()) {
            const Device& d = after.device(node.device);
            if (const std::uint16_t l = after.port(node.device).lid; l == 0 || l == kNoLid)
                lids.errors.push_back(
                    fmt::format("{} - Configured with ZERO lid", portName(after, PortId{node.device.value})));
            if (firstFirmware.empty())
                firstFirmware = d.firmware;
            else if (d.firmware != firstFirmware)
                information.warnings.push_back(
                    fmt::format("{} - Node has FW version {} while the latest FW version for the same "
                                "device_id on this fabric is {}",
                                portName(after, PortId{node.device.value}),
                                std::min(d.firmware, firstFirmware), std::max(d.firmware, firstFirmware)));
        }
        for (const PortId id : portsOf(after, node)) {
            const Port& port = after.port(id);
            for (const auto& [name, counter] : kWatched)
                if (const std::uint64_t now = after.counter(id, counter), then = before.counter(id, counter);
                    now > then)
                    counters.errors.push_back(fmt::format("{} - \"{}\" increased during the run (difference "
                                                          "value={},difference allowed threshold=1)",
                                                          portName(after, id), name, now - then));
            if (!after.linkUp(id))
                continue;
            const PortId peer = after.peer(id);
            if (peer.value < id.value)
                continue; // once per link
            const std::string link = fmt::format("Link: {}<-->{}", portName(after, id),
                                                 portName(after, peer));
            if (port.logical == LogicalState::Initializing)
                links.warnings.push_back(link + " - Link is in INIT state");
            const Port& other = after.port(peer);
            if (const int lanes = std::min(port.maxLanes, other.maxLanes); port.lanes < lanes)
                speeds.errors.push_back(fmt::format(
                    "{} - Unexpected actual link width {}x (enable_width1={}x, enable_width2={}x)", link,
                    port.lanes, port.maxLanes, other.maxLanes));
            if (const LaneSpeed speed = std::min(port.maxSpeed, other.maxSpeed); port.speed < speed)
                speeds.errors.push_back(
                    fmt::format("{} - Unexpected actual link speed {:.0f} (expected {:.0f})", link,
                                laneBitsPerSecond(port.speed) / 1e9, laneBitsPerSecond(speed) / 1e9));
        }
    }

    text.out = fmt::format("{}Discovery\n-I- Discovering ... {} nodes ({} Switches & {} CA-s) "
                           "discovered.\n-I- Fabric Discover finished successfully\n\n",
                           kRule, nodes.size(), switches,
                           static_cast<std::ptrdiff_t>(nodes.size()) - switches);
    const std::array<const Stage*, 8> stages = {&discovery, &lids,        &links,  &manager,
                                                &counters,  &information, &speeds, &partitions};
    for (std::size_t i = 1; i < stages.size(); ++i)
        text.out += stageText(*stages[i]);
    text.out += fmt::format("{}Summary\n-I- {:<26}{:<11}{:<11}{}\n", kRule, "Stage", "Warnings", "Errors",
                            "Comment");
    bool failed = false;
    for (const Stage* stage : stages) {
        text.out += fmt::format("-I- {:<26}{:<11}{:<11}\n", stage->name, stage->warnings.size(),
                                stage->errors.size());
        failed = failed || !stage->errors.empty();
    }
    text.out += "\n-I- You can find detailed errors/warnings in: /var/tmp/ibdiagnet2/ibdiagnet2.log\n";
    text.status = failed ? 1 : 0;
    return text;
}

} // namespace core::shell::fabric
