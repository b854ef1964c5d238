#include "sim/kube/client/objects.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace sim::kube {

const Condition* findCondition(const std::vector<Condition>& conditions, std::string_view type)
{
    for (const Condition& c : conditions)
        if (c.type.value == type)
            return &c;
    return nullptr;
}

Condition* findCondition(std::vector<Condition>& conditions, std::string_view type)
{
    for (Condition& c : conditions)
        if (c.type.value == type)
            return &c;
    return nullptr;
}

Condition& setCondition(std::vector<Condition>& conditions, std::string_view type, bool value, const std::string& reason,
                        const std::string& message, Instant now)
{
    Condition* condition = findCondition(conditions, type);
    if (condition == nullptr) {
        condition = &conditions.emplace_back();
        condition->type = std::string(type);
    }
    const std::string status = value ? kTrue : kFalse;
    if (condition->status.value != status)
        condition->lastTransitionTime = Time{now};
    condition->status = status;
    condition->reason = reason;
    condition->message = message;
    return *condition;
}

const OwnerReference* controllerOf(const ObjectMeta& metadata)
{
    for (const OwnerReference& r : metadata.ownerReferences)
        if (r.controller.value_or(false))
            return &r;
    return nullptr;
}

bool isControlledBy(const ObjectMeta& metadata, const std::string& uid)
{
    const OwnerReference* owner = controllerOf(metadata);
    return owner && owner->uid == uid;
}

std::string deploymentOf(const std::string& pod)
{
    std::string_view name = pod;
    for (int part = 0; part < 2; ++part)
        name = name.substr(0, name.rfind('-'));
    return std::string(name);
}

std::vector<std::string> readyPodsBehind(const Store& store, const std::string& nameSpace, const std::string& service)
{
    std::vector<std::string> pods;
    for (const auto& slice : store.inNamespace<EndpointSlice>(nameSpace)) {
        const auto label = slice->metadata.labels.find(kServiceNameLabel);
        if (label == slice->metadata.labels.end() || label->second != service)
            continue;
        for (const SliceEndpoint& endpoint : slice->endpoints)
            if (endpoint.conditions.ready.value_or(true) && endpoint.targetRef)
                pods.push_back(endpoint.targetRef->name);
    }
    return pods;
}

bool isMirrorPod(const Pod& pod)
{
    return pod.metadata.annotations.count(kMirrorPodAnnotation) != 0;
}

bool isTerminal(const Pod& pod)
{
    return pod.status.phase == kPodSucceeded || pod.status.phase == kPodFailed;
}

bool isActive(const Pod& pod)
{
    return !isTerminal(pod) && !pod.metadata.deletionTimestamp;
}

bool isReady(const Pod& pod)
{
    const Condition* ready = findCondition(pod.status.conditions, "Ready");
    return ready && ready->status.value == kTrue;
}

bool isAvailable(const Pod& pod, std::int64_t minReadySeconds, Instant now)
{
    const Condition* ready = findCondition(pod.status.conditions, "Ready");
    if (!ready || ready->status.value != kTrue)
        return false;
    if (minReadySeconds == 0)
        return true;
    return ready->lastTransitionTime && ready->lastTransitionTime->at + std::chrono::seconds(minReadySeconds) <= now;
}

bool tolerates(const Toleration& toleration, const Taint& taint)
{
    if (!toleration.effect.empty() && toleration.effect != taint.effect)
        return false;
    if (!toleration.key.empty() && toleration.key != taint.key)
        return false;
    if (toleration.operator_ == "Exists")
        return true;
    return !toleration.key.empty() && toleration.value == taint.value;
}

bool toleratesTaint(const std::vector<Toleration>& tolerations, const Taint& taint)
{
    return std::any_of(tolerations.begin(), tolerations.end(), [&](const Toleration& t) { return tolerates(t, taint); });
}

const Taint* untoleratedTaint(const std::vector<Taint>& taints, const std::vector<Toleration>& tolerations)
{
    for (const Taint& taint : taints)
        if ((taint.effect == kNoSchedule || taint.effect == kNoExecute) && !toleratesTaint(tolerations, taint))
            return &taint;
    return nullptr;
}

namespace {

std::optional<std::int64_t> integer(const std::string& text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

bool matchesValue(const LabelSelectorRequirement& r, const std::string* value)
{
    const auto listed = [&] {
        return value && std::find(r.values.begin(), r.values.end(), *value) != r.values.end();
    };
    if (r.operator_ == "In")
        return listed();
    if (r.operator_ == "NotIn")
        return !listed();
    if (r.operator_ == "Exists")
        return value != nullptr;
    if (r.operator_ == "DoesNotExist")
        return value == nullptr;
    if (r.operator_ == "Gt" || r.operator_ == "Lt") {
        if (!value || r.values.size() != 1)
            return false;
        const auto have = integer(*value);
        const auto bound = integer(r.values.front());
        return have && bound && (r.operator_ == "Gt" ? *have > *bound : *have < *bound);
    }
    return false;
}

} // namespace

bool matchesRequirement(const LabelSelectorRequirement& requirement, const StringMap& labels)
{
    const auto it = labels.find(requirement.key);
    return matchesValue(requirement, it == labels.end() ? nullptr : &it->second);
}

bool matchesTerm(const NodeSelectorTerm& term, const Node& node)
{
    // An empty term matches nothing (component-helpers/scheduling/corev1/nodeaffinity).
    if (term.matchExpressions.empty() && term.matchFields.empty())
        return false;
    for (const LabelSelectorRequirement& r : term.matchExpressions)
        if (!matchesRequirement(r, node.metadata.labels))
            return false;
    for (const LabelSelectorRequirement& r : term.matchFields)
        if (r.key != "metadata.name" || !matchesValue(r, &node.metadata.name))
            return false;
    return true;
}

bool matchesNodeAffinity(const PodSpec& spec, const Node& node)
{
    for (const auto& [key, value] : spec.nodeSelector) {
        const auto it = node.metadata.labels.find(key);
        if (it == node.metadata.labels.end() || it->second != value)
            return false;
    }
    if (!spec.affinity || !spec.affinity->nodeAffinity)
        return true;
    const auto& required = spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution;
    if (!required)
        return true;
    return std::any_of(required->nodeSelectorTerms.begin(), required->nodeSelectorTerms.end(),
                       [&](const NodeSelectorTerm& t) { return matchesTerm(t, node); });
}

std::string formatPod(const std::string& name, const std::string& namespace_, const std::string& uid)
{
    return fmt::format("{}_{}({})", name, namespace_, uid);
}

std::string goDuration(Duration d)
{
    const std::int64_t millis = d.count() / 1'000'000;
    if (millis == 0)
        return "0s";
    if (millis < 1000)
        return fmt::format("{}ms", millis);
    const std::int64_t hours = millis / 3'600'000;
    const std::int64_t minutes = millis / 60'000 % 60;
    std::string seconds = fmt::format("{}", millis / 1000 % 60);
    if (const std::int64_t rest = millis % 1000) {
        seconds += fmt::format(".{:03}", rest);
        while (seconds.back() == '0')
            seconds.pop_back();
    }
    if (hours > 0)
        return fmt::format("{}h{}m{}s", hours, minutes, seconds);
    if (minutes > 0)
        return fmt::format("{}m{}s", minutes, seconds);
    return seconds + "s";
}

std::int64_t scaledValue(const IntOrString& value, std::int64_t total, bool roundUp)
{
    if (const auto* number = std::get_if<std::int64_t>(&value.value))
        return std::max<std::int64_t>(*number, 0);
    std::string text = std::get<std::string>(value.value);
    if (text.empty() || text.back() != '%')
        return 0;
    text.pop_back();
    const std::int64_t percent = integer(text).value_or(0);
    if (percent <= 0)
        return 0;
    return roundUp ? (percent * total + 99) / 100 : percent * total / 100;
}

std::string safeEncode(std::uint32_t hash)
{
    // No vowels and no digits that look like them (apimachinery/pkg/util/rand).
    constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string text = std::to_string(hash);
    for (char& c : text)
        c = kAlphabet[static_cast<unsigned char>(c) % kAlphabet.size()];
    return text;
}

} // namespace sim::kube
