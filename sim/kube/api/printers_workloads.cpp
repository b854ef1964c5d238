#include "sim/engine/letters.h"
#include "sim/kube/api/printer_cells.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube::printing {

std::string orNone(std::string text) { return text.empty() ? kNone : text; }

std::string joined(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string out;
    for (const auto& part : parts)
        out += (out.empty() ? "" : std::string(separator)) + part;
    return out;
}

std::string selectorText(const StringMap& labels)
{
    std::string out;
    for (const auto& [key, value] : labels)
        out += (out.empty() ? "" : ",") + key + "=" + value;
    return out;
}

std::string selectorText(const LabelSelector& selector)
{
    std::string out = selectorText(selector.matchLabels);
    for (const auto& one : selector.matchExpressions) {
        std::string text = one.key;
        if (one.operator_ == "In" || one.operator_ == "NotIn")
            text += (one.operator_ == "In" ? " in (" : " notin (") + joined(one.values) + ")";
        else if (one.operator_ == "DoesNotExist")
            text = "!" + text;
        out += (out.empty() ? "" : ",") + text;
    }
    return orNone(out);
}

std::string containerNames(const PodSpec& spec)
{
    std::vector<std::string> names;
    for (const auto& container : spec.containers)
        names.push_back(container.name);
    return joined(names);
}

std::string containerImages(const PodSpec& spec)
{
    std::vector<std::string> images;
    for (const auto& container : spec.containers)
        images.push_back(container.image);
    return joined(images);
}

namespace {

bool hasCondition(const std::vector<Condition>& conditions, std::string_view type)
{
    return std::any_of(conditions.begin(), conditions.end(),
                       [&](const Condition& c) { return c.type.value == type && c.status.value == "True"; });
}

std::string yesOrNo(const std::optional<bool>& flag) { return !flag ? kUnset : *flag ? "True" : "False"; }

std::string numberOr(const std::optional<IntOrString>& amount, const char* otherwise)
{
    if (!amount)
        return otherwise;
    return std::visit([](const auto& v) { return fmt::format("{}", v); }, amount->value);
}

std::string jobStatusWord(const Job& job)
{
    const auto& conditions = job.status.conditions;
    if (hasCondition(conditions, "Complete"))
        return "Complete";
    if (hasCondition(conditions, "Failed"))
        return "Failed";
    if (job.metadata.deletionTimestamp)
        return "Terminating";
    for (const char* type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"})
        if (hasCondition(conditions, type))
            return type;
    return "Running";
}

std::string completionsText(const Job& job)
{
    if (job.spec.completions)
        return fmt::format("{}/{}", job.status.succeeded, *job.spec.completions);
    const std::int64_t parallelism = job.spec.parallelism.value_or(0);
    return parallelism > 1 ? fmt::format("{}/1 of {}", job.status.succeeded, parallelism) : fmt::format("{}/1", job.status.succeeded);
}

/// "200%/50%": what a metric is now and what it should be.
std::string targetText(const MetricSpec& spec, const MetricStatus* now)
{
    const auto amounts = [&](const MetricTarget& target, const MetricValueStatus* current) {
        const auto currently = [&](const std::optional<Quantity> MetricValueStatus::*value) {
            return current != nullptr && (current->*value) ? (current->*value)->text : std::string("<unknown>");
        };
        if (target.averageUtilization)
            return fmt::format("{}/{}%", current != nullptr && current->averageUtilization
                                             ? fmt::format("{}%", *current->averageUtilization) : "<unknown>",
                               *target.averageUtilization);
        if (target.averageValue)
            return fmt::format("{}/{} (avg)", currently(&MetricValueStatus::averageValue), target.averageValue->text);
        return fmt::format("{}/{}", currently(&MetricValueStatus::value), target.value ? target.value->text : "<auto>");
    };
    if (spec.resource) {
        const auto& target = spec.resource->target;
        const auto* current = now != nullptr && now->resource ? &now->resource->current : nullptr;
        const std::string text = target.averageUtilization ? amounts(target, current)
            : fmt::format("{}/{}", current != nullptr && current->averageValue ? current->averageValue->text : "<unknown>",
                          target.averageValue ? target.averageValue->text : "<auto>");
        return spec.resource->name.value + ": " + text;
    }
    if (spec.pods)
        return fmt::format("{}/{}", now != nullptr && now->pods && now->pods->current.averageValue ? now->pods->current.averageValue->text
                                                                                                     : "<unknown>",
                           spec.pods->target.averageValue ? spec.pods->target.averageValue->text : "<auto>");
    if (spec.external_)
        return amounts(spec.external_->target, now != nullptr && now->external_ ? &now->external_->current : nullptr);
    return "<unknown type>";
}

std::string targetsText(const HorizontalPodAutoscaler& autoscaler)
{
    const auto& specs = autoscaler.spec.metrics;
    const auto& now = autoscaler.status.currentMetrics;
    constexpr std::size_t kShown = 2;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < specs.size() && i < kShown; ++i)
        texts.push_back(targetText(specs[i], i < now.size() ? &now[i] : nullptr));
    std::string text = texts.empty() ? kNone : joined(texts, ", ");
    if (specs.size() > kShown)
        text += fmt::format(" + {} more...", specs.size() - kShown);
    return text;
}

} // namespace

Cells cells(const StatefulSet& set, Instant now)
{
    return {set.metadata.name, fmt::format("{}/{}", set.status.readyReplicas, set.spec.replicas.value_or(1)),
            ageOf(set.metadata.creationTimestamp, now), containerNames(set.spec.template_.spec), containerImages(set.spec.template_.spec)};
}
Columns columnsFor(const StatefulSet*) { return {{"NAME"}, {"READY"}, {"AGE"}, {"CONTAINERS", true}, {"IMAGES", true}}; }

Cells cells(const ControllerRevision& revision, Instant now)
{
    std::string controller = kNone;
    for (const OwnerReference& owner : revision.metadata.ownerReferences)
        if (owner.controller.value_or(false)) {
            std::string kind = owner.kind;
            kind = sim::lowered(kind);
            controller = kind + "." + owner.apiVersion.substr(0, owner.apiVersion.find('/')) + "/" + owner.name;
        }
    return {revision.metadata.name, controller, std::to_string(revision.revision.value), ageOf(revision.metadata.creationTimestamp, now)};
}
Columns columnsFor(const ControllerRevision*) { return {{"NAME"}, {"CONTROLLER"}, {"REVISION"}, {"AGE"}}; }

Cells cells(const Job& job, Instant now)
{
    std::string duration;
    if (job.status.startTime)
        duration = humanDuration((job.status.completionTime ? job.status.completionTime->at : now) - job.status.startTime->at);
    return {job.metadata.name, jobStatusWord(job), completionsText(job), duration, ageOf(job.metadata.creationTimestamp, now),
            containerNames(job.spec.template_.spec), containerImages(job.spec.template_.spec),
            job.spec.selector ? selectorText(*job.spec.selector) : kNone};
}
Columns columnsFor(const Job*)
{
    return {{"NAME"}, {"STATUS"}, {"COMPLETIONS"}, {"DURATION"}, {"AGE"}, {"CONTAINERS", true}, {"IMAGES", true}, {"SELECTOR", true}};
}

Cells cells(const CronJob& job, Instant now)
{
    const PodSpec& spec = job.spec.jobTemplate.spec.template_.spec;
    return {job.metadata.name, job.spec.schedule.value, job.spec.timeZone.value_or(kNone), yesOrNo(job.spec.suspend),
            std::to_string(job.status.active.size()), job.status.lastScheduleTime ? ageOf(job.status.lastScheduleTime, now) : kNone,
            ageOf(job.metadata.creationTimestamp, now), containerNames(spec), containerImages(spec),
            job.spec.jobTemplate.spec.selector ? selectorText(*job.spec.jobTemplate.spec.selector) : kNone};
}
Columns columnsFor(const CronJob*)
{
    return {{"NAME"}, {"SCHEDULE"}, {"TIMEZONE"}, {"SUSPEND"}, {"ACTIVE"}, {"LAST SCHEDULE"}, {"AGE"}, {"CONTAINERS", true},
            {"IMAGES", true}, {"SELECTOR", true}};
}

Cells cells(const HorizontalPodAutoscaler& autoscaler, Instant now)
{
    const auto& target = autoscaler.spec.scaleTargetRef;
    return {autoscaler.metadata.name, target.kind.value + "/" + target.name.value, targetsText(autoscaler),
            autoscaler.spec.minReplicas ? std::to_string(*autoscaler.spec.minReplicas) : kUnset,
            std::to_string(autoscaler.spec.maxReplicas.value), std::to_string(autoscaler.status.currentReplicas),
            ageOf(autoscaler.metadata.creationTimestamp, now)};
}
Columns columnsFor(const HorizontalPodAutoscaler*)
{
    return {{"NAME"}, {"REFERENCE"}, {"TARGETS"}, {"MINPODS"}, {"MAXPODS"}, {"REPLICAS"}, {"AGE"}};
}

Cells cells(const PodDisruptionBudget& budget, Instant now)
{
    return {budget.metadata.name, numberOr(budget.spec.minAvailable, "N/A"), numberOr(budget.spec.maxUnavailable, "N/A"),
            std::to_string(budget.status.disruptionsAllowed.value), ageOf(budget.metadata.creationTimestamp, now)};
}
Columns columnsFor(const PodDisruptionBudget*)
{
    return {{"NAME"}, {"MIN AVAILABLE"}, {"MAX UNAVAILABLE"}, {"ALLOWED DISRUPTIONS"}, {"AGE"}};
}

} // namespace sim::kube::printing
