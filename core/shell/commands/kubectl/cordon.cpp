#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/nodes.h"

namespace core::shell::kubectl {

namespace {

int run(Call& call, bool unschedulable)
{
    if (!dryRunMakesSense(call))
        return 1;
    const auto nodes = nodesOf(call);
    return nodes && setUnschedulable(call, *nodes, unschedulable) ? 0 : 1;
}

int runCordon(Call& call) { return run(call, true); }
int runUncordon(Call& call) { return run(call, false); }

Verb nodeVerb(std::string_view name, std::string_view summary, int (*run)(Call&))
{
    Verb verb{name, kManagement, summary, "NODE"};
    verb.flags = {kDryRun, kSelector};
    verb.run = run;
    verb.operand = Operand::Node;
    return verb;
}

} // namespace

std::optional<std::vector<Manifest>> nodesOf(Call& call)
{
    const std::string selector = call.flags.text("selector");
    if (call.words.empty() && selector.empty()) {
        call.failUsage("USAGE: " + std::string(call.verb.name) + " NODE [flags]");
        return std::nullopt;
    }
    if (!call.words.empty() && !selector.empty()) {
        call.failUsage("error: cannot specify both a node name and a --selector option");
        return std::nullopt;
    }
    const ResourceKind& kind = resourceOf<sim::kube::Node>();
    std::vector<Manifest> nodes;
    if (!selector.empty()) {
        auto items = call.client.list(kind, {}, {selector, {}});
        if (const auto* response = std::get_if<sim::kube::Response>(&items)) {
            call.refused(*response);
            return std::nullopt;
        }
        for (Json& item : std::get<std::vector<Json>>(items))
            nodes.push_back({&kind, {}, textAt(item, {"metadata", "name"}), std::move(item), {}});
        return nodes;
    }
    for (const std::string& word : call.words) {
        const bool typed = word.compare(0, 5, "node/") == 0 || word.compare(0, 6, "nodes/") == 0;
        const std::string name = typed ? word.substr(word.find('/') + 1) : word;
        auto response = call.client.get(kind, {}, name);
        if (!succeeded(response)) {
            call.refused(response);
            return std::nullopt;
        }
        nodes.push_back({&kind, {}, name, std::move(response.body), {}});
    }
    return nodes;
}

bool setUnschedulable(Call& call, const std::vector<Manifest>& nodes, bool unschedulable)
{
    const std::string done = unschedulable ? "cordoned" : "uncordoned";
    for (const Manifest& node : nodes) {
        const bool already = (at(node.object, {"spec", "unschedulable"}) == Json(true)) == unschedulable;
        if (!already && !call.clientDryRun()) {
            const Json value = unschedulable ? Json(true) : Json(nullptr);
            const Json patch{{"spec", Json{{"unschedulable", value}}}};
            if (!sendPatch(call, node, patch, sim::kube::PatchType::StrategicMerge))
                return false;
        }
        report(call, *node.kind, node.object, already ? "already " + done : done);
    }
    return true;
}

Verb cordonVerb()
{
    Verb verb = nodeVerb("cordon", "Mark node as unschedulable", runCordon);
    verb.examples = {"# No new pods on a node", "kubectl cordon worker-1"};
    return verb;
}

Verb uncordonVerb()
{
    Verb verb = nodeVerb("uncordon", "Mark node as schedulable", runUncordon);
    verb.examples = {"# New pods may come again", "kubectl uncordon worker-1"};
    return verb;
}

} // namespace core::shell::kubectl
