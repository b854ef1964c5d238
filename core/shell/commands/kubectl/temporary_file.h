#pragma once

#include "core/shell/commands/kubectl/call.h"

#include <cstdint>
#include <string>

namespace core::shell::kubectl {

/// A number for the name of a temporary file: depends on the instant alone, so that a replay names it alike,
/// and on `salt` to tell apart what is made at one instant.
std::uint64_t temporaryNumber(const Call& call, std::uint64_t salt);

} // namespace core::shell::kubectl
