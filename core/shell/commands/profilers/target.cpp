#include "core/shell/commands/profilers/target.h"

#include "core/shell/text/dates.h"

#include <fmt/format.h>

namespace core::shell::profilers {

using sim::programs::Language;

Target targetOf(Invocation& inv, sim::host::Pid pid)
{
    node::noteHost(inv);
    Target target;
    for (const sim::host::Process* process : node::visibleProcesses(inv))
        if (process->pid == pid)
            target.process = process;
    if (target.process != nullptr)
        target.running = inv.door().world().programs().at(node::machineOf(inv).id, pid, inv.now());
    return target;
}

std::optional<sim::host::Pid> pidOf(std::string_view text)
{
    return node::parseNumber(text);
}

bool mayAttach(Invocation& inv, const sim::host::Process& process)
{
    return node::isRoot(inv) || inv.place().user == process.user;
}

std::vector<Target> targetsOf(Invocation& inv, Language language)
{
    std::vector<Target> targets;
    for (const sim::host::Process* process : node::visibleProcesses(inv)) {
        Target target = targetOf(inv, process->pid);
        if (target.running && target.running->code->language == language)
            targets.push_back(std::move(target));
    }
    return targets;
}

std::optional<Target> jvmOf(Invocation& inv, std::string_view pid)
{
    const auto number = pidOf(pid);
    if (!number) {
        inv.err().write(fmt::format("Could not find any processes matching : '{}'\n", pid));
        return std::nullopt;
    }
    Target target = targetOf(inv, *number);
    if (target.process == nullptr) {
        inv.err().write(fmt::format("{}: No such process\n", *number));
        return std::nullopt;
    }
    if (!mayAttach(inv, *target.process)) {
        inv.err().write(fmt::format("{}: Unable to open socket file /proc/{}/root/tmp/.java_pid{}: Permission denied\n", *number, *number, *number));
        return std::nullopt;
    }
    if (!target.running || target.running->code->language != Language::Java || target.running->rates.paths.empty()) {
        inv.err().write(fmt::format("com.sun.tools.attach.AttachNotSupportedException: Unable to open socket file /proc/{}/root/tmp/.java_pid{}: "
                                    "target process {} doesn't respond within 10500ms or HotSpot VM not loaded\n",
                                    *number, *number, *number));
        return std::nullopt;
    }
    return target;
}

std::string stampUtc(sim::Instant at)
{
    return formatDate(at, "%Y-%m-%d %H:%M:%S") + " UTC";
}

std::string grouped(double value)
{
    std::string digits = fmt::format("{:.0f}", value);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::vector<std::string> wordsAfter(const std::vector<std::string>& words, std::size_t first)
{
    return first >= words.size() ? std::vector<std::string>{} : std::vector<std::string>(words.begin() + static_cast<std::ptrdiff_t>(first), words.end());
}

} // namespace core::shell::profilers
