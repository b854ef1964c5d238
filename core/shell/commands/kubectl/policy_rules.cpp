#include "core/shell/commands/kubectl/policy_rules.h"

#include "core/shell/commands/kubectl/flags.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using sim::kube::PolicyRule;

std::string inBrackets(const std::vector<std::string>& words)
{
    return "[" + join(words, " ") + "]";
}

/// The text that generated Go types print, which decides the order (rbac/v1, PolicyRule.String).
std::string goTextOf(const PolicyRule& rule)
{
    return fmt::format("&PolicyRule{{Verbs:{},APIGroups:{},Resources:{},ResourceNames:{},NonResourceURLs:{},}}", inBrackets(rule.verbs),
                       inBrackets(rule.apiGroups), inBrackets(rule.resources), inBrackets(rule.resourceNames), inBrackets(rule.nonResourceURLs));
}

/// One rule for each resource, resource's name and path (component-helpers, BreakdownRule).
void breakDown(const PolicyRule& rule, std::vector<PolicyRule>& parts)
{
    for (const std::string& group : rule.apiGroups)
        for (const std::string& resource : rule.resources) {
            if (rule.resourceNames.empty())
                parts.push_back({{group}, {}, {}, {resource}, rule.verbs});
            for (const std::string& name : rule.resourceNames)
                parts.push_back({{group}, {}, {name}, {resource}, rule.verbs});
        }
    for (const std::string& url : rule.nonResourceURLs)
        parts.push_back({{}, {url}, {}, {}, rule.verbs});
}

} // namespace

std::vector<PolicyRule> compactRules(const std::vector<PolicyRule>& rules)
{
    std::vector<PolicyRule> parts;
    for (const PolicyRule& rule : rules)
        breakDown(rule, parts);
    std::vector<PolicyRule> compact;
    for (PolicyRule& part : parts) {
        // Rules of paths are left as they are, those of one resource become one (CompactRules).
        const auto same = std::find_if(compact.begin(), compact.end(), [&](const PolicyRule& known) {
            return part.nonResourceURLs.empty() && known.apiGroups == part.apiGroups && known.resources == part.resources
                && known.resourceNames == part.resourceNames && known.nonResourceURLs.empty();
        });
        if (same == compact.end())
            compact.push_back(std::move(part));
        else
            same->verbs.insert(same->verbs.end(), part.verbs.begin(), part.verbs.end());
    }
    std::stable_sort(compact.begin(), compact.end(), [](const PolicyRule& a, const PolicyRule& b) { return goTextOf(a) < goTextOf(b); });
    return compact;
}

std::vector<std::string> ruleCells(const PolicyRule& rule)
{
    std::string resource;
    if (!rule.resources.empty()) {
        resource = rule.resources.front();
        if (!rule.apiGroups.empty() && !rule.apiGroups.front().empty()) {
            const std::size_t slash = std::min(resource.find('/'), resource.size());
            resource.insert(slash, "." + rule.apiGroups.front());
        }
    }
    return {resource, inBrackets(rule.nonResourceURLs), inBrackets(rule.resourceNames), inBrackets(rule.verbs)};
}

} // namespace core::shell::kubectl
