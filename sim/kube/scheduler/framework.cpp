#include "sim/kube/scheduler/framework.h"

#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

const std::vector<Plugin>& defaultPlugins()
{
    static const std::vector<Plugin> kPlugins{
        nodeUnschedulablePlugin(), nodeNamePlugin(),         taintTolerationPlugin(),   nodeAffinityPlugin(),
        nodePortsPlugin(),         nodeResourcesFitPlugin(), podTopologySpreadPlugin(), interPodAffinityPlugin(),
        balancedAllocationPlugin(), imageLocalityPlugin(),
    };
    return kPlugins;
}

void normalizeByMaximum(std::vector<std::int64_t>& scores, bool reverse)
{
    const std::int64_t most = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
    for (std::int64_t& s : scores) {
        if (most > 0)
            s = kMaxNodeScore * s / most;
        if (reverse)
            s = kMaxNodeScore - s;
    }
}

namespace hints {

bool nodeAdded(const WatchEvent& event)
{
    return event.kind == kindIdOf<Node> && event.type == WatchEvent::Type::Added;
}

bool nodeLabelsChanged(const WatchEvent& event)
{
    if (event.kind != kindIdOf<Node> || event.type != WatchEvent::Type::Modified)
        return false;
    const Node* before = event.before<Node>();
    return before && before->metadata.labels != event.as<Node>().metadata.labels;
}

bool nodeTaintsChanged(const WatchEvent& event)
{
    if (event.kind != kindIdOf<Node> || event.type != WatchEvent::Type::Modified)
        return false;
    const Node* before = event.before<Node>();
    return before && !(before->spec == event.as<Node>().spec);
}

bool assignedPodGone(const WatchEvent& event)
{
    if (event.kind != kindIdOf<Pod> || event.as<Pod>().spec.nodeName.empty())
        return false;
    if (event.type == WatchEvent::Type::Deleted)
        return true;
    const Pod* before = event.before<Pod>();
    return before && !isTerminal(*before) && isTerminal(event.as<Pod>());
}

bool podSeen(const WatchEvent& event)
{
    if (event.kind != kindIdOf<Pod> || event.as<Pod>().spec.nodeName.empty())
        return false;
    if (event.type != WatchEvent::Type::Modified)
        return true;
    const Pod* before = event.before<Pod>();
    return before
        && (before->metadata.labels != event.as<Pod>().metadata.labels || before->spec.nodeName != event.as<Pod>().spec.nodeName);
}

bool selfChanged(const WatchEvent& event, const PodInfo& pod)
{
    if (event.kind != kindIdOf<Pod> || event.type != WatchEvent::Type::Modified
        || event.as<Pod>().metadata.uid != pod.pod->metadata.uid)
        return false;
    const Pod* before = event.before<Pod>();
    return before && (!(before->spec == event.as<Pod>().spec) || before->metadata.labels != event.as<Pod>().metadata.labels);
}

} // namespace hints

} // namespace sim::kube
