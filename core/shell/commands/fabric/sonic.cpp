// SONiC's show commands, of sim::net::rdma's switches.
#include "core/shell/commands/fabric/sonic.h"

#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::fabric {

using namespace rdma;

namespace {

constexpr const char* kDscpMap = "ROCE";
constexpr const char* kWredProfile = "AZURE_LOSSLESS";

using Rows = std::vector<std::vector<std::string>>;
enum class Align : std::uint8_t { Right, Numbers }; ///< Numbers: to the right where each cell is one

bool isNumber(const std::string& text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Python's tabulate, format "simple".
std::string tabulate(const std::vector<std::string>& headers, const Rows& rows, Align align)
{
    constexpr std::size_t kPadding = 2; // beside a header
    std::vector<std::size_t> widths;
    std::vector<bool> right;
    for (std::size_t c = 0; c < headers.size(); ++c) {
        std::size_t width = headers[c].size() + kPadding;
        bool numbers = true;
        for (const auto& row : rows) {
            width = std::max(width, row[c].size());
            numbers = numbers && isNumber(row[c]);
        }
        right.push_back(align == Align::Right || (align == Align::Numbers && numbers));
        widths.push_back(width);
    }
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string text;
        for (std::size_t c = 0; c < cells.size(); ++c)
            text += right[c] ? fmt::format("{}{:>{}}", c == 0 ? "" : "  ", cells[c], widths[c]) : fmt::format("{}{:<{}}", c == 0 ? "" : "  ", cells[c], widths[c]);
        return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
    };
    std::string text = line(headers);
    for (std::size_t c = 0; c < headers.size(); ++c)
        text += (c == 0 ? "" : "  ") + std::string(widths[c], '-');
    text += "\n";
    for (const auto& row : rows)
        text += line(row);
    return text;
}

std::string commas(std::uint64_t value)
{
    std::string text = std::to_string(value);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

/// netstat.py's format_brate.
std::string byteRate(double rate)
{
    if (rate > 1e7)
        return fmt::format("{:.2f} MB/s", rate / 1e6);
    return rate > 1e4 ? fmt::format("{:.2f} KB/s", rate / 1e3) : fmt::format("{:.2f} B/s", rate);
}

std::string utilisation(const Port& port, double bytesPerSecond)
{
    const double bits = port.physical == PhysicalState::LinkUp ? laneBitsPerSecond(port.speed) * port.lanes : laneBitsPerSecond(port.maxSpeed) * port.maxLanes;
    return fmt::format("{:.2f}%", bytesPerSecond * 8 / bits * 100);
}

Text pfcNoSuch(const std::string& port)
{
    return {fmt::format("Cannot find interface {}\n", port), "", 0};
}

std::vector<PortId> asked(const Fabric& fabric, RdmaSwitchId id, const std::string& name)
{
    if (name.empty())
        return sonicPorts(fabric, id);
    const PortId port = sonicPort(fabric, id, name);
    return port.valid() ? std::vector<PortId>{port} : std::vector<PortId>{};
}

std::string nameOf(const Fabric& fabric, PortId port)
{
    return frontPanelName(fabric.port(port).number);
}

const char* actionName(PauseWatchdog::Action action)
{
    return action == PauseWatchdog::Action::Drop ? "drop" : action == PauseWatchdog::Action::Forward ? "forward" : "alert";
}

} // namespace

PortId sonicPort(const Fabric& fabric, RdmaSwitchId id, const std::string& name)
{
    const Switch& s = fabric.switchOf(id);
    for (int number = 1; number <= s.portCount; ++number)
        if (frontPanelName(number) == name)
            return PortId{s.firstPort.value + static_cast<std::uint32_t>(number - 1)};
    return {};
}

std::vector<PortId> sonicPorts(const Fabric& fabric, RdmaSwitchId id)
{
    const Switch& s = fabric.switchOf(id);
    std::vector<PortId> ports;
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(s.portCount); ++i)
        ports.emplace_back(s.firstPort.value + i);
    return ports;
}

std::string priorityList(std::uint8_t bits)
{
    std::string text;
    for (int p = 0; p < kPriorities; ++p)
        if ((bits >> p & 1) != 0)
            text += (text.empty() ? "" : ",") + std::to_string(p);
    return text;
}

Text showPfcCounters(const Fabric& fabric, RdmaSwitchId id)
{
    std::string out;
    for (const auto& [title, counter] : {std::pair{"Port Rx", PriorityCounter::RxPause}, std::pair{"Port Tx", PriorityCounter::TxPause}}) {
        std::vector<std::string> headers{title};
        for (int p = 0; p < kPriorities; ++p)
            headers.push_back(fmt::format("PFC{}", p));
        Rows rows;
        for (const PortId port : sonicPorts(fabric, id)) {
            std::vector<std::string> row{nameOf(fabric, port)};
            for (int p = 0; p < kPriorities; ++p)
                row.push_back(commas(fabric.counter(port, p, counter)));
            rows.push_back(std::move(row));
        }
        out += (out.empty() ? "" : "\n") + tabulate(headers, rows, Align::Right);
    }
    return {out, "", 0};
}

Text showPfcPriority(const Fabric& fabric, RdmaSwitchId id, const std::string& port)
{
    const std::vector<PortId> ports = asked(fabric, id, port);
    if (ports.empty())
        return pfcNoSuch(port);
    Rows rows;
    for (const PortId one : ports)
        rows.push_back({nameOf(fabric, one), priorityList(fabric.port(one).qos.pfc)});
    return {"\n" + tabulate({"Interface", "Lossless priorities"}, rows, Align::Numbers) + "\n", "", 0};
}

Text showInterfaceCounters(const Fabric& fabric, RdmaSwitchId id, const Fabric* before, int seconds)
{
    Rows rows;
    for (const PortId port : sonicPorts(fabric, id)) {
        const Port& p = fabric.port(port);
        const auto count = [&](PortCounter counter) { return fabric.counter(port, counter) - (before == nullptr ? 0 : before->counter(port, counter)); };
        // Without -p, the switch's own averages of the last second.
        const auto rate = [&](PortCounter counter) { return before == nullptr ? fabric.counterPerSecond(port, counter) : static_cast<double>(count(counter)) / seconds; };
        const double rx = rate(PortCounter::RcvData), tx = rate(PortCounter::XmitData);
        rows.push_back({nameOf(fabric, port), p.disabled ? "X" : fabric.linkUp(port) ? "U" : "D", commas(count(PortCounter::RcvPackets)), byteRate(rx), utilisation(p, rx),
                        commas(count(PortCounter::RcvErrors)), commas(count(PortCounter::RcvDiscards)), "0", commas(count(PortCounter::XmitPackets)), byteRate(tx), utilisation(p, tx),
                        "0", commas(count(PortCounter::XmitDiscards)), "0"});
    }
    std::string out = before == nullptr ? "" : fmt::format("The rates are calculated within {} seconds period\n", seconds);
    return {out + tabulate({"IFACE", "STATE", "RX_OK", "RX_BPS", "RX_UTIL", "RX_ERR", "RX_DRP", "RX_OVR", "TX_OK", "TX_BPS", "TX_UTIL", "TX_ERR", "TX_DRP", "TX_OVR"}, rows, Align::Right), "", 0};
}

Text showInterfaceStatus(const Fabric& fabric, RdmaSwitchId id, const std::string& port)
{
    Rows rows;
    for (const PortId one : asked(fabric, id, port)) {
        const Port& p = fabric.port(one);
        std::string lanes;
        for (int lane = 0; lane < p.maxLanes; ++lane)
            lanes += fmt::format("{}{}", lane == 0 ? "" : ",", (p.number - 1) * kLanesOfPort + lane);
        rows.push_back({nameOf(fabric, one), lanes, fmt::format("{:.0f}G", laneBitsPerSecond(p.maxSpeed) * p.maxLanes / 1e9), "9100", "rs", fmt::format("etp{}", p.number), "routed",
                        fabric.linkUp(one) ? "up" : "down", p.disabled ? "down" : "up", p.cable.valid() ? "OSFP 8X Pluggable Transceiver" : "N/A", "off"});
    }
    return {tabulate({"Interface", "Lanes", "Speed", "MTU", "FEC", "Alias", "Vlan", "Oper", "Admin", "Type", "Asym PFC"}, rows, Align::Right), "", 0};
}

Text showQueueCounters(const Fabric& fabric, RdmaSwitchId id, const std::string& port)
{
    const std::vector<PortId> ports = asked(fabric, id, port);
    if (ports.empty())
        return {fmt::format("Port doesn't exist! {}\n", port), "", 1};
    std::string out;
    for (const PortId one : ports) {
        Rows rows;
        for (int p = 0; p < kPriorities; ++p) {
            const std::uint64_t packets = fabric.counter(one, p, PriorityCounter::TxPackets), dropped = fabric.counter(one, p, PriorityCounter::TxDiscards);
            const std::uint64_t bytes = fabric.counter(one, p, PriorityCounter::TxBytes);
            const auto size = static_cast<std::uint64_t>(fabric.port(one).mtu + countedOverheadBytes(fabric.layer()));
            rows.push_back({nameOf(fabric, one), fmt::format("UC{}", p), commas(packets), commas(bytes), commas(dropped), commas(dropped * size)});
        }
        out += tabulate({"Port", "TxQ", "Counter/pkts", "Counter/bytes", "Drop/pkts", "Drop/bytes"}, rows, Align::Right) + "\n";
    }
    return {out, "", 0};
}

Text showLldpTable(const Fabric& fabric, RdmaSwitchId id)
{
    Rows rows;
    for (const PortId one : sonicPorts(fabric, id)) {
        const PortId other = fabric.peer(one);
        if (!other.valid() || !fabric.linkUp(one))
            continue;
        const Port& p = fabric.port(other);
        if (p.owner.valid()) {
            const std::string name = frontPanelName(p.number);
            rows.push_back({nameOf(fabric, one), fabric.switchOf(p.owner).name, name, "BR", fmt::format("etp{}", p.number)});
        } else {
            const Device& device = fabric.device(DeviceId{other.value});
            rows.push_back({nameOf(fabric, one), fabric.hosts().at(device.host).name, device.netdev, "R", device.netdev});
        }
    }
    return {fmt::format("Capability codes: (R) Router, (B) Bridge, (O) Other\n{}{}\nTotal entries displayed:  {}\n",
                        tabulate({"LocalPort", "RemoteDevice", "RemotePortID", "Capability", "RemotePortDescr"}, rows, Align::Numbers), std::string(50, '-'), rows.size()),
            "", 0};
}

Text showEcn(const Fabric& fabric, RdmaSwitchId id)
{
    const std::vector<PortId> ports = sonicPorts(fabric, id);
    if (std::all_of(ports.begin(), ports.end(), [&](PortId port) { return fabric.port(port).qos == Qos{}; }))
        return {};
    const std::string from = std::to_string(kMarkingFromBytes), most = std::to_string(kMarkingMostBytes);
    const Rows rows{{"red_max_threshold", most},     {"wred_green_enable", "true"},  {"ecn", "ecn_all"},             {"green_min_threshold", from},
                    {"red_min_threshold", from},     {"wred_yellow_enable", "true"}, {"yellow_min_threshold", from}, {"green_max_threshold", most},
                    {"green_drop_probability", "5"}, {"yellow_max_threshold", most}, {"wred_red_enable", "true"},    {"yellow_drop_probability", "5"},
                    {"red_drop_probability", "5"}};
    const std::string rule = std::string(23, '-') + "  " + std::string(7, '-') + "\n";
    std::string out = fmt::format("Profile: {}\n{}", kWredProfile, rule);
    for (const auto& row : rows)
        out += fmt::format("{:<23}  {}\n", row[0], row[1]);
    return {out + rule + "\n", "", 0};
}

Text ecnStatus(const Fabric& fabric, RdmaSwitchId id, const std::vector<int>& queues)
{
    std::string out = "ECN status:\n";
    const Port& first = fabric.port(fabric.switchOf(id).firstPort);
    for (const int queue : queues)
        out += fmt::format("queue {}: {}\n", queue, (first.qos.ecn >> queue & 1) != 0 ? "on" : "off");
    return {out, "", 0};
}

Text pfcwdConfig(const Fabric& fabric, RdmaSwitchId id, const std::vector<std::string>& ports)
{
    Rows rows;
    for (const PortId one : sonicPorts(fabric, id)) {
        const PauseWatchdog& watchdog = fabric.port(one).watchdog;
        const std::string name = nameOf(fabric, one);
        if (watchdog.on && (ports.empty() || std::find(ports.begin(), ports.end(), name) != ports.end()))
            rows.push_back({name, actionName(watchdog.action), std::to_string(watchdog.detectionMs), std::to_string(watchdog.restorationMs), "disable"});
    }
    return {tabulate({"PORT", "ACTION", "DETECTION TIME", "RESTORATION TIME", "HISTORY"}, rows, Align::Right), "", 0};
}

Text pfcwdStats(const Fabric& fabric, RdmaSwitchId id)
{
    Rows rows;
    for (const PortId one : sonicPorts(fabric, id)) {
        const Port& port = fabric.port(one);
        for (int p = 0; p < kPriorities; ++p) {
            if ((port.qos.pfc >> p & 1) == 0 || port.storm.detected == 0)
                continue;
            rows.push_back({fmt::format("{}:{}", nameOf(fabric, one), p), port.storm.on ? "stormed" : "operational", fmt::format("{}/{}", port.storm.detected, port.storm.restored),
                            fmt::format("{}/{}", fabric.counter(one, p, PriorityCounter::TxPackets), fabric.counter(one, p, PriorityCounter::TxDiscards)),
                            fmt::format("{}/{}", fabric.counter(one, p, PriorityCounter::RxPackets), fabric.counter(one, p, PriorityCounter::RxDiscards)), "0/0", "0/0"});
        }
    }
    return {tabulate({"QUEUE", "STATUS", "STORM DETECTED/RESTORED", "TX OK/DROP", "RX OK/DROP", "TX LAST OK/DROP", "RX LAST OK/DROP"}, rows, Align::Right), "", 0};
}

std::optional<ConfigKey> parseConfigKey(const Fabric& fabric, RdmaSwitchId id, const std::string& key)
{
    const std::vector<std::string> parts = sim::split(key, '|');
    if (parts.size() < 2 || parts.size() > 3)
        return std::nullopt;
    ConfigKey known{parts[0], sonicPort(fabric, id, parts[1]), -1};
    if (!known.port.valid())
        return std::nullopt;
    if (parts.size() == 3) {
        const std::string& queue = parts[2];
        if (queue.size() != 1 || queue[0] < '0' || queue[0] >= '0' + kPriorities)
            return std::nullopt;
        known.queue = queue[0] - '0';
    }
    return known;
}

std::vector<std::pair<std::string, std::string>> configEntry(const Fabric& fabric, RdmaSwitchId id, const std::string& key)
{
    const std::optional<ConfigKey> parsed = parseConfigKey(fabric, id, key);
    if (!parsed)
        return {};
    const Port& p = fabric.port(parsed->port);
    if (parsed->queue >= 0) {
        if (parsed->table != "QUEUE")
            return {};
        const bool lossless = (fabric.switchOf(id).designedQos.pfc >> parsed->queue & 1) != 0;
        std::vector<std::pair<std::string, std::string>> fields{{"scheduler", fmt::format("scheduler.{}", lossless ? 1 : 0)}};
        if ((p.qos.ecn >> parsed->queue & 1) != 0)
            fields.emplace_back("wred_profile", kWredProfile);
        return fields;
    }
    if (parsed->table == "PORT_QOS_MAP") {
        std::vector<std::pair<std::string, std::string>> fields;
        if (p.qos.trust == Trust::Dscp)
            fields.emplace_back("dscp_to_tc_map", kDscpMap);
        if (p.qos.pfc != 0)
            fields.emplace_back("pfc_enable", priorityList(p.qos.pfc));
        fields.insert(fields.end(), {{"pfc_to_queue_map", kDscpMap}, {"tc_to_pg_map", kDscpMap}, {"tc_to_queue_map", kDscpMap}});
        return fields;
    }
    if (parsed->table == "PFC_WD" && p.watchdog.on)
        return {{"action", actionName(p.watchdog.action)}, {"detection_time", std::to_string(p.watchdog.detectionMs)}, {"restoration_time", std::to_string(p.watchdog.restorationMs)}};
    if (parsed->table == "PORT")
        return {{"admin_status", p.disabled ? "down" : "up"}, {"alias", fmt::format("etp{}", p.number)}, {"fec", "rs"}, {"mtu", "9100"},
                {"speed", fmt::format("{:.0f}", laneBitsPerSecond(p.maxSpeed) * p.maxLanes / 1e6)}};
    return {};
}

std::vector<std::string> configKeys(const Fabric& fabric, RdmaSwitchId id)
{
    std::vector<std::string> keys;
    for (const PortId one : sonicPorts(fabric, id)) {
        const std::string name = nameOf(fabric, one);
        for (const char* table : {"PORT|", "PORT_QOS_MAP|", "PFC_WD|"})
            if (!configEntry(fabric, id, table + name).empty())
                keys.push_back(table + name);
        for (int queue = 0; queue < kPriorities; ++queue)
            keys.push_back(fmt::format("QUEUE|{}|{}", name, queue));
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

} // namespace core::shell::fabric
