#pragma once

#include "sim/faults/catalogue.h"

namespace sim::faults {

/// webhook-down: a release of shop/checkout whose pods are not created, because the admission webhook in
/// policy-system cannot be asked.
/// Parameters: "cause" (required) and "variant" (chosen by the seed when left out).
Result<nlohmann::json> injectWebhookDown(Context& context, const nlohmann::json& parameters);
/// Puts the webhook into place; most of the causes are there from then on, unnoticed.
Result<nlohmann::json> prepareWebhookDown(Context& context, const nlohmann::json& parameters);

} // namespace sim::faults
