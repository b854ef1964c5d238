#include "sim/kube/controllers/taint_eviction.h"

#include "sim/kube/controllers/reasons.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

namespace sim::kube {

namespace {

const Reporter kTaintReporter{"taint-eviction-controller", "", false, ""};

std::vector<Taint> noExecuteTaints(const Node& node)
{
    std::vector<Taint> taints;
    for (const Taint& t : node.spec.taints)
        if (t.effect == kNoExecute)
            taints.push_back(t);
    return taints;
}

/// About the pod's name alone: `describe pod`, which asks for events by uid, does not show these (golden case 80).
void tell(ControllerContext& context, const ObjectKey& key, const char* doing)
{
    ObjectReference pod;
    pod.apiVersion = "v1";
    pod.kind = "Pod";
    pod.name = key.name;
    pod.namespace_ = key.namespace_;
    context.client.event(kTaintReporter, pod, kNormal, reasons::kTaintManagerEviction,
                         fmt::format("{} Pod {}/{}", doing, key.namespace_, key.name));
}

} // namespace

void TaintEvictionController::relist(const Store& store)
{
    m_deadlines.clear();
    for (const auto& [key, node] : store.all<Node>())
        if (!noExecuteTaints(*node).empty())
            queue.add(key);
}

void TaintEvictionController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<Node>) {
        const Node* before = event.before<Node>();
        if (event.type == WatchEvent::Type::Deleted || !before
            || noExecuteTaints(*before) != noExecuteTaints(event.as<Node>()))
            queue.add(event.key);
    } else if (event.kind == kindIdOf<Pod>) {
        if (event.type == WatchEvent::Type::Deleted) {
            m_deadlines.erase(event.key);
            return;
        }
        const Pod& pod = event.as<Pod>();
        const Pod* before = event.before<Pod>();
        if (pod.spec.nodeName.empty()
            || (before && before->spec.nodeName == pod.spec.nodeName && before->spec.tolerations == pod.spec.tolerations))
            return;
        const auto node = store.get<Node>({"", pod.spec.nodeName});
        if (node && !noExecuteTaints(*node).empty())
            queue.add(event.key);
    }
}

void TaintEvictionController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    if (!key.namespace_.empty()) {
        reconcilePod(context, key);
        return;
    }
    const PodIndex::Keys pods = context.pods.onNode(key.name);
    for (const ObjectKey& pod : pods)
        reconcilePod(context, pod);
}

void TaintEvictionController::reconcilePod(ControllerContext& context, const ObjectKey& key)
{
    const auto pod = context.store().get<Pod>(key);
    if (!pod) {
        m_deadlines.erase(key);
        return;
    }
    const auto cancel = [&] {
        if (m_deadlines.erase(key) > 0)
            tell(context, key, "Cancelling deletion of");
    };
    const auto node = context.store().get<Node>({"", pod->spec.nodeName});
    const std::vector<Taint> taints = node ? noExecuteTaints(*node) : std::vector<Taint>();
    if (pod->metadata.deletionTimestamp) {
        m_deadlines.erase(key); // there is nothing left to cancel
        return;
    }
    if (taints.empty()) {
        cancel();
        return;
    }

    std::int64_t shortest = std::numeric_limits<std::int64_t>::max(); // tolerated for ever
    for (const Taint& taint : taints) {
        bool tolerated = false;
        for (const Toleration& t : pod->spec.tolerations) {
            if (!tolerates(t, taint))
                continue;
            tolerated = true;
            if (t.tolerationSeconds)
                shortest = std::min(shortest, std::max<std::int64_t>(*t.tolerationSeconds, 0));
        }
        if (!tolerated)
            shortest = 0;
    }
    if (shortest == std::numeric_limits<std::int64_t>::max()) {
        cancel();
        return;
    }
    const auto [it, inserted] = m_deadlines.try_emplace(key, Deadline{context.now(), {}});
    it->second.due = it->second.started + std::chrono::seconds(shortest);
    if (it->second.due > context.now()) {
        queue.addAt(key, it->second.due);
        return;
    }
    m_deadlines.erase(it);
    evict(context, *pod);
}

void TaintEvictionController::evict(ControllerContext& context, const Pod& pod)
{
    const ObjectKey key = keyOf(pod.metadata);
    tell(context, key, "Marking for deletion");
    patchObject<Pod>(context.client, key, [&](Pod& p) {
        setPodCondition(p, reasons::kDisruptionTarget, kTrue, reasons::kDeletionByTaintManager, reasons::kTaintManagerMessage,
                        context.now());
    });
    context.store().remove<Pod>(key, context.now());
}

} // namespace sim::kube
