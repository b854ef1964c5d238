#pragma once

#include "sim/serving/arguments.h"

#include <optional>
#include <span>
#include <string_view>

namespace sim::serving {

/// What follows a flag, and how it is checked.
enum class Takes : std::uint8_t {
    Nothing,  ///< store_true
    Toggle,   ///< BooleanOptionalAction: --flag and --no-flag
    Whole,    ///< int
    Size,     ///< vLLM's human_readable_int: "8k" is 8,000 and "8K" 8,192
    Fraction, ///< float
    Text,
    Choice,
    List, ///< one word or more
    Each, ///< a word each time it is given
};

struct Flag {
    std::string_view name; ///< "max-num-seqs"
    Takes takes = Takes::Text;
    std::string_view others = {};  ///< further spellings, with a space between: "-tp"
    std::string_view choices = {}; ///< with a space between
    // vLLM's minor versions that know it.
    int since = 0;
    int until = 1000; ///< the first that does not
};

/// What a command line said, by the flag's first name.
class GivenWords {
public:
    bool has(std::string_view flag) const { return m_values.contains(flag); }
    std::optional<std::int64_t> whole(std::string_view flag) const;
    std::optional<double> number(std::string_view flag) const;
    std::optional<std::string> text(std::string_view flag) const;
    std::vector<std::string> list(std::string_view flag) const;
    /// Of a switch: what was said last, or `otherwise`.
    bool on(std::string_view flag, bool otherwise) const;
    /// A later word replaces an earlier one.
    void set(std::string_view flag, std::vector<std::string> values) { m_values.insert_or_assign(std::string(flag), std::move(values)); }
    std::vector<std::string> positionals;

private:
    std::map<std::string, std::vector<std::string>, std::less<>> m_values; ///< a switch has "true" or "false"
};

/// Whose complaints these are.
struct Program {
    std::string name;  ///< as argparse says it: "vllm serve"
    std::string usage; ///< behind "usage: "; empty: one made of the flags
    std::string outer; ///< who complains of words that nobody knows; empty: the same
    std::string outerUsage;
};

using Parsed = std::variant<GivenWords, ArgumentError>;

/// As Python's argparse reads them, `_` in flags being `-`. At most `positionals` words may stand alone.
Parsed parseWords(std::span<const std::string> words, std::span<const Flag> flags, const Program& program, std::size_t positionals);
/// As Python's click reads them, flags being spelt as in the table.
Parsed parseClickWords(std::span<const std::string> words, std::span<const Flag> flags, const std::string& program);

/// Python's int(), within 15 digits. Nothing: not one.
std::optional<std::int64_t> pythonInt(std::string_view text);
std::optional<double> pythonFloat(std::string_view text);
/// vLLM's human_readable_int. Nothing: not one.
std::optional<std::int64_t> humanReadableInt(std::string_view text);

} // namespace sim::serving
