// Tools that read sysfs, verbs and netlink, which everybody may.
#include "core/shell/commands/fabric/fabric_tools.h"
#include "core/shell/commands/fabric/ibstat.h"
#include "core/shell/commands/fabric/ibv.h"
#include "core/shell/commands/fabric/mlnx_qos.h"
#include "core/shell/commands/fabric/rdma_tool.h"
#include "core/shell/commands/fabric/tool.h"
#include "core/shell/commands/linux/here.h"

#include <fmt/format.h>

namespace core::shell::fabric {

namespace {

int runIbstat(Invocation& inv, const ParsedOptions& parsed)
{
    noteDevices(inv);
    IbstatOptions options;
    options.list = parsed.options.has("list_of_cas");
    options.brief = parsed.options.has("short");
    options.portList = parsed.options.has("port_list");
    options.pid = pidOf(inv);
    if (!parsed.operands.empty())
        options.device = parsed.operands[0];
    if (parsed.operands.size() > 1)
        options.port = static_cast<int>(number(parsed.operands[1]).value_or(0));
    return finish(inv, ibstatText(fabricOf(inv), hostOf(inv), options));
}

int runIbstatus(Invocation& inv, const ParsedOptions& parsed)
{
    noteDevices(inv);
    if (parsed.operands.empty())
        return finish(inv, ibstatusText(fabricOf(inv), hostOf(inv)));
    for (const std::string& device : parsed.operands)
        if (const int status = finish(inv, ibstatusText(fabricOf(inv), hostOf(inv), device)); status != 0)
            return status;
    return 0;
}

int runIbdev2netdev(Invocation& inv, const ParsedOptions&)
{
    noteDevices(inv);
    return finish(inv, ibdev2netdevText(fabricOf(inv), hostOf(inv)));
}

int runIbvDevices(Invocation& inv, const ParsedOptions&)
{
    noteDevices(inv);
    return finish(inv, ibvDevicesText(fabricOf(inv), hostOf(inv)));
}

int runIbvDevinfo(Invocation& inv, const ParsedOptions& parsed)
{
    noteDevices(inv);
    IbvDevinfoOptions options;
    options.device = parsed.options.value("ib-dev");
    options.list = parsed.options.has("list");
    options.verbose = parsed.options.has("verbose");
    const auto port = number(parsed.options.value("ib-port", "0"));
    if (!port || (*port == 0 && parsed.options.has("ib-port")))
        return showUsage(inv, parsed);
    options.port = static_cast<int>(*port);
    return finish(inv, ibvDevinfoText(fabricOf(inv), hostOf(inv), options));
}

int runShowGids(Invocation& inv, const ParsedOptions& parsed)
{
    noteDevices(inv);
    return finish(inv, showGidsText(fabricOf(inv), hostOf(inv), parsed.operands.empty() ? std::string() : parsed.operands[0]));
}

constexpr const char* kRdmaUsage = "Usage: rdma [ OPTIONS ] OBJECT { COMMAND | help }\n"
                                   "where  OBJECT := { dev | link | statistic | help }\n"
                                   "       OPTIONS := { -V[ersion] | -d[etails] | -j[son] | -p[retty] -r[aw]}\n";
/// What main() returns for -EINVAL, of which the shell sees the lower eight bits.
constexpr int kInvalid = 234;

int runRdma(Invocation& inv, const ParsedOptions& parsed)
{
    const std::vector<std::string>& words = parsed.operands;
    if (words.empty() || words[0] == "help") {
        inv.print(kRdmaUsage);
        return 0;
    }
    const auto is = [&](std::string_view object) { return object.starts_with(words[0]); };
    std::size_t next = 1; // "rdma link NAME", "rdma link show NAME", "rdma statistic show link NAME"
    while (next < words.size() && (words[next] == "show" || words[next] == "list" || (is("statistic") && words[next] == "link")))
        ++next;
    const std::string name = next < words.size() ? words[next] : std::string();
    noteDevices(inv);
    if (is("link"))
        return finish(inv, rdmaLinkText(fabricOf(inv), hostOf(inv), name));
    if (is("dev"))
        return finish(inv, rdmaDevText(fabricOf(inv), hostOf(inv), name));
    if (is("statistic"))
        return finish(inv, rdmaStatisticText(fabricOf(inv), hostOf(inv), name));
    inv.err().write(fmt::format("Unknown object \"{}\".\n", words[0]));
    return kInvalid;
}

int runMlnxQos(Invocation& inv, const ParsedOptions& parsed)
{
    MlnxQosOptions options;
    options.interface = parsed.options.value("interface");
    options.trust = parsed.options.value("trust");
    options.pfc = parsed.options.value("pfc");
    noteDevices(inv);
    const auto wanted = mlnxQosChange(fabricOf(inv), hostOf(inv), options);
    if (wanted && !node::isRoot(inv)) {
        inv.err().write("Netlink error: Operation not permitted\n");
        return 1;
    }
    if (wanted) {
        sim::command::RdmaChange change;
        change.port = wanted->first;
        change.verb = sim::command::RdmaChange::Verb::Qos;
        change.qos = wanted->second;
        inv.door().apply(sim::Command{change});
    }
    return finish(inv, mlnxQosText(fabricOf(inv), hostOf(inv), options));
}

} // namespace

void addDeviceTools(CommandTable& table)
{
    using Family = Tool::Family;
    const OptionSpec help{'h', "help", "", "help message"};
    addTool(table, {"ibstat", "query basic status of InfiniBand device(s)", "<ca_name> [portnum]",
                    {{'l', "list_of_cas", "", "list all IB devices"}, {'s', "short", "", "short output"}, {'p', "port_list", "", "show port list"}}, runIbstat});
    addTool(table, {"ibstatus", "query basic status of InfiniBand device(s)", "[-h] [devname[:port]]...", {help}, runIbstatus, Family::Script});
    addTool(table, {"ibdev2netdev", "show which network interface belongs to which RDMA device", "[-h]", {help}, runIbdev2netdev, Family::Script});
    addTool(table, {"ibv_devices", "list RDMA devices", "", {}, runIbvDevices, Family::Other});
    addTool(table, {"ibv_devinfo", "query RDMA devices", "[-d dev] [-i port] [-l] [-v]",
                    {{'d', "ib-dev", "dev", "use IB device <dev> (default all devices)"},
                     {'i', "ib-port", "port", "use port <port> of IB device (default all ports)"},
                     {'l', "list", "", "print only the IB devices names"},
                     {'v', "verbose", "", "print all the attributes of the IB device(s)"}},
                    runIbvDevinfo, Family::Other, 255});
    addTool(table, {"show_gids", "list the GID tables of RDMA devices", "[-h] [device [port]]", {help}, runShowGids, Family::Script});
    addTool(table, {"rdma", "RDMA tool", "[ OPTIONS ] OBJECT { COMMAND | help }",
                    {{'V', "Version", "", "Print the version of the rdma tool"}, {'d', "details", "", "Output detailed information"}}, runRdma, Family::Other, kInvalid});
    addTool(table, {"mlnx_qos", "set and show quality of service of an interface", "-i <interface> [options]",
                    {{'i', "interface", "INTF", "Interface name"},
                     {0, "trust", "TRUST", "set priority trust state to pcp or dscp"},
                     {'f', "pfc", "LIST", "set priority flow control for each priority: a list of 8 bits, 0 or 1"}},
                    runMlnxQos, Family::Other, 2});
}

} // namespace core::shell::fabric
