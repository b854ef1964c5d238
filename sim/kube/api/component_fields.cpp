#include "sim/kube/api/component_fields.h"

#include "sim/kube/api/kind_operations.h"
#include "sim/kube/api/time_text.h"

#include <algorithm>
#include <array>
#include <string_view>

// Who writes what: managedFields in the objects of golden cases 02-90 (objects.json).
namespace sim::kube {

namespace {

using nlohmann::json;
using Entries = std::vector<ManagedFieldsEntry>;
using Path = std::vector<std::string_view>;

constexpr const char* kKubelet = "kubelet";
constexpr const char* kScheduler = "kube-scheduler";
constexpr const char* kApiServer = "kube-apiserver";
constexpr const char* kMain = "";
constexpr const char* kStatus = "status";
constexpr const char* kScheduledCondition = R"(k:{"type":"PodScheduled"})";

/// The part of a kind that one component writes through one subresource.
struct ComponentPart {
    KindId kind;
    const char* manager;
    const char* subresource;
    bool (*writes)(const json& object) = nullptr; ///< null: always
    std::vector<Path> only{};                     ///< empty: all that the subresource may write
    std::vector<Path> except{};
};

const json& memberAt(const json& object, std::initializer_list<const char*> path)
{
    static const json kNothing;
    const json* here = &object;
    for (const char* name : path) {
        if (!here->is_object() || !here->contains(name))
            return kNothing;
        here = &here->at(name);
    }
    return *here;
}

bool isControlled(const json& object)
{
    const json& owners = memberAt(object, {"metadata", "ownerReferences"});
    return std::any_of(owners.begin(), owners.end(), [](const json& owner) { return owner.value("controller", false); });
}

bool isMirror(const json& object) { return !memberAt(object, {"metadata", "annotations", "kubernetes.io/config.mirror"}).is_null(); }
bool isControlledPod(const json& object) { return isControlled(object) && !isMirror(object); }
bool isOnItsNode(const json& object) { return !memberAt(object, {"status", "startTime"}).is_null(); }
bool isTerminating(const json& object) { return memberAt(object, {"status", "phase"}) == "Terminating"; }
bool isDefaultNamespace(const json& object)
{
    const json& name = memberAt(object, {"metadata", "name"});
    return name == "default" || name == "kube-system" || name == "kube-public" || name == "kube-node-lease";
}
bool isRootCertificate(const json& object) { return memberAt(object, {"metadata", "name"}) == "kube-root-ca.crt"; }
bool isProvisioned(const json& object) { return !memberAt(object, {"metadata", "annotations", "pv.kubernetes.io/provisioned-by"}).is_null(); }
bool isNodeLease(const json& object) { return memberAt(object, {"metadata", "namespace"}) == "kube-node-lease"; }
bool isBootstrapped(const json& object) { return !memberAt(object, {"metadata", "labels", "kubernetes.io/bootstrapping"}).is_null(); }
bool isApiService(const json& object)
{
    return memberAt(object, {"metadata", "name"}) == "kubernetes" && memberAt(object, {"metadata", "namespace"}) == "default";
}
bool isOfSelector(const json& object) { return !isApiService(object); }
bool isManagedSlice(const json& object)
{
    return memberAt(object, {"metadata", "labels", "endpointslice.kubernetes.io/managed-by"}) == "endpointslice-controller.k8s.io";
}
/// The scheduler writes the condition when a pod fits nowhere; the binding sets it in nobody's name.
bool isUnscheduled(const json& object)
{
    const json& conditions = memberAt(object, {"status", "conditions"});
    return std::any_of(conditions.begin(), conditions.end(), [](const json& condition) {
        return condition.value("type", "") == "PodScheduled" && condition.value("status", "") == "False";
    });
}

/// Where two components write to the same part, the one that writes less stands first.
const std::vector<ComponentPart>& componentParts()
{
    static const std::vector<ComponentPart> all{
        {kindIdOf<Pod>, kControllerManager, kMain, isControlledPod},
        {kindIdOf<Pod>, kKubelet, kMain, isMirror},
        {kindIdOf<Pod>, kScheduler, kStatus, isUnscheduled, {{"f:status", "f:conditions", kScheduledCondition}}},
        {kindIdOf<Pod>, kKubelet, kStatus, isOnItsNode, {}, {{"f:status", "f:conditions", "."},
            {"f:status", "f:conditions", kScheduledCondition}, {"f:status", "f:qosClass"}, {"f:status", "f:nominatedNodeName"}}},
        {kindIdOf<Node>, kControllerManager, kMain, nullptr, {{"f:metadata", "f:annotations", "f:node.alpha.kubernetes.io/ttl"},
            {"f:spec", "f:podCIDR"}, {"f:spec", "f:podCIDRs"}, {"f:spec", "f:taints"}}},
        {kindIdOf<Node>, kKubelet, kMain},
        {kindIdOf<Node>, kKubelet, kStatus},
        {kindIdOf<Deployment>, kControllerManager, kStatus, nullptr, {{"f:metadata", "f:annotations",
            "f:deployment.kubernetes.io/revision"}, {"f:status"}}},
        {kindIdOf<ReplicaSet>, kControllerManager, kMain, isControlled},
        {kindIdOf<ReplicaSet>, kControllerManager, kStatus},
        {kindIdOf<StatefulSet>, kControllerManager, kStatus},
        {kindIdOf<DaemonSet>, kControllerManager, kStatus},
        {kindIdOf<ControllerRevision>, kControllerManager, kMain},
        {kindIdOf<Job>, kControllerManager, kMain, isControlled},
        {kindIdOf<Job>, kControllerManager, kStatus},
        {kindIdOf<CronJob>, kControllerManager, kStatus},
        {kindIdOf<HorizontalPodAutoscaler>, kControllerManager, kStatus},
        {kindIdOf<PodDisruptionBudget>, kControllerManager, kStatus},
        {kindIdOf<ResourceQuota>, kControllerManager, kStatus},
        {kindIdOf<EndpointSlice>, kApiServer, kMain, isApiService},
        {kindIdOf<EndpointSlice>, kControllerManager, kMain, isManagedSlice},
        {kindIdOf<Endpoints>, kApiServer, kMain, isApiService},
        {kindIdOf<Endpoints>, kControllerManager, kMain, isOfSelector},
        {kindIdOf<Service>, kApiServer, kMain, isApiService},
        {kindIdOf<Namespace>, kApiServer, kMain, isDefaultNamespace},
        {kindIdOf<Namespace>, kControllerManager, kStatus, isTerminating, {{"f:status", "f:conditions"}}},
        {kindIdOf<ConfigMap>, kControllerManager, kMain, isRootCertificate},
        {kindIdOf<PersistentVolumeClaim>, kControllerManager, kMain, nullptr, {{"f:metadata", "f:annotations",
            "f:pv.kubernetes.io/bind-completed"}, {"f:metadata", "f:annotations", "f:pv.kubernetes.io/bound-by-controller"},
            {"f:metadata", "f:annotations", "f:volume.kubernetes.io/storage-provisioner"}, {"f:spec", "f:volumeName"}}},
        {kindIdOf<PersistentVolumeClaim>, kControllerManager, kStatus},
        {kindIdOf<PersistentVolume>, kControllerManager, kMain, nullptr, {{"f:metadata", "f:annotations",
            "f:pv.kubernetes.io/bound-by-controller"}, {"f:spec", "f:claimRef"}}},
        {kindIdOf<PersistentVolume>, "csi-provisioner", kMain, isProvisioned},
        {kindIdOf<PersistentVolume>, kControllerManager, kStatus},
        {kindIdOf<VolumeAttachment>, kControllerManager, kMain},
        {kindIdOf<CSINode>, kKubelet, kMain},
        {kindIdOf<Lease>, kKubelet, kMain, isNodeLease},
        {kindIdOf<APIService>, kApiServer, kMain},
        {kindIdOf<APIService>, kApiServer, kStatus},
        {kindIdOf<ClusterRole>, kApiServer, kMain, isBootstrapped},
        {kindIdOf<ClusterRoleBinding>, kApiServer, kMain, isBootstrapped},
        {kindIdOf<Role>, kApiServer, kMain, isBootstrapped},
        {kindIdOf<RoleBinding>, kApiServer, kMain, isBootstrapped},
    };
    return all;
}

bool isMark(const ManagedFieldsEntry& entry) { return entry.fieldsV1.text.empty(); }

bool isOfPart(const ManagedFieldsEntry& entry, const ComponentPart& part)
{
    return entry.operation == "Update" && entry.manager == part.manager && entry.subresource == part.subresource;
}

/// Only what lies at the path. A map or list on the way belongs to who made it, which is not told where others are in it.
FieldSet onlyAt(const FieldSet& all, const Path& path, std::size_t depth = 0)
{
    if (depth == path.size())
        return all;
    FieldSet out;
    const auto next = all.children.find(path[depth]);
    if (next == all.children.end())
        return out;
    if (FieldSet inner = onlyAt(next->second, path, depth + 1); !inner.empty()) {
        out.member = all.member && all.children.size() == 1;
        out.children.emplace(next->first, std::move(inner));
    }
    return out;
}

void eraseAt(FieldSet& set, const Path& path, std::size_t depth = 0)
{
    if (path[depth] == ".") {
        set.member = false;
        return;
    }
    const auto next = set.children.find(path[depth]);
    if (next == set.children.end())
        return;
    if (depth + 1 < path.size())
        eraseAt(next->second, path, depth + 1);
    if (depth + 1 == path.size() || next->second.empty())
        set.children.erase(next);
}

bool isServiceAccountToken(const json& volume)
{
    return volume.value("name", "").starts_with("kube-api-access-");
}

void eraseUnwanted(json& parent, const char* list, bool (*unwanted)(const json&))
{
    if (!parent.contains(list) || !parent.at(list).is_array())
        return;
    json& items = parent[list];
    items.erase(std::remove_if(items.begin(), items.end(), unwanted), items.end());
    if (items.empty())
        parent.erase(list);
}

/// A pod as its controller sent it: what admission and the binding put in belongs to nobody.
json beforeAdmission(json pod)
{
    json& spec = pod["spec"];
    for (const char* field : {"nodeName", "priority", "preemptionPolicy"})
        spec.erase(field);
    if (spec.value("serviceAccountName", "") == "default") {
        spec.erase("serviceAccountName");
        spec.erase("serviceAccount");
    }
    eraseUnwanted(spec, "tolerations", [](const json& toleration) {
        const std::string key = toleration.value("key", "");
        return (key == "node.kubernetes.io/not-ready" || key == "node.kubernetes.io/unreachable") && toleration.value("tolerationSeconds", 0) == 300;
    });
    eraseUnwanted(spec, "volumes", isServiceAccountToken);
    for (const char* list : {"initContainers", "containers"})
        if (spec.contains(list))
            for (json& container : spec[list])
                eraseUnwanted(container, "volumeMounts", [](const json& mount) { return isServiceAccountToken(mount); });
    return pod;
}

/// The latest time that the value tells of.
std::optional<Instant> latestTime(const json& value)
{
    std::optional<Instant> latest;
    if (value.is_structured()) {
        for (const json& item : value)
            latest = std::max(latest, latestTime(item));
    } else if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (text.size() >= std::string_view("2026-11-24T01:02:54Z").size() && text[10] == 'T')
            latest = parseRfc3339(text);
    }
    return latest;
}

/// When the component wrote last: as it was marked, or the latest time in the status, or when the object was made.
std::optional<Time> writtenAt(const ComponentPart& part, const json& object, const ObjectMeta& metadata)
{
    for (const ManagedFieldsEntry& entry : *metadata.managedFields)
        if (isMark(entry) && isOfPart(entry, part))
            return entry.time;
    if (part.subresource == std::string_view(kStatus))
        if (const auto latest = latestTime(memberAt(object, {"status"})))
            return Time{std::chrono::floor<std::chrono::seconds>(*latest)};
    return metadata.creationTimestamp;
}

FieldSet fieldsOfPart(const ComponentPart& part, const FieldSet& all)
{
    FieldSet fields;
    if (part.only.empty())
        fields = writableFields(all, part.subresource);
    for (const Path& path : part.only)
        fields.unite(onlyAt(all, path));
    if (part.only.empty() && part.subresource == std::string_view(kStatus))
        fields.children.erase("f:metadata");
    for (const Path& path : part.except)
        eraseAt(fields, path);
    return fields;
}

} // namespace

Entries ownersOf(KindId kind, const json& object, const ObjectMeta& metadata)
{
    Entries owners;
    FieldSet taken;
    for (const ManagedFieldsEntry& entry : *metadata.managedFields) {
        if (isMark(entry))
            continue;
        taken.unite(ownedFields(entry));
        owners.push_back(entry);
    }
    FieldSet all;
    for (const ComponentPart& part : componentParts()) {
        if (part.kind != kind || (part.writes != nullptr && !part.writes(object)))
            continue;
        if (all.empty())
            all = fieldsOfNew(kind, kind == kindIdOf<Pod> ? beforeAdmission(object) : object);
        const FieldSet fields = fieldsOfPart(part, all).difference(taken);
        if (fields.empty())
            continue;
        taken.unite(fields);
        ManagedFieldsEntry& entry = owners.emplace_back();
        entry.apiVersion = kindInfo(kind).apiVersion();
        entry.fieldsType = "FieldsV1";
        entry.fieldsV1.text = fields.toJson().dump();
        entry.manager = part.manager;
        entry.operation = "Update";
        entry.subresource = part.subresource;
        entry.time = writtenAt(part, object, metadata);
    }
    sortOwners(owners);
    return owners;
}

Entries recordedOwners(KindId kind, const Entries& sent, const Entries& kept)
{
    Entries recorded;
    const auto ofComponent = [&](const ManagedFieldsEntry& entry) {
        return std::any_of(componentParts().begin(), componentParts().end(),
                           [&](const ComponentPart& part) { return part.kind == kind && isOfPart(entry, part); });
    };
    for (const ManagedFieldsEntry& entry : sent)
        if (!entry.manager.empty() && !ofComponent(entry)) // [{}] takes everybody's away
            recorded.push_back(entry);
    std::copy_if(kept.begin(), kept.end(), std::back_inserter(recorded), isMark);
    return recorded;
}

void markWritten(ObjectMeta& metadata, const char* manager, const char* subresource, Instant now)
{
    Entries& owners = metadata.managedFields.edit();
    auto mark = std::find_if(owners.begin(), owners.end(), [&](const ManagedFieldsEntry& entry) {
        return isMark(entry) && entry.manager == manager && entry.subresource == subresource;
    });
    if (mark == owners.end()) {
        ManagedFieldsEntry made;
        made.manager = manager;
        made.operation = "Update";
        made.subresource = subresource;
        mark = owners.insert(owners.end(), std::move(made));
    }
    mark->time = Time{std::chrono::floor<std::chrono::seconds>(now)};
}

json answerOf(KindId kind, const void* object)
{
    json answer = toJson(kind, object);
    const ObjectMeta& metadata = operationsOf(kind).metadataOf(object);
    const Entries owners = ownersOf(kind, answer, metadata);
    if (owners.empty()) {
        answer["metadata"].erase("managedFields");
        return answer;
    }
    json entries = json::array();
    for (const ManagedFieldsEntry& entry : owners)
        entries.push_back(entryJson(entry));
    answer["metadata"]["managedFields"] = std::move(entries);
    return answer;
}

} // namespace sim::kube
