// free and vmstat of procps-ng 4.0.2.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/host/proc_files.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

/// procps' scale_size for -h: "23Gi", "8.7Mi", "0B".
std::string human(std::int64_t bytes)
{
    static constexpr const char* kUnits[] = {"B", "Ki", "Mi", "Gi", "Ti"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < std::size(kUnits)) {
        value /= 1024;
        ++unit;
    }
    return value < 10 && unit > 0 ? fmt::format("{:.1f}{}", value, kUnits[unit])
                                  : fmt::format("{}{}", static_cast<std::int64_t>(value), kUnits[unit]);
}

int freeOnce(Invocation& inv)
{
    const sim::host::MemoryFigures m = sim::host::memoryFigures(machineOf(inv));
    const auto cell = [&](std::int64_t bytes) {
        return inv.options.has("human") ? human(bytes)
                                        : std::to_string(inv.options.has("bytes")      ? bytes
                                                             : inv.options.has("gibi") ? bytes >> 30
                                                             : inv.options.has("mebi") ? bytes >> 20
                                                                                       : bytes >> 10);
    };
    const std::int64_t cache = m.buffers + m.cached + m.slab;
    inv.print(
        fmt::format("               total        used        free      shared  buff/cache   available\n"
                    "Mem:     {:>11} {:>11} {:>11} {:>11} {:>11} {:>11}\nSwap:    {:>11} {:>11} {:>11}\n",
                    cell(m.total), cell(m.total - m.available), cell(m.free), cell(m.shared), cell(cache),
                    cell(m.available), cell(0), cell(0), cell(0)));
    return 0;
}

int free(Invocation& inv)
{
    noteHost(inv);
    const std::int64_t count = inv.options.has("count") ? parseNumber(inv.options.value("count")).value_or(1)
                                                        : 0;
    freeOnce(inv);
    for (std::int64_t n = 1; inv.options.has("seconds") && (count == 0 || n < count); ++n) {
        inv.sleep(std::max<sim::Duration>(
            parseSeconds(inv.options.value("seconds")).value_or(std::chrono::seconds(1)),
            std::chrono::milliseconds(100)));
        inv.print("\n");
        freeOnce(inv);
    }
    return 0;
}

int vmstat(Invocation& inv)
{
    noteHost(inv);
    const auto delay = inv.operands.empty() ? std::nullopt : parseSeconds(inv.operands[0]);
    const std::int64_t count = inv.operands.size() > 1 ? parseNumber(inv.operands[1]).value_or(1)
        : delay                                        ? 0
                                                       : 1;
    inv.print("procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----\n"
              " r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st\n");
    for (std::int64_t n = 0; count == 0 || n < count; ++n) {
        if (n > 0)
            inv.sleep(std::max<sim::Duration>(delay.value_or(std::chrono::seconds(1)),
                                              std::chrono::milliseconds(100)));
        const sim::host::Machine& machine = machineOf(inv);
        const sim::host::MemoryFigures m = sim::host::memoryFigures(machine);
        int runnable = 0, blocked = 0;
        for (const auto& [pid, p] : machine.processes) {
            runnable += p.state == 'R' || p.cpuCores > 0.6 ? 1 : 0;
            blocked += p.state == 'D' ? 1 : 0;
        }
        const double busy = 100 * machine.cpuCoresUsed()
            / static_cast<double>(std::max<std::int64_t>(1, machine.cpus));
        const auto interrupts = static_cast<std::int64_t>(350 + 900 * machine.cpuCoresUsed());
        inv.print(fmt::format(
            "{:2} {:2} {:6} {:6} {:6} {:6} {:4} {:4} {:5} {:5} {:4} {:4} {:2} {:2} {:2} {:2} {:2}\n",
            runnable, blocked, 0, m.free >> 10, m.buffers >> 10, (m.cached + m.slab) >> 10, 0, 0, 2, 41,
            interrupts, interrupts * 2, static_cast<int>(busy * 0.8), static_cast<int>(busy * 0.2),
            100 - static_cast<int>(busy), 0, 0));
    }
    return 0;
}

} // namespace

void addFree(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "free";
    spec.summary = "display amount of free and used memory in the system";
    spec.usage = "free [options]";
    spec.options = {{'h', "human", "", "show human-readable output"},
                    {'b', "bytes", "", "show output in bytes"},
                    {'k', "kibi", "", "show output in kibibytes"},
                    {'m', "mebi", "", "show output in mebibytes"},
                    {'g', "gibi", "", "show output in gibibytes"},
                    {'s', "seconds", "N", "repeat printing every N seconds"},
                    {'c', "count", "N", "repeat printing N times, then exit"},
                    {'w', "wide", "", "wide output"},
                    {'t', "total", "", "show total for RAM + swap"}};
    spec.run = free;
    table.add(spec);
    spec = {};
    spec.name = "vmstat";
    spec.summary = "report virtual memory statistics";
    spec.usage = "vmstat [options] [delay [count]]";
    spec.options = {{'w', "wide", "", "wide output"}, {'a', "active", "", "active/inactive memory"}};
    spec.run = vmstat;
    table.add(std::move(spec));
}

} // namespace core::shell::node
