#include "core/shell/language/builtins.h"
#include "core/shell/language/lexer.h"
#include "core/shell/quoting.h"

#include <algorithm>

namespace core::shell {

namespace {

std::string escapedInDoubleQuotes(const std::string& value)
{
    std::string result = "\"";
    for (const char c : value) {
        if (c == '"' || c == '$' || c == '`' || c == '\\')
            result += '\\';
        result += c;
    }
    return result + "\"";
}

int changeDirectory(Evaluator& evaluator, Invocation& invocation)
{
    std::vector<std::string> words = invocation.arguments;
    while (!words.empty() && (words[0] == "-L" || words[0] == "-P" || words[0] == "--"))
        words.erase(words.begin());
    if (words.size() > 1)
        return failBuiltin(evaluator, invocation, "too many arguments");
    std::string target = words.empty() ? evaluator.state.variable("HOME") : words[0];
    if (words.empty() && target.empty())
        return failBuiltin(evaluator, invocation, "HOME not set");
    const bool back = target == "-";
    if (back) {
        target = evaluator.state.variable("OLDPWD");
        if (target.empty())
            return failBuiltin(evaluator, invocation, "OLDPWD not set");
    }
    const std::string path = evaluator.absolutePath(target);
    const auto stat = evaluator.runtime().system.stat(evaluator.state.place, path);
    if (!stat)
        return failBuiltin(evaluator, invocation, target + ": No such file or directory");
    if (stat->type != FileStat::Type::Directory)
        return failBuiltin(evaluator, invocation, target + ": Not a directory");
    const bool other = stat->owner != evaluator.state.place.user && evaluator.state.place.user != "root";
    if (other && (stat->mode & 1) == 0)
        return failBuiltin(evaluator, invocation, target + ": Permission denied");
    evaluator.assign("OLDPWD", evaluator.state.workingDirectory);
    evaluator.state.workingDirectory = path;
    evaluator.assign("PWD", path);
    if (back)
        invocation.print(path + "\n");
    return 0;
}

/// export, readonly, declare and local share their words: NAME or NAME=VALUE.
int declare(Evaluator& evaluator, Invocation& invocation)
{
    const bool isLocal = invocation.name == "local";
    if (isLocal && evaluator.locals.empty())
        return failBuiltin(evaluator, invocation, "can only be used in a function");
    bool exported = invocation.name == "export";
    bool readOnly = invocation.name == "readonly";
    bool remove = false;
    std::vector<std::string> words;
    for (const std::string& word : invocation.arguments) {
        if (word.size() > 1 && word[0] == '-' && words.empty()) {
            exported |= word.find('x') != std::string::npos;
            readOnly |= word.find('r') != std::string::npos;
            remove |= invocation.name == "export" && word.find('n') != std::string::npos;
        } else {
            words.push_back(word);
        }
    }
    if (words.empty()) {
        const char* prefix = readOnly ? "declare -r " : exported ? "declare -x " : "declare -- ";
        for (const auto& [name, variable] : evaluator.state.variables)
            if ((!exported || variable.exported) && (!readOnly || variable.readOnly))
                invocation.print(prefix + name + "=" + escapedInDoubleQuotes(variable.value) + "\n");
        return 0;
    }
    int status = 0;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (!isName(name)) {
            status = failBuiltin(evaluator, invocation, "`" + word + "': not a valid identifier");
            continue;
        }
        if (isLocal || (invocation.name == "declare" && !evaluator.locals.empty())) {
            const auto it = evaluator.state.variables.find(name);
            evaluator.locals.back().try_emplace(
                name, it == evaluator.state.variables.end() ? std::nullopt : std::optional(it->second));
            if (equals == std::string::npos)
                evaluator.state.variables[name] = {};
        }
        if (equals != std::string::npos)
            evaluator.assign(name, word.substr(equals + 1));
        else if (readOnly || exported)
            evaluator.state.variables.try_emplace(name);
        const auto it = evaluator.state.variables.find(name);
        if (it != evaluator.state.variables.end()) {
            it->second.exported = (it->second.exported || exported) && !remove;
            it->second.readOnly = it->second.readOnly || readOnly;
        }
    }
    return status;
}

int unset(Evaluator& evaluator, Invocation& invocation)
{
    bool functions = false;
    for (const std::string& word : invocation.arguments) {
        if (word == "-f") {
            functions = true;
        } else if (word == "-v") {
            functions = false;
        } else if (functions) {
            evaluator.state.functions.erase(word);
        } else {
            const auto it = evaluator.state.variables.find(word);
            if (it == evaluator.state.variables.end())
                evaluator.state.functions.erase(word);
            else if (it->second.readOnly)
                return failBuiltin(evaluator, invocation, word + ": cannot unset: readonly variable");
            else
                evaluator.state.variables.erase(it);
        }
    }
    return 0;
}

int alias(Evaluator& evaluator, Invocation& invocation)
{
    const auto print = [&](const auto& entry) {
        invocation.print("alias " + entry.first + "=" + singleQuoted(entry.second) + "\n");
    };
    int status = 0;
    if (invocation.arguments.empty())
        std::for_each(evaluator.state.aliases.begin(), evaluator.state.aliases.end(), print);
    for (const std::string& word : invocation.arguments) {
        const std::size_t equals = word.find('=');
        if (equals != std::string::npos && equals > 0)
            evaluator.state.aliases[word.substr(0, equals)] = word.substr(equals + 1);
        else if (const auto it = evaluator.state.aliases.find(word); it != evaluator.state.aliases.end())
            print(*it);
        else
            status = failBuiltin(evaluator, invocation, word + ": not found");
    }
    return status;
}

int unalias(Evaluator& evaluator, Invocation& invocation)
{
    int status = 0;
    for (const std::string& word : invocation.arguments) {
        if (word == "-a")
            evaluator.state.aliases.clear();
        else if (evaluator.state.aliases.erase(word) == 0)
            status = failBuiltin(evaluator, invocation, word + ": not found");
    }
    return status;
}

int setCommand(Evaluator& evaluator, Invocation& invocation)
{
    ShellState& state = evaluator.state;
    if (invocation.arguments.empty()) {
        for (const auto& [name, variable] : state.variables) {
            const bool plain = variable.value.find_first_of(" \t\n'\"$`\\*?[]{}()<>|&;!#~")
                == std::string::npos;
            invocation.print(name + "=" + (plain ? variable.value : singleQuoted(variable.value))
                             + "\n");
        }
        return 0;
    }
    for (std::size_t i = 0; i < invocation.arguments.size(); ++i) {
        const std::string& word = invocation.arguments[i];
        const bool option = word.size() > 1 && (word[0] == '-' || word[0] == '+') && word != "--";
        if (!option) {
            state.positional.assign(invocation.arguments.begin() + static_cast<std::ptrdiff_t>(i)
                                        + (word == "--" ? 1 : 0),
                                    invocation.arguments.end());
            return 0;
        }
        const bool on = word[0] == '-';
        for (const char c : word.substr(1)) {
            std::string name;
            switch (c) {
            case 'e': state.stopAtError = on; break;
            case 'u': state.unsetIsError = on; break;
            case 'x': state.trace = on; break;
            case 'f': state.noGlob = on; break;
            case 'o':
                if (i + 1 >= invocation.arguments.size())
                    return 0;
                name = invocation.arguments[++i];
                if (name == "pipefail")
                    state.pipeFail = on;
                else if (name == "errexit")
                    state.stopAtError = on;
                else if (name == "nounset")
                    state.unsetIsError = on;
                else if (name == "xtrace")
                    state.trace = on;
                else if (name == "noglob")
                    state.noGlob = on;
                else
                    return failBuiltin(evaluator, invocation, name + ": invalid option name", 2);
                break;
            case 'h':
            case 'm':
            case 'B':
            case 'H': break;
            default:
                return failBuiltin(
                    evaluator, invocation,
                    std::string(1, word[0]) + c
                        + ": invalid option\n"
                          "set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]",
                    2);
            }
        }
    }
    return 0;
}

int shift(Evaluator& evaluator, Invocation& invocation)
{
    std::size_t count = 1;
    if (!invocation.arguments.empty()) {
        const std::string& word = invocation.arguments[0];
        constexpr std::size_t kMaxDigits = 6;
        if (word.empty() || word.size() > kMaxDigits
            || word.find_first_not_of("0123456789") != std::string::npos)
            return failBuiltin(evaluator, invocation, word + ": numeric argument required");
        count = std::stoul(word);
    }
    auto& positional = evaluator.state.positional;
    if (count > positional.size())
        return 1;
    positional.erase(positional.begin(), positional.begin() + static_cast<std::ptrdiff_t>(count));
    return 0;
}

int read(Evaluator& evaluator, Invocation& invocation)
{
    bool raw = false;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < invocation.arguments.size(); ++i) {
        const std::string& word = invocation.arguments[i];
        if (word.size() > 1 && word[0] == '-' && names.empty()) {
            raw |= word.find('r') != std::string::npos;
            if (word.back() == 'p' && i + 1 < invocation.arguments.size()) {
                ++i;
                if (invocation.in().isTerminal())
                    invocation.err().write(invocation.arguments[i]);
            } else if ((word.back() == 't' || word.back() == 'd' || word.back() == 'n')
                       && i + 1 < invocation.arguments.size()) {
                ++i;
            }
        } else {
            names.push_back(word);
        }
    }
    if (names.empty())
        names.emplace_back("REPLY");
    for (const std::string& name : names)
        if (!isName(name))
            return failBuiltin(evaluator, invocation, "`" + name + "': not a valid identifier");
    std::optional<std::string> line = invocation.in().readLine();
    const bool ended = !line;
    std::string text = line.value_or("");
    if (!raw) {
        std::string unescaped;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\\') {
                if (++i == text.size()) {
                    text += invocation.in().readLine().value_or("");
                    --i;
                    text.erase(i, 1);
                    --i;
                    continue;
                }
            }
            unescaped += text[i];
        }
        text = unescaped;
    }
    const auto ifs = evaluator.state.variables.find("IFS");
    const std::string separators = ifs == evaluator.state.variables.end() ? " \t\n" : ifs->second.value;
    const auto isSeparator = [&](char c) {
        return separators.find(c) != std::string::npos;
    };
    const auto isBlank = [&](char c) {
        return isSeparator(c) && (c == ' ' || c == '\t' || c == '\n');
    };
    std::size_t i = 0;
    while (i < text.size() && isBlank(text[i]))
        ++i;
    std::size_t size = text.size();
    while (size > i && isBlank(text[size - 1]))
        --size;
    for (std::size_t n = 0; n < names.size(); ++n) {
        if (n + 1 == names.size()) {
            evaluator.assign(names[n], text.substr(std::min(i, size), size - std::min(i, size)));
            break;
        }
        const std::size_t start = i;
        while (i < size && !isSeparator(text[i]))
            ++i;
        evaluator.assign(names[n], text.substr(start, i - start));
        while (i < size && isBlank(text[i]))
            ++i;
        if (i < size && isSeparator(text[i]) && !isBlank(text[i]))
            ++i;
        while (i < size && isBlank(text[i]))
            ++i;
    }
    return ended ? 1 : 0;
}

} // namespace

void addStateBuiltins(std::map<std::string_view, Builtin>& table)
{
    table["cd"] = {"change the shell working directory", changeDirectory};
    table["export"] = {"set export attribute for shell variables", declare};
    table["readonly"] = {"mark shell variables as unchangeable", declare};
    table["declare"] = {"set variable values and attributes", declare};
    table["local"] = {"define local variables", declare};
    table["unset"] = {"unset values and attributes of variables and functions", unset};
    table["alias"] = {"define or display aliases", alias};
    table["unalias"] = {"remove alias definitions", unalias};
    table["set"] = {"set or unset shell options and positional parameters", setCommand};
    table["shift"] = {"shift positional parameters", shift};
    table["read"] = {"read a line from the standard input and split it into fields", read};
}

} // namespace core::shell
