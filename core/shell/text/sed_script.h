#pragma once

#include "core/shell/regular_expression.h"

#include <string>
#include <vector>

namespace core::shell {

/// Thrown by parseSed().
struct SedError {
    std::string text;
};

struct Address {
    enum class Kind { None, Line, Last, Pattern, Step, Relative };
    Kind kind = Kind::None;
    std::size_t line = 0;
    std::size_t step = 0;
    std::optional<RegularExpression> pattern;
};

struct SedCommand {
    Address first, second;
    bool negated = false;
    char name = 0;
    std::string text;                         ///< of a, i, c; label of b, t, :
    std::optional<RegularExpression> pattern; ///< of s
    std::string replacement, from, to;        ///< of s, y
    bool global = false;
    bool print = false;
    std::string file; ///< of w and of s///w
    std::size_t occurrence = 1;
    std::size_t jump = 0; ///< of {, b, t: where to go on
    bool active = false;  ///< inside its range
    std::size_t rangeEnd = 0;
};

/// The commands of a script; throws SedError.
std::vector<SedCommand> parseSed(const std::string& script, bool extended);

} // namespace core::shell
