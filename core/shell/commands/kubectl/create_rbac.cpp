#include "core/shell/commands/kubectl/create.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

#include <algorithm>

// create role, clusterrole, rolebinding, clusterrolebinding.
namespace core::shell::kubectl {

namespace {

constexpr const char* kGroup = "rbac.authorization.k8s.io";

/// One --resource: "deployments.apps/scale" -> resource with its subresource, and its group.
struct Asked {
    std::string resource;
    std::string group;
};

std::optional<std::vector<Asked>> resourcesOf(Call& call)
{
    std::vector<Asked> asked;
    for (const std::string& word : call.flags.list("resource")) {
        const std::size_t slash = word.find('/');
        const std::string name = word.substr(0, slash);
        const std::string subresource = slash == std::string::npos ? "" : word.substr(slash);
        if (name == "*") {
            asked.push_back({name + subresource, "*"});
            continue;
        }
        const ResourceKind* kind = findResource(name);
        if (kind == nullptr) {
            call.fail(fmt::format("the server doesn't have a resource type \"{}\"", name));
            return std::nullopt;
        }
        asked.push_back({kind->plural + subresource, kind->group});
    }
    return asked;
}

std::vector<std::string> unique(std::vector<std::string> words)
{
    std::vector<std::string> out;
    for (std::string& word : words)
        if (std::find(out.begin(), out.end(), word) == out.end())
            out.push_back(std::move(word));
    return out;
}

/// The verbs; "*" stands for all others.
std::vector<std::string> verbsOf(const Call& call)
{
    std::vector<std::string> verbs = unique(call.flags.list("verb"));
    if (std::find(verbs.begin(), verbs.end(), "*") != verbs.end())
        return {"*"};
    return verbs;
}

/// A rule for each API group, in the order in which groups were named.
std::optional<Json> rulesOf(Call& call)
{
    const std::vector<std::string> verbs = verbsOf(call);
    if (verbs.empty()) {
        call.fail("at least one verb must be specified");
        return std::nullopt;
    }
    Json rules = Json::array();
    if (const auto paths = call.flags.list("non-resource-url"); !paths.empty())
        rules.push_back({{"nonResourceURLs", paths}, {"verbs", verbs}});
    else if (!call.flags.given("resource")) {
        call.fail("at least one resource must be specified");
        return std::nullopt;
    }
    const auto asked = resourcesOf(call);
    if (!asked)
        return std::nullopt;
    for (const Asked& one : *asked) {
        const auto known = std::find_if(rules.begin(), rules.end(), [&](const Json& rule) {
            return rule.contains("apiGroups") && rule.at("apiGroups").front() == one.group;
        });
        if (known != rules.end()) {
            (*known)["resources"].push_back(one.resource);
            continue;
        }
        Json rule{{"apiGroups", Json::array({one.group})}, {"resources", Json::array({one.resource})}, {"verbs", verbs}};
        if (const auto names = call.flags.list("resource-name"); !names.empty())
            rule["resourceNames"] = names;
        rules.push_back(std::move(rule));
    }
    return rules;
}

int createRoleOf(Call& call, const char* plural)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    const ResourceKind& kind = *findResource(plural);
    Json object = newObject(kind, *name);
    const auto rules = rulesOf(call);
    if (!rules)
        return 1;
    object["rules"] = *rules;
    return createObject(call, kind, std::move(object), {});
}

int runCreateRole(Call& call) { return createRoleOf(call, "roles"); }
int runCreateClusterRole(Call& call) { return createRoleOf(call, "clusterroles"); }

std::optional<Json> subjectsOf(Call& call)
{
    Json subjects = Json::array();
    for (const auto& [flag, kind] : {std::pair{"user", "User"}, {"group", "Group"}})
        for (const std::string& name : call.flags.list(flag))
            subjects.push_back({{"apiGroup", kGroup}, {"kind", kind}, {"name", name}});
    for (const std::string& word : call.flags.list("serviceaccount")) {
        const auto parts = sim::split(word, ':');
        if (parts.size() != 2 || parts[1].empty()) {
            call.fail("serviceaccount must be <namespace>:<name>");
            return std::nullopt;
        }
        subjects.push_back({{"kind", "ServiceAccount"}, {"name", parts[1]}, {"namespace", parts[0]}});
    }
    return subjects;
}

int createBindingOf(Call& call, const char* plural)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    const std::string role = call.flags.text("role");
    const std::string clusterRole = call.flags.text("clusterrole");
    const bool wide = std::string_view(plural) == "clusterrolebindings";
    if (wide ? clusterRole.empty() : role.empty() == clusterRole.empty())
        return call.fail(wide ? "clusterrole must be specified" : "exactly one of clusterrole or role must be specified");
    const ResourceKind& kind = *findResource(plural);
    Json object = newObject(kind, *name);
    object["roleRef"] = {{"apiGroup", kGroup}, {"kind", clusterRole.empty() ? "Role" : "ClusterRole"},
                         {"name", clusterRole.empty() ? role : clusterRole}};
    const auto subjects = subjectsOf(call);
    if (!subjects)
        return 1;
    if (!subjects->empty())
        object["subjects"] = *subjects;
    return createObject(call, kind, std::move(object), wide ? "failed to create clusterrolebinding: " : "failed to create rolebinding: ");
}

int runCreateRoleBinding(Call& call) { return createBindingOf(call, "rolebindings"); }
int runCreateClusterRoleBinding(Call& call) { return createBindingOf(call, "clusterrolebindings"); }

using T = FlagSpec::Type;

std::vector<FlagSpec> roleFlags()
{
    return generatorFlags({{0, "resource", T::List, "", "The resources the rule is for: pods, deployments.apps, pods/log."},
                           {0, "resource-name", T::List, "", "Only objects of these names."},
                           {0, "verb", T::List, "", "What may be done with them."}});
}

std::vector<FlagSpec> bindingFlags()
{
    return {{0, "clusterrole", T::Text, "", "The ClusterRole to bind."},
            {0, "group", T::List, "", "Groups to bind it to."},
            {0, "serviceaccount", T::List, "", "Service accounts to bind it to, as NAMESPACE:NAME."},
            {0, "user", T::List, "", "Users to bind it to."}};
}

} // namespace

Verb createRoleVerb()
{
    Verb verb{"role", {}, "Create a role with single rule", "NAME --verb=verb --resource=resource.group/subresource [--resource-name=name]"};
    verb.flags = roleFlags();
    verb.run = runCreateRole;
    verb.examples = {"# May look at pods", "kubectl create role reader --verb=get,list,watch --resource=pods"};
    return verb;
}

Verb createClusterRoleVerb()
{
    Verb verb{"clusterrole", {}, "Create a cluster role", "NAME --verb=verb --resource=resource.group [--non-resource-url=url]"};
    verb.flags = roleFlags();
    verb.flags.push_back({0, "non-resource-url", T::List, "", "Paths that are no resources: /healthz."});
    verb.run = runCreateClusterRole;
    return verb;
}

Verb createRoleBindingVerb()
{
    Verb verb{"rolebinding", {}, "Create a role binding for a particular role or cluster role",
              "NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:name]"};
    verb.flags = generatorFlags(bindingFlags());
    verb.flags.push_back({0, "role", T::Text, "", "The Role to bind."});
    verb.run = runCreateRoleBinding;
    return verb;
}

Verb createClusterRoleBindingVerb()
{
    Verb verb{"clusterrolebinding", {}, "Create a cluster role binding for a particular cluster role",
              "NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:name]"};
    verb.flags = generatorFlags(bindingFlags());
    verb.run = runCreateClusterRoleBinding;
    return verb;
}

} // namespace core::shell::kubectl
