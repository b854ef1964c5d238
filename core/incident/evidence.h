#pragma once

#include "core/content/library.h"

#include <set>
#include <string>
#include <vector>

namespace core::incident {

/// Ids of facts that somebody knows.
using KnownFacts = std::set<std::string, std::less<>>;

/// Causes that the known facts rule out, alone or together. Order of learning does not matter.
std::set<std::string> excludedCauses(const content::Incident& incident, const KnownFacts& known);

/// Causes that still fit, in the incident's order.
std::vector<std::string> consistentCauses(const content::Incident& incident, const KnownFacts& known);

/// The share of the true cause's rivals that the known facts exclude, 0..1. The truth itself counts as
/// fitting, whatever the facts say. 1 when there is no rival.
double exclusion(const content::Incident& incident, const std::string& truth, const KnownFacts& known);

/// The unseen fact worth showing next: true of this cause and variant, with the highest information gain
/// among the causes that still fit (ties: the incident's order). Null when no fact would narrow it down.
const content::Fact* nextFact(const content::Incident& incident, const std::string& truth, const std::string& variant,
                              const KnownFacts& known);

} // namespace core::incident
