#include "core/shell/language/builtins.h"
#include "core/shell/language/signals.h"
#include "core/shell/quoting.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

namespace {

constexpr int kSignalled = 128; ///< plus the signal's number is a killed command's status

int jobs(Evaluator& evaluator, Invocation& invocation)
{
    for (BackgroundJob& job : *evaluator.jobs) {
        std::string state = "Running";
        if (job.status->has_value()) {
            state = **job.status == 0 ? "Done" : fmt::format("Exit {}", **job.status);
            job.announced = true;
        }
        const bool last = &job == &evaluator.jobs->back();
        invocation.print(fmt::format("[{}]{}  {:<24}{}{}\n", job.number, last ? "+" : "-", state,
                                     job.commandLine, job.status->has_value() ? "" : " &"));
    }
    evaluator.forgetAnnouncedJobs();
    return 0;
}

BackgroundJob* findJob(Evaluator& evaluator, const std::string& word)
{
    for (BackgroundJob& job : *evaluator.jobs)
        if (word == fmt::format("%{}", job.number) || word == std::to_string(job.processId))
            return &job;
    const bool current = word == "%%" || word == "%+" || word == "%";
    return current && !evaluator.jobs->empty() ? &evaluator.jobs->back() : nullptr;
}

/// Until the condition holds or a signal comes; false for the signal.
template <class Condition>
bool waitUntil(Evaluator& evaluator, const Condition& holds)
{
    // Polled: a job's end wakes nobody, and a tenth of a second of virtual time harms nobody.
    while (!holds()) {
        if (evaluator.signalPending())
            return false;
        evaluator.runtime().fibers.sleepFor(std::chrono::milliseconds(100));
    }
    return true;
}

int waitFor(Evaluator& evaluator, Invocation& invocation, const std::string& word)
{
    if (BackgroundJob* job = findJob(evaluator, word)) {
        const auto status = job->status; // the list may change meanwhile
        const long process = job->processId;
        if (!waitUntil(evaluator, [&] { return status->has_value(); }))
            return kSignalled;
        std::erase_if(*evaluator.jobs, [&](const BackgroundJob& j) { return j.processId == process; });
        evaluator.endedJobs[process] = **status;
        return **status;
    }
    const std::optional<int> process = smallNumber(word);
    if (const auto ended = evaluator.endedJobs.find(process.value_or(0)); ended != evaluator.endedJobs.end())
        return ended->second;
    constexpr int kUnknown = 127;
    return failBuiltin(evaluator, invocation,
                       process ? "pid " + word + " is not a child of this shell" : word + ": no such job", kUnknown);
}

int wait(Evaluator& evaluator, Invocation& invocation)
{
    int status = 0;
    for (const std::string& word : invocation.arguments)
        status = waitFor(evaluator, invocation, word);
    if (!invocation.arguments.empty())
        return status;
    const auto allEnded = [&] {
        return std::all_of(evaluator.jobs->begin(), evaluator.jobs->end(),
                           [](const BackgroundJob& j) { return j.status->has_value(); });
    };
    if (!waitUntil(evaluator, allEnded))
        return kSignalled;
    for (BackgroundJob& job : *evaluator.jobs)
        job.announced = true;
    evaluator.forgetAnnouncedJobs();
    return 0;
}

int listSignals(Evaluator& evaluator, Invocation& invocation)
{
    if (invocation.arguments.size() > 1) {
        for (std::size_t i = 1; i < invocation.arguments.size(); ++i) {
            const std::string& word = invocation.arguments[i];
            const bool digits = smallNumber(word).has_value();
            // A status above 128 stands for the signal that it tells of.
            const int status = smallNumber(word).value_or(0);
            const auto signal = status > kSignalled ? std::optional(status - kSignalled) : signalNumber(word);
            if (!signal)
                return failBuiltin(evaluator, invocation, word + ": invalid signal specification");
            invocation.print((digits ? signalName(*signal) : std::to_string(*signal)) + "\n");
        }
        return 0;
    }
    std::string text;
    for (int i = 1; !signalName(i).empty(); ++i)
        text += fmt::format("{:2}) SIG{:<{}}{}", i, signalName(i), i % 5 == 0 ? 0 : 9, i % 5 == 0 ? "\n" : "");
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
    invocation.print(text + (text.back() == '\n' ? "" : "\n"));
    return 0;
}

/// The shells and jobs of this terminal; false: it is none of them.
bool killOwn(Evaluator& evaluator, const std::string& word, int signal)
{
    if (const BackgroundJob* job = findJob(evaluator, word)) {
        if (job->status->has_value())
            return false;
        if (signal != 0 && !ignoredByDefault(signal)) {
            evaluator.runtime().fibers.interruptJob(job->job, kSignalled + signal);
            *job->status = kSignalled + signal; // it may never have begun
        }
        return true;
    }
    // A subshell has its parent's $$, and a number of its own.
    for (Evaluator* shell : evaluator.runtime().shells) {
        const long process = shell->state.ownId != 0 ? shell->state.ownId : shell->state.processId;
        if (std::to_string(process) != word)
            continue;
        if (signal != 0)
            shell->raise(signal);
        return true;
    }
    return false;
}

int kill(Evaluator& evaluator, Invocation& invocation)
{
    constexpr int kTerminate = 15;
    std::vector<std::string> targets = invocation.arguments;
    std::optional<int> signal = kTerminate;
    if (!targets.empty() && (targets[0] == "-l" || targets[0] == "-L"))
        return listSignals(evaluator, invocation);
    if (targets.size() > 1 && (targets[0] == "-s" || targets[0] == "-n")) {
        signal = signalNumber(targets[1]);
        targets.erase(targets.begin(), targets.begin() + 2);
    } else if (!targets.empty() && targets[0].size() > 1 && targets[0][0] == '-' && targets[0] != "--") {
        signal = signalNumber(targets[0].substr(1));
        targets.erase(targets.begin());
    }
    if (!targets.empty() && targets[0] == "--")
        targets.erase(targets.begin());
    // Any other process belongs to the machine, whose kill(1) is a command.
    std::vector<std::string> others;
    for (const std::string& word : targets)
        if (!signal || !killOwn(evaluator, word, *signal))
            others.push_back(word);
    if (others.empty() && !targets.empty())
        return 0;
    if (evaluator.runtime().commands.find("kill")) {
        std::vector<std::string> words{"kill"};
        words.insert(words.end(), invocation.arguments.begin(), invocation.arguments.end());
        return evaluator.runInstalled(words, evaluator.streams());
    }
    if (targets.empty())
        return failBuiltin(evaluator, invocation,
                           "usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]",
                           2);
    return failBuiltin(evaluator, invocation, "(" + others[0] + ") - No such process");
}

void printTrap(Invocation& invocation, int signal, const std::string& action)
{
    invocation.print("trap -- " + singleQuoted(action) + " " + (signal == 0 ? "" : "SIG") + signalName(signal) + "\n");
}

int trap(Evaluator& evaluator, Invocation& invocation)
{
    std::vector<std::string> words = invocation.arguments;
    std::map<int, std::string>& traps = evaluator.state.traps;
    if (!words.empty() && words[0] == "--")
        words.erase(words.begin());
    if (!words.empty() && words[0] == "-l")
        return listSignals(evaluator, invocation);
    const bool print = words.empty() || words[0] == "-p";
    if (print && words.size() <= 1) {
        for (const auto& [signal, action] : traps)
            printTrap(invocation, signal, action);
        return 0;
    }
    // "trap INT" and "trap 2" take a trap away, as "trap - INT" does.
    const bool bare = !print && (words.size() == 1 || smallNumber(words[0]));
    const std::string action = bare ? "-" : words[0];
    int status = 0;
    for (std::size_t i = bare ? 0 : 1; i < words.size(); ++i) {
        const std::optional<int> signal = signalNumber(words[i]);
        if (!signal)
            status = failBuiltin(evaluator, invocation, words[i] + ": invalid signal specification");
        else if (print && traps.count(*signal))
            printTrap(invocation, *signal, traps[*signal]);
        else if (!print && action == "-")
            traps.erase(*signal);
        else if (!print)
            traps[*signal] = action;
    }
    return status;
}

} // namespace

void addJobBuiltins(std::map<std::string_view, Builtin>& table)
{
    table["jobs"] = {"display status of jobs", jobs, "jobs"};
    table["wait"] = {"wait for job completion", wait, "wait [ID]..."};
    table["kill"] = {"send a signal to a job", kill, "kill [-s SIGNAL | -SIGNAL] PID... or kill -l [STATUS]"};
    table["trap"] = {"run commands at signals and at the shell's end", trap, "trap [-lp] [[ACTION] SIGNAL...]"};
}

} // namespace core::shell
