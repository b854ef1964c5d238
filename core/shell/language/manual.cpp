#include "core/shell/language/builtins.h"
#include "core/shell/text_input.h"

#include <algorithm>

namespace core::shell {

namespace {

/// The declaration of a builtin or of a command that the machine has.
std::optional<CommandSpec> declarationOf(Evaluator& evaluator, const std::string& name)
{
    const CommandSpec* spec = evaluator.runtime().commands.find(name);
    if (spec && evaluator.runtime().system.hasCommand(evaluator.state.place, name))
        return *spec;
    if (const auto builtin = builtins().find(name); builtin != builtins().end())
        return specOf(name, builtin->second);
    return {};
}

std::string heading(const std::string& name)
{
    constexpr std::size_t kWidth = 80;
    std::string title = name + "(1)";
    std::transform(title.begin(), title.end(), title.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    const std::string middle = "User Commands";
    const std::size_t gap = (kWidth - std::min(kWidth - 2, 2 * title.size() + middle.size())) / 2;
    return title + std::string(gap, ' ') + middle + std::string(gap, ' ') + title + "\n";
}

std::string pageOf(const CommandSpec& spec)
{
    const std::string indent(7, ' ');
    std::string text = heading(spec.name) + "\nNAME\n" + indent + spec.name + " - " + spec.summary + "\n\nSYNOPSIS\n"
        + indent + (spec.usage.empty() ? spec.name : spec.usage) + "\n";
    if (!spec.options.empty())
        text += "\nOPTIONS\n";
    bool first = true;
    for (const OptionSpec& option : spec.options) {
        std::string names = option.letter ? std::string("-") + option.letter : std::string();
        if (!option.name.empty())
            names += (names.empty() ? "--" : ", --") + option.name;
        if (!option.argument.empty())
            names += option.optionalArgument ? "[=" + option.argument + "]"
                                             : (option.name.empty() ? " " : "=") + option.argument;
        text += (first ? "" : "\n") + indent + names + "\n" + indent + indent + option.help + "\n";
        first = false;
    }
    return text;
}

/// man -k: whose name or summary holds the word.
int apropos(Evaluator& evaluator, Invocation& invocation, const std::string& word)
{
    std::map<std::string, std::string> found;
    const auto consider = [&](const std::string& name, const std::string& summary) {
        if (name.find(word) != std::string::npos || summary.find(word) != std::string::npos)
            found.emplace(name, summary);
    };
    for (const std::string& name : evaluator.runtime().commands.names())
        if (const auto spec = declarationOf(evaluator, name))
            consider(name, spec->summary);
    for (const auto& [name, builtin] : builtins())
        consider(std::string(name), builtin.summary);
    for (const auto& [name, summary] : found)
        invocation.print(name + " (1)" + std::string(name.size() < 16 ? 16 - name.size() : 1, ' ') + " - " + summary + "\n");
    constexpr int kNothing = 16;
    return found.empty() ? invocation.fail(kNothing, word + ": nothing appropriate.") : 0;
}

int man(Evaluator& evaluator, Invocation& invocation)
{
    std::vector<std::string> names = invocation.arguments;
    const bool search = !names.empty() && names[0] == "-k";
    if (search)
        names.erase(names.begin());
    // A section may come first; all pages are in the first one.
    if (names.size() > 1 && names[0].size() == 1 && names[0][0] >= '1' && names[0][0] <= '9')
        names.erase(names.begin());
    if (names.empty()) {
        invocation.err().write("What manual page do you want?\nFor example, try 'man man'.\n");
        return 1;
    }
    if (search)
        return apropos(evaluator, invocation, names[0]);
    int status = 0;
    std::string pages;
    for (const std::string& name : names) {
        const auto spec = declarationOf(evaluator, name);
        if (spec) {
            pages += (pages.empty() ? "" : "\n") + pageOf(*spec);
            continue;
        }
        invocation.err().write("No manual entry for " + name + "\n");
        constexpr int kNoEntry = 16;
        status = kNoEntry;
    }
    if (pages.empty())
        return status;
    if (!invocation.out().isTerminal() || !evaluator.runtime().terminal.interactive) {
        invocation.print(pages);
        return status;
    }
    TextInput input(pages);
    invocation.run({"less"}, &input);
    return status;
}

} // namespace

void addManual(std::map<std::string_view, Builtin>& table)
{
    table["man"] = {"an interface to the system reference manuals",
                    man,
                    "man [SECTION] PAGE...",
                    {{'k', "", "WORD", "search the short descriptions for a word"}}};
}

} // namespace core::shell
