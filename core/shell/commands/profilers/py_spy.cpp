// py-spy 0.3.14: dump, top, record. It sees Python frames only.
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/commands/profilers/target.h"
#include "sim/programs/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace core::shell::profilers {

namespace {

using sim::programs::Frame;
using sim::programs::StackTime;

constexpr double kRecordSeconds = 5;
constexpr double kTopSeconds = 1;

/// A Python program that may be looked into; complains otherwise.
std::optional<Target> pythonOf(Invocation& inv, const std::string& pid)
{
    const auto number = pidOf(pid);
    if (!number) {
        inv.err().write(fmt::format("error: Invalid value \"{}\" for '--pid <pid>': invalid digit found in string\n", pid));
        return std::nullopt;
    }
    Target target = targetOf(inv, *number);
    if (target.process == nullptr) {
        inv.err().write("Error: Failed to open process - check if it is running.\nReason: No such file or directory (os error 2)\n");
        return std::nullopt;
    }
    if (!mayAttach(inv, *target.process)) {
        inv.err().write(fmt::format("Permission Denied: Try running again with elevated permissions by going 'sudo env \"PATH=$PATH\" !!'\n"));
        return std::nullopt;
    }
    if (!target.running || target.running->code->language != sim::programs::Language::Python) {
        inv.err().write("Error: Failed to find python version from target process\n");
        return std::nullopt;
    }
    return target;
}

std::string commandText(const sim::host::Process& process)
{
    std::string text;
    for (const std::string& word : process.command)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// Without the folder: of a path only what belongs to a package stays, and the lab's scripts are in none.
std::string shortFile(const Frame& frame)
{
    return frame.file.substr(frame.file.rfind('/') + 1);
}

std::string frameText(const Frame& frame)
{
    return fmt::format("{} ({}:{})", frame.function, shortFile(frame), frame.line);
}

bool isPython(const Frame& frame)
{
    return frame.file.size() > 3 && frame.file.compare(frame.file.size() - 3, 3, ".py") == 0;
}

/// Times by Python stack: what the interpreter does in C counts for the Python line that asked for it.
std::vector<StackTime> pythonTimes(const std::vector<StackTime>& all)
{
    std::vector<StackTime> times;
    for (const StackTime& one : all) {
        StackTime python;
        python.seconds = one.seconds;
        for (const Frame& frame : one.stack)
            if (isPython(frame))
                python.stack.push_back(frame);
        const auto same = std::find_if(times.begin(), times.end(), [&](const StackTime& t) { return t.stack == python.stack; });
        if (python.stack.empty())
            continue;
        if (same == times.end())
            times.push_back(std::move(python));
        else
            same->seconds += python.seconds;
    }
    return times;
}

int dump(Invocation& inv, const Target& target)
{
    inv.print(fmt::format("Process {}: {}\nPython v3.11.2 ({})\n\n", target.process->pid, commandText(*target.process), "/usr/bin/python3.11"));
    for (const auto& task : sim::programs::tasksOf(*target.running, *target.process)) {
        const bool active = task.state == "active";
        inv.print(fmt::format("Thread {} ({}): \"{}\"\n", task.tid, active ? "active+gil" : "idle", task.name));
        for (auto frame = task.stack.rbegin(); frame != task.stack.rend(); ++frame)
            inv.print(fmt::format("    {}\n", frameText(*frame)));
    }
    return 0;
}

std::string topTable(const Target& target, const std::vector<StackTime>& times, double seconds, double counted)
{
    struct Line {
        double own = 0, total = 0;
    };
    std::map<std::string, Line> lines;
    double sum = 0;
    for (const StackTime& time : times) {
        std::set<std::string> seen;
        sum += time.seconds;
        for (std::size_t i = 0; i < time.stack.size(); ++i) {
            const std::string text = fmt::format("{} ({})", time.stack[i].function, shortFile(time.stack[i]));
            if (seen.insert(text).second)
                lines[text].total += time.seconds;
            if (i + 1 == time.stack.size())
                lines[text].own += time.seconds;
        }
    }
    std::vector<std::pair<std::string, Line>> rows(lines.begin(), lines.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second.own > b.second.own; });
    std::string text = fmt::format("Collecting samples from '{}' (python v3.11.2)\nTotal Samples {:.0f}\nGIL: {:.2f}%, Active: {:.2f}%, Threads: 1\n\n", commandText(*target.process),
                                   counted * 100, 100 * sum / seconds * 0.98, 100 * sum / seconds);
    text += "  %Own   %Total  OwnTime  TotalTime  Function (filename)\n";
    for (const auto& [name, line] : rows)
        text += fmt::format("{:>6.2f}% {:>7.2f}% {:>7.3g}s {:>9.3g}s   {}\n", 100 * line.own / seconds, 100 * line.total / seconds, line.own, line.total, name);
    return text;
}

int top(Invocation& inv, Target target)
{
    // Without a terminal one screen is printed; with one it goes on until q or Ctrl-C.
    const sim::programs::Running first = *target.running;
    for (;;) {
        inv.sleep(sim::fromSeconds(kTopSeconds));
        Target now = targetOf(inv, target.running->pid);
        if (!now.running)
            return 0;
        const double seconds = std::max(0.001, sim::toSeconds(now.running->settled - first.settled));
        const std::string table = topTable(now, pythonTimes(sim::programs::cpuBetween(first, *now.running)), seconds, seconds);
        inv.print((inv.out().isTerminal() ? "\x1b[H\x1b[2J" : "") + table);
        if (!inv.out().isTerminal())
            return 0;
        const auto key = inv.readKey(std::chrono::milliseconds(0));
        if (key && (*key == "q" || *key == "Q"))
            return 0;
        target = std::move(now);
    }
}

std::string escaped(const std::string& text)
{
    std::string out;
    for (const char c : text)
        out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
    return out;
}

/// Folded stacks ("a;b;c 12"), or the same as an SVG that names each frame and its samples.
std::string recorded(const std::vector<StackTime>& times, double rate, bool svg)
{
    std::string text = svg ? "<?xml version=\"1.0\" standalone=\"no\"?>\n<svg version=\"1.1\" xmlns=\"http://www.w3.org/2000/svg\">\n" : "";
    for (const StackTime& time : times) {
        const auto samples = static_cast<std::int64_t>(time.seconds * rate + 0.5);
        std::string line;
        for (const Frame& frame : time.stack)
            line += (line.empty() ? "" : ";") + frameText(frame);
        if (samples > 0)
            text += svg ? fmt::format("<g><title>{} ({} samples)</title></g>\n", escaped(line), samples) : fmt::format("{} {}\n", line, samples);
    }
    return text + (svg ? "</svg>\n" : "");
}

int record(Invocation& inv, const Target& target)
{
    const std::string path = inv.options.value("output");
    if (path.empty())
        return inv.fail(2, "error: The following required arguments were not provided:\n    --output <filename>");
    const double seconds = node::parseSeconds(inv.options.value("duration", "5")) ? sim::toSeconds(*node::parseSeconds(inv.options.value("duration", "5"))) : kRecordSeconds;
    const double rate = static_cast<double>(parseNumber(inv.options.value("rate", "100")).value_or(100));
    inv.err().write(fmt::format("py-spy> Sampling process {:.0f} times a second for {:.0f} seconds. Press Control-C to exit.\n\n", rate, seconds));
    const sim::programs::Running before = *target.running;
    inv.sleep(sim::fromSeconds(seconds));
    const Target after = targetOf(inv, target.running->pid);
    if (!after.running) {
        inv.err().write("py-spy> Stopped sampling because the process ended\n");
        return 1;
    }
    const auto times = pythonTimes(sim::programs::cpuBetween(before, *after.running));
    const std::string format = inv.options.value("format", "flamegraph");
    const std::string text = recorded(times, rate, format == "flamegraph");
    if (const Errno error = inv.system().writeFile(inv.place(), inv.absolutePath(path), text, false); error != Errno::None)
        return inv.fail(1, fmt::format("Error: {} (os error 13)", describe(error)));
    inv.err().write(fmt::format("py-spy> Wrote {} data to '{}'. Samples: {:.0f} Errors: 0\n", format, path, seconds * rate));
    return 0;
}

int pySpy(Invocation& inv)
{
    const std::string verb = inv.operands.empty() ? "" : inv.operands[0];
    if (verb != "dump" && verb != "top" && verb != "record") {
        inv.err().write("py-spy 0.3.14\nSampling profiler for Python programs\n\nUSAGE:\n    py-spy <SUBCOMMAND>\n\nSUBCOMMANDS:\n"
                        "    record    Records stack trace information to a flamegraph, speedscope or raw file\n"
                        "    top       Displays a top like view of functions consuming CPU\n"
                        "    dump      Dumps stack traces for a target program to stdout\n"
                        "    help      Prints this message or the help of the given subcommand(s)\n");
        return verb.empty() || verb == "help" ? 0 : 1;
    }
    if (!inv.options.has("pid")) {
        inv.err().write("error: The following required arguments were not provided:\n    <--pid <pid>|python_program>\n");
        return 1;
    }
    const auto target = pythonOf(inv, inv.options.value("pid"));
    if (!target)
        return 1;
    return verb == "dump" ? dump(inv, *target) : verb == "top" ? top(inv, *target) : record(inv, *target);
}

} // namespace

void addPySpy(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "py-spy";
    spec.summary = "sampling profiler for Python programs";
    spec.usage = "py-spy record|top|dump --pid <pid>";
    spec.options = {{'p', "pid", "pid", "PID of a running python program to spy on"}, {'o', "output", "filename", "Output filename"},
                    {'d', "duration", "duration", "The number of seconds to sample for"}, {'r', "rate", "rate", "The number of samples to collect per second"},
                    {'f', "format", "format", "flamegraph, raw or speedscope"}, {'s', "subprocesses", "", "Profile subprocesses of the original process"},
                    {'n', "native", "", "Collect stack traces from native extensions"}, {'l', "locals", "", "Show local variables for each frame"},
                    {0, "nonblocking", "", "Don't pause the python process when collecting samples"}, {'g', "gil", "", "Only include traces that hold on to the GIL"}};
    spec.run = pySpy;
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
