#pragma once

#include "core/shell/commands/kubectl/call.h"

#include <map>
#include <optional>
#include <string>

namespace core::shell::kubectl {

/// The entries of a ConfigMap or Secret: key and bytes.
using ConfigEntries = std::map<std::string, std::string>;

/// What --from-literal, --from-file and --from-env-file name. `configMap`: the name of the ConfigMap they are
/// for; nothing when they are for a Secret. Complains and returns nothing when one is malformed, missing or
/// named twice.
std::optional<ConfigEntries> configEntries(Call& call, const std::optional<std::string>& configMap = std::nullopt);

} // namespace core::shell::kubectl
