#include "sim/kube/controllers/attach_detach.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

// What must be there before a pod's sandbox is made (pkg/kubelet/volumemanager, pkg/volume/csi).
namespace sim::kube {

namespace {

// Volume set-up is tried again after 0.5 s, doubling to about 2 min (pkg/util/goroutinemap/exponentialbackoff).
constexpr Duration kFirstMountRetry = 500ms;
constexpr Duration kLongestMountRetry = 122s;
// How long the kubelet waits for all of a pod's volumes before it says so (podAttachAndMountTimeout).
constexpr Duration kAttachTimeout = 123s;
constexpr Duration kAttachPoll = 1s;

/// A ConfigMap or Secret that a volume needs: that it is there, with the keys that are named.
template <class T>
std::string missingPart(const Store& store, const std::string& space, const std::string& name, const std::vector<KeyToPath>& items,
                        const std::optional<bool>& optional)
{
    constexpr bool kSecret = std::is_same_v<T, Secret>;
    if (optional.value_or(false))
        return {};
    const auto object = store.get<T>({space, name});
    if (!object)
        return fmt::format("{} \"{}\" not found", kSecret ? "secret" : "configmap", name);
    for (const KeyToPath& item : items)
        if (object->data.count(item.key) == 0)
            return fmt::format("references non-existent {} key: {}", kSecret ? "secret" : "config", item.key);
    return {};
}

/// What a volume that is made of an API object lacks; empty when nothing.
std::string missingObject(const Store& store, const std::string& space, const Volume& volume)
{
    if (volume.configMap)
        return missingPart<ConfigMap>(store, space, volume.configMap->name, volume.configMap->items, volume.configMap->optional);
    if (volume.secret)
        return missingPart<Secret>(store, space, volume.secret->secretName, volume.secret->items, volume.secret->optional);
    if (!volume.projected)
        return {};
    std::vector<std::string> missing;
    for (const VolumeProjection& source : volume.projected->sources) {
        std::string part;
        if (source.configMap)
            part = missingPart<ConfigMap>(store, space, source.configMap->name, source.configMap->items, source.configMap->optional);
        else if (source.secret)
            part = missingPart<Secret>(store, space, source.secret->name, source.secret->items, source.secret->optional);
        if (!part.empty())
            missing.push_back(std::move(part));
    }
    return missing.size() > 1 ? fmt::format("[{}]", fmt::join(missing, ", ")) : missing.empty() ? std::string() : missing.front();
}

/// A claim's volume is attached to the node, or its driver needs no attaching.
bool isAttached(const Store& store, const std::string& space, const ClaimVolumeSource& source, const std::string& node)
{
    const auto claim = store.get<PersistentVolumeClaim>({space, source.claimName.value});
    const auto volume = claim ? store.get<PersistentVolume>({"", claim->spec.volumeName}) : nullptr;
    if (!volume)
        return false;
    if (!volume->spec.csi)
        return true;
    const auto driver = store.get<CSIDriver>({"", volume->spec.csi->driver.value});
    if (driver && !driver->spec.attachRequired.value_or(true))
        return true;
    const auto attachment = store.get<VolumeAttachment>({"", attachmentName(volume->spec.csi->driver.value, volume->spec.csi->volumeHandle, node)});
    return attachment && attachment->status.attached.value;
}

} // namespace

bool Kubelet::volumesReady(KubeletContext& k, PodWork& work)
{
    if (k.client == nullptr)
        return work.isStatic;
    const std::string& space = work.pod->metadata.namespace_;
    std::vector<std::string> unattached;
    for (const Volume& volume : work.pod->spec.volumes) {
        if (volume.persistentVolumeClaim && !isAttached(k.client->store, space, *volume.persistentVolumeClaim, m_node))
            unattached.push_back(volume.name);
        const std::string missing = missingObject(k.client->store, space, volume);
        if (missing.empty())
            continue;
        event(k, work, kWarning, reason::kFailedMount, fmt::format("MountVolume.SetUp failed for volume \"{}\" : {}", volume.name, missing));
        const Duration delay = std::min(kLongestMountRetry, kFirstMountRetry * (std::int64_t{1} << std::min<std::int64_t>(work.mountFailures, 8)));
        ++work.mountFailures;
        wake(k, work, delay);
        return false;
    }
    work.mountFailures = 0;
    if (unattached.empty()) {
        work.volumesSince.reset();
        return true;
    }
    if (!work.volumesSince)
        work.volumesSince = k.now();
    if (k.now() - *work.volumesSince >= kAttachTimeout) {
        work.volumesSince = k.now();
        const std::string list = fmt::format("{}", fmt::join(unattached, " "));
        event(k, work, kWarning, reason::kFailedMount,
              fmt::format("Unable to attach or mount volumes: unmounted volumes=[{0}], unattached volumes=[{0}], failed to process volumes=[]: "
                          "context deadline exceeded", list));
    }
    wake(k, work, kAttachPoll);
    return false;
}

/// The drivers whose node plugins have registered with this kubelet: all that the cluster has.
void Kubelet::publishCsiNode(KubeletContext& k)
{
    if (k.client == nullptr)
        return;
    Store& store = k.client->store;
    const auto node = store.get<Node>({"", m_node});
    if (!node)
        return;
    std::vector<CsiNodeDriver> drivers;
    for (const auto& [key, driver] : store.all<CSIDriver>()) {
        CsiNodeDriver one;
        one.name = key.name;
        one.nodeID = m_node;
        drivers.push_back(one);
    }
    const auto stored = store.get<CSINode>({"", m_node});
    if (stored && stored->spec.drivers == drivers)
        return;
    if (stored) {
        patchObject<CSINode>(*k.client, {"", m_node}, [&](CSINode& object) { object.spec.drivers = drivers; });
        return;
    }
    CSINode made;
    made.metadata.name = m_node;
    OwnerReference owner;
    owner.apiVersion = "v1";
    owner.kind = "Node";
    owner.name = m_node;
    owner.uid = node->metadata.uid;
    made.metadata.ownerReferences = {owner};
    made.spec.drivers = std::move(drivers);
    store.create(std::move(made), k.now(), k.client->random(kIdentityStream));
}

} // namespace sim::kube
