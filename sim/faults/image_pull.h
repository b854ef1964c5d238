#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// image-pull-backoff: a release of shop/checkout whose images cannot all be pulled.
/// Parameters: "cause" (required), "variant" and "node" (chosen by the seed when left out).
Result<nlohmann::json> injectImagePull(Context& context, const nlohmann::json& parameters);
/// The registry's upgrade of storage-path comes a minute before the release: a pull that met the restarting service
/// would tell the cause by itself.
Result<nlohmann::json> prepareImagePull(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
