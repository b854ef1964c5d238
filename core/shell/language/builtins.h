#pragma once

#include "core/shell/language/evaluator.h"

#include <map>
#include <string_view>

namespace core::shell {

/// A command that is part of the shell: it exists at every place and may change the shell's own state.
struct Builtin {
    const char* summary;
    int (*run)(Evaluator&, Invocation&);
    const char* usage = ""; ///< "cd [DIRECTORY]"; with options, what --help and man show
    std::vector<OptionSpec> options = {};
};

/// The builtin as a command's declaration, for help, man and completion.
CommandSpec specOf(std::string_view name, const Builtin& builtin);

/// Prints "name: text" to the command's error stream and returns the status.
int failBuiltin(Evaluator& evaluator, const Invocation& invocation, const std::string& text, int status = 1);

/// Whether the machine has the builtin as a program, too: /bin/echo.
bool isAlsoFile(std::string_view builtin);

/// By name.
const std::map<std::string_view, Builtin>& builtins();

// One function per idea, called by builtins().
void addStateBuiltins(std::map<std::string_view, Builtin>& table);   ///< cd, export, set, read, ...
void addControlBuiltins(std::map<std::string_view, Builtin>& table); ///< exit, eval, sh, type, ...
void addEnvironmentBuiltins(std::map<std::string_view, Builtin>& table); ///< env, timeout, which, ...
void addJobBuiltins(std::map<std::string_view, Builtin>& table);     ///< jobs, wait, kill, trap
void addManual(std::map<std::string_view, Builtin>& table);          ///< man
void addOptionBuiltins(std::map<std::string_view, Builtin>& table);  ///< set, getopts, umask
void addPrintBuiltins(std::map<std::string_view, Builtin>& table);   ///< echo, printf, test, sleep, ...

/// test(1) over its words (without the name and the closing "]"); error texts go to `failure`.
int evaluateTest(Evaluator& evaluator, const std::vector<std::string>& words, std::string& failure);
/// One file or string test of [[ and test; nothing for an unknown operator.
std::optional<bool> testUnary(Evaluator& evaluator, const std::string& operation, const std::string& operand);

/// A number of at most eight characters; nothing for any other text.
std::optional<int> smallNumber(const std::string& text);
/// "1.5", "10s", "2m", "1h", "1d" in seconds, as sleep and timeout take it.
std::optional<double> parseSeconds(const std::string& text);

} // namespace core::shell
