#pragma once

#include "sim/engine/indexed_map.h"
#include "sim/engine/random.h"
#include "sim/kube/api/kinds.h"

#include <deque>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace sim::kube {

/// A random UUID, version 4.
std::string newUid(RandomStream& random);
/// names.SimpleNameGenerator: at most 58 characters of the base, then five without vowels or look-alikes.
std::string generatedName(std::string_view base, RandomStream& random);

/// One change as watchers see it. Holds the object after the change (for Deleted: its last state) and,
/// for Modified, before it.
struct WatchEvent {
    enum class Type : std::uint8_t { Added, Modified, Deleted };
    std::uint64_t resourceVersion = 0;
    Type type = Type::Added;
    KindId kind = 0;
    ObjectKey key;
    std::shared_ptr<const void> object;
    std::shared_ptr<const void> previous;

    /// Requires: kind == kindIdOf<T>.
    template <ApiObject T>
    const T& as() const { return *static_cast<const T*>(object.get()); }
    template <ApiObject T>
    const T* before() const { return static_cast<const T*>(previous.get()); }
};

/// Why a write was refused, as the API server words it.
struct StoreError {
    int code = 0;        ///< HTTP: 404, 409, 422
    std::string reason;  ///< NotFound, AlreadyExists, Conflict, Invalid
    std::string message;
};

/// Outcome of a write: the stored object, or why not.
template <ApiObject T>
struct Written {
    std::shared_ptr<const T> object;
    StoreError error;
    explicit operator bool() const { return object != nullptr; }
};

/// The objects of the API, as etcd and the API server's registry hold them: typed, immutable once
/// stored, shared between copies of the world. One resourceVersion counter over all kinds. Knows
/// metadata rules (uid, creationTimestamp, generation, resourceVersion conflicts, finalizers and
/// graceful deletion); knows no defaults, validation or authorisation (see ApiServer).
class Store {
public:
    template <ApiObject T>
    using Table = IndexedMap<ObjectKey, std::shared_ptr<const T>, ObjectKey::Hash>;

    template <ApiObject T>
    const Table<T>& all() const { return std::get<Table<T>>(m_tables); }
    template <ApiObject T>
    std::shared_ptr<const T> get(const ObjectKey& key) const
    {
        const auto& table = all<T>();
        const auto it = table.find(key);
        return it == table.end() ? nullptr : it->second;
    }
    template <ApiObject T>
    std::vector<std::shared_ptr<const T>> inNamespace(const std::string& ns) const;

    /// Fills uid (unless it has one), resourceVersion, creationTimestamp, generation 1, and the name from generateName.
    template <ApiObject T>
    Written<T> create(T object, Instant now, RandomStream& random);
    /// Optimistic concurrency: a non-empty metadata.resourceVersion must match (409 Conflict with the
    /// real text). Bumps generation when the spec changed. An update that changes nothing keeps the
    /// resourceVersion and makes no watch event. Removing the last finalizer of an object being
    /// deleted removes it.
    template <ApiObject T>
    Written<T> update(T object, Instant now);
    /// Pods: sets deletionTimestamp and the grace period and waits for the kubelet, unless the grace is 0 or
    /// the pod is not scheduled; objects with finalizers: waits for these; others go at once.
    template <ApiObject T>
    Written<T> remove(const ObjectKey& key, Instant now, std::optional<std::int64_t> graceSeconds = std::nullopt);

    std::uint64_t resourceVersion() const { return m_resourceVersion; }
    /// Changes after `resourceVersion`, oldest first. nullopt: compacted (410 Expired).
    /// The history keeps the latest kHistory changes.
    std::optional<std::vector<const WatchEvent*>> changesAfter(std::uint64_t resourceVersion) const;

    bool operator==(const Store& other) const;
    void addTo(Fingerprint& f) const;

    static constexpr std::size_t kHistory = 20'000;

private:
    template <class... T>
    static std::tuple<Table<T>...> tablesOf(boost::mp11::mp_list<T...>);
    decltype(tablesOf(AllKinds{})) m_tables;
    std::deque<WatchEvent> m_history;
    std::uint64_t m_resourceVersion = 1;
    std::uint64_t m_compacted = 0; ///< resourceVersion of the latest change the history has dropped

    template <ApiObject T>
    Table<T>& table() { return std::get<Table<T>>(m_tables); }
    /// Stores the object as one change (a first version or a new one) in its place of the table and tells the watchers.
    template <ApiObject T>
    std::shared_ptr<const T> put(typename Table<T>::value_type& place, T&& object);
    /// Takes the object out; its last state carries the resourceVersion of the deletion.
    template <ApiObject T>
    std::shared_ptr<const T> erase(const ObjectKey& key, T&& last);
    void record(WatchEvent event);
};

/// A watcher's place in the history. Every controller, the scheduler and each kubelet own one.
struct WatchCursor {
    std::uint64_t resourceVersion = 0;
    bool operator==(const WatchCursor&) const = default;
    void addTo(Fingerprint& f) const { f.add(resourceVersion); }
};

} // namespace sim::kube
