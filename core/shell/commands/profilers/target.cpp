#include "core/shell/commands/profilers/target.h"

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
    return parseNumber(text);
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

namespace {

void refuse(Invocation& inv, JdkTool tool, sim::host::Pid pid, const std::string& exception, const std::string& why)
{
    switch (tool) {
    case JdkTool::Plain: inv.err().write(fmt::format("{}: {}\n", pid, why)); break;
    case JdkTool::Jcmd: inv.err().write(fmt::format("{}: {}\n\tat jdk.jcmd/sun.tools.jcmd.JCmd.executeCommandForPid(JCmd.java:113)\n", exception, why)); break;
    case JdkTool::Jmap:
        inv.err().write(fmt::format("Exception in thread \"main\" {}: {}\n\tat jdk.jcmd/sun.tools.jmap.JMap.executeCommandForPid(JMap.java:128)\n", exception, why));
        break;
    }
}

} // namespace

std::optional<Target> jvmOf(Invocation& inv, std::string_view pid, JdkTool tool)
{
    const auto number = pidOf(pid);
    if (!number) {
        inv.err().write(fmt::format("Could not find any processes matching : '{}'\n", pid));
        return std::nullopt;
    }
    if (tool == JdkTool::Jcmd)
        inv.print(fmt::format("{}:\n", *number));
    Target target = targetOf(inv, *number);
    if (target.process == nullptr)
        refuse(inv, tool, *number, "java.io.IOException", "No such process");
    else if (!mayAttach(inv, *target.process)) // who may not signal the process cannot wake its attach listener
        refuse(inv, tool, *number, "java.io.IOException", "Operation not permitted");
    else if (!target.running || target.running->code->language != Language::Java || target.running->rates.paths.empty())
        refuse(inv, tool, *number, "com.sun.tools.attach.AttachNotSupportedException",
               fmt::format("Unable to open socket file /tmp/.java_pid{}: target process {} doesn't respond within 10500ms or HotSpot VM not loaded", *number, *number));
    else
        return target;
    return std::nullopt;
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
