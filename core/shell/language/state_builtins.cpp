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

/// Looks for a relative directory below those of CDPATH; true when it is there, and `path` then says where.
bool throughCdPath(Evaluator& evaluator, const std::string& target, std::string& path)
{
    const std::string list = evaluator.state.variable("CDPATH");
    if (target.empty() || target[0] == '/' || target[0] == '.' || target[0] == '~')
        return false;
    for (std::size_t start = 0; start < list.size();) {
        const std::size_t end = std::min(list.find(':', start), list.size());
        const std::string candidate = evaluator.absolutePath(list.substr(start, end - start) + "/" + target);
        const auto stat = evaluator.runtime().system.stat(evaluator.state.place, candidate);
        const bool named = end > start; // an empty entry is the current directory, which needs no telling
        start = end + 1;
        if (named && stat && stat->type == FileStat::Type::Directory) {
            path = candidate;
            return true;
        }
    }
    return false;
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
    std::string path = evaluator.absolutePath(target);
    const bool found = !words.empty() && !back && throughCdPath(evaluator, target, path);
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
    if (back || found)
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
        const std::size_t start = i;
        while (i < size && !isSeparator(text[i]))
            ++i;
        if (n + 1 == names.size()) {
            // The last name gets the rest, but not a separator that only ends its one field.
            const bool onlyEnds = i + 1 == size && !isBlank(text[i]);
            evaluator.assign(names[n], text.substr(start, (onlyEnds ? i : size) - start));
            break;
        }
        evaluator.assign(names[n], text.substr(start, i - start));
        while (i < size && isBlank(text[i]))
            ++i;
        if (i < size && isSeparator(text[i]) && !isBlank(text[i]))
            ++i;
        while (i < size && isBlank(text[i]))
            ++i;
    }
    // A last line without a newline is read, but tells of the end.
    return ended || !invocation.in().endedWithNewline() ? 1 : 0;
}

} // namespace

void addStateBuiltins(std::map<std::string_view, Builtin>& table)
{
    table["cd"] = {"change the shell working directory", changeDirectory, "cd [DIRECTORY | -]"};
    table["export"] = {"set export attribute for shell variables", declare, "export [-n] [NAME[=VALUE]]..."};
    table["readonly"] = {"mark shell variables as unchangeable", declare, "readonly [NAME[=VALUE]]..."};
    table["declare"] = {"set variable values and attributes", declare, "declare [-rx] [NAME[=VALUE]]..."};
    table["local"] = {"define local variables", declare, "local [NAME[=VALUE]]..."};
    table["unset"] = {"unset values and attributes of variables and functions", unset, "unset [-fv] NAME..."};
    table["alias"] = {"define or display aliases", alias, "alias [NAME[=VALUE]]..."};
    table["unalias"] = {"remove alias definitions", unalias, "unalias [-a] NAME..."};
    table["hash"] = {"remember or display program locations", [](Evaluator&, Invocation&) {
                         return 0; // nothing is remembered, so nothing can be stale
                     }};
    table["shift"] = {"shift positional parameters", shift, "shift [N]"};
    table["read"] = {"read a line from the standard input and split it into fields", read, "read [-r] [-p PROMPT] [NAME]..."};
}

} // namespace core::shell
