#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// etcd-slow: a release of shop/checkout during which the control plane's store stops keeping up.
/// Parameters: "cause" (required), "variant" and "hosts" (two control-plane machines; chosen by the seed when left out).
Result<nlohmann::json> prepareEtcdSlow(Context& context, const nlohmann::json& parameters);
Result<nlohmann::json> injectEtcdSlow(Context& context, const nlohmann::json& parameters);
/// Breaks it while old pods are gone already and new ones are not ready yet.
void proceedEtcdSlow(Context& context, const nlohmann::json& parameters);
inline constexpr Duration kEtcdSlowProceedsAfter = 4s;

} // namespace sim::faults
