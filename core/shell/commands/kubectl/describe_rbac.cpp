#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/flags.h"
#include "core/shell/commands/kubectl/policy_rules.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

using namespace sim::kube;

std::string describeRole(const ObjectMeta& metadata, const std::vector<PolicyRule>& rules)
{
    TabText out;
    out.line(0, "Name:\t" + metadata.name);
    describeLabels(out, "Labels", metadata.labels);
    describeAnnotations(out, "Annotations", metadata.annotations);
    out.line(0, "PolicyRule:");
    out.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    out.line(1, "---------\t-----------------\t--------------\t-----");
    for (const PolicyRule& rule : compactRules(rules))
        out.line(1, join(ruleCells(rule), "\t"));
    return out.aligned();
}

std::string describeRoleBinding(const ObjectMeta& metadata, const RoleRef& role, const std::vector<Subject>& subjects)
{
    TabText out;
    out.line(0, "Name:\t" + metadata.name);
    describeLabels(out, "Labels", metadata.labels);
    describeAnnotations(out, "Annotations", metadata.annotations);
    out.line(0, "Role:");
    out.line(1, "Kind:\t" + role.kind.value);
    out.line(1, "Name:\t" + role.name.value);
    out.line(0, "Subjects:");
    out.line(1, "Kind\tName\tNamespace");
    out.line(1, "----\t----\t---------");
    for (const Subject& subject : subjects)
        out.line(1, fmt::format("{}\t{}\t{}", subject.kind.value, subject.name.value, subject.namespace_));
    return out.aligned();
}

} // namespace core::shell::kubectl
