#include "core/shell/language/builtins.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

int failBuiltin(Evaluator& evaluator, const Invocation& invocation, const std::string& text, int status)
{
    evaluator.error(evaluator.streams(), invocation.name + ": " + text);
    return status;
}

namespace {

std::optional<int> smallNumber(const std::string& text)
{
    constexpr std::size_t kMaxDigits = 8;
    const std::size_t sign = !text.empty() && text[0] == '-' ? 1 : 0;
    if (text.size() == sign || text.size() > kMaxDigits
        || text.find_first_not_of("0123456789", sign) != std::string::npos)
        return {};
    return std::stoi(text);
}

int exitCommand(Evaluator& evaluator, Invocation& invocation)
{
    if (invocation.arguments.empty())
        throw ExitControl{evaluator.state.lastStatus};
    const auto status = smallNumber(invocation.arguments[0]);
    if (!status)
        failBuiltin(evaluator, invocation, invocation.arguments[0] + ": numeric argument required");
    throw ExitControl{status ? *status & 0xff : 2};
}

int returnCommand(Evaluator& evaluator, Invocation& invocation)
{
    int status = evaluator.state.lastStatus;
    if (!invocation.arguments.empty()) {
        const auto value = smallNumber(invocation.arguments[0]);
        if (!value)
            return failBuiltin(evaluator, invocation, invocation.arguments[0] + ": numeric argument required", 2);
        status = *value & 0xff;
    }
    throw ReturnControl{status};
}

int loopControl(Evaluator& evaluator, Invocation& invocation)
{
    LoopControl control;
    control.isBreak = invocation.name == "break";
    if (!invocation.arguments.empty()) {
        const auto levels = smallNumber(invocation.arguments[0]);
        if (!levels || *levels < 1)
            return failBuiltin(evaluator, invocation, invocation.arguments[0] + ": loop count out of range");
        control.levels = *levels;
    }
    throw control;
}

int eval(Evaluator& evaluator, Invocation& invocation)
{
    std::string text;
    for (const std::string& word : invocation.arguments)
        text += (text.empty() ? "" : " ") + word;
    return evaluator.source(text, evaluator.streams());
}

int source(Evaluator& evaluator, Invocation& invocation)
{
    if (invocation.arguments.empty())
        return failBuiltin(evaluator, invocation,
                    "filename argument required\n" + invocation.name + ": usage: " + invocation.name
                        + " filename [arguments]",
                    2);
    const std::string& path = invocation.arguments[0];
    const ReadFile file = evaluator.runtime().system.readFile(evaluator.state.place,
                                                              evaluator.absolutePath(path));
    if (file.error != Errno::None) {
        evaluator.error(evaluator.streams(), path + ": " + std::string(describe(file.error)));
        return 1;
    }
    try {
        return evaluator.source(file.text, evaluator.streams());
    } catch (const ReturnControl& control) {
        return control.status;
    }
}

int bash(Evaluator& evaluator, Invocation& invocation)
{
    std::size_t i = 0;
    bool command = false;
    ShellState state = evaluator.state;
    state.functions.clear();
    state.aliases.clear();
    state.stopAtError = state.trace = state.unsetIsError = state.pipeFail = false;
    for (; i < invocation.arguments.size() && invocation.arguments[i].size() > 1
         && invocation.arguments[i][0] == '-';
         ++i) {
        const std::string& word = invocation.arguments[i];
        command |= word.find('c') != std::string::npos;
        state.stopAtError |= word.find('e') != std::string::npos;
        state.trace |= word.find('x') != std::string::npos;
    }
    std::erase_if(state.variables, [](const auto& v) { return !v.second.exported; });
    std::string text;
    if (i < invocation.arguments.size()) {
        text = invocation.arguments[i];
        state.positional.assign(invocation.arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                invocation.arguments.end());
        if (command) {
            state.name = "bash";
            if (!state.positional.empty())
                state.positional.erase(state.positional.begin());
        } else {
            state.name = text;
            const ReadFile file = evaluator.runtime().system.readFile(evaluator.state.place,
                                                                      evaluator.absolutePath(text));
            if (file.error != Errno::None) {
                invocation.err().write("bash: " + text + ": " + std::string(describe(file.error)) + "\n");
                return 127;
            }
            text = file.text;
        }
    } else if (invocation.in().isTerminal()) {
        return invocation.openShellAt(invocation.place());
    } else {
        text = invocation.in().readAll();
    }
    Evaluator shell(evaluator.runtime(), std::move(state), evaluator.depth());
    bool exited = false;
    return shell.runText(text, evaluator.streams(), exited);
}

int type(Evaluator& evaluator, Invocation& invocation)
{
    int status = 0;
    bool brief = false;
    for (const std::string& word : invocation.arguments) {
        if (word == "-t") {
            brief = true;
            continue;
        }
        if (const auto it = evaluator.state.aliases.find(word); it != evaluator.state.aliases.end())
            invocation.print(brief ? "alias\n" : word + " is aliased to `" + it->second + "'\n");
        else if (evaluator.state.functions.count(word))
            invocation.print(brief ? "function\n" : word + " is a function\n");
        else if (builtins().count(word))
            invocation.print(brief ? "builtin\n" : word + " is a shell builtin\n");
        else if (evaluator.knows(word))
            invocation.print(brief ? "file\n" : word + " is /usr/bin/" + word + "\n");
        else {
            if (!brief)
                failBuiltin(evaluator, invocation, word + ": not found");
            status = 1;
        }
    }
    return status;
}

int which(Evaluator& evaluator, Invocation& invocation)
{
    int status = 0;
    for (const std::string& word : invocation.arguments) {
        if (word == "-a")
            continue;
        static const std::vector<std::string> kAlsoFiles = {"echo",    "printf", "test", "[",        "true",
                                                            "false",   "sleep",  "pwd",  "bash",     "sh",
                                                            "timeout", "which",  "env",  "printenv", "kill"};
        const bool file = builtins().count(word)
            ? std::find(kAlsoFiles.begin(), kAlsoFiles.end(), word) != kAlsoFiles.end()
            : evaluator.knows(word) && !evaluator.state.functions.count(word);
        if (file)
            invocation.print("/usr/bin/" + word + "\n");
        else
            status = 1;
    }
    return status;
}

int command(Evaluator& evaluator, Invocation& invocation)
{
    std::vector<std::string> words = invocation.arguments;
    if (words.empty())
        return 0;
    if (words[0] != "-v" && words[0] != "-V")
        return evaluator.runCommand(words, evaluator.streams(), false);
    if (words.size() < 2)
        return 1;
    const std::string& name = words[1];
    if (words[0] == "-V") {
        invocation.arguments = {name};
        return type(evaluator, invocation);
    }
    if (const auto it = evaluator.state.aliases.find(name); it != evaluator.state.aliases.end())
        invocation.print("alias " + name + "='" + it->second + "'\n");
    else if (evaluator.state.functions.count(name) || builtins().count(name))
        invocation.print(name + "\n");
    else if (evaluator.knows(name))
        invocation.print("/usr/bin/" + name + "\n");
    else
        return 1;
    return 0;
}

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
    std::erase_if(*evaluator.jobs, [](const BackgroundJob& j) { return j.announced; });
    return 0;
}

int wait(Evaluator& evaluator, Invocation&)
{
    // Polled: a job's end wakes nobody, and a tenth of a second of virtual time harms nobody.
    const auto running = [&] {
        return std::any_of(evaluator.jobs->begin(), evaluator.jobs->end(),
                           [](const BackgroundJob& j) { return !j.status->has_value(); });
    };
    while (running())
        evaluator.runtime().fibers.sleepFor(std::chrono::milliseconds(100));
    int status = 0;
    for (const BackgroundJob& job : *evaluator.jobs)
        status = **job.status;
    evaluator.jobs->clear();
    return status;
}

int history(Evaluator& evaluator, Invocation& invocation)
{
    std::vector<std::string>* lines = evaluator.runtime().history;
    if (!lines)
        return 0;
    std::size_t count = lines->size();
    if (!invocation.arguments.empty()) {
        if (invocation.arguments[0] == "-c") {
            lines->clear();
            return 0;
        }
        const auto number = smallNumber(invocation.arguments[0]);
        if (!number)
            return failBuiltin(evaluator, invocation, invocation.arguments[0] + ": numeric argument required");
        count = std::min(count, static_cast<std::size_t>(std::max(*number, 0)));
    }
    for (std::size_t i = lines->size() - count; i < lines->size(); ++i)
        invocation.print(fmt::format("{:5}  {}\n", i + 1, (*lines)[i]));
    return 0;
}

int timeout(Evaluator& evaluator, Invocation& invocation)
{
    std::size_t i = 0;
    while (i < invocation.arguments.size() && invocation.arguments[i].size() > 1
           && invocation.arguments[i][0] == '-') {
        const std::string& word = invocation.arguments[i];
        i += word == "-s" || word == "-k" ? 2 : 1;
    }
    if (i + 1 >= invocation.arguments.size()) {
        invocation.err().write("Try 'timeout --help' for more information.\n");
        return 125;
    }
    const auto seconds = parseSeconds(invocation.arguments[i]);
    if (!seconds) {
        invocation.err().write("timeout: invalid time interval '" + invocation.arguments[i]
                               + "'\nTry 'timeout --help' for more information.\n");
        return 125;
    }
    Fibers& fibers = evaluator.runtime().fibers;
    const std::vector<std::string> words(invocation.arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                         invocation.arguments.end());
    const DeadlineScope scope(fibers, invocation.now() + sim::fromSeconds(std::min(*seconds, 1e9)));
    try {
        return evaluator.runCommand(words, evaluator.streams(), false);
    } catch (const DeadlineReached& reached) {
        if (reached.depth != scope.depth)
            throw;
        return reached.exitStatus;
    }
}

int env(Evaluator& evaluator, Invocation& invocation)
{
    ShellState& state = evaluator.state;
    const auto saved = state.variables;
    struct Restore {
        ShellState& state;
        const decltype(saved)& variables;
        ~Restore() { state.variables = variables; }
    } restore{state, saved};
    std::size_t i = 0;
    for (; i < invocation.arguments.size(); ++i) {
        const std::string& word = invocation.arguments[i];
        const std::size_t equals = word.find('=');
        if (word == "-i" || word == "-")
            state.variables.clear();
        else if (word == "-u" && i + 1 < invocation.arguments.size())
            state.variables.erase(invocation.arguments[++i]);
        else if (equals != std::string::npos && equals > 0)
            state.variables[word.substr(0, equals)] = {word.substr(equals + 1), true, false};
        else
            break;
    }
    if (i < invocation.arguments.size()) {
        const std::vector<std::string> words(invocation.arguments.begin() + static_cast<std::ptrdiff_t>(i),
                                             invocation.arguments.end());
        if (!evaluator.knows(words[0]) && words[0].find('/') == std::string::npos)
            return invocation.fail(127, "'" + words[0] + "': No such file or directory");
        return evaluator.runCommand(words, evaluator.streams(), false);
    }
    for (const auto& [name, variable] : state.variables)
        if (variable.exported)
            invocation.print(name + "=" + variable.value + "\n");
    return 0;
}

int printenv(Evaluator& evaluator, Invocation& invocation)
{
    if (invocation.arguments.empty())
        return env(evaluator, invocation);
    int status = 0;
    for (const std::string& name : invocation.arguments) {
        const auto it = evaluator.state.variables.find(name);
        if (it != evaluator.state.variables.end() && it->second.exported)
            invocation.print(it->second.value + "\n");
        else
            status = 1;
    }
    return status;
}

int kill(Evaluator& evaluator, const std::string& word)
{
    for (const BackgroundJob& job : *evaluator.jobs) {
        if (word == fmt::format("%{}", job.number) || word == std::to_string(job.processId)) {
            evaluator.runtime().fibers.interruptJob(job.job, 143);
            return 0;
        }
    }
    return -1;
}

int killJob(Evaluator& evaluator, Invocation& invocation)
{
    // The shell's own jobs; any other process belongs to the machine, whose kill(1) is a command.
    if (invocation.arguments.size() == 1 || invocation.arguments.size() == 2)
        if (const int status = kill(evaluator, invocation.arguments.back()); status >= 0)
            return status;
    if (evaluator.runtime().commands.find("kill")) {
        std::vector<std::string> words{"kill"};
        words.insert(words.end(), invocation.arguments.begin(), invocation.arguments.end());
        return evaluator.runInstalled(words, evaluator.streams());
    }
    if (invocation.arguments.empty())
        return failBuiltin(evaluator, invocation,
                    "usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]",
                    2);
    return failBuiltin(evaluator, invocation, "(" + invocation.arguments.back() + ") - No such process");
}

} // namespace

void addControlBuiltins(std::map<std::string_view, Builtin>& table)
{
    table["exit"] = {"exit the shell", exitCommand};
    table["logout"] = {"exit the shell", exitCommand};
    table["return"] = {"return from a shell function", returnCommand};
    table["break"] = {"exit for, while, or until loops", loopControl};
    table["continue"] = {"resume for, while, or until loops", loopControl};
    table["eval"] = {"execute arguments as a shell command", eval};
    table["source"] = {"execute commands from a file in the current shell", source};
    table["."] = {"execute commands from a file in the current shell", source};
    table["bash"] = {"GNU Bourne-Again SHell", bash};
    table["sh"] = {"command interpreter (shell)", bash};
    table["type"] = {"display information about command type", type};
    table["which"] = {"locate a command", which};
    table["command"] = {"execute a simple command or display information about commands", command};
    table["jobs"] = {"display status of jobs", jobs};
    table["wait"] = {"wait for job completion", wait};
    table["history"] = {"display the history list", history};
    table["timeout"] = {"run a command with a time limit", timeout};
    table["env"] = {"run a program in a modified environment", env};
    table["printenv"] = {"print all or part of environment", printenv};
    table["kill"] = {"send a signal to a job", killJob};
}

const std::map<std::string_view, Builtin>& builtins()
{
    static const std::map<std::string_view, Builtin> table = [] {
        std::map<std::string_view, Builtin> result;
        addStateBuiltins(result);
        addControlBuiltins(result);
        addPrintBuiltins(result);
        return result;
    }();
    return table;
}

} // namespace core::shell
