#include "sim/kube/api/managed_fields.h"

#include "sim/kube/api/kind_operations.h"
#include "sim/kube/api/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

// apimachinery/pkg/util/managedfields, structured-merge-diff/merge.
namespace sim::kube {

namespace {

using nlohmann::json;
using Owners = std::vector<ManagedFieldsEntry>;

constexpr const char* kApply = "Apply";
constexpr const char* kUpdate = "Update";

/// Go has a pointer there, which an empty object leaves out.
void dropSecurityContexts(json& value)
{
    if (value.is_object())
        value.erase("securityContext");
    if (value.is_structured())
        for (json& item : value)
            dropSecurityContexts(item);
}

ManagedFieldsEntry entryOf(const FieldWrite& write, const char* operation, const FieldSet& fields)
{
    ManagedFieldsEntry entry;
    entry.apiVersion = write.apiVersion;
    entry.fieldsType = "FieldsV1";
    entry.fieldsV1.text = fields.toJson().dump();
    entry.manager = write.manager;
    entry.operation = operation;
    entry.subresource = write.subresource;
    if (write.subresource != "scale") // fieldmanager/scalehandler.go leaves it out (golden cases 06, 58)
        entry.time = Time{std::chrono::floor<std::chrono::seconds>(write.now)};
    return entry;
}

bool isOwn(const ManagedFieldsEntry& entry, const FieldWrite& write, const char* operation)
{
    return entry.manager == write.manager && entry.operation == operation && entry.subresource == write.subresource
        && (operation == std::string_view(kApply) || entry.apiVersion == write.apiVersion);
}

/// Takes fields from everybody but the given entry; who has none left is gone.
void takeFromOthers(Owners& owners, const FieldSet& taken, const FieldWrite& write, const char* operation)
{
    for (auto it = owners.begin(); it != owners.end();) {
        if (isOwn(*it, write, operation)) {
            ++it;
            continue;
        }
        const FieldSet had = ownedFields(*it);
        if (had.empty()) { // a component's mark: what it owns is not written down
            ++it;
            continue;
        }
        const FieldSet left = had.difference(taken);
        if (left.empty()) {
            it = owners.erase(it);
            continue;
        }
        if (!(left == had))
            it->fieldsV1.text = left.toJson().dump();
        ++it;
    }
}

/// What still holds something is not removed, though nobody owns it itself any more.
void spareParents(FieldSet& dropped, const FieldSet& kept)
{
    for (auto& [name, child] : dropped.children)
        if (const auto held = kept.children.find(name); held != kept.children.end()) {
            child.member = false;
            spareParents(child, held->second);
        }
}

std::string printedManager(const ManagedFieldsEntry& entry)
{
    std::string text = "\"" + entry.manager + "\"";
    if (!entry.subresource.empty())
        text += fmt::format(" with subresource \"{}\"", entry.subresource);
    if (entry.operation == kUpdate)
        text += " using " + entry.apiVersion;
    return text;
}

} // namespace

FieldSet writableFields(FieldSet set, const std::string& subresource)
{
    for (const char* root : {"f:apiVersion", "f:kind"})
        set.children.erase(root);
    if (const auto meta = set.children.find("f:metadata"); meta != set.children.end()) {
        for (const char* field : {"f:name", "f:namespace", "f:creationTimestamp", "f:selfLink", "f:uid", "f:generation", "f:managedFields",
                                  "f:resourceVersion", "f:deletionTimestamp", "f:deletionGracePeriodSeconds"})
            meta->second.children.erase(field);
        meta->second.member = false;
        if (meta->second.children.empty())
            set.children.erase(meta);
    }
    set.children.erase(subresource == "status" ? "f:spec" : "f:status");
    set.member = false;
    return set;
}

FieldSet ownedFields(const ManagedFieldsEntry& entry)
{
    return FieldSet::fromJson(json::parse(entry.fieldsV1.text, nullptr, false));
}

void sortOwners(Owners& owners)
{
    std::stable_sort(owners.begin(), owners.end(), [](const ManagedFieldsEntry& a, const ManagedFieldsEntry& b) {
        return std::tie(a.operation, a.time, a.manager) < std::tie(b.operation, b.time, b.manager);
    });
}

json entryJson(const ManagedFieldsEntry& entry)
{
    json out{{"apiVersion", entry.apiVersion}, {"fieldsType", entry.fieldsType}, {"fieldsV1", json::parse(entry.fieldsV1.text, nullptr, false)},
             {"manager", entry.manager}, {"operation", entry.operation}};
    if (!entry.subresource.empty())
        out["subresource"] = entry.subresource;
    if (entry.time)
        out["time"] = rfc3339(entry.time->at);
    return out;
}

const json& emptyObject(KindId kind)
{
    static const std::vector<json> all = [] {
        std::vector<json> empties;
        for (KindId one = 0; one < kKindCount; ++one) {
            DecodeProblems problems;
            empties.push_back(toJson(one, operationsOf(one).decode(json::object(), problems).get()));
            dropSecurityContexts(empties.back());
        }
        return empties;
    }();
    return all.at(kind);
}

FieldSet fieldsOfNew(KindId kind, const json& object)
{
    return compareObjects(emptyObject(kind), object, schemaOf(kind)).changed;
}

Owners ownersAfterUpdate(Owners owners, const json& before, const json& after, const StructSchema* schema, const FieldWrite& write)
{
    const Comparison difference = compareObjects(before, after, schema);
    const FieldSet changed = writableFields(difference.changed, write.subresource);
    FieldSet taken = changed;
    taken.unite(difference.removed);
    takeFromOthers(owners, taken, write, kUpdate);
    const auto own = std::find_if(owners.begin(), owners.end(), [&](const auto& entry) { return isOwn(entry, write, kUpdate); });
    FieldSet fields = own != owners.end() ? ownedFields(*own).difference(difference.removed) : FieldSet{};
    fields.unite(changed);
    if (own == owners.end()) {
        if (!fields.empty())
            owners.push_back(entryOf(write, kUpdate, fields));
    } else if (fields.empty()) {
        owners.erase(own);
    } else if (!changed.empty()) {
        *own = entryOf(write, kUpdate, fields);
    } else { // who only took something away leaves no time
        own->fieldsV1.text = fields.toJson().dump();
    }
    sortOwners(owners);
    return owners;
}

Owners ownersAfterScale(KindId kind, Owners owners, const std::string& manager)
{
    const json scaled{{"spec", {{"replicas", 1}}}};
    return ownersAfterUpdate(std::move(owners), {{"spec", json::object()}}, scaled, schemaOf(kind),
                             {manager, kindInfo(kind).apiVersion(), "scale", {}});
}

Applied applyConfiguration(const json& live, const Owners& knownOwners, const json& configuration, const json& empty, const StructSchema* schema,
                           const FieldWrite& write, bool force)
{
    Applied applied;
    Owners owners = knownOwners;
    const bool isKnown = std::any_of(owners.begin(), owners.end(), [](const auto& entry) { return entry.subresource.empty(); });
    if (!isKnown && live.contains("metadata") && live.at("metadata").contains("resourceVersion")) {
        FieldWrite before = write;
        before.manager = "before-first-apply";
        for (const ManagedFieldsEntry& entry : ownersAfterUpdate({}, empty, live, schema, before))
            owners.push_back(entry);
    }
    const FieldSet wanted = writableFields(fieldsSetBy(configuration, schema), write.subresource);
    FieldSet before;
    for (const ManagedFieldsEntry& entry : owners)
        if (isOwn(entry, write, kApply))
            before = ownedFields(entry);
    applied.value = mergeApplied(live, configuration, schema);
    FieldSet dropped = before.difference(wanted);
    FieldSet kept = wanted;
    for (const ManagedFieldsEntry& entry : owners)
        if (!isOwn(entry, write, kApply)) {
            dropped = dropped.difference(ownedFields(entry));
            kept.unite(ownedFields(entry));
        }
    spareParents(dropped, kept);
    removeFields(applied.value, dropped, schema);

    const Comparison difference = compareObjects(live, applied.value, schema);
    FieldSet touched = writableFields(difference.changed, write.subresource);
    FieldSet removed = difference.removed;
    touched.unite(removed);
    for (const ManagedFieldsEntry& entry : owners) {
        if (isOwn(entry, write, kApply))
            continue;
        for (std::string& path : ownedFields(entry).intersection(touched).paths())
            applied.conflicts.push_back({printedManager(entry), std::move(path)});
    }
    if (force || applied.conflicts.empty()) {
        applied.conflicts.clear();
        takeFromOthers(owners, touched, write, kApply);
        const auto own = std::find_if(owners.begin(), owners.end(), [&](const auto& entry) { return isOwn(entry, write, kApply); });
        ManagedFieldsEntry mine = entryOf(write, kApply, wanted);
        if (applied.value == live) // only who changes something leaves a time
            mine.time = own == owners.end() ? std::nullopt : own->time;
        if (own == owners.end())
            owners.push_back(std::move(mine));
        else
            *own = std::move(mine);
        owners.erase(std::remove_if(owners.begin(), owners.end(), [&](const auto& entry) { return ownedFields(entry).empty(); }), owners.end());
        sortOwners(owners);
    }
    applied.owners = std::move(owners);
    return applied;
}

std::string conflictMessage(const std::vector<FieldConflict>& conflicts)
{
    if (conflicts.size() == 1)
        return fmt::format("Apply failed with 1 conflict: conflict with {}: {}", conflicts[0].manager, conflicts[0].path);
    std::map<std::string, std::vector<std::string>> byManager;
    for (const FieldConflict& conflict : conflicts)
        byManager[conflict.manager].push_back(conflict.path);
    std::string list;
    for (const auto& [manager, paths] : byManager) {
        list += fmt::format("{}conflicts with {}:", list.empty() ? "" : "\n", manager);
        for (const std::string& path : paths)
            list += "\n- " + path;
    }
    return fmt::format("Apply failed with {} conflicts: {}", conflicts.size(), list);
}

} // namespace sim::kube
