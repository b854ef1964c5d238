#pragma once

#include "sim/kube/api/store.h"

#include <string>
#include <string_view>
#include <vector>

namespace sim::kube {

inline constexpr const char* kMastersGroup = "system:masters";
inline constexpr const char* kAuthenticatedGroup = "system:authenticated";
inline constexpr const char* kNodesGroup = "system:nodes";

/// Who asks, and for what. Either a resource or a path.
struct Attributes {
    std::string user;
    std::vector<std::string> groups;
    std::string verb;        ///< get, list, watch, create, update, patch, delete, deletecollection, impersonate, ...
    std::string group;       ///< "apps"
    std::string resource;    ///< "deployments"; empty: `path` counts
    std::string subresource; ///< "status"
    std::string namespace_;  ///< empty: the whole cluster
    std::string name;
    std::string path;        ///< "/healthz"
};

struct Decision {
    bool allowed = false;
    std::string reason; ///< `RBAC: allowed by RoleBinding "reader/shop" of Role "reader" to User "alice"`
};

/// system:masters, then the rules that bindings give the user, the groups or the service account; kubelets have
/// the rules of system:node. Looks at the bindings of one namespace only, so that asking is cheap.
Decision authorize(const Store& store, const Attributes& asked);
/// `User "alice" cannot list resource "pods" in API group "" in the namespace "shop"`.
std::string refusalText(const Attributes& asked);
/// Every rule that holds for the user in a namespace (and cluster-wide), in the order of the bindings' names.
std::vector<PolicyRule> rulesOf(const Store& store, const std::string& user, const std::vector<std::string>& groups,
                                const std::string& namespace_);

/// The rules of a role with what it aggregates.
std::vector<PolicyRule> rulesOfRole(const Store& store, const RoleRef& role, const std::string& namespace_);
/// What of `wanted` the rules in `held` do not cover, as the server lists it: `{APIGroups:[""], Resources:["secrets"],
/// Verbs:["*"]}` a line. Empty: all is held.
std::string notCovered(const std::vector<PolicyRule>& wanted, const std::vector<PolicyRule>& held);

} // namespace sim::kube
