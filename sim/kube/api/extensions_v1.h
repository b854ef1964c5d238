#pragma once

#include "sim/kube/api/meta.h"

namespace sim::kube {

// ---- apiextensions.k8s.io/v1 --------------------------------------------------------------------

struct CrdNames {
    std::vector<std::string> categories;
    Always<std::string> kind;
    std::string listKind;
    Always<std::string> plural;
    std::vector<std::string> shortNames;
    std::string singular;
    bool operator==(const CrdNames&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdNames, (), (categories, kind, listKind, plural, shortNames, singular))

struct CrdColumn {
    std::string description;
    std::string format;
    Always<std::string> jsonPath;
    Always<std::string> name;
    std::int64_t priority = 0;
    Always<std::string> type;
    bool operator==(const CrdColumn&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdColumn, (), (description, format, jsonPath, name, priority, type))

struct CrdValidation {
    std::optional<RawJson> openAPIV3Schema;
    bool operator==(const CrdValidation&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdValidation, (), (openAPIV3Schema))

struct CrdScale {
    std::optional<std::string> labelSelectorPath;
    Always<std::string> specReplicasPath;
    Always<std::string> statusReplicasPath;
    bool operator==(const CrdScale&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdScale, (), (labelSelectorPath, specReplicasPath, statusReplicasPath))

struct CrdSubresources {
    std::optional<CrdScale> scale;
    std::optional<RawJson> status;
    bool operator==(const CrdSubresources&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdSubresources, (), (scale, status))

struct CrdSelectableField {
    Always<std::string> jsonPath;
    bool operator==(const CrdSelectableField&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdSelectableField, (), (jsonPath))

struct CrdVersion {
    std::vector<CrdColumn> additionalPrinterColumns;
    bool deprecated = false;
    std::optional<std::string> deprecationWarning;
    Always<std::string> name;
    std::optional<CrdValidation> schema;
    std::vector<CrdSelectableField> selectableFields;
    Always<bool> served;
    Always<bool> storage;
    std::optional<CrdSubresources> subresources;
    bool operator==(const CrdVersion&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdVersion, (), (additionalPrinterColumns, deprecated, deprecationWarning, name, schema,
    selectableFields, served, storage, subresources))

struct CrdConversion {
    Always<std::string> strategy;
    std::optional<RawJson> webhook;
    bool operator==(const CrdConversion&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdConversion, (), (strategy, webhook))

struct CrdSpec {
    std::optional<CrdConversion> conversion;
    Always<std::string> group;
    CrdNames names;
    bool preserveUnknownFields = false;
    Always<std::string> scope; ///< Namespaced, Cluster
    std::vector<CrdVersion> versions;
    bool operator==(const CrdSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdSpec, (), (conversion, group, names, preserveUnknownFields, scope, versions))

struct CrdStatus {
    std::optional<CrdNames> acceptedNames;
    std::vector<Condition> conditions;
    std::vector<std::string> storedVersions;
    bool operator==(const CrdStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrdStatus, (), (acceptedNames, conditions, storedVersions))

struct CustomResourceDefinition { // status is printed once established
    ObjectMeta metadata;
    CrdSpec spec;
    CrdStatus status;
    bool operator==(const CustomResourceDefinition&) const = default;
};
BOOST_DESCRIBE_STRUCT(CustomResourceDefinition, (), (metadata, spec, status))

struct CustomObject { // an object of any custom kind; keyed by "plural.group/name"
    RawJson content; ///< everything but apiVersion, kind and metadata
    std::string group;
    std::string kind;
    ObjectMeta metadata;
    std::string plural;
    std::string version;
    bool operator==(const CustomObject&) const = default;
};
BOOST_DESCRIBE_STRUCT(CustomObject, (), (content, group, kind, metadata, plural, version))

// ---- admissionregistration.k8s.io/v1 ------------------------------------------------------------

struct WebhookService {
    Always<std::string> name;
    Always<std::string> namespace_;
    std::optional<std::string> path;
    std::optional<std::int64_t> port;
    bool operator==(const WebhookService&) const = default;
};
BOOST_DESCRIBE_STRUCT(WebhookService, (), (name, namespace_, path, port))

struct WebhookClientConfig {
    std::string caBundle;
    std::optional<WebhookService> service;
    std::optional<std::string> url;
    bool operator==(const WebhookClientConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(WebhookClientConfig, (), (caBundle, service, url))

struct WebhookRule {
    std::vector<std::string> apiGroups;
    std::vector<std::string> apiVersions;
    std::vector<std::string> operations;
    std::vector<std::string> resources;
    std::optional<std::string> scope;
    bool operator==(const WebhookRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(WebhookRule, (), (apiGroups, apiVersions, operations, resources, scope))

struct MatchCondition {
    Always<std::string> expression;
    Always<std::string> name;
    bool operator==(const MatchCondition&) const = default;
};
BOOST_DESCRIBE_STRUCT(MatchCondition, (), (expression, name))

struct AdmissionWebhook {
    std::vector<std::string> admissionReviewVersions;
    WebhookClientConfig clientConfig;
    std::optional<std::string> failurePolicy; ///< Fail, Ignore
    std::vector<MatchCondition> matchConditions;
    std::optional<std::string> matchPolicy;
    Always<std::string> name;
    std::optional<LabelSelector> namespaceSelector;
    std::optional<LabelSelector> objectSelector;
    std::optional<std::string> reinvocationPolicy;
    std::vector<WebhookRule> rules;
    std::optional<std::string> sideEffects;
    std::optional<std::int64_t> timeoutSeconds;
    bool operator==(const AdmissionWebhook&) const = default;
};
BOOST_DESCRIBE_STRUCT(AdmissionWebhook, (), (admissionReviewVersions, clientConfig, failurePolicy, matchConditions,
    matchPolicy, name, namespaceSelector, objectSelector, reinvocationPolicy, rules, sideEffects, timeoutSeconds))

struct MutatingWebhookConfiguration {
    ObjectMeta metadata;
    std::vector<AdmissionWebhook> webhooks;
    bool operator==(const MutatingWebhookConfiguration&) const = default;
};
BOOST_DESCRIBE_STRUCT(MutatingWebhookConfiguration, (), (metadata, webhooks))

struct ValidatingWebhookConfiguration {
    ObjectMeta metadata;
    std::vector<AdmissionWebhook> webhooks;
    bool operator==(const ValidatingWebhookConfiguration&) const = default;
};
BOOST_DESCRIBE_STRUCT(ValidatingWebhookConfiguration, (), (metadata, webhooks))

} // namespace sim::kube
