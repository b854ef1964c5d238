#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/flags.h"
#include "sim/engine/letters.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

constexpr const char* kDefaultClass = "storageclass.kubernetes.io/is-default-class";
constexpr const char* kBetaClass = "volume.beta.kubernetes.io/storage-class";

/// "RWO,RWX": the short names, in kubectl's order.
std::string accessModesText(const std::vector<std::string>& modes)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kShort{{{"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"},
                                                                                  {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}}};
    std::vector<std::string> parts;
    for (const auto& [mode, shortName] : kShort)
        if (std::find(modes.begin(), modes.end(), mode) != modes.end())
            parts.emplace_back(shortName);
    return join(parts, ",");
}

std::string storageOf(const ResourceList& list)
{
    const auto found = list.find("storage");
    return found == list.end() ? std::string() : found->second.text;
}

std::string classOf(const ObjectMeta& meta, const std::optional<std::string>& name)
{
    const auto beta = meta.annotations.find(kBetaClass);
    return beta != meta.annotations.end() ? beta->second : name.value_or("");
}

void describePhase(TabText& out, const ObjectMeta& meta, const std::string& phase, sim::Instant now)
{
    out.line(0, "Status:\t" + (meta.deletionTimestamp ? fmt::format("Terminating (lasts {})", since(meta.deletionTimestamp, now)) : phase));
}

std::string finalizersText(const ObjectMeta& meta)
{
    return "[" + join(meta.finalizers, " ") + "]";
}

void describeTerms(TabText& out, const std::vector<NodeSelectorTerm>& terms)
{
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const auto& wanted = terms[i].matchExpressions;
        const std::string title = fmt::format("Term {}:", i);
        if (wanted.empty())
            out.line(2, title + "\t<none>");
        for (std::size_t j = 0; j < wanted.size(); ++j) {
            std::string operation = wanted[j].operator_;
            operation = sim::lowered(operation);
            std::string text = wanted[j].key + " " + operation;
            if (!wanted[j].values.empty())
                text += " [" + join(wanted[j].values, ", ") + "]";
            out.line(2, (j == 0 ? title : std::string()) + "\t" + text);
        }
    }
}

void describeNodeAffinity(TabText& out, const std::optional<VolumeNodeAffinity>& affinity)
{
    if (!affinity || !affinity->required) {
        out.line(0, "Node Affinity:\t<none>");
        return;
    }
    out.line(0, "Node Affinity:\t");
    out.line(1, affinity->required->nodeSelectorTerms.empty() ? "Required Terms:\t<none>" : "Required Terms:\t");
    describeTerms(out, affinity->required->nodeSelectorTerms);
}

void describeSource(TabText& out, const PvSpec& spec)
{
    out.line(0, "Source:");
    if (spec.hostPath) {
        out.line(2, "Type:\tHostPath (bare host directory volume)");
        out.line(2, "Path:\t" + spec.hostPath->path);
        out.line(2, "HostPathType:\t" + spec.hostPath->type);
    } else if (spec.nfs) {
        describeNfs(out, *spec.nfs);
    } else if (spec.local) {
        out.line(2, "Type:\tLocalVolume (a persistent volume backed by local storage on a node)");
        out.line(2, "Path:\t" + spec.local->path.value);
    } else if (spec.csi) {
        out.line(2, "Type:\tCSI (a Container Storage Interface (CSI) volume source)");
        out.line(2, "Driver:\t" + spec.csi->driver.value);
        out.line(2, "FSType:\t" + spec.csi->fsType);
        out.line(2, "VolumeHandle:\t" + spec.csi->volumeHandle.value);
        out.line(2, fmt::format("ReadOnly:\t{}", spec.csi->readOnly));
        // The real tool indents each part of the attributes' lines anew.
        if (spec.csi->volumeAttributes.empty())
            out.line(2, "VolumeAttributes:\t<none>");
        bool first = true;
        for (const auto& [key, value] : spec.csi->volumeAttributes) {
            out.add(first ? "    VolumeAttributes:\t" : "        \t");
            out.line(2, key + "=" + value);
            first = false;
        }
    }
}

} // namespace

std::string formattedLabels(const StringMap& labels)
{
    std::vector<std::string> parts;
    for (const auto& [key, value] : labels)
        parts.push_back(key + "=" + value);
    return parts.empty() ? "<none>" : join(parts, ",");
}

void describeNfs(TabText& out, const NfsVolumeSource& source)
{
    out.line(2, "Type:\tNFS (an NFS mount that lasts the lifetime of a pod)");
    out.line(2, "Server:\t" + source.server.value);
    out.line(2, "Path:\t" + source.path.value);
    out.line(2, fmt::format("ReadOnly:\t{}", source.readOnly));
}

void describeClaimTemplates(TabText& out, const std::vector<PersistentVolumeClaim>& claims)
{
    if (claims.empty()) {
        out.line(0, "Volume Claims:\t<none>");
        return;
    }
    out.line(0, "Volume Claims:");
    for (const PersistentVolumeClaim& claim : claims) {
        out.line(1, "Name:\t" + claim.metadata.name);
        out.line(1, "StorageClass:\t" + classOf(claim.metadata, claim.spec.storageClassName));
        describeLabels(out, "Labels", claim.metadata.labels, "  ");
        describeLabels(out, "Annotations", claim.metadata.annotations, "  ");
        const std::string size = storageOf(claim.spec.resources.requests);
        out.line(1, "Capacity:\t" + (size.empty() ? "<default>" : size));
        out.line(1, "Access Modes:\t[" + join(claim.spec.accessModes, " ") + "]");
    }
}

std::string describePersistentVolumeClaim(const PersistentVolumeClaim& claim, const std::vector<Pod>& pods, const EventList& events,
                                          sim::Instant now)
{
    TabText out;
    const bool bound = !claim.spec.volumeName.empty();
    out.line(0, "Name:\t" + claim.metadata.name);
    out.line(0, "Namespace:\t" + claim.metadata.namespace_);
    out.line(0, "StorageClass:\t" + classOf(claim.metadata, claim.spec.storageClassName));
    describePhase(out, claim.metadata, claim.status.phase, now);
    out.line(0, "Volume:\t" + claim.spec.volumeName);
    describeLabels(out, "Labels", claim.metadata.labels);
    describeAnnotations(out, "Annotations", claim.metadata.annotations);
    out.line(0, "Finalizers:\t" + finalizersText(claim.metadata));
    out.line(0, "Capacity:\t" + (bound ? storageOf(claim.status.capacity) : std::string()));
    out.line(0, "Access Modes:\t" + (bound ? accessModesText(claim.status.accessModes) : std::string()));
    if (claim.spec.volumeMode)
        out.line(0, "VolumeMode:\t" + *claim.spec.volumeMode);
    if (const auto& source = claim.spec.dataSource) {
        out.line(0, "DataSource:");
        if (source->apiGroup)
            out.line(1, "APIGroup:\t" + *source->apiGroup);
        out.line(1, "Kind:\t" + source->kind.value);
        out.line(1, "Name:\t" + source->name.value);
    }
    std::vector<std::string> users;
    for (const Pod& pod : pods)
        if (std::any_of(pod.spec.volumes.begin(), pod.spec.volumes.end(), [&](const Volume& volume) {
                return volume.persistentVolumeClaim && volume.persistentVolumeClaim->claimName.value == claim.metadata.name;
            }))
            users.push_back(pod.metadata.name);
    std::sort(users.begin(), users.end());
    out.line(0, "Used By:\t" + (users.empty() ? std::string("<none>") : join(users, "\n\t")));
    if (!claim.status.conditions.empty()) {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
        out.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
        for (const Condition& c : claim.status.conditions)
            out.line(1, fmt::format("{} \t{} \t{} \t{} \t{} \t{}", c.type.value, c.status.value, longDate(c.lastProbeTime),
                                    longDate(c.lastTransitionTime), c.reason, c.message));
    }
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describePersistentVolume(const PersistentVolume& volume, const EventList& events, sim::Instant now)
{
    TabText out;
    const PvSpec& spec = volume.spec;
    out.line(0, "Name:\t" + volume.metadata.name);
    describeLabels(out, "Labels", volume.metadata.labels);
    describeAnnotations(out, "Annotations", volume.metadata.annotations);
    out.line(0, "Finalizers:\t" + finalizersText(volume.metadata));
    out.line(0, "StorageClass:\t" + classOf(volume.metadata, spec.storageClassName));
    describePhase(out, volume.metadata, volume.status.phase, now);
    out.line(0, "Claim:\t" + (spec.claimRef ? spec.claimRef->namespace_ + "/" + spec.claimRef->name : std::string()));
    out.line(0, "Reclaim Policy:\t" + spec.persistentVolumeReclaimPolicy);
    out.line(0, "Access Modes:\t" + accessModesText(spec.accessModes));
    if (spec.volumeMode)
        out.line(0, "VolumeMode:\t" + *spec.volumeMode);
    out.line(0, "Capacity:\t" + storageOf(spec.capacity));
    describeNodeAffinity(out, spec.nodeAffinity);
    out.line(0, "Message:\t" + volume.status.message);
    describeSource(out, spec);
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeStorageClass(const StorageClass& storage, const EventList& events, sim::Instant now)
{
    TabText out;
    const auto isDefault = storage.metadata.annotations.find(kDefaultClass);
    out.line(0, "Name:\t" + storage.metadata.name);
    out.line(0, std::string("IsDefaultClass:\t") + (isDefault != storage.metadata.annotations.end() && isDefault->second == "true" ? "Yes" : "No"));
    out.line(0, "Annotations:\t" + formattedLabels(storage.metadata.annotations));
    out.line(0, "Provisioner:\t" + storage.provisioner.value);
    out.line(0, "Parameters:\t" + formattedLabels(storage.parameters));
    out.line(0, "AllowVolumeExpansion:\t" + switchText(storage.allowVolumeExpansion));
    if (storage.mountOptions.empty())
        out.line(0, "MountOptions:\t<none>");
    else
        out.line(0, "MountOptions:");
    for (const std::string& option : storage.mountOptions)
        out.line(1, option);
    if (storage.reclaimPolicy)
        out.line(0, "ReclaimPolicy:\t" + *storage.reclaimPolicy);
    if (storage.volumeBindingMode)
        out.line(0, "VolumeBindingMode:\t" + *storage.volumeBindingMode);
    if (!storage.allowedTopologies.empty()) {
        out.line(0, "AllowedTopologies:\t");
        for (std::size_t i = 0; i < storage.allowedTopologies.size(); ++i) {
            const std::string title = fmt::format("Term {}:", i);
            const auto& wanted = storage.allowedTopologies[i].matchLabelExpressions;
            if (wanted.empty())
                out.line(1, title + "\t<none>");
            for (std::size_t j = 0; j < wanted.size(); ++j)
                out.line(1, (j == 0 ? title : std::string()) + "\t" + fmt::format("{} in [{}]", wanted[j].key.value, join(wanted[j].values, ", ")));
        }
    }
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeCsiNode(const CSINode& node, const EventList& events, sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + node.metadata.name);
    describeLabels(out, "Labels", node.metadata.labels);
    describeAnnotations(out, "Annotations", node.metadata.annotations);
    out.line(0, "CreationTimestamp:\t" + longDate(node.metadata.creationTimestamp));
    out.line(0, "Spec:");
    if (!node.spec.drivers.empty())
        out.line(1, "Drivers:");
    for (const CsiNodeDriver& driver : node.spec.drivers) {
        out.line(2, driver.name.value + ":");
        out.line(3, "Node ID:\t" + driver.nodeID.value);
        if (driver.allocatable && driver.allocatable->count) {
            out.line(3, "Allocatables:");
            out.line(4, fmt::format("Count:\t{}", *driver.allocatable->count));
        }
        if (!driver.topologyKeys.empty())
            out.line(3, "Topology Keys:\t[" + join(driver.topologyKeys, " ") + "]");
    }
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
