#pragma once

#include "sim/kube/api/store.h"

#include <string>
#include <vector>

namespace sim::kube {

/// What is wrong with an object after defaulting, in field.Error's words:
/// `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. Covers the fields that learners
/// write every day; others are taken as they are.
template <ApiObject T>
std::vector<std::string> validate(const T& object);
/// What an update may not change: `spec.selector: Invalid value: ...: field is immutable`.
template <ApiObject T>
std::vector<std::string> validateUpdate(const T& object, const T& old);

} // namespace sim::kube
