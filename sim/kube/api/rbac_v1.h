#pragma once

#include "sim/kube/api/meta.h"

namespace sim::kube {

// ---- rbac.authorization.k8s.io/v1 ---------------------------------------------------------------

struct PolicyRule {
    std::vector<std::string> apiGroups;
    std::vector<std::string> nonResourceURLs;
    std::vector<std::string> resourceNames;
    std::vector<std::string> resources;
    std::vector<std::string> verbs;
    bool operator==(const PolicyRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(PolicyRule, (), (apiGroups, nonResourceURLs, resourceNames, resources, verbs))

struct AggregationRule {
    std::vector<LabelSelector> clusterRoleSelectors;
    bool operator==(const AggregationRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(AggregationRule, (), (clusterRoleSelectors))

struct RoleRef {
    Always<std::string> apiGroup;
    Always<std::string> kind;
    Always<std::string> name;
    bool operator==(const RoleRef&) const = default;
};
BOOST_DESCRIBE_STRUCT(RoleRef, (), (apiGroup, kind, name))

struct Subject {
    std::string apiGroup;
    Always<std::string> kind;
    Always<std::string> name;
    std::string namespace_;
    bool operator==(const Subject&) const = default;
};
BOOST_DESCRIBE_STRUCT(Subject, (), (apiGroup, kind, name, namespace_))

struct Role {
    ObjectMeta metadata;
    std::vector<PolicyRule> rules;
    bool operator==(const Role&) const = default;
};
BOOST_DESCRIBE_STRUCT(Role, (), (metadata, rules))

struct ClusterRole {
    std::optional<AggregationRule> aggregationRule;
    ObjectMeta metadata;
    std::vector<PolicyRule> rules;
    bool operator==(const ClusterRole&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClusterRole, (), (aggregationRule, metadata, rules))

struct RoleBinding {
    ObjectMeta metadata;
    RoleRef roleRef;
    std::vector<Subject> subjects;
    bool operator==(const RoleBinding&) const = default;
};
BOOST_DESCRIBE_STRUCT(RoleBinding, (), (metadata, roleRef, subjects))

struct ClusterRoleBinding {
    ObjectMeta metadata;
    RoleRef roleRef;
    std::vector<Subject> subjects;
    bool operator==(const ClusterRoleBinding&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClusterRoleBinding, (), (metadata, roleRef, subjects))

} // namespace sim::kube
