// SONiC's command line on the switches of a RoCE fabric: what people look at and set of ports, priorities and the pause watchdog.
#include "core/shell/commands/fabric/fabric_tools.h"
#include "core/shell/commands/fabric/sonic.h"
#include "core/shell/commands/fabric/tool.h"
#include "core/shell/commands/linux/here.h"
#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace core::shell::fabric {

namespace {

using Change = sim::command::RdmaChange;
using Words = std::vector<std::string>;

/// orchagent and syncd take that long from CONFIG_DB to the chip; ours.
constexpr sim::Duration kApplied = std::chrono::seconds(1);
/// config qos reload waits until the buffers are clear; config reload starts the containers again.
constexpr sim::Duration kQosReload = std::chrono::seconds(4);
constexpr sim::Duration kReload = std::chrono::seconds(40);
constexpr int kClickUsage = 2;
constexpr int kPfcwdLeast = 100;
constexpr int kDetectionMost = 5000;
constexpr int kRestorationMost = 60000;

/// A command about the switch that the machine is the system of.
std::function<int(Invocation&)> onSwitch(int (*run)(Invocation&, rdma::RdmaSwitchId))
{
    return [run](Invocation& inv) {
        const rdma::RdmaSwitchId id = fabricOf(inv).findSwitch(node::machineOf(inv).name);
        if (!id.valid())
            return inv.fail(1, "the switch's chip is not there");
        noteDevices(inv);
        return run(inv, id);
    };
}

int clickError(Invocation& inv, const std::string& usage, const std::string& error)
{
    inv.err().write(fmt::format("Usage: {}\nTry \"{} -h\" for help.\n\nError: {}\n", usage, usage.substr(0, usage.find(" [")), error));
    return kClickUsage;
}

/// The command lines that these tools know, word by word, for Tab and for a group without its command.
const std::vector<Words>& knownLines()
{
    static const std::vector<Words> kLines{{"show", "ecn"}, {"show", "interfaces", "counters"}, {"show", "interfaces", "status"}, {"show", "lldp", "table"},
                                           {"show", "pfc", "counters"}, {"show", "pfc", "priority"}, {"show", "pfcwd", "config"}, {"show", "pfcwd", "stats"},
                                           {"show", "queue", "counters"}, {"show", "version"}, {"config", "interface", "pfc", "priority"},
                                           {"config", "interface", "shutdown"}, {"config", "interface", "startup"}, {"config", "qos", "clear"},
                                           {"config", "qos", "reload"}, {"config", "reload"}, {"config", "save"}, {"pfcwd", "show", "config"},
                                           {"pfcwd", "show", "stats"}, {"pfcwd", "start"}, {"pfcwd", "stop"}, {"sonic-db-cli", "CONFIG_DB", "HGETALL"},
                                           {"sonic-db-cli", "CONFIG_DB", "HGET"}, {"sonic-db-cli", "CONFIG_DB", "HSET"}, {"sonic-db-cli", "CONFIG_DB", "HDEL"},
                                           {"sonic-db-cli", "CONFIG_DB", "KEYS"}};
    return kLines;
}

/// What may follow these words.
std::vector<std::string> following(const Words& words)
{
    std::vector<std::string> next;
    for (const Words& line : knownLines())
        if (line.size() > words.size() && std::equal(words.begin(), words.end(), line.begin()) && std::find(next.begin(), next.end(), line[words.size()]) == next.end())
            next.push_back(line[words.size()]);
    return next;
}

/// A group without a command tells its commands, as click does.
int noSuchCommand(Invocation& inv, const std::string& group, const std::string& word)
{
    if (word.empty()) {
        inv.print(fmt::format("Usage: {} [OPTIONS] COMMAND [ARGS]...\n\nOptions:\n  -?, -h, --help  Show this message and exit.\n\nCommands:\n", group));
        for (const std::string& command : following(sim::split(group, ' ')))
            inv.print(fmt::format("  {}\n", command));
        return 0;
    }
    return clickError(inv, group + " [OPTIONS] COMMAND [ARGS]...", fmt::format("No such command \"{}\".", word));
}

/// Words without options; -p's value goes to `period`.
Words operandsOf(const Words& words, int* period = nullptr)
{
    Words operands;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (period != nullptr && (words[i] == "-p" || words[i] == "--period") && i + 1 < words.size())
            *period = static_cast<int>(number(words[++i]).value_or(0));
        else if (words[i].empty() || words[i][0] != '-')
            operands.push_back(words[i]);
    }
    return operands;
}

std::string at(const Words& words, std::size_t i)
{
    return i < words.size() ? words[i] : std::string();
}

/// Click takes the beginning of a command's name when it is the only one.
bool means(const std::string& word, std::string_view name, std::size_t least = 1)
{
    return word.size() >= least && name.starts_with(word);
}

void apply(Invocation& inv, const Change& change) { inv.door().apply(sim::Command{change}); }

void setQos(Invocation& inv, rdma::PortId port, const rdma::Qos& qos)
{
    if (fabricOf(inv).port(port).qos == qos)
        return;
    Change change;
    change.port = port;
    change.verb = Change::Verb::Qos;
    change.qos = qos;
    apply(inv, change);
}

/// Root's work: 0, or what it ends with.
int needsRoot(Invocation& inv, std::string_view words)
{
    if (node::isRoot(inv))
        return 0;
    inv.err().write(fmt::format("{}\n", words));
    return 1;
}

int showPfc(Invocation& inv, rdma::RdmaSwitchId id, const Words& words)
{
    if (means(at(words, 1), "counters"))
        return finish(inv, showPfcCounters(fabricOf(inv), id));
    if (means(at(words, 1), "priority"))
        return finish(inv, showPfcPriority(fabricOf(inv), id, at(words, 2)));
    return noSuchCommand(inv, "show pfc", at(words, 1));
}

int showInterfaces(Invocation& inv, rdma::RdmaSwitchId id, const Words& words, int period)
{
    if (means(at(words, 1), "counters")) {
        if (period <= 0)
            return finish(inv, showInterfaceCounters(fabricOf(inv), id, nullptr, 0));
        const rdma::Fabric before = fabricOf(inv);
        inv.sleep(std::chrono::seconds(period));
        return finish(inv, showInterfaceCounters(fabricOf(inv), id, &before, period));
    }
    if (means(at(words, 1), "status")) {
        const std::string port = at(words, 2);
        if (!port.empty() && !sonicPort(fabricOf(inv), id, port).valid()) {
            inv.err().write(fmt::format("Invalid interface name {}\n", port));
            return 1;
        }
        return finish(inv, showInterfaceStatus(fabricOf(inv), id, port));
    }
    return noSuchCommand(inv, "show interfaces", at(words, 1));
}

int runShow(Invocation& inv, rdma::RdmaSwitchId id)
{
    int period = 0;
    const Words words = operandsOf(inv.arguments, &period);
    const std::string what = at(words, 0);
    if (what == "pfc")
        return showPfc(inv, id, words);
    if (what == "pfcwd") {
        if (means(at(words, 1), "config"))
            return finish(inv, pfcwdConfig(fabricOf(inv), id, {}));
        return means(at(words, 1), "stats") ? finish(inv, pfcwdStats(fabricOf(inv), id)) : noSuchCommand(inv, "show pfcwd", at(words, 1));
    }
    if (means(what, "interfaces", 3))
        return showInterfaces(inv, id, words, period);
    if (means(what, "queue", 2))
        return means(at(words, 1), "counters") ? finish(inv, showQueueCounters(fabricOf(inv), id, at(words, 2))) : noSuchCommand(inv, "show queue", at(words, 1));
    if (what == "ecn")
        return finish(inv, showEcn(fabricOf(inv), id));
    if (what == "lldp")
        return means(at(words, 1), "table") ? finish(inv, showLldpTable(fabricOf(inv), id)) : noSuchCommand(inv, "show lldp", at(words, 1));
    if (what == "version") {
        inv.print("\nSONiC Software Version: SONiC.202411.3-a1d5f2c\nSONiC OS Version: 12\nDistribution: Debian 12.9\nASIC: mellanox\n");
        return 0;
    }
    return noSuchCommand(inv, "show", what);
}

int configInterface(Invocation& inv, rdma::RdmaSwitchId id, const Words& words)
{
    const bool down = at(words, 1) == "shutdown";
    if (down || at(words, 1) == "startup") {
        const rdma::PortId port = sonicPort(fabricOf(inv), id, at(words, 2));
        if (!port.valid())
            return clickError(inv, fmt::format("config interface {} [OPTIONS] <interface_name>", at(words, 1)), "Interface name is invalid. Please enter a valid interface name!!");
        Change change;
        change.port = port;
        change.verb = down ? Change::Verb::Disable : Change::Verb::Enable;
        apply(inv, change);
        inv.sleep(kApplied);
        return 0;
    }
    if (at(words, 1) != "pfc" || at(words, 2) != "priority")
        return noSuchCommand(inv, at(words, 1) == "pfc" ? "config interface pfc" : "config interface", at(words, at(words, 1) == "pfc" ? 2 : 1));
    const char* usage = "config interface pfc priority [OPTIONS] <interface_name> [0|1|2|3|4|5|6|7] [on|off]";
    const std::string name = at(words, 3), priority = at(words, 4), status = at(words, 5);
    if (priority.size() != 1 || priority[0] < '0' || priority[0] > '7')
        return clickError(inv, usage, fmt::format("Invalid value for \"[0|1|2|3|4|5|6|7]\": invalid choice: {}. (choose from 0, 1, 2, 3, 4, 5, 6, 7)", priority));
    if (status != "on" && status != "off")
        return clickError(inv, usage, fmt::format("Invalid value for \"[on|off]\": invalid choice: {}. (choose from on, off)", status));
    const rdma::PortId port = sonicPort(fabricOf(inv), id, name);
    if (!port.valid()) {
        inv.print(fmt::format("Cannot find interface {}\n", name));
        return 0;
    }
    rdma::Qos qos = fabricOf(inv).port(port).qos;
    const auto bit = static_cast<std::uint8_t>(1 << (priority[0] - '0'));
    const bool on = (qos.pfc & bit) != 0;
    if (on == (status == "on")) {
        inv.print(on ? fmt::format("Priority {} has already been enabled on {}\n", priority, name) : fmt::format("Priority {} is not enabled on {}\n", priority, name));
        return 0;
    }
    qos.pfc = static_cast<std::uint8_t>(qos.pfc ^ bit);
    setQos(inv, port, qos);
    inv.sleep(kApplied);
    return finish(inv, showPfcPriority(fabricOf(inv), id, name));
}

/// Of all ports, or those of --ports.
int configQos(Invocation& inv, rdma::RdmaSwitchId id, const Words& words)
{
    const bool reload = at(words, 1) == "reload";
    if (!reload && at(words, 1) != "clear")
        return noSuchCommand(inv, "config qos", at(words, 1));
    Words only;
    const auto given = std::find(inv.arguments.begin(), inv.arguments.end(), "--ports");
    if (reload && given != inv.arguments.end() && given + 1 != inv.arguments.end())
        only = sim::split(*(given + 1), ',');
    inv.sleep(kQosReload);
    const rdma::Qos wanted = reload ? fabricOf(inv).switchOf(id).designedQos : rdma::Qos{};
    for (const rdma::PortId port : sonicPorts(fabricOf(inv), id))
        if (only.empty() || std::find(only.begin(), only.end(), rdma::frontPanelName(fabricOf(inv).port(port).number)) != only.end())
            setQos(inv, port, wanted);
    if (reload && only.empty())
        inv.print("Running command: /usr/local/bin/sonic-cfggen -d --write-to-db -t /usr/share/sonic/device/x86_64-nvidia_sn5600-r0/ACS-SN5600/buffers.json.j2,config-db -t "
                  "/usr/share/sonic/device/x86_64-nvidia_sn5600-r0/ACS-SN5600/qos.json.j2,config-db -y /etc/sonic/sonic_version.yml\n");
    return 0;
}

int runConfig(Invocation& inv, rdma::RdmaSwitchId id)
{
    const Words words = operandsOf(inv.arguments);
    if (const int status = needsRoot(inv, "Root privileges are required for this operation"); status != 0)
        return status;
    if (at(words, 0) == "interface")
        return configInterface(inv, id, words);
    if (at(words, 0) == "qos")
        return configQos(inv, id, words);
    const bool save = at(words, 0) == "save";
    if (!save && at(words, 0) != "reload")
        return noSuchCommand(inv, "config", at(words, 0));
    if (std::find(inv.arguments.begin(), inv.arguments.end(), "-y") == inv.arguments.end()) {
        inv.print(save ? "Existing files will be overwritten, continue? [y/N]: " : "Clear current config and reload config in config_db format from the default config file(s) ? [y/N]: ");
        const std::optional<std::string> answer = inv.in().readLine();
        if (!answer || (*answer != "y" && *answer != "Y" && *answer != "yes")) {
            inv.err().write("Aborted!\n");
            return 1;
        }
    }
    inv.print(save ? "Running command: /usr/local/bin/sonic-cfggen -d --print-data > /etc/sonic/config_db.json\n"
                   : "Stopping SONiC target ...\nRunning command: /usr/local/bin/sonic-cfggen -j /etc/sonic/init_cfg.json -j /etc/sonic/config_db.json --write-to-db\nRestarting SONiC target ...\n");
    inv.sleep(save ? kApplied : kReload);
    Change change;
    change.fabricSwitch = id;
    change.verb = save ? Change::Verb::Save : Change::Verb::Load;
    apply(inv, change);
    return 0;
}

int runEcnconfig(Invocation& inv, rdma::RdmaSwitchId id)
{
    if (inv.options.has("list"))
        return finish(inv, showEcn(fabricOf(inv), id));
    std::vector<int> queues;
    const std::string list = inv.options.value("queue");
    for (std::size_t i = 0; i < list.size(); i += 2)
        if (list[i] >= '0' && list[i] <= '7' && (i + 1 == list.size() || list[i + 1] == ','))
            queues.push_back(list[i] - '0');
    if (queues.size() * 2 != list.size() + 1) {
        inv.err().write("Exception caught: Input arguments error. Specify one of -l, -p, -q\n");
        return 1;
    }
    if (inv.operands.empty())
        return finish(inv, ecnStatus(fabricOf(inv), id, queues));
    const bool on = inv.operands[0] == "on";
    if (!on && inv.operands[0] != "off")
        return clickError(inv, "ecnconfig [OPTIONS] [[on|off]]", fmt::format("Invalid value for '[[on|off]]': '{}' is not one of 'on', 'off'.", inv.operands[0]));
    if (const int status = needsRoot(inv, "Root privileges are required for this operation"); status != 0)
        return status;
    for (const rdma::PortId port : sonicPorts(fabricOf(inv), id)) {
        rdma::Qos qos = fabricOf(inv).port(port).qos;
        for (const int queue : queues)
            qos.ecn = static_cast<std::uint8_t>(on ? qos.ecn | 1 << queue : qos.ecn & ~(1 << queue));
        setQos(inv, port, qos);
    }
    inv.sleep(kApplied);
    return 0;
}

void setWatchdog(Invocation& inv, rdma::PortId port, const rdma::PauseWatchdog& watchdog)
{
    if (fabricOf(inv).port(port).watchdog == watchdog)
        return;
    Change change;
    change.port = port;
    change.verb = Change::Verb::Watchdog;
    change.watchdog = watchdog;
    apply(inv, change);
}

/// pfcwd start [--action A] [--restoration-time MS] PORT... MS.
int startWatchdog(Invocation& inv, rdma::RdmaSwitchId id)
{
    const char* usage = "pfcwd start [OPTIONS] [PORTS]... DETECTION_TIME";
    rdma::PauseWatchdog watchdog;
    watchdog.on = true;
    Words words;
    std::int64_t restoration = -1;
    for (std::size_t i = 1; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        if ((word == "--action" || word == "-a") && i + 1 < inv.arguments.size()) {
            const std::string& action = inv.arguments[++i];
            using Action = rdma::PauseWatchdog::Action;
            if (action != "drop" && action != "forward" && action != "alert")
                return clickError(inv, usage, fmt::format("Invalid value for '--action' / '-a': '{}' is not one of 'drop', 'forward', 'alert'.", action));
            watchdog.action = action == "drop" ? Action::Drop : action == "forward" ? Action::Forward : Action::Alert;
        } else if ((word == "--restoration-time" || word == "-r") && i + 1 < inv.arguments.size()) {
            restoration = static_cast<std::int64_t>(number(inv.arguments[++i]).value_or(0));
            if (restoration < kPfcwdLeast || restoration > kRestorationMost)
                return clickError(inv, usage, fmt::format("Invalid value for '--restoration-time' / '-r': {} is not in the range 100<=x<=60000.", restoration));
        } else {
            words.push_back(word);
        }
    }
    const auto detection = words.empty() ? std::nullopt : number(words.back());
    if (!detection)
        return clickError(inv, usage, words.empty() ? std::string("Missing argument 'DETECTION_TIME'.") : fmt::format("Invalid value for 'DETECTION_TIME': '{}' is not a valid integer range.", words.back()));
    if (*detection < kPfcwdLeast || *detection > kDetectionMost)
        return clickError(inv, usage, fmt::format("Invalid value for 'DETECTION_TIME': {} is not in the range 100<=x<=5000.", *detection));
    words.pop_back();
    Words unknown;
    for (const std::string& name : words)
        if (name != "all" && !sonicPort(fabricOf(inv), id, name).valid())
            unknown.push_back(name);
    if (!unknown.empty()) {
        inv.print("Failed to run command, invalid options:\n");
        for (const std::string& name : unknown)
            inv.print(name + "\n");
        return 1;
    }
    if (const int status = needsRoot(inv, "Root privileges are required for this operation"); status != 0)
        return status;
    watchdog.detectionMs = static_cast<std::int32_t>(*detection);
    if (restoration < 0) {
        restoration = 2 * watchdog.detectionMs;
        inv.print(fmt::format("restoration time not defined; default to 2 times detection time: {} ms\n", restoration));
    }
    watchdog.restorationMs = static_cast<std::int32_t>(restoration);
    const bool all = words.empty() || std::find(words.begin(), words.end(), "all") != words.end();
    for (const rdma::PortId port : sonicPorts(fabricOf(inv), id)) {
        const std::string name = rdma::frontPanelName(fabricOf(inv).port(port).number);
        if (!all && std::find(words.begin(), words.end(), name) == words.end())
            continue;
        if (fabricOf(inv).port(port).qos.pfc == 0)
            inv.print(fmt::format("SKIPPED: PFC is not enabled on port: {}\n", name));
        else
            setWatchdog(inv, port, watchdog);
    }
    inv.sleep(kApplied);
    return 0;
}

int runPfcwd(Invocation& inv, rdma::RdmaSwitchId id)
{
    const Words words = operandsOf(inv.arguments);
    const std::string what = at(words, 0);
    const Words ports(words.begin() + std::min<std::ptrdiff_t>(2, static_cast<std::ptrdiff_t>(words.size())), words.end());
    if (what == "show" && at(words, 1) == "config")
        return finish(inv, pfcwdConfig(fabricOf(inv), id, ports));
    if (what == "show" && at(words, 1) == "stats")
        return finish(inv, pfcwdStats(fabricOf(inv), id));
    if (what == "start")
        return startWatchdog(inv, id);
    if (what != "stop")
        return noSuchCommand(inv, what == "show" ? "pfcwd show" : "pfcwd", what == "show" ? at(words, 1) : what);
    if (const int status = needsRoot(inv, "Root privileges are required for this operation"); status != 0)
        return status;
    for (const rdma::PortId port : sonicPorts(fabricOf(inv), id))
        if (words.size() == 1 || std::find(words.begin() + 1, words.end(), rdma::frontPanelName(fabricOf(inv).port(port).number)) != words.end())
            setWatchdog(inv, port, {});
    inv.sleep(kApplied);
    return 0;
}

bool matches(const std::string& key, const std::string& pattern)
{
    const std::size_t star = pattern.find('*');
    return star == std::string::npos ? key == pattern : key.starts_with(pattern.substr(0, star)) && key.ends_with(pattern.substr(star + 1));
}

/// Puts one field of a port's entry; an empty value takes it away. False: the lab's switches know no such field.
bool setField(Invocation& inv, rdma::RdmaSwitchId id, const std::string& key, const std::string& field, const std::string& value)
{
    const auto entry = parseConfigKey(fabricOf(inv), id, key);
    if (!entry)
        return false;
    rdma::Qos qos = fabricOf(inv).port(entry->port).qos;
    const bool ofPort = entry->table == "PORT_QOS_MAP" && entry->queue < 0;
    if (ofPort && field == "dscp_to_tc_map") {
        qos.trust = value.empty() ? rdma::Trust::Pcp : rdma::Trust::Dscp;
    } else if (ofPort && field == "pfc_enable") {
        qos.pfc = 0;
        for (const char c : value)
            if (c >= '0' && c <= '7')
                qos.pfc = static_cast<std::uint8_t>(qos.pfc | 1 << (c - '0'));
    } else if (entry->table == "QUEUE" && entry->queue >= 0 && field == "wred_profile") {
        const int bit = 1 << entry->queue;
        qos.ecn = static_cast<std::uint8_t>(value.empty() ? qos.ecn & ~bit : qos.ecn | bit);
    } else {
        return false;
    }
    setQos(inv, entry->port, qos);
    return true;
}

/// sonic-db-cli CONFIG_DB HGETALL|HGET|HSET|HDEL|KEYS: the tables of ports.
int runDatabase(Invocation& inv, rdma::RdmaSwitchId id)
{
    const Words& words = inv.arguments;
    if (words.size() < 3) {
        inv.err().write("usage: sonic-db-cli [-h] [-s] [-n NAMESPACE] db_or_op [cmd ...]\n");
        return 1;
    }
    if (words[0] != "CONFIG_DB") {
        inv.err().write(fmt::format("Invalid database name input : '{}'\n", words[0]));
        return 1;
    }
    const std::string verb = sim::raised(words[1]);
    const auto entry = configEntry(fabricOf(inv), id, words[2]);
    if (verb == "KEYS") {
        for (const std::string& key : configKeys(fabricOf(inv), id))
            if (matches(key, words[2]))
                inv.print(key + "\n");
    } else if (verb == "HGETALL") {
        std::string text;
        for (const auto& [field, value] : entry)
            text += fmt::format("{}'{}': '{}'", text.empty() ? "" : ", ", field, value);
        inv.print("{" + text + "}\n");
    } else if (verb == "HGET") {
        for (const auto& [field, value] : entry)
            if (field == at(words, 3))
                inv.print(value + "\n");
    } else if (verb == "HSET" || verb == "HDEL") {
        if (const int status = needsRoot(inv, "Unable to connect to redis: Permission denied"); status != 0)
            return status;
        const bool had = std::any_of(entry.begin(), entry.end(), [&](const auto& one) { return one.first == at(words, 3); });
        if (!setField(inv, id, words[2], at(words, 3), verb == "HSET" ? at(words, 4) : "")) {
            inv.err().write(fmt::format("(error) this switch keeps no field '{}' in '{}'\n", at(words, 3), words[2]));
            return 1;
        }
        inv.sleep(kApplied);
        inv.print(verb == "HSET" ? (had ? "0\n" : "1\n") : (had ? "1\n" : "0\n"));
    } else {
        inv.err().write(fmt::format("(error) ERR unknown command '{}'\n", words[1]));
        return 1;
    }
    return 0;
}

std::vector<Completion> completeWords(const CompletionRequest& request, Door&, System&)
{
    std::vector<Completion> out;
    for (const std::string& word : following(request.words))
        if (word.starts_with(request.word))
            out.push_back({word, ""});
    return out;
}

void add(CommandTable& table, const char* name, const char* summary, const char* usage, int (*run)(Invocation&, rdma::RdmaSwitchId))
{
    CommandSpec spec;
    spec.name = name;
    spec.summary = summary;
    spec.usage = usage;
    spec.parseOptions = false;
    spec.run = onSwitch(run);
    spec.complete = completeWords;
    table.add(std::move(spec));
}

} // namespace

void addSwitchTools(CommandTable& table)
{
    add(table, "show", "SONiC command line: show", "show [OPTIONS] COMMAND [ARGS]...", runShow);
    add(table, "config", "SONiC command line: config", "config [OPTIONS] COMMAND [ARGS]...", runConfig);
    add(table, "pfcwd", "SONiC PFC watchdog", "pfcwd [OPTIONS] COMMAND [ARGS]...", runPfcwd);
    add(table, "sonic-db-cli", "reads and writes SONiC's databases", "sonic-db-cli [-h] db_or_op [cmd ...]", runDatabase);
    CommandSpec ecn;
    ecn.name = "ecnconfig";
    ecn.summary = "show and change: ECN WRED configuration, ECN on/off status on queues";
    ecn.usage = "ecnconfig [OPTIONS] [[on|off]]";
    ecn.options = {{'l', "list", "", "show ECN WRED configuration"}, {'q', "queue", "TEXT", "specify queue index list: 3,4"}};
    ecn.usageStatus = kClickUsage;
    ecn.run = onSwitch(runEcnconfig);
    table.add(std::move(ecn));
}

} // namespace core::shell::fabric
