// perf of Linux 6.1: the command's parts, what it may see, and its samples.
#include "core/shell/commands/profilers/perf.h"

#include "core/shell/commands/profilers/profilers.h"
#include "sim/programs/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace core::shell::profilers {

namespace {

/// Kernel frames of a system call, root first.
std::vector<std::pair<std::string, std::string>> kernelFrames(const std::string& call)
{
    const std::string kernel = "[kernel.kallsyms]";
    return {{"entry_SYSCALL_64_after_hwframe", kernel}, {"do_syscall_64", kernel}, {"__x64_sys_" + call, kernel}};
}

void addKernel(std::vector<PerfSample>& samples, const sim::host::Process& process, double seconds)
{
    double calls = 0;
    for (const auto& [name, rate] : process.systemCalls)
        calls += rate;
    if (seconds <= 0)
        return;
    if (calls <= 0) {
        samples.push_back({process.name, process.pid, {{"asm_exc_page_fault", "[kernel.kallsyms]"}, {"do_user_addr_fault", "[kernel.kallsyms]"}}, seconds});
        return;
    }
    for (const auto& [name, rate] : process.systemCalls)
        samples.push_back({process.name, process.pid, kernelFrames(name), seconds * rate / calls});
}

} // namespace

PerfLook lookNow(Invocation& inv, sim::host::Pid pid)
{
    PerfLook look;
    look.at = inv.now();
    for (const sim::host::Process* process : node::visibleProcesses(inv))
        if (pid == 0 || process->pid == pid)
            look.targets.push_back(targetOf(inv, process->pid));
    return look;
}

std::vector<PerfSample> samplesBetween(Invocation& inv, const PerfLook& before, const PerfLook& after)
{
    (void)inv;
    std::vector<PerfSample> samples;
    const double seconds = sim::toSeconds(after.at - before.at);
    for (const Target& now : after.targets) {
        const sim::host::Process& process = *now.process;
        const double share = std::clamp(process.systemShare, 0.0, 1.0);
        if (!now.running || now.running->rates.paths.empty()) {
            const double used = process.runs() ? process.cpuGranted * seconds : 0;
            if (used <= 0)
                continue;
            samples.push_back({process.name, process.pid, {{fmt::format("{:#018x}", 0x55d0c0000000ULL + static_cast<std::uint64_t>(process.pid) * 64), process.name}}, used * (1 - share)});
            addKernel(samples, process, used * share);
            continue;
        }
        const auto then = std::find_if(before.targets.begin(), before.targets.end(), [&](const Target& t) { return t.running && t.running->pid == now.running->pid; });
        const auto times = sim::programs::cpuBetween(then == before.targets.end() ? *now.running : *then->running, *now.running);
        double used = 0;
        for (const auto& time : times) {
            PerfSample sample{process.name, process.pid, {}, time.seconds * (1 - share)};
            for (const auto& frame : time.stack)
                sample.frames.emplace_back(frame.function, sim::programs::objectOf(*now.running, frame));
            used += time.seconds;
            samples.push_back(std::move(sample));
        }
        addKernel(samples, process, used * share);
    }
    return samples;
}

PerfRange rangeOf(const std::vector<std::string>& words)
{
    PerfRange range;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const auto value = [&](const std::string& letter) {
            if (word.size() > letter.size() && word[1] != '-')
                return word.substr(letter.size());
            if (const std::size_t equals = word.find('='); equals != std::string::npos)
                return word.substr(equals + 1);
            return i + 1 < words.size() ? words[++i] : std::string();
        };
        const auto is = [&](const char* letter, const char* name) {
            return word.rfind(letter, 0) == 0 && word.rfind("--", 0) != 0 ? true : word == name || word.rfind(std::string(name) + "=", 0) == 0;
        };
        if (word == "--") {
            range.command = wordsAfter(words, i + 1);
            break;
        }
        if (word.empty() || word[0] != '-') {
            range.command = wordsAfter(words, i);
            break;
        }
        if (word == "-g" || word == "--call-graph" || word.rfind("--call-graph=", 0) == 0) {
            range.graph = true;
            if (word == "--call-graph")
                ++i;
        } else if (word == "-a" || word == "--all-cpus") {
            range.all = true;
        } else if (word == "-ag" || word == "-ga") {
            range.all = range.graph = true;
        } else if (is("-p", "--pid")) {
            range.pid = pidOf(value("-p")).value_or(-1);
        } else if (is("-F", "--freq")) {
            range.hertz = std::max(1.0, std::atof(value("-F").c_str()));
        } else if (is("-o", "--output") || is("-i", "--input")) {
            range.file = value("-o");
        } else if (is("-e", "--event")) {
            std::string events = value("-e");
            for (std::size_t begin = 0; begin < events.size();) {
                const std::size_t end = std::min(events.find(',', begin), events.size());
                range.events.push_back(events.substr(begin, end - begin));
                begin = end + 1;
            }
        }
    }
    if (range.command.size() >= 2 && range.command[0] == "sleep")
        range.seconds = std::atof(range.command[1].c_str());
    return range;
}

bool perfAllowed(Invocation& inv, const PerfRange& range)
{
    if (range.pid < 0) {
        inv.err().write("Problems while parsing pid: invalid number\n");
        return false;
    }
    if (range.pid > 0) {
        const Target target = targetOf(inv, range.pid);
        if (target.process == nullptr) {
            inv.err().write("Couldn't create thread/CPU maps: No such process\n");
            return false;
        }
        if (mayAttach(inv, *target.process))
            return true;
    } else if (node::isRoot(inv)) {
        return true;
    }
    // kernel.perf_event_paranoid is 3 on Debian.
    inv.err().write("Error:\nAccess to performance monitoring and observability operations is limited.\nConsider adjusting /proc/sys/kernel/perf_event_paranoid setting to open\n"
                    "access to performance monitoring and observability operations for processes\nwithout CAP_PERFMON, CAP_SYS_PTRACE or CAP_SYS_ADMIN Linux capability.\n"
                    "More information can be found at 'Perf events and tool security' document:\nhttps://www.kernel.org/doc/html/latest/admin-guide/perf-security.html\n"
                    "perf_event_paranoid setting is 3:\n  -1: Allow use of (almost) all events by all users\n      Ignore mlock limit after perf_event_mlock_kb without CAP_IPC_LOCK\n"
                    ">= 0: Disallow raw and ftrace function tracepoint access\n>= 1: Disallow CPU event access\n>= 2: Disallow kernel profiling\n"
                    "To make the adjusted perf_event_paranoid setting permanent preserve it\nin /etc/sysctl.conf (e.g. kernel.perf_event_paranoid = <setting>)\n");
    return false;
}

void addPerf(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "perf";
    spec.summary = "performance analysis tools for Linux";
    spec.usage = "perf [--version] [--help] [OPTIONS] COMMAND [ARGS]";
    spec.parseOptions = false;
    spec.run = [](Invocation& inv) {
        const std::vector<std::string> rest = wordsAfter(inv.arguments, 1);
        const std::string verb = inv.arguments.empty() ? "" : inv.arguments[0];
        if (verb == "stat")
            return perfStat(inv, rest);
        if (verb == "record")
            return perfRecord(inv, rest);
        if (verb == "report")
            return perfReport(inv, rest);
        if (verb == "script")
            return perfScript(inv, rest);
        if (verb == "top")
            return perfTop(inv, rest);
        if (verb == "--version" || verb == "version") {
            inv.print("perf version 6.1.119\n");
            return 0;
        }
        if (verb.empty() || verb == "--help") {
            inv.print("\n usage: perf [--version] [--help] [OPTIONS] COMMAND [ARGS]\n\n The most commonly used perf commands are:\n"
                      "   record          Run a command and record its profile into perf.data\n   report          Read perf.data (created by perf record) and display the profile\n"
                      "   script          Read perf.data (created by perf record) and display trace output\n   stat            Run a command and gather performance counter statistics\n"
                      "   top             System profiling tool.\n\n See 'perf help COMMAND' for more information on a specific command.\n\n");
            return verb.empty() ? 1 : 0;
        }
        inv.err().write(fmt::format("perf: '{}' is not a perf-command. See 'perf --help'.\n", verb));
        return 1;
    };
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
