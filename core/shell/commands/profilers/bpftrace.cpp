// bpftrace 0.17: the one-liners of its tutorial that the machine's state can answer: counts by name or process, stacks
// at a frequency. Sizes (hist) are not part of that state, and refused. The program is read by its parts, not by its wording.
#include "core/shell/commands/profilers/perf.h"
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/regular_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::profilers {

namespace {

/// Who waits for Ctrl-C needs a screen; without one the lab looks for this long.
constexpr double kUnattendedSeconds = 10;

struct Program {
    std::string probe;  ///< "tracepoint:raw_syscalls:sys_enter"
    std::string filter; ///< between slashes
    std::string key;    ///< "comm", "probe", "ustack", "kstack"; empty: one value
    std::string action; ///< "count", "hist"
    std::string map = "@";
};

std::optional<Program> programOf(const std::string& text)
{
    std::string error;
    const auto form = RegularExpression::compile(R"(^\s*([^\s{/,]+)\s*(?:/([^/]*)/)?\s*\{\s*(@\w*)(?:\[([^\]]*)\])?\s*=\s*(count|hist|lhist|sum)\(([^)]*)\)\s*;?\s*\})",
                                                 RegularExpression::Syntax::Perl, {}, error);
    const auto match = form ? form->search(text) : std::nullopt;
    if (!match)
        return std::nullopt;
    return Program{match->group(text, 1), match->group(text, 2), match->group(text, 4), match->group(text, 5), match->group(text, 3)};
}

bool passes(const std::string& filter, const sim::host::Process& process)
{
    std::string compact;
    for (const char c : filter)
        if (c != ' ')
            compact += c;
    if (compact.empty())
        return true;
    if (compact.rfind("pid==", 0) == 0)
        return pidOf(compact.substr(5)) == process.pid;
    if (compact.rfind("comm==\"", 0) == 0)
        return compact.substr(7, compact.size() - 8) == process.name;
    return true;
}

/// The system call that a tracepoint stands for; "*": all.
std::string callOf(const std::string& probe)
{
    const std::string enter = "sys_enter_", exit = "sys_exit_";
    for (const std::string& prefix : {enter, exit})
        if (const std::size_t at = probe.find(prefix); at != std::string::npos)
            return probe.substr(at + prefix.size());
    return "*";
}

void sortPrint(Invocation& inv, const std::string& map, std::vector<std::pair<std::string, double>> rows)
{
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    for (const auto& [key, count] : rows)
        if (count >= 1)
            inv.print(fmt::format("{}[{}]: {:.0f}\n", map, key, std::floor(count)));
}

void report(Invocation& inv, const Program& program, const PerfLook& before)
{
    const PerfLook after = lookNow(inv, 0);
    const double seconds = sim::toSeconds(after.at - before.at);
    inv.print("\n\n");
    if (program.probe.rfind("profile:hz:", 0) == 0) {
        const double hertz = std::max(1.0, static_cast<double>(parseNumber(program.probe.substr(11)).value_or(99)));
        std::map<std::string, double> counts;
        for (const PerfSample& sample : samplesBetween(inv, before, after)) {
            const auto target = std::find_if(after.targets.begin(), after.targets.end(), [&](const Target& t) { return t.process->pid == sample.pid; });
            if (target == after.targets.end() || !passes(program.filter, *target->process))
                continue;
            const bool kernel = !sample.frames.empty() && sample.frames.back().second == "[kernel.kallsyms]";
            std::string key = program.key == "comm" ? sample.comm : program.key == "pid" ? std::to_string(sample.pid) : "";
            if (program.key == "ustack" || program.key == "kstack") {
                if ((program.key == "kstack") == kernel)
                    for (auto frame = sample.frames.rbegin(); frame != sample.frames.rend(); ++frame)
                        key += fmt::format("\n    {}+{}", frame->first, sim::programs::addressOf({frame->first, {}, 0}) % 997);
                key += "\n";
            }
            counts[key] += sample.seconds * hertz;
        }
        sortPrint(inv, program.map, {counts.begin(), counts.end()});
        return;
    }
    const std::string call = callOf(program.probe);
    std::map<std::string, double> counts;
    double all = 0;
    for (const Target& target : after.targets) {
        if (!passes(program.filter, *target.process))
            continue;
        for (const auto& [name, rate] : target.process->systemCalls) {
            if (call != "*" && call != name)
                continue;
            const double count = rate * seconds;
            all += count;
            const std::string key = program.key == "comm" ? target.process->name : program.key == "pid" ? std::to_string(target.process->pid)
                : program.key.find("comm") != std::string::npos && program.key.find("pid") != std::string::npos
                ? fmt::format("{}, {}", target.process->pid, target.process->name)
                : program.key == "probe" ? "tracepoint:syscalls:sys_enter_" + name : "";
            counts[key] += count;
        }
    }
    if (program.key.empty())
        inv.print(fmt::format("{}: {:.0f}\n", program.map, std::floor(all)));
    else
        sortPrint(inv, program.map, {counts.begin(), counts.end()});
    inv.print("\n");
}

int bpftrace(Invocation& inv)
{
    const auto& words = inv.arguments;
    std::string text;
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        if (words[i] == "-e")
            text = words[i + 1];
    if (!words.empty() && (words[0] == "--version" || words[0] == "-V")) {
        inv.print("bpftrace v0.17.0\n");
        return 0;
    }
    if (text.empty()) {
        inv.err().write("USAGE:\n    bpftrace [options] filename\n    bpftrace [options] -e 'program'\n");
        return 1;
    }
    if (!node::isRoot(inv)) {
        inv.err().write("ERROR: bpftrace currently only supports running as the root user.\n");
        return 1;
    }
    const auto program = programOf(text);
    if (!program || program->action != "count" || (program->probe.rfind("tracepoint:", 0) != 0 && program->probe.rfind("profile:hz:", 0) != 0)) {
        inv.err().write("bpftrace: the lab answers PROBE /FILTER/ { @[KEY] = count(); } for tracepoint:syscalls, tracepoint:raw_syscalls and profile:hz:N\n");
        return 1;
    }
    node::noteHost(inv);
    const bool many = program->probe.find('*') != std::string::npos;
    inv.print(fmt::format("Attaching {} probe{}...\n", many ? 335 : 1, many ? "s" : ""));
    const PerfLook before = lookNow(inv, 0);
    // "interval:s:5 { exit(); }" ends it; so does Ctrl-C.
    double seconds = inv.out().isTerminal() ? 86400 : kUnattendedSeconds;
    if (const std::size_t at = text.find("interval:s:"); at != std::string::npos && text.find("exit()", at) != std::string::npos)
        seconds = std::max(1.0, std::atof(text.c_str() + at + 11));
    try {
        inv.sleep(sim::fromSeconds(seconds));
    } catch (const Interrupted&) {
        report(inv, *program, before);
        throw;
    }
    report(inv, *program, before);
    return 0;
}

} // namespace

void addBpftrace(CommandTable& table)
{
    table.addRaw("bpftrace", "a high-level tracing language", "bpftrace [OPTIONS] -e 'program code'", bpftrace);
}

} // namespace core::shell::profilers
