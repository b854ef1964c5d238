#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/describe.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

constexpr const char* kUnknownMetric = "<unknown>";

std::string amountText(const std::optional<Quantity>& amount, const char* otherwise)
{
    return amount ? amount->text : otherwise;
}

/// "10% (10m) / 50%" behind a resource metric's name.
std::string resourceValues(const MetricTarget& target, const MetricValueStatus* current)
{
    if (target.averageValue)
        return fmt::format(":\t{} / {}", current ? amountText(current->averageValue, kUnknownMetric) : kUnknownMetric, target.averageValue->text);
    std::string now = kUnknownMetric;
    if (current && current->averageUtilization)
        now = fmt::format("{}% ({})", *current->averageUtilization, amountText(current->averageValue, ""));
    const std::string wanted = target.averageUtilization ? fmt::format("{}%", *target.averageUtilization) : "<auto>";
    return fmt::format("  (as a percentage of request):\t{} / {}", now, wanted);
}

void describeMetric(TabText& out, const MetricSpec& metric, const MetricStatus* status)
{
    if (metric.resource) {
        const auto* current = status && status->resource ? &status->resource->current : nullptr;
        out.line(1, fmt::format("resource {} on pods{}", metric.resource->name.value, resourceValues(metric.resource->target, current)));
    } else if (metric.containerResource) {
        out.line(1, fmt::format("resource {} of container \"{}\" on pods{}", metric.containerResource->name.value,
                                metric.containerResource->container.value, resourceValues(metric.containerResource->target, nullptr)));
    } else if (metric.pods) {
        const auto* current = status && status->pods ? &status->pods->current : nullptr;
        out.line(1, fmt::format("\"{}\" on pods:\t{} / {}", metric.pods->metric.name.value,
                                current ? amountText(current->averageValue, kUnknownMetric) : kUnknownMetric,
                                amountText(metric.pods->target.averageValue, "")));
    } else if (metric.external_) {
        const auto* current = status && status->external_ ? &status->external_->current : nullptr;
        const MetricTarget& target = metric.external_->target;
        const bool average = target.averageValue.has_value();
        const auto value = !current ? std::nullopt : average ? current->averageValue : current->value;
        out.line(1, fmt::format("\"{}\" (target {}value):\t{} / {}", metric.external_->metric.name.value, average ? "average " : "",
                                amountText(value, kUnknownMetric), amountText(average ? target.averageValue : target.value, "")));
    } else if (metric.object) {
        const MetricTarget& target = metric.object->target;
        const bool average = target.type.value == "AverageValue";
        out.line(1, fmt::format("\"{}\" on {}/{}   (target {}value):\t{} / {}", metric.object->metric.name.value,
                                metric.object->describedObject.kind.value, metric.object->describedObject.name.value, average ? "average " : "",
                                kUnknownMetric, amountText(average ? target.averageValue : target.value, "")));
    }
}

void describeDirection(TabText& out, const char* title, const std::optional<HpaScalingRules>& rules)
{
    if (!rules)
        return;
    out.line(1, fmt::format("{}:", title));
    if (rules->stabilizationWindowSeconds)
        out.line(2, fmt::format("Stabilization Window: {} seconds", *rules->stabilizationWindowSeconds));
    if (rules->policies.empty())
        return;
    out.line(2, "Select Policy: " + rules->selectPolicy.value_or("Max"));
    out.line(2, "Policies:");
    for (const HpaScalingPolicy& policy : rules->policies)
        out.line(3, fmt::format("- Type: {}\tValue: {}\tPeriod: {} seconds", policy.type.value, policy.value.value, policy.periodSeconds.value));
}

} // namespace

std::string describeHorizontalPodAutoscaler(const HorizontalPodAutoscaler& scaler, const EventList& events, sim::Instant now)
{
    TabText out;
    const HpaSpec& spec = scaler.spec;
    out.line(0, "Name:\t" + scaler.metadata.name);
    out.line(0, "Namespace:\t" + scaler.metadata.namespace_);
    describeLabels(out, "Labels", scaler.metadata.labels);
    describeAnnotations(out, "Annotations", scaler.metadata.annotations);
    out.line(0, "CreationTimestamp:\t" + longDate(scaler.metadata.creationTimestamp));
    out.line(0, fmt::format("Reference:\t{}/{}", spec.scaleTargetRef.kind.value, spec.scaleTargetRef.name.value));
    out.line(0, "Metrics:\t( current / target )");
    const auto& current = scaler.status.currentMetrics;
    for (std::size_t i = 0; i < spec.metrics.size(); ++i)
        describeMetric(out, spec.metrics[i], i < current.size() ? &current[i] : nullptr);
    out.line(0, "Min replicas:\t" + (spec.minReplicas ? std::to_string(*spec.minReplicas) : std::string("<unset>")));
    out.line(0, fmt::format("Max replicas:\t{}", spec.maxReplicas.value));
    if (spec.behavior) {
        out.line(0, "Behavior:");
        describeDirection(out, "Scale Up", spec.behavior->scaleUp);
        describeDirection(out, "Scale Down", spec.behavior->scaleDown);
    }
    out.line(0, fmt::format("{} pods:\t{} current / {} desired", spec.scaleTargetRef.kind.value, scaler.status.currentReplicas,
                            scaler.status.desiredReplicas.value));
    if (!scaler.status.conditions.empty()) {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tReason\tMessage");
        out.line(1, "----\t------\t------\t-------");
        for (const Condition& c : scaler.status.conditions)
            out.line(1, fmt::format("{}\t{}\t{}\t{}", c.type.value, c.status.value, c.reason, c.message));
    }
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
