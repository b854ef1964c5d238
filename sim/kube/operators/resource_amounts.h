#pragma once

#include "sim/kube/api/core_v1.h"
#include "sim/kube/scheduler/resources.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace sim::kube {

/// Amounts by resource name in thousandths ("cpu" 500m is 500, "nvidia.com/gpu" 8 is 8000): what queues and quotas reckon
/// with. A name that is missing is zero.
using Amounts = std::map<std::string, std::int64_t>;

Amounts amountsOf(const ResourceList& list);
Amounts amountsOf(const Resources& resources);
/// {"cpu": "4", "nvidia.com/gpu": 8}; what is no quantity is left out.
Amounts amountsOf(const nlohmann::json& list);
nlohmann::json amountsToJson(const Amounts& amounts);
/// "500m", "8": the quantity's canonical text.
std::string amountText(const std::string& resource, std::int64_t milli);

void add(Amounts& sum, const Amounts& more, std::int64_t times = 1);
std::int64_t amountOf(const Amounts& amounts, const std::string& resource);
/// Every amount of `a` is at most b's; a resource that `b` does not name counts as unlimited or as zero.
bool fitsInto(const Amounts& a, const Amounts& b, bool unnamedIsUnlimited);

/// What a pod asks for, limits standing in for requests that are not given. Its one pod slot is not counted.
Amounts requestsOf(const PodSpec& spec);

} // namespace sim::kube
