#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// The announced pause of no-fault is over after so long.
inline constexpr Duration kTpHangProceedsAfter = 10min;
/// No step of a model server on several GPUs ends any more.
Result<nlohmann::json> injectTpHang(Context& context, const nlohmann::json& parameters);
void proceedTpHang(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
