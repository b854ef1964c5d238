#include "sim/kube/controllers/resource_quota.h"

#include "sim/kube/api/quota.h"

namespace sim::kube {

namespace {

/// The change makes a difference to somebody's usage.
bool matters(const WatchEvent& event)
{
    if (event.type == WatchEvent::Type::Added)
        return event.kind != kindIdOf<Pod>; // admission has counted it
    if (event.type == WatchEvent::Type::Deleted)
        return true;
    if (event.kind == kindIdOf<Pod>) // it has ended: its requests are free
        return event.before<Pod>() && isTerminal(event.as<Pod>()) && !isTerminal(*event.before<Pod>());
    if (event.kind == kindIdOf<Service>)
        return event.before<Service>() && !(event.before<Service>()->spec == event.as<Service>().spec);
    if (event.kind == kindIdOf<PersistentVolumeClaim>)
        return event.before<PersistentVolumeClaim>()
            && !(event.before<PersistentVolumeClaim>()->spec == event.as<PersistentVolumeClaim>().spec);
    return false;
}

} // namespace

void ResourceQuotaController::relist(const Store& store)
{
    for (const auto& [key, quota] : store.all<ResourceQuota>())
        queue.add(key);
}

void ResourceQuotaController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<ResourceQuota>) {
        queue.add(event.key);
        return;
    }
    if (event.key.namespace_.empty() || store.all<ResourceQuota>().empty() || !matters(event))
        return;
    const auto& quotas = store.all<ResourceQuota>();
    for (auto it = quotas.lower_bound({event.key.namespace_, {}}); it != quotas.end() && it->first.namespace_ == event.key.namespace_; ++it)
        queue.add(it->first);
}

void ResourceQuotaController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    const auto quota = context.store().get<ResourceQuota>(key);
    if (!quota)
        return;
    ResourceQuotaStatus status;
    status.hard = quota->spec.hard;
    status.used = quotaUsage(context.store(), *quota);
    if (!(status == quota->status))
        patchObject<ResourceQuota>(context.client, key, [&](ResourceQuota& q) { q.status = status; });
}

} // namespace sim::kube
