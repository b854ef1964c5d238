#include "sim/kube/scheduler/cluster_events.h"

#include "sim/kube/client/objects.h"

namespace sim::kube {

namespace {

using Type = WatchEvent::Type;

std::uint32_t nodeChange(const WatchEvent& event)
{
    if (event.type == Type::Added)
        return cluster_event::kNodeAdded;
    if (event.type == Type::Deleted)
        return cluster_event::kNodeDeleted;
    const Node* before = event.before<Node>();
    const Node& now = event.as<Node>();
    if (!before)
        return 0;
    std::uint32_t bits = 0;
    if (!(before->status.allocatable == now.status.allocatable))
        bits |= cluster_event::kNodeAllocatable;
    if (before->metadata.labels != now.metadata.labels)
        bits |= cluster_event::kNodeLabels;
    if (!(before->spec.taints == now.spec.taints) || before->spec.unschedulable != now.spec.unschedulable)
        bits |= cluster_event::kNodeTaints;
    return bits;
}

std::uint32_t podChange(const WatchEvent& event)
{
    const Pod& now = event.as<Pod>();
    if (now.spec.nodeName.empty()) // room that was being made for it is free again
        return event.type == Type::Deleted && !now.status.nominatedNodeName.empty() ? cluster_event::kPodGone : 0;
    if (event.type == Type::Deleted)
        return isTerminal(now) ? 0 : cluster_event::kPodGone;
    const Pod* before = event.before<Pod>();
    if (isTerminal(now))
        return before && !isTerminal(*before) ? cluster_event::kPodGone : 0;
    if (!before || before->spec.nodeName.empty())
        return cluster_event::kPodPlaced;
    return before->metadata.labels != now.metadata.labels ? cluster_event::kPodLabels : 0;
}

} // namespace

std::uint32_t classify(const WatchEvent& event)
{
    if (event.kind == kindIdOf<Pod>)
        return podChange(event);
    if (event.kind == kindIdOf<Node>)
        return nodeChange(event);
    if (event.type == Type::Deleted)
        return 0;
    if (event.kind == kindIdOf<PersistentVolumeClaim>)
        return cluster_event::kClaim;
    if (event.kind == kindIdOf<PersistentVolume>)
        return cluster_event::kVolume;
    if (event.kind == kindIdOf<StorageClass>)
        return cluster_event::kStorageClass;
    if (event.kind == kindIdOf<CSINode>)
        return cluster_event::kCsiNode;
    return 0;
}

bool changesOwnChances(const Pod& before, const Pod& now)
{
    return !(before.spec == now.spec) || before.metadata.labels != now.metadata.labels;
}

} // namespace sim::kube
