#include "core/shell/language/builtins.h"
#include "core/shell/language/printer.h"
#include "core/shell/language/shell_options.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

int failBuiltin(Evaluator& evaluator, const Invocation& invocation, const std::string& text, int status)
{
    evaluator.error(evaluator.streams(), invocation.name + ": " + text);
    return status;
}

std::optional<int> smallNumber(const std::string& text)
{
    constexpr std::size_t kMaxDigits = 8;
    const std::size_t sign = !text.empty() && text[0] == '-' ? 1 : 0;
    if (text.size() == sign || text.size() > kMaxDigits
        || text.find_first_not_of("0123456789", sign) != std::string::npos)
        return {};
    return std::stoi(text);
}

namespace {

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
    if (evaluator.loopDepth() == 0)
        return 0; // nothing to leave
    LoopControl control;
    control.isBreak = invocation.name == "break";
    if (!invocation.arguments.empty()) {
        const auto levels = smallNumber(invocation.arguments[0]);
        if (!levels || *levels < 1)
            return failBuiltin(evaluator, invocation, invocation.arguments[0] + ": loop count out of range");
        control.levels = std::min(*levels, evaluator.loopDepth());
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

bool optionLetters(ShellState& state, const std::string& letters)
{
    for (const char letter : letters) {
        const ShellOption* option = shellOption(letter);
        if (!option)
            return false;
        state.*option->flag = true;
    }
    return true;
}

int bash(Evaluator& evaluator, Invocation& invocation)
{
    const std::vector<std::string>& words = invocation.arguments;
    ShellState state = evaluator.childState();
    bool isCommand = false;
    bool fromInput = false;
    std::size_t i = 0;
    for (; i < words.size() && words[i].size() > 1 && words[i][0] == '-' && words[i] != "--"; ++i) {
        std::string letters = words[i].substr(1);
        isCommand |= letters.find('c') != std::string::npos;
        fromInput |= letters.find('s') != std::string::npos;
        // -l and -i ask for a login or an interactive shell, which makes no difference to a script.
        std::erase_if(letters, [](char c) { return std::string_view("csil").find(c) != std::string_view::npos; });
        if (letters == "o" && i + 1 < words.size()) {
            const ShellOption* option = shellOption(std::string_view(words[++i]));
            if (!option)
                return invocation.fail(2, words[i] + ": invalid option name");
            state.*option->flag = true;
        } else if (words[i].compare(0, 2, "--") != 0 && !optionLetters(state, letters)) {
            return invocation.fail(2, words[i] + ": invalid option");
        }
    }
    if (i < words.size() && words[i] == "--")
        ++i;
    std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
    std::string text;
    if (isCommand && rest.empty())
        return invocation.fail(2, "-c: option requires an argument");
    if (!rest.empty() && !fromInput) {
        text = rest[0];
        rest.erase(rest.begin());
        if (isCommand) {
            state.name = invocation.name;
            if (!rest.empty()) {
                state.name = rest[0];
                rest.erase(rest.begin());
            }
        } else {
            state.name = text;
            evaluator.streams().flush();
            const ReadFile file = evaluator.runtime().system.readFile(evaluator.state.place,
                                                                      evaluator.absolutePath(text));
            if (file.error != Errno::None) {
                invocation.err().write(invocation.name + ": " + text + ": " + std::string(describe(file.error)) + "\n");
                return file.error == Errno::NoEntry ? 127 : 126;
            }
            text = file.text;
        }
    } else if (invocation.in().isTerminal()) {
        return invocation.openShellAt(invocation.place());
    } else {
        state.name = invocation.name;
        text = invocation.in().readAll();
    }
    state.positional = std::move(rest);
    Evaluator shell(evaluator.runtime(), std::move(state), evaluator.depth());
    Descriptors own = evaluator.streams();
    return shell.runScript(text, own);
}

/// Behind `command`; a plain exec never gets here, because it changes the shell's own descriptors.
int exec(Evaluator& evaluator, Invocation& invocation)
{
    if (invocation.arguments.empty())
        return 0;
    throw ExitControl{evaluator.runCommand(invocation.arguments, evaluator.streams(), false), true};
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
        else if (isReservedWord(word))
            invocation.print(brief ? "keyword\n" : word + " is a shell keyword\n");
        else if (const auto function = evaluator.state.functions.find(word);
                 function != evaluator.state.functions.end())
            invocation.print(brief ? "function\n"
                                   : word + " is a function\n" + printFunction(word, *function->second));
        else if (builtins().count(word))
            invocation.print(brief ? "builtin\n" : word + " is a shell builtin\n");
        else if (evaluator.knows(word))
            invocation.print(brief ? "file\n" : word + " is " + evaluator.onPath(word) + "\n");
        else {
            if (!brief)
                failBuiltin(evaluator, invocation, word + ": not found");
            status = 1;
        }
    }
    return status;
}

int command(Evaluator& evaluator, Invocation& invocation)
{
    std::vector<std::string> words = invocation.arguments;
    // -p asks for the standard PATH, on which all commands are anyway.
    while (!words.empty() && (words[0] == "-p" || words[0] == "--"))
        words.erase(words.begin());
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
    else if (isReservedWord(name) || evaluator.state.functions.count(name) || builtins().count(name))
        invocation.print(name + "\n");
    else if (name.find('/') != std::string::npos) {
        const auto stat = evaluator.runtime().system.stat(evaluator.state.place, evaluator.absolutePath(name));
        if (!stat)
            return 1;
        invocation.print(name + "\n");
    } else if (evaluator.knows(name))
        invocation.print(evaluator.onPath(name) + "\n");
    else
        return 1;
    return 0;
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

} // namespace

void addControlBuiltins(std::map<std::string_view, Builtin>& table)
{
    table["exit"] = {"exit the shell", exitCommand, "exit [STATUS]"};
    table["logout"] = {"exit the shell", exitCommand, "logout [STATUS]"};
    table["return"] = {"return from a shell function", returnCommand, "return [STATUS]"};
    table["break"] = {"exit for, while, or until loops", loopControl, "break [LEVELS]"};
    table["continue"] = {"resume for, while, or until loops", loopControl, "continue [LEVELS]"};
    table["eval"] = {"execute arguments as a shell command", eval, "eval [ARGUMENT]..."};
    table["source"] = {"execute commands from a file in the current shell", source, "source FILE"};
    table["."] = {"execute commands from a file in the current shell", source, ". FILE"};
    table["bash"] = {"GNU Bourne-Again SHell", bash, "bash [OPTION]... [-c COMMANDS | FILE] [ARGUMENT]..."};
    table["sh"] = {"command interpreter (shell)", bash, "sh [OPTION]... [-c COMMANDS | FILE] [ARGUMENT]..."};
    table["exec"] = {"replace the shell with the given command", exec, "exec [COMMAND [ARGUMENT]...]"};
    table["type"] = {"display information about command type", type, "type [-t] NAME..."};
    table["command"] = {"execute a simple command or display information about commands", command,
                        "command [-pvV] COMMAND [ARGUMENT]..."};
    table["history"] = {"display the history list", history, "history [-c] [N]"};
}

CommandSpec specOf(std::string_view name, const Builtin& builtin)
{
    CommandSpec spec;
    spec.name = name;
    spec.summary = builtin.summary;
    spec.usage = builtin.usage;
    spec.options = builtin.options;
    return spec;
}

const std::map<std::string_view, Builtin>& builtins()
{
    static const std::map<std::string_view, Builtin> table = [] {
        std::map<std::string_view, Builtin> result;
        addStateBuiltins(result);
        addControlBuiltins(result);
        addEnvironmentBuiltins(result);
        addJobBuiltins(result);
        addManual(result);
        addOptionBuiltins(result);
        addPrintBuiltins(result);
        return result;
    }();
    return table;
}

} // namespace core::shell
