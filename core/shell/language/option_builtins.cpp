#include "core/shell/language/builtins.h"
#include "core/shell/language/lexer.h"
#include "core/shell/language/shell_options.h"
#include "core/shell/quoting.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

const ShellOption* shellOption(char letter)
{
    const auto it = std::find_if(kShellOptions.begin(), kShellOptions.end(),
                                 [&](const ShellOption& o) { return o.letter == letter && letter != 0; });
    return it == kShellOptions.end() ? nullptr : it;
}

const ShellOption* shellOption(std::string_view name)
{
    const auto it = std::find_if(kShellOptions.begin(), kShellOptions.end(),
                                 [&](const ShellOption& o) { return o.name == name; });
    return it == kShellOptions.end() ? nullptr : it;
}

namespace {

void printVariables(const ShellState& state, Invocation& invocation)
{
    for (const auto& [name, variable] : state.variables)
        invocation.print(name + "=" + shellQuoted(variable.value) + "\n");
}

/// `set -o` for people, `set +o` for a shell to read back.
void printOptions(const ShellState& state, Invocation& invocation, bool forPeople)
{
    std::map<std::string_view, bool> sorted;
    for (const ShellOption& option : kShellOptions)
        sorted[option.name] = state.*option.flag;
    for (const auto& [name, on] : sorted)
        invocation.print(forPeople ? fmt::format("{:<15}\t{}\n", name, on ? "on" : "off")
                                   : fmt::format("set {}o {}\n", on ? '-' : '+', name));
}

int setCommand(Evaluator& evaluator, Invocation& invocation)
{
    ShellState& state = evaluator.state;
    const std::vector<std::string>& words = invocation.arguments;
    if (words.empty()) {
        printVariables(state, invocation);
        return 0;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        const bool option = word.size() > 1 && (word[0] == '-' || word[0] == '+') && word != "--";
        if (!option) {
            // "-" ends the options as "--" does, but leaves the parameters alone when nothing follows.
            const bool dash = word == "-";
            if (!dash || i + 1 < words.size())
                state.positional.assign(words.begin() + static_cast<std::ptrdiff_t>(i)
                                            + (dash || word == "--" ? 1 : 0),
                                        words.end());
            return 0;
        }
        const bool on = word[0] == '-';
        for (const char c : word.substr(1)) {
            if (c == 'o') {
                if (i + 1 >= words.size()) {
                    printOptions(state, invocation, on);
                    return 0;
                }
                const ShellOption* named = shellOption(std::string_view(words[++i]));
                if (!named)
                    return failBuiltin(evaluator, invocation, words[i] + ": invalid option name", 2);
                state.*named->flag = on;
            } else if (const ShellOption* known = shellOption(c)) {
                state.*known->flag = on;
            } else if (std::string_view("bhmBH").find(c) == std::string_view::npos) {
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

/// One step of getopts: what it found, and where the next one begins.
class OptionStep {
public:
    OptionStep(Evaluator& evaluator, const std::string& letters, const std::vector<std::string>& words)
        : m_evaluator(evaluator), m_letters(letters), m_words(words), m_quiet(!letters.empty() && letters[0] == ':')
    {
        m_index = static_cast<std::size_t>(std::max(smallNumber(evaluator.state.variable("OPTIND")).value_or(1), 1));
    }

    /// Nothing at the options' end.
    std::optional<std::string> take()
    {
        std::size_t& offset = m_evaluator.state.optionOffset;
        m_argument.reset();
        if (m_index > m_words.size())
            return {};
        const std::string& word = m_words[m_index - 1];
        if (offset == 0) {
            if (word.size() < 2 || word[0] != '-')
                return {};
            if (word == "--") {
                ++m_index;
                return {};
            }
            offset = 1;
        }
        if (offset >= word.size()) { // the words are others than last time
            offset = 0;
            ++m_index;
            return take();
        }
        const char letter = word[offset++];
        const std::size_t found = letter == ':' ? std::string::npos : m_letters.find(letter);
        const bool wantsArgument = found != std::string::npos && m_letters.compare(found + 1, 1, ":") == 0;
        const std::string rest = word.substr(offset);
        if (wantsArgument || rest.empty()) {
            offset = 0;
            ++m_index;
        }
        if (found == std::string::npos)
            return complain("illegal option -- ", letter, "?");
        if (wantsArgument && rest.empty() && m_index > m_words.size())
            return complain("option requires an argument -- ", letter, m_quiet ? ":" : "?");
        if (wantsArgument)
            m_argument = !rest.empty() ? rest : m_words[m_index++ - 1];
        return std::string(1, letter);
    }

    const std::optional<std::string>& argument() const { return m_argument; }
    std::size_t index() const { return m_index; }

private:
    std::string complain(const std::string& what, char letter, const std::string& result)
    {
        if (m_quiet)
            m_argument = std::string(1, letter);
        else
            m_evaluator.error(m_evaluator.streams(), what + letter);
        return result;
    }

    Evaluator& m_evaluator;
    const std::string& m_letters;
    const std::vector<std::string>& m_words;
    bool m_quiet;
    std::size_t m_index = 1;
    std::optional<std::string> m_argument;
};

int getopts(Evaluator& evaluator, Invocation& invocation)
{
    if (invocation.arguments.size() < 2) {
        invocation.err().write("getopts: usage: getopts optstring name [arg ...]\n");
        return 2;
    }
    const std::string& name = invocation.arguments[1];
    if (!isName(name))
        return failBuiltin(evaluator, invocation, "`" + name + "': not a valid identifier");
    const std::vector<std::string> words = invocation.arguments.size() > 2
        ? std::vector<std::string>(invocation.arguments.begin() + 2, invocation.arguments.end())
        : evaluator.state.positional;
    OptionStep step(evaluator, invocation.arguments[0], words);
    const std::optional<std::string> found = step.take();
    // Not through assign(), by which a script starts over.
    evaluator.state.variables["OPTIND"].value = std::to_string(step.index());
    evaluator.assign(name, found.value_or("?"));
    if (step.argument())
        evaluator.assign("OPTARG", *step.argument());
    else
        evaluator.state.variables.erase("OPTARG");
    return found ? 0 : 1;
}

/// "u=rwx,g=rx,o=" of a mask that takes away.
std::string symbolicMask(std::uint32_t mask)
{
    std::string text;
    for (int shift = 6; shift >= 0; shift -= 3) {
        text += std::string(text.empty() ? "" : ",") + "ogu"[shift / 3] + "=";
        for (int bit = 2; bit >= 0; --bit)
            if (((mask >> shift) & (1U << bit)) == 0)
                text += "xwr"[bit];
    }
    return text;
}

std::optional<std::uint32_t> maskOf(const std::string& text, std::uint32_t mask)
{
    if (!text.empty() && text.find_first_not_of("01234567") == std::string::npos && text.size() <= 4)
        return static_cast<std::uint32_t>(std::stoul(text, nullptr, 8)) & 0777U;
    std::uint32_t allowed = ~mask & 0777U;
    std::size_t i = 0;
    while (i < text.size()) {
        std::uint32_t who = 0;
        for (; i < text.size() && std::string_view("ugoa").find(text[i]) != std::string_view::npos; ++i)
            who |= text[i] == 'u' ? 0700U : text[i] == 'g' ? 0070U : text[i] == 'o' ? 0007U : 0777U;
        if (i >= text.size() || std::string_view("+-=").find(text[i]) == std::string_view::npos)
            return {};
        const char operation = text[i++];
        std::uint32_t bits = 0;
        for (; i < text.size() && text[i] != ','; ++i) {
            if (std::string_view("rwx").find(text[i]) == std::string_view::npos)
                return {};
            bits |= text[i] == 'r' ? 0444U : text[i] == 'w' ? 0222U : 0111U;
        }
        who = who == 0 ? 0777U : who;
        bits &= who;
        allowed = operation == '+' ? allowed | bits : operation == '-' ? allowed & ~bits : (allowed & ~who) | bits;
        i += i < text.size() ? 1 : 0; // the comma
    }
    return text.empty() ? std::nullopt : std::optional(~allowed & 0777U);
}

int umask(Evaluator& evaluator, Invocation& invocation)
{
    ShellState& state = evaluator.state;
    const bool symbolic = !invocation.arguments.empty() && invocation.arguments[0] == "-S";
    if (invocation.arguments.size() == (symbolic ? 1U : 0U)) {
        invocation.print(symbolic ? symbolicMask(state.umask) + "\n" : fmt::format("{:04o}\n", state.umask));
        return 0;
    }
    const std::string& text = invocation.arguments.back();
    const auto mask = maskOf(text, state.umask);
    if (!mask)
        return failBuiltin(evaluator, invocation, text + ": octal number out of range");
    state.umask = *mask;
    return 0;
}

} // namespace

void addOptionBuiltins(std::map<std::string_view, Builtin>& table)
{
    table["set"] = {"set or unset shell options and positional parameters", setCommand,
                    "set [-aefnuvxC] [-o OPTION] [--] [ARGUMENT]..."};
    table["getopts"] = {"parse option arguments", getopts, "getopts LETTERS NAME [ARGUMENT]..."};
    table["umask"] = {"display or set the file mode mask", umask, "umask [-S] [MODE]"};
}

} // namespace core::shell
