// top of procps-ng 4.0.2.
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/processes.h"
#include "core/shell/commands/linux/uptime.h"
#include "sim/host/proc_files.h"

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

std::string screen(Invocation& inv, std::size_t lines, bool byMemory, bool commandLine)
{
    const sim::host::Machine& machine = machineOf(inv);
    std::vector<ProcessRow> rows = processRows(inv);
    std::stable_sort(rows.begin(), rows.end(), [&](const ProcessRow& a, const ProcessRow& b) {
        return byMemory ? a.residentBytes > b.residentBytes : a.cpuNow > b.cpuNow;
    });
    std::size_t running = 0, stopped = 0, zombie = 0;
    for (const ProcessRow& r : rows) {
        running += r.state == 'R' ? 1 : 0;
        stopped += r.state == 'T' ? 1 : 0;
        zombie += r.state == 'Z' ? 1 : 0;
    }
    std::string t = "top -" + uptimeLine(inv) + "\n";
    t += fmt::format("Tasks: {} total, {:3} running, {:3} sleeping, {:3} stopped, {:3} zombie\n", rows.size(),
                     running, rows.size() - running - stopped - zombie, stopped, zombie);
    const double busy = 100 * machine.cpuCoresUsed()
        / static_cast<double>(std::max<std::int64_t>(1, machine.cpus));
    t += fmt::format(
        "%Cpu(s): {:4.1f} us, {:4.1f} sy,  0.0 ni, {:4.1f} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st \n",
        busy * 0.8, busy * 0.2, 100 - busy);
    const sim::host::MemoryFigures m = sim::host::memoryFigures(machine);
    const auto mib = [](std::int64_t bytes) {
        return static_cast<double>(bytes) / 1048576;
    };
    t += fmt::format("MiB Mem : {:8.1f} total, {:8.1f} free, {:8.1f} used, {:8.1f} buff/cache     \n",
                     mib(m.total), mib(m.free), mib(m.total - m.available),
                     mib(m.buffers + m.cached + m.slab));
    t += fmt::format("MiB Swap: {:8.1f} total, {:8.1f} free, {:8.1f} used. {:8.1f} avail Mem \n\n", 0.0, 0.0,
                     0.0, mib(m.available));
    t += "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n";
    for (const ProcessRow& r : rows) {
        if (lines-- == 0)
            break;
        const bool kernel = r.state == 'I';
        t += fmt::format("{:>7} {:<8} {:>3} {:>3} {:>7} {:>6} {:>6} {} {:>5.1f} {:>5.1f} {:>9} {}\n", r.pid,
                         shortUser(r.user), kernel ? 0 : 20, kernel ? -20 : 0, sizeText(r.virtualBytes, 7),
                         sizeText(r.residentBytes, 6), sizeText(r.residentBytes / 4, 6), r.state, r.cpuNow,
                         r.memory, topTime(r.seconds), commandLine ? r.arguments : r.name);
    }
    return t;
}

int runTop(Invocation& inv)
{
    noteHost(inv);
    const sim::Duration delay = std::max<sim::Duration>(
        parseSeconds(inv.options.value("d", "3")).value_or(std::chrono::seconds(3)),
        std::chrono::milliseconds(100));
    std::int64_t count = inv.options.has("n") ? parseNumber(inv.options.value("n")).value_or(1) : 0;
    const bool full = inv.options.has("c");
    bool byMemory = inv.options.value("o").find("MEM") != std::string::npos;
    if (inv.options.has("b") || !inv.out().isTerminal()) {
        for (std::int64_t n = 0; count == 0 || n < count; ++n) {
            if (n > 0)
                inv.sleep(delay);
            if (!alive(inv))
                return 255;
            inv.print((n > 0 ? "\n" : "") + screen(inv, 100'000, byMemory, full));
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
        std::string text = screen(inv, rows - 8, byMemory, full);
        std::string lines = "\033[H";
        for (const char c : text)
            lines += c == '\n' ? std::string("\033[K\n") : std::string(1, c);
        inv.print(lines + "\033[J");
        const auto key = inv.readKey(delay);
        if (key == "q" || !alive(inv))
            return 0;
        if (key == "M" || key == "P")
            byMemory = key == "M";
    }
    return 0;
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
                    {'w', "", "columns", "output width", true}};
    spec.run = runTop;
    table.add(std::move(spec));
}

} // namespace core::shell::node
