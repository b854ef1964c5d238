#include "sim/kube/api/meta.h"

#include <algorithm>

namespace sim::kube {

namespace {

bool matchesRequirement(const LabelSelectorRequirement& requirement, const StringMap& labels)
{
    const auto label = labels.find(requirement.key);
    const bool present = label != labels.end();
    if (requirement.operator_ == "Exists")
        return present;
    if (requirement.operator_ == "DoesNotExist")
        return !present;
    const bool listed = present
        && std::find(requirement.values.begin(), requirement.values.end(), label->second) != requirement.values.end();
    if (requirement.operator_ == "In")
        return listed;
    // A missing label is "not in" any set, as in labels.Requirement.Matches.
    if (requirement.operator_ == "NotIn")
        return !listed;
    return false;
}

} // namespace

bool LabelSelector::matches(const StringMap& labels) const
{
    for (const auto& [key, value] : matchLabels) {
        const auto it = labels.find(key);
        if (it == labels.end() || it->second != value)
            return false;
    }
    return std::all_of(matchExpressions.begin(), matchExpressions.end(),
                       [&](const LabelSelectorRequirement& r) { return matchesRequirement(r, labels); });
}

} // namespace sim::kube
