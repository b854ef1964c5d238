#include "sim/kube/controllers/horizontal.h"

#include "sim/kube/controllers/replica_calculator.h"

#include <fmt/core.h>

namespace sim::kube {

namespace {

const Reporter kHorizontalReporter{"horizontal-pod-autoscaler", "", false, ""};
constexpr const char* kAbleToScale = "AbleToScale";
constexpr const char* kScalingActive = "ScalingActive";
constexpr const char* kScalingLimited = "ScalingLimited";
// What the API server answers where no metrics-server has registered.
constexpr const char* kNoResourceMetrics = "unable to fetch metrics from resource metrics API: the server could not find the requested "
                                           "resource (get pods.metrics.k8s.io)";
constexpr const char* kNoCustomMetrics = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";
constexpr const char* kNoExternalMetrics =
    "unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered";

/// The scale subresource of what an autoscaler points at.
struct ScaleTarget {
    std::int64_t replicas = 0;
    LabelSelector selector;
    std::string error;
};

template <ApiObject T>
bool readScale(const Store& store, const ObjectKey& key, ScaleTarget& target)
{
    const auto object = store.get<T>(key);
    if (!object) {
        target.error = fmt::format("{}/scale.{} \"{}\" not found", kindInfo(kindIdOf<T>).plural, kindInfo(kindIdOf<T>).group, key.name);
        return false;
    }
    target.replicas = object->spec.replicas.value_or(1);
    target.selector = object->spec.selector;
    return true;
}

/// Calls f with the kind's type; false: it cannot be scaled.
template <class F>
bool withScalable(const std::string& kind, F f)
{
    if (kind == "Deployment")
        f.template operator()<Deployment>();
    else if (kind == "ReplicaSet")
        f.template operator()<ReplicaSet>();
    else if (kind == "StatefulSet")
        f.template operator()<StatefulSet>();
    else
        return false;
    return true;
}

struct MetricOutcome {
    std::int64_t replicas = 0;
    std::string name;      ///< "cpu resource utilization (percentage of request)"
    std::string error;
    std::string reason;    ///< of the failure
    std::string what;      ///< before the error in the summary: "failed to get cpu resource metric value"
    MetricStatus status;
};

/// One round over one autoscaler.
class HorizontalSync {
public:
    HorizontalSync(ControllerContext& context, ScalingMemory& memory, HorizontalPodAutoscaler autoscaler)
        : m_context(context)
        , m_memory(memory)
        , m_before(autoscaler.status)
        , m_autoscaler(std::move(autoscaler))
        , m_target{m_autoscaler.metadata.namespace_, m_autoscaler.spec.scaleTargetRef.name.value}
    {
    }

    void run()
    {
        follow();
        if (!(m_autoscaler.status == m_before))
            patchObject<HorizontalPodAutoscaler>(m_context.client, keyOf(m_autoscaler.metadata), [&](HorizontalPodAutoscaler& a) {
                a.status = m_autoscaler.status;
                markStatus(a.metadata, m_context.now());
            });
    }

private:
    void follow()
    {
        const HpaSpec& spec = m_autoscaler.spec;
        const std::string& kind = spec.scaleTargetRef.kind.value;
        ScaleTarget target;
        if (!withScalable(kind, [&]<class T>() { readScale<T>(m_context.store(), m_target, target); }))
            target.error = fmt::format("no matches for kind \"{}\" in group \"{}\"", kind, spec.scaleTargetRef.apiVersion);
        if (!target.error.empty()) {
            event(kWarning, "FailedGetScale", target.error);
            set(kAbleToScale, false, "FailedGetScale", "the HPA controller was unable to get the target's current scale: " + target.error);
            return;
        }
        set(kAbleToScale, true, "SucceededGetScale", "the HPA controller was able to get the target's current scale");
        if (m_memory.recommendations.empty())
            m_memory.recommendations.push_back({target.replicas, m_context.now()});

        const std::int64_t current = target.replicas;
        const std::int64_t least = spec.minReplicas.value_or(1);
        std::int64_t desired = current;
        std::string reason;
        std::vector<MetricStatus> metrics;
        if (current == 0 && least != 0) {
            set(kScalingActive, false, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
        } else if (current > spec.maxReplicas.value) {
            reason = "Current number of replicas above Spec.MaxReplicas";
            desired = spec.maxReplicas.value;
        } else if (current < least) {
            reason = "Current number of replicas below Spec.MinReplicas";
            desired = least;
        } else if (!measure(target, metrics, desired, reason)) {
            m_autoscaler.status.currentReplicas = current;
            m_autoscaler.status.currentMetrics = std::move(metrics);
            return;
        }
        if (desired != current)
            rescale(current, desired, reason);
        m_autoscaler.status.currentReplicas = current;
        m_autoscaler.status.desiredReplicas = desired;
        m_autoscaler.status.currentMetrics = std::move(metrics);
    }

    void rescale(std::int64_t current, std::int64_t desired, const std::string& reason)
    {
        withScalable(m_autoscaler.spec.scaleTargetRef.kind.value, [&]<class T>() {
            patchObject<T>(m_context.client, m_target, [&](T& object) {
                object.spec.replicas = desired;
                object.metadata.managedFields = ownersAfterScale(kindIdOf<T>, object.metadata.managedFields, kControllerManager);
            });
        });
        set(kAbleToScale, true, "SucceededRescale", fmt::format("the HPA controller was able to update the target scale to {}", desired));
        event(kNormal, "SuccessfulRescale", fmt::format("New size: {}; reason: {}", desired, reason));
        rememberScale(m_autoscaler.spec, m_memory, current, desired, m_context.now());
        m_autoscaler.status.lastScaleTime = Time{m_context.now()};
    }

    /// The highest of what the metrics ask for, within the limits. False: they say nothing.
    bool measure(const ScaleTarget& target, std::vector<MetricStatus>& statuses, std::int64_t& desired, std::string& reason)
    {
        const HpaSpec& spec = m_autoscaler.spec;
        const std::int64_t current = target.replicas;
        std::int64_t asked = 0;
        std::string metric;
        std::size_t invalid = 0;
        MetricOutcome firstInvalid;
        for (const MetricSpec& one : spec.metrics) {
            MetricOutcome outcome = evaluate(one, target);
            statuses.push_back(outcome.status);
            if (!outcome.error.empty()) {
                event(kWarning, outcome.reason.c_str(), outcome.error);
                if (invalid++ == 0)
                    firstInvalid = std::move(outcome);
            } else if (asked == 0 || outcome.replicas > asked) {
                asked = outcome.replicas;
                metric = outcome.name;
            }
        }
        if (invalid >= spec.metrics.size() || (invalid > 0 && asked < current)) {
            set(kScalingActive, false, firstInvalid.reason, "the HPA was unable to compute the replica count: " + firstInvalid.error);
            event(kWarning, "FailedComputeMetricsReplicas",
                  fmt::format("invalid metrics ({} invalid out of {}), first error is: {}: {}", invalid, spec.metrics.size(),
                              firstInvalid.what, firstInvalid.error));
            return false;
        }
        set(kScalingActive, true, "ValidMetricFound", "the HPA was able to successfully calculate a replica count from " + metric);
        if (asked > current)
            reason = metric + " above target";
        if (asked < current)
            reason = "All metrics below target";
        const LimitedScale limited = limitScale(spec, m_memory, current, asked, m_context.now());
        set(kAbleToScale, true, limited.ableReason, limited.ableMessage);
        set(kScalingLimited, limited.limited, limited.limitReason, limited.limitMessage);
        desired = limited.replicas;
        return true;
    }

    MetricOutcome evaluate(const MetricSpec& metric, const ScaleTarget& target)
    {
        MetricOutcome outcome;
        const std::string& type = metric.type.value;
        if (type == "Resource" && metric.resource) {
            outcome.reason = "FailedGetResourceMetric";
            outcome.what = fmt::format("failed to get {} resource metric value", metric.resource->name.value);
            evaluateResource(outcome, metric.resource->name, {}, metric.resource->target, target);
        } else if (type == "ContainerResource" && metric.containerResource) {
            outcome.reason = "FailedGetContainerResourceMetric";
            outcome.what = fmt::format("failed to get {} container metric value", metric.containerResource->name.value);
            evaluateResource(outcome, metric.containerResource->name, metric.containerResource->container,
                             metric.containerResource->target, target);
        } else if (type == "Pods" && metric.pods) {
            outcome.reason = "FailedGetPodsMetric";
            outcome.what = "failed to get pods metric value";
            evaluatePods(outcome, *metric.pods, target);
        } else if (type == "Object" && metric.object) {
            outcome.reason = "FailedGetObjectMetric";
            outcome.what = "failed to get object metric value";
            outcome.error = fmt::format("unable to get metric {}: {} on {} {}/{}", metric.object->metric.name.value,
                                        metric.object->describedObject.kind.value, m_target.namespace_,
                                        metric.object->describedObject.name.value, kNoCustomMetrics);
        } else if (type == "External" && metric.external_) {
            outcome.reason = "FailedGetExternalMetric";
            outcome.what = fmt::format("failed to get {} external metric value", metric.external_->metric.name.value);
            outcome.error = fmt::format("unable to get external metric {}/{}/nil: {}", m_target.namespace_,
                                        metric.external_->metric.name.value, kNoExternalMetrics);
        } else {
            outcome.reason = "InvalidMetricSourceType";
            outcome.what = "invalid metric source type";
            outcome.error = fmt::format("unknown metric source type \"{}\"", type);
        }
        return outcome;
    }

    void evaluateResource(MetricOutcome& outcome, const std::string& resource, const std::string& container, const MetricTarget& target,
                          const ScaleTarget& scale)
    {
        if (!target.averageUtilization && !target.averageValue) {
            outcome.error = "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set";
            return;
        }
        const bool byValue = target.averageValue.has_value();
        const std::string prefix = fmt::format("failed to get {} {}: ", resource, byValue ? "usage" : "utilization");
        const MeasuredPods measured = podsOf(scale.selector);
        if (measured.metrics.empty()) {
            outcome.error = prefix + fmt::format("unable to get metrics for resource {}: {}", resource,
                                                 served() ? "no metrics returned from resource metrics API" : kNoResourceMetrics);
            return;
        }
        const ReplicaProposal proposal = byValue
            ? replicasForAverageValue(measured, scale.replicas, resource, container, target.averageValue->milliValue())
            : replicasForUtilization(measured, scale.replicas, resource, container, *target.averageUtilization);
        if (!proposal.error.empty()) {
            outcome.error = prefix + proposal.error;
            return;
        }
        outcome.replicas = proposal.replicas;
        outcome.name = fmt::format("{}{} resource{}", resource, container.empty() ? "" : " container",
                                   byValue ? "" : " utilization (percentage of request)");
        outcome.status.type = std::string(container.empty() ? "Resource" : "ContainerResource");
        outcome.status.resource.emplace();
        outcome.status.resource->name = resource;
        outcome.status.resource->current.averageValue =
            resource == "cpu" ? Quantity::ofMilli(proposal.averageValue) : Quantity::ofBytes(proposal.averageValue / 1000);
        if (!byValue)
            outcome.status.resource->current.averageUtilization = proposal.utilization;
    }

    void evaluatePods(MetricOutcome& outcome, const PodsMetricSource& source, const ScaleTarget& scale)
    {
        const std::string& name = source.metric.name.value;
        const auto unknown = [&](const std::string& why) { outcome.error = fmt::format("unable to get metric {}: {}", name, why); };
        const PodMetricsSource* metrics = m_context.client.metrics;
        if (metrics == nullptr || !metrics->servesCustom())
            return unknown(kNoCustomMetrics);
        if (!source.target.averageValue) {
            outcome.error = "invalid pods metric source: no average value target was set";
            return;
        }
        const MeasuredPods measured = podsOf(scale.selector);
        std::map<std::string, std::int64_t> figures;
        for (const auto& pod : measured.pods)
            if (const auto figure = metrics->customMetric(*pod, name))
                figures[pod->metadata.name] = figure->milli;
        if (figures.empty())
            return unknown(fmt::format("unable to fetch metrics from custom metrics API: the server could not find the metric {} for pods", name));
        const ReplicaProposal proposal = replicasForFigures(measured, figures, scale.replicas, source.target.averageValue->milliValue());
        if (!proposal.error.empty())
            return unknown(proposal.error);
        outcome.replicas = proposal.replicas;
        outcome.name = fmt::format("pods metric {}", name);
        outcome.status.type = std::string("Pods");
        outcome.status.pods.emplace();
        outcome.status.pods->metric = source.metric;
        outcome.status.pods->current.averageValue = Quantity::ofMilli(proposal.averageValue);
    }

    bool served() const { return m_context.client.metrics != nullptr && m_context.client.metrics->served(); }

    MeasuredPods podsOf(const LabelSelector& selector) const
    {
        const bool measurable = served();
        MeasuredPods measured;
        measured.now = m_context.now();
        const auto& pods = m_context.store().all<Pod>();
        for (auto it = pods.lower_bound({m_target.namespace_, {}}); it != pods.end() && it->first.namespace_ == m_target.namespace_; ++it) {
            if (!selector.matches(it->second->metadata.labels))
                continue;
            measured.pods.push_back(it->second);
            if (!measurable)
                continue;
            if (auto metrics = m_context.client.metrics->podMetrics(*it->second))
                measured.metrics.emplace(it->first.name, std::move(*metrics));
        }
        // Listed from an informer's map, in any order: an error names whichever pod came first (golden case 90).
        for (std::size_t i = measured.pods.size(); i > 1; --i)
            std::swap(measured.pods[i - 1], measured.pods[m_context.random.below(i)]);
        return measured;
    }

    void event(const char* type, const char* reason, const std::string& message)
    {
        m_context.client.event(kHorizontalReporter, m_autoscaler, type, reason, message);
    }

    void set(const char* type, bool value, const std::string& reason, const std::string& message)
    {
        Condition* condition = findCondition(m_autoscaler.status.conditions, type);
        if (!condition) {
            m_autoscaler.status.conditions.push_back({});
            condition = &m_autoscaler.status.conditions.back();
            condition->type = std::string(type);
        }
        const std::string status = value ? kTrue : kFalse;
        if (condition->status.value != status)
            condition->lastTransitionTime = Time{m_context.now()};
        condition->status = status;
        condition->reason = reason;
        condition->message = message;
    }

    ControllerContext& m_context;
    ScalingMemory& m_memory;
    HpaStatus m_before;
    HorizontalPodAutoscaler m_autoscaler;
    ObjectKey m_target;
};

} // namespace

void HorizontalController::relist(const Store& store)
{
    for (const auto& [key, autoscaler] : store.all<HorizontalPodAutoscaler>())
        queue.addAfter(key, kSyncPeriod);
}

void HorizontalController::observe(const WatchEvent& event, const Store&, const PodIndex&)
{
    // New ones wait a period, too; those known come round in any case.
    if (event.kind == kindIdOf<HorizontalPodAutoscaler> && event.type != WatchEvent::Type::Deleted)
        queue.addAfter(event.key, kSyncPeriod);
}

void HorizontalController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    const auto autoscaler = context.store().get<HorizontalPodAutoscaler>(key);
    if (!autoscaler) {
        memories.erase(key);
        return;
    }
    queue.addAt(key, context.now() + kSyncPeriod);
    HorizontalSync(context, memories[key], *autoscaler).run();
}

} // namespace sim::kube
