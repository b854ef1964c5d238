#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/set.h"
#include "sim/engine/split.h"

#include "sim/kube/api/selectors.h"

#include <fmt/core.h>

#include <algorithm>

// kubectl/pkg/cmd/set/set_selector.go, set_subject.go.
namespace core::shell::kubectl {

namespace {

/// Sends what differs, or prints it. False after a complaint.
bool sendChange(Call& call, const Manifest& target, const Json& after, const char* done)
{
    if (call.clientDryRun() || call.isLocal())
        return report(call, *target.kind, call.isLocal() ? asTyped(*target.kind, after) : after, done) == 0;
    const auto stored = sendPatch(call, target, mergePatch(target.object, after), sim::kube::PatchType::Merge, "kubectl-set");
    return stored && report(call, *target.kind, *stored, done) == 0;
}

/// As Go's %v prints the requirements: "{a In [b c]}".
std::string expressionsText(const sim::kube::LabelSelector& selector)
{
    std::vector<std::string> texts;
    for (const auto& one : selector.matchExpressions)
        texts.push_back(fmt::format("{{{} {} [{}]}}", one.key, one.operator_, join(one.values, " ")));
    return join(texts, " ");
}

/// "a=b" is a label; only what is written with `in` and the like stays an expression.
void takePlainPairs(sim::kube::LabelSelector& selector, const std::string& text)
{
    std::erase_if(selector.matchExpressions, [&](const auto& one) {
        const bool plain = one.operator_ == "In" && one.values.size() == 1
            && (text.find(one.key + "=" + one.values.front()) != std::string::npos || text.find(one.key + "==" + one.values.front()) != std::string::npos);
        if (plain)
            selector.matchLabels[one.key] = one.values.front();
        return plain;
    });
}

int runSetSelector(Call& call)
{
    std::vector<std::string> resources = call.words;
    if (!dryRunMakesSense(call))
        return 1;
    if (resources.empty())
        return call.fail("one selector is required");
    const std::string text = resources.back();
    resources.pop_back();
    auto parsed = sim::kube::parseLabelSelector(text);
    if (!parsed.error.empty())
        return call.fail(fmt::format("couldn't parse the selector string \"{}\": {}", text, parsed.error));
    takePlainPairs(parsed.selector, text);
    bool failed = false;
    for (const Manifest& target : gather(call, resources, failed)) {
        if (target.kind->kind != "Service")
            return call.fail("setting a selector is only supported for Services");
        if (!parsed.selector.matchExpressions.empty())
            return call.fail(fmt::format("match expression [{}] not supported on this object", expressionsText(parsed.selector)));
        Json after = target.object;
        after["spec"]["selector"] = Json::object();
        for (const auto& [key, value] : parsed.selector.matchLabels)
            after["spec"]["selector"][key] = value;
        if (const std::string version = call.flags.text("resource-version"); !version.empty())
            after["metadata"]["resourceVersion"] = version;
        if (!sendChange(call, target, after, "selector updated"))
            return 1;
    }
    return failed ? 1 : 0;
}

constexpr const char* kRbacGroup = "rbac.authorization.k8s.io";

/// The subjects that --user, --group and --serviceaccount name. Complains and returns nothing when one is malformed.
std::optional<std::vector<Json>> subjects(Call& call)
{
    std::vector<Json> list;
    for (const auto& [flag, kind] : {std::pair{"user", "User"}, {"group", "Group"}}) {
        auto names = call.flags.values(flag);
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        for (const std::string& name : names)
            list.push_back(Json{{"apiGroup", kRbacGroup}, {"kind", kind}, {"name", name}});
    }
    auto accounts = call.flags.values("serviceaccount");
    std::sort(accounts.begin(), accounts.end());
    for (const std::string& account : accounts) {
        const auto parts = sim::split(account, ':');
        if (parts.size() != 2 || parts[1].empty()) {
            call.fail("serviceaccount must be <namespace>:<name>");
            return std::nullopt;
        }
        list.push_back(Json{{"kind", "ServiceAccount"}, {"name", parts[1]}, {"namespace", parts[0].empty() ? call.nameSpace() : parts[0]}});
    }
    if (list.empty()) {
        call.fail("you must specify at least one value of user, group or serviceaccount");
        return std::nullopt;
    }
    return list;
}

int runSetSubject(Call& call)
{
    const auto wanted = dryRunMakesSense(call) ? subjects(call) : std::nullopt;
    if (!wanted)
        return 1;
    bool failed = false;
    Failures failures;
    for (const Manifest& target : gather(call, call.words, failed)) {
        if (target.kind->kind != "RoleBinding" && target.kind->kind != "ClusterRoleBinding") {
            failures.add(fmt::format("error: {} setting subjects is only supported for RoleBinding/ClusterRoleBinding", objectName(call, target)));
            continue;
        }
        Json after = target.object;
        Json& list = after["subjects"];
        if (!list.is_array())
            list = Json::array();
        const std::size_t before = list.size();
        for (const Json& one : *wanted)
            if (std::find(list.begin(), list.end(), one) == list.end())
                list.push_back(one);
        if (list.size() != before && !sendChange(call, target, after, "subjects updated"))
            failed = true;
    }
    return failures.tell(call) != 0 || failed ? 1 : 0;
}

} // namespace

Verb setSelectorVerb()
{
    Verb verb{"selector", {}, "Set the selector on a resource", "(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]"};
    verb.flags = {kAll, kDryRun, kFieldManager, kFilename, kRecursive, kLocal, kOutput, kShowManaged,
                  {0, "resource-version", FlagSpec::Type::Text, "", "Only while the object has this version."}};
    verb.run = runSetSelector;
    verb.operand = Operand::Resource;
    verb.examples = {"# Other pods behind a Service", "kubectl set selector service web app=web,track=stable"};
    return verb;
}

Verb setSubjectVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"subject", {}, "Update the user, group, or service account in a role binding or cluster role binding",
              "(-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]"};
    verb.flags = setFlags();
    verb.flags.push_back({0, "group", T::List, "", "A group to bind to the role."});
    verb.flags.push_back({0, "serviceaccount", T::List, "", "NAMESPACE:NAME of an account to bind to the role."});
    verb.flags.push_back({0, "user", T::List, "", "A user to bind to the role."});
    verb.run = runSetSubject;
    verb.operand = Operand::Resource;
    verb.examples = {"# One more account of a role", "kubectl set subject rolebinding readers --serviceaccount=shop:robot"};
    return verb;
}

} // namespace core::shell::kubectl
