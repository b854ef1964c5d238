#include "core/shell/commands/linux/processes.h"

#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

std::vector<ProcessRow> processRows(Invocation& inv)
{
    std::vector<ProcessRow> rows;
    const sim::host::Machine& machine = machineOf(inv);
    const auto* container = containerOf(inv);
    for (const sim::host::Process* p : visibleProcesses(inv)) {
        ProcessRow row;
        // A container's own process is pid 1 in its namespace.
        row.pid = container != nullptr && p->pid == container->pid ? 1 : p->pid;
        row.parent = container != nullptr ? 0 : p->parent;
        row.user = p->user.empty() ? "root" : p->user;
        row.name = p->name;
        for (const std::string& word : p->command)
            row.arguments += (row.arguments.empty() ? "" : " ") + word;
        if (p->kernelThread || row.arguments.empty())
            row.arguments = "[" + p->name + "]";
        row.state = p->state;
        const bool runs = p->state != 'T' && p->state != 'Z';
        if (runs && p->state == 'S' && p->cpuCores > 0.6)
            row.state = 'R';
        row.cpuNow = runs ? 100 * p->cpuCores : 0;
        row.seconds = cpuSeconds(*p, inv.now());
        const double age = std::max(0.01, sim::toSeconds(inv.now() - p->started));
        row.cpuLifetime = 100 * row.seconds / age;
        row.memory = machine.memoryBytes > 0
            ? 100.0 * static_cast<double>(p->residentBytes) / static_cast<double>(machine.memoryBytes)
            : 0;
        row.virtualBytes = p->virtualBytes;
        row.residentBytes = p->residentBytes;
        row.started = p->started;
        row.kernelThread = p->kernelThread;
        row.leader = p->pid == 1 || (!p->unit.empty() && !p->container) || p->container.has_value();
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string cpuTimeLong(double seconds)
{
    const auto s = static_cast<std::int64_t>(seconds);
    const std::string clock = fmt::format("{:02}:{:02}:{:02}", s / 3600 % 24, s / 60 % 60, s % 60);
    return s >= 86'400 ? fmt::format("{}-{}", s / 86'400, clock) : clock;
}

std::string cpuTimeShort(double seconds)
{
    const auto s = static_cast<std::int64_t>(seconds);
    return fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string startText(sim::Instant started, sim::Instant now)
{
    const auto day = [](sim::Instant at) {
        return sim::unixSeconds(at) / 86'400;
    };
    if (day(started) == day(now))
        return formatDate(started, "%H:%M");
    return formatDate(started, formatDate(started, "%Y") == formatDate(now, "%Y") ? "%b%d" : "%Y");
}

std::string stateText(const ProcessRow& row)
{
    std::string text(1, row.state);
    if (row.state == 'I')
        return text + "<";
    if (row.leader)
        text += "s";
    if (!row.kernelThread && row.residentBytes > (20LL << 20))
        text += "l"; // multi-threaded
    return text;
}

std::string shortUser(const std::string& user)
{
    return user.size() > 8 ? user.substr(0, 7) + "+" : user;
}

} // namespace core::shell::node
