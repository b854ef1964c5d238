#include "sim/kube/api/names.h"
#include "sim/kube/api/validation_parts.h"

#include <fmt/format.h>

#include <algorithm>

// Quotas, limits, priorities, network rules, roles, custom definitions and webhooks (pkg/apis/*/validation).
namespace sim::kube::validation {

namespace {

constexpr std::int64_t kHighestUserPriority = 1'000'000'000;
constexpr const char* kRbacGroup = "rbac.authorization.k8s.io";

void checkRules(FieldErrors& errors, const std::vector<PolicyRule>& rules, bool namespaced)
{
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const PolicyRule& rule = rules[i];
        const std::string at = fmt::format("rules[{}]", i);
        if (rule.verbs.empty())
            errors.required(at + ".verbs", "verbs must contain at least one value");
        if (!rule.nonResourceURLs.empty()) {
            if (namespaced)
                errors.invalidDump(at + ".nonResourceURLs", goDump(rule.nonResourceURLs), "namespaced rules cannot apply to non-resource URLs");
            if (!rule.apiGroups.empty() || !rule.resources.empty() || !rule.resourceNames.empty())
                errors.invalidDump(at + ".nonResourceURLs", goDump(rule.nonResourceURLs),
                                   "rules cannot apply to both regular resources and non-resource URLs");
            continue;
        }
        if (rule.apiGroups.empty())
            errors.required(at + ".apiGroups", "resource rules must supply at least one api group");
        if (rule.resources.empty())
            errors.required(at + ".resources", "resource rules must supply at least one resource");
    }
}

void checkSubjects(FieldErrors& errors, const std::vector<Subject>& subjects)
{
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        const Subject& one = subjects[i];
        const std::string at = fmt::format("subjects[{}]", i);
        if (one.name.value.empty())
            errors.required(at + ".name");
        if (one.kind.value == "ServiceAccount") {
            if (!one.name.value.empty())
                errors.each(at + ".name", one.name, names::dns1123Subdomain(one.name));
            if (!one.apiGroup.empty())
                errors.notSupported(at + ".apiGroup", one.apiGroup, {""});
            if (one.namespace_.empty())
                errors.required(at + ".namespace");
        } else if (one.kind.value == "User" || one.kind.value == "Group") {
            if (one.apiGroup != kRbacGroup)
                errors.notSupported(at + ".apiGroup", one.apiGroup, {kRbacGroup});
        } else {
            errors.notSupported(at + ".kind", one.kind, {"Group", "ServiceAccount", "User"});
        }
    }
}

void checkRoleRef(FieldErrors& errors, const RoleRef& role, bool namespaced)
{
    if (role.apiGroup.value != kRbacGroup)
        errors.notSupported("roleRef.apiGroup", role.apiGroup, {kRbacGroup});
    if (namespaced ? role.kind.value != "Role" && role.kind.value != "ClusterRole" : role.kind.value != "ClusterRole")
        errors.notSupported("roleRef.kind", role.kind, namespaced ? std::vector<std::string>{"ClusterRole", "Role"}
                                                                  : std::vector<std::string>{"ClusterRole"});
    if (role.name.value.empty())
        errors.required("roleRef.name");
    else
        errors.each("roleRef.name", role.name, names::pathSegment(role.name));
}

void sameRoleRef(FieldErrors& errors, const RoleRef& role, const RoleRef& old)
{
    if (role != old)
        errors.invalidDump("roleRef", fmt::format("rbac.RoleRef{{APIGroup:{}, Kind:{}, Name:{}}}", goQuoted(role.apiGroup.value),
                                                  goQuoted(role.kind.value), goQuoted(role.name.value)), "cannot change roleRef");
}

void checkPolicyPorts(FieldErrors& errors, const std::string& at, const std::vector<NetworkPolicyPort>& ports)
{
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const NetworkPolicyPort& one = ports[i];
        const std::string here = fmt::format("{}[{}]", at, i);
        if (one.protocol && *one.protocol != "TCP" && *one.protocol != "UDP" && *one.protocol != "SCTP")
            errors.notSupported(here + ".protocol", *one.protocol, {"SCTP", "TCP", "UDP"});
        if (!one.port)
            continue;
        if (const auto* number = std::get_if<std::int64_t>(&one.port->value))
            for (const auto& message : names::portNumber(*number))
                errors.invalid(here + ".port", *number, message);
        else
            errors.each(here + ".port", std::get<std::string>(one.port->value), names::portName(std::get<std::string>(one.port->value)));
    }
}

void checkPolicyPeers(FieldErrors& errors, const std::string& at, const std::vector<NetworkPolicyPeer>& peers)
{
    for (std::size_t i = 0; i < peers.size(); ++i) {
        const NetworkPolicyPeer& one = peers[i];
        const std::string here = fmt::format("{}[{}]", at, i);
        if (one.podSelector)
            checkLabelSelector(errors, here + ".podSelector", *one.podSelector);
        if (one.namespaceSelector)
            checkLabelSelector(errors, here + ".namespaceSelector", *one.namespaceSelector);
        if (!one.podSelector && !one.namespaceSelector && !one.ipBlock)
            errors.required(here, "must specify a peer");
        else if (one.ipBlock && (one.podSelector || one.namespaceSelector))
            errors.forbidden(here, "may not specify both ipBlock and another peer");
    }
}

void checkWebhooks(FieldErrors& errors, const std::vector<AdmissionWebhook>& webhooks)
{
    std::vector<std::string> seen;
    for (std::size_t i = 0; i < webhooks.size(); ++i) {
        const AdmissionWebhook& one = webhooks[i];
        const std::string at = fmt::format("webhooks[{}]", i);
        if (one.name.value.empty())
            errors.required(at + ".name");
        else if (std::count(one.name.value.begin(), one.name.value.end(), '.') < 2)
            errors.invalid(at + ".name", one.name.value, "should be a domain with at least three segments separated by dots");
        if (std::find(seen.begin(), seen.end(), one.name.value) != seen.end())
            errors.duplicate(at + ".name", one.name.value);
        seen.push_back(one.name.value);
        if (one.admissionReviewVersions.empty())
            errors.required(at + ".admissionReviewVersions", "must specify one of v1, v1beta1");
        if (one.failurePolicy && *one.failurePolicy != "Fail" && *one.failurePolicy != "Ignore")
            errors.notSupported(at + ".failurePolicy", *one.failurePolicy, {"Fail", "Ignore"});
        if (!one.sideEffects)
            errors.required(at + ".sideEffects", "must specify one of None, NoneOnDryRun");
        else if (*one.sideEffects != "None" && *one.sideEffects != "NoneOnDryRun")
            errors.notSupported(at + ".sideEffects", *one.sideEffects, {"None", "NoneOnDryRun"});
        if (one.timeoutSeconds && (*one.timeoutSeconds < 1 || *one.timeoutSeconds > 30))
            errors.invalid(at + ".timeoutSeconds", *one.timeoutSeconds, *one.timeoutSeconds < 1 ? "the timeout value must be between 1 and 30 seconds"
                                                                                                 : "the timeout value must be between 1 and 30 seconds");
        if (one.clientConfig.url.has_value() == one.clientConfig.service.has_value())
            errors.required(at + ".clientConfig", "exactly one of url or service is required");
    }
}

} // namespace

void check(FieldErrors& errors, const ResourceQuota& quota)
{
    for (const auto& [name, amount] : quota.spec.hard) {
        const std::string at = fmt::format("spec.hard[{}]", name);
        errors.each(at, name, names::qualifiedName(name));
        if (amount.milliValue() < 0)
            errors.invalid(at, amount.text, "must be greater than or equal to 0");
    }
}

void check(FieldErrors& errors, const LimitRange& range)
{
    for (std::size_t i = 0; i < range.spec.limits.size(); ++i) {
        const LimitRangeItem& item = range.spec.limits[i];
        const std::string at = fmt::format("spec.limits[{}]", i);
        const auto above = [&](const char* field, const std::string& name, const ResourceList& low, const ResourceList& high, const char* what) {
            const auto l = low.find(name);
            const auto h = high.find(name);
            if (l != low.end() && h != high.end() && l->second.milliValue() > h->second.milliValue())
                errors.invalid(fmt::format("{}.{}[{}]", at, field, name), l->second.text,
                               fmt::format("{} value {} is greater than {} value {}", field, l->second.text, what, h->second.text));
        };
        for (const auto& [name, amount] : item.min)
            above("min", name, item.min, item.max, "max");
        for (const auto& [name, amount] : item.defaultRequest) {
            above("defaultRequest", name, item.defaultRequest, item.max, "max");
            above("defaultRequest", name, item.defaultRequest, item.default_, "default");
        }
        for (const auto& [name, amount] : item.default_)
            above("default", name, item.default_, item.max, "max");
    }
}

void check(FieldErrors& errors, const PriorityClass& priority)
{
    const bool system = priority.metadata.name.starts_with("system-");
    const bool known = (priority.metadata.name == "system-node-critical" && priority.value.value == 2000001000)
        || (priority.metadata.name == "system-cluster-critical" && priority.value.value == 2000000000);
    if (system && !known)
        errors.forbidden("metadata.name", fmt::format("priority class names with '{}' prefix are reserved for system use only. error: {} is not "
                                                      "a known system priority class", "system-", priority.metadata.name));
    if (!system && priority.value.value > kHighestUserPriority)
        errors.forbidden("value", fmt::format("maximum allowed value of a user defined priority is {}", kHighestUserPriority));
    if (priority.preemptionPolicy)
        errors.oneOf("preemptionPolicy", *priority.preemptionPolicy, {"Never", "PreemptLowerPriority"});
}

void checkUpdate(FieldErrors& errors, const PriorityClass& priority, const PriorityClass& old)
{
    if (priority.value != old.value)
        errors.forbidden("value", "may not be changed in an update.");
    if (priority.preemptionPolicy != old.preemptionPolicy)
        errors.invalid("preemptionPolicy", priority.preemptionPolicy.value_or(""), "field is immutable");
}

void check(FieldErrors& errors, const NetworkPolicy& policy)
{
    checkLabelSelector(errors, "spec.podSelector", policy.spec.podSelector);
    for (std::size_t i = 0; i < policy.spec.ingress.size(); ++i) {
        checkPolicyPorts(errors, fmt::format("spec.ingress[{}].ports", i), policy.spec.ingress[i].ports);
        checkPolicyPeers(errors, fmt::format("spec.ingress[{}].from", i), policy.spec.ingress[i].from);
    }
    for (std::size_t i = 0; i < policy.spec.egress.size(); ++i) {
        checkPolicyPorts(errors, fmt::format("spec.egress[{}].ports", i), policy.spec.egress[i].ports);
        checkPolicyPeers(errors, fmt::format("spec.egress[{}].to", i), policy.spec.egress[i].to);
    }
    for (std::size_t i = 0; i < policy.spec.policyTypes.size(); ++i)
        if (policy.spec.policyTypes[i] != "Ingress" && policy.spec.policyTypes[i] != "Egress")
            errors.notSupported(fmt::format("spec.policyTypes[{}]", i), policy.spec.policyTypes[i], {"Egress", "Ingress"});
}

void check(FieldErrors& errors, const Ingress& ingress)
{
    const auto checkBackend = [&](const std::string& at, const IngressBackend& backend) {
        if (!backend.service && !backend.resource)
            errors.required(at, "port name or number is required");
        if (!backend.service)
            return;
        if (backend.service->name.value.empty())
            errors.required(at + ".service.name");
        if (backend.service->port.name.empty() && backend.service->port.number == 0)
            errors.required(at, "port name or number is required");
        else if (backend.service->port.number != 0)
            for (const auto& message : names::portNumber(backend.service->port.number))
                errors.invalid(at + ".service.port.number", backend.service->port.number, message);
    };
    if (ingress.spec.rules.empty() && !ingress.spec.defaultBackend)
        errors.invalidDump("spec", "[]networking.IngressRule(nil)", "either `defaultBackend` or `rules` must be specified");
    if (ingress.spec.defaultBackend)
        checkBackend("spec.defaultBackend", *ingress.spec.defaultBackend);
    for (std::size_t i = 0; i < ingress.spec.rules.size(); ++i) {
        const IngressRule& rule = ingress.spec.rules[i];
        const std::string at = fmt::format("spec.rules[{}]", i);
        if (rule.host.find('*') != std::string::npos)
            errors.each(at + ".host", rule.host, names::wildcardSubdomain(rule.host));
        else if (!rule.host.empty())
            errors.each(at + ".host", rule.host, names::dns1123Subdomain(rule.host));
        if (!rule.http)
            continue;
        if (rule.http->paths.empty())
            errors.required(at + ".http.paths");
        for (std::size_t p = 0; p < rule.http->paths.size(); ++p) {
            const HttpIngressPath& path = rule.http->paths[p];
            const std::string here = fmt::format("{}.http.paths[{}]", at, p);
            if (!path.pathType)
                errors.required(here + ".pathType", "pathType must be specified");
            else if (*path.pathType != "Exact" && *path.pathType != "ImplementationSpecific" && *path.pathType != "Prefix")
                errors.notSupported(here + ".pathType", *path.pathType, {"Exact", "ImplementationSpecific", "Prefix"});
            else if (*path.pathType != "ImplementationSpecific" || !path.path.empty())
                if (!path.path.starts_with('/'))
                    errors.invalid(here + ".path", path.path, "must be an absolute path");
            checkBackend(here + ".backend", path.backend);
        }
    }
    if (ingress.spec.ingressClassName)
        errors.each("spec.ingressClassName", *ingress.spec.ingressClassName, names::dns1123Subdomain(*ingress.spec.ingressClassName));
}

void checkUpdate(FieldErrors& errors, const IngressClass& type, const IngressClass& old)
{
    if (type.spec.controller != old.spec.controller)
        errors.invalid("spec.controller", type.spec.controller, "field is immutable");
}

void check(FieldErrors& errors, const Role& role) { checkRules(errors, role.rules, true); }
void check(FieldErrors& errors, const ClusterRole& role) { checkRules(errors, role.rules, false); }

void check(FieldErrors& errors, const RoleBinding& binding)
{
    checkRoleRef(errors, binding.roleRef, true);
    checkSubjects(errors, binding.subjects);
}

void checkUpdate(FieldErrors& errors, const RoleBinding& binding, const RoleBinding& old)
{
    sameRoleRef(errors, binding.roleRef, old.roleRef);
}

void check(FieldErrors& errors, const ClusterRoleBinding& binding)
{
    checkRoleRef(errors, binding.roleRef, false);
    checkSubjects(errors, binding.subjects);
}

void checkUpdate(FieldErrors& errors, const ClusterRoleBinding& binding, const ClusterRoleBinding& old)
{
    sameRoleRef(errors, binding.roleRef, old.roleRef);
}

void check(FieldErrors& errors, const CustomResourceDefinition& definition)
{
    const CrdSpec& spec = definition.spec;
    if (definition.metadata.name != spec.names.plural.value + "." + spec.group.value)
        errors.invalid("metadata.name", definition.metadata.name, "must be spec.names.plural+\".\"+spec.group");
    if (spec.group.value.empty())
        errors.required("spec.group");
    else if (spec.group.value.find('.') == std::string::npos)
        errors.invalid("spec.group", spec.group.value, "should be a domain with at least one dot");
    if (spec.scope.value.empty())
        errors.required("spec.scope");
    else if (spec.scope.value != "Cluster" && spec.scope.value != "Namespaced")
        errors.notSupported("spec.scope", spec.scope.value, {"Cluster", "Namespaced"});
    const auto stored = std::count_if(spec.versions.begin(), spec.versions.end(), [](const CrdVersion& v) { return v.storage.value; });
    if (spec.versions.empty())
        errors.required("spec.versions", "must have exactly one version marked as storage version");
    else if (stored != 1)
        errors.invalidDump("spec.versions", "[]apiextensions.CustomResourceDefinitionVersion{...}",
                           "must have exactly one version marked as storage version");
    for (std::size_t i = 0; i < spec.versions.size(); ++i)
        if (!spec.versions[i].schema || !spec.versions[i].schema->openAPIV3Schema)
            errors.required(fmt::format("spec.versions[{}].schema.openAPIV3Schema", i), "schemas are required");
    if (spec.names.plural.value.empty())
        errors.required("spec.names.plural");
    else
        errors.each("spec.names.plural", spec.names.plural, names::dns1035Label(spec.names.plural));
    if (spec.names.singular.empty())
        errors.required("spec.names.singular");
    if (spec.names.kind.value.empty())
        errors.required("spec.names.kind");
}

void check(FieldErrors& errors, const MutatingWebhookConfiguration& webhooks) { checkWebhooks(errors, webhooks.webhooks); }
void check(FieldErrors& errors, const ValidatingWebhookConfiguration& webhooks) { checkWebhooks(errors, webhooks.webhooks); }

} // namespace sim::kube::validation
