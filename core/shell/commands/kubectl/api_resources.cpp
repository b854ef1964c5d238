#include "core/shell/commands/kubectl/align.h"
#include "core/shell/commands/kubectl/call.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

// What the API server serves: api-resources and api-versions.
namespace core::shell::kubectl {

namespace {

bool wanted(const Call& call, const ResourceKind& kind)
{
    const Flags& flags = call.flags;
    const auto has = [](const std::vector<std::string>& all, const std::string& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    if (flags.given("namespaced") && kind.namespaced != flags.on("namespaced"))
        return false;
    if (flags.given("api-group") && kind.group != flags.text("api-group"))
        return false;
    for (const std::string& verb : flags.list("verbs"))
        if (!has(kind.verbs, verb))
            return false;
    for (const std::string& category : flags.list("categories"))
        if (!has(kind.categories, category))
            return false;
    return true;
}

int runApiResources(Call& call)
{
    if (!call.words.empty())
        return call.failUsage(fmt::format("unexpected arguments: [{}]", join(call.words, " ")));
    const std::string output = call.flags.text("output");
    if (!output.empty() && output != "wide" && output != "name")
        return call.fail(fmt::format("--output {} is not available", output));
    const std::string order = call.flags.text("sort-by");
    if (!order.empty() && order != "name" && order != "kind")
        return call.fail("--sort-by accepts only name or kind");
    if (const auto probe = call.client.get(*findResource("namespaces"), {}, "default"); probe.code == 0)
        return call.refused(probe);
    std::vector<const ResourceKind*> kinds;
    for (const ResourceKind* kind : call.client.kinds())
        if (wanted(call, *kind))
            kinds.push_back(kind);
    if (!order.empty())
        std::stable_sort(kinds.begin(), kinds.end(), [&](const ResourceKind* a, const ResourceKind* b) {
            return order == "kind" ? a->kind < b->kind : a->plural < b->plural;
        });
    std::string text;
    if (output == "name") {
        for (const ResourceKind* kind : kinds)
            text += kind->groupResource() + "\n";
        call.out(text);
        return 0;
    }
    std::vector<std::vector<std::string>> rows;
    if (!call.flags.on("no-headers"))
        rows.push_back({"NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"});
    if (output == "wide" && !rows.empty())
        rows.back().insert(rows.back().end(), {"VERBS", "CATEGORIES"});
    for (const ResourceKind* kind : kinds) {
        rows.push_back({kind->plural, join(kind->shortNames, ","), kind->apiVersion(), kind->namespaced ? "true" : "false", kind->kind});
        if (output == "wide")
            rows.back().insert(rows.back().end(), {join(kind->verbs, ","), join(kind->categories, ",")});
    }
    TableWidths widths;
    for (const auto& row : rows)
        widths.fit(row);
    for (const auto& row : rows)
        widths.append(text, row);
    call.out(text);
    return 0;
}

int runApiVersions(Call& call)
{
    if (!call.words.empty())
        return call.failUsage(fmt::format("unexpected arguments: [{}]", join(call.words, " ")));
    if (const auto probe = call.client.get(*findResource("namespaces"), {}, "default"); probe.code == 0)
        return call.refused(probe);
    // The older version of the one group that has two is told of here only.
    std::set<std::string> versions{"autoscaling/v1"};
    for (const ResourceKind* kind : call.client.kinds())
        versions.insert(kind->apiVersion());
    for (const std::string& version : versions)
        call.out(version + "\n");
    return 0;
}

} // namespace

Verb apiResourcesVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"api-resources", kOther, "Print the supported API resources on the server", "[flags]"};
    verb.flags = {{0, "api-group", T::Text, "", "Only the resources of this group."},
                  {0, "cached", T::Bool, "false", "Use what is remembered of the server's answer."},
                  {0, "categories", T::List, "", "Only the resources of these categories."},
                  {0, "namespaced", T::Bool, "true", "Only those in namespaces, or with =false only the others."},
                  kNoHeaders,
                  {'o', "output", T::Text, "", "wide or name."},
                  {0, "sort-by", T::Text, "", "name or kind."},
                  {0, "verbs", T::List, "", "Only the resources that know these verbs."}};
    verb.run = runApiResources;
    verb.examples = {"# Everything the server knows", "kubectl api-resources", "# Cluster-wide types", "kubectl api-resources --namespaced=false"};
    return verb;
}

Verb apiVersionsVerb()
{
    Verb verb{"api-versions", kOther, "Print the supported API versions on the server, in the form of \"group/version\"", "[flags]"};
    verb.run = runApiVersions;
    return verb;
}

} // namespace core::shell::kubectl
