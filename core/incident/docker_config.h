#pragma once

#include "core/incident/world_probe.h"

#include <optional>
#include <string>
#include <string_view>

namespace core::incident {

/// The account that a .dockerconfigjson document holds for a registry ("registry.lab:5000", with or
/// without "https://"): "username" and "password", or both in "auth". Nothing when there is none.
std::optional<WorldProbe::Account> accountIn(const std::string& dockerConfigJson, const std::string& registry);

} // namespace core::incident
