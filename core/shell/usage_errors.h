#pragma once

#include "core/shell/command_table.h"

#include <string>

namespace core::shell {

/// What is wrong with a command's options, as getopt_long(3) sees it.
struct OptionComplaint {
    enum class Kind { Unknown, ArgumentMissing, Other };
    Kind kind = Kind::Other;
    std::string option; ///< as typed: "-Q", "--nosuch"
    std::string text;   ///< getopt's words: "invalid option -- 'Q'"
    std::size_t words = 0; ///< arguments read so far: traceroute counts them
};

struct UsageError {
    std::string text; ///< for standard error, with the final newline
    int status = 1;
};

/// How each project answers a wrong option: the text and the exit status of the real tools of Debian 12
/// (tests/core/commands/real_errors holds what they were seen to print).
UsageError usageError(const CommandSpec& spec, const std::string& name, const OptionComplaint& complaint);

/// procps' usage: the command line, one line for each option, the manual's page.
std::string procpsUsage(const CommandSpec& spec);
/// The usage lines of sysstat's iostat, mpstat and pidstat; they stand alone, whatever was wrong.
std::string sysstatUsage(const std::string& name);

} // namespace core::shell
