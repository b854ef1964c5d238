#include "sim/kube/controllers/volume_protection.h"

#include "sim/kube/controllers/volume_names.h"

#include <algorithm>

namespace sim::kube {

namespace {

/// A pod holds its claims from the moment it has a node until it has ended.
bool isUsed(const ControllerContext& context, const ObjectKey& claim)
{
    const PodIndex::Keys& pods = context.pods.ofClaim(claim);
    return std::any_of(pods.begin(), pods.end(), [&](const ObjectKey& key) {
        const auto pod = context.store().get<Pod>(key);
        return pod && !isTerminal(*pod) && !pod->spec.nodeName.empty();
    });
}

} // namespace

void VolumeProtectionController::relist(const Store& store)
{
    for (const auto& [key, claim] : store.all<PersistentVolumeClaim>())
        if (claim->metadata.deletionTimestamp)
            queue.add(key);
    for (const auto& [key, volume] : store.all<PersistentVolume>())
        if (volume->metadata.deletionTimestamp)
            queue.add(key);
}

void VolumeProtectionController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<PersistentVolumeClaim> || event.kind == kindIdOf<PersistentVolume>) {
        queue.add(event.key);
        return;
    }
    if (event.kind != kindIdOf<Pod>)
        return;
    const Pod& pod = event.as<Pod>();
    if (event.type != WatchEvent::Type::Deleted && !isTerminal(pod))
        return;
    for (const Volume& volume : pod.spec.volumes)
        if (volume.persistentVolumeClaim) {
            const ObjectKey key{event.key.namespace_, volume.persistentVolumeClaim->claimName.value};
            if (const auto claim = store.get<PersistentVolumeClaim>(key); claim && claim->metadata.deletionTimestamp)
                queue.add(key);
        }
}

void VolumeProtectionController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    if (key.namespace_.empty()) {
        const auto volume = context.store().get<PersistentVolume>(key);
        if (volume && volume->metadata.deletionTimestamp && volume->status.phase != kVolumeBound)
            patchObject<PersistentVolume>(context.client, key, [](PersistentVolume& v) { std::erase(v.metadata.finalizers, kVolumeProtection); });
        return;
    }
    const auto claim = context.store().get<PersistentVolumeClaim>(key);
    if (claim && claim->metadata.deletionTimestamp && !isUsed(context, key))
        patchObject<PersistentVolumeClaim>(context.client, key,
                                           [](PersistentVolumeClaim& c) { std::erase(c.metadata.finalizers, kClaimProtection); });
}

} // namespace sim::kube
