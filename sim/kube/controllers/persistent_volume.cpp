#include "sim/kube/controllers/persistent_volume.h"

#include "sim/kube/controllers/volume_names.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

const Reporter kVolumeReporter{"persistentvolume-controller", "", false, ""};
constexpr Duration kResync = 15s; // --pvclaimbinder-sync-period
constexpr const char* kNoProvisioner = "kubernetes.io/no-provisioner";
constexpr const char* kFilesystem = "Filesystem";

using ClaimPtr = std::shared_ptr<const PersistentVolumeClaim>;
using VolumePtr = std::shared_ptr<const PersistentVolume>;

Instant nextResync(Instant now)
{
    return Instant{kResync * (now.time_since_epoch() / kResync + 1)};
}

std::int64_t storageOf(const ResourceList& list)
{
    const auto found = list.find("storage");
    return found == list.end() ? 0 : found->second.value();
}

std::string classOf(const PersistentVolumeClaim& claim)
{
    return claim.spec.storageClassName.value_or(std::string());
}

/// Why a volume cannot serve a claim; empty: it can.
std::string mismatch(const PersistentVolume& volume, const PersistentVolumeClaim& claim)
{
    if (storageOf(volume.spec.capacity) < storageOf(claim.spec.resources.requests))
        return "requested PV is too small";
    if (volume.spec.storageClassName != classOf(claim))
        return "storageClassName does not match";
    if (volume.spec.volumeMode.value_or(kFilesystem) != claim.spec.volumeMode.value_or(kFilesystem))
        return "incompatible volumeMode";
    const auto& modes = volume.spec.accessModes;
    for (const std::string& mode : claim.spec.accessModes)
        if (std::find(modes.begin(), modes.end(), mode) == modes.end())
            return "incompatible accessMode";
    return {};
}

/// The smallest volume that suits, one that names the claim before all others. `onlyNamed`: no other will do.
VolumePtr bestMatch(const Store& store, const PersistentVolumeClaim& claim, bool onlyNamed)
{
    VolumePtr best;
    for (const auto& [key, volume] : store.all<PersistentVolume>()) {
        if (volume->metadata.deletionTimestamp || !mismatch(*volume, claim).empty())
            continue;
        if (volume->spec.claimRef) {
            if (isBoundTo(*volume, claim))
                return volume;
            continue;
        }
        if (onlyNamed || volume->status.phase != kVolumeAvailable
            || (claim.spec.selector && !claim.spec.selector->matches(volume->metadata.labels)))
            continue;
        if (!best || storageOf(volume->spec.capacity) < storageOf(best->spec.capacity))
            best = volume;
    }
    return best;
}

void setPhase(ControllerContext& context, const ObjectKey& key, const char* phase, const std::string& message = {})
{
    patchObject<PersistentVolume>(context.client, key, [&](PersistentVolume& v) {
        if (v.status.phase != phase)
            v.status.lastPhaseTransitionTime = Time{context.now()};
        v.status.phase = phase;
        v.status.message = message;
    });
}

void setClaimPhase(ControllerContext& context, const ObjectKey& key, const char* phase)
{
    patchObject<PersistentVolumeClaim>(context.client, key, [&](PersistentVolumeClaim& c) {
        c.status.phase = phase;
        c.status.accessModes.clear();
        c.status.capacity.clear();
    });
}

ObjectReference claimReference(const PersistentVolumeClaim& claim)
{
    ObjectReference r;
    r.apiVersion = "v1";
    r.kind = "PersistentVolumeClaim";
    r.name = claim.metadata.name;
    r.namespace_ = claim.metadata.namespace_;
    r.resourceVersion = claim.metadata.resourceVersion;
    r.uid = claim.metadata.uid;
    return r;
}

/// The four writes of a binding, each only when it is missing.
void bind(ControllerContext& context, const PersistentVolume& volume, const PersistentVolumeClaim& claim)
{
    const ObjectKey volumeKey{"", volume.metadata.name};
    patchObject<PersistentVolume>(context.client, volumeKey, [&](PersistentVolume& v) {
        if (!v.spec.claimRef)
            v.metadata.annotations[kBoundByController] = "yes";
        if (!v.spec.claimRef || v.spec.claimRef->uid != claim.metadata.uid)
            v.spec.claimRef = claimReference(claim);
    });
    setPhase(context, volumeKey, kVolumeBound);
    patchObject<PersistentVolumeClaim>(context.client, keyOf(claim.metadata), [&](PersistentVolumeClaim& c) {
        if (c.spec.volumeName.empty()) {
            c.spec.volumeName = volume.metadata.name;
            c.metadata.annotations[kBoundByController] = "yes";
        }
        c.metadata.annotations[kBindCompleted] = "yes";
    });
    patchObject<PersistentVolumeClaim>(context.client, keyOf(claim.metadata), [&](PersistentVolumeClaim& c) {
        c.status.phase = kVolumeBound;
        c.status.accessModes = volume.spec.accessModes;
        c.status.capacity = volume.spec.capacity;
    });
}

void loseClaim(ControllerContext& context, const PersistentVolumeClaim& claim, const char* reason, const char* message)
{
    if (claim.status.phase == kClaimLost)
        return;
    setClaimPhase(context, keyOf(claim.metadata), kClaimLost);
    context.client.event(kVolumeReporter, claim, kWarning, reason, message);
}

void waitForConsumer(ControllerContext& context, const PersistentVolumeClaim& claim)
{
    std::string pods;
    int count = 0;
    for (const ObjectKey& key : context.pods.ofClaim(keyOf(claim.metadata)))
        if (const auto pod = context.store().get<Pod>(key); pod && pod->spec.nodeName.empty()) {
            pods += (pods.empty() ? "" : ",") + key.name;
            ++count;
        }
    if (count == 0)
        context.client.event(kVolumeReporter, claim, kNormal, kWaitForConsumer, "waiting for first consumer to be created before binding");
    else
        context.client.event(kVolumeReporter, claim, kNormal, "WaitForPodScheduled",
                             fmt::format("waiting for pod{} {} to be scheduled", count > 1 ? "s" : "", pods));
}

/// Asks the class's provisioner for a volume.
void provision(ControllerContext& context, const PersistentVolumeClaim& claim, const StorageClass* storage)
{
    if (storage == nullptr) {
        context.client.event(kVolumeReporter, claim, kWarning, "ProvisioningFailed",
                             fmt::format("storageclass.storage.k8s.io \"{}\" not found", classOf(claim)));
        return;
    }
    const std::string& provisioner = storage->provisioner.value;
    if (provisioner.compare(0, 14, "kubernetes.io/") == 0) {
        context.client.event(kVolumeReporter, claim, kWarning, "ProvisioningFailed", "no volume plugin matched name: " + provisioner);
        return;
    }
    patchObject<PersistentVolumeClaim>(context.client, keyOf(claim.metadata), [&](PersistentVolumeClaim& c) {
        c.metadata.annotations[kStorageProvisioner] = provisioner;
        c.metadata.annotations[kBetaStorageProvisioner] = provisioner;
    });
    context.client.event(kVolumeReporter, claim, kNormal, "ExternalProvisioning",
                         fmt::format("Waiting for a volume to be created either by the external provisioner '{}' or manually by the "
                                     "system administrator. If volume creation is delayed, please verify that the provisioner is "
                                     "running and correctly registered.", provisioner));
}

} // namespace

void PersistentVolumeController::syncUnbound(ControllerContext& context, const PersistentVolumeClaim& claim)
{
    const ObjectKey key = keyOf(claim.metadata);
    if (!claim.spec.volumeName.empty()) {
        const auto volume = context.store().get<PersistentVolume>({"", claim.spec.volumeName});
        const bool free = volume && (!volume->spec.claimRef || isBoundTo(*volume, claim));
        const std::string why = free ? mismatch(*volume, claim) : std::string();
        if (free && why.empty()) {
            bind(context, *volume, claim);
            return;
        }
        if (!why.empty())
            context.client.event(kVolumeReporter, claim, kWarning, "VolumeMismatch",
                                 fmt::format("Cannot bind to requested volume \"{}\": {}", claim.spec.volumeName, why));
        setClaimPhase(context, key, kClaimPending);
        queue.addAt(key, nextResync(context.now()));
        return;
    }
    const auto storage = context.store().get<StorageClass>({"", classOf(claim)});
    const bool delayed = storage && storage->volumeBindingMode == kWaitForConsumer;
    const bool waits = delayed && annotation(claim.metadata, kSelectedNode).empty();
    if (const VolumePtr volume = bestMatch(context.store(), claim, delayed)) {
        bind(context, *volume, claim);
        return;
    }
    if (waits)
        waitForConsumer(context, claim);
    else if (!classOf(claim).empty())
        provision(context, claim, storage.get());
    else
        context.client.event(kVolumeReporter, claim, kNormal, "FailedBinding",
                             "no persistent volumes available for this claim and no storage class is set");
    setClaimPhase(context, key, kClaimPending);
    queue.addAt(key, nextResync(context.now()));
}

void PersistentVolumeController::syncClaim(ControllerContext& context, const PersistentVolumeClaim& claim)
{
    if (annotation(claim.metadata, kBindCompleted).empty()) {
        syncUnbound(context, claim);
        return;
    }
    if (claim.spec.volumeName.empty()) {
        loseClaim(context, claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
        return;
    }
    const auto volume = context.store().get<PersistentVolume>({"", claim.spec.volumeName});
    if (!volume)
        loseClaim(context, claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    else if (!volume->spec.claimRef || isBoundTo(*volume, claim))
        bind(context, *volume, claim);
    else
        loseClaim(context, claim, "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
}

void PersistentVolumeController::syncVolume(ControllerContext& context, const PersistentVolume& volume)
{
    const ObjectKey key{"", volume.metadata.name};
    if (!volume.spec.claimRef || volume.spec.claimRef->uid.empty()) {
        setPhase(context, key, kVolumeAvailable);
        if (volume.spec.claimRef)
            queue.add({volume.spec.claimRef->namespace_, volume.spec.claimRef->name});
        return;
    }
    const auto claim = context.store().get<PersistentVolumeClaim>({volume.spec.claimRef->namespace_, volume.spec.claimRef->name});
    if (claim && claim->metadata.uid == volume.spec.claimRef->uid) {
        if (claim->spec.volumeName == key.name)
            setPhase(context, key, kVolumeBound);
        else if (claim->spec.volumeName.empty())
            queue.add(keyOf(claim->metadata)); // the claim's half of the binding
        return;
    }
    if (volume.status.phase != kVolumeReleased && volume.status.phase != kVolumeFailed)
        setPhase(context, key, kVolumeReleased);
    if (volume.spec.persistentVolumeReclaimPolicy != "Delete" || !annotation(volume.metadata, kProvisionedBy).empty()
        || volume.status.phase == kVolumeFailed)
        return; // kept, or the provisioner's to delete
    const std::string why = fmt::format("error getting deleter volume plugin for volume \"{}\": no deletable volume plugin matched", key.name);
    setPhase(context, key, kVolumeFailed, why);
    context.client.event(kVolumeReporter, volume, kWarning, "VolumeFailedDelete", why);
}

void PersistentVolumeController::relist(const Store& store)
{
    for (const auto& [key, claim] : store.all<PersistentVolumeClaim>())
        queue.add(key);
    for (const auto& [key, volume] : store.all<PersistentVolume>())
        queue.add(key);
}

void PersistentVolumeController::observe(const WatchEvent& event, const Store&, const PodIndex&)
{
    if (event.kind == kindIdOf<PersistentVolume>) {
        queue.add(event.key);
        const auto& ref = event.as<PersistentVolume>().spec.claimRef;
        if (ref)
            queue.add({ref->namespace_, ref->name});
    } else if (event.kind == kindIdOf<PersistentVolumeClaim>) {
        const PersistentVolumeClaim& claim = event.as<PersistentVolumeClaim>();
        const PersistentVolumeClaim* before = event.before<PersistentVolumeClaim>();
        // What binding wrote on a claim that stays unbound is no news.
        if (event.type != WatchEvent::Type::Modified || !before || !(before->spec == claim.spec)
            || before->metadata.deletionTimestamp != claim.metadata.deletionTimestamp
            || annotation(before->metadata, kSelectedNode) != annotation(claim.metadata, kSelectedNode))
            queue.add(event.key);
        if (event.type == WatchEvent::Type::Deleted && !claim.spec.volumeName.empty())
            queue.add({"", claim.spec.volumeName});
    }
}

void PersistentVolumeController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    if (key.namespace_.empty()) {
        if (const auto volume = context.store().get<PersistentVolume>(key))
            syncVolume(context, *volume);
        return;
    }
    // A claim that is being deleted is looked after until it is gone.
    if (const auto claim = context.store().get<PersistentVolumeClaim>(key))
        syncClaim(context, *claim);
}

} // namespace sim::kube
