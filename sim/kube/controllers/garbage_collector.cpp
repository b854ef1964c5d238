#include "sim/kube/controllers/garbage_collector.h"

#include "sim/kube/api/custom_resources.h"
#include "sim/kube/controllers/any_kind.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace sim::kube {

namespace {

// golden case 60: the finalizer goes 31 ms after the last dependent lost its reference.
constexpr Duration kAfterOrphaning = std::chrono::milliseconds(20);

/// What an owner reference names.
struct Owner {
    const ObjectMeta* metadata = nullptr; ///< null: it is gone, or another one has its name
    KindId kind = 0;
    ObjectKey key;
};

std::string groupOf(const OwnerReference& reference)
{
    const std::size_t slash = reference.apiVersion.find('/');
    return slash == std::string::npos ? std::string() : reference.apiVersion.substr(0, slash);
}

Owner customOwnerOf(const Store& store, const std::string& namespace_, const OwnerReference& reference)
{
    for (const auto& [name, definition] : store.all<CustomResourceDefinition>()) {
        if (definition->spec.group.value != groupOf(reference) || definition->spec.names.kind.value != reference.kind)
            continue;
        const bool namespaced = definition->spec.scope.value == "Namespaced";
        Owner owner{nullptr, kindIdOf<CustomObject>, {namespaced ? namespace_ : std::string(), keyPrefix(*definition) + reference.name}};
        if (const auto object = store.get<CustomObject>(owner.key); object && object->metadata.uid == reference.uid)
            owner.metadata = &object->metadata;
        return owner;
    }
    return {};
}

Owner ownerOf(const Store& store, const std::string& namespace_, const OwnerReference& reference)
{
    const KindInfo* info = findKind(reference.kind);
    if (!info || info->group != groupOf(reference))
        return customOwnerOf(store, namespace_, reference);
    Owner owner{nullptr, info->id, {info->namespaced ? namespace_ : std::string(), reference.name}};
    withKind(info->id, [&]<class T>() {
        if (const auto object = store.template get<T>(owner.key); object && object->metadata.uid == reference.uid)
            owner.metadata = &object->metadata;
    });
    return owner;
}

bool has(const ObjectMeta& metadata, const char* finalizer)
{
    return std::find(metadata.finalizers.begin(), metadata.finalizers.end(), finalizer) != metadata.finalizers.end();
}

bool isDeletingDependents(const ObjectMeta& metadata)
{
    return metadata.deletionTimestamp && has(metadata, kForegroundFinalizer);
}

} // namespace

void GarbageCollector::enqueue(KindId kind, const ObjectKey& key)
{
    queue.add({std::to_string(kind) + "/" + key.namespace_, key.name});
}

void GarbageCollector::enqueueDependents(const std::string& uid)
{
    for (const Dependent& d : dependentsOf(uid))
        enqueue(d.kind, d.key);
}

std::vector<GarbageCollector::Dependent> GarbageCollector::dependentsOf(const std::string& uid) const
{
    const auto it = m_dependents.find(uid);
    if (it == m_dependents.end())
        return {};
    std::vector<Dependent> dependents(it->second.begin(), it->second.end());
    std::sort(dependents.begin(), dependents.end());
    return dependents;
}

void GarbageCollector::link(KindId kind, const ObjectKey& key, const ObjectMeta& metadata)
{
    for (const OwnerReference& r : metadata.ownerReferences)
        m_dependents[r.uid].insert({kind, key});
}

void GarbageCollector::unlink(KindId kind, const ObjectKey& key, const ObjectMeta& metadata)
{
    for (const OwnerReference& r : metadata.ownerReferences) {
        const auto it = m_dependents.find(r.uid);
        if (it == m_dependents.end())
            continue;
        it->second.erase({kind, key});
        if (it->second.empty())
            m_dependents.erase(it);
    }
}

void GarbageCollector::relist(const Store& store)
{
    m_dependents.clear();
    forEachKind([&]<class T>() {
        if constexpr (!std::is_same_v<T, KubeEvent>) {
            for (const auto& [key, object] : store.template all<T>()) {
                link(kindIdOf<T>, key, object->metadata);
                if (!object->metadata.ownerReferences.empty() || object->metadata.deletionTimestamp)
                    enqueue(kindIdOf<T>, key);
            }
        }
    });
}

void GarbageCollector::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind == kindIdOf<KubeEvent>)
        return;
    withKind(event.kind, [&]<class T>() {
        const ObjectMeta& metadata = event.template as<T>().metadata;
        if (event.type == WatchEvent::Type::Deleted) {
            unlink(event.kind, event.key, metadata);
            enqueueDependents(metadata.uid);
            // An owner that is deleted in the foreground waits for this one.
            for (const OwnerReference& r : metadata.ownerReferences)
                if (const Owner owner = ownerOf(store, event.key.namespace_, r); owner.metadata && isDeletingDependents(*owner.metadata))
                    enqueue(owner.kind, owner.key);
            return;
        }
        const T* before = event.template before<T>();
        const bool ownersChanged = !before || !(before->metadata.ownerReferences == metadata.ownerReferences);
        if (ownersChanged) {
            if (before)
                unlink(event.kind, event.key, before->metadata);
            link(event.kind, event.key, metadata);
            if (!metadata.ownerReferences.empty())
                enqueue(event.kind, event.key);
        }
        const bool startedDeletion = metadata.deletionTimestamp && (!before || !before->metadata.deletionTimestamp);
        if (startedDeletion && (has(metadata, kForegroundFinalizer) || has(metadata, kOrphanFinalizer)))
            enqueue(event.kind, event.key);
    });
}

void GarbageCollector::orphan(const Client& client, const std::vector<Dependent>& dependents, const std::string& owner)
{
    for (const Dependent& d : dependents)
        withKind(d.kind, [&]<class D>() {
            patchObject<D>(client, d.key, [&](D& dependent) {
                std::erase_if(dependent.metadata.ownerReferences.edit(), [&](const OwnerReference& r) { return r.uid == owner; });
            });
        });
}

bool GarbageCollector::enqueueBlocking(const Store& store, const std::vector<Dependent>& dependents, const std::string& owner)
{
    bool blocked = false;
    for (const Dependent& d : dependents)
        withKind(d.kind, [&]<class D>() {
            const auto dependent = store.template get<D>(d.key);
            if (!dependent)
                return;
            for (const OwnerReference& r : dependent->metadata.ownerReferences)
                blocked |= r.uid == owner && r.blockOwnerDeletion.value_or(false);
            enqueue(d.kind, d.key);
        });
    return blocked;
}

template <ApiObject T>
void GarbageCollector::handle(ControllerContext& context, const ObjectKey& key)
{
    Store& store = context.store();
    const auto object = store.template get<T>(key);
    if (!object)
        return;
    const ObjectMeta& metadata = object->metadata;
    const std::vector<Dependent> dependents = dependentsOf(metadata.uid);

    if (metadata.deletionTimestamp && has(metadata, kOrphanFinalizer)) {
        orphan(context.client, dependents, metadata.uid);
        if (!dependents.empty()) {
            queue.addAt({std::to_string(kindIdOf<T>) + "/" + key.namespace_, key.name}, context.now() + kAfterOrphaning);
            return;
        }
        patchObject<T>(context.client, key, [](T& o) { std::erase(o.metadata.finalizers, kOrphanFinalizer); });
        return;
    }
    if (isDeletingDependents(metadata)) {
        if (!enqueueBlocking(store, dependents, metadata.uid))
            patchObject<T>(context.client, key, [](T& o) { std::erase(o.metadata.finalizers, kForegroundFinalizer); });
        return;
    }
    if (metadata.deletionTimestamp || metadata.ownerReferences.empty())
        return;

    std::set<std::string> solid;
    std::set<std::string> gone;
    bool ownerWaits = false;
    for (const OwnerReference& r : metadata.ownerReferences) {
        const ObjectMeta* owner = ownerOf(store, key.namespace_, r).metadata;
        if (!owner)
            gone.insert(r.uid);
        else if (isDeletingDependents(*owner) && r.blockOwnerDeletion.value_or(false))
            ownerWaits = true, gone.insert(r.uid);
        else
            solid.insert(r.uid);
    }
    if (!solid.empty()) {
        if (!gone.empty())
            patchObject<T>(context.client, key, [&](T& o) {
                std::erase_if(o.metadata.ownerReferences.edit(), [&](const OwnerReference& r) { return gone.count(r.uid) != 0; });
            });
        return;
    }
    if (ownerWaits && !dependents.empty())
        patchObject<T>(context.client, key, [](T& o) {
            if (!has(o.metadata, kForegroundFinalizer))
                o.metadata.finalizers.push_back(kForegroundFinalizer);
        });
    store.template remove<T>(key, context.now());
}

void GarbageCollector::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    const std::size_t slash = key.namespace_.find('/');
    unsigned kind = 0;
    std::from_chars(key.namespace_.data(), key.namespace_.data() + slash, kind);
    const ObjectKey object{key.namespace_.substr(slash + 1), key.name};
    withKind(static_cast<KindId>(kind), [&]<class T>() { handle<T>(context, object); });
}

} // namespace sim::kube
