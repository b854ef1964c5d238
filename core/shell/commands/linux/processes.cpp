#include "core/shell/commands/linux/processes.h"

#include "core/shell/text/dates.h"
#include "sim/engine/letters.h"
#include "sim/host/accounts.h"
#include "sim/host/disk.h"
#include "sim/host/signals.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

ProcessRow processRow(const sim::host::Machine& machine, const sim::host::Process& p, sim::Instant now)
{
    ProcessRow row;
    row.pid = row.task = p.pid;
    row.parent = p.parent;
    row.user = p.user.empty() ? "root" : p.user;
    const auto account = sim::host::accountOf(machine, row.user);
    row.uid = account ? account->uid : 0;
    row.gid = account ? account->gid : 0;
    row.group = row.user; // Debian's daemons and people have groups of their own names
    row.name = p.name;
    for (const std::string& word : p.command)
        row.arguments += (row.arguments.empty() ? "" : " ") + word;
    if (p.kernelThread || row.arguments.empty())
        row.arguments = "[" + p.name + "]";
    row.state = p.state;
    const bool runs = p.state != 'T' && p.state != 'Z';
    if (runs && p.state == 'S' && p.cpuCores > 0.6)
        row.state = 'R';
    else if (p.state == 'S' && sim::host::standsInDiskQueue(machine, p))
        row.state = 'D';
    row.cpuNow = runs ? 100 * p.cpuGranted : 0;
    row.seconds = cpuSeconds(p, now);
    const double age = std::max(0.01, sim::toSeconds(now - p.started));
    row.cpuLifetime = 100 * row.seconds / age;
    row.memory = machine.memoryBytes > 0
        ? 100.0 * static_cast<double>(p.residentBytes) / static_cast<double>(machine.memoryBytes)
        : 0;
    row.virtualBytes = p.virtualBytes;
    row.residentBytes = p.residentBytes;
    row.filePages = p.filePages();
    row.started = p.started;
    row.kernelThread = p.kernelThread;
    row.leader = p.pid == 1 || (!p.unit.empty() && !p.container) || p.container.has_value();
    row.threads = p.threadCount;
    row.nice = p.kernelThread && p.state == 'I' ? -20 : p.nice;
    row.waitChannel = row.state == 'D' ? (p.syncedBytesPerSecond > p.readBytesPerSecond ? "jbd2_log_wait_commit" : "folio_wait_bit_common") : row.state == 'R' ? "-" : p.kernelThread ? "rescuer_thread" : "do_epoll_wait";
    row.unit = p.unit;
    row.cgroup = p.cgroup;
    return row;
}

std::vector<ProcessRow> processRows(Invocation& inv)
{
    std::vector<ProcessRow> rows;
    const auto* container = containerOf(inv);
    for (const sim::host::Process* p : visibleProcesses(inv)) {
        ProcessRow row = processRow(machineOf(inv), *p, inv.now());
        if (container != nullptr) {
            // A container's own process is pid 1 in its namespace.
            row.pid = row.task = p->pid == container->pid ? 1 : p->pid;
            row.parent = 0;
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::optional<int> signalNumber(std::string text)
{
    if (const auto n = parseNumber(text))
        return *n >= 0 && *n < 65 ? std::optional(static_cast<int>(*n)) : std::nullopt;
    text = sim::raised(text);
    if (text.rfind("SIG", 0) == 0)
        text.erase(0, 3);
    for (int n = 1; n < 32; ++n)
        if (sim::host::signalName(n) == text)
            return n;
    return std::nullopt;
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
    if (row.nice != 0)
        text += row.nice < 0 ? "<" : "N";
    if (row.state == 'I')
        return text;
    if (row.leader)
        text += "s";
    if (!row.kernelThread && row.threads > 1)
        text += "l"; // multi-threaded
    return text;
}

std::string shortUser(const std::string& user)
{
    return user.size() > 8 ? user.substr(0, 7) + "+" : user;
}

} // namespace core::shell::node
