#pragma once

#include "sim/kube/api/store.h"

#include <string>

namespace sim::kube {

/// What the eviction subresource decides about a pod (pkg/registry/core/pod/storage/eviction.go).
struct EvictionRuling {
    int code = 201;        ///< 201: granted; 429, 403, 500: refused
    std::string reason;    ///< of the Status: TooManyRequests, Forbidden, InternalError
    std::string message;
    std::string cause;     ///< message of the cause DisruptionBudget; empty: none
    std::string budget;    ///< the budget that loses one allowed disruption; empty: none
};

/// Reads the store only. Requires: the pod is stored.
EvictionRuling ruleEviction(const Store& store, const Pod& pod);

/// Carries a granted ruling out: takes the disruption from the budget, says on the pod why it goes, and deletes it.
/// `graceSeconds`: of the request. The error of the write that failed, if one did.
StoreError evict(Store& store, const Pod& pod, const EvictionRuling& ruling, Instant now, std::optional<std::int64_t> graceSeconds);

} // namespace sim::kube
