#pragma once

#include <optional>
#include <string>

namespace core::shell {

/// The number of "TERM", "SIGTERM", "15"; 0 for "EXIT" and "0".
std::optional<int> signalNumber(const std::string& text);
/// "TERM" of 15, "EXIT" of 0; empty for a number that is none.
std::string signalName(int number);
/// Whether a process that does not catch the signal goes on all the same.
bool ignoredByDefault(int number);

} // namespace core::shell
