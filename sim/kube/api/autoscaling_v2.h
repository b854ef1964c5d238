#pragma once

#include "sim/kube/api/core_v1.h"

namespace sim::kube {

// ---- autoscaling/v2 -----------------------------------------------------------------------------

struct CrossVersionObjectReference {
    std::string apiVersion;
    Always<std::string> kind;
    Always<std::string> name;
    bool operator==(const CrossVersionObjectReference&) const = default;
};
BOOST_DESCRIBE_STRUCT(CrossVersionObjectReference, (), (apiVersion, kind, name))

struct MetricTarget {
    std::optional<std::int64_t> averageUtilization; ///< percent of the request
    std::optional<Quantity> averageValue;
    Always<std::string> type; ///< Utilization, Value, AverageValue
    std::optional<Quantity> value;
    bool operator==(const MetricTarget&) const = default;
};
BOOST_DESCRIBE_STRUCT(MetricTarget, (), (averageUtilization, averageValue, type, value))

struct MetricIdentifier {
    Always<std::string> name;
    std::optional<LabelSelector> selector;
    bool operator==(const MetricIdentifier&) const = default;
};
BOOST_DESCRIBE_STRUCT(MetricIdentifier, (), (name, selector))

struct ResourceMetricSource {
    Always<std::string> name;
    MetricTarget target;
    bool operator==(const ResourceMetricSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourceMetricSource, (), (name, target))

struct ContainerResourceMetricSource {
    Always<std::string> container;
    Always<std::string> name;
    MetricTarget target;
    bool operator==(const ContainerResourceMetricSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerResourceMetricSource, (), (container, name, target))

struct PodsMetricSource { // and ExternalMetricSource
    MetricIdentifier metric;
    MetricTarget target;
    bool operator==(const PodsMetricSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodsMetricSource, (), (metric, target))

struct ObjectMetricSource {
    CrossVersionObjectReference describedObject;
    MetricIdentifier metric;
    MetricTarget target;
    bool operator==(const ObjectMetricSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(ObjectMetricSource, (), (describedObject, metric, target))

struct MetricSpec {
    std::optional<ContainerResourceMetricSource> containerResource;
    std::optional<PodsMetricSource> external_;
    std::optional<ObjectMetricSource> object;
    std::optional<PodsMetricSource> pods;
    std::optional<ResourceMetricSource> resource;
    Always<std::string> type;
    bool operator==(const MetricSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(MetricSpec, (), (containerResource, external_, object, pods, resource, type))

struct HpaScalingPolicy {
    Always<std::int64_t> periodSeconds;
    Always<std::string> type; ///< Pods, Percent
    Always<std::int64_t> value;
    bool operator==(const HpaScalingPolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(HpaScalingPolicy, (), (periodSeconds, type, value))

struct HpaScalingRules {
    std::vector<HpaScalingPolicy> policies;
    std::optional<std::string> selectPolicy; ///< Max, Min, Disabled
    std::optional<std::int64_t> stabilizationWindowSeconds;
    bool operator==(const HpaScalingRules&) const = default;
};
BOOST_DESCRIBE_STRUCT(HpaScalingRules, (), (policies, selectPolicy, stabilizationWindowSeconds))

struct HpaBehavior {
    std::optional<HpaScalingRules> scaleDown;
    std::optional<HpaScalingRules> scaleUp;
    bool operator==(const HpaBehavior&) const = default;
};
BOOST_DESCRIBE_STRUCT(HpaBehavior, (), (scaleDown, scaleUp))

struct HpaSpec {
    std::optional<HpaBehavior> behavior;
    Always<std::int64_t> maxReplicas;
    std::vector<MetricSpec> metrics;
    std::optional<std::int64_t> minReplicas;
    CrossVersionObjectReference scaleTargetRef;
    bool operator==(const HpaSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(HpaSpec, (), (behavior, maxReplicas, metrics, minReplicas, scaleTargetRef))

struct MetricValueStatus {
    std::optional<std::int64_t> averageUtilization;
    std::optional<Quantity> averageValue;
    std::optional<Quantity> value;
    bool operator==(const MetricValueStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(MetricValueStatus, (), (averageUtilization, averageValue, value))

struct ResourceMetricStatus {
    MetricValueStatus current;
    Always<std::string> name;
    bool operator==(const ResourceMetricStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourceMetricStatus, (), (current, name))

struct PodsMetricStatus {
    MetricValueStatus current;
    MetricIdentifier metric;
    bool operator==(const PodsMetricStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodsMetricStatus, (), (current, metric))

struct MetricStatus {
    std::optional<PodsMetricStatus> external_;
    std::optional<PodsMetricStatus> pods;
    std::optional<ResourceMetricStatus> resource;
    Always<std::string> type;
    bool operator==(const MetricStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(MetricStatus, (), (external_, pods, resource, type))

struct HpaStatus {
    std::vector<Condition> conditions;
    std::vector<MetricStatus> currentMetrics;
    std::int64_t currentReplicas = 0;
    Always<std::int64_t> desiredReplicas;
    std::optional<Time> lastScaleTime;
    std::optional<std::int64_t> observedGeneration;
    bool operator==(const HpaStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(HpaStatus, (), (conditions, currentMetrics, currentReplicas, desiredReplicas, lastScaleTime,
    observedGeneration))

struct HorizontalPodAutoscaler {
    ObjectMeta metadata;
    HpaSpec spec;
    HpaStatus status;
    bool operator==(const HorizontalPodAutoscaler&) const = default;
};
BOOST_DESCRIBE_STRUCT(HorizontalPodAutoscaler, (), (metadata, spec, status))

} // namespace sim::kube
