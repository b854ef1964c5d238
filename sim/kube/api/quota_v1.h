#pragma once

#include "sim/kube/api/core_v1.h"

namespace sim::kube {

// ---- core/v1: ResourceQuota, LimitRange ---------------------------------------------------------

struct ScopedSelectorRequirement {
    Always<std::string> operator_;
    Always<std::string> scopeName;
    std::vector<std::string> values;
    bool operator==(const ScopedSelectorRequirement&) const = default;
};
BOOST_DESCRIBE_STRUCT(ScopedSelectorRequirement, (), (operator_, scopeName, values))

struct ScopeSelector {
    std::vector<ScopedSelectorRequirement> matchExpressions;
    bool operator==(const ScopeSelector&) const = default;
};
BOOST_DESCRIBE_STRUCT(ScopeSelector, (), (matchExpressions))

struct ResourceQuotaSpec {
    ResourceList hard;
    std::optional<ScopeSelector> scopeSelector;
    std::vector<std::string> scopes;
    bool operator==(const ResourceQuotaSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourceQuotaSpec, (), (hard, scopeSelector, scopes))

struct ResourceQuotaStatus {
    ResourceList hard;
    ResourceList used;
    bool operator==(const ResourceQuotaStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourceQuotaStatus, (), (hard, used))

struct ResourceQuota {
    ObjectMeta metadata;
    ResourceQuotaSpec spec;
    ResourceQuotaStatus status;
    bool operator==(const ResourceQuota&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourceQuota, (), (metadata, spec, status))

struct LimitRangeItem {
    ResourceList default_;
    ResourceList defaultRequest;
    ResourceList max;
    ResourceList maxLimitRequestRatio;
    ResourceList min;
    Always<std::string> type; ///< Container, Pod, PersistentVolumeClaim
    bool operator==(const LimitRangeItem&) const = default;
};
BOOST_DESCRIBE_STRUCT(LimitRangeItem, (), (default_, defaultRequest, max, maxLimitRequestRatio, min, type))

struct LimitRangeSpec {
    std::vector<LimitRangeItem> limits;
    bool operator==(const LimitRangeSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(LimitRangeSpec, (), (limits))

struct LimitRange {
    ObjectMeta metadata;
    LimitRangeSpec spec;
    bool operator==(const LimitRange&) const = default;
};
BOOST_DESCRIBE_STRUCT(LimitRange, (), (metadata, spec))

// ---- scheduling.k8s.io/v1, node.k8s.io/v1 -------------------------------------------------------

struct PriorityClass {
    std::string description;
    bool globalDefault = false;
    ObjectMeta metadata;
    std::optional<std::string> preemptionPolicy;
    Always<std::int64_t> value;
    bool operator==(const PriorityClass&) const = default;
};
BOOST_DESCRIBE_STRUCT(PriorityClass, (), (description, globalDefault, metadata, preemptionPolicy, value))

struct RuntimeClass {
    Always<std::string> handler;
    ObjectMeta metadata;
    bool operator==(const RuntimeClass&) const = default;
};
BOOST_DESCRIBE_STRUCT(RuntimeClass, (), (handler, metadata))

} // namespace sim::kube
