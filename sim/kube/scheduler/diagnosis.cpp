#include "sim/kube/scheduler/diagnosis.h"

#include "sim/kube/scheduler/reasons.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace sim::kube {

std::string Diagnosis::message() const
{
    std::string text = fmt::format(fmt::runtime(reasons::kNodesAvailable), allNodes);
    if (!preFilter.empty()) {
        text += ' ' + preFilter + '.';
    } else {
        std::map<std::string, std::size_t> counts;
        for (const NodeStatus& status : nodes)
            for (const std::string& reason : status.reasons)
                counts[reason] += 1;
        if (!absent.empty() && allNodes > nodes.size())
            counts[absent] += allNodes - nodes.size();
        // Sorted as strings, the count included: "10 ..." comes before "2 ...".
        std::vector<std::string> parts;
        for (const auto& [reason, count] : counts)
            parts.push_back(fmt::format("{} {}", count, reason));
        std::sort(parts.begin(), parts.end());
        for (std::size_t i = 0; i < parts.size(); ++i)
            text += (i == 0 ? " " : ", ") + parts[i];
        if (!parts.empty())
            text += '.';
    }
    if (!postFilter.empty())
        text += ' ' + postFilter;
    return text;
}

} // namespace sim::kube
