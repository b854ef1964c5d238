#pragma once

#include "core/shell/invocation.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace core::shell {

/// One option, declared once: parsing, --help and completion agree because they read this.
struct OptionSpec {
    char letter = 0;            ///< 'n' for -n; 0 when there is only the long form
    std::string name;           ///< "namespace" for --namespace; may be empty
    std::string argument;       ///< "NAMESPACE" when it takes a value; empty for a flag
    std::string help;           ///< one line
    bool optionalArgument = false; ///< --watch[=true]
};

/// What Tab offers: the text inserted and what it is.
struct Completion {
    std::string text;
    std::string note;
};

/// The words so far (without the one being completed), the word being completed, and the way to the
/// world. Returns candidates that start with `word`.
struct CompletionRequest {
    std::vector<std::string> words; ///< words[0] is the command
    std::string word;
    Place place;
};
using Completer = std::function<std::vector<Completion>(const CompletionRequest&, Door&, System&)>;

struct CommandSpec {
    std::string name;
    std::string summary; ///< "list directory contents": the man page's line
    std::string usage;   ///< "ls [OPTION]... [FILE]..."
    std::vector<OptionSpec> options;
    /// false: the handler gets raw `arguments` only (echo, awk, kubectl parse their own).
    bool parseOptions = true;
    std::function<int(Invocation&)> run;
    bool historicalCounts = false; ///< -5 means --lines=5 (head, tail)
    int usageStatus = 1; ///< exit status of a usage error: 2 for ls, grep, sort, diff
    Completer complete; ///< for operands; empty means file names
};

/// All commands by name: a plain table built in one function (core/shell/commands/all_commands.h).
class CommandTable {
public:
    void add(CommandSpec spec);
    /// The usual command: options are parsed, operands are file names.
    void add(std::string name, std::string summary, std::string usage, std::vector<OptionSpec> options, int (*run)(Invocation&));
    /// One that reads its own arguments.
    void addRaw(std::string name, std::string summary, std::string usage, int (*run)(Invocation&));
    const CommandSpec* find(std::string_view name) const;
    std::vector<std::string> names() const;
    /// The known name at the smallest edit distance (at most 2), or empty.
    std::string nearest(std::string_view name) const;

private:
    std::map<std::string, CommandSpec, std::less<>> m_commands;
};

/// The candidate at the smallest edit distance from `name` (at most 2; 1 for names up to three letters), or
/// empty. Of equals the first.
std::string nearestName(std::string_view name, const std::vector<std::string>& candidates);

} // namespace core::shell
