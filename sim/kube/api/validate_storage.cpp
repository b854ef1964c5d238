#include "sim/kube/api/names.h"
#include "sim/kube/api/validation_parts.h"

#include <fmt/format.h>

#include <algorithm>

// Volumes and storage classes (pkg/apis/core/validation, pkg/apis/storage/validation).
namespace sim::kube::validation {

namespace {

const std::vector<std::string> kAccessModes{"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"};

void checkAccessModes(FieldErrors& errors, const std::vector<std::string>& modes)
{
    for (const std::string& mode : modes)
        if (std::find(kAccessModes.begin(), kAccessModes.end(), mode) == kAccessModes.end())
            errors.notSupported("spec.accessModes", mode, kAccessModes);
    if (modes.size() > 1 && std::find(modes.begin(), modes.end(), "ReadWriteOncePod") != modes.end())
        errors.forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes");
}

void checkPositive(FieldErrors& errors, const std::string& at, const Quantity& amount)
{
    if (amount.milliValue() <= 0)
        errors.invalid(at, amount.text, "must be greater than zero");
}

} // namespace

void check(FieldErrors& errors, const PersistentVolume& volume)
{
    const PvSpec& spec = volume.spec;
    if (spec.accessModes.empty())
        errors.required("spec.accessModes");
    checkAccessModes(errors, spec.accessModes);
    const auto storage = spec.capacity.find("storage");
    if (spec.capacity.empty())
        errors.required("spec.capacity");
    else if (storage == spec.capacity.end() || spec.capacity.size() > 1)
        errors.add({"FieldValueNotSupported", "spec.capacity", "Unsupported value: core.ResourceList{...}: supported values: \"storage\""});
    else
        checkPositive(errors, "spec.capacity[storage]", storage->second);
    if (!spec.persistentVolumeReclaimPolicy.empty())
        errors.oneOf("spec.persistentVolumeReclaimPolicy", spec.persistentVolumeReclaimPolicy, {"Delete", "Recycle", "Retain"});
    if (spec.nodeAffinity) {
        if (spec.nodeAffinity->required)
            checkNodeSelector(errors, "spec.nodeAffinity.required", *spec.nodeAffinity->required);
        else
            errors.required("spec.nodeAffinity.required", "must specify required node constraints");
    }
    int sources = 0;
    const auto source = [&](bool set, const char* name) {
        if (set && ++sources > 1)
            errors.forbidden(fmt::format("spec.{}", name), "may not specify more than 1 volume type");
    };
    source(spec.hostPath.has_value(), "hostPath");
    source(spec.nfs.has_value(), "nfs");
    source(spec.local.has_value(), "local");
    source(spec.csi.has_value(), "csi");
    if (sources == 0)
        errors.required("spec", "must specify a volume type");
    if (spec.local && !spec.nodeAffinity)
        errors.required("metadata.annotations", "Local volume requires node affinity");
    if (!spec.storageClassName.empty())
        errors.each("spec.storageClassName", spec.storageClassName, names::dns1123Subdomain(spec.storageClassName));
    if (spec.volumeMode && *spec.volumeMode != "Block" && *spec.volumeMode != "Filesystem")
        errors.notSupported("spec.volumeMode", *spec.volumeMode, {"Block", "Filesystem"});
}

void checkUpdate(FieldErrors& errors, const PersistentVolume& volume, const PersistentVolume& old)
{
    const PvSpec& now = volume.spec;
    const PvSpec& before = old.spec;
    if (now.hostPath != before.hostPath || now.nfs != before.nfs || now.local != before.local || now.csi != before.csi)
        errors.forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
    if (now.volumeMode != before.volumeMode)
        errors.invalid("spec.volumeMode", now.volumeMode.value_or(""), "field is immutable");
    if (before.nodeAffinity && now.nodeAffinity != before.nodeAffinity)
        errors.invalidDump("spec.nodeAffinity", "core.VolumeNodeAffinity{...}", "field is immutable, except for updating from beta label to GA");
}

void check(FieldErrors& errors, const PersistentVolumeClaim& claim)
{
    const PvcSpec& spec = claim.spec;
    if (spec.accessModes.empty())
        errors.required("spec.accessModes", "at least 1 access mode is required");
    if (spec.selector)
        checkLabelSelector(errors, "spec.selector", *spec.selector);
    checkAccessModes(errors, spec.accessModes);
    const auto storage = spec.resources.requests.find("storage");
    if (storage == spec.resources.requests.end())
        errors.required("spec.resources[storage]");
    else
        checkPositive(errors, "spec.resources[storage]", storage->second);
    if (spec.storageClassName && !spec.storageClassName->empty())
        errors.each("spec.storageClassName", *spec.storageClassName, names::dns1123Subdomain(*spec.storageClassName));
    if (spec.volumeMode && *spec.volumeMode != "Block" && *spec.volumeMode != "Filesystem")
        errors.notSupported("spec.volumeMode", *spec.volumeMode, {"Block", "Filesystem"});
}

void checkUpdate(FieldErrors& errors, const PersistentVolumeClaim& claim, const PersistentVolumeClaim& old)
{
    PvcSpec spec = claim.spec;
    const PvcSpec& before = old.spec;
    if (before.volumeName.empty()) // the volume controller binds it
        spec.volumeName.clear();
    if (!before.storageClassName)
        spec.storageClassName.reset();
    const bool bound = old.status.phase == "Bound";
    if (bound)
        spec.resources.requests = before.resources.requests;
    if (spec != before)
        errors.forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
    const auto asked = claim.spec.resources.requests.find("storage");
    const auto had = before.resources.requests.find("storage");
    if (bound && asked != claim.spec.resources.requests.end() && had != before.resources.requests.end()
        && asked->second.milliValue() < had->second.milliValue())
        errors.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
}

void check(FieldErrors& errors, const StorageClass& storage)
{
    if (storage.provisioner.value.empty())
        errors.required("provisioner");
    if (storage.reclaimPolicy && *storage.reclaimPolicy != "Delete" && *storage.reclaimPolicy != "Retain")
        errors.notSupported("reclaimPolicy", *storage.reclaimPolicy, {"Delete", "Retain"});
    if (!storage.volumeBindingMode)
        errors.required("volumeBindingMode");
    else if (*storage.volumeBindingMode != "Immediate" && *storage.volumeBindingMode != "WaitForFirstConsumer")
        errors.notSupported("volumeBindingMode", *storage.volumeBindingMode, {"Immediate", "WaitForFirstConsumer"});
}

void checkUpdate(FieldErrors& errors, const StorageClass& storage, const StorageClass& old)
{
    if (storage.parameters != old.parameters)
        errors.forbidden("parameters", "updates to parameters are forbidden.");
    if (storage.provisioner != old.provisioner)
        errors.forbidden("provisioner", "updates to provisioner are forbidden.");
    if (storage.reclaimPolicy != old.reclaimPolicy)
        errors.forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.");
    if (storage.volumeBindingMode != old.volumeBindingMode)
        errors.invalid("volumeBindingMode", storage.volumeBindingMode.value_or(""), "field is immutable");
}

void checkUpdate(FieldErrors& errors, const VolumeAttachment& attachment, const VolumeAttachment& old)
{
    if (attachment.spec != old.spec)
        errors.invalidDump("spec", "storage.VolumeAttachmentSpec{...}", "field is immutable");
}

} // namespace sim::kube::validation
