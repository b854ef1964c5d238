#include "sim/kube/scheduler/volume_needs.h"

#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/reasons.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kWaitForFirstConsumer = "WaitForFirstConsumer";
constexpr const char* kFilesystem = "Filesystem";
constexpr const char* kStorage = "storage";

std::string classOf(const PersistentVolumeClaim& claim)
{
    return claim.spec.storageClassName.value_or(std::string());
}

bool waitsForConsumer(const Store& store, const PersistentVolumeClaim& claim)
{
    const auto storageClass = store.get<StorageClass>({{}, classOf(claim)});
    return storageClass && storageClass->volumeBindingMode == kWaitForFirstConsumer;
}

std::int64_t storageOf(const ResourceList& list)
{
    const auto it = list.find(kStorage);
    return it == list.end() ? 0 : it->second.value();
}

bool isFor(const PersistentVolume& volume, const PersistentVolumeClaim& claim)
{
    const auto& ref = volume.spec.claimRef;
    return ref && ref->namespace_ == claim.metadata.namespace_ && ref->name == claim.metadata.name
        && (ref->uid.empty() || ref->uid == claim.metadata.uid);
}

/// Everything but the node (component-helpers/storage/volume/pv_helpers.go, FindMatchingVolume).
bool suits(const PersistentVolume& volume, const PersistentVolumeClaim& claim)
{
    if (volume.metadata.deletionTimestamp || storageOf(volume.spec.capacity) < storageOf(claim.spec.resources.requests))
        return false;
    if (volume.spec.volumeMode.value_or(kFilesystem) != claim.spec.volumeMode.value_or(kFilesystem))
        return false;
    const auto& modes = volume.spec.accessModes;
    const bool accessible = std::all_of(claim.spec.accessModes.begin(), claim.spec.accessModes.end(), [&](const std::string& mode) {
        return std::find(modes.begin(), modes.end(), mode) != modes.end();
    });
    if (!accessible)
        return false;
    if (volume.spec.claimRef)
        return isFor(volume, claim);
    return (volume.status.phase.empty() || volume.status.phase == "Available") && volume.spec.storageClassName == classOf(claim)
        && (!claim.spec.selector || claim.spec.selector->matches(volume.metadata.labels));
}

bool canProvision(const Store& store, const PersistentVolumeClaim& claim, const Node& node)
{
    const auto storageClass = store.get<StorageClass>({{}, classOf(claim)});
    if (!storageClass || storageClass->provisioner.value.empty() || storageClass->provisioner.value == kNoProvisioner)
        return false;
    const auto& terms = storageClass->allowedTopologies;
    return terms.empty() || std::any_of(terms.begin(), terms.end(), [&](const TopologySelectorTerm& term) {
        return std::all_of(term.matchLabelExpressions.begin(), term.matchLabelExpressions.end(),
                           [&](const TopologySelectorLabelRequirement& r) {
                               const auto label = node.metadata.labels.find(r.key);
                               return label != node.metadata.labels.end()
                                   && std::find(r.values.begin(), r.values.end(), label->second) != r.values.end();
                           });
    });
}

} // namespace

bool isBound(const PersistentVolumeClaim& claim)
{
    return !claim.spec.volumeName.empty()
        && (claim.metadata.annotations.count(kBindCompletedAnnotation) != 0 || claim.status.phase == "Bound");
}

bool volumeReaches(const PersistentVolume& volume, const Node& node)
{
    if (!volume.spec.nodeAffinity || !volume.spec.nodeAffinity->required)
        return true;
    const auto& terms = volume.spec.nodeAffinity->required->nodeSelectorTerms;
    return std::any_of(terms.begin(), terms.end(), [&](const NodeSelectorTerm& term) { return matchesTerm(term, node); });
}

VolumeNeeds VolumeNeeds::of(const Store& store, const Pod& pod)
{
    VolumeNeeds needs;
    for (const Volume& v : pod.spec.volumes) {
        if (!v.persistentVolumeClaim)
            continue;
        const std::string& name = v.persistentVolumeClaim->claimName;
        auto claim = store.get<PersistentVolumeClaim>({pod.metadata.namespace_, name});
        if (!claim) {
            needs.error = fmt::format(fmt::runtime(reasons::kClaimNotFound), name);
            return needs;
        }
        if (claim->status.phase == "Lost") {
            needs.error = fmt::format(fmt::runtime(reasons::kClaimLost), name, claim->spec.volumeName);
            return needs;
        }
        if (claim->metadata.deletionTimestamp) {
            needs.error = fmt::format(fmt::runtime(reasons::kClaimBeingDeleted), name);
            return needs;
        }
        if (isBound(*claim)) {
            auto volume = store.get<PersistentVolume>({{}, claim->spec.volumeName});
            needs.bound.push_back({std::move(claim), std::move(volume)});
        } else if (claim->spec.volumeName.empty() && waitsForConsumer(store, *claim)) {
            needs.toBind.push_back(std::move(claim));
        } else {
            needs.immediateUnbound = true;
        }
    }
    // The smallest claims choose first.
    std::stable_sort(needs.toBind.begin(), needs.toBind.end(), [](const auto& a, const auto& b) {
        return storageOf(a->spec.resources.requests) < storageOf(b->spec.resources.requests);
    });
    return needs;
}

VolumeMatch matchVolumes(const Store& store, const VolumeNeeds& needs, const Node& node)
{
    VolumeMatch match;
    for (const auto& claim : needs.toBind) {
        if (const auto selected = claim->metadata.annotations.find(kSelectedNodeAnnotation);
            selected != claim->metadata.annotations.end()) {
            if (selected->second != node.metadata.name) {
                match.satisfied = false;
                return match;
            }
            match.toProvision.push_back(claim);
            continue;
        }
        std::shared_ptr<const PersistentVolume> best;
        for (const auto& [key, volume] : store.all<PersistentVolume>()) {
            const bool taken = std::any_of(match.existing.begin(), match.existing.end(),
                                           [&volume = volume](const VolumeMatch::Static& s) { return s.volume == volume; });
            if (taken || !suits(*volume, *claim) || !volumeReaches(*volume, node))
                continue;
            if (volume->spec.claimRef) {
                best = volume;
                break;
            }
            if (!best || storageOf(volume->spec.capacity) < storageOf(best->spec.capacity))
                best = volume;
        }
        if (best)
            match.existing.push_back({claim, best});
        else
            match.toProvision.push_back(claim);
    }
    match.satisfied = std::all_of(match.toProvision.begin(), match.toProvision.end(),
                                  [&](const auto& claim) { return canProvision(store, *claim, node); });
    return match;
}

} // namespace sim::kube
