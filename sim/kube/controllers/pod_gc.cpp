#include "sim/kube/controllers/pod_gc.h"

#include "sim/kube/controllers/reasons.h"

namespace sim::kube {

namespace {

// pkg/controller/podgc/gc_controller.go: gcCheckPeriod, quarantineTime
constexpr Duration kPeriod = 20s;
constexpr Duration kQuarantine = 40s;

Instant nextLoop(Instant at)
{
    const std::int64_t n = at.time_since_epoch().count() / kPeriod.count() + 1;
    return Instant{kPeriod * n};
}

} // namespace

void PodGarbageCollector::relist(const Store& store)
{
    m_missingSince.clear();
    for (const auto& [key, pod] : store.all<Pod>())
        if (!pod->spec.nodeName.empty() && !store.get<Node>({"", pod->spec.nodeName}))
            queue.add({"", pod->spec.nodeName});
}

void PodGarbageCollector::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<Node> && event.type == WatchEvent::Type::Deleted)
        queue.add({"", event.key.name});
    else if (event.kind == kindIdOf<Pod> && event.type != WatchEvent::Type::Deleted) {
        const std::string& node = event.as<Pod>().spec.nodeName;
        if (!node.empty() && !store.get<Node>({"", node}))
            queue.add({"", node});
    }
}

void PodGarbageCollector::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    const PodIndex::Keys pods = context.pods.onNode(key.name);
    if (context.store().get<Node>({"", key.name}) || pods.empty()) {
        m_missingSince.erase(key.name);
        return;
    }
    const auto [it, first] = m_missingSince.try_emplace(key.name, nextLoop(context.now()));
    const Instant due = nextLoop(it->second + kQuarantine - 1ns);
    if (context.now() < due) {
        queue.addAt(key, due);
        return;
    }
    m_missingSince.erase(it);
    for (const ObjectKey& podKey : pods) {
        patchObject<Pod>(context.client, podKey, [&](Pod& pod) {
            if (isTerminal(pod))
                return;
            pod.status.phase = kPodFailed;
            setPodCondition(pod, reasons::kDisruptionTarget, kTrue, reasons::kDeletionByPodGc, reasons::kPodGcMessage,
                            context.now());
        });
        context.store().remove<Pod>(podKey, context.now(), 0);
    }
}

} // namespace sim::kube
