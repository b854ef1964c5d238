// pidstat of sysstat 12.6.1.
#include "core/shell/commands/linux/cpu_split.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/open_connections.h"
#include "core/shell/commands/linux/processes.h"
#include "core/shell/commands/linux/unix_sockets.h"
#include "core/shell/regular_expression.h"
#include "core/shell/text/dates.h"
#include "core/shell/usage_errors.h"
#include "sim/host/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::node {

namespace {

using sim::host::Process;

/// What a task does a second: the differences that sysstat computes from two readings of /proc.
struct TaskFigures {
    double user = 0, system = 0, wait = 0, voluntary = 0, forced = 0, readKb = 0, writtenKb = 0, faults = 0;
    double delay = 0; ///< ticks of waiting for the disk
};

TaskFigures figuresNow(const sim::host::Machine& machine, const Process& p, double share)
{
    TaskFigures f;
    if (!p.runs())
        return f;
    const double io = std::max(1.0, machine.diskDemand());
    f.user = 100 * p.cpuGranted * (1 - p.systemShare) * share;
    f.system = 100 * p.cpuGranted * p.systemShare * share;
    f.wait = 100 * (p.cpuCores - p.cpuGranted) * share;
    f.voluntary = (p.switchesPerSecond + p.cpuGranted * 12) * share;
    f.forced = p.cpuGranted * (p.cpuGranted + 1e-9 < p.cpuCores ? 90 : 4) * share;
    f.readKb = p.readBytesPerSecond / io / 1024 * share;
    f.writtenKb = p.syncedBytesPerSecond / io / 1024 * share;
    f.faults = p.growthBytesPerSecond / 4096 * share;
    f.delay = p.state == 'D' || (io > 1 && f.readKb + f.writtenKb > 0) ? 100 : 0;
    return f;
}

enum class Report { Cpu, Memory, Stack, Disk, Switches, Tables, Scheduling };

struct PidstatRequest {
    std::vector<Report> reports;
    bool threads = false, full = false, horizontal = false, epoch = false, names = false, solaris = false, everyTask = false;
    std::vector<sim::host::Pid> pids;
    std::optional<RegularExpression> command; ///< -C, -G
    std::string user;
    sim::Duration interval{};
    std::int64_t count = 1;
};

/// Nothing: sysstat answers with its usage.
std::optional<PidstatRequest> parsePidstat(Invocation& inv)
{
    PidstatRequest r;
    static constexpr std::pair<const char*, Report> kReports[] = {{"u", Report::Cpu}, {"r", Report::Memory}, {"s", Report::Stack}, {"d", Report::Disk}, {"w", Report::Switches},
                                                                  {"v", Report::Tables}, {"R", Report::Scheduling}};
    for (const auto& [option, report] : kReports)
        if (inv.options.has(option))
            r.reports.push_back(report);
    if (r.reports.empty())
        r.reports.push_back(Report::Cpu);
    r.threads = inv.options.has("t");
    r.full = inv.options.has("l");
    r.horizontal = inv.options.has("h");
    r.epoch = inv.options.has("H");
    r.solaris = inv.options.has("I");
    r.names = inv.options.has("U");
    r.user = inv.options.value("U");
    for (const char* option : {"C", "G"})
        if (inv.options.has(option)) {
            std::string error;
            r.command = RegularExpression::compile(inv.options.value(option), RegularExpression::Syntax::Extended, {}, error);
            if (!r.command)
                return std::nullopt;
        }
    for (std::string list : inv.options.values("p")) {
        std::replace(list.begin(), list.end(), ',', ' ');
        for (const std::string& word : splitWords(list))
            if (const auto pid = parseNumber(word))
                r.pids.push_back(*pid);
            else if (word == "ALL")
                r.everyTask = true;
            else if (word != "SELF")
                return std::nullopt;
    }
    if (!inv.operands.empty()) {
        const auto seconds = parseNumber(inv.operands[0]);
        if (!seconds || *seconds < 1)
            return std::nullopt;
        r.interval = std::chrono::seconds(*seconds);
        r.count = inv.operands.size() > 1 ? parseNumber(inv.operands[1]).value_or(0) : 0;
        if (inv.operands.size() > 2 || (inv.operands.size() > 1 && r.count < 1))
            return std::nullopt;
    }
    return r;
}

std::string columnsOf(Report report)
{
    switch (report) {
    case Report::Cpu: return "    %usr %system  %guest   %wait    %CPU   CPU";
    case Report::Memory: return "  minflt/s  majflt/s     VSZ     RSS   %MEM";
    case Report::Stack: return " StkSize  StkRef";
    case Report::Disk: return "   kB_rd/s   kB_wr/s kB_ccwr/s iodelay";
    case Report::Switches: return "   cswch/s nvcswch/s";
    case Report::Tables: return " threads   fd-nr";
    case Report::Scheduling: return " prio policy";
    }
    return {};
}

/// Kernel threads that the scheduler runs before everything else.
bool isRealTime(const Process& p)
{
    return p.kernelThread && p.name.rfind("migration/", 0) == 0;
}

/// A machine's sockets by process, to count descriptors.
using SocketCounts = std::map<sim::host::Pid, std::int64_t>;

SocketCounts socketCounts(Invocation& inv)
{
    SocketCounts counts;
    for (const SocketRow& row : socketRows(inv))
        ++counts[row.socket.pid];
    for (const LocalSocket& socket : localSockets(inv))
        for (const LocalSocket::User& user : socket.users)
            counts[user.pid] += user.descriptor > 2 ? 1 : 0;
    return counts;
}

/// execve(2) gives a main thread 128 KiB of stack and a page; what is touched of it grows with what the program does.
constexpr std::int64_t kStackKilobytes = 132;
std::int64_t touchedStackKilobytes(const Process& p)
{
    return std::min<std::int64_t>(kStackKilobytes, 12 + 4 * (p.residentBytes >> 25));
}

/// What one report shows of a task, and whether it has done anything that the report counts.
struct TaskCells {
    std::string text;
    bool active = false;
};

TaskCells cellsOf(const sim::host::Machine& machine, Report report, const Process& p, const TaskFigures& f, const PidstatRequest& r, const SocketCounts& sockets, bool average)
{
    switch (report) {
    case Report::Cpu: {
        const double all = (f.user + f.system) / (r.solaris ? static_cast<double>(machine.cpus) : 1);
        return {fmt::format(" {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:>5}", f.user, f.system, 0.0, f.wait, all, average ? "-" : std::to_string(p.pid % machine.cpus)), f.user + f.system >= 0.05};
    }
    case Report::Memory:
        return {fmt::format(" {:9.2f} {:9.2f} {:7} {:7} {:6.2f}", f.faults, 0.0, p.virtualBytes / 1024, p.residentBytes / 1024,
                            machine.memoryBytes > 0 ? 100.0 * static_cast<double>(p.residentBytes) / static_cast<double>(machine.memoryBytes) : 0.0),
                f.faults > 0};
    case Report::Stack: {
        const bool none = p.kernelThread;
        return {fmt::format(" {:7} {:7}", none ? 0 : kStackKilobytes, none ? 0 : touchedStackKilobytes(p)), !none && r.interval.count() == 0};
    }
    case Report::Disk: return {fmt::format(" {:9.2f} {:9.2f} {:9.2f} {:7.0f}", f.readKb, f.writtenKb, 0.0, f.delay), f.readKb + f.writtenKb > 0};
    case Report::Switches: return {fmt::format(" {:9.2f} {:9.2f}", f.voluntary, f.forced), f.voluntary + f.forced > 0.05};
    case Report::Tables: {
        const auto counted = sockets.find(p.pid);
        const std::int64_t descriptors = p.kernelThread ? 0 : 3 + static_cast<std::int64_t>(p.openFiles.size()) + (counted == sockets.end() ? 0 : counted->second);
        return {fmt::format(" {:7} {:7}", p.threadCount, descriptors), true};
    }
    case Report::Scheduling: return {fmt::format(" {:>4} {:>6}", isRealTime(p) ? 99 : 0, isRealTime(p) ? "FIFO" : "NORMAL"), isRealTime(p)};
    }
    return {};
}

/// The left part of each line.
std::string ownerCells(const sim::host::Machine& machine, const PidstatRequest& r, const Process& p)
{
    if (r.names)
        return fmt::format(" {:>8}", p.user.substr(0, 8));
    const auto account = sim::host::accountOf(machine, p.user);
    return fmt::format(" {:>5}", account ? account->uid : p.user == "root" ? 0 : 65534);
}

std::string pidstatHeader(const PidstatRequest& r, const std::vector<Report>& reports)
{
    std::string text = r.names ? "     USER" : "   UID";
    text += r.threads ? "      TGID       TID" : "       PID";
    for (const Report report : reports)
        text += columnsOf(report);
    return text + "  Command\n";
}

std::string commandText(const PidstatRequest& r, const Process& p)
{
    if (!r.full || p.command.empty())
        return p.name;
    std::string command;
    for (const std::string& word : p.command)
        command += (command.empty() ? "" : " ") + word;
    return command;
}

/// The lines of a sample: one report, or all of them side by side (-h).
std::string sampleText(Invocation& inv, const PidstatRequest& r, const std::vector<Report>& reports, const std::string& stamp, bool average)
{
    const sim::host::Machine& machine = machineOf(inv);
    const bool counts = std::find(reports.begin(), reports.end(), Report::Tables) != reports.end();
    const SocketCounts sockets = counts ? socketCounts(inv) : SocketCounts{};
    std::string text;
    for (const Process* p : visibleProcesses(inv)) {
        if ((!r.pids.empty() && std::find(r.pids.begin(), r.pids.end(), p->pid) == r.pids.end()) || (r.command && !r.command->matches(p->name)) || (!r.user.empty() && p->user != r.user))
            continue;
        bool active = r.everyTask || !r.pids.empty();
        const auto line = [&](double share, const std::string& ids, const std::string& command) {
            const TaskFigures f = figuresNow(machine, *p, share);
            std::string shown = fmt::format("{:<11}", stamp) + ownerCells(machine, r, *p) + ids;
            for (const Report report : reports) {
                const TaskCells cells = cellsOf(machine, report, *p, f, r, sockets, average);
                shown += cells.text;
                active = active || cells.active;
            }
            return shown + "  " + command + "\n";
        };
        std::string lines = line(1, r.threads ? fmt::format(" {:>9} {:>9}", p->pid, "-") : fmt::format(" {:>9}", p->pid), commandText(r, *p));
        if (!active)
            continue;
        if (r.threads) {
            double named = 0;
            std::string below;
            for (const sim::host::Thread& thread : p->threads) {
                const double share = p->cpuCores > 0 ? thread.cpuCores / p->cpuCores : 0;
                named += share;
                below += line(share, fmt::format(" {:>9} {:>9}", "-", thread.tid), "|__" + thread.name);
            }
            lines += line(std::max(0.0, 1 - named), fmt::format(" {:>9} {:>9}", "-", p->pid), "|__" + p->name) + below;
        }
        text += lines;
    }
    return text;
}

int pidstat(Invocation& inv)
{
    const auto request = parsePidstat(inv);
    if (!request) {
        inv.err().write(sysstatUsage("pidstat"));
        return 1;
    }
    const PidstatRequest& r = *request;
    noteHost(inv);
    inv.print(sysstatBanner(inv));
    const auto stampNow = [&] { return formatDate(inv.now(), r.epoch ? "%s" : "%H:%M:%S"); };
    // Side by side all reports make one; otherwise each has its own lines.
    std::vector<std::vector<Report>> groups;
    if (r.horizontal)
        groups.push_back(r.reports);
    else
        for (const Report report : r.reports)
            groups.push_back({report});
    // One line of one report needs its header only once; otherwise each sample has its own, after an empty line.
    const bool bare = groups.size() == 1 && r.pids.size() == 1 && !r.threads && !r.horizontal;
    bool begun = false;
    const auto section = [&](const std::string& header, const std::string& text) {
        inv.print(begun && bare ? text : (begun ? "\n" : "") + header + text);
        begun = true;
    };
    for (std::int64_t n = 0; r.count == 0 || n < r.count; ++n) {
        const std::string before = r.horizontal ? "# Time" : stampNow();
        if (r.interval.count() > 0)
            inv.sleep(r.interval);
        const std::string stamp = stampNow();
        for (const auto& reports : groups)
            section(fmt::format("{:<11}", before) + pidstatHeader(r, reports), sampleText(inv, r, reports, stamp, false));
    }
    if (r.interval.count() > 0 && !r.horizontal)
        for (const auto& reports : groups)
            section(fmt::format("{:<11}", "Average:") + pidstatHeader(r, reports), sampleText(inv, r, reports, "Average:", true));
    return 0;
}

} // namespace

void addPidstat(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "pidstat";
    spec.summary = "report statistics for Linux tasks";
    spec.usage = "pidstat [ options ] [ <interval> [ <count> ] ]";
    spec.options = {{'d', "", "", "report I/O statistics"},
                    {'H', "", "", "display timestamps in seconds since the epoch"},
                    {'h', "", "", "display all activities horizontally"},
                    {'I', "", "", "divide the total CPU usage by the number of processors"},
                    {'l', "", "", "display the process command name and all its arguments"},
                    {'R', "", "", "report realtime priority and scheduling policy"},
                    {'r', "", "", "report page faults and memory utilization"},
                    {'s', "", "", "report stack utilization"},
                    {'t', "", "", "also display statistics for threads"},
                    {'U', "", "USER", "display user names, of this user's tasks only"},
                    {'u', "", "", "report CPU utilization"},
                    {'v', "", "", "report values of some kernel tables"},
                    {'w', "", "", "report task switching activity"},
                    {'C', "", "COMMAND", "only tasks whose command name matches the regular expression"},
                    {'G', "", "PROCESS", "only processes whose command name matches the regular expression"},
                    {'p', "", "PID", "select tasks, SELF or ALL"}};
    spec.run = pidstat;
    table.add(std::move(spec));
}

} // namespace core::shell::node
