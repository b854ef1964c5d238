#include "sim/kube/controllers/csi_provisioner.h"

#include "sim/kube/controllers/volume_names.h"

#include <fmt/core.h>

namespace sim::kube {

namespace {

// What a network block store (Ceph RBD, EBS) takes for CreateVolume and DeleteVolume; see README.md.
constexpr Duration kCreateLeast = 900ms;
constexpr Duration kCreateMost = 2500ms;
// A clone is a full copy at about the rate of one stream between disks of a network block store.
constexpr std::int64_t kCloneBytesPerSecond = 250'000'000;
constexpr Duration kDeleteLeast = 500ms;
constexpr Duration kDeleteMost = 1500ms;

Reporter reporterOf(const std::string& driver)
{
    std::string host = driver;
    for (char& c : host)
        c = c == '.' ? '-' : c;
    return {fmt::format("{}_{}-controller-0", driver, host), "", false, ""};
}

/// The driver that a claim waits for; empty: none, or not yet.
std::string driverOf(const Store& store, const PersistentVolumeClaim& claim)
{
    const std::string driver = annotation(claim.metadata, kStorageProvisioner);
    if (driver.empty() || !claim.spec.volumeName.empty() || claim.metadata.deletionTimestamp || !store.get<CSIDriver>({"", driver}))
        return {};
    const auto storage = store.get<StorageClass>({"", claim.spec.storageClassName.value_or(std::string())});
    if (!storage || storage->provisioner.value != driver)
        return {};
    if (storage->volumeBindingMode == kWaitForConsumer && annotation(claim.metadata, kSelectedNode).empty())
        return {};
    return driver;
}

/// The claim whose volume is to be copied; null when the claim starts empty.
std::shared_ptr<const PersistentVolumeClaim> cloneSource(const Store& store, const PersistentVolumeClaim& claim)
{
    if (!claim.spec.dataSource || claim.spec.dataSource->kind.value != "PersistentVolumeClaim")
        return nullptr;
    return store.get<PersistentVolumeClaim>({claim.metadata.namespace_, claim.spec.dataSource->name.value});
}

Duration copyTime(const PersistentVolumeClaim& source)
{
    const auto size = source.status.capacity.find("storage");
    if (size == source.status.capacity.end())
        return {};
    return std::chrono::duration_cast<Duration>(std::chrono::milliseconds(size->second.value() * 1000 / kCloneBytesPerSecond));
}

bool isToDelete(const Store& store, const PersistentVolume& volume)
{
    const std::string driver = annotation(volume.metadata, kProvisionedBy);
    return !driver.empty() && volume.spec.persistentVolumeReclaimPolicy == "Delete" && volume.status.phase == kVolumeReleased
        && store.get<CSIDriver>({"", driver}) != nullptr;
}

} // namespace

void CsiProvisioner::createVolume(ControllerContext& context, const PersistentVolumeClaim& claim, const StorageClass& storage)
{
    const std::string& driver = storage.provisioner.value;
    const std::string name = "pvc-" + claim.metadata.uid;
    PersistentVolume volume;
    volume.metadata.name = name;
    volume.metadata.annotations = {{kProvisionedBy, driver},
                                   {"volume.kubernetes.io/provisioner-deletion-secret-name", ""},
                                   {"volume.kubernetes.io/provisioner-deletion-secret-namespace", ""}};
    volume.metadata.finalizers = {kVolumeProtection, kProvisionerFinalizer};
    volume.spec.accessModes = claim.spec.accessModes;
    if (const auto size = claim.spec.resources.requests.find("storage"); size != claim.spec.resources.requests.end())
        volume.spec.capacity.insert(*size);
    volume.spec.claimRef.emplace();
    volume.spec.claimRef->apiVersion = "v1";
    volume.spec.claimRef->kind = "PersistentVolumeClaim";
    volume.spec.claimRef->name = claim.metadata.name;
    volume.spec.claimRef->namespace_ = claim.metadata.namespace_;
    volume.spec.claimRef->resourceVersion = claim.metadata.resourceVersion;
    volume.spec.claimRef->uid = claim.metadata.uid;
    volume.spec.csi.emplace();
    volume.spec.csi->driver = driver;
    volume.spec.csi->volumeHandle = name;
    volume.spec.csi->volumeAttributes = storage.parameters;
    volume.spec.csi->volumeAttributes["storage.kubernetes.io/csiProvisionerIdentity"] = driver;
    volume.spec.mountOptions = storage.mountOptions;
    volume.spec.persistentVolumeReclaimPolicy = storage.reclaimPolicy.value_or("Delete");
    volume.spec.storageClassName = storage.metadata.name;
    volume.spec.volumeMode = claim.spec.volumeMode;
    volume.status.phase = kClaimPending;
    if (!context.store().create(std::move(volume), context.now(), context.client.random(kIdentityStream)))
        return; // a volume of this claim is there already
    context.client.event(reporterOf(driver), claim, kNormal, "ProvisioningSucceeded", "Successfully provisioned volume " + name);
}

void CsiProvisioner::deleteVolume(ControllerContext& context, const PersistentVolume& volume)
{
    const ObjectKey key{"", volume.metadata.name};
    context.store().remove<PersistentVolume>(key, context.now());
    patchObject<PersistentVolume>(context.client, key, [](PersistentVolume& v) { std::erase(v.metadata.finalizers, kProvisionerFinalizer); });
}

void CsiProvisioner::relist(const Store& store)
{
    for (const auto& [key, claim] : store.all<PersistentVolumeClaim>())
        if (!driverOf(store, *claim).empty())
            queue.add(key);
    for (const auto& [key, volume] : store.all<PersistentVolume>())
        if (isToDelete(store, *volume))
            queue.add(key);
}

void CsiProvisioner::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<CSIDriver>) {
        relist(store);
    } else if (event.kind == kindIdOf<PersistentVolumeClaim>) {
        if (event.type != WatchEvent::Type::Deleted && !driverOf(store, event.as<PersistentVolumeClaim>()).empty())
            queue.add(event.key);
    } else if (event.kind == kindIdOf<PersistentVolume>) {
        if (event.type != WatchEvent::Type::Deleted && isToDelete(store, event.as<PersistentVolume>()))
            queue.add(event.key);
    }
}

void CsiProvisioner::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    if (key.namespace_.empty()) {
        const auto volume = context.store().get<PersistentVolume>(key);
        if (!volume || !isToDelete(context.store(), *volume))
            underWay.erase(key);
        else if (driverAnswered(context, underWay, queue, kStream, key, kDeleteLeast, kDeleteMost))
            deleteVolume(context, *volume);
        return;
    }
    const auto claim = context.store().get<PersistentVolumeClaim>(key);
    const std::string driver = claim ? driverOf(context.store(), *claim) : std::string();
    if (driver.empty() || context.store().get<PersistentVolume>({"", "pvc-" + claim->metadata.uid})) {
        underWay.erase(key);
        return;
    }
    if (underWay.count(key) == 0)
        context.client.event(reporterOf(driver), *claim, kNormal, "Provisioning",
                             fmt::format("External provisioner is provisioning volume for claim \"{}/{}\"", key.namespace_, key.name));
    const auto source = cloneSource(context.store(), *claim);
    const Duration copying = source ? copyTime(*source) : Duration{};
    if (driverAnswered(context, underWay, queue, kStream, key, kCreateLeast + copying, kCreateMost + copying))
        createVolume(context, *claim, *context.store().get<StorageClass>({"", *claim->spec.storageClassName}));
}

} // namespace sim::kube
