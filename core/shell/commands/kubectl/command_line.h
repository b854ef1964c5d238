#pragma once

#include "core/shell/commands/kubectl/verb.h"

#include <string>
#include <vector>

namespace core::shell::kubectl {

/// The words after `kubectl`, with the verb they name taken out. Global flags may stand before it.
struct CommandLine {
    const Verb* verb = nullptr;      ///< the innermost one found; null when there is none
    std::string path = "kubectl";    ///< "kubectl rollout status"
    std::string unknown;             ///< a word where a verb or subverb must stand and that names none
    std::vector<std::string> words;  ///< all that is left, flags included
};

CommandLine findCommand(const std::vector<std::string>& words);

/// The flags the verb takes, its own before the global ones. `verb` may be null.
std::vector<const FlagSpec*> flagsOf(const Verb* verb);

} // namespace core::shell::kubectl
