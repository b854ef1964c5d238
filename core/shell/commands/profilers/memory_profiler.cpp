// memory_profiler 0.61: python3 -m memory_profiler SCRIPT, and mprof. The script is read as it lies on the machine: it is
// the one with @profile, and its text decides which way the program takes.
#include "core/shell/commands/profilers/profilers.h"
#include "core/shell/commands/profilers/target.h"
#include "core/shell/text/dates.h"
#include "sim/engine/split.h"
#include "sim/programs/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::profilers {

namespace {

using sim::programs::Running;

/// The scripts of the lab run for ever on a batch's folder; under the profiler they are stopped after this long.
constexpr double kRunSeconds = 20;
constexpr double kMprofInterval = 0.1;

/// The name behind "def " on a line, with its depth of indentation.
std::optional<std::pair<std::string, std::size_t>> definedOn(const std::string& line)
{
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string::npos || line.compare(indent, 4, "def ") != 0)
        return std::nullopt;
    const std::size_t end = line.find('(', indent);
    return std::pair(line.substr(indent + 4, end == std::string::npos ? end : end - indent - 4), indent);
}

/// What a run of the script here would be: started now, alone on the machine.
std::optional<Running> startedHere(Invocation& inv, const std::string& path)
{
    const sim::host::Machine& machine = node::machineOf(inv);
    const auto& programs = inv.door().world().programs();
    auto started = sim::programs::startedBy(programs.catalogue(), machine, {"/usr/bin/python3", path});
    if (!started)
        return std::nullopt;
    sim::host::Process process;
    for (const auto& variant : started->code->variants) // the settings that it knows, as this shell hands them on
        if (const std::string name = variant.environment.substr(0, variant.environment.find('=')); !name.empty())
            if (const auto value = inv.variable(name))
                process.environment[name] = *value;
    Running running = sim::programs::startOf(started->code, started->version, started->files, sim::programs::settingsOf(*started->code, machine, process), inv.now());
    return running;
}

void runFor(Running& running, double seconds, double step = 0.25)
{
    for (double done = 0; done < seconds; done += step) {
        sim::programs::plan(running);
        sim::programs::grant(running, 1);
        running.advance(running.settled + sim::fromSeconds(step));
    }
}

/// The line of a function's def in the installed version, by which frames are counted.
std::int64_t definedAt(const Running& running, const std::string& function)
{
    const sim::programs::Version* version = running.code->version(running.version);
    if (version == nullptr)
        return 0;
    const auto text = version->files.find(running.code->executable);
    if (text == version->files.end())
        return 0;
    const std::vector<std::string> lines = sim::linesOf(text->second);
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (const auto defined = definedOn(lines[i]); defined && defined->first == function)
            return static_cast<std::int64_t>(i) + 1;
    return 0;
}

/// Line -> what stays allocated below it when the function has run, counted from the def's line.
struct LineUse {
    double mebibytes = 0;
    double occurrences = 0;
};
std::map<std::int64_t, LineUse> usesOf(const Running& running, const std::string& function)
{
    std::map<std::int64_t, LineUse> uses;
    const std::int64_t def = definedAt(running, function);
    for (std::size_t i = 0; i < running.code->paths.size(); ++i) {
        const auto& path = running.code->paths[i];
        if (!running.active(path))
            continue;
        for (const auto& frame : path.stack) {
            // A generator's lines are those of the function around it.
            if (frame.function != function && !(frame.function == "<genexpr>" && frame.line > def && frame.line < def + 8))
                continue;
            LineUse& use = uses[frame.line - def];
            use.occurrences = std::max(use.occurrences, running.paths[i].calls);
            for (std::size_t k = 0; k < path.allocations.size(); ++k) {
                const auto& what = path.allocations[k];
                const double retained = running.sites[running.siteOf(i) + k].retainedBytes;
                const double filled = what.heldSeconds > 0 ? std::min(1.0, kRunSeconds / what.heldSeconds) : 0; // of a call that may go on
                use.mebibytes += (retained + what.bytes * (1 - what.retained) * filled) / sim::programs::kBytesPerMiB;
            }
            break;
        }
    }
    return uses;
}

/// How often a line was run; the head of a loop once more than its body.
double occurrencesOn(const std::map<std::int64_t, LineUse>& uses, const std::vector<std::string>& lines, std::size_t line, std::size_t def)
{
    const auto at = [&](std::size_t number) {
        const auto use = uses.find(static_cast<std::int64_t>(number) - static_cast<std::int64_t>(def));
        return use == uses.end() ? 1 : std::max(1.0, std::floor(use->second.occurrences));
    };
    const std::size_t begin = lines[line].find_first_not_of(' ');
    const bool loop = begin != std::string::npos && lines[line].compare(begin, 4, "for ") == 0;
    return loop ? std::max(at(line), at(line + 1) + 1) : at(line);
}

std::string tableOf(const Running& running, const std::string& shownName, const std::vector<std::string>& lines, std::size_t decorator)
{
    std::size_t def = decorator + 1;
    while (def < lines.size() && !definedOn(lines[def]))
        ++def;
    if (def >= lines.size())
        return {};
    const auto [function, indent] = *definedOn(lines[def]);
    const auto uses = usesOf(running, function);
    std::string text = fmt::format("Filename: {}\n\nLine #    Mem usage    Increment  Occurrences   Line Contents\n", shownName);
    text += "=============================================================\n";
    const double base = (running.code->baseBytes + running.code->baseHeapBytes) / sim::programs::kBytesPerMiB;
    double memory = base;
    text += fmt::format("{:>6} {:>8.3f} MiB {:>8.3f} MiB {:>11}   {}\n", decorator + 1, base, base, 1, lines[decorator]);
    std::size_t end = def + 1;
    while (end < lines.size() && (lines[end].empty() || lines[end].find_first_not_of(' ') > indent))
        ++end;
    while (end > def + 1 && lines[end - 1].empty())
        --end;
    for (std::size_t i = decorator + 1; i < end; ++i) {
        const auto use = uses.find(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(def));
        if (i == def || lines[i].find_first_not_of(' ') == std::string::npos) {
            text += fmt::format("{:>6} {:>37}   {}\n", i + 1, "", lines[i]);
            continue;
        }
        const double more = use == uses.end() ? 0 : use->second.mebibytes;
        memory += more;
        text += fmt::format("{:>6} {:>8.3f} MiB {:>8.3f} MiB {:>11.0f}   {}\n", i + 1, memory, more, occurrencesOn(uses, lines, i, def), lines[i]);
    }
    return text + "\n\n";
}

int lineByLine(Invocation& inv, const std::string& script)
{
    const std::string path = inv.absolutePath(script);
    const ReadFile file = inv.system().readFile(inv.place(), path);
    if (file.error != Errno::None) {
        inv.err().write(fmt::format("Could not find script {}\n", script));
        return 1;
    }
    node::noteHost(inv);
    inv.noteRead("file/" + node::placeName(inv) + path);
    auto running = startedHere(inv, path);
    if (!running) {
        inv.err().write(fmt::format("python3: the lab has no model of {}; it runs the programs below /opt\n", script));
        return 1;
    }
    inv.sleep(sim::fromSeconds(kRunSeconds));
    runFor(*running, kRunSeconds);
    const std::vector<std::string> lines = sim::linesOf(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string word = lines[i];
        word.erase(0, std::min(word.find_first_not_of(' '), word.size()));
        if (word == "@profile")
            inv.print(tableOf(*running, script, lines, i));
    }
    return 0;
}

int runPython(Invocation& inv)
{
    const auto& words = inv.arguments;
    if (words.size() == 1 && (words[0] == "--version" || words[0] == "-V")) {
        inv.print("Python 3.11.2\n");
        return 0;
    }
    if (words.size() >= 3 && words[0] == "-m" && words[1] == "memory_profiler")
        return lineByLine(inv, words[2]);
    if (words.size() == 2 && words[0] == "-m" && words[1] == "memory_profiler") {
        inv.err().write("A program to run must be provided. Use -h for help\n");
        return 1;
    }
    if (words.size() >= 2 && words[0] == "-m") {
        inv.err().write(fmt::format("/usr/bin/python3: No module named {}\n", words[1]));
        return 1;
    }
    inv.err().write("python3: the lab runs no Python of its own; its programs run as services, and -m memory_profiler SCRIPT profiles one\n");
    return 1;
}

int runMprof(Invocation& inv)
{
    const auto& words = inv.arguments;
    const std::string verb = words.empty() ? "" : words[0];
    if (verb == "run" && words.size() > 1) {
        std::string script;
        for (const std::string& word : words)
            if (word.size() > 3 && word.compare(word.size() - 3, 3, ".py") == 0)
                script = word;
        auto running = script.empty() ? std::nullopt : startedHere(inv, inv.absolutePath(script));
        if (!running) {
            inv.err().write("mprof: the lab has no model of that program\n");
            return 1;
        }
        inv.print("mprof: Sampling memory every 0.1s\nrunning new process\nrunning as a Python program...\n");
        std::string data = fmt::format("CMDLINE /usr/bin/python3 {}\n", script);
        const std::string name = fmt::format("mprofile_{}.dat", formatDate(inv.now(), "%Y%m%d%H%M%S"));
        for (double at = 0; at < kRunSeconds; at += kMprofInterval) {
            runFor(*running, kMprofInterval, kMprofInterval);
            data += fmt::format("MEM {:.6f} {:.4f}\n", running->residentBytes() / sim::programs::kBytesPerMiB, sim::toSeconds(running->settled.time_since_epoch()));
        }
        inv.sleep(sim::fromSeconds(kRunSeconds));
        node::noteHost(inv);
        inv.system().writeFile(inv.place(), inv.absolutePath(name), data, false);
        return 0;
    }
    if (verb == "plot" || verb == "peak") {
        std::string name = words.size() > 1 ? words.back() : "";
        if (const auto entries = inv.system().list(inv.place(), inv.workingDirectory()); name.empty() && entries)
            for (const DirectoryEntry& entry : *entries) // sorted by name, and so by time
                if (entry.name.rfind("mprofile_", 0) == 0)
                    name = entry.name;
        const ReadFile file = inv.system().readFile(inv.place(), inv.absolutePath(name));
        if (file.error != Errno::None) {
            inv.print("No input file found. \nThis program looks for mprofile_*.dat files, generated\nwith the 'mprof run' command.\n");
            return 1;
        }
        double most = 0;
        for (const std::string& line : sim::linesOf(file.text))
            if (line.rfind("MEM ", 0) == 0)
                most = std::max(most, std::atof(line.c_str() + 4));
        if (verb == "peak") {
            inv.print(fmt::format("{}\t{:.3f} MiB\n", name, most));
            return 0;
        }
        inv.print(fmt::format("Using last profile data: {}\n", name));
        inv.err().write("matplotlib: no display; the data file has one line for each sample (mprof peak prints the largest)\n");
        return 1;
    }
    inv.print("Usage: mprof <command> <options> <arguments>\n\nAvailable commands:\n\n    run      run a given command or python file\n    plot     plot a graph\n"
              "    peak     print the peak memory used\n\n");
    return verb.empty() ? 1 : 0;
}

} // namespace

void addMemoryProfiler(CommandTable& table)
{
    table.addRaw("python3", "an interpreted, interactive, object-oriented programming language", "python3 -m memory_profiler script_file.py", runPython);
    table.addRaw("mprof", "memory usage of a program over time", "mprof run|plot|peak", runMprof);
}

} // namespace core::shell::profilers
