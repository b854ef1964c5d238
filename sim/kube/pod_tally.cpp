#include "sim/kube/pod_tally.h"

#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

PodTally PodTally::of(const Store& store)
{
    PodTally tally;
    for (const auto& [key, pod] : store.all<Pod>())
        tally.add(*pod, 1);
    return tally;
}

void PodTally::observe(const std::vector<const WatchEvent*>& changes)
{
    for (const WatchEvent* change : changes) {
        if (change->kind != kindIdOf<Pod>)
            continue;
        // The write that takes a pod away leaves its status as the one before had it.
        if (change->type == WatchEvent::Type::Deleted) {
            add(change->as<Pod>(), -1);
            continue;
        }
        if (const Pod* before = change->before<Pod>())
            add(*before, -1);
        add(change->as<Pod>(), 1);
    }
}

void PodTally::add(const Pod& pod, std::int64_t sign)
{
    const auto& statuses = pod.status.containerStatuses;
    const bool allReady = !statuses.empty() && std::all_of(statuses.begin(), statuses.end(), [](const auto& s) { return s.ready.value; });
    running += pod.status.phase == kPodRunning ? sign : 0;
    ready += allReady ? sign : 0;
    waiting += !allReady && pod.status.phase != kPodSucceeded ? sign : 0;
}

} // namespace sim::kube
