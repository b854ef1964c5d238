#include "core/shell/completion.h"

#include "core/shell/language/builtins.h"
#include "core/shell/paths.h"

#include <algorithm>
#include <set>

namespace core::shell {

namespace {

struct Position {
    std::vector<std::string> words; ///< of the command the cursor is in, without the current one
    std::string word;               ///< unquoted
    std::size_t start = 0;
};

/// Cuts the line before the cursor into the words of its last command. A rough reading: a line being typed
/// is seldom whole enough to be parsed.
Position locate(const std::string& line, std::size_t cursor)
{
    Position position;
    char quote = 0;
    bool inWord = false;
    std::string word;
    std::size_t start = 0;
    const auto endWord = [&] {
        if (inWord)
            position.words.push_back(word);
        word.clear();
        inWord = false;
    };
    const auto begin = [&](std::size_t i) {
        if (!inWord)
            start = i;
        inWord = true;
    };
    for (std::size_t i = 0; i < cursor; ++i) {
        const char c = line[i];
        if (quote) {
            if (c == quote)
                quote = 0;
            else
                word += c;
        } else if (c == '\'' || c == '"') {
            begin(i);
            quote = c;
        } else if (c == '\\' && i + 1 < cursor) {
            begin(i);
            word += line[++i];
        } else if (c == ' ' || c == '\t') {
            endWord();
        } else if (std::string_view("|;&(`\n").find(c) != std::string_view::npos) {
            endWord();
            position.words.clear();
        } else if (c == '<' || c == '>') {
            endWord();
        } else {
            begin(i);
            word += c;
        }
    }
    position.word = word;
    position.start = inWord ? start : cursor;
    // Words that only introduce another command.
    static const std::set<std::string> kPrefixes = {"sudo",    "time",  "do",      "then", "else",  "if",
                                                    "while",   "until", "!",       "{",    "watch", "xargs",
                                                    "timeout", "env",   "command", "nohup"};
    while (position.words.size() >= 1) {
        const std::string& first = position.words[0];
        const bool assignment = first.find('=') != std::string::npos && first[0] != '-';
        if (!assignment && !kPrefixes.count(first))
            break;
        const bool hasOptions = first == "watch" || first == "timeout" || first == "xargs";
        position.words.erase(position.words.begin());
        while (
            hasOptions && !position.words.empty()
            && (position.words[0][0] == '-' || (position.words[0][0] >= '0' && position.words[0][0] <= '9')))
            position.words.erase(position.words.begin());
    }
    return position;
}

bool startsWith(const std::string& text, const std::string& prefix)
{
    return text.compare(0, prefix.size(), prefix) == 0;
}

void addFiles(Evaluator& evaluator, const std::string& word, std::vector<Completion>& result)
{
    const std::size_t slash = word.rfind('/');
    const std::string directory = slash == std::string::npos ? "" : word.substr(0, slash + 1);
    const std::string prefix = slash == std::string::npos ? word : word.substr(slash + 1);
    const auto entries = evaluator.runtime().system.list(
        evaluator.state.place, evaluator.absolutePath(directory.empty() ? "." : directory));
    if (!entries)
        return;
    for (const DirectoryEntry& entry : *entries) {
        if (!startsWith(entry.name, prefix) || (entry.name[0] == '.' && (prefix.empty() || prefix[0] != '.')))
            continue;
        const bool isDirectory = entry.stat.type == FileStat::Type::Directory;
        result.push_back({directory + entry.name + (isDirectory ? "/" : ""), isDirectory ? "directory" : ""});
    }
}

void addCommands(Evaluator& evaluator, const std::string& word, std::vector<Completion>& result)
{
    std::map<std::string, std::string> found;
    for (const auto& [name, builtin] : builtins())
        found.emplace(name, builtin.summary);
    for (const std::string& name : evaluator.runtime().commands.names())
        if (startsWith(name, word) && evaluator.runtime().system.hasCommand(evaluator.state.place, name))
            found.emplace(name, evaluator.runtime().commands.find(name)->summary);
    for (const auto& [name, body] : evaluator.state.functions)
        found[name] = "function";
    for (const auto& [name, text] : evaluator.state.aliases)
        found[name] = "alias for " + text;
    for (const auto& [name, note] : found)
        if (startsWith(name, word))
            result.push_back({name, note});
}

void addOptions(const CommandSpec& spec, const std::string& word, std::vector<Completion>& result)
{
    for (const OptionSpec& option : spec.options) {
        if (!option.name.empty() && startsWith("--" + option.name, word))
            result.push_back({"--" + option.name, option.help});
        else if (option.letter && startsWith(std::string("-") + option.letter, word))
            result.push_back({std::string("-") + option.letter, option.help});
    }
}

} // namespace

Shell::CommandNames commandNames(Evaluator& evaluator)
{
    std::vector<Completion> all;
    addCommands(evaluator, {}, all);
    Shell::CommandNames names;
    for (Completion& one : all)
        names.insert(std::move(one.text));
    return names;
}

Shell::CompletionResult completeLine(Evaluator& evaluator, const std::string& line, std::size_t cursor)
{
    const Position position = locate(line, std::min(cursor, line.size()));
    Shell::CompletionResult result;
    result.start = position.start;
    if (position.word.size() > 1 && position.word[0] == '$') {
        for (const auto& [name, variable] : evaluator.state.variables)
            if (startsWith("$" + name, position.word))
                result.candidates.push_back({"$" + name, variable.value});
        return result;
    }
    if (position.words.empty()) {
        if (position.word.find('/') != std::string::npos)
            addFiles(evaluator, position.word, result.candidates);
        else
            addCommands(evaluator, position.word, result.candidates);
        return result;
    }
    std::string name = position.words[0];
    if (const auto alias = evaluator.state.aliases.find(name); alias != evaluator.state.aliases.end())
        name = alias->second.substr(0, alias->second.find(' '));
    const CommandSpec* spec = evaluator.runtime().commands.find(name);
    if (const auto builtin = builtins().find(name); !spec && builtin != builtins().end() && !position.word.empty()
        && position.word[0] == '-')
        addOptions(specOf(name, builtin->second), position.word, result.candidates);
    if (spec && !position.word.empty() && position.word[0] == '-')
        addOptions(*spec, position.word, result.candidates);
    if (spec && spec->complete) {
        CompletionRequest request{position.words, position.word, evaluator.state.place};
        request.words[0] = name;
        for (Completion& candidate :
             spec->complete(request, evaluator.runtime().door, evaluator.runtime().system))
            result.candidates.push_back(std::move(candidate));
    } else if (result.candidates.empty()) {
        addFiles(evaluator, position.word, result.candidates);
    }
    return result;
}

} // namespace core::shell
