#include "sim/serving/argument_words.h"

#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sim::serving {

namespace {

constexpr std::size_t kUsageWidth = 78; // COLUMNS - 2

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n'))
        text.remove_suffix(1);
    return text;
}

bool isSwitch(const Flag& flag) { return flag.takes == Takes::Nothing || flag.takes == Takes::Toggle; }

/// "--tensor-parallel-size/-tp", as argparse names an argument.
std::string spelt(const Flag& flag)
{
    std::string name = fmt::format("--{}", flag.name);
    if (!flag.others.empty())
        for (const std::string& other : split(flag.others, ' '))
            name += "/" + other;
    if (flag.takes == Takes::Toggle)
        name += fmt::format("/--no-{}", flag.name);
    return name;
}

bool isNegativeNumber(std::string_view word) { return word.size() > 1 && word[0] == '-' && pythonFloat(word).has_value(); }
/// Whether argparse takes the word for a flag.
bool looksLikeFlag(std::string_view word)
{
    return word.size() > 1 && word[0] == '-' && !isNegativeNumber(word) && word.find(' ') == std::string_view::npos;
}

std::string quoted(std::string_view text) { return fmt::format("'{}'", text); }

/// Why the value is none of the flag's. Empty: it is one.
std::string complaint(const Flag& flag, const std::string& value)
{
    switch (flag.takes) {
    case Takes::Whole: return pythonInt(value) ? "" : fmt::format("invalid int value: {}", quoted(value));
    case Takes::Size: return humanReadableInt(value) ? "" : fmt::format("invalid human_readable_int value: {}", quoted(value));
    case Takes::Fraction: return pythonFloat(value) ? "" : fmt::format("invalid float value: {}", quoted(value));
    case Takes::Choice: {
        const std::vector<std::string> choices = split(flag.choices, ' ');
        if (std::find(choices.begin(), choices.end(), value) != choices.end())
            return "";
        std::string all;
        for (const std::string& choice : choices)
            all += (all.empty() ? "" : ", ") + (pythonInt(choice) ? choice : quoted(choice));
        return fmt::format("invalid choice: {} (choose from {})", pythonInt(value) ? value : quoted(value), all);
    }
    default: return "";
    }
}

std::string usageOf(const Program& program, std::span<const Flag> flags)
{
    std::string text;
    std::string line = fmt::format("usage: {} [-h]", program.name);
    const std::string indent(std::string_view("usage: ").size() + program.name.size(), ' ');
    for (const Flag& flag : flags) {
        std::string metavar = raised(flag.name);
        std::replace(metavar.begin(), metavar.end(), '-', '_');
        std::string part = fmt::format(" [--{}{}]", flag.name, isSwitch(flag) ? "" : " " + metavar);
        if (line.size() + part.size() > kUsageWidth) {
            text += line + "\n";
            line = indent;
        }
        line += part;
    }
    return text + line;
}

struct Found {
    const Flag* flag = nullptr;
    bool negated = false;
    std::string ambiguous; ///< the flags that a shortened one may mean
};

/// By a whole name or, as argparse allows, its beginning when nothing else begins so.
Found flagNamed(std::span<const Flag> flags, const std::string& word)
{
    const std::string_view name = word.starts_with("--") ? std::string_view(word).substr(2) : std::string_view();
    std::vector<Found> beginnings;
    std::string meant;
    for (const Flag& flag : flags) {
        if (name == flag.name)
            return {&flag, false, ""};
        const std::string no = fmt::format("no-{}", flag.name);
        if (flag.takes == Takes::Toggle && name == no)
            return {&flag, true, ""};
        if (!flag.others.empty())
            for (const std::string& other : split(flag.others, ' '))
                if (word == other)
                    return {&flag, false, ""};
        if (name.empty())
            continue;
        if (flag.name.starts_with(name)) {
            beginnings.push_back({&flag, false, ""});
            meant += fmt::format("{}--{}", meant.empty() ? "" : ", ", flag.name);
        }
        if (flag.takes == Takes::Toggle && no.starts_with(name)) {
            beginnings.push_back({&flag, true, ""});
            meant += fmt::format("{}--{}", meant.empty() ? "" : ", ", no);
        }
    }
    if (beginnings.size() == 1)
        return beginnings.front();
    return {nullptr, false, beginnings.empty() ? "" : meant};
}

ArgumentError refused(const std::string& usage, const std::string& who, const std::string& what)
{
    ArgumentError error;
    error.lines = linesOf("usage: " + usage);
    error.lines.push_back(fmt::format("{}: error: {}", who, what));
    return error;
}

} // namespace

std::optional<std::int64_t> pythonInt(std::string_view text)
{
    text = trimmed(text);
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool digit = c >= '0' && c <= '9';
        const bool sign = (c == '-' || c == '+') && i == 0;
        const bool underscore = c == '_' && i > 0 && i + 1 < text.size() && text[i - 1] != '_' && text[i - 1] != '-' && text[i - 1] != '+';
        if (!digit && !sign && !underscore)
            return std::nullopt;
        if (digit || c == '-')
            digits += c;
    }
    constexpr std::size_t kMostDigits = 16;
    std::int64_t value = 0;
    if (digits.empty() || digits.size() > kMostDigits)
        return std::nullopt;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || stop != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

std::optional<double> pythonFloat(std::string_view text)
{
    text = trimmed(text);
    if (text.starts_with('+'))
        text.remove_prefix(1);
    double value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || stop != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<std::int64_t> humanReadableInt(std::string_view text)
{
    text = trimmed(text);
    constexpr std::string_view kDecimal = "kmgt";
    constexpr std::string_view kBinary = "KMGT";
    const char suffix = text.empty() ? ' ' : text.back();
    const std::string_view number = text.substr(0, text.empty() ? 0 : text.size() - 1);
    if (const auto power = kDecimal.find(suffix); power != std::string_view::npos) {
        const auto value = pythonFloat(number);
        if (!value || !(std::abs(*value) < 1e6))
            return std::nullopt;
        return static_cast<std::int64_t>(*value * std::pow(1000.0, static_cast<double>(power + 1)));
    }
    if (const auto power = kBinary.find(suffix); power != std::string_view::npos) {
        const auto value = pythonInt(number); // no fractions of binary sizes
        if (!value || std::abs(*value) >= 1'000'000)
            return std::nullopt;
        return *value << (10 * (power + 1));
    }
    return pythonInt(text);
}

std::optional<std::int64_t> GivenWords::whole(std::string_view flag) const
{
    const auto value = text(flag);
    return value ? humanReadableInt(*value) : std::nullopt;
}

std::optional<double> GivenWords::number(std::string_view flag) const
{
    const auto value = text(flag);
    return value ? pythonFloat(*value) : std::nullopt;
}

std::optional<std::string> GivenWords::text(std::string_view flag) const
{
    const auto found = m_values.find(flag);
    return found == m_values.end() || found->second.empty() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> GivenWords::list(std::string_view flag) const
{
    const auto found = m_values.find(flag);
    return found == m_values.end() ? std::vector<std::string>() : found->second;
}

bool GivenWords::on(std::string_view flag, bool otherwise) const
{
    const auto value = text(flag);
    return value ? *value == "true" : otherwise;
}

Parsed parseWords(std::span<const std::string> words, std::span<const Flag> flags, const Program& program, std::size_t positionals)
{
    GivenWords given;
    std::vector<std::string> unknown;
    const std::string usage = program.usage.empty() ? usageOf(program, flags).substr(std::string_view("usage: ").size()) : program.usage;
    const auto error = [&](const Flag& flag, const std::string& what) {
        return refused(usage, program.name, fmt::format("argument {}: {}", spelt(flag), what));
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!looksLikeFlag(word)) {
            if (given.positionals.size() < positionals)
                given.positionals.push_back(word);
            else
                unknown.push_back(word);
            continue;
        }
        const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
        std::string name = word.substr(0, equals);
        if (name.starts_with("--"))
            std::replace(name.begin() + 2, name.end(), '_', '-');
        const auto [flag, negated, ambiguous] = flagNamed(flags, name);
        if (!ambiguous.empty())
            return refused(usage, program.name, fmt::format("ambiguous option: {} could match {}", word, ambiguous));
        if (!flag) {
            unknown.push_back(word);
            // What follows goes with it: the positional words are consumed in one go, before.
            while (i + 1 < words.size() && !looksLikeFlag(words[i + 1]))
                unknown.push_back(words[++i]);
            continue;
        }
        std::vector<std::string> values;
        if (equals != std::string::npos)
            values.push_back(word.substr(equals + 1));
        if (isSwitch(*flag)) {
            if (!values.empty())
                return error(*flag, fmt::format("ignored explicit argument {}", quoted(values.front())));
            given.set(flag->name, {negated ? "false" : "true"});
            continue;
        }
        const std::size_t most = equals != std::string::npos ? 0 : flag->takes == Takes::List ? words.size() : 1;
        for (std::size_t taken = 0; taken < most && i + 1 < words.size() && !looksLikeFlag(words[i + 1]); ++taken)
            values.push_back(words[++i]);
        if (values.empty())
            return error(*flag, flag->takes == Takes::List ? "expected at least one argument" : "expected one argument");
        for (const std::string& value : values)
            if (const std::string what = complaint(*flag, value); !what.empty())
                return error(*flag, what);
        if (flag->takes == Takes::Each) {
            std::vector<std::string> all = given.list(flag->name);
            all.insert(all.end(), values.begin(), values.end());
            values = std::move(all);
        }
        given.set(flag->name, std::move(values));
    }
    if (!unknown.empty()) {
        const bool outer = !program.outer.empty();
        return refused(outer ? program.outerUsage : usage, outer ? program.outer : program.name,
                       fmt::format("unrecognized arguments: {}", fmt::join(unknown, " ")));
    }
    return given;
}

Parsed parseClickWords(std::span<const std::string> words, std::span<const Flag> flags, const std::string& program)
{
    const auto error = [&](const std::string& what) {
        ArgumentError refusal;
        refusal.lines = {fmt::format("Usage: {} [OPTIONS] MODEL", program), fmt::format("Try '{} --help' for help.", program), "", "Error: " + what};
        return refusal;
    };
    GivenWords given;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word.size() < 2 || word[0] != '-') {
            given.positionals.push_back(word);
            continue;
        }
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const auto known = std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) {
            const std::vector<std::string> others = split(flag.others, ' ');
            return name == fmt::format("--{}", flag.name) || (!flag.others.empty() && std::find(others.begin(), others.end(), name) != others.end());
        });
        if (known == flags.end())
            return error(fmt::format("No such option: {}", name));
        if (isSwitch(*known)) {
            if (equals != std::string::npos)
                return error(fmt::format("Option '{}' does not take a value.", name));
            given.set(known->name, {"true"});
            continue;
        }
        if (equals == std::string::npos && i + 1 == words.size())
            return error(fmt::format("Option '{}' requires an argument.", name));
        const std::string value = equals != std::string::npos ? word.substr(equals + 1) : words[++i];
        if (known->takes == Takes::Whole && !pythonInt(value))
            return error(fmt::format("Invalid value for '{}': '{}' is not a valid integer.", name, value));
        if (known->takes == Takes::Fraction && !pythonFloat(value))
            return error(fmt::format("Invalid value for '{}': '{}' is not a valid float.", name, value));
        if (known->takes == Takes::Choice && !complaint(*known, value).empty()) {
            std::string all;
            for (const std::string& choice : split(known->choices, ' '))
                all += (all.empty() ? "" : ", ") + quoted(choice);
            return error(fmt::format("Invalid value for '{}': '{}' is not one of {}.", name, value, all));
        }
        given.set(known->name, {value});
    }
    if (given.positionals.empty())
        return error("Missing argument 'MODEL'.");
    if (given.positionals.size() > 1)
        return error(fmt::format("Got unexpected extra argument{} ({})", given.positionals.size() > 2 ? "s" : "",
                                 fmt::join(given.positionals.begin() + 1, given.positionals.end(), " ")));
    return given;
}

} // namespace sim::serving
