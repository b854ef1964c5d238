#include "sim/kube/client/client.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/reasons.h"

#include <algorithm>
#include <array>
#include <map>

// VolumeRestrictions, NodeVolumeLimits, VolumeBinding and VolumeZone.
namespace sim::kube {

namespace {

constexpr const char* kReadWriteOncePod = "ReadWriteOncePod";

PreFilterStatus skip() { return {PreFilterStatus::Code::Skip, {}}; }

FilterCode fail(Reasons* reasons, FilterCode code, const char* text)
{
    if (reasons)
        reasons->push_back(text);
    return code;
}

bool names(const PodInfo& pod, const std::string& claim)
{
    return std::find(pod.shape->claims.begin(), pod.shape->claims.end(), claim) != pod.shape->claims.end();
}

/// The event is about a claim of the pod, or not about a claim.
bool isOwnClaim(const WatchEvent& event, std::uint32_t bits, const PodInfo& pod)
{
    if ((bits & cluster_event::kClaim) == 0)
        return true;
    return event.key.namespace_ == pod.shape->namespaceName() && names(pod, event.key.name);
}

// ---- VolumeRestrictions ------------------------------------------------------------------------------

/// The first plugin that asks for the claims: whatever is wrong with them is said here.
PreFilterStatus preFilterRestrictions(Cycle& cycle)
{
    if (cycle.shape().claims.empty())
        return skip();
    cycle.volumes = VolumeNeeds::of(cycle.store, cycle.object());
    if (!cycle.volumes.error.empty())
        return {PreFilterStatus::Code::Reject, cycle.volumes.error};
    return {};
}

FilterCode filterRestrictions(const Cycle& cycle, const NodeInfo&, Reasons* reasons)
{
    const auto taken = [&](const PersistentVolumeClaim& claim) {
        const auto& modes = claim.spec.accessModes;
        return std::find(modes.begin(), modes.end(), kReadWriteOncePod) != modes.end()
            && cycle.cache.usersOfClaim(keyOf(claim.metadata)) > 0;
    };
    const bool inUse = std::any_of(cycle.volumes.bound.begin(), cycle.volumes.bound.end(), [&](const auto& b) { return taken(*b.claim); })
        || std::any_of(cycle.volumes.toBind.begin(), cycle.volumes.toBind.end(), [&](const auto& c) { return taken(*c); });
    return inUse ? fail(reasons, FilterCode::Unschedulable, reasons::kClaimInUse) : FilterCode::Success;
}

// ---- NodeVolumeLimits --------------------------------------------------------------------------------

/// driver -> volume handles
using Attached = std::map<std::string, std::set<std::string>>;

void addVolumes(const Store& store, const Pod& pod, Attached& attached)
{
    for (const Volume& v : pod.spec.volumes) {
        if (!v.persistentVolumeClaim)
            continue;
        const auto claim = store.get<PersistentVolumeClaim>({pod.metadata.namespace_, v.persistentVolumeClaim->claimName});
        if (!claim)
            continue;
        if (claim->spec.volumeName.empty()) { // to be provisioned: it will take a place with its driver
            const auto storageClass = store.get<StorageClass>({{}, claim->spec.storageClassName.value_or(std::string())});
            if (storageClass && storageClass->provisioner.value != kNoProvisioner)
                attached[storageClass->provisioner].insert(claim->metadata.namespace_ + '/' + claim->metadata.name);
            continue;
        }
        const auto volume = store.get<PersistentVolume>({{}, claim->spec.volumeName});
        if (volume && volume->spec.csi)
            attached[volume->spec.csi->driver].insert(volume->spec.csi->volumeHandle);
    }
}

FilterCode filterLimits(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    const auto csi = cycle.store.get<CSINode>({{}, node.node->metadata.name});
    if (!csi)
        return FilterCode::Success;
    Attached wanted;
    addVolumes(cycle.store, cycle.object(), wanted);
    if (wanted.empty())
        return FilterCode::Success;
    Attached there;
    for (const PodId id : node.pods)
        addVolumes(cycle.store, *cycle.cache.podAt(id).pod, there);
    for (const CsiNodeDriver& driver : csi->spec.drivers) {
        const auto mine = wanted.find(driver.name);
        if (mine == wanted.end() || !driver.allocatable || !driver.allocatable->count)
            continue;
        std::set<std::string> all = there[driver.name];
        const std::size_t before = all.size();
        all.insert(mine->second.begin(), mine->second.end());
        if (all.size() > before && static_cast<std::int64_t>(all.size()) > *driver.allocatable->count)
            return fail(reasons, FilterCode::Unschedulable, reasons::kTooManyVolumes);
    }
    return FilterCode::Success;
}

// ---- VolumeBinding -----------------------------------------------------------------------------------

PreFilterStatus preFilterBinding(Cycle& cycle)
{
    if (cycle.shape().claims.empty())
        return skip();
    if (cycle.volumes.immediateUnbound)
        return {PreFilterStatus::Code::Reject, reasons::kUnboundImmediate};
    return {};
}

FilterCode filterBinding(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    bool reachable = true;
    bool exist = true;
    for (const VolumeNeeds::BoundClaim& b : cycle.volumes.bound) {
        if (!b.volume)
            exist = false;
        else if (!volumeReaches(*b.volume, *node.node))
            reachable = false;
    }
    const bool found = cycle.volumes.toBind.empty() || matchVolumes(cycle.store, cycle.volumes, *node.node).satisfied;
    if (reachable && exist && found)
        return FilterCode::Success;
    if (reasons) {
        if (!reachable)
            reasons->push_back(reasons::kVolumeNodeConflict);
        if (!found)
            reasons->push_back(reasons::kVolumeBindConflict);
        if (!exist)
            reasons->push_back(reasons::kVolumeNotThere);
    }
    return FilterCode::UnschedulableAndUnresolvable;
}

bool bindTo(const Client& client, const VolumeMatch::Static& match)
{
    if (match.volume->spec.claimRef && match.volume->spec.claimRef->uid == match.claim->metadata.uid)
        return true;
    PersistentVolume volume = *match.volume;
    const bool prebound = volume.spec.claimRef.has_value();
    volume.spec.claimRef = referenceTo(*match.claim);
    if (!prebound)
        volume.metadata.annotations[kBoundByControllerAnnotation] = "yes";
    return static_cast<bool>(client.store.update(std::move(volume), client.now()));
}

bool selectNode(const Client& client, const PersistentVolumeClaim& claim, const std::string& node)
{
    PersistentVolumeClaim copy = claim;
    copy.metadata.annotations[kSelectedNodeAnnotation] = node;
    return static_cast<bool>(client.store.update(std::move(copy), client.now()));
}

bool reserveVolumes(Cycle& cycle, const NodeInfo& node)
{
    if (!cycle.volumes.toBind.empty())
        cycle.match = matchVolumes(cycle.store, cycle.volumes, *node.node);
    return cycle.match.satisfied;
}

/// Writes the decision, then waits until the volume controller (and the provisioner) have done the rest.
BindingStatus preBindVolumes(const Binding& binding, bool first)
{
    const Client& client = binding.client;
    if (binding.cycle.shape().claims.empty())
        return {};
    const VolumeNeeds needs = VolumeNeeds::of(client.store, binding.cycle.object());
    if (!needs.error.empty())
        return {BindingVerdict::Fail, needs.error};
    if (needs.toBind.empty() && !needs.immediateUnbound)
        return {};
    if (first) {
        const VolumeMatch& match = binding.cycle.match;
        const bool written = std::all_of(match.existing.begin(), match.existing.end(), [&](const auto& m) { return bindTo(client, m); })
            && std::all_of(match.toProvision.begin(), match.toProvision.end(),
                           [&](const auto& claim) { return selectNode(client, *claim, binding.node); });
        return {written ? BindingVerdict::Wait : BindingVerdict::Fail, written ? "" : reasons::kVolumeBindConflict};
    }
    // A provisioner that gives up takes the annotation away.
    for (const auto& claim : needs.toBind) {
        const auto selected = claim->metadata.annotations.find(kSelectedNodeAnnotation);
        const bool preparing = selected != claim->metadata.annotations.end() && selected->second == binding.node;
        const auto& volumes = client.store.all<PersistentVolume>();
        const bool claimed = std::any_of(volumes.begin(), volumes.end(), [&](const auto& entry) {
            return entry.second->spec.claimRef && entry.second->spec.claimRef->uid == claim->metadata.uid;
        });
        if (!preparing && !claimed)
            return {BindingVerdict::Fail, "binding volumes: provisioning failed for PVC \"" + claim->metadata.name + "\""};
    }
    return {BindingVerdict::Wait, {}};
}

// ---- VolumeZone --------------------------------------------------------------------------------------

constexpr std::array<const char*, 4> kZoneLabels{"failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
                                                 "topology.kubernetes.io/region", "topology.kubernetes.io/zone"};

/// A volume may be in several zones: "a__b".
bool inZones(const std::string& zones, const std::string& zone)
{
    std::size_t begin = 0;
    while (begin <= zones.size()) {
        const std::size_t end = std::min(zones.find("__", begin), zones.size());
        if (zones.compare(begin, end - begin, zone) == 0)
            return true;
        begin = end + 2;
    }
    return false;
}

FilterCode filterZone(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    const StringMap& labels = node.node->metadata.labels;
    const bool zoned = std::any_of(kZoneLabels.begin(), kZoneLabels.end(), [&](const char* key) { return labels.count(key) != 0; });
    if (!zoned)
        return FilterCode::Success; // a cluster without zones
    for (const VolumeNeeds::BoundClaim& b : cycle.volumes.bound) {
        if (!b.volume)
            continue;
        for (const char* key : kZoneLabels) {
            const auto wanted = b.volume->metadata.labels.find(key);
            if (wanted == b.volume->metadata.labels.end())
                continue;
            const auto has = labels.find(key);
            if (has == labels.end() || !inZones(wanted->second, has->second))
                return fail(reasons, FilterCode::UnschedulableAndUnresolvable, reasons::kVolumeZone);
        }
    }
    return FilterCode::Success;
}

PreFilterStatus runWithClaims(Cycle& cycle)
{
    return {cycle.shape().claims.empty() ? PreFilterStatus::Code::Skip : PreFilterStatus::Code::Run, {}};
}

} // namespace

Plugin volumeRestrictionsPlugin()
{
    Plugin p{"VolumeRestrictions"};
    p.preFilter = preFilterRestrictions;
    p.filter = filterRestrictions;
    p.events = cluster_event::kPodGone | cluster_event::kClaim;
    p.hint = [](const WatchEvent& e, std::uint32_t bits, const PodInfo& pod) {
        if ((bits & cluster_event::kPodGone) == 0)
            return isOwnClaim(e, bits, pod);
        const Pod& gone = e.as<Pod>();
        return gone.metadata.namespace_ == pod.shape->namespaceName()
            && std::any_of(gone.spec.volumes.begin(), gone.spec.volumes.end(), [&](const Volume& v) {
                   return v.persistentVolumeClaim && names(pod, v.persistentVolumeClaim->claimName);
               });
    };
    return p;
}

Plugin nodeVolumeLimitsPlugin()
{
    Plugin p{"NodeVolumeLimits"};
    p.preFilter = runWithClaims;
    p.filter = filterLimits;
    p.events = cluster_event::kPodGone | cluster_event::kCsiNode | cluster_event::kClaim | cluster_event::kNodeAdded;
    p.hint = isOwnClaim;
    return p;
}

Plugin volumeBindingPlugin()
{
    Plugin p{"VolumeBinding"};
    p.preFilter = preFilterBinding;
    p.filter = filterBinding;
    p.reserve = reserveVolumes;
    p.preBind = preBindVolumes;
    p.events = cluster_event::kClaim | cluster_event::kVolume | cluster_event::kStorageClass | cluster_event::kCsiNode
        | cluster_event::kNodeAdded | cluster_event::kNodeLabels;
    p.hint = isOwnClaim;
    return p;
}

Plugin volumeZonePlugin()
{
    Plugin p{"VolumeZone"};
    p.preFilter = runWithClaims;
    p.filter = filterZone;
    p.events = cluster_event::kClaim | cluster_event::kVolume | cluster_event::kStorageClass | cluster_event::kNodeAdded
        | cluster_event::kNodeLabels;
    p.hint = isOwnClaim;
    return p;
}

} // namespace sim::kube
