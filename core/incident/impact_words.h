#pragma once

#include "core/content/library.h"

namespace core::incident {

/// "1000", "31.2 million": how much of it was lost, without its unit. Tokens are many.
content::Text amountText(const content::Impact& impact, double amount);
/// The same with its unit: "1000 requests", "31.2 million tokens".
content::Text lossText(const content::Impact& impact, double amount);

/// What went down while it was lost: "success", or the progress of a training.
content::Text impactMeasureText(const content::Impact& impact);

/// What is said of users when their service suffers, and again when it does not.
content::Text impactBeganText(const content::Impact& impact);
content::Text impactLastsText(const content::Impact& impact); ///< when the incident was closed
content::Text impactEndedText(const content::Impact& impact);

} // namespace core::incident
