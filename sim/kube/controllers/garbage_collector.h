#pragma once

#include "sim/engine/text_hash.h"
#include "sim/kube/controllers/controller.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <string>
#include <vector>

namespace sim::kube {

/// pkg/controller/garbagecollector: deletes what has lost its owners, and carries out foreground and
/// orphaning deletion. Keys name objects as kind index + "/" + namespace, and name.
struct GarbageCollector {
    static constexpr const char* kStream = "kube/gc";
    static constexpr int kWorkers = 20; // --concurrent-gc-syncs
    static constexpr RateLimit kMoreRequests{2, 1};
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const GarbageCollector&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }

private:
    struct Dependent {
        KindId kind = 0;
        ObjectKey key;
        auto operator<=>(const Dependent&) const = default;
        struct Hash {
            using is_avalanching = void;
            std::size_t operator()(const Dependent& d) const { return ObjectKey::Hash()(d.key) + d.kind; }
        };
    };
    using Dependents = boost::unordered_flat_set<Dependent, Dependent::Hash>;
    void link(KindId kind, const ObjectKey& key, const ObjectMeta& metadata);
    void unlink(KindId kind, const ObjectKey& key, const ObjectMeta& metadata);
    void enqueue(KindId kind, const ObjectKey& key);
    void enqueueDependents(const std::string& uid);
    /// In order.
    std::vector<Dependent> dependentsOf(const std::string& uid) const;
    /// Takes the owner's references from its dependents.
    static void orphan(const Client& client, const std::vector<Dependent>& dependents, const std::string& owner);
    /// Enqueues the dependents that still exist; true when one of them blocks the owner's deletion.
    bool enqueueBlocking(const Store& store, const std::vector<Dependent>& dependents, const std::string& owner);
    // Not in handle(): a visitor of all kinds within one would be compiled once per pair of kinds.
    template <ApiObject T>
    void handle(ControllerContext& context, const ObjectKey& key);

    /// Owner uid -> what refers to it. Derived from the store, hence not part of the fingerprint.
    boost::unordered_flat_map<std::string, Dependents, TextHash> m_dependents;
};

inline constexpr const char* kForegroundFinalizer = "foregroundDeletion";
inline constexpr const char* kOrphanFinalizer = "orphan";

} // namespace sim::kube
