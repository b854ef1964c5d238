#pragma once

#include "sim/kube/api/go_value.h"

#include <string>

namespace sim::kube {

/// How two values of a type differ, in the layout of go-cmp's Diff: what is the same around a difference is shown for
/// two records on each side and counted beyond. Empty when they are equal.
std::string goDiff(const GoValue& before, const GoValue& after);

} // namespace sim::kube
