#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The kernel kills processes of app-1 for want of memory: the orders service again and again, whoever took the memory.
/// Parameters: cause, variant. Chosen: machine, unit, pid, path.
Result<nlohmann::json> injectOomKiller(Context& context, const nlohmann::json& parameters);
/// What has taken the memory took it over days: after a restart it begins small.
void proceedOomKiller(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kOomKillerProceedsAfter = std::chrono::seconds(3);

} // namespace sim::faults
