#pragma once

#include "core/shell/language/parser.h"
#include "core/shell/place.h"

#include <map>
#include <string>
#include <vector>

namespace core::shell {

struct Variable {
    std::string value;
    bool exported = false;
    bool readOnly = false;
};

/// What a shell process holds. A subshell works on a copy.
struct ShellState {
    Place place;
    std::string workingDirectory;
    std::map<std::string, Variable, std::less<>> variables;
    std::map<std::string, NodePtr, std::less<>> functions;
    Aliases aliases;
    std::string name = "bash"; ///< $0
    std::vector<std::string> positional;
    int lastStatus = 0;
    long processId = 0;
    long lastBackground = 0;   ///< $!
    bool stopAtError = false;  ///< set -e
    bool unsetIsError = false; ///< set -u
    bool trace = false;        ///< set -x
    bool pipeFail = false;     ///< set -o pipefail
    bool noGlob = false;       ///< set -f

    std::string variable(std::string_view variableName) const
    {
        const auto it = variables.find(variableName);
        return it == variables.end() ? std::string() : it->second.value;
    }
};

} // namespace core::shell
