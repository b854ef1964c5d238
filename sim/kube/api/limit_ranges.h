#pragma once

#include "sim/kube/api/store.h"

#include <string>
#include <vector>

namespace sim::kube {

/// Fills in the requests and limits that the namespace's LimitRanges give containers that name none, and notes it in
/// the annotation kubernetes.io/limit-ranger.
void applyLimitRanges(Pod& pod, const Store& store);
/// What breaks a LimitRange, in the plugin's words; several are bracketed. Empty: nothing.
std::string limitRangeRefusal(const Pod& pod, const Store& store);
std::string limitRangeRefusal(const PersistentVolumeClaim& claim, const Store& store);

} // namespace sim::kube
