// Tools that send management datagrams, through /dev/infiniband/umad*, which are root's.
#include "core/shell/commands/fabric/fabric_tools.h"
#include "core/shell/commands/fabric/ibdiagnet.h"
#include "core/shell/commands/fabric/iblinkinfo.h"
#include "core/shell/commands/fabric/ibnetdiscover.h"
#include "core/shell/commands/fabric/ibping.h"
#include "core/shell/commands/fabric/ibportstate.h"
#include "core/shell/commands/fabric/ibqueryerrors.h"
#include "core/shell/commands/fabric/perfquery.h"
#include "core/shell/commands/fabric/subnet_address.h"
#include "core/shell/commands/fabric/tool.h"
#include "core/shell/commands/linux/here.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <map>

namespace core::shell::fabric {

namespace {

using Change = sim::command::RdmaChange;

/// Nobody's answer takes as long as libibumad's patience.
int finishDatagram(Invocation& inv, const Text& text)
{
    if (text.errors.find("Connection timed out") != std::string::npos)
        inv.sleep(kIbpingPatience);
    return finish(inv, text);
}

int runIblinkinfo(Invocation& inv, const ParsedOptions& parsed)
{
    if (const auto refusal = cannotManage(inv, parsed, "iblinkinfo"))
        return finish(inv, *refusal);
    noteFabric(inv);
    IblinkinfoOptions options;
    options.switchesOnly = parsed.options.has("switches-only");
    options.devicesOnly = parsed.options.has("cas-only");
    options.down = parsed.options.has("down");
    options.line = parsed.options.has("line");
    options.pid = pidOf(inv);
    return finish(inv, iblinkinfoText(fabricOf(inv), hostOf(inv), options));
}

int runIbnetdiscover(Invocation& inv, const ParsedOptions& parsed)
{
    if (const auto refusal = cannotManage(inv, parsed, "ibnetdiscover"))
        return finish(inv, *refusal);
    noteFabric(inv);
    IbnetdiscoverOptions options;
    options.list = parsed.options.has("list");
    options.hcas = parsed.options.has("Hca_list");
    options.switches = parsed.options.has("Switch_list");
    options.date = formatDate(inv.now(), "%a %b %e %H:%M:%S %Y");
    options.pid = pidOf(inv);
    return finish(inv, ibnetdiscoverText(fabricOf(inv), hostOf(inv), options));
}

int runIbhosts(Invocation& inv, const ParsedOptions& parsed)
{
    if (const auto refusal = cannotManage(inv, parsed, "/usr/sbin/ibnetdiscover"))
        return finish(inv, *refusal);
    noteFabric(inv);
    return finish(inv, ibhostsText(fabricOf(inv), hostOf(inv), pidOf(inv)));
}

int runIbswitches(Invocation& inv, const ParsedOptions& parsed)
{
    if (const auto refusal = cannotManage(inv, parsed, "/usr/sbin/ibnetdiscover"))
        return finish(inv, *refusal);
    noteFabric(inv);
    return finish(inv, ibswitchesText(fabricOf(inv), hostOf(inv), pidOf(inv)));
}

int runSminfo(Invocation& inv, const ParsedOptions& parsed)
{
    if (const auto refusal = cannotManage(inv, parsed, "sminfo"))
        return finish(inv, *refusal);
    noteFabric(inv);
    const std::uint64_t asked = parsed.operands.empty() ? 0 : number(parsed.operands[0]).value_or(0);
    return finishDatagram(inv, sminfoText(fabricOf(inv), hostOf(inv), static_cast<int>(asked & 0xffff), pidOf(inv)));
}

/// Resets, one command for each port.
void resetCounters(Invocation& inv, const std::vector<std::pair<rdma::PortId, rdma::PortCounter>>& resets)
{
    std::map<rdma::PortId, std::vector<rdma::PortCounter>> byPort;
    for (const auto& [port, counter] : resets)
        byPort[port].push_back(counter);
    for (const auto& [port, counters] : byPort) {
        Change change;
        change.port = port;
        change.verb = Change::Verb::ResetCounters;
        change.counters = counters;
        inv.door().apply(sim::Command{change});
    }
}

int runPerfquery(Invocation& inv, const ParsedOptions& parsed)
{
    if (const auto refusal = cannotManage(inv, parsed, "perfquery"))
        return finish(inv, *refusal);
    PerfqueryOptions options;
    options.device = parsed.options.value("Ca");
    options.extended = parsed.options.has("extended");
    options.all = parsed.options.has("all_ports");
    options.reset = parsed.options.has("reset_after_read");
    options.resetOnly = parsed.options.has("Reset_only");
    options.pid = pidOf(inv);
    const std::vector<std::string>& words = parsed.operands;
    if (!words.empty()) {
        const auto lid = lidOf(fabricOf(inv), words[0], parsed.options.has("Guid"));
        if (!lid)
            return finish(inv, cannotResolve("perfquery", words[0]));
        options.lid = *lid;
    }
    if (words.size() > 1)
        options.port = static_cast<int>(number(words[1]).value_or(0) & 0xff);
    if (words.size() > 2)
        options.mask = static_cast<std::uint32_t>(number(words[2]).value_or(options.mask));
    const rdma::DeviceId local = options.device.empty() ? defaultDevice(fabricOf(inv), hostOf(inv)) : fabricOf(inv).find(hostOf(inv), options.device);
    noteNode(inv, options.lid == 0 ? Node{{}, local} : nodeAtLid(fabricOf(inv), options.lid));
    const Text text = perfqueryText(fabricOf(inv), hostOf(inv), options);
    if (text.status == 0)
        resetCounters(inv, perfqueryResets(fabricOf(inv), hostOf(inv), options));
    return finishDatagram(inv, text);
}

int runIbqueryerrors(Invocation& inv, const ParsedOptions& parsed)
{
    if (const auto refusal = cannotManage(inv, parsed, "ibqueryerrors"))
        return finish(inv, *refusal);
    noteFabric(inv);
    IbqueryerrorsOptions options;
    for (std::string list : parsed.options.values("suppress"))
        for (std::size_t comma = 0; !list.empty(); list.erase(0, comma == std::string::npos ? comma : comma + 1)) {
            comma = list.find(',');
            options.suppressed.push_back(list.substr(0, comma));
        }
    if (parsed.options.has("suppress-common"))
        options.suppressed.insert(options.suppressed.end(), {"PortRcvErrors", "PortRcvSwitchRelayErrors", "PortXmitDiscards"});
    options.links = parsed.options.has("report-port");
    options.pid = pidOf(inv);
    const Text text = ibqueryerrorsText(fabricOf(inv), hostOf(inv), options);
    const bool errors = parsed.options.has("clear-errors"), data = parsed.options.has("clear-counts");
    if ((errors || data) && text.errors.empty()) {
        std::vector<std::pair<rdma::PortId, rdma::PortCounter>> resets;
        for (const Node& node : discover(fabricOf(inv), defaultDevice(fabricOf(inv), hostOf(inv))))
            for (const rdma::PortId port : portsOf(fabricOf(inv), node)) {
                for (const CounterField& field : kErrorCounters)
                    if (errors && fabricOf(inv).counter(port, field.counter) > 0)
                        resets.emplace_back(port, field.counter);
                for (const rdma::PortCounter counter : {rdma::PortCounter::XmitData, rdma::PortCounter::RcvData, rdma::PortCounter::XmitPackets, rdma::PortCounter::RcvPackets})
                    if (data)
                        resets.emplace_back(port, counter);
            }
        resetCounters(inv, resets);
    }
    return finish(inv, text);
}

/// Bytes of PortInfo's code of an MTU: 1 is 256.
std::optional<std::int64_t> mtuOf(const std::string& code)
{
    const auto value = number(code);
    return value && *value >= 1 && *value <= 5 ? std::optional<std::int64_t>(128LL << *value) : std::nullopt;
}

int runIbportstate(Invocation& inv, const ParsedOptions& parsed)
{
    const std::vector<std::string>& words = parsed.operands;
    if (words.size() < 2)
        return showUsage(inv, parsed);
    if (const auto refusal = cannotManage(inv, parsed, "ibportstate"))
        return finish(inv, *refusal);
    const auto failed = [&](const std::string& why) {
        inv.err().write("ibportstate: iberror: failed: " + why + "\n");
        return 255;
    };
    const auto lid = lidOf(fabricOf(inv), words[0], parsed.options.has("Guid"));
    if (!lid)
        return finish(inv, cannotResolve("ibportstate", words[0]));
    const std::string op = words.size() > 2 ? words[2] : "query";
    Change change;
    if (op == "enable" || op == "on" || op == "reset") {
        change.verb = Change::Verb::Enable;
    } else if (op == "disable" || op == "off") {
        change.verb = Change::Verb::Disable;
    } else if (op == "mtu") {
        if (words.size() < 4)
            return failed("mtu requires an additional parameter");
        const auto mtu = mtuOf(words[3]);
        if (!mtu)
            return failed(fmt::format("invalid mtu value {}", words[3]));
        change.verb = Change::Verb::Mtu;
        change.mtu = *mtu;
    } else if (op != "query") {
        return failed("invalid operation: " + op);
    }
    const Node node = nodeAtLid(fabricOf(inv), *lid);
    const rdma::DeviceId from = localDevice(inv, parsed);
    const bool known = (node.device.valid() || node.fabricSwitch.valid()) && fabricOf(inv).port(from).logical == rdma::LogicalState::Active;
    if (!known || (node.device.valid() && fabricOf(inv).port(node.device).logical == rdma::LogicalState::Down)) {
        inv.sleep(kIbpingPatience);
        inv.err().write(timedOut(pidOf(inv), "mad_rpc", *lid));
        return failed("smp query nodeinfo failed");
    }
    const bool isSwitch = node.fabricSwitch.valid();
    for (const rdma::PortId port : portsOf(fabricOf(inv), node)) {
        // A device's only port answers to 0, too.
        if (number(words[1]) != static_cast<std::uint64_t>(fabricOf(inv).port(port).number) && (isSwitch || number(words[1]) != 0U))
            continue;
        noteNode(inv, node);
        change.port = port;
        inv.print(fmt::format("{}{} PortInfo:\n{}", op == "query" ? "" : "Initial ", isSwitch ? "Switch" : "CA/RT", portInfoText(fabricOf(inv), port, *lid)));
        if (op == "query") {
            const rdma::PortId peer = fabricOf(inv).peer(port);
            if (isSwitch && fabricOf(inv).port(port).logical == rdma::LogicalState::Active)
                inv.print("Peer PortInfo:\n" + portInfoText(fabricOf(inv), peer, *lid));
            return 0;
        }
        const bool disabled = fabricOf(inv).port(port).disabled;
        if (op == "on" && !disabled) {
            inv.print("Port is already in enable state\n");
            return 0;
        }
        if (change.verb == Change::Verb::Disable)
            inv.print("Disable may be irreversible\n");
        if (op == "reset") { // the link is trained anew
            Change down = change;
            down.verb = Change::Verb::Disable;
            inv.door().apply(sim::Command{down});
        }
        inv.door().apply(sim::Command{change});
        inv.print("\nAfter PortInfo set:\n" + portInfoText(fabricOf(inv), port, *lid));
        return 0;
    }
    return failed("smp query portinfo failed");
}

int runIbdiagnet(Invocation& inv, const ParsedOptions& parsed)
{
    if (!node::isRoot(inv)) {
        inv.print("-E- Could not open a port: Permission denied\n");
        return 1;
    }
    noteFabric(inv);
    if (parsed.options.has("pc")) {
        std::vector<std::pair<rdma::PortId, rdma::PortCounter>> resets;
        for (const Node& node : discover(fabricOf(inv), defaultDevice(fabricOf(inv), hostOf(inv))))
            for (const rdma::PortId port : portsOf(fabricOf(inv), node))
                for (int counter = 0; counter < static_cast<int>(rdma::PortCounter::Count); ++counter)
                    resets.emplace_back(port, static_cast<rdma::PortCounter>(counter));
        resetCounters(inv, resets);
    }
    const rdma::Fabric before = fabricOf(inv);
    inv.sleep(std::chrono::seconds(static_cast<std::int64_t>(number(parsed.options.value("pm_pause_time", "1")).value_or(1) % 86'400)));
    return finish(inv, ibdiagnetText(before, fabricOf(inv), hostOf(inv)));
}

} // namespace

void addSubnetTools(CommandTable& table)
{
    using Family = Tool::Family;
    addTool(table, {"iblinkinfo", "report link info for all links in the fabric", "",
                    {{'d', "down", "", "print only down links"},
                     {'l', "line", "", "print all information for each link on a single line"},
                     {0, "switches-only", "", "Output only switches"},
                     {0, "cas-only", "", "Output only CAs"}},
                    runIblinkinfo});
    addTool(table, {"ibnetdiscover", "discover InfiniBand topology", "[topology-file]",
                    {{'l', "list", "", "list of connected nodes"}, {'H', "Hca_list", "", "list of connected CAs"}, {'S', "Switch_list", "", "list of connected switches"}},
                    runIbnetdiscover});
    const std::vector<OptionSpec> script{{'h', "help", "", "help message"}, {'C', "Ca", "ca", "Ca name to use"}, {'P', "Port", "port", "Ca port number to use"}, {'t', "timeout", "ms", "timeout in ms"}};
    addTool(table, {"ibhosts", "show InfiniBand host nodes in topology", "[-h] [<topology-file> | -C <ca_name> -P <ca_port> -t <timeout_ms>]", script, runIbhosts, Family::Script});
    addTool(table, {"ibswitches", "show InfiniBand switch nodes in topology", "[-h] [<topology-file> | -C <ca_name> -P <ca_port> -t <timeout_ms>]", script, runIbswitches,
                    Family::Script});
    addTool(table, {"sminfo", "query InfiniBand SMInfo attribute", "<sm_lid|sm_dr_path> [modifier]", {}, runSminfo});
    addTool(table, {"perfquery", "query InfiniBand port counters", "[<lid|guid> [[port(s)] [reset_mask]]]",
                    {{'x', "extended", "", "show extended port counters"},
                     {'a', "all_ports", "", "show aggregated counters"},
                     {'r', "reset_after_read", "", "reset counters after read"},
                     {'R', "Reset_only", "", "only reset counters"}},
                    runPerfquery});
    addTool(table, {"ibqueryerrors", "query and report IB port counters", "",
                    {{'s', "suppress", "err1,err2,...", "suppress errors listed"},
                     {'c', "suppress-common", "", "suppress some of the common counters"},
                     {'r', "report-port", "", "report port link information"},
                     {'k', "clear-errors", "", "Clear error counters after read"},
                     {'K', "clear-counts", "", "Clear data counters after read"}},
                    runIbqueryerrors});
    addTool(table, {"ibportstate", "handle port (physical) state and link speed of an InfiniBand port", "<dest dr_path|lid|guid> <portnum> [<op>]", {}, runIbportstate});
    addTool(table, {"ibdiagnet", "scan and diagnose an InfiniBand fabric", "[-i <dev-name>] [--pc] [--pm_pause_time <seconds>]",
                    {{'i', "device", "dev-name", "Specifies the name of the device of the port used to connect to the IB fabric"},
                     {0, "pc", "", "Reset all the fabric port counters"},
                     {0, "pm_pause_time", "seconds", "Specifies the seconds to wait between first counters sample and second counters sample"}},
                    runIbdiagnet, Family::Other});
}

} // namespace core::shell::fabric
