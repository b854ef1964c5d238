#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace core::shell {

/// What a stretch of a command line is, for colouring it.
enum class LinePart {
    Plain,    ///< an argument
    Command,  ///< a word where a command is due, known here or given as a path
    Unknown,  ///< a word where a command is due that nothing answers to
    Keyword,  ///< if, then, while, {, ! ...
    Option,   ///< -n, --namespace=shop
    String,   ///< quoted, quotes included
    Variable, ///< $name, ${name}, and the name of an assignment
    Operator, ///< | && ; > $( ) ...
    Comment,
};

struct LineSpan {
    std::size_t from = 0; ///< bytes
    std::size_t to = 0;
    LinePart part = LinePart::Plain;
    bool operator==(const LineSpan&) const = default;
};

using KnowsCommand = std::function<bool(std::string_view name)>;

/// The parts of a line being typed, in order and without blanks between them. A line half typed is the usual
/// case: an unclosed quote reaches to the end, and the word under `cursor` is not called unknown yet.
std::vector<LineSpan> partsOfLine(std::string_view line, std::size_t cursor, const KnowsCommand& knows);

/// `line` with VT colours around its parts.
std::string colouredLine(std::string_view line, std::size_t cursor, const KnowsCommand& knows);

} // namespace core::shell
