// systemd-cgls, systemd-cgtop, timedatectl and hostnamectl of systemd 252.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"
#include "sim/host/cgroup.h"

#include <fmt/format.h>

#include <set>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::Machine;

std::string commandText(const sim::host::Process& process)
{
    std::string text;
    for (const std::string& word : process.command)
        text += (text.empty() ? "" : " ") + word;
    return process.kernelThread || text.empty() ? "[" + process.name + "]" : text;
}

std::vector<std::string> childrenOf(const std::vector<std::string>& paths, const std::string& parent)
{
    std::vector<std::string> children;
    const std::string prefix = parent == "/" ? "/" : parent + "/";
    for (const std::string& path : paths)
        if (path != "/" && path.compare(0, prefix.size(), prefix) == 0 && path.find('/', prefix.size()) == std::string::npos)
            children.push_back(path);
    return children;
}

void groupTree(const Machine& machine, const std::vector<std::string>& paths, const std::string& group, const std::string& indent, std::string& text)
{
    std::vector<const sim::host::Process*> own;
    for (const auto& [pid, process] : machine.processes)
        if (process.cgroup == group && !process.kernelThread)
            own.push_back(&process);
    const std::vector<std::string> children = childrenOf(paths, group);
    std::size_t width = 0;
    for (const auto* process : own)
        width = std::max(width, std::to_string(process->pid).size());
    for (std::size_t i = 0; i < own.size(); ++i)
        text += fmt::format("{}{}{:>{}} {}\n", indent, i + 1 == own.size() && children.empty() ? "\u2514\u2500" : "\u251c\u2500", own[i]->pid, width, commandText(*own[i]));
    for (std::size_t i = 0; i < children.size(); ++i) {
        const bool last = i + 1 == children.size();
        text += fmt::format("{}{}{}\n", indent, last ? "\u2514\u2500" : "\u251c\u2500", children[i].substr(children[i].rfind('/') + 1));
        groupTree(machine, paths, children[i], indent + (last ? "  " : "\u2502 "), text);
    }
}

int cgls(Invocation& inv)
{
    noteHost(inv);
    const Machine& machine = machineOf(inv);
    const std::vector<std::string> paths = sim::host::cgroupPaths(machine);
    std::string group = inv.operands.empty() ? "/" : inv.operands[0];
    if (group[0] != '/')
        group = "/" + group;
    if (!std::binary_search(paths.begin(), paths.end(), group)) {
        inv.err().write(fmt::format("Failed to list cgroup tree {}: No such file or directory\n", group));
        return 1;
    }
    std::string text = fmt::format("Control group {}:\n-.slice\n", group);
    groupTree(machine, paths, group, "", text);
    inv.print(text);
    return 0;
}

std::string cgtopScreen(Invocation& inv)
{
    const Machine& machine = machineOf(inv);
    struct Row {
        std::string path;
        std::int64_t tasks, memory;
        double cpu, in, out;
    };
    std::vector<Row> rows;
    for (const std::string& path : sim::host::cgroupPaths(machine)) {
        Row row{path, sim::host::cgroupTasks(machine, path), sim::host::cgroupMemoryBytes(machine, path), 0, 0, 0};
        for (const auto& [pid, p] : machine.processes)
            if (p.runs() && sim::host::inCgroup(p.cgroup, path)) {
                row.cpu += 100 * p.cpuGranted;
                row.in += p.readBytesPerSecond;
                row.out += p.syncedBytesPerSecond;
            }
        rows.push_back(std::move(row));
    }
    const std::string order = inv.options.value("order", "cpu");
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
        return order == "memory" ? a.memory > b.memory : order == "tasks" ? a.tasks > b.tasks : order == "path" ? a.path < b.path : a.cpu > b.cpu;
    });
    std::size_t width = 13;
    for (const Row& row : rows)
        width = std::max(width, std::min<std::size_t>(row.path.size(), 60));
    const auto rate = [](double bytes) { return bytes < 1 ? std::string("-") : memoryText(static_cast<std::int64_t>(bytes)); };
    std::string text = fmt::format("{:<{}} {:>7} {:>6} {:>8} {:>8} {:>8}\n", "Control Group", width, "Tasks", "%CPU", "Memory", "Input/s", "Output/s");
    for (const Row& row : rows)
        text += fmt::format("{:<{}} {:>7} {:>6} {:>8} {:>8} {:>8}\n", row.path.substr(0, 60), width, row.tasks, fmt::format("{:.1f}", row.cpu), memoryText(row.memory), rate(row.in),
                            rate(row.out));
    return text;
}

int cgtop(Invocation& inv)
{
    noteHost(inv);
    const std::int64_t count = inv.options.has("iterations") ? parseNumber(inv.options.value("iterations")).value_or(1) : inv.out().isTerminal() ? 0 : 1;
    const bool batch = inv.options.has("batch") || !inv.out().isTerminal();
    const sim::Duration delay = parseSeconds(inv.options.value("delay", "1")).value_or(std::chrono::seconds(1));
    for (std::int64_t n = 0; count == 0 || n < count; ++n) {
        if (batch) {
            if (n > 0)
                inv.sleep(delay);
            inv.print((n > 0 ? "\n" : "") + cgtopScreen(inv));
            continue;
        }
        std::string lines = n == 0 ? "\033[?1049h\033[H" : "\033[H";
        for (const char c : cgtopScreen(inv))
            lines += c == '\n' ? std::string("\033[K\n") : std::string(1, c);
        inv.print(lines + "\033[J");
        if (const auto key = inv.readKey(delay); key == "q" || !alive(inv))
            break;
    }
    if (!batch)
        inv.print("\033[?1049l");
    return 0;
}

int timedatectl(Invocation& inv)
{
    static const std::set<std::string> kVerbs{"status", "show", "set-time", "set-timezone", "list-timezones", "set-local-rtc", "set-ntp", "timesync-status", "show-timesync"};
    if (!inv.operands.empty() && kVerbs.count(inv.operands[0]) == 0) {
        inv.err().write(fmt::format("Unknown command verb {}.\n", inv.operands[0]));
        return 1;
    }
    noteHost(inv);
    const auto& units = machineOf(inv).units;
    const auto chrony = units.find("chrony.service");
    const bool runs = chrony != units.end() && chrony->second.state == sim::host::Unit::State::Active;
    const std::string now = formatDate(inv.now(), "%a %Y-%m-%d %H:%M:%S");
    inv.print(fmt::format("               Local time: {0} UTC\n           Universal time: {0} UTC\n                 RTC time: {0}\n                Time zone: Etc/UTC (UTC, +0000)\n"
                          "System clock synchronized: {1}\n              NTP service: {2}\n          RTC in local TZ: no\n",
                          now, runs ? "yes" : "no", runs ? "active" : "inactive"));
    return 0;
}

int hostnamectl(Invocation& inv)
{
    noteHost(inv);
    const Machine& machine = machineOf(inv);
    static const std::set<std::string> kVerbs{"status", "hostname", "set-hostname", "icon-name", "set-icon-name", "chassis", "set-chassis", "deployment", "set-deployment", "location", "set-location"};
    if (!inv.operands.empty() && kVerbs.count(inv.operands[0]) == 0) {
        inv.err().write(fmt::format("Unknown command verb {}.\n", inv.operands[0]));
        return 1;
    }
    if (!inv.operands.empty() && inv.operands[0] != "status")
        return inv.fail(1, "the lab's machines keep their names");
    inv.print(fmt::format(" Static hostname: {}\n       Icon name: computer-server\n         Chassis: server\n      Machine ID: {}\n         Boot ID: {}\n"
                          "Operating System: {}              \n          Kernel: Linux {}\n    Architecture: x86-64\n Hardware Vendor: Dell Inc.\n  Hardware Model: PowerEdge R760\n"
                          "Firmware Version: 2.2.7\n",
                          machine.name, machine.machineId, machine.bootId, machine.osImage, machine.kernel));
    return 0;
}

} // namespace

void addSystemdTools(CommandTable& table)
{
    const auto add = [&](const char* name, const char* summary, std::vector<OptionSpec> options, int (*run)(Invocation&)) {
        table.add(name, summary, std::string(name) + " [OPTIONS...]", std::move(options), run);
    };
    add("systemd-cgls", "recursively show control group contents", {{0, "no-pager", "", "Do not pipe output into a pager"}, {'l', "full", "", "Do not ellipsize output"}}, cgls);
    add("systemd-cgtop", "show top control groups by their resource usage",
        {{'b', "batch", "", "Run in batch mode, accepting no input"}, {'n', "iterations", "N", "Run for N iterations before exiting"}, {'d', "delay", "DELAY", "Delay between updates"},
         {0, "order", "PROPERTY", "path, tasks, cpu, memory or io"}, {'m', "", "", "Order by memory load"}, {'c', "", "", "Order by CPU load"}},
        cgtop);
    add("timedatectl", "control the system time and date", {}, timedatectl);
    add("hostnamectl", "control the system hostname", {}, hostnamectl);
}

} // namespace core::shell::node
