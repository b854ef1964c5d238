#include "sim/kube/api/printer_cells.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube::printing {

namespace {

std::string yesOrNo(bool flag) { return flag ? "true" : "false"; }

/// "RWO,ROX": access modes as kubectl shortens them.
std::string modesText(const std::vector<std::string>& modes)
{
    std::vector<std::string> texts;
    for (const auto& [mode, text] : {std::pair{"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"}, {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}})
        if (std::find(modes.begin(), modes.end(), mode) != modes.end())
            texts.emplace_back(text);
    return joined(texts);
}

std::string storageOf(const ResourceList& amounts)
{
    const auto storage = amounts.find("storage");
    return storage == amounts.end() ? std::string() : storage->second.text;
}

} // namespace

Cells cells(const PersistentVolumeClaim& claim, Instant now)
{
    const bool bound = !claim.spec.volumeName.empty();
    return {claim.metadata.name, claim.metadata.deletionTimestamp ? "Terminating" : claim.status.phase, claim.spec.volumeName,
            bound ? storageOf(claim.status.capacity) : std::string(), bound ? modesText(claim.status.accessModes) : std::string(),
            claim.spec.storageClassName.value_or(""), kUnset, ageOf(claim.metadata.creationTimestamp, now),
            claim.spec.volumeMode.value_or(kUnset)};
}
Columns columnsFor(const PersistentVolumeClaim*)
{
    return {{"NAME"}, {"STATUS"}, {"VOLUME"}, {"CAPACITY"}, {"ACCESS MODES"}, {"STORAGECLASS"}, {"VOLUMEATTRIBUTESCLASS"}, {"AGE"},
            {"VOLUMEMODE", true}};
}

Cells cells(const PersistentVolume& volume, Instant now)
{
    const auto& claim = volume.spec.claimRef;
    return {volume.metadata.name, storageOf(volume.spec.capacity), modesText(volume.spec.accessModes),
            volume.spec.persistentVolumeReclaimPolicy, volume.metadata.deletionTimestamp ? "Terminating" : volume.status.phase,
            claim ? claim->namespace_ + "/" + claim->name : std::string(), volume.spec.storageClassName, kUnset, volume.status.reason,
            ageOf(volume.metadata.creationTimestamp, now), volume.spec.volumeMode.value_or(kUnset)};
}
Columns columnsFor(const PersistentVolume*)
{
    return {{"NAME"}, {"CAPACITY"}, {"ACCESS MODES"}, {"RECLAIM POLICY"}, {"STATUS"}, {"CLAIM"}, {"STORAGECLASS"},
            {"VOLUMEATTRIBUTESCLASS"}, {"REASON"}, {"AGE"}, {"VOLUMEMODE", true}};
}

Cells cells(const StorageClass& storage, Instant now)
{
    const auto mark = storage.metadata.annotations.find("storageclass.kubernetes.io/is-default-class");
    const bool standard = mark != storage.metadata.annotations.end() && mark->second == "true";
    return {storage.metadata.name + (standard ? " (default)" : ""), storage.provisioner.value, storage.reclaimPolicy.value_or("Delete"),
            storage.volumeBindingMode.value_or("Immediate"), yesOrNo(storage.allowVolumeExpansion.value_or(false)),
            ageOf(storage.metadata.creationTimestamp, now)};
}
Columns columnsFor(const StorageClass*)
{
    return {{"NAME"}, {"PROVISIONER"}, {"RECLAIMPOLICY"}, {"VOLUMEBINDINGMODE"}, {"ALLOWVOLUMEEXPANSION"}, {"AGE"}};
}

Cells cells(const CSIDriver& driver, Instant now)
{
    const CsiDriverSpec& spec = driver.spec;
    const std::vector<std::string> modes = spec.volumeLifecycleModes.empty() ? std::vector<std::string>{"Persistent"} : spec.volumeLifecycleModes;
    return {driver.metadata.name, yesOrNo(spec.attachRequired.value_or(true)), yesOrNo(spec.podInfoOnMount.value_or(false)),
            yesOrNo(spec.storageCapacity.value_or(false)), kUnset, yesOrNo(spec.requiresRepublish.value_or(false)), joined(modes),
            ageOf(driver.metadata.creationTimestamp, now)};
}
Columns columnsFor(const CSIDriver*)
{
    return {{"NAME"}, {"ATTACHREQUIRED"}, {"PODINFOONMOUNT"}, {"STORAGECAPACITY"}, {"TOKENREQUESTS"}, {"REQUIRESREPUBLISH"}, {"MODES"}, {"AGE"}};
}

Cells cells(const CSINode& node, Instant now)
{
    return {node.metadata.name, std::to_string(node.spec.drivers.size()), ageOf(node.metadata.creationTimestamp, now)};
}
Columns columnsFor(const CSINode*) { return {{"NAME"}, {"DRIVERS"}, {"AGE"}}; }

Cells cells(const VolumeAttachment& attachment, Instant now)
{
    return {attachment.metadata.name, attachment.spec.attacher.value, attachment.spec.source.persistentVolumeName.value_or(""),
            attachment.spec.nodeName.value, yesOrNo(attachment.status.attached.value), ageOf(attachment.metadata.creationTimestamp, now)};
}
Columns columnsFor(const VolumeAttachment*) { return {{"NAME"}, {"ATTACHER"}, {"PV"}, {"NODE"}, {"ATTACHED"}, {"AGE"}}; }

} // namespace sim::kube::printing
