#include "sim/kube/api/authorizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

// plugin/pkg/auth/authorizer/rbac, pkg/registry/rbac/validation.
namespace sim::kube {

namespace {

constexpr const char* kServiceAccountUser = "system:serviceaccount:";

bool has(const std::vector<std::string>& list, std::string_view wanted)
{
    return std::find(list.begin(), list.end(), wanted) != list.end();
}
bool hasOrAll(const std::vector<std::string>& list, std::string_view wanted) { return has(list, "*") || has(list, wanted); }

bool appliesTo(const Subject& subject, const std::string& user, const std::vector<std::string>& groups, const std::string& space)
{
    if (subject.kind.value == "User")
        return subject.name.value == "*" || subject.name.value == user;
    if (subject.kind.value == "Group")
        return has(groups, subject.name.value);
    if (subject.kind.value != "ServiceAccount")
        return false;
    const std::string& own = subject.namespace_.empty() ? space : subject.namespace_;
    return user.starts_with(kServiceAccountUser) && user == kServiceAccountUser + own + ":" + subject.name.value;
}

std::string subjectText(const Subject& subject, const std::string& space)
{
    if (subject.kind.value == "ServiceAccount")
        return fmt::format("ServiceAccount \"{}/{}\"", subject.name.value, subject.namespace_.empty() ? space : subject.namespace_);
    return fmt::format("{} \"{}\"", subject.kind.value, subject.name.value);
}

bool allows(const PolicyRule& rule, const Attributes& asked)
{
    if (!hasOrAll(rule.verbs, asked.verb))
        return false;
    if (asked.resource.empty())
        return std::any_of(rule.nonResourceURLs.begin(), rule.nonResourceURLs.end(), [&](const std::string& url) {
            return url == "*" || url == asked.path
                || (url.ends_with('*') && asked.path.starts_with(std::string_view(url).substr(0, url.size() - 1)));
        });
    if (!hasOrAll(rule.apiGroups, asked.group))
        return false;
    const bool resource = asked.subresource.empty()
        ? hasOrAll(rule.resources, asked.resource)
        : has(rule.resources, "*") || has(rule.resources, asked.resource + "/" + asked.subresource)
            || has(rule.resources, "*/" + asked.subresource);
    return resource && (rule.resourceNames.empty() || has(rule.resourceNames, asked.name));
}

/// A role's own rules and those of the roles that its selectors find, which may gather others in turn.
void addRules(const Store& store, const ClusterRole& role, std::vector<PolicyRule>& rules, int depth)
{
    constexpr int kDeepest = 4; // roles that gather each other
    rules.insert(rules.end(), role.rules.begin(), role.rules.end());
    if (!role.aggregationRule || depth == kDeepest)
        return;
    for (const LabelSelector& selector : role.aggregationRule->clusterRoleSelectors)
        for (const auto& [key, other] : store.all<ClusterRole>())
            if (other.get() != &role && selector.matches(other->metadata.labels))
                addRules(store, *other, rules, depth + 1);
}

/// Calls the visitor with each rule until it says false. `from`: the binding, for the reason.
using RuleVisitor = std::function<bool(const PolicyRule& rule, const std::string& from)>;

template <class Binding>
bool visitBinding(const Store& store, const Binding& binding, const char* kind, const std::string& user, const std::vector<std::string>& groups,
                  const RuleVisitor& visitor)
{
    const std::string& space = binding.metadata.namespace_;
    const auto subject = std::find_if(binding.subjects.begin(), binding.subjects.end(),
                                      [&](const Subject& one) { return appliesTo(one, user, groups, space); });
    if (subject == binding.subjects.end())
        return true;
    const std::string from = fmt::format("RBAC: allowed by {} \"{}{}{}\" of {} \"{}\" to {}", kind, binding.metadata.name, space.empty() ? "" : "/",
                                         space, binding.roleRef.kind.value, binding.roleRef.name.value, subjectText(*subject, space));
    for (const PolicyRule& rule : rulesOfRole(store, binding.roleRef, space))
        if (!visitor(rule, from))
            return false;
    return true;
}

void visitRules(const Store& store, const std::string& user, const std::vector<std::string>& groups, const std::string& space,
                const RuleVisitor& visitor)
{
    if (has(groups, kNodesGroup)) {
        RoleRef node;
        node.kind = std::string("ClusterRole");
        node.name = std::string("system:node");
        for (const PolicyRule& rule : rulesOfRole(store, node, {}))
            if (!visitor(rule, {}))
                return;
    }
    for (const auto& [key, binding] : store.all<ClusterRoleBinding>())
        if (!visitBinding(store, *binding, "ClusterRoleBinding", user, groups, visitor))
            return;
    if (space.empty())
        return;
    const auto& bindings = store.all<RoleBinding>();
    for (auto it = bindings.lower_bound({space, {}}); it != bindings.end() && it->first.namespace_ == space; ++it)
        if (!visitBinding(store, *it->second, "RoleBinding", user, groups, visitor))
            return;
}

std::string quotedList(const std::vector<std::string>& list)
{
    std::string text;
    for (const std::string& one : list)
        text += fmt::format("{}\"{}\"", text.empty() ? "" : " ", one);
    return "[" + text + "]";
}

bool covers(const PolicyRule& held, const PolicyRule& part)
{
    if (!hasOrAll(held.verbs, part.verbs.front()))
        return false;
    if (!part.nonResourceURLs.empty())
        return std::any_of(held.nonResourceURLs.begin(), held.nonResourceURLs.end(), [&](const std::string& url) {
            const std::string& wanted = part.nonResourceURLs.front();
            return url == "*" || url == wanted || (url.ends_with('*') && wanted.starts_with(std::string_view(url).substr(0, url.size() - 1)));
        });
    const std::string& resource = part.resources.front();
    const std::size_t slash = resource.find('/');
    const bool resourceHeld = hasOrAll(held.resources, resource)
        || (slash != std::string::npos && has(held.resources, "*" + resource.substr(slash)));
    return resourceHeld && hasOrAll(held.apiGroups, part.apiGroups.front())
        && (held.resourceNames.empty() || (!part.resourceNames.empty() && has(held.resourceNames, part.resourceNames.front())));
}

/// A rule as one for each group, resource, name and verb.
std::vector<PolicyRule> brokenDown(const PolicyRule& rule)
{
    std::vector<PolicyRule> parts;
    for (const std::string& verb : rule.verbs) {
        for (const std::string& url : rule.nonResourceURLs) {
            PolicyRule part;
            part.verbs = {verb};
            part.nonResourceURLs = {url};
            parts.push_back(std::move(part));
        }
        for (const std::string& group : rule.apiGroups)
            for (const std::string& resource : rule.resources) {
                PolicyRule part;
                part.verbs = {verb};
                part.apiGroups = {group};
                part.resources = {resource};
                if (rule.resourceNames.empty())
                    parts.push_back(part);
                for (const std::string& name : rule.resourceNames) {
                    part.resourceNames = {name};
                    parts.push_back(part);
                }
            }
    }
    return parts;
}

std::string compact(const PolicyRule& rule)
{
    std::vector<std::string> parts;
    const auto add = [&](const char* name, const std::vector<std::string>& list) {
        if (!list.empty())
            parts.push_back(fmt::format("{}:{}", name, quotedList(list)));
    };
    add("NonResourceURLs", rule.nonResourceURLs);
    add("APIGroups", rule.apiGroups);
    add("Resources", rule.resources);
    add("ResourceNames", rule.resourceNames);
    add("Verbs", rule.verbs);
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return "{" + text + "}";
}

} // namespace

std::vector<PolicyRule> rulesOfRole(const Store& store, const RoleRef& role, const std::string& namespace_)
{
    if (role.kind.value == "Role") {
        const auto found = store.get<Role>({namespace_, role.name.value});
        return found ? found->rules : std::vector<PolicyRule>{};
    }
    const auto found = store.get<ClusterRole>({"", role.name.value});
    std::vector<PolicyRule> rules;
    if (found)
        addRules(store, *found, rules, 0);
    return rules;
}

Decision authorize(const Store& store, const Attributes& asked)
{
    Decision decision;
    if (has(asked.groups, kMastersGroup)) {
        decision.allowed = true;
        return decision;
    }
    visitRules(store, asked.user, asked.groups, asked.namespace_, [&](const PolicyRule& rule, const std::string& from) {
        if (!allows(rule, asked))
            return true;
        decision.allowed = true;
        decision.reason = from;
        return false;
    });
    return decision;
}

std::string refusalText(const Attributes& asked)
{
    if (asked.resource.empty())
        return fmt::format("User \"{}\" cannot {} path \"{}\"", asked.user, asked.verb, asked.path);
    const std::string resource = asked.subresource.empty() ? asked.resource : asked.resource + "/" + asked.subresource;
    const std::string where = asked.namespace_.empty() ? std::string("at the cluster scope")
                                                       : fmt::format("in the namespace \"{}\"", asked.namespace_);
    return fmt::format("User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {}", asked.user, asked.verb, resource, asked.group, where);
}

std::vector<PolicyRule> rulesOf(const Store& store, const std::string& user, const std::vector<std::string>& groups,
                                const std::string& namespace_)
{
    std::vector<PolicyRule> rules;
    if (has(groups, kMastersGroup)) {
        PolicyRule all;
        all.verbs = all.apiGroups = all.resources = {"*"};
        PolicyRule urls;
        urls.verbs = urls.nonResourceURLs = {"*"};
        return {all, urls};
    }
    visitRules(store, user, groups, namespace_, [&](const PolicyRule& rule, const std::string&) {
        rules.push_back(rule);
        return true;
    });
    return rules;
}

std::string notCovered(const std::vector<PolicyRule>& wanted, const std::vector<PolicyRule>& held)
{
    std::vector<PolicyRule> missing; // verbs of the same resource together
    for (const PolicyRule& rule : wanted)
        for (PolicyRule& part : brokenDown(rule)) {
            if (std::any_of(held.begin(), held.end(), [&](const PolicyRule& one) { return covers(one, part); }))
                continue;
            const auto same = std::find_if(missing.begin(), missing.end(), [&](const PolicyRule& one) {
                return one.apiGroups == part.apiGroups && one.resources == part.resources && one.resourceNames == part.resourceNames
                    && one.nonResourceURLs == part.nonResourceURLs;
            });
            if (same == missing.end())
                missing.push_back(std::move(part));
            else if (!has(same->verbs, part.verbs.front()))
                same->verbs.push_back(part.verbs.front());
        }
    std::vector<std::string> lines;
    for (const PolicyRule& rule : missing)
        lines.push_back(compact(rule));
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const std::string& line : lines)
        text += (text.empty() ? "" : "\n") + line;
    return text;
}

} // namespace sim::kube
