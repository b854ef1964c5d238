#pragma once

#include "core/shell/language/tree.h"

#include <string>

namespace core::shell {

/// A tree as shell text, laid out as bash does it. Parsed again it gives the same tree; words stand as they were
/// typed.
std::string printShell(const Node& node);
/// "name () \n{ ... }\n", as `type` and `declare -f` show a function.
std::string printFunction(const std::string& name, const Node& body);

} // namespace core::shell
