#pragma once

#include "core/shell/language/evaluator.h"
#include "core/shell/shell.h"

namespace core::shell {

/// What Tab offers at the cursor. Reads the world, never changes it.
Shell::CompletionResult completeLine(Evaluator& evaluator, const std::string& line, std::size_t cursor);

} // namespace core::shell
