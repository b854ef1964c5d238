#include "core/shell/commands/kubectl/align.h"
#include "core/shell/commands/kubectl/call.h"
#include "core/shell/commands/kubectl/output.h"
#include "core/shell/commands/kubectl/policy_rules.h"

#include "sim/kube/api/rbac_v1.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>

// May I? The answers are the API server's own: it is asked as it would ask itself before a request.
namespace core::shell::kubectl {

namespace {

/// The request that the words name, as the server would get it.
sim::kube::Request requestOf(Call& call, const std::string& resource, const std::string& name)
{
    sim::kube::Request request;
    const std::size_t slash = resource.find('/');
    const std::string type = resource.substr(0, slash);
    const ResourceKind* kind = findResource(type);
    request.resource = kind ? kind->groupResource() : type;
    request.namespace_ = (kind && !kind->namespaced) || call.allNamespaces() ? std::string() : call.nameSpace();
    request.name = name;
    request.subresource = call.flags.text("subresource");
    request.user = call.client.config().user;
    request.groups = call.client.config().groups;
    return request;
}

std::string bracketed(const std::vector<std::string>& words)
{
    return "[" + join(words, " ") + "]";
}

bool subjectIs(const sim::kube::Subject& subject, const KubeConfig& who)
{
    if (subject.kind.value == "User")
        return subject.name.value == who.user;
    if (subject.kind.value == "Group")
        return std::find(who.groups.begin(), who.groups.end(), subject.name.value) != who.groups.end();
    return who.user == "system:serviceaccount:" + subject.namespace_ + ":" + subject.name.value;
}

int listAll(Call& call)
{
    const auto& store = call.inv.door().world().cluster().store();
    const KubeConfig& who = call.client.config();
    std::vector<sim::kube::PolicyRule> allowed;
    const auto bound = [&](const auto& binding) {
        return std::any_of(binding.subjects.begin(), binding.subjects.end(), [&](const auto& subject) { return subjectIs(subject, who); });
    };
    const auto addRole = [&](const sim::kube::RoleRef& role, const std::string& space) {
        const auto add = [&](const auto& found) {
            if (found)
                allowed.insert(allowed.end(), found->rules.begin(), found->rules.end());
        };
        if (role.kind.value == "ClusterRole")
            add(store.get<sim::kube::ClusterRole>({"", role.name}));
        else
            add(store.get<sim::kube::Role>({space, role.name}));
    };
    for (const auto& [key, binding] : store.all<sim::kube::ClusterRoleBinding>())
        if (bound(*binding))
            addRole(binding->roleRef, {});
    for (const auto& [key, binding] : store.all<sim::kube::RoleBinding>())
        if (key.namespace_ == call.nameSpace() && bound(*binding))
            addRole(binding->roleRef, key.namespace_);
    std::vector<std::vector<std::string>> rows{{"Resources", "Non-Resource URLs", "Resource Names", "Verbs"}};
    for (const sim::kube::PolicyRule& one : compactRules(allowed))
        rows.push_back(ruleCells(one));
    call.out(alignedRows(rows));
    return 0;
}

int runCanI(Call& call)
{
    if (const auto probe = call.client.get(*findResource("namespaces"), {}, "default"); probe.code == 0)
        return call.refused(probe);
    if (call.flags.on("list"))
        return listAll(call);
    if (call.words.size() < 2 || call.words.size() > 3)
        return call.fail("you must specify two arguments: verb resource or verb resource/resourceName.\n"
                         "See 'kubectl auth can-i -h' for help and examples.");
    std::string resource = call.words[1];
    std::string name = call.words.size() == 3 ? call.words[2] : std::string();
    if (const std::size_t slash = resource.find('/'); slash != std::string::npos && resource.front() != '/') {
        name = resource.substr(slash + 1);
        resource.resize(slash);
    }
    if (resource != "*" && resource.front() != '/' && findResource(resource) == nullptr)
        call.warn(fmt::format("the server doesn't have a resource type '{}'\n", resource));
    else if (const ResourceKind* kind = findResource(resource); kind && !kind->namespaced)
        call.warn(fmt::format("resource '{}' is not namespace scoped{}\n", kind->plural,
                              kind->group.empty() ? "" : " in group '" + kind->group + "'"));
    const sim::kube::Request asked = requestOf(call, resource, name);
    const bool allowed
        = !sim::kube::ApiServer::forbidden(call.inv.door().world().cluster().store(), asked, call.words[0]).has_value();
    if (!call.flags.on("quiet"))
        call.out(allowed ? "yes\n" : "no\n");
    return allowed ? 0 : 1;
}

int runWhoAmI(Call& call)
{
    if (const auto probe = call.client.get(*findResource("namespaces"), {}, "default"); probe.code == 0)
        return call.refused(probe);
    const KubeConfig& who = call.client.config();
    if (call.flags.given("output")) {
        const auto format = outputFormat(call, false);
        if (!format)
            return 1;
        Json info{{"username", who.user}, {"groups", who.groups}};
        if (!who.uid.empty())
            info["uid"] = who.uid;
        return printObject(call, *format, {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"},
                                           {"metadata", {{"creationTimestamp", nullptr}}}, {"status", {{"userInfo", std::move(info)}}}});
    }
    std::vector<std::vector<std::string>> rows{{"ATTRIBUTE", "VALUE"}, {"Username", who.user}};
    if (!who.uid.empty())
        rows.push_back({"UID", who.uid});
    rows.push_back({"Groups", bracketed(who.groups)});
    call.out(alignedRows(rows));
    return 0;
}

} // namespace

Verb authVerb()
{
    using T = FlagSpec::Type;
    Verb canI{"can-i", {}, "Check whether an action is allowed", "VERB [TYPE | TYPE/NAME | NONRESOURCEURL]"};
    canI.flags = {kAllNamespaces,
                  {0, "list", T::Bool, "false", "Everything that is allowed."},
                  {'q', "quiet", T::Bool, "false", "Only the exit status."},
                  {0, "subresource", T::Text, "", "A part of the resource: log, scale."}};
    canI.run = runCanI;
    canI.examples = {"# May I make pods here?", "kubectl auth can-i create pods", "# What may that service account?",
                     "kubectl auth can-i --list --as=system:serviceaccount:shop:default"};
    Verb who{"whoami", {}, "Experimental: Check self subject attributes", ""};
    who.flags = {kOutput};
    who.run = runWhoAmI;
    Verb verb{"auth", kTroubleshooting, "Inspect authorization", ""};
    verb.subverbs = {std::move(canI), std::move(who)};
    return verb;
}

} // namespace core::shell::kubectl
