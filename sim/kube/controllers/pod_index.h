#pragma once

#include "sim/engine/text_hash.h"
#include "sim/kube/api/store.h"
#include "sim/kube/client/objects.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <set>
#include <string>

namespace sim::kube {

/// The controllers' shared pod informer: pods by controller, by node, by claim, and those without a controller, so
/// that no reconcile walks all pods. Derived from the store, hence not part of the fingerprint.
class PodIndex {
public:
    using Keys = std::set<ObjectKey>;

    void clear();
    void rebuild(const Store& store);
    void observe(const WatchEvent& event);

    const Keys& ofController(const std::string& uid) const { return find(m_byController, uid); }
    const Keys& withoutController(const std::string& namespace_) const { return find(m_orphans, namespace_); }
    const Keys& onNode(const std::string& node) const { return find(m_byNode, node); }
    /// Pods that mount a PersistentVolumeClaim.
    const Keys& ofClaim(const ObjectKey& claim) const { return find(m_byClaim, claim.namespace_ + '/' + claim.name); }

    bool operator==(const PodIndex&) const = default;

private:
    using Groups = boost::unordered_flat_map<std::string, Keys, TextHash>;
    void add(const ObjectKey& key, const Pod& pod);
    void remove(const ObjectKey& key, const Pod& pod);
    void addToOwner(const ObjectKey& key, const Pod& pod);
    void addToNode(const ObjectKey& key, const Pod& pod);
    void removeFromOwner(const ObjectKey& key, const Pod& pod);
    void removeFromNode(const ObjectKey& key, const Pod& pod);
    static const Keys& find(const Groups& groups, const std::string& name);
    static void drop(Groups& groups, const std::string& name, const ObjectKey& key);

    Groups m_byController;
    Groups m_orphans;
    Groups m_byNode;
    Groups m_byClaim; ///< "namespace/claim"
};

} // namespace sim::kube
