#pragma once

#include "core/shell/language/evaluator.h"
#include "core/shell/shell.h"

namespace core::shell {

/// What Tab offers at the cursor. Reads the world, never changes it.
Shell::CompletionResult completeLine(Evaluator& evaluator, const std::string& line, std::size_t cursor);

/// All that may stand where a command is due: built-ins, commands of the machine, functions and aliases.
Shell::CommandNames commandNames(Evaluator& evaluator);

} // namespace core::shell
