#pragma once

#include "core/shell/command_table.h"

#include <string>
#include <vector>

namespace core::shell {

/// What a command's words mean according to its OptionSpecs.
struct ParsedOptions {
    Options options;
    std::vector<std::string> operands;
    bool helpAsked = false; ///< --help given and not declared by the command itself
    std::string error;      ///< GNU text, both lines, with the final newline; empty when all is well
    int errorStatus = 1;    ///< the exit status that goes with it
};

/// Parses as getopt_long(3) does: clusters (-abc), attached and separate values (-n5, -n 5, --lines=5,
/// --lines 5), unambiguous prefixes of long names, "--" ends options, options and operands may mix.
ParsedOptions parseOptions(const CommandSpec& spec, const std::string& name,
                           const std::vector<std::string>& arguments);

/// The --help text: usage, summary, options.
std::string helpText(const CommandSpec& spec);

} // namespace core::shell
