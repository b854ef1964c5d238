#include "sim/kube/controllers/controller_history.h"
#include "sim/kube/controllers/daemon_set_round.h"

#include <algorithm>

namespace sim::kube {

namespace {

using PodPtr = std::shared_ptr<const Pod>;

/// Updates by making the new pod first and taking the old one away when it is available.
bool surges(const DaemonSet& set)
{
    const auto& rolling = set.spec.updateStrategy.rollingUpdate;
    return set.spec.updateStrategy.type != "OnDelete" && rolling && rolling->maxSurge && scaledValue(*rolling->maxSurge, 100, true) > 0;
}

struct NodePods {
    PodPtr current;
    PodPtr old;
};
NodePods presentPods(const DaemonRound& round, const std::vector<PodPtr>& pods)
{
    NodePods present;
    for (const PodPtr& pod : pods)
        if (!pod->metadata.deletionTimestamp)
            (isOld(round, *pod) ? present.old : present.current) = pod;
    return present;
}

/// Old pods, at most maxUnavailable away at once; unavailable old pods go first and free of charge.
void replaceOldPods(DaemonRound& round, std::int64_t budget)
{
    std::vector<PodPtr> candidates;
    for (const auto& [node, pods] : round.podsByNode) {
        const NodePods present = presentPods(round, pods);
        const auto available = [&](const PodPtr& pod) {
            return pod && isAvailable(*pod, round.set.spec.minReadySeconds, round.context.now());
        };
        if (!available(present.current) && !available(present.old)) {
            budget -= 1;
            if (present.old)
                round.toDelete.push_back(present.old);
        } else if (present.old) {
            candidates.push_back(present.old);
        }
    }
    budget -= static_cast<std::int64_t>(round.nodesNeedingPods.size());
    for (std::size_t i = 0; i < candidates.size() && budget > 0; ++i, --budget)
        round.toDelete.push_back(candidates[i]);
}

/// New pods beside old ones, on at most maxSurge nodes at once; where the old one is unavailable, in any case.
void addNewPods(DaemonRound& round, std::int64_t budget)
{
    std::vector<std::string> candidates;
    for (const auto& [node, pods] : round.podsByNode) {
        const NodePods present = presentPods(round, pods);
        if (!present.old)
            continue; // a missing pod is made in any case
        if (present.current)
            budget -= isAvailable(*present.current, round.set.spec.minReadySeconds, round.context.now()) ? 0 : 1;
        else if (!isAvailable(*present.old, round.set.spec.minReadySeconds, round.context.now()))
            round.nodesNeedingPods.push_back(node);
        else
            candidates.push_back(node);
    }
    for (std::size_t i = 0; i < candidates.size() && budget > 0; ++i, --budget)
        round.nodesNeedingPods.push_back(candidates[i]);
}

} // namespace

bool isOld(const DaemonRound& round, const Pod& pod)
{
    const auto it = pod.metadata.labels.find(kControllerRevisionHash);
    return it == pod.metadata.labels.end() || it->second != round.hash;
}

/// Of several pods on a node the oldest stays; while surging, the oldest of each revision, until the old one is not
/// needed any more.
void pruneNode(DaemonRound& round, std::vector<PodPtr> running)
{
    std::stable_sort(running.begin(), running.end(),
                     [](const PodPtr& a, const PodPtr& b) { return a->metadata.creationTimestamp < b->metadata.creationTimestamp; });
    const bool surging = surges(round.set);
    PodPtr newest;
    PodPtr old;
    for (const PodPtr& pod : running) {
        PodPtr& kept = surging && isOld(round, *pod) ? old : newest;
        if (!kept)
            kept = pod;
        else
            round.toDelete.push_back(pod);
    }
    if (newest && old && (!isReady(*old) || isAvailable(*newest, round.set.spec.minReadySeconds, round.context.now())))
        round.toDelete.push_back(old);
}

void planUpdate(DaemonRound& round)
{
    std::int64_t desired = 0;
    for (const auto& [node, fit] : round.fits)
        desired += fit.shouldRun ? 1 : 0;
    const RollingUpdate update = round.set.spec.updateStrategy.rollingUpdate.value_or(RollingUpdate{});
    if (surges(round.set))
        addNewPods(round, scaledValue(*update.maxSurge, desired, true));
    else
        replaceOldPods(round, scaledValue(update.maxUnavailable.value_or(IntOrString{std::int64_t{1}}), desired, true));
}

} // namespace sim::kube
