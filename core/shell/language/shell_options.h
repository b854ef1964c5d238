#pragma once

#include "core/shell/language/state.h"

#include <array>
#include <string_view>

namespace core::shell {

/// One option of `set`, told once: set, sh, $- and `set -o` read this.
struct ShellOption {
    char letter; ///< 0: only by name
    std::string_view name;
    bool ShellState::*flag;
};

inline constexpr std::array<ShellOption, 9> kShellOptions = {{{'a', "allexport", &ShellState::exportAll},
                                                              {'e', "errexit", &ShellState::stopAtError},
                                                              {'n', "noexec", &ShellState::noExecute},
                                                              {'C', "noclobber", &ShellState::noClobber},
                                                              {'f', "noglob", &ShellState::noGlob},
                                                              {'u', "nounset", &ShellState::unsetIsError},
                                                              {0, "pipefail", &ShellState::pipeFail},
                                                              {'v', "verbose", &ShellState::verbose},
                                                              {'x', "xtrace", &ShellState::trace}}};

/// Null for an unknown one.
const ShellOption* shellOption(char letter);
const ShellOption* shellOption(std::string_view name);

} // namespace core::shell
