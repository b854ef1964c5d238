#pragma once

#include "sim/kube/api/apps_v1.h"
#include "sim/kube/api/core_v1.h"
#include "sim/kube/api/other_groups.h"

#include <boost/mp11.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace sim::kube {

/// Every typed kind, in one list: tables, JSON codecs, watches and kubectl's names follow from it.
using AllKinds = boost::mp11::mp_list<Namespace, Node, Pod, Service, Endpoints, ConfigMap, Secret, ServiceAccount, KubeEvent,
    Deployment, ReplicaSet, DaemonSet, EndpointSlice, Lease>;

/// Index of a kind in AllKinds.
using KindId = std::uint8_t;
template <class T>
inline constexpr KindId kindIdOf = static_cast<KindId>(boost::mp11::mp_find<AllKinds, T>::value);
inline constexpr std::size_t kKindCount = boost::mp11::mp_size<AllKinds>::value;

template <class T>
concept ApiObject = boost::mp11::mp_contains<AllKinds, T>::value;

/// What discovery says of a kind.
struct KindInfo {
    KindId id;
    std::string_view group;    ///< "" for core
    std::string_view version;  ///< "v1"
    std::string_view kind;     ///< "Deployment"
    std::string_view plural;   ///< "deployments"
    std::string_view singular; ///< "deployment"
    std::vector<std::string_view> shortNames; ///< "deploy"
    bool namespaced;
    std::string apiVersion() const;     ///< "apps/v1"
    std::string groupResource() const;  ///< "deployments.apps"
};
const KindInfo& kindInfo(KindId id);
/// Accepts plural, singular, short name, kind, "deployments.apps", "deployments.v1.apps"; any case.
const KindInfo* findKind(std::string_view name);

} // namespace sim::kube
