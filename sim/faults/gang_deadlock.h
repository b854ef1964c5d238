#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// A training job lost a worker and does not get its place back: what stands in its way came before. Parameters: cause, variant,
/// machine. Chosen: worker (the pod that went), machine (where it was), rival (what holds the GPUs: a job or a Deployment; not of
/// "quota").
Result<nlohmann::json> prepareGangDeadlock(Context& context, const nlohmann::json& parameters);
Result<nlohmann::json> injectGangDeadlock(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
