#include "core/shell/language/builtins.h"
#include "core/shell/language/signals.h"

#include <algorithm>
#include <array>

namespace core::shell {

bool isAlsoFile(std::string_view builtin)
{
    static constexpr std::array<std::string_view, 16> kFiles = {"echo",    "printf", "test", "[",        "true", "false",
                                                                "sleep",   "pwd",    "bash", "sh",       "kill", "man",
                                                                "timeout", "which",  "env",  "printenv"};
    return std::find(kFiles.begin(), kFiles.end(), builtin) != kFiles.end();
}

namespace {

int which(Evaluator& evaluator, Invocation& invocation)
{
    int status = 0;
    for (const std::string& word : invocation.arguments) {
        if (word == "-a")
            continue;
        const bool file = builtins().count(word)
            ? isAlsoFile(word)
            : evaluator.knows(word) && !evaluator.state.functions.count(word);
        if (file)
            invocation.print("/usr/bin/" + word + "\n");
        else
            status = 1;
    }
    return status;
}

/// The status and the words of a command that cannot be run.
int cannotRun(Invocation& invocation, const std::string& text)
{
    constexpr int kNotFound = 127;
    return invocation.fail(kNotFound, text + ": No such file or directory");
}

bool isThere(Evaluator& evaluator, const std::string& name)
{
    if (name.find('/') == std::string::npos)
        return evaluator.knows(name) && !evaluator.state.functions.count(name);
    return evaluator.runtime().system.stat(evaluator.state.place, evaluator.absolutePath(name)).has_value()
        || evaluator.knows(name.substr(name.rfind('/') + 1));
}

int wrongUsage(Invocation& invocation, const std::string& text)
{
    constexpr int kUsage = 125;
    invocation.err().write(text + "Try '" + invocation.name + " --help' for more information.\n");
    return kUsage;
}

int timeout(Evaluator& evaluator, Invocation& invocation)
{
    constexpr int kSignalled = 128;
    const std::vector<std::string>& arguments = invocation.arguments;
    std::optional<int> signal = 15;
    bool preserve = false;
    std::size_t i = 0;
    for (; i < arguments.size() && arguments[i].size() > 1 && arguments[i][0] == '-'; ++i) {
        const std::string& word = arguments[i];
        const bool takesNext = word == "-s" || word == "-k" || word == "--signal" || word == "--kill-after";
        std::string value = word.compare(0, 2, "--") == 0 ? word.substr(std::min(word.find('=') + 1, word.size()))
                                                          : word.substr(2);
        if (takesNext && i + 1 < arguments.size())
            value = arguments[++i];
        if (word.compare(0, 2, "-s") == 0 || word.compare(0, 8, "--signal") == 0)
            signal = signalNumber(value);
        if (!signal)
            return wrongUsage(invocation, "timeout: '" + value + "': invalid signal\n");
        preserve |= word == "--preserve-status";
    }
    if (i + 1 >= arguments.size())
        return wrongUsage(invocation, {});
    const auto seconds = parseSeconds(arguments[i]);
    if (!seconds)
        return wrongUsage(invocation, "timeout: invalid time interval '" + arguments[i] + "'\n");
    const std::vector<std::string> words(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
    if (!isThere(evaluator, words[0]))
        return cannotRun(invocation, "failed to run command '" + words[0] + "'");
    if (*seconds == 0) // no limit
        return evaluator.runCommand(words, evaluator.streams(), false);
    constexpr double kLongest = 1e9;
    const DeadlineScope scope(evaluator.runtime().fibers,
                              invocation.now() + sim::fromSeconds(std::min(*seconds, kLongest)));
    try {
        return evaluator.runCommand(words, evaluator.streams(), false);
    } catch (const DeadlineReached& reached) {
        if (reached.depth != scope.depth)
            throw;
        constexpr int kKill = 9;
        return preserve || signal == kKill ? kSignalled + *signal : reached.exitStatus;
    }
}

int env(Evaluator& evaluator, Invocation& invocation)
{
    ShellState& state = evaluator.state;
    const auto saved = state.variables;
    const std::string outside = state.workingDirectory;
    struct Restore {
        ShellState& state;
        const decltype(saved)& variables;
        const std::string& directory;
        ~Restore()
        {
            state.variables = variables;
            state.workingDirectory = directory;
        }
    } restore{state, saved, outside};
    std::string& directory = state.workingDirectory;
    std::size_t i = 0;
    char end = '\n';
    for (; i < invocation.arguments.size(); ++i) {
        const std::string& word = invocation.arguments[i];
        const std::size_t equals = word.find('=');
        if (word == "-i" || word == "-" || word == "--ignore-environment")
            state.variables.clear();
        else if (word == "-0" || word == "--null")
            end = '\0';
        else if (word.compare(0, 8, "--unset=") == 0)
            state.variables.erase(word.substr(8));
        else if (word == "-C" && i + 1 < invocation.arguments.size())
            directory = evaluator.absolutePath(invocation.arguments[++i]);
        else if (word == "--")
            continue;
        else if (word.size() > 1 && word[0] == '-' && word != "-u")
            return wrongUsage(invocation, "env: invalid option -- '" + word.substr(1, 1) + "'\n");
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
        // Without a PATH the standard directories are searched.
        state.variables.try_emplace("PATH", Variable{"/usr/local/bin:/usr/bin:/bin", false, false});
        if (!isThere(evaluator, words[0]))
            return cannotRun(invocation, "'" + words[0] + "'");
        return evaluator.runCommand(words, evaluator.streams(), false);
    }
    for (const auto& [name, variable] : state.variables)
        if (variable.exported)
            invocation.print(name + "=" + variable.value + end);
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

} // namespace

void addEnvironmentBuiltins(std::map<std::string_view, Builtin>& table)
{
    table["which"] = {"locate a command", which, "which [-a] NAME...",
                      {{'a', "", "", "print all matching pathnames of each argument"}}};
    table["timeout"] = {"run a command with a time limit",
                        timeout,
                        "timeout [OPTION] DURATION COMMAND [ARG]...",
                        {{0, "preserve-status", "", "exit with the command's status, even when it timed out"},
                         {'k', "kill-after", "DURATION", "send KILL as well if the command still runs this long after"},
                         {'s', "signal", "SIGNAL", "the signal to send on timeout, by name or number"}}};
    table["env"] = {"run a program in a modified environment",
                    env,
                    "env [OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]",
                    {{'i', "ignore-environment", "", "start with an empty environment"},
                     {'0', "null", "", "end each output line with NUL, not newline"},
                     {'u', "unset", "NAME", "remove variable from the environment"},
                     {'C', "chdir", "DIR", "change working directory to DIR"}}};
    table["printenv"] = {"print all or part of environment", printenv, "printenv [OPTION]... [VARIABLE]...",
                         {{'0', "null", "", "end each output line with NUL, not newline"}}};
}

} // namespace core::shell
