#include "core/shell/language/builtins.h"
#include "core/shell/language/command_invocation.h"
#include "core/shell/language/shell_options.h"
#include "core/shell/options.h"
#include "core/shell/paths.h"
#include "core/shell/quoting.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace core::shell {

namespace {

constexpr std::array<std::string_view, 6> kCommandDirectories = {
    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"};

/// The words behind "#!" on a script's first line.
std::vector<std::string> interpreterOf(const std::string& text)
{
    std::vector<std::string> words;
    std::string word;
    for (std::size_t i = 2; i <= text.size(); ++i) {
        const char c = i < text.size() ? text[i] : '\n';
        if (c != ' ' && c != '\t' && c != '\n')
            word += c;
        else if (!word.empty())
            words.push_back(std::exchange(word, {}));
        if (c == '\n')
            break;
    }
    return words;
}

bool holdsCommands(std::string_view directory)
{
    return std::find(kCommandDirectories.begin(), kCommandDirectories.end(), directory)
        != kCommandDirectories.end();
}

/// To these --help is a word like any other.
bool takesHelp(std::string_view builtin)
{
    constexpr std::array<std::string_view, 6> kNot = {"echo", "test", "[", ":", "true", "false"};
    return std::find(kNot.begin(), kNot.end(), builtin) == kNot.end();
}

} // namespace

int Evaluator::executeSimple(const SimpleCommand& node, Descriptors& descriptors,
                             const std::vector<Redirection>& redirections)
{
    m_captureStatus = 0;
    std::vector<std::string> words = Expander(*this).fields(node.words);
    std::optional<Descriptors> redirected;
    Descriptors* streams = &descriptors;
    if (!redirections.empty()) {
        redirected = redirect(redirections, descriptors);
        if (!redirected)
            return 1;
        streams = &*redirected;
    }
    if (words.empty()) {
        for (const Assignment& assignment : node.assignments) {
            std::string value = Expander(*this).single(assignment.value, true);
            if (assignment.append)
                value = parameter(assignment.name).value_or("") + value;
            if (state.trace)
                writeTrace(assignment.name + "=" + shellQuoted(value), descriptors);
            assign(assignment.name, std::move(value));
        }
        return m_captureStatus;
    }
    if (state.trace) {
        std::string line;
        for (const std::string& word : words)
            line += (line.empty() ? "" : " ") + shellQuoted(word);
        writeTrace(line, descriptors);
    }
    // NAME=value before a command holds for the command alone.
    struct Restore {
        Evaluator& e;
        std::vector<std::pair<std::string, std::optional<Variable>>> saved;
        ~Restore()
        {
            for (auto it = saved.rbegin(); it != saved.rend(); ++it) {
                if (it->second)
                    e.state.variables[it->first] = *it->second;
                else
                    e.state.variables.erase(it->first);
            }
        }
    } restore{*this, {}};
    for (const Assignment& assignment : node.assignments) {
        const std::string value = Expander(*this).single(assignment.value, true);
        const auto it = state.variables.find(assignment.name);
        restore.saved.emplace_back(assignment.name,
                                   it == state.variables.end() ? std::nullopt : std::optional(it->second));
        state.variables[assignment.name] = {value, true, false};
    }
    if (words[0] == "exec" && !state.functions.count("exec"))
        return runExec(words, *streams, descriptors);
    return runCommand(words, *streams, true);
}

int Evaluator::runExec(const std::vector<std::string>& words, Descriptors& redirected, Descriptors& own)
{
    if (words.size() == 1) {
        // Without a command the redirections are the shell's own from now on.
        if (&redirected != &own) {
            own.flush();
            own = redirected;
        }
        return 0;
    }
    const int status = runCommand({words.begin() + 1, words.end()}, redirected, false);
    redirected.flush();
    throw ExitControl{status, true};
}

void Evaluator::writeTrace(const std::string& text, Descriptors& descriptors)
{
    const auto prefix = state.variables.find("PS4");
    descriptors.out[2]->write((prefix == state.variables.end() ? "+ " : prefix->second.value) + text + "\n");
}

int Evaluator::callFunction(const NodePtr& body, const std::vector<std::string>& words,
                            Descriptors& descriptors)
{
    struct Frame {
        Evaluator& e;
        std::vector<std::string> positional;
        ~Frame()
        {
            e.state.positional = std::move(positional);
            for (auto& [name, value] : e.locals.back()) {
                if (value)
                    e.state.variables[name] = *value;
                else
                    e.state.variables.erase(name);
            }
            e.locals.pop_back();
        }
    } frame{*this, state.positional};
    locals.emplace_back();
    state.positional.assign(words.begin() + 1, words.end());
    try {
        return execute(body, descriptors);
    } catch (const ReturnControl& control) {
        return control.status;
    }
}

int Evaluator::runCommand(const std::vector<std::string>& words, Descriptors& descriptors, bool functions)
{
    // What the command runs in turn (eval, sh -c, $(...)) writes where the command itself does.
    struct StreamsGuard {
        Descriptors*& slot;
        Descriptors* outer;
        ~StreamsGuard() { slot = outer; }
    } guard{m_streams, m_streams};
    m_streams = &descriptors;
    const std::string& name = words[0];
    if (functions) {
        // Copied: the function may redefine itself while it runs.
        if (const auto function = state.functions.find(name); function != state.functions.end()) {
            const NodePtr body = function->second;
            return callFunction(body, words, descriptors);
        }
    }
    if (const auto builtin = builtins().find(name); builtin != builtins().end()) {
        CommandInvocation invocation(*this, descriptors, words);
        const bool help = words.size() == 2 && words[1] == "--help" && takesHelp(builtin->first);
        if (help) {
            invocation.print(helpText(specOf(name, builtin->second)));
            return 0;
        }
        return builtin->second.run(*this, invocation);
    }
    return runInstalled(words, descriptors);
}

int Evaluator::runInstalled(const std::vector<std::string>& words, Descriptors& descriptors)
{
    const std::string& name = words[0];
    descriptors.flush(); // what was written a moment ago can be read
    const std::string path = name.find('/') != std::string::npos ? absolutePath(name) : onPath(name);
    if (path.empty())
        return notFound(name, descriptors);
    const std::string command(fileNameOf(path));
    const CommandSpec* spec = holdsCommands(parentOf(path)) ? m_runtime.commands.find(command) : nullptr;
    if (spec && !m_runtime.system.hasCommand(state.place, command))
        spec = nullptr;
    if (const auto builtin = builtins().find(command); !spec && holdsCommands(parentOf(path))
        && builtin != builtins().end() && isAlsoFile(command)) {
        CommandInvocation invocation(*this, descriptors, words);
        invocation.name = command;
        return builtin->second.run(*this, invocation);
    }
    if (!spec)
        return runFile(path, words, descriptors);
    CommandInvocation invocation(*this, descriptors, words);
    if (spec->parseOptions) {
        ParsedOptions parsed = parseOptions(*spec, name, invocation.arguments);
        if (!parsed.error.empty()) {
            descriptors.out[2]->write(parsed.error);
            return parsed.errorStatus;
        }
        if (parsed.helpAsked) {
            descriptors.out[1]->write(helpText(*spec));
            return 0;
        }
        invocation.options = std::move(parsed.options);
        invocation.operands = std::move(parsed.operands);
    }
    return spec->run(invocation);
}

int Evaluator::runFile(const std::string& path, const std::vector<std::string>& words,
                       Descriptors& descriptors)
{
    const auto stat = m_runtime.system.stat(state.place, path);
    if (!stat) {
        error(descriptors, words[0] + ": No such file or directory");
        return 127;
    }
    if (stat->type == FileStat::Type::Directory) {
        error(descriptors, words[0] + ": Is a directory");
        return 126;
    }
    if ((stat->mode & 0111) == 0) {
        error(descriptors, words[0] + ": Permission denied");
        return 126;
    }
    if (const Errno denied = m_runtime.system.mayExecute(state.place, path); denied != Errno::None) {
        error(descriptors, words[0] + ": " + std::string(describe(denied)));
        return 126;
    }
    const ReadFile file = m_runtime.system.readFile(state.place, path);
    if (file.error != Errno::None) {
        error(descriptors, words[0] + ": " + std::string(describe(file.error)));
        return 126;
    }
    if (file.text.empty() && stat->size > 0) {
        error(descriptors, words[0] + ": cannot execute binary file: Exec format error");
        return 126;
    }
    if (file.text.compare(0, 2, "#!") == 0) {
        const std::vector<std::string> interpreter = interpreterOf(file.text);
        const std::string program = interpreter.empty() ? "" : interpreter[0];
        const std::string known(fileNameOf(program));
        const bool shell = known == "bash" || known == "sh" || known == "dash";
        const bool installed = std::find(kCommandDirectories.begin(), kCommandDirectories.end(), parentOf(program)) != kCommandDirectories.end()
            && (shell || known == "env" || knows(known));
        if (!installed && !m_runtime.system.stat(state.place, program)) {
            error(descriptors, words[0] + ": " + program + ": bad interpreter: No such file or directory");
            return 126;
        }
        const std::string named = known == "env" && interpreter.size() > 1 ? interpreter[1] : known;
        if (named != "bash" && named != "sh" && named != "dash") {
            if (!knows(named)) {
                descriptors.out[2]->write("/usr/bin/env: \u2018" + named + "\u2019: No such file or directory\n");
                return 127;
            }
            std::vector<std::string> command{named};
            command.insert(command.end(), interpreter.begin() + (known == "env" ? 2 : 1), interpreter.end());
            command.push_back(path);
            command.insert(command.end(), words.begin() + 1, words.end());
            return runInstalled(command, descriptors);
        }
    }
    ShellState child = childState();
    child.positional.assign(words.begin() + 1, words.end());
    child.name = words[0];
    Evaluator shell(m_runtime, std::move(child), m_depth + 4);
    shell.m_charged = true;
    Descriptors own = descriptors;
    return shell.runScript(file.text, own);
}

ShellState Evaluator::childState() const
{
    ShellState child = freshState(m_runtime, state.place);
    child.workingDirectory = state.workingDirectory;
    child.umask = state.umask;
    child.inherited = state.inherited;
    child.lastStatus = 0;
    child.parentId = state.ownId != 0 ? state.ownId : state.processId;
    child.variables = state.variables;
    std::erase_if(child.variables, [](const auto& v) { return !v.second.exported; });
    for (const auto& [signal, action] : state.traps)
        if (action.empty())
            child.traps[signal] = action;
    return child;
}

std::string Evaluator::onPath(const std::string& name) const
{
    const std::string path = state.variable("PATH");
    std::string elsewhere;
    for (std::size_t start = 0; start < path.size();) {
        const std::size_t end = std::min(path.find(':', start), path.size());
        const std::string directory = absolutePath(path.substr(start, end - start));
        start = end + 1;
        const std::string candidate = joinPath(directory, name);
        const auto stat = m_runtime.system.stat(state.place, candidate);
        if (stat && stat->type == FileStat::Type::Regular && (stat->mode & 0111) != 0)
            return candidate;
        // The machine's commands are no files. They count as in /usr/bin, though they answer in all its like.
        const bool installed = holdsCommands(directory) && m_runtime.commands.find(name)
            && m_runtime.system.hasCommand(state.place, name);
        if (installed && (directory == "/usr/bin" || directory == "/bin"))
            return candidate;
        if (installed && elsewhere.empty())
            elsewhere = candidate;
    }
    return elsewhere;
}

bool Evaluator::knows(const std::string& name) const
{
    return state.functions.count(name) || builtins().count(name) || !onPath(name).empty();
}

int Evaluator::notFound(const std::string& name, Descriptors& descriptors)
{
    std::vector<std::string> candidates;
    for (std::string& candidate : m_runtime.commands.names())
        if (m_runtime.system.hasCommand(state.place, candidate))
            candidates.push_back(std::move(candidate));
    for (const auto& [builtin, spec] : builtins())
        candidates.emplace_back(builtin);
    std::string text = name + ": command not found";
    if (const std::string nearest = nearestName(name, candidates); !nearest.empty())
        text += "\nDid you mean '" + nearest + "'?";
    error(descriptors, text);
    m_runtime.terminal.currentJob().knownCommand = false;
    return 127;
}

std::optional<std::string> Evaluator::parameter(std::string_view name) const
{
    if (name.empty())
        return {};
    const char c = name[0];
    if (name.size() == 1) {
        switch (c) {
        case '?': return std::to_string(state.lastStatus);
        case '#': return std::to_string(state.positional.size());
        case '$': return std::to_string(state.processId);
        case '!':
            return state.lastBackground ? std::optional(std::to_string(state.lastBackground)) : std::nullopt;
        case '-': {
            std::string letters = "h";
            for (const ShellOption& option : kShellOptions)
                if (option.letter && state.*option.flag)
                    letters += option.letter;
            return letters + (state.interactive ? "imBH" : "B");
        }
        case '@':
        case '*': {
            std::string all;
            for (const std::string& value : state.positional)
                all += (all.empty() ? "" : " ") + value;
            return state.positional.empty() ? std::nullopt : std::optional(all);
        }
        default: break;
        }
    }
    if (c >= '0' && c <= '9') {
        if (name == "0")
            return state.name;
        constexpr std::size_t kMaxDigits = 6;
        if (name.size() > kMaxDigits)
            return {};
        const auto index = static_cast<std::size_t>(std::stoul(std::string(name)));
        return index <= state.positional.size() ? std::optional(state.positional[index - 1]) : std::nullopt;
    }
    if (const auto it = state.variables.find(name); it != state.variables.end())
        return it->second.value;
    if (name == "RANDOM") {
        m_runtime.randomState = m_runtime.randomState * 1103515245u + 12345u;
        return std::to_string((m_runtime.randomState >> 16) & 0x7fff);
    }
    if (name == "BASHPID")
        return std::to_string(state.ownId != 0 ? state.ownId : state.processId);
    if (name == "PPID")
        return std::to_string(state.parentId);
    if (name == "EPOCHSECONDS")
        return std::to_string(sim::unixSeconds(m_runtime.system.now()));
    return {};
}

void Evaluator::assign(const std::string& name, std::string value)
{
    Variable& variable = state.variables[name];
    if (variable.readOnly)
        throw ExpansionError{name + ": readonly variable"};
    variable.value = std::move(value);
    variable.exported = variable.exported || state.exportAll;
    if (name == "OPTIND")
        state.optionOffset = 0;
}

} // namespace core::shell
