#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/flags.h"

#include "sim/kube/api/time_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

/// What ResourceQuotas of a scope count, as the real tool explains below it.
std::string_view scopeHelp(const std::string& scope)
{
    if (scope == "Terminating")
        return "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by "
               "the system.";
    if (scope == "NotTerminating")
        return "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is "
               "not expected to terminate.";
    if (scope == "BestEffort")
        return "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.";
    if (scope == "NotBestEffort")
        return "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.";
    return {};
}

void describeScopes(TabText& out, std::vector<std::string> scopes, std::string_view indent)
{
    if (scopes.empty())
        return;
    std::sort(scopes.begin(), scopes.end());
    out.add(fmt::format("{}Scopes:\t{}\n", indent, join(scopes, ", ")));
    for (const std::string& scope : scopes)
        if (const auto help = scopeHelp(scope); !help.empty())
            out.add(fmt::format("{} * {}\n", indent, help));
}

void describeAmounts(TabText& out, const ResourceQuotaStatus& status, std::string_view indent)
{
    for (const auto& [name, hard] : status.hard) {
        const auto used = status.used.find(name);
        out.add(fmt::format("{}{}\t{}\t{}\n", indent, name, used == status.used.end() ? "0" : used->second.text, hard.text));
    }
}

void describeLimits(TabText& out, const LimitRangeSpec& spec, std::string_view indent)
{
    for (const LimitRangeItem& item : spec.limits) {
        std::set<std::string> names;
        for (const ResourceList* list : {&item.max, &item.min, &item.default_, &item.defaultRequest, &item.maxLimitRequestRatio})
            for (const auto& [name, amount] : *list)
                names.insert(name);
        const auto of = [](const ResourceList& list, const std::string& name) {
            const auto found = list.find(name);
            return found == list.end() ? std::string("-") : found->second.text;
        };
        for (const std::string& name : names)
            out.add(fmt::format("{}{}\t{}\t{}\t{}\t{}\t{}\t{}\n", indent, item.type.value, name, of(item.min, name), of(item.max, name),
                                of(item.defaultRequest, name), of(item.default_, name), of(item.maxLimitRequestRatio, name)));
    }
}

constexpr std::string_view kLimitHeads = "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio";
constexpr std::string_view kLimitRules = "----\t--------\t---\t---\t---------------\t-------------\t-----------------------";

void describePolicyPorts(TabText& out, const std::vector<NetworkPolicyPort>& ports)
{
    if (ports.empty())
        out.line(2, "To Port: <any> (traffic allowed to all ports)");
    for (const NetworkPolicyPort& port : ports)
        out.line(2, fmt::format("To Port: {}/{}", port.port ? intOrStringText(*port.port) : "<nil>", port.protocol.value_or("TCP")));
}

void describePeers(TabText& out, const std::vector<NetworkPolicyPeer>& peers, const char* title, const char* nothing)
{
    if (peers.empty())
        out.line(2, fmt::format("{}: <any> (traffic not restricted by {})", title, nothing));
    for (const NetworkPolicyPeer& peer : peers) {
        out.line(2, fmt::format("{}:", title));
        if (peer.namespaceSelector)
            out.line(3, "NamespaceSelector: " + selectorText(*peer.namespaceSelector));
        if (peer.podSelector)
            out.line(3, "PodSelector: " + selectorText(*peer.podSelector));
        if (!peer.namespaceSelector && !peer.podSelector && peer.ipBlock) {
            out.line(3, "IPBlock:");
            out.line(4, "CIDR: " + peer.ipBlock->cidr.value);
            out.line(4, "Except: " + join(peer.ipBlock->except, ", "));
        }
    }
}

template <class Rules, class Peers>
void describeTraffic(TabText& out, const Rules& rules, const Peers& peersOf, const char* direction, const char* title, const char* nothing)
{
    if (rules.empty())
        out.line(2, fmt::format("<none> (Selected pods are isolated for {} connectivity)", direction));
    for (std::size_t i = 0; i < rules.size(); ++i) {
        describePolicyPorts(out, rules[i].ports);
        describePeers(out, peersOf(rules[i]), title, nothing);
        if (i + 1 < rules.size())
            out.line(2, "----------");
    }
}

} // namespace

std::string describePodDisruptionBudget(const PodDisruptionBudget& budget, const EventList& events, sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + budget.metadata.name);
    out.line(0, "Namespace:\t" + budget.metadata.namespace_);
    if (budget.spec.minAvailable)
        out.line(0, "Min available:\t" + intOrStringText(*budget.spec.minAvailable));
    else if (budget.spec.maxUnavailable)
        out.line(0, "Max unavailable:\t" + intOrStringText(*budget.spec.maxUnavailable));
    out.line(0, "Selector:\t" + (budget.spec.selector ? selectorText(*budget.spec.selector) : std::string("<unset>")));
    out.line(0, "Status:");
    out.line(2, fmt::format("Allowed disruptions:\t{}", budget.status.disruptionsAllowed.value));
    out.line(2, fmt::format("Current:\t{}", budget.status.currentHealthy.value));
    out.line(2, fmt::format("Desired:\t{}", budget.status.desiredHealthy.value));
    out.line(2, fmt::format("Total:\t{}", budget.status.expectedPods.value));
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeResourceQuota(const ResourceQuota& quota)
{
    TabText out;
    out.line(0, "Name:\t" + quota.metadata.name);
    out.line(0, "Namespace:\t" + quota.metadata.namespace_);
    describeScopes(out, quota.spec.scopes, "");
    out.line(0, "Resource\tUsed\tHard");
    out.line(0, "--------\t----\t----");
    describeAmounts(out, quota.status, "");
    return out.aligned();
}

std::string describeLimitRange(const LimitRange& range)
{
    TabText out;
    out.line(0, "Name:\t" + range.metadata.name);
    out.line(0, "Namespace:\t" + range.metadata.namespace_);
    out.line(0, kLimitHeads);
    out.line(0, kLimitRules);
    describeLimits(out, range.spec, "");
    return out.aligned();
}

std::string describeNamespace(const Namespace& ns, const std::vector<ResourceQuota>& quotas, const std::vector<LimitRange>& ranges)
{
    TabText out;
    out.line(0, "Name:\t" + ns.metadata.name);
    describeLabels(out, "Labels", ns.metadata.labels);
    describeAnnotations(out, "Annotations", ns.metadata.annotations);
    out.line(0, "Status:\t" + ns.status.phase);
    if (!ns.status.conditions.empty()) {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        out.line(1, "----\t------\t------------------\t------\t-------");
        for (const Condition& c : ns.status.conditions)
            out.line(1, fmt::format("{}\t{}\t{}\t{}\t{}", c.type.value, c.status.value, longDate(c.lastTransitionTime), c.reason, c.message));
    }
    out.line(0, "");
    if (quotas.empty())
        out.line(0, "No resource quota.");
    else
        out.line(0, "Resource Quotas");
    for (const ResourceQuota& quota : quotas) {
        out.line(1, "Name:\t" + quota.metadata.name);
        describeScopes(out, quota.spec.scopes, "  ");
        out.line(1, "Resource\tUsed\tHard");
        out.line(1, "--------\t---\t---");
        describeAmounts(out, quota.status, "  ");
    }
    out.line(0, "");
    if (ranges.empty()) {
        out.line(0, "No LimitRange resource.");
    } else {
        out.add(fmt::format("Resource Limits\n {}\n {}\n", kLimitHeads, kLimitRules));
        for (const LimitRange& range : ranges)
            describeLimits(out, range.spec, " ");
    }
    return out.aligned();
}

std::string describePriorityClass(const PriorityClass& priority, const EventList& events, sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + priority.metadata.name);
    out.line(0, fmt::format("Value:\t{}", priority.value.value));
    out.line(0, fmt::format("GlobalDefault:\t{}", priority.globalDefault));
    out.line(0, "PreemptionPolicy:\t" + priority.preemptionPolicy.value_or(""));
    out.line(0, "Description:\t" + priority.description);
    out.line(0, "Annotations:\t" + formattedLabels(priority.metadata.annotations));
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeNetworkPolicy(const NetworkPolicy& policy)
{
    TabText out;
    const NetworkPolicySpec& spec = policy.spec;
    const auto created = policy.metadata.creationTimestamp;
    const std::string stamp = created ? rfc3339(created->at) : "0001-01-01T00:00:00Z"; // 2026-11-24T00:20:26Z
    out.line(0, "Name:\t" + policy.metadata.name);
    out.line(0, "Namespace:\t" + policy.metadata.namespace_);
    out.line(0, fmt::format("Created on:\t{} {} +0000 UTC", stamp.substr(0, 10), stamp.substr(11, 8)));
    describeLabels(out, "Labels", policy.metadata.labels);
    describeAnnotations(out, "Annotations", policy.metadata.annotations);
    out.line(0, "Spec:");
    const std::string selected = selectorText(spec.podSelector);
    out.line(1, "PodSelector:     " + (selected == "<none>" ? "<none> (Allowing the specific traffic to all pods in this namespace)" : selected));
    const auto has = [&](const char* type) { return std::find(spec.policyTypes.begin(), spec.policyTypes.end(), type) != spec.policyTypes.end(); };
    if (has("Ingress")) {
        out.line(1, "Allowing ingress traffic:");
        describeTraffic(out, spec.ingress, [](const NetworkPolicyIngressRule& rule) -> const auto& { return rule.from; }, "ingress", "From", "source");
    } else {
        out.line(1, "Not affecting ingress traffic");
    }
    if (has("Egress")) {
        out.line(1, "Allowing egress traffic:");
        describeTraffic(out, spec.egress, [](const NetworkPolicyEgressRule& rule) -> const auto& { return rule.to; }, "egress", "To", "destination");
    } else {
        out.line(1, "Not affecting egress traffic");
    }
    out.line(1, "Policy Types: " + join(spec.policyTypes, ", "));
    return out.aligned();
}

} // namespace core::shell::kubectl
