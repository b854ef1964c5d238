#pragma once

#include "sim/kube/api/meta.h"

namespace sim::kube {

// ---- flowcontrol.apiserver.k8s.io/v1: whose requests queue with whose ------------------------------

struct FlowDistinguisherMethod {
    Always<std::string> type; ///< ByUser, ByNamespace
    bool operator==(const FlowDistinguisherMethod&) const = default;
};
BOOST_DESCRIBE_STRUCT(FlowDistinguisherMethod, (), (type))

struct PriorityLevelConfigurationReference {
    Always<std::string> name;
    bool operator==(const PriorityLevelConfigurationReference&) const = default;
};
BOOST_DESCRIBE_STRUCT(PriorityLevelConfigurationReference, (), (name))

struct FlowNamedSubject { // UserSubject, GroupSubject
    Always<std::string> name;
    bool operator==(const FlowNamedSubject&) const = default;
};
BOOST_DESCRIBE_STRUCT(FlowNamedSubject, (), (name))

struct ServiceAccountSubject {
    Always<std::string> name;
    Always<std::string> namespace_;
    bool operator==(const ServiceAccountSubject&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServiceAccountSubject, (), (name, namespace_))

struct FlowSubject {
    std::optional<FlowNamedSubject> group;
    Always<std::string> kind; ///< User, Group, ServiceAccount
    std::optional<ServiceAccountSubject> serviceAccount;
    std::optional<FlowNamedSubject> user;
    bool operator==(const FlowSubject&) const = default;
};
BOOST_DESCRIBE_STRUCT(FlowSubject, (), (group, kind, serviceAccount, user))

struct ResourcePolicyRule {
    std::vector<std::string> apiGroups;
    bool clusterScope = false;
    std::vector<std::string> namespaces;
    std::vector<std::string> resources;
    std::vector<std::string> verbs;
    bool operator==(const ResourcePolicyRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourcePolicyRule, (), (apiGroups, clusterScope, namespaces, resources, verbs))

struct NonResourcePolicyRule {
    std::vector<std::string> nonResourceURLs;
    std::vector<std::string> verbs;
    bool operator==(const NonResourcePolicyRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(NonResourcePolicyRule, (), (nonResourceURLs, verbs))

struct PolicyRulesWithSubjects {
    std::vector<NonResourcePolicyRule> nonResourceRules;
    std::vector<ResourcePolicyRule> resourceRules;
    std::vector<FlowSubject> subjects;
    bool operator==(const PolicyRulesWithSubjects&) const = default;
};
BOOST_DESCRIBE_STRUCT(PolicyRulesWithSubjects, (), (nonResourceRules, resourceRules, subjects))

struct FlowSchemaSpec {
    std::optional<FlowDistinguisherMethod> distinguisherMethod;
    Always<std::int64_t> matchingPrecedence;
    PriorityLevelConfigurationReference priorityLevelConfiguration;
    std::vector<PolicyRulesWithSubjects> rules;
    bool operator==(const FlowSchemaSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(FlowSchemaSpec, (), (distinguisherMethod, matchingPrecedence, priorityLevelConfiguration, rules))

struct FlowSchemaStatus { // and PriorityLevelConfigurationStatus
    std::vector<Condition> conditions;
    bool operator==(const FlowSchemaStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(FlowSchemaStatus, (), (conditions))

struct FlowSchema {
    ObjectMeta metadata;
    FlowSchemaSpec spec;
    FlowSchemaStatus status;
    bool operator==(const FlowSchema&) const = default;
};
BOOST_DESCRIBE_STRUCT(FlowSchema, (), (metadata, spec, status))

struct QueuingConfiguration {
    Always<std::int64_t> handSize;
    Always<std::int64_t> queueLengthLimit;
    Always<std::int64_t> queues;
    bool operator==(const QueuingConfiguration&) const = default;
};
BOOST_DESCRIBE_STRUCT(QueuingConfiguration, (), (handSize, queueLengthLimit, queues))

struct LimitResponse {
    std::optional<QueuingConfiguration> queuing;
    Always<std::string> type; ///< Queue, Reject
    bool operator==(const LimitResponse&) const = default;
};
BOOST_DESCRIBE_STRUCT(LimitResponse, (), (queuing, type))

struct LimitedPriorityLevelConfiguration {
    std::optional<std::int64_t> borrowingLimitPercent;
    std::optional<std::int64_t> lendablePercent;
    LimitResponse limitResponse;
    std::optional<std::int64_t> nominalConcurrencyShares;
    bool operator==(const LimitedPriorityLevelConfiguration&) const = default;
};
BOOST_DESCRIBE_STRUCT(LimitedPriorityLevelConfiguration, (), (borrowingLimitPercent, lendablePercent, limitResponse,
    nominalConcurrencyShares))

struct ExemptPriorityLevelConfiguration {
    std::optional<std::int64_t> lendablePercent;
    std::optional<std::int64_t> nominalConcurrencyShares;
    bool operator==(const ExemptPriorityLevelConfiguration&) const = default;
};
BOOST_DESCRIBE_STRUCT(ExemptPriorityLevelConfiguration, (), (lendablePercent, nominalConcurrencyShares))

struct PriorityLevelConfigurationSpec {
    std::optional<ExemptPriorityLevelConfiguration> exempt;
    std::optional<LimitedPriorityLevelConfiguration> limited;
    Always<std::string> type; ///< Exempt, Limited
    bool operator==(const PriorityLevelConfigurationSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(PriorityLevelConfigurationSpec, (), (exempt, limited, type))

struct PriorityLevelConfiguration {
    ObjectMeta metadata;
    PriorityLevelConfigurationSpec spec;
    FlowSchemaStatus status;
    bool operator==(const PriorityLevelConfiguration&) const = default;
};
BOOST_DESCRIBE_STRUCT(PriorityLevelConfiguration, (), (metadata, spec, status))

} // namespace sim::kube
