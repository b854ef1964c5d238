#pragma once

#include "core/shell/language/evaluator.h"

#include <map>
#include <string_view>

namespace core::shell {

/// A command that is part of the shell: it exists at every place and may change the shell's own state.
struct Builtin {
    const char* summary;
    int (*run)(Evaluator&, Invocation&);
};

/// Prints "name: text" to the command's error stream and returns the status.
int failBuiltin(Evaluator& evaluator, const Invocation& invocation, const std::string& text, int status = 1);

/// By name.
const std::map<std::string_view, Builtin>& builtins();

// One function per idea, called by builtins().
void addStateBuiltins(std::map<std::string_view, Builtin>& table);   ///< cd, export, set, read, ...
void addControlBuiltins(std::map<std::string_view, Builtin>& table); ///< exit, eval, type, jobs, timeout, ...
void addPrintBuiltins(std::map<std::string_view, Builtin>& table);   ///< echo, printf, test, sleep, ...

/// test(1) over its words (without the name and the closing "]"); error texts go to `failure`.
int evaluateTest(Evaluator& evaluator, const std::vector<std::string>& words, std::string& failure);
/// One file or string test of [[ and test; nothing for an unknown operator.
std::optional<bool> testUnary(Evaluator& evaluator, const std::string& operation, const std::string& operand);

/// "1.5", "10s", "2m", "1h", "1d" in seconds, as sleep and timeout take it.
std::optional<double> parseSeconds(const std::string& text);

} // namespace core::shell
