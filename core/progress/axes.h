#pragma once

#include "core/content/text.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace core::progress {

/// An axis of the skills chart: a direction or an area of coverage.json, under its id.
struct Axis {
    std::string id;
    content::Text title;
};

const std::vector<Axis>& directions(); ///< the five, in coverage.json's order
const std::vector<Axis>& areas();      ///< the fifteen, likewise

/// The area of an incident's `area` field: "serving" incidents belong to the section on training and
/// inference; all others name their section.
std::string_view areaOf(std::string_view incidentArea);

/// How much an incident of this area trains each direction; the weights sum to 1. The shares are our own
/// judgement of what such incidents ask for. Empty for an unknown area.
std::map<std::string, double> directionWeights(std::string_view incidentArea);

} // namespace core::progress
