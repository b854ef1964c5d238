#include "core/shell/commands/kubectl/call.h"

namespace core::shell::kubectl {

namespace {

/// No metrics server runs in these clusters, and kubectl says so before it looks at anything else.
int runTop(Call& call)
{
    if (const auto probe = call.client.get(*findResource("namespaces"), {}, "default"); probe.code == 0)
        return call.refused(probe);
    return call.fail("Metrics API not available");
}

Verb topOf(std::string_view name, std::string_view summary, std::vector<std::string_view> aliases, std::vector<FlagSpec> own)
{
    Verb verb{name, {}, summary, "[NAME | -l label]"};
    verb.flags = std::move(own);
    verb.flags.push_back(kSelector);
    verb.flags.push_back(kNoHeaders);
    verb.flags.push_back({0, "sort-by", FlagSpec::Type::Text, "", "cpu or memory."});
    verb.run = runTop;
    verb.aliases = std::move(aliases);
    return verb;
}

} // namespace

Verb topVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"top", kManagement, "Display resource (CPU/memory) usage", "[flags]"};
    verb.subverbs = {topOf("node", "Display resource (CPU/memory) usage of nodes", {"nodes", "no"}, {}),
                     topOf("pod", "Display resource (CPU/memory) usage of pods", {"pods", "po"},
                           {kAllNamespaces, {0, "containers", T::Bool, "false", "Each container of a pod."},
                            {0, "sum", T::Bool, "false", "The sum in a last line."}})};
    return verb;
}

} // namespace core::shell::kubectl
