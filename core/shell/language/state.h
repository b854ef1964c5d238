#pragma once

#include "core/shell/inherited.h"
#include "core/shell/language/parser.h"
#include "core/shell/place.h"

#include <cstdint>
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
    long ownId = 0;            ///< of a subshell, whose $$ is its parent's; else 0
    long parentId = 1;         ///< $PPID
    long lastBackground = 0;   ///< $!
    bool interactive = false;  ///< reads its lines from the learner: "i" in $-
    bool stopAtError = false;  ///< set -e
    bool unsetIsError = false; ///< set -u
    bool trace = false;        ///< set -x
    bool pipeFail = false;     ///< set -o pipefail
    bool noGlob = false;       ///< set -f
    bool exportAll = false;    ///< set -a
    bool noClobber = false;    ///< set -C
    bool noExecute = false;    ///< set -n
    bool verbose = false;      ///< set -v
    std::map<int, std::string> traps; ///< actions by signal; 0 is EXIT, an empty one ignores
    std::uint32_t umask = 022;
    Inherited inherited;
    std::size_t optionOffset = 0; ///< of getopts, inside the cluster at $OPTIND

    std::string variable(std::string_view variableName) const
    {
        const auto it = variables.find(variableName);
        return it == variables.end() ? std::string() : it->second.value;
    }
};

} // namespace core::shell
