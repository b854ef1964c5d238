#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The database's filesystem takes no more writes, and no large file explains it. Parameters: cause, variant. Chosen:
/// machine, unit, pid, path.
Result<nlohmann::json> injectDiskFull(Context& context, const nlohmann::json& parameters);
/// The backup of "no-fault" ends, and takes its temporary file with it.
void proceedDiskFull(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kDiskFullProceedsAfter = std::chrono::minutes(6);

} // namespace sim::faults
