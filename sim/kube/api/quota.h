#pragma once

#include "sim/kube/api/store.h"

#include <string>
#include <vector>

namespace sim::kube {

/// What one object takes from quotas: "pods": 1, "requests.cpu": 500m, "count/deployments.apps": 1.
ResourceList quotaUseOf(KindId kind, const void* object);
/// Whether the quota's scopes take in the object.
bool quotaCovers(const ResourceQuota& quota, KindId kind, const void* object);
/// What the objects of the quota's namespace take now, of the resources that spec.hard names. What the quota
/// controller writes to status.used.
ResourceList quotaUsage(const Store& store, const ResourceQuota& quota);

/// A quota whose usage a new object raises.
struct QuotaCharge {
    std::string name;
    ResourceList used; ///< after the object is made
};
struct QuotaAdmission {
    std::string refusal; ///< `exceeded quota: q, requested: requests.cpu=600m, used: ...`; empty: admitted
    std::vector<QuotaCharge> charges;
};
/// Checks every quota of the namespace, in the order of names.
QuotaAdmission admitToQuotas(const Store& store, KindId kind, const void* object, const std::string& namespace_);
/// Writes the usage down, as the admission plugin does before the object is stored.
void charge(Store& store, const std::string& namespace_, const std::vector<QuotaCharge>& charges, Instant now);

} // namespace sim::kube
