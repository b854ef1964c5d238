// top of procps-ng 4.0.2.
#include "core/shell/commands/linux/cpu_split.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/processes.h"
#include "core/shell/commands/linux/uptime.h"
#include "sim/host/memory_figures.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

std::string sizeText(std::int64_t bytes, std::size_t width)
{
    const std::int64_t kb = bytes / 1024;
    std::string text = std::to_string(kb);
    static constexpr const char* kUnits = "mgt";
    double value = static_cast<double>(kb);
    for (int unit = 0; text.size() > width && unit < 3; ++unit) {
        value /= 1024;
        text = fmt::format("{:.1f}{}", value, kUnits[unit]);
    }
    return text;
}

std::string topTime(double seconds)
{
    const auto hundredths = static_cast<std::int64_t>(seconds * 100);
    const std::int64_t minutes = hundredths / 6000;
    return minutes > 999 ? fmt::format("{}:{:02}", minutes, hundredths / 100 % 60)
                         : fmt::format("{}:{:02}.{:02}", minutes, hundredths / 100 % 60, hundredths % 100);
}

/// What the keys and options of a top have chosen.
struct TopView {
    char order = 'P'; ///< P: processor, M: memory, T: time, N: number
    bool commandLine = false;
    bool threads = false;
    bool perProcessor = false;
    bool idleToo = true;
    std::vector<sim::host::Pid> pids;
    std::string user;
};

/// A row for each task in place of its process.
std::vector<ProcessRow> threadRows(Invocation& inv, const std::vector<ProcessRow>& rows)
{
    std::vector<ProcessRow> tasks;
    const auto& processes = machineOf(inv).processes;
    for (const ProcessRow& row : rows) {
        const auto found = processes.find(row.pid);
        if (found == processes.end() || found->second.threads.empty()) {
            tasks.push_back(row);
            continue;
        }
        const sim::host::Process& p = found->second;
        const double granted = p.cpuCores > 0 ? p.cpuGranted / p.cpuCores : 0;
        double named = 0;
        for (const sim::host::Thread& thread : p.threads) {
            ProcessRow task = row;
            task.pid = thread.tid;
            task.name = task.arguments = thread.name;
            task.cpuNow = 100 * thread.cpuCores * granted;
            task.state = p.state == 'S' && thread.state == 'S' && thread.cpuCores > 0.6 ? 'R' : thread.state;
            task.seconds = p.cpuCores > 0 ? row.seconds * thread.cpuCores / p.cpuCores : 0;
            named += thread.cpuCores;
            tasks.push_back(std::move(task));
        }
        ProcessRow main = row;
        main.cpuNow = std::max(0.0, 100 * (p.cpuCores - named) * granted);
        main.seconds = p.cpuCores > 0 ? row.seconds * std::max(0.0, p.cpuCores - named) / p.cpuCores : row.seconds;
        if (main.cpuNow < 60 && main.state == 'R')
            main.state = 'S';
        tasks.push_back(std::move(main));
    }
    return tasks;
}

std::string screen(Invocation& inv, std::size_t lines, const TopView& view)
{
    const sim::host::Machine& machine = machineOf(inv);
    std::vector<ProcessRow> rows = processRows(inv);
    std::erase_if(rows, [&](const ProcessRow& r) {
        return (!view.pids.empty() && std::find(view.pids.begin(), view.pids.end(), r.pid) == view.pids.end()) || (!view.user.empty() && r.user != view.user);
    });
    if (view.threads)
        rows = threadRows(inv, rows);
    std::stable_sort(rows.begin(), rows.end(), [&](const ProcessRow& a, const ProcessRow& b) {
        return view.order == 'M' ? a.residentBytes > b.residentBytes
            : view.order == 'T'  ? a.seconds > b.seconds
            : view.order == 'N'  ? a.pid > b.pid
                                 : a.cpuNow > b.cpuNow;
    });
    std::size_t running = 0, stopped = 0, zombie = 0;
    for (const ProcessRow& r : rows) {
        running += r.state == 'R' ? 1 : 0;
        stopped += r.state == 'T' ? 1 : 0;
        zombie += r.state == 'Z' ? 1 : 0;
    }
    std::string t = "top -" + uptimeLine(inv) + "\n";
    t += fmt::format("{}: {:3} total, {:3} running, {:3} sleeping, {:3} stopped, {:3} zombie\n", view.threads ? "Threads" : "Tasks", rows.size(),
                     running, rows.size() - running - stopped - zombie, stopped, zombie);
    const CpuSplit cpu = cpuSplit(machine);
    t += fmt::format("%Cpu(s):{:5.1f} us,{:5.1f} sy,{:5.1f} ni,{:5.1f} id,{:5.1f} wa,  0.0 hi,  0.0 si,  0.0 st \n", cpu.user, cpu.system, cpu.nice, cpu.idle, cpu.wait);
    const sim::host::MemoryFigures m = sim::host::memoryFigures(machine);
    const auto mib = [](std::int64_t bytes) {
        return static_cast<double>(bytes) / 1048576;
    };
    t += fmt::format("MiB Mem : {:8.1f} total, {:8.1f} free, {:8.1f} used, {:8.1f} buff/cache     \n",
                     mib(m.total), mib(m.free), mib(m.total - m.available),
                     mib(m.buffers + m.cached + m.slabReclaimable));
    t += fmt::format("MiB Swap: {:8.1f} total, {:8.1f} free, {:8.1f} used. {:8.1f} avail Mem \n\n", mib(m.swapTotal), mib(m.swapFree),
                     mib(m.swapTotal - m.swapFree), mib(m.available));
    t += "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n";
    for (const ProcessRow& r : rows) {
        if (lines-- == 0)
            break;
        const auto process = machine.processes.find(r.pid);
        const std::int64_t nice = r.state == 'I' ? -20 : process == machine.processes.end() ? 0 : process->second.nice;
        t += fmt::format("{:>7} {:<8} {:>3} {:>3} {:>7} {:>6} {:>6} {} {:>5.1f} {:>5.1f} {:>9} {}\n", r.pid,
                         shortUser(r.user), 20 + nice, nice, sizeText(r.virtualBytes, 7),
                         sizeText(r.residentBytes, 6), sizeText(r.filePages, 6), r.state, r.cpuNow,
                         r.memory, topTime(r.seconds), view.commandLine ? r.arguments : r.name);
    }
    return t;
}

/// k: asks for a number on the message line and sends SIGTERM.
void killFromTop(Invocation& inv)
{
    std::string number;
    for (;;) {
        inv.print("\033[6;1H\033[KPID to signal/kill [default pid = ] " + number);
        const auto key = inv.readKey(std::nullopt);
        if (!key || *key == "\x1b" || *key == "q")
            return;
        if (*key == "\r" || *key == "\n")
            break;
        if (*key == "\x7f" && !number.empty())
            number.pop_back();
        else if (key->size() == 1 && (*key)[0] >= '0' && (*key)[0] <= '9')
            number += *key;
    }
    if (!number.empty())
        inv.run({"kill", number});
}

int runTop(Invocation& inv)
{
    noteHost(inv);
    const sim::Duration delay = std::max<sim::Duration>(
        parseSeconds(inv.options.value("d", "3")).value_or(std::chrono::seconds(3)),
        std::chrono::milliseconds(100));
    if (inv.options.has("n") && parseNumber(inv.options.value("n")).value_or(-1) < 0)
        return inv.fail(1, fmt::format("bad iterations argument '{}'", inv.options.value("n")));
    if (inv.options.has("d") && !parseSeconds(inv.options.value("d")))
        return inv.fail(1, fmt::format("bad delay interval '{}'", inv.options.value("d")));
    if (!inv.options.has("b") && !inv.in().isTerminal())
        return inv.fail(1, "failed tty get");
    std::int64_t count = inv.options.has("n") ? parseNumber(inv.options.value("n")).value_or(1) : 0;
    TopView view;
    view.commandLine = inv.options.has("c");
    view.threads = inv.options.has("H");
    view.user = inv.options.value("u");
    const std::string field = inv.options.value("o");
    view.order = field.find("MEM") != std::string::npos || field == "RES" ? 'M' : field.find("TIME") != std::string::npos ? 'T' : field.find("PID") != std::string::npos ? 'N' : 'P';
    for (std::string list : inv.options.values("p")) {
        std::replace(list.begin(), list.end(), ',', ' ');
        for (const std::string& word : splitWords(list))
            if (const auto pid = parseNumber(word))
                view.pids.push_back(*pid);
    }
    if (inv.options.has("b") || !inv.out().isTerminal()) {
        for (std::int64_t n = 0; count == 0 || n < count; ++n) {
            if (n > 0)
                inv.sleep(delay);
            if (!alive(inv))
                return 255;
            inv.print((n > 0 ? "\n" : "") + screen(inv, 100'000, view));
        }
        return 0;
    }
    // The alternate screen, redrawn in place until q.
    inv.print("\033[?1049h\033[?25l");
    struct Leave {
        Invocation& inv;
        ~Leave()
        {
            try {
                inv.print("\033[?25h\033[?1049l");
            } catch (const Interrupted&) {
                return; // the terminal is gone already
            }
        }
    } leave{inv};
    for (std::int64_t n = 0; count == 0 || n < count; ++n) {
        const auto rows = static_cast<std::size_t>(std::max(8, inv.out().rows()));
        std::string text = screen(inv, rows - 8, view);
        std::string lines = "\033[H";
        for (const char c : text)
            lines += c == '\n' ? std::string("\033[K\n") : std::string(1, c);
        inv.print(lines + "\033[J");
        const auto key = inv.readKey(delay);
        if (key == "q" || !alive(inv))
            return 0;
        if (key && key->size() == 1 && std::string_view("PMTN").find((*key)[0]) != std::string_view::npos)
            view.order = (*key)[0];
        else if (key == "c")
            view.commandLine = !view.commandLine;
        else if (key == "H")
            view.threads = !view.threads;
        else if (key == "k")
            killFromTop(inv);
    }
    return 0;
}

/// htop's screen in the simple form: a meter for each processor, memory, swap, and the processes.
int runHtop(Invocation& inv)
{
    if (!inv.out().isTerminal()) { // ncurses' words, not htop's
        inv.err().write("Error opening terminal: unknown.\n");
        return 1;
    }
    noteHost(inv);
    inv.print("\033[?1049h\033[?25l");
    struct Leave {
        Invocation& inv;
        ~Leave()
        {
            try {
                inv.print("\033[?25h\033[?1049l");
            } catch (const Interrupted&) {
                return; // the terminal is gone already
            }
        }
    } leave{inv};
    TopView view;
    const auto meter = [](const std::string& name, double share, const std::string& text) {
        constexpr std::size_t kWidth = 40;
        std::string bar(static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * kWidth), '|');
        bar.resize(kWidth, ' ');
        if (text.size() < kWidth)
            bar.replace(kWidth - text.size(), text.size(), text);
        return fmt::format("  {:>3}[{}]\n", name, bar);
    };
    for (;;) {
        const sim::host::Machine& machine = machineOf(inv);
        const CpuSplit cpu = cpuSplit(machine);
        const sim::host::MemoryFigures m = sim::host::memoryFigures(machine);
        std::string text;
        const auto shown = std::min<std::int64_t>(machine.cpus, 8);
        for (std::int64_t i = 0; i < shown; ++i)
            text += meter(std::to_string(i), (100 - cpu.idle) / 100, fmt::format("{:.1f}%", 100 - cpu.idle));
        const double used = static_cast<double>(m.total - m.available);
        text += meter("Mem", used / static_cast<double>(m.total), fmt::format("{}/{}", sizeText(m.total - m.available, 5), sizeText(m.total, 5)));
        text += meter("Swp", m.swapTotal > 0 ? static_cast<double>(m.swapTotal - m.swapFree) / static_cast<double>(m.swapTotal) : 0,
                      fmt::format("{}/{}", sizeText(m.swapTotal - m.swapFree, 5), sizeText(m.swapTotal, 5)));
        std::string body = screen(inv, static_cast<std::size_t>(std::max<std::int64_t>(4, inv.out().rows() - shown - 6)), view);
        const sim::host::LoadAverage load = machine.loadAverage(inv.now());
        text += fmt::format("  Load average: {:.2f} {:.2f} {:.2f}\n\n", load.one, load.five, load.fifteen) + body.substr(body.find("    PID"));
        std::string lines = "\033[H";
        for (const char c : text)
            lines += c == '\n' ? std::string("\033[K\n") : std::string(1, c);
        inv.print(lines + "\033[J\033[" + std::to_string(inv.out().rows()) + ";1HF1Help  F5Tree  F6SortBy  F9Kill  F10Quit");
        const auto key = inv.readKey(std::chrono::milliseconds(1500));
        if (key == "q" || key == "\x1b[21~" || !alive(inv))
            return 0;
        if (key && key->size() == 1 && std::string_view("PMT").find((*key)[0]) != std::string_view::npos)
            view.order = (*key)[0];
        else if (key == "H")
            view.threads = !view.threads;
        else if (key == "k" || key == "\x1b[20~")
            killFromTop(inv);
    }
}

} // namespace

void addTop(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "top";
    spec.summary = "display Linux processes";
    spec.usage = "top [options]";
    spec.options = {{'b', "", "", "batch mode"},
                    {'n', "", "count", "number of iterations"},
                    {'d', "", "seconds", "delay between updates"},
                    {'c', "", "", "show command lines"},
                    {'o', "", "FIELD", "sort by a field"},
                    {'H', "", "", "show threads"},
                    {'p', "", "PIDLIST", "monitor these processes"},
                    {'u', "", "USER", "only this user's processes"},
                    {'w', "", "columns", "output width", true}};
    spec.run = runTop;
    table.add(spec);
    spec = {};
    spec.name = "htop";
    spec.summary = "interactive process viewer";
    spec.usage = "htop";
    spec.run = runHtop;
    table.add(std::move(spec));
}

} // namespace core::shell::node
