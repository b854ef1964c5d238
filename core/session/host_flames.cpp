#include "core/session/host_detail.h"

#include "sim/programs/profile.h"
#include "sim/programs/tasks.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::session {

namespace {

using sim::programs::Language;
using sim::programs::Running;

/// As `perf record -F 99 sleep 30` takes it, at the rates of this instant.
constexpr double kRecordedSeconds = 30;
constexpr double kHertz = 99;
/// Of what is told to grading.
constexpr std::size_t kToldFunctions = 30;

const char* languageWord(Language language)
{
    switch (language) {
    case Language::Go: return "Go";
    case Language::Java: return "Java";
    case Language::Python: return "Python";
    case Language::Native: return "native";
    }
    return "";
}

std::vector<std::string> namesOf(const sim::programs::Stack& stack)
{
    std::vector<std::string> names;
    for (const sim::programs::Frame& frame : stack)
        names.push_back(frame.function);
    return names;
}

void addCpu(FlamesDetail& detail, const Running& running, sim::Instant now)
{
    detail.unit = "samples";
    std::vector<sim::programs::StackSamples> all;
    if (detail.sinceStart) {
        detail.seconds = sim::toSeconds(now - running.started);
        Running before = running; // of the same code: everything counted since it started
        before.pid = 0;
        all = sim::programs::stackSamples(before, running, kHertz);
    } else {
        detail.seconds = kRecordedSeconds;
        all = sim::programs::stackSamples(running, running.at(running.settled + sim::fromSeconds(kRecordedSeconds)),
                                          kHertz);
    }
    for (const sim::programs::StackSamples& one : all)
        detail.stacks.push_back({one.functions, static_cast<double>(one.samples)});
}

void addAllocations(FlamesDetail& detail, const Running& running)
{
    detail.unit = "bytes";
    for (std::size_t i = 0; i < running.code->paths.size(); ++i) {
        const sim::programs::CodePath& path = running.code->paths[i];
        for (std::size_t k = 0; k < path.allocations.size(); ++k) {
            const double bytes = running.sites[running.siteOf(i) + k].bytes;
            if (bytes < 1)
                continue;
            std::vector<std::string> frames = namesOf(path.stack);
            frames.push_back(path.allocations[k].type);
            detail.stacks.push_back({std::move(frames), bytes});
        }
    }
}

void addLocks(FlamesDetail& detail, const Running& running)
{
    detail.unit = "seconds";
    for (std::size_t i = 0; i < running.code->paths.size(); ++i) {
        const sim::programs::CodePath& path = running.code->paths[i];
        if (path.lock.empty() || running.paths[i].delaySeconds <= 0)
            continue;
        std::vector<std::string> frames = namesOf(path.stack);
        frames.push_back(path.lock);
        detail.stacks.push_back({std::move(frames), running.paths[i].delaySeconds});
    }
}

void addWaiting(FlamesDetail& detail, const Running& running, const sim::host::Process& process)
{
    const bool go = running.code->language == Language::Go;
    detail.unit = go ? "goroutines" : "threads";
    for (const sim::programs::Task& task :
         go ? sim::programs::goroutinesOf(running) : sim::programs::tasksOf(running, process)) {
        std::vector<std::string> frames{task.state};
        const std::vector<std::string> stack = namesOf(task.stack);
        frames.insert(frames.end(), stack.begin(), stack.end());
        detail.stacks.push_back({std::move(frames), static_cast<double>(task.count)});
    }
}

/// Stacks alike become one, in an order that does not depend on their values.
void mergeStacks(FlamesDetail& detail)
{
    std::map<std::vector<std::string>, double> sums;
    for (const FlameStack& one : detail.stacks)
        sums[one.frames] += one.value;
    detail.stacks.clear();
    for (auto& [frames, value] : sums)
        detail.stacks.push_back({frames, value});
}

/// A table like perf's and pprof's, then the stacks as flame graphs take them.
void tellFlames(FlamesDetail& detail, const sim::host::Machine& machine, const Running& running)
{
    static constexpr const char* kPages[] = {"profile", "allocs", "mutex", "goroutine"};
    Reading& read = detail.read;
    const auto kind = static_cast<std::size_t>(detail.kind);
    read.what = fmt::format("profile of {}", running.code->name);
    read.reads = {"host/" + machine.name};
    if (running.code->profilePort > 0) {
        read.reads.push_back(fmt::format("http/localhost:{}/debug/pprof/{}", running.code->profilePort, kPages[kind]));
        read.reads.push_back("from/" + machine.name);
    }
    double total = 0;
    std::map<std::string, std::pair<double, double>> functions; ///< own, with what it calls
    for (const FlameStack& stack : detail.stacks) {
        total += stack.value;
        std::vector<std::string> seen;
        for (const std::string& frame : stack.frames) {
            if (std::count(seen.begin(), seen.end(), frame) == 0)
                functions[frame].second += stack.value;
            seen.push_back(frame);
        }
        if (!stack.frames.empty())
            functions[stack.frames.back()].first += stack.value;
    }
    std::vector<std::pair<std::string, std::pair<double, double>>> rows(functions.begin(), functions.end());
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
    read.text = fmt::format("{} {}, total {:.0f} {}\n      flat  flat%       cum   cum%  name\n", running.code->name,
                            running.version, total, detail.unit);
    for (std::size_t i = 0; i < std::min(rows.size(), kToldFunctions); ++i)
        read.text += fmt::format("{:>10.0f} {:5.2f}% {:>9.0f} {:5.2f}%  {}\n", rows[i].second.first,
                                 total > 0 ? 100 * rows[i].second.first / total : 0, rows[i].second.second,
                                 total > 0 ? 100 * rows[i].second.second / total : 0, rows[i].first);
    for (const FlameStack& stack : detail.stacks) {
        std::string line;
        for (const std::string& frame : stack.frames)
            line += (line.empty() ? "" : ";") + frame;
        read.text += fmt::format("{} {:.0f}\n", line, stack.value);
    }
    read.shape = fmt::format("{} {} {}", running.pid, kind, detail.sinceStart);
    for (const auto& [name, values] : functions)
        read.shape += fmt::format(" {}{}", name, total > 0 ? static_cast<int>(10 * values.second / total) : 0);
}

} // namespace

FlamesDetail flamesOf(const sim::World& world, const sim::host::Machine& machine, const HostInterest& interest)
{
    FlamesDetail detail;
    detail.kind = interest.flame;
    detail.sinceStart = interest.sinceStart && interest.flame == FlameKind::Cpu;
    for (const auto& [key, running] : world.programs().running())
        if (key.first == machine.id && machine.processes.count(key.second) > 0)
            detail.programs.push_back(
                {key.second, running.code->name, running.version, languageWord(running.code->language)});
    if (detail.programs.empty())
        return detail;
    const bool known = std::any_of(detail.programs.begin(), detail.programs.end(),
                                   [&](const ProgramHead& one) { return one.pid == interest.pid; });
    detail.pid = known ? interest.pid : detail.programs.front().pid;
    const auto running = world.programs().at(machine.id, detail.pid, world.now());
    if (!running)
        return detail;
    switch (detail.kind) {
    case FlameKind::Cpu: addCpu(detail, *running, world.now()); break;
    case FlameKind::Allocations: addAllocations(detail, *running); break;
    case FlameKind::Locks: addLocks(detail, *running); break;
    case FlameKind::Waiting: addWaiting(detail, *running, machine.processes.at(detail.pid)); break;
    }
    mergeStacks(detail);
    tellFlames(detail, machine, *running);
    return detail;
}

} // namespace core::session
