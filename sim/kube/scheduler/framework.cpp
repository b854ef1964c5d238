#include "sim/kube/scheduler/framework.h"

#include <algorithm>

namespace sim::kube {

const Plugins& defaultPlugins()
{
    static const Plugins kPlugins{
        schedulingGatesPlugin(),   nodeUnschedulablePlugin(),  nodeNamePlugin(),      taintTolerationPlugin(),
        nodeAffinityPlugin(),      nodePortsPlugin(),          nodeResourcesFitPlugin(), volumeRestrictionsPlugin(),
        nodeVolumeLimitsPlugin(),  volumeBindingPlugin(),      volumeZonePlugin(),    podTopologySpreadPlugin(),
        interPodAffinityPlugin(),  balancedAllocationPlugin(), imageLocalityPlugin(), defaultBinderPlugin(),
    };
    return kPlugins;
}

void normalizeByMaximum(std::vector<std::int64_t>& scores, bool reverse)
{
    const std::int64_t most = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
    if (most > 0)
        for (std::int64_t& s : scores)
            s = kMaxNodeScore * s / most;
    if (reverse)
        for (std::int64_t& s : scores)
            s = kMaxNodeScore - s;
}

} // namespace sim::kube
