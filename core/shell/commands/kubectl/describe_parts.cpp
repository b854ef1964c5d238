#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/align.h"
#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/flags.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

constexpr std::size_t kMaxAnnotationLength = 140;
constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

std::string shortened(const std::string& text, std::size_t length)
{
    return text.size() <= length ? text : text.substr(0, length) + "...";
}

} // namespace

std::string TabText::aligned() const
{
    return alignTabs(m_text, 0, 2);
}

void describeLabels(TabText& out, std::string_view title, const sim::kube::StringMap& labels,
                    std::string_view indent)
{
    if (labels.empty()) {
        out.add(fmt::format("{}{}:\t<none>\n", indent, title));
        return;
    }
    bool first = true;
    for (const auto& [key, value] : labels) {
        if (first)
            out.add(fmt::format("{}{}:", indent, title));
        else
            out.add(indent);
        out.add(fmt::format("\t{}={}\n", key, value));
        first = false;
    }
}

void describeAnnotations(TabText& out, std::string_view title, const sim::kube::StringMap& annotations)
{
    out.add(fmt::format("{}:\t", title));
    bool first = true;
    for (const auto& [key, whole] : annotations) {
        if (key == kLastApplied)
            continue;
        if (!first)
            out.add("\t");
        first = false;
        const std::string value = !whole.empty() && whole.back() == '\n' ? whole.substr(0, whole.size() - 1) : whole;
        if (value.size() + key.size() + 2 > kMaxAnnotationLength || value.find('\n') != std::string::npos) {
            out.add(key + ":\n");
            for (const std::string& part : sim::split(value, '\n'))
                out.add("\t  " + shortened(part, kMaxAnnotationLength - 2) + "\n");
        } else {
            out.add(key + ": " + value + "\n");
        }
    }
    if (first)
        out.add("<none>\n");
}

void describeTolerations(TabText& out, std::string_view title, std::vector<sim::kube::Toleration> tolerations)
{
    out.add(fmt::format("{}:\t", title));
    if (tolerations.empty()) {
        out.add("<none>\n");
        return;
    }
    std::stable_sort(tolerations.begin(), tolerations.end(),
                     [](const auto& a, const auto& b) { return a.key < b.key; });
    for (std::size_t i = 0; i < tolerations.size(); ++i) {
        const sim::kube::Toleration& t = tolerations[i];
        std::string text = t.key;
        if (!t.value.empty())
            text += "=" + t.value;
        if (!t.effect.empty())
            text += ":" + t.effect;
        if (t.operator_ == "Exists" && t.value.empty())
            text += text.empty() ? "op=Exists" : " op=Exists";
        if (t.tolerationSeconds)
            text += fmt::format(" for {}s", *t.tolerationSeconds);
        out.add((i > 0 ? "\t" : "") + text + "\n");
    }
}

void describeController(TabText& out, const sim::kube::ObjectMeta& metadata)
{
    for (const sim::kube::OwnerReference& owner : metadata.ownerReferences) {
        if (owner.controller.value_or(false))
            out.line(0, fmt::format("Controlled By:\t{}/{}", owner.kind, owner.name));
    }
}

std::string selectorText(const sim::kube::LabelSelector& selector)
{
    std::vector<std::string> parts;
    for (const auto& [key, value] : selector.matchLabels)
        parts.push_back(key + "=" + value);
    for (const auto& e : selector.matchExpressions) {
        if (e.operator_ == "Exists")
            parts.push_back(e.key);
        else if (e.operator_ == "DoesNotExist")
            parts.push_back("!" + e.key);
        else
            parts.push_back(fmt::format("{} {} ({})", e.key, e.operator_ == "In" ? "in" : "notin", join(e.values, ",")));
    }
    return parts.empty() ? "<none>" : join(parts, ",");
}

std::string selectorText(const sim::kube::StringMap& selector)
{
    std::vector<std::string> parts;
    for (const auto& [key, value] : selector)
        parts.push_back(key + "=" + value);
    return parts.empty() ? "<none>" : join(parts, ",");
}

std::string eventAge(const sim::kube::KubeEvent& event, sim::Instant now)
{
    std::string first = since(event.firstTimestamp, now);
    if (!event.firstTimestamp && event.eventTime)
        first = humanDuration(now - event.eventTime->at);
    if (event.series && event.series->lastObservedTime)
        return fmt::format("{} (x{} over {})", humanDuration(now - event.series->lastObservedTime->at), static_cast<std::int64_t>(event.series->count), first);
    if (event.count > 1)
        return fmt::format("{} (x{} over {})", since(event.lastTimestamp, now), event.count, first);
    return first;
}

void describeEvents(TabText& out, const EventList& events, sim::Instant now)
{
    if (!events)
        return;
    if (events->empty()) {
        out.line(0, "Events:\t<none>");
        return;
    }
    out.breakColumns();
    std::vector<const sim::kube::KubeEvent*> sorted;
    for (const auto& event : *events)
        sorted.push_back(&event);
    // Events without a last time stamp (those written through events.k8s.io) come first, as in the real tool.
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* a, const auto* b) { return a->lastTimestamp < b->lastTimestamp; });
    out.line(0, "Events:");
    out.line(1, "Type\tReason\tAge\tFrom\tMessage");
    out.line(1, "----\t------\t----\t----\t-------");
    for (const auto* event : sorted) {
        const std::string& from =
            event->source.component.empty() ? event->reportingComponent.value : event->source.component;
        std::string message = event->message;
        while (!message.empty() && (message.back() == '\n' || message.back() == ' '))
            message.pop_back();
        out.line(1, fmt::format("{}\t{}\t{}\t{}\t{}", event->type, event->reason, eventAge(*event, now), from, message));
    }
}

std::string switchText(const std::optional<bool>& value)
{
    return !value ? "<unset>" : *value ? "True" : "False";
}

std::string intOrStringText(const sim::kube::IntOrString& value)
{
    if (const auto* number = std::get_if<std::int64_t>(&value.value))
        return std::to_string(*number);
    return std::get<std::string>(value.value);
}

void describeTemplate(TabText& out, const sim::kube::PodTemplateSpec& podTemplate)
{
    out.line(0, "Pod Template:");
    describeLabels(out, "  Labels", podTemplate.metadata.labels);
    if (!podTemplate.metadata.annotations.empty())
        describeAnnotations(out, "  Annotations", podTemplate.metadata.annotations);
    const sim::kube::PodSpec& spec = podTemplate.spec;
    if (!spec.serviceAccountName.empty())
        out.line(1, "Service Account:\t" + spec.serviceAccountName);
    if (!spec.initContainers.empty())
        describeContainers(out, "Init Containers", spec.initContainers, {}, nullptr, "  ");
    describeContainers(out, "Containers", spec.containers, {}, nullptr, "  ");
    describeVolumes(out, spec.volumes, "  ");
    if (!spec.priorityClassName.empty())
        out.line(1, "Priority Class Name:\t" + spec.priorityClassName);
    describeLabels(out, "  Node-Selectors", spec.nodeSelector);
    describeTolerations(out, "  Tolerations", spec.tolerations);
}

bool sameTemplate(sim::kube::PodTemplateSpec a, sim::kube::PodTemplateSpec b)
{
    a.metadata.labels.erase("pod-template-hash");
    b.metadata.labels.erase("pod-template-hash");
    return a == b;
}

} // namespace core::shell::kubectl
