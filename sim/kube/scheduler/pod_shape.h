#pragma once

#include "sim/kube/api/kinds.h"
#include "sim/kube/scheduler/resources.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sim::kube {

struct HostPort {
    std::string ip; ///< "0.0.0.0": every address of the node
    std::string protocol;
    std::int64_t port = 0;
    bool operator==(const HostPort&) const = default;
    bool conflictsWith(const HostPort& other) const;
};

/// A term of pod (anti-)affinity, ready to be asked.
struct PodTerm {
    std::vector<std::string> namespaces;
    std::optional<LabelSelector> namespaceSelector;
    std::optional<LabelSelector> selector; ///< none matches no pod
    std::string topologyKey;
    std::int64_t weight = 1;
    /// Equal texts: the same pods match.
    std::string text() const;
};

/// Everything of a pod that decides where it may go. Pods from one template share one shape, and with it
/// whatever was worked out for the first of them.
struct PodShape {
    std::uint64_t serial = 0;       ///< never used twice by one table
    std::shared_ptr<const Pod> model;
    std::string controllerUid;
    std::int64_t priority = 0;
    bool preempts = true;           ///< preemptionPolicy is not Never
    bool pinned = false;            ///< to nodes by name, as a DaemonSet's pods: hardly two are alike
    Resources requests;
    Resources nonZero;
    std::vector<HostPort> hostPorts;
    std::vector<std::string> images; ///< of all containers, with tags
    std::vector<std::string> claims; ///< PersistentVolumeClaims that the volumes name, in order
    std::vector<PodTerm> affinity;
    std::vector<PodTerm> antiAffinity;
    std::vector<PodTerm> preferredAffinity;
    std::vector<PodTerm> preferredAntiAffinity;

    const std::string& namespaceName() const { return model->metadata.namespace_; }
    const StringMap& labels() const { return model->metadata.labels; }
    const PodSpec& spec() const { return model->spec; }
};
using PodShapePtr = std::shared_ptr<const PodShape>;

/// A pod as the scheduler holds it.
struct PodInfo {
    std::shared_ptr<const Pod> pod;
    PodShapePtr shape;
};

/// The shapes in use.
class PodShapes {
public:
    PodInfo describe(std::shared_ptr<const Pod> pod);

private:
    void forgetUnused();

    std::map<std::uint64_t, std::vector<PodShapePtr>> m_byHash;
    std::size_t m_size = 0;
    std::size_t m_forgetAt = 1024;
    std::uint64_t m_nextSerial = 1;
};

/// Whether two pods have the same shape. `controllerUid` is part of it: default spreading looks at the owner.
bool sameShape(const Pod& a, const Pod& b);

/// A selector with the pod's own values of these label keys added (matchLabelKeys, mismatchLabelKeys).
void addLabelKeys(LabelSelector& selector, const StringMap& labels, const std::vector<std::string>& keys, const char* operator_);
std::string textOf(const LabelSelector& selector);

} // namespace sim::kube
