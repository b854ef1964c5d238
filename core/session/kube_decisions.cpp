#include "core/session/kube_detail.h"

#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/scheduler.h"
#include "sim/world/world.h"

#include <algorithm>
#include <set>

namespace core::session {

namespace {

constexpr std::size_t kMostDecisionsListed = 100;

const char* wordFor(sim::kube::SchedulingQueue::Place place)
{
    using Place = sim::kube::SchedulingQueue::Place;
    switch (place) {
    case Place::Active:
    case Place::InFlight: return "active";
    case Place::Backoff:
    case Place::Errors: return "backoff";
    case Place::Unschedulable: return "unschedulable";
    case Place::Gated: return "gated";
    }
    return "";
}

void locate(DecisionsDetail& detail, const sim::kube::Scheduler& scheduler, const std::string& pod)
{
    const auto slash = pod.find('/');
    if (slash == std::string::npos)
        return;
    const sim::kube::PodId id = scheduler.cache().find({pod.substr(0, slash), pod.substr(slash + 1)});
    const auto* entry = id == sim::kube::kNoPod ? nullptr : scheduler.queue().find(id);
    if (entry == nullptr)
        return;
    detail.place = wordFor(entry->place);
    if (detail.place == "backoff")
        detail.backoffEnd = entry->backoffEnd;
}

} // namespace

DecisionsDetail decisionsOf(const sim::World& world, const KubeInterest& interest)
{
    const sim::kube::Scheduler& scheduler = world.cluster().scheduler();
    DecisionsDetail detail;
    detail.running = scheduler.running();
    std::set<std::string> listed;
    const auto& kept = scheduler.decisions();
    for (auto it = kept.rbegin(); it != kept.rend(); ++it) {
        const sim::kube::Decision& decision = **it;
        std::string pod = decision.namespace_ + "/" + decision.pod;
        if (!detail.chosen && (interest.pod.empty() || interest.pod == pod))
            detail.chosen = *it;
        if (detail.latest.size() < kMostDecisionsListed && listed.insert(pod).second)
            detail.latest.push_back({decision.at, std::move(pod), decision.node, decision.attempt, !decision.nominated.empty()});
    }
    std::string shown = interest.pod;
    if (shown.empty() && detail.chosen)
        shown = detail.chosen->namespace_ + "/" + detail.chosen->pod;
    locate(detail, scheduler, shown);
    for (const sim::kube::Plugin& plugin : sim::kube::defaultPlugins()) {
        if (plugin.filter != nullptr)
            detail.filters.push_back({plugin.name, 0});
        if (plugin.weight > 0)
            detail.scores.push_back({plugin.name, plugin.weight});
    }
    return detail;
}

} // namespace core::session
