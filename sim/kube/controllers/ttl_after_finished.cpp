#include "sim/kube/controllers/ttl_after_finished.h"

#include "sim/kube/controllers/garbage_collector.h"
#include "sim/kube/controllers/job.h"

namespace sim::kube {

namespace {

/// When the Job is to go; nothing while it runs or may stay.
std::optional<Instant> expiry(const Job& job)
{
    const Condition* finished = finishedCondition(job);
    if (job.metadata.deletionTimestamp || !job.spec.ttlSecondsAfterFinished || !finished || !finished->lastTransitionTime)
        return std::nullopt;
    return finished->lastTransitionTime->at + std::chrono::seconds(*job.spec.ttlSecondsAfterFinished);
}

} // namespace

void TtlAfterFinishedController::relist(const Store& store)
{
    for (const auto& [key, job] : store.all<Job>())
        if (expiry(*job))
            queue.add(key);
}

void TtlAfterFinishedController::observe(const WatchEvent& event, const Store&, const PodIndex&)
{
    if (event.kind == kindIdOf<Job> && event.type != WatchEvent::Type::Deleted && expiry(event.as<Job>()))
        queue.add(event.key);
}

void TtlAfterFinishedController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    const auto job = context.store().get<Job>(key);
    const auto due = job ? expiry(*job) : std::nullopt;
    if (!due)
        return;
    if (*due > context.now()) {
        queue.addAt(key, *due);
        return;
    }
    patchObject<Job>(context.client, key, [](Job& j) { j.metadata.finalizers.emplace_back(kForegroundFinalizer); });
    context.store().remove<Job>(key, context.now());
}

} // namespace sim::kube
