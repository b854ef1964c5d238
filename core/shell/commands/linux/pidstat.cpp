// pidstat and mpstat of sysstat 12.6.1.
#include "core/shell/commands/linux/cpu_split.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/processes.h"
#include "core/shell/text/dates.h"
#include "core/shell/usage_errors.h"
#include "sim/host/accounts.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::Process;

std::string sysstatBanner(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    return fmt::format("Linux {} ({}) \t{} \t_x86_64_\t({} CPU)\n\n", machine.kernel, machine.name, formatDate(inv.now(), "%m/%d/%y"), machine.cpus);
}

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

struct PidstatRequest {
    bool cpu = false, memory = false, disk = false, switches = false, threads = false, full = false;
    std::vector<sim::host::Pid> pids;
    std::string command, user;
    sim::Duration interval{};
    std::int64_t count = 1;
};

std::optional<PidstatRequest> parsePidstat(Invocation& inv)
{
    PidstatRequest r;
    r.cpu = inv.options.has("u");
    r.memory = inv.options.has("r");
    r.disk = inv.options.has("d");
    r.switches = inv.options.has("w");
    r.threads = inv.options.has("t");
    r.full = inv.options.has("l");
    r.command = inv.options.value("C");
    r.user = inv.options.value("U");
    if (!r.memory && !r.disk && !r.switches)
        r.cpu = true;
    for (std::string list : inv.options.values("p")) {
        std::replace(list.begin(), list.end(), ',', ' ');
        for (const std::string& word : splitWords(list))
            if (const auto pid = parseNumber(word))
                r.pids.push_back(*pid);
            else if (word != "ALL" && word != "SELF")
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

enum class Report { Cpu, Memory, Disk, Switches };

std::string headerOf(Report report, bool threads)
{
    const std::string who = threads ? "   UID      TGID       TID" : "   UID       PID";
    switch (report) {
    case Report::Cpu: return who + "    %usr %system  %guest   %wait    %CPU   CPU  Command\n";
    case Report::Memory: return who + "  minflt/s  majflt/s     VSZ     RSS   %MEM  Command\n";
    case Report::Disk: return who + "   kB_rd/s   kB_wr/s kB_ccwr/s iodelay  Command\n";
    case Report::Switches: return who + "   cswch/s nvcswch/s  Command\n";
    }
    return {};
}

std::string lineOf(const sim::host::Machine& machine, Report report, const Process& p, const TaskFigures& f, const std::string& who, const std::string& command, bool average)
{
    switch (report) {
    case Report::Cpu:
        return fmt::format("{} {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:7.2f} {:>5}  {}\n", who, f.user, f.system, 0.0, f.wait, f.user + f.system,
                           average ? "-" : std::to_string(p.pid % machine.cpus), command);
    case Report::Memory:
        return fmt::format("{} {:9.2f} {:9.2f} {:7} {:7} {:6.2f}  {}\n", who, f.faults, 0.0, p.virtualBytes / 1024, p.residentBytes / 1024,
                           machine.memoryBytes > 0 ? 100.0 * static_cast<double>(p.residentBytes) / static_cast<double>(machine.memoryBytes) : 0.0, command);
    case Report::Disk: return fmt::format("{} {:9.2f} {:9.2f} {:9.2f} {:7.0f}  {}\n", who, f.readKb, f.writtenKb, 0.0, f.delay, command);
    case Report::Switches: return fmt::format("{} {:9.2f} {:9.2f}  {}\n", who, f.voluntary, f.forced, command);
    }
    return {};
}

std::string reportText(Invocation& inv, const PidstatRequest& r, Report report, const std::string& stamp, bool average)
{
    const sim::host::Machine& machine = machineOf(inv);
    std::string text;
    for (const Process* p : visibleProcesses(inv)) {
        if ((!r.pids.empty() && std::find(r.pids.begin(), r.pids.end(), p->pid) == r.pids.end()) || (!r.command.empty() && p->name.find(r.command) == std::string::npos)
            || (!r.user.empty() && p->user != r.user))
            continue;
        const TaskFigures f = figuresNow(machine, *p, 1);
        const bool active = report == Report::Cpu ? f.user + f.system >= 0.05
            : report == Report::Disk              ? f.readKb + f.writtenKb > 0
            : report == Report::Switches          ? f.voluntary + f.forced > 0.05
                                                  : f.faults > 0;
        if (!active && r.pids.empty())
            continue;
        const auto account = sim::host::accountOf(machine, p->user);
        const std::int64_t uid = account ? account->uid : p->user == "root" ? 0 : 65534;
        std::string command = p->name;
        if (r.full && !p->command.empty()) {
            command.clear();
            for (const std::string& word : p->command)
                command += (command.empty() ? "" : " ") + word;
        }
        if (!r.threads) {
            text += lineOf(machine, report, *p, f, fmt::format("{:<8} {:>8} {:>9}", stamp, uid, p->pid), command, average);
            continue;
        }
        text += lineOf(machine, report, *p, f, fmt::format("{:<8} {:>8} {:>9} {:>9}", stamp, uid, p->pid, "-"), command, average);
        double named = 0;
        std::string below;
        for (const sim::host::Thread& thread : p->threads) {
            const double share = p->cpuCores > 0 ? thread.cpuCores / p->cpuCores : 0;
            named += share;
            below += lineOf(machine, report, *p, figuresNow(machine, *p, share), fmt::format("{:<8} {:>8} {:>9} {:>9}", stamp, uid, "-", thread.tid), "|__" + thread.name, average);
        }
        text += lineOf(machine, report, *p, figuresNow(machine, *p, std::max(0.0, 1 - named)), fmt::format("{:<8} {:>8} {:>9} {:>9}", stamp, uid, "-", p->pid), "|__" + p->name, average)
            + below;
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
    std::vector<Report> reports;
    for (const auto& [wanted, report] : {std::pair(r.cpu, Report::Cpu), std::pair(r.memory, Report::Memory), std::pair(r.disk, Report::Disk), std::pair(r.switches, Report::Switches)})
        if (wanted)
            reports.push_back(report);
    // One line of one report needs its header only once; otherwise each sample has its own, after an empty line.
    const bool bare = reports.size() == 1 && r.pids.size() == 1 && !r.threads;
    bool begun = false;
    const auto section = [&](const std::string& header, const std::string& text) {
        inv.print(begun && bare ? text : (begun ? "\n" : "") + header + text);
        begun = true;
    };
    for (std::int64_t n = 0; r.count == 0 || n < r.count; ++n) {
        const std::string before = formatDate(inv.now(), "%H:%M:%S");
        if (r.interval.count() > 0)
            inv.sleep(r.interval);
        const std::string stamp = formatDate(inv.now(), "%H:%M:%S");
        for (const Report report : reports)
            section(before + "   " + headerOf(report, r.threads), reportText(inv, r, report, stamp, false));
    }
    if (r.interval.count() > 0)
        for (const Report report : reports)
            section("Average:   " + headerOf(report, r.threads), reportText(inv, r, report, "Average:", true));
    return 0;
}

int mpstat(Invocation& inv)
{
    const std::int64_t cpus = machineOf(inv).cpus;
    std::vector<std::int64_t> chosen; // of -P; empty: all of them
    bool wrong = false;
    for (std::string list : inv.options.values("P")) {
        std::replace(list.begin(), list.end(), ',', ' ');
        for (const std::string& word : splitWords(list))
            if (const auto cpu = parseNumber(word); cpu && *cpu >= 0 && *cpu < cpus)
                chosen.push_back(*cpu);
            else
                wrong = wrong || (word != "ALL" && word != "all" && word != "ON");
    }
    for (const std::string& word : inv.operands)
        wrong = wrong || parseNumber(word).value_or(0) < 1;
    if (wrong || inv.operands.size() > 2) {
        inv.err().write(sysstatUsage("mpstat"));
        return 1;
    }
    noteHost(inv);
    const bool each = inv.options.has("P") || inv.options.has("A");
    const auto seconds = inv.operands.empty() ? std::nullopt : parseNumber(inv.operands[0]);
    const std::int64_t count = inv.operands.size() > 1 ? parseNumber(inv.operands[1]).value_or(1) : seconds ? 0 : 1;
    inv.print(sysstatBanner(inv));
    const auto rows = [&](const std::string& stamp) {
        const sim::host::Machine& machine = machineOf(inv);
        const CpuSplit all = cpuSplit(machine);
        const auto line = [&](const std::string& cpu, const CpuSplit& c) {
            return fmt::format("{:<8}     {:>3}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}  {:6.2f}\n", stamp, cpu, c.user, c.nice, c.system,
                               c.wait, 0.0, 0.0, 0.0, 0.0, 0.0, c.idle);
        };
        std::string text = chosen.empty() ? line("all", all) : std::string();
        if (!each)
            return text;
        // Whole busy tasks fill processors one after another, as the load balancer leaves them; the rest is spread.
        std::vector<double> busy(static_cast<std::size_t>(machine.cpus), 0);
        double rest = 0;
        for (const auto& [pid, p] : machine.processes) {
            double granted = p.runs() ? p.cpuGranted : 0;
            for (std::size_t i = 0; granted >= 0.9 && i < busy.size(); ++i)
                if (busy[i] == 0) {
                    busy[i] = std::min(1.0, granted);
                    granted -= busy[i];
                }
            rest += granted;
        }
        double room = 0;
        for (const double b : busy)
            room += 1 - b;
        for (std::size_t i = 0; i < busy.size(); ++i) {
            const double total = busy[i] + (room > 0 ? std::min(1.0, rest / room) * (1 - busy[i]) : 0);
            const double used = all.user + all.nice + all.system;
            CpuSplit one;
            one.user = used > 0 ? 100 * total * all.user / used : 0;
            one.nice = used > 0 ? 100 * total * all.nice / used : 0;
            one.system = used > 0 ? 100 * total * all.system / used : 0;
            const double left = std::max(0.0, 100 - 100 * total), allLeft = all.wait + all.idle;
            one.wait = allLeft > 0 ? left * all.wait / allLeft : 0;
            one.idle = left - one.wait;
            if (chosen.empty() || std::count(chosen.begin(), chosen.end(), static_cast<std::int64_t>(i)) > 0)
                text += line(std::to_string(i), one);
        }
        return text;
    };
    constexpr const char* kHeader = "     CPU    %usr   %nice    %sys %iowait    %irq   %soft  %steal  %guest  %gnice   %idle\n";
    for (std::int64_t n = 0; count == 0 || n < count; ++n) {
        const std::string before = formatDate(inv.now(), "%H:%M:%S");
        if (seconds)
            inv.sleep(std::chrono::seconds(std::max<std::int64_t>(1, *seconds)));
        // One line a sample goes below one header; with lines for processors each sample has its own.
        inv.print((n == 0 ? before + kHeader : each ? "\n" + before + kHeader : std::string()) + rows(formatDate(inv.now(), "%H:%M:%S")));
    }
    if (seconds)
        inv.print((each ? std::string("\nAverage:") + kHeader : std::string()) + rows("Average:"));
    return 0;
}

} // namespace

void addPidstat(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "pidstat";
    spec.summary = "report statistics for Linux tasks";
    spec.usage = "pidstat [ options ] [ <interval> [ <count> ] ]";
    spec.options = {{'u', "", "", "report CPU utilization"},
                    {'r', "", "", "report page faults and memory utilization"},
                    {'d', "", "", "report I/O statistics"},
                    {'w', "", "", "report task switching activity"},
                    {'t', "", "", "also display statistics for threads"},
                    {'l', "", "", "display the process command name and all its arguments"},
                    {'p', "", "PID", "select tasks"},
                    {'C', "", "COMM", "only tasks whose command name includes the string"},
                    {'U', "", "USER", "only tasks of the user"},
                    {'h', "", "", "display all activities horizontally"}};
    spec.run = pidstat;
    table.add(spec);
    spec = {};
    spec.name = "mpstat";
    spec.summary = "report processors related statistics";
    spec.usage = "mpstat [ options ] [ <interval> [ <count> ] ]";
    spec.options = {{'P', "", "CPU_LIST", "processors to be reported, or ALL"}, {'A', "", "", "all reports"}, {'u', "", "", "report CPU utilization"}};
    spec.run = mpstat;
    table.add(std::move(spec));
}

} // namespace core::shell::node
