#include "sim/kube/api/printer_cells.h"
#include "sim/kube/api/time_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube::printing {

namespace {

std::string createdAt(const ObjectMeta& meta) { return meta.creationTimestamp ? rfc3339(meta.creationTimestamp->at) : "<unknown>"; }

/// "requests.cpu: 500m/1, pods: 2/10": limits.* apart from everything else.
std::string quotaText(const ResourceQuota& quota, bool limits)
{
    std::vector<std::string> texts;
    for (const auto& [name, hard] : quota.status.hard) {
        if ((name == "limits.cpu" || name == "limits.memory" || name == "limits.ephemeral-storage") != limits)
            continue;
        const auto used = quota.status.used.find(name);
        texts.push_back(fmt::format("{}: {}/{}", name, used == quota.status.used.end() ? "0" : used->second.text, hard.text));
    }
    return joined(texts, ", ");
}

struct SubjectNames {
    std::vector<std::string> users, groups, accounts;
};
SubjectNames namesOf(const std::vector<Subject>& subjects)
{
    SubjectNames names;
    for (const Subject& subject : subjects) {
        if (subject.kind.value == "User")
            names.users.push_back(subject.name.value);
        else if (subject.kind.value == "Group")
            names.groups.push_back(subject.name.value);
        else
            names.accounts.push_back(subject.namespace_ + "/" + subject.name.value);
    }
    return names;
}

template <class T>
Cells bindingCells(const T& binding, Instant now)
{
    const SubjectNames names = namesOf(binding.subjects);
    return {binding.metadata.name, binding.roleRef.kind.value + "/" + binding.roleRef.name.value, ageOf(binding.metadata.creationTimestamp, now),
            joined(names.users, ", "), joined(names.groups, ", "), joined(names.accounts, ", ")};
}
Columns bindingColumns() { return {{"NAME"}, {"ROLE"}, {"AGE"}, {"USERS", true}, {"GROUPS", true}, {"SERVICEACCOUNTS", true}}; }
Columns createdColumns() { return {{"NAME"}, {"CREATED AT"}}; }

std::string hostsText(const Ingress& ingress)
{
    constexpr std::size_t kShown = 3;
    std::vector<std::string> hosts;
    for (const IngressRule& rule : ingress.spec.rules)
        if (!rule.host.empty())
            hosts.push_back(rule.host);
    if (hosts.empty())
        return "*";
    const std::size_t more = hosts.size() > kShown ? hosts.size() - kShown : 0;
    hosts.resize(hosts.size() - more);
    return more > 0 ? fmt::format("{} + {} more...", joined(hosts), more) : joined(hosts);
}

} // namespace

Cells cells(const ResourceQuota& quota, Instant now)
{
    return {quota.metadata.name, quotaText(quota, false), quotaText(quota, true), ageOf(quota.metadata.creationTimestamp, now)};
}
Columns columnsFor(const ResourceQuota*) { return {{"NAME"}, {"REQUEST"}, {"LIMIT"}, {"AGE"}}; }

Cells cells(const LimitRange& range, Instant) { return {range.metadata.name, createdAt(range.metadata)}; }
Columns columnsFor(const LimitRange*) { return createdColumns(); }

Cells cells(const PriorityClass& priority, Instant now)
{
    return {priority.metadata.name, std::to_string(priority.value.value), priority.globalDefault ? "true" : "false",
            ageOf(priority.metadata.creationTimestamp, now), priority.preemptionPolicy.value_or("PreemptLowerPriority")};
}
Columns columnsFor(const PriorityClass*) { return {{"NAME"}, {"VALUE"}, {"GLOBAL-DEFAULT"}, {"AGE"}, {"PREEMPTIONPOLICY"}}; }

Cells cells(const RuntimeClass& runtime, Instant now)
{
    return {runtime.metadata.name, runtime.handler.value, ageOf(runtime.metadata.creationTimestamp, now)};
}
Columns columnsFor(const RuntimeClass*) { return {{"NAME"}, {"HANDLER"}, {"AGE"}}; }

Cells cells(const NetworkPolicy& policy, Instant now)
{
    return {policy.metadata.name, selectorText(policy.spec.podSelector), ageOf(policy.metadata.creationTimestamp, now)};
}
Columns columnsFor(const NetworkPolicy*) { return {{"NAME"}, {"POD-SELECTOR"}, {"AGE"}}; }

Cells cells(const Ingress& ingress, Instant now)
{
    std::vector<std::string> addresses;
    for (const LoadBalancerIngress& one : ingress.status.loadBalancer.ingress)
        addresses.push_back(one.ip.empty() ? one.hostname : one.ip);
    return {ingress.metadata.name, ingress.spec.ingressClassName.value_or(kNone), hostsText(ingress), joined(addresses),
            ingress.spec.tls.empty() ? "80" : "80, 443", ageOf(ingress.metadata.creationTimestamp, now)};
}
Columns columnsFor(const Ingress*) { return {{"NAME"}, {"CLASS"}, {"HOSTS"}, {"ADDRESS"}, {"PORTS"}, {"AGE"}}; }

Cells cells(const IngressClass& ingress, Instant now)
{
    std::string parameters = kNone;
    if (const auto& given = ingress.spec.parameters) {
        parameters = given->kind.value;
        if (given->apiGroup)
            parameters += "." + *given->apiGroup;
        parameters += "/" + given->name.value;
    }
    return {ingress.metadata.name, ingress.spec.controller, parameters, ageOf(ingress.metadata.creationTimestamp, now)};
}
Columns columnsFor(const IngressClass*) { return {{"NAME"}, {"CONTROLLER"}, {"PARAMETERS"}, {"AGE"}}; }

Cells cells(const Role& role, Instant) { return {role.metadata.name, createdAt(role.metadata)}; }
Columns columnsFor(const Role*) { return createdColumns(); }
Cells cells(const ClusterRole& role, Instant) { return {role.metadata.name, createdAt(role.metadata)}; }
Columns columnsFor(const ClusterRole*) { return createdColumns(); }
Cells cells(const RoleBinding& binding, Instant now) { return bindingCells(binding, now); }
Columns columnsFor(const RoleBinding*) { return bindingColumns(); }
Cells cells(const ClusterRoleBinding& binding, Instant now) { return bindingCells(binding, now); }
Columns columnsFor(const ClusterRoleBinding*) { return bindingColumns(); }

Cells cells(const CustomResourceDefinition& definition, Instant) { return {definition.metadata.name, createdAt(definition.metadata)}; }
Columns columnsFor(const CustomResourceDefinition*) { return createdColumns(); }

Cells cells(const MutatingWebhookConfiguration& webhooks, Instant now)
{
    return {webhooks.metadata.name, std::to_string(webhooks.webhooks.size()), ageOf(webhooks.metadata.creationTimestamp, now)};
}
Columns columnsFor(const MutatingWebhookConfiguration*) { return {{"NAME"}, {"WEBHOOKS"}, {"AGE"}}; }
Cells cells(const ValidatingWebhookConfiguration& webhooks, Instant now)
{
    return {webhooks.metadata.name, std::to_string(webhooks.webhooks.size()), ageOf(webhooks.metadata.creationTimestamp, now)};
}
Columns columnsFor(const ValidatingWebhookConfiguration*) { return {{"NAME"}, {"WEBHOOKS"}, {"AGE"}}; }

Cells cells(const APIService& service, Instant now)
{
    // kube-aggregator/pkg/registry/apiservice/storage: ConvertToTable.
    std::string state = "Unknown";
    for (const Condition& condition : service.status.conditions)
        if (condition.type.value == "Available")
            state = condition.status.value == "True" ? "True" : fmt::format("{} ({})", condition.status.value, condition.reason);
    return {service.metadata.name, service.spec.service ? service.spec.service->namespace_ + "/" + service.spec.service->name : "Local",
            state, ageOf(service.metadata.creationTimestamp, now)};
}
Columns columnsFor(const APIService*) { return {{"NAME"}, {"SERVICE"}, {"AVAILABLE"}, {"AGE"}}; }

Cells cells(const FlowSchema& schema, Instant now)
{
    // A schema whose level nobody defined is called dangling.
    std::string missing = "?";
    for (const Condition& condition : schema.status.conditions)
        if (condition.type.value == "Dangling")
            missing = condition.status.value;
    const FlowSchemaSpec& spec = schema.spec;
    return {schema.metadata.name, spec.priorityLevelConfiguration.name, std::to_string(spec.matchingPrecedence.value),
            spec.distinguisherMethod ? spec.distinguisherMethod->type.value : kNone, ageOf(schema.metadata.creationTimestamp, now), missing};
}
Columns columnsFor(const FlowSchema*)
{
    return {{"NAME"}, {"PRIORITYLEVEL"}, {"MATCHINGPRECEDENCE"}, {"DISTINGUISHERMETHOD"}, {"AGE"}, {"MISSINGPL"}};
}

Cells cells(const PriorityLevelConfiguration& level, Instant now)
{
    std::string shares = kNone;
    std::string queues = kNone;
    std::string hand = kNone;
    std::string length = kNone;
    if (const auto& limited = level.spec.limited) {
        shares = std::to_string(limited->nominalConcurrencyShares.value_or(0));
        if (const auto& queuing = limited->limitResponse.queuing) {
            queues = std::to_string(queuing->queues.value);
            hand = std::to_string(queuing->handSize.value);
            length = std::to_string(queuing->queueLengthLimit.value);
        }
    }
    return {level.metadata.name, level.spec.type, shares, queues, hand, length, ageOf(level.metadata.creationTimestamp, now)};
}
Columns columnsFor(const PriorityLevelConfiguration*)
{
    return {{"NAME"}, {"TYPE"}, {"NOMINALCONCURRENCYSHARES"}, {"QUEUES"}, {"HANDSIZE"}, {"QUEUELENGTHLIMIT"}, {"AGE"}};
}

Cells cells(const ComponentStatus& component, Instant)
{
    std::string status = "Unknown";
    std::string message;
    std::string error;
    for (const ComponentCondition& condition : component.conditions)
        if (condition.type.value == "Healthy") {
            status = condition.status.value == "True" ? "Healthy" : "Unhealthy";
            message = condition.message;
            error = condition.error;
        }
    return {component.metadata.name, status, message, error};
}
Columns columnsFor(const ComponentStatus*) { return {{"NAME"}, {"STATUS"}, {"MESSAGE"}, {"ERROR"}}; }

Cells cells(const CustomObject& object, Instant now) { return {object.metadata.name, ageOf(object.metadata.creationTimestamp, now)}; }
Columns columnsFor(const CustomObject*) { return {{"NAME"}, {"AGE"}}; }

} // namespace sim::kube::printing
