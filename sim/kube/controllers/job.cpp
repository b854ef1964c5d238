#include "sim/kube/controllers/job.h"

#include "sim/kube/controllers/job_sync.h"

#include <algorithm>

namespace sim::kube {

namespace {

// pkg/controller/job/job_controller.go: syncJobBatchPeriod
constexpr Duration kBatchPeriod = 1s;
constexpr const char* kManagedByUs = "kubernetes.io/job-controller";
constexpr std::string_view kOrphan = "pod/";

bool isTracked(const Pod& pod)
{
    return std::find(pod.metadata.finalizers.begin(), pod.metadata.finalizers.end(), kJobTracking) != pod.metadata.finalizers.end();
}

std::shared_ptr<const Job> jobOf(const Store& store, const Pod& pod)
{
    const OwnerReference* owner = controllerOf(pod.metadata);
    if (!owner || owner->kind != "Job")
        return nullptr;
    auto job = store.get<Job>({pod.metadata.namespace_, owner->name});
    return job && job->metadata.uid == owner->uid ? job : nullptr;
}

ObjectKey orphanKey(const ObjectKey& pod)
{
    return {pod.namespace_, std::string(kOrphan) + pod.name};
}

} // namespace

const Condition* finishedCondition(const Job& job)
{
    for (const char* type : {"Complete", "Failed"})
        if (const Condition* c = findCondition(job.status.conditions, type); c && c->status.value == kTrue)
            return c;
    return nullptr;
}

void JobController::relist(const Store& store)
{
    for (const auto& [key, job] : store.all<Job>())
        queue.add(key);
    for (const auto& [key, pod] : store.all<Pod>())
        if (isTracked(*pod) && !jobOf(store, *pod))
            queue.add(orphanKey(key));
}

void JobController::observe(const WatchEvent& event, const Store& store, const PodIndex& pods)
{
    if (event.kind == kindIdOf<Job>) {
        const Job& job = event.as<Job>();
        const Job* before = event.before<Job>();
        // Status changes follow from pods, and wait with these; a change of the specification does not.
        if (event.type == WatchEvent::Type::Modified && before && before->metadata.generation == job.metadata.generation)
            queue.addAfter(event.key, kBatchPeriod);
        else
            queue.add(event.key);
        if (event.type == WatchEvent::Type::Deleted)
            for (const ObjectKey& key : pods.ofController(job.metadata.uid))
                queue.add(orphanKey(key));
        return;
    }
    if (event.kind != kindIdOf<Pod>)
        return;
    const Pod& pod = event.as<Pod>();
    if (const auto job = jobOf(store, pod))
        queue.addAfter(keyOf(job->metadata), kBatchPeriod);
    else if (event.type != WatchEvent::Type::Deleted && isTracked(pod))
        queue.add(orphanKey(event.key));
}

void JobController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    if (key.name.compare(0, kOrphan.size(), kOrphan) == 0) {
        queue.forget(key);
        const ObjectKey podKey{key.namespace_, key.name.substr(kOrphan.size())};
        const auto pod = context.store().get<Pod>(podKey);
        if (pod && isTracked(*pod) && !jobOf(context.store(), *pod))
            patchObject<Pod>(context.client, podKey, [](Pod& p) { std::erase(p.metadata.finalizers, kJobTracking); });
        return;
    }
    const auto job = context.store().get<Job>(key);
    if (!job || finishedCondition(*job) || job->spec.managedBy.value_or(kManagedByUs) != kManagedByUs) {
        queue.forget(key);
        if (!job || finishedCondition(*job))
            backOffs.erase(key);
        return;
    }
    JobSync sync(context, *this, key, *job);
    if (sync.run().empty())
        queue.forget(key);
    else
        queue.addRateLimited(key, context.now());
}

} // namespace sim::kube
