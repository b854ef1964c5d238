#include "core/shell/commands/linux/unit_status.h"

#include "core/shell/commands/linux/journal.h"
#include "sim/host/mounts.h"
#include "sim/host/signals.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::Process;
using sim::host::Unit;

/// systemd's default limit: 15 % of the kernel's pid space per unit on machines of this size.
constexpr int kTasksLimit = 38'252;

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// systemctl cuts the command line at the terminal's edge when it writes to one.
std::string fittedToTerminal(Invocation& inv, std::string text, std::size_t indent)
{
    if (!inv.out().isTerminal() || inv.options.has("full"))
        return text;
    const auto width = static_cast<std::size_t>(std::max(40, inv.out().columns()));
    if (text.size() + indent > width)
        text = text.substr(0, width - indent - 1) + "\u2026";
    return text;
}

std::vector<const Process*> groupOf(const sim::host::Machine& machine, const Unit& unit)
{
    std::vector<const Process*> group;
    for (const auto& [pid, process] : machine.processes)
        if (process.unit == unit.name && !process.container)
            group.push_back(&process);
    return group;
}

std::string endText(const Unit& unit)
{
    if (unit.exitSignal != 0)
        return fmt::format("(code=killed, signal={})",
                           sim::host::signalName(static_cast<int>(unit.exitSignal)));
    return fmt::format("(code=exited, status={}/{})", unit.exitCode,
                       sim::host::exitStatusName(unit.exitCode));
}

/// systemd knows nothing of what was before its own start.
bool ofThisBoot(const sim::host::Machine& machine, const Unit& unit)
{
    return unit.state == Unit::State::Active || unit.since >= machine.booted;
}

std::string activeLine(Invocation& inv, const Unit& unit)
{
    std::string text = "     Active: " + stateWord(unit) + " (" + unit.subState + ")";
    if (unit.result != "success" && unit.state != Unit::State::Active)
        text += unit.state == Unit::State::Failed ? "" : " (Result: " + unit.result + ")";
    if (unit.state == Unit::State::Failed)
        text = "     Active: failed (Result: " + unit.result + ")";
    if (unit.since != sim::Instant{} && ofThisBoot(machineOf(inv), unit))
        text += " since " + stampSystemd(unit.since) + "; " + agoSystemd(inv.now() - unit.since);
    return text + "\n";
}

std::string timeLeft(sim::Duration left)
{
    std::string text = agoSystemd(left);
    if (const std::size_t ago = text.rfind(" ago"); ago != std::string::npos)
        text.resize(ago);
    return text;
}

} // namespace

std::string stateWord(const Unit& unit)
{
    switch (unit.state) {
    case Unit::State::Inactive: return "inactive";
    case Unit::State::Activating: return "activating";
    case Unit::State::Active: return "active";
    case Unit::State::Deactivating: return "deactivating";
    case Unit::State::Failed: return "failed";
    }
    return "inactive";
}

std::string enabledWord(const Unit& unit)
{
    if (unit.masked)
        return "masked";
    if (unit.type == "mount" && unit.path.compare(0, 5, "/run/") == 0)
        return "generated";
    return unit.wantedBy.empty() ? "static" : unit.enabled ? "enabled" : "disabled";
}

std::string unitStatus(Invocation& inv, const Unit& unit, std::size_t journalLines)
{
    const sim::host::Machine& machine = machineOf(inv);
    const bool running = unit.mainPid != 0 && machine.processes.count(unit.mainPid) > 0;
    std::string text;
    if (inv.door().world().hosts().needsDaemonReload(machine.id, unit.name))
        inv.err().write(fmt::format(
            "Warning: The unit file, source configuration file or drop-ins of {} changed on disk. Run "
            "'systemctl daemon-reload' to reload units.\n",
            unit.name));
    const char* mark = unit.state == Unit::State::Failed ? "\u00d7"
        : unit.state == Unit::State::Inactive            ? "\u25cb"
                                                         : "\u25cf";
    text += fmt::format("{} {}{}\n", mark, unit.name,
                        unit.description.empty() ? "" : " - " + unit.description);
    text += fmt::format("     Loaded: loaded ({}; {}{})\n", enabledWord(unit) == "generated" ? "/etc/fstab" : unit.path, enabledWord(unit),
                        unit.wantedBy.empty() ? "" : "; preset: enabled");
    if (!unit.dropIns.empty()) {
        const std::string folder = unit.dropIns.front().substr(0, unit.dropIns.front().rfind('/'));
        text += "    Drop-In: " + folder + "\n             \u2514\u2500";
        for (std::size_t i = 0; i < unit.dropIns.size(); ++i)
            text += (i > 0 ? ", " : "") + unit.dropIns[i].substr(unit.dropIns[i].rfind('/') + 1);
        text += "\n";
    }
    text += activeLine(inv, unit);
    if (unit.type == "timer" && unit.state == Unit::State::Active)
        text += "    Trigger: " + (unit.timer.next > inv.now() ? stampSystemd(unit.timer.next) + "; " + timeLeft(unit.timer.next - inv.now()) + " left" : std::string("n/a")) + "\n";
    if (unit.type == "timer")
        text += "   Triggers: \u25cf " + (unit.timer.triggers.empty() ? unit.name.substr(0, unit.name.size() - 6) + ".service" : unit.timer.triggers) + "\n";
    if (unit.type == "mount") {
        const sim::host::BlockDevice* device = machine.deviceOf(unit.mount.what);
        text += fmt::format("      Where: {}\n       What: {}\n", unit.mount.where, device != nullptr ? device->path : sim::host::devicePath(unit.mount.what));
    }
    if (!unit.documentation.empty())
        text += "       Docs: " + unit.documentation + "\n";
    if (!running && unit.lastPid != 0 && unit.type != "target" && ofThisBoot(machine, unit)) {
        text += fmt::format("    Process: {} ExecStart={} {}\n", unit.lastPid, joined(unit.command),
                            endText(unit));
        text += fmt::format("   Main PID: {} {}\n", unit.lastPid, endText(unit));
        text += "        CPU: " + spanText(unit.consumedSeconds) + "\n";
    }
    if (running) {
        std::int64_t memory = 0;
        double cpu = 0;
        std::size_t tasks = 0;
        const auto group = groupOf(machine, unit);
        for (const Process* process : group) {
            memory += process->residentBytes;
            cpu += cpuSeconds(*process, inv.now());
            tasks += static_cast<std::size_t>(process->threadCount);
        }
        text += fmt::format("   Main PID: {} ({})\n", unit.mainPid, machine.processes.at(unit.mainPid).name);
        text += fmt::format("      Tasks: {} (limit: {})\n", tasks, kTasksLimit);
        text += "     Memory: " + memoryText(memory) + "\n";
        text += "        CPU: " + spanText(cpu) + "\n";
        text += "     CGroup: /system.slice/" + unit.name + "\n";
        for (std::size_t i = 0; i < group.size(); ++i)
            text += std::string("             ") + (i + 1 < group.size() ? "\u251c\u2500" : "\u2514\u2500")
                + fittedToTerminal(inv, fmt::format("{} {}", group[i]->pid, joined(group[i]->command)), 15) + "\n";
    }
    std::vector<const sim::host::JournalEntry*> tail;
    for (auto e = machine.journal.rbegin(); e != machine.journal.rend() && tail.size() < journalLines; ++e)
        if (e->unit == unit.name && e->at >= machine.booted)
            tail.push_back(&*e);
    if (!tail.empty())
        text += "\n";
    for (auto e = tail.rbegin(); e != tail.rend(); ++e)
        text += fittedToTerminal(inv, journalLine(**e, machine.name), 0) + "\n";
    return text;
}

std::string machineStatus(Invocation& inv)
{
    const sim::host::Machine& machine = machineOf(inv);
    std::size_t failed = 0;
    for (const auto& [name, unit] : machine.units)
        failed += unit.state == Unit::State::Failed ? 1 : 0;
    std::string text = fmt::format(
        "\u25cf {}\n    State: {}\n    Units: {} loaded (incl. loaded aliases)\n     Jobs: 0 queued\n"
        "   Failed: {} units\n    Since: {}; {}\n  systemd: 252.31-1~deb12u1\n   CGroup: /\n",
        machine.name,
        machine.boot.stage == sim::host::BootStage::Emergency || machine.boot.stage == sim::host::BootStage::Rescue ? "maintenance"
            : machine.boot.stage != sim::host::BootStage::Running                                                 ? "starting"
            : failed > 0                                                                                          ? "degraded"
                                                                                                                  : "running",
        machine.units.size(), failed,
        stampSystemd(machine.booted), agoSystemd(inv.now() - machine.booted));
    for (const auto& [name, unit] : machine.units)
        if (unit.mainPid != 0)
            text += fmt::format("           \u251c\u2500{}\n           \u2502 \u2514\u2500{} {}\n", name,
                                unit.mainPid, joined(unit.command));
    return text;
}

std::vector<std::pair<std::string, std::string>> unitProperties(Invocation& inv, const Unit* unit,
                                                                const std::string& name)
{
    if (unit == nullptr)
        return {{"Id", name}, {"LoadState", "not-found"}, {"ActiveState", "inactive"}, {"SubState", "dead"}};
    const sim::host::Machine& machine = machineOf(inv);
    std::int64_t memory = 0;
    for (const Process* process : groupOf(machine, *unit))
        memory += process->residentBytes;
    const auto stamp = [](sim::Instant at) {
        return at == sim::Instant{} ? std::string() : stampSystemd(at);
    };
    const bool active = unit->state == Unit::State::Active;
    return {{"Type", unit->type},
            {"Restart", unit->restart},
            {"RestartUSec", spanText(sim::toSeconds(unit->restartDelay))},
            {"MainPID", std::to_string(unit->mainPid)},
            {"Result", unit->result},
            {"NRestarts", std::to_string(unit->restarts)},
            {"ExecMainStatus", std::to_string(unit->exitSignal != 0 ? unit->exitSignal : unit->exitCode)},
            {"ExecStart",
             fmt::format("{{ path={} ; argv[]={} ; ignore_errors=no ; pid={} }}",
                         unit->command.empty() ? "" : unit->command.front(), joined(unit->command),
                         unit->mainPid)},
            {"MemoryMax", unit->memoryMax == 0 ? "infinity" : std::to_string(unit->memoryMax)},
            {"CPUWeight", unit->cpuWeight == 0 ? "[not set]" : std::to_string(unit->cpuWeight)},
            {"CPUQuotaPerSecUSec", unit->cpuQuotaCores <= 0 ? "infinity" : spanText(unit->cpuQuotaCores)},
            {"LimitNOFILESoft", std::to_string(unit->openFilesLimit > 0 ? unit->openFilesLimit : 1024)},
            {"MemoryCurrent", unit->mainPid == 0 ? "[not set]" : std::to_string(memory)},
            {"OOMScoreAdjust", std::to_string(unit->oomScoreAdjust)},
            {"User", unit->user == "root" ? "" : unit->user},
            {"Id", unit->name},
            {"Names", unit->name},
            {"Requires", joined(unit->requires_)},
            {"Wants", joined(unit->wants)},
            {"WantedBy", joined(unit->wantedBy)},
            {"After", joined(unit->after)},
            {"Documentation", unit->documentation},
            {"Description", unit->description},
            {"LoadState", "loaded"},
            {"ActiveState", stateWord(*unit)},
            {"SubState", unit->subState},
            {"FragmentPath", unit->path},
            {"DropInPaths", joined(unit->dropIns)},
            {"UnitFileState", enabledWord(*unit)},
            {"StateChangeTimestamp", stamp(unit->since)},
            {"ActiveEnterTimestamp", active ? stamp(unit->since) : ""},
            {"InactiveEnterTimestamp", active ? "" : stamp(unit->since)},
            {"NeedDaemonReload",
             inv.door().world().hosts().needsDaemonReload(machine.id, unit->name) ? "yes" : "no"},
            {"StartLimitIntervalUSec", spanText(sim::toSeconds(unit->startLimitInterval))},
            {"StartLimitBurst", std::to_string(unit->startLimitBurst)}};
}

} // namespace core::shell::node
