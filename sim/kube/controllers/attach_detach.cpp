#include "sim/kube/controllers/attach_detach.h"

#include "sim/kube/controllers/volume_names.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

const Reporter kAttachDetachReporter{"attachdetach-controller", "", false, ""};
// What ControllerPublishVolume and ControllerUnpublishVolume of a network block store take; see README.md.
constexpr Duration kAttachLeast = 1000ms;
constexpr Duration kAttachMost = 3000ms;
constexpr Duration kDetachLeast = 500ms;
constexpr Duration kDetachMost = 1500ms;
// The kubelet unmounts within its volume manager's rounds (100 ms) and says so in the node's status.
constexpr Duration kUnmount = 1s;
// Of a node that is gone, volumes are taken by force (ReconcilerMaxWaitForUnmountDuration).
constexpr Duration kForced = 360s;

/// The volume of a pod's claim when a CSI driver attaches it; null otherwise.
std::shared_ptr<const PersistentVolume> attachable(const Store& store, const std::string& namespace_, const Volume& volume)
{
    if (!volume.persistentVolumeClaim)
        return nullptr;
    const auto claim = store.get<PersistentVolumeClaim>({namespace_, volume.persistentVolumeClaim->claimName.value});
    if (!claim || claim->status.phase != kVolumeBound)
        return nullptr;
    auto found = store.get<PersistentVolume>({"", claim->spec.volumeName});
    if (!found || !found->spec.csi)
        return nullptr;
    const auto driver = store.get<CSIDriver>({"", found->spec.csi->driver.value});
    return driver && driver->spec.attachRequired.value_or(true) ? found : nullptr;
}

/// A pod on the node that uses the volume and has not ended.
std::shared_ptr<const Pod> userOf(const ControllerContext& context, const std::string& node, const PersistentVolume& volume)
{
    if (!volume.spec.claimRef)
        return nullptr;
    for (const ObjectKey& key : context.pods.ofClaim({volume.spec.claimRef->namespace_, volume.spec.claimRef->name}))
        if (auto pod = context.store().get<Pod>(key); pod && pod->spec.nodeName == node && !isTerminal(*pod))
            return pod;
    return nullptr;
}

bool isExclusive(const PersistentVolume& volume)
{
    const auto& modes = volume.spec.accessModes;
    return std::none_of(modes.begin(), modes.end(), [](const std::string& m) { return m == "ReadWriteMany" || m == "ReadOnlyMany"; });
}

std::string finalizerOf(const std::string& driver)
{
    std::string name = driver;
    std::replace(name.begin(), name.end(), '.', '-');
    return "external-attacher/" + name;
}

bool nodeServes(const Store& store, const std::string& name)
{
    const auto node = store.get<Node>({"", name});
    const Condition* ready = node ? findCondition(node->status.conditions, "Ready") : nullptr;
    return ready && ready->status.value == kTrue;
}

} // namespace

std::string attachmentName(const std::string& driver, const std::string& handle, const std::string& node)
{
    // The real name is a SHA-256; only its form and its constancy matter.
    Fingerprint f;
    f.add(handle);
    f.add(driver);
    f.add(node);
    std::string name = "csi-";
    for (std::uint64_t part = 0; part < 4; ++part) {
        f.add(part);
        name += fmt::format("{:016x}", f.value());
    }
    return name;
}

void AttachDetachController::attach(ControllerContext& context, const ObjectKey& key, const PersistentVolume& volume, const Pod& user)
{
    const std::string& driver = volume.spec.csi->driver.value;
    const ObjectKey name{"", attachmentName(driver, volume.spec.csi->volumeHandle, key.namespace_)};
    const auto stored = context.store().get<VolumeAttachment>(name);
    if (!stored) {
        if (isExclusive(volume))
            for (const auto& [other, attachment] : context.store().all<VolumeAttachment>())
                if (attachment->spec.source.persistentVolumeName == volume.metadata.name) {
                    context.client.event(kAttachDetachReporter, user, kWarning, "FailedAttachVolume",
                                         fmt::format("Multi-Attach error for volume \"{}\" Volume is already exclusively attached to one "
                                                     "node and can't be attached to another", volume.metadata.name));
                    queue.addRateLimited(key, context.now());
                    return;
                }
        VolumeAttachment attachment;
        attachment.metadata.name = name.name;
        attachment.metadata.annotations["csi.alpha.kubernetes.io/node-id"] = key.namespace_;
        attachment.metadata.finalizers = {finalizerOf(driver)};
        attachment.spec.attacher = driver;
        attachment.spec.nodeName = key.namespace_;
        attachment.spec.source.persistentVolumeName = volume.metadata.name;
        context.store().create(std::move(attachment), context.now(), context.client.random(kIdentityStream));
    } else if (stored->metadata.deletionTimestamp) {
        detach(context, key); // it must go first
        return;
    } else if (stored->status.attached.value) {
        return;
    }
    queue.forget(key);
    if (!driverAnswered(context, underWay, queue, kStream, key, kAttachLeast, kAttachMost))
        return;
    patchObject<VolumeAttachment>(context.client, name, [](VolumeAttachment& a) { a.status.attached = true; });
    context.client.event(kAttachDetachReporter, user, kNormal, "SuccessfulAttachVolume",
                         fmt::format("AttachVolume.Attach succeeded for volume \"{}\"", volume.metadata.name));
}

void AttachDetachController::detach(ControllerContext& context, const ObjectKey& key)
{
    std::shared_ptr<const VolumeAttachment> found;
    for (const auto& [name, attachment] : context.store().all<VolumeAttachment>())
        if (attachment->spec.nodeName.value == key.namespace_ && attachment->spec.source.persistentVolumeName == key.name)
            found = attachment;
    if (!found) {
        underWay.erase(key);
        unusedSince.erase(key);
        return;
    }
    const ObjectKey name{"", found->metadata.name};
    if (!found->metadata.deletionTimestamp) {
        const Instant since = unusedSince.try_emplace(key, context.now()).first->second;
        const Instant due = since + (nodeServes(context.store(), key.namespace_) ? kUnmount : kForced);
        if (context.now() < due) {
            queue.addAt(key, due);
            return;
        }
        underWay.erase(key);
        context.store().remove<VolumeAttachment>(name, context.now());
    }
    if (!driverAnswered(context, underWay, queue, kStream, key, kDetachLeast, kDetachMost))
        return;
    unusedSince.erase(key);
    patchObject<VolumeAttachment>(context.client, name, [](VolumeAttachment& a) { a.metadata.finalizers.clear(); });
}

void AttachDetachController::relist(const Store& store)
{
    for (const auto& [name, attachment] : store.all<VolumeAttachment>())
        queue.add({attachment->spec.nodeName, attachment->spec.source.persistentVolumeName.value_or(std::string())});
    for (const auto& [key, pod] : store.all<Pod>())
        if (!pod->spec.nodeName.empty())
            for (const Volume& volume : pod->spec.volumes)
                if (const auto found = attachable(store, key.namespace_, volume))
                    queue.add({pod->spec.nodeName, found->metadata.name});
}

void AttachDetachController::observe(const WatchEvent& event, const Store& store, const PodIndex& pods)
{
    if (event.kind == kindIdOf<Pod>) {
        const Pod& pod = event.as<Pod>();
        if (pod.spec.nodeName.empty())
            return;
        for (const Volume& volume : pod.spec.volumes)
            if (const auto found = attachable(store, event.key.namespace_, volume))
                queue.add({pod.spec.nodeName, found->metadata.name});
    } else if (event.kind == kindIdOf<VolumeAttachment>) {
        const VolumeAttachment& attachment = event.as<VolumeAttachment>();
        queue.add({attachment.spec.nodeName, attachment.spec.source.persistentVolumeName.value_or(std::string())});
    } else if (event.kind == kindIdOf<PersistentVolumeClaim>) {
        // Bound after its pods got their node (volumes made by hand).
        for (const ObjectKey& key : pods.ofClaim(event.key))
            if (const auto pod = store.get<Pod>(key); pod && !pod->spec.nodeName.empty())
                queue.add({pod->spec.nodeName, event.as<PersistentVolumeClaim>().spec.volumeName});
    }
}

void AttachDetachController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    const auto volume = context.store().get<PersistentVolume>({"", key.name});
    const auto user = volume ? userOf(context, key.namespace_, *volume) : nullptr;
    if (!user || !volume->spec.csi) {
        queue.forget(key);
        detach(context, key);
        return;
    }
    const auto driver = context.store().get<CSIDriver>({"", volume->spec.csi->driver.value});
    if (!driver || !driver->spec.attachRequired.value_or(true))
        return;
    unusedSince.erase(key);
    attach(context, key, *volume, *user);
}

} // namespace sim::kube
