#pragma once

#include "sim/kube/api/store.h"

#include <map>
#include <set>
#include <vector>

namespace sim::kube {

/// Which pods the label selectors of some objects choose, kept up by the watch: one change of a pod costs a look at
/// the selectors of its namespace, and nobody walks all pods. Derived from the store, hence not part of the
/// fingerprint.
class SelectedPods {
public:
    using Keys = std::set<ObjectKey>;

    void clear() { *this = SelectedPods(); }
    /// The object's selector is new or another one.
    void select(const ObjectKey& object, const LabelSelector& selector, const Store& store);
    void forget(const ObjectKey& object) { m_choices.erase(object); }
    /// The objects that chose the pod before or choose it now. Requires: event.kind is Pod.
    std::vector<ObjectKey> observe(const WatchEvent& event);

    const Keys& of(const ObjectKey& object) const;

    bool operator==(const SelectedPods&) const = default;

private:
    struct Choice {
        LabelSelector selector;
        Keys pods;
        bool operator==(const Choice&) const = default;
    };
    std::map<ObjectKey, Choice> m_choices;
};

} // namespace sim::kube
