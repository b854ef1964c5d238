#include "core/golden/side_actions.h"

#include "sim/kube/api/time_text.h"

#include <algorithm>
#include <set>

namespace core::golden {

namespace {

using nlohmann::json;
using sim::command::ApiCall;
using sim::command::FakeNode;

const std::set<std::string_view> kOwnLabels{"beta.kubernetes.io/arch", "beta.kubernetes.io/os", "kubernetes.io/arch",
                                            "kubernetes.io/hostname", "kubernetes.io/os"};
// From a node's joining to the taint of its first moments being taken away, as the recordings show.
constexpr double kUntainting = 0.03;

std::int64_t versionOf(const json& object)
{
    return std::atoll(object.at("metadata").value("resourceVersion", "0").c_str());
}

/// When a node that objects.json tells of joined: its creation to the second, and within it shortly before what
/// the watch saw after the node's last change.
double joinedAt(const Recording& recording, const json& node)
{
    const auto created = sim::kube::parseRfc3339(node.at("metadata").value("creationTimestamp", ""));
    const double second = created ? sim::toSeconds(*created - recording.start) : 0;
    double at = second + 0.5;
    for (const WatchLine& line : recording.watch)
        if (std::atoll(line.body.value("rv", "0").c_str()) > versionOf(node)) {
            at = line.at - kUntainting;
            break;
        }
    return std::clamp(at, std::max(second, 0.0), second + 0.999);
}

void addJoins(const Recording& recording, std::vector<SideAction>& actions)
{
    for (const json& node : recording.objects.value("nodes", json::array())) {
        const std::string name = node.at("metadata").at("name");
        if (std::any_of(recording.nodes.begin(), recording.nodes.end(), [&](const auto& known) { return known.name == name; }))
            continue;
        FakeNode join;
        join.node.name = name;
        for (const auto& [resource, amount] : node.at("status").at("capacity").items())
            join.node.capacity[resource] = sim::kube::Quantity{amount.get<std::string>()};
        for (const auto& [label, value] : node.at("metadata").at("labels").items())
            if (kOwnLabels.count(label) == 0)
                join.node.labels[label] = value.get<std::string>();
        actions.push_back({joinedAt(recording, node), sim::Command{std::move(join)}});
    }
}

/// "node-1 lease stopped now", "node-1 back".
void addNotes(const Recording& recording, std::vector<SideAction>& actions)
{
    for (const Step& step : recording.steps) {
        if (step.kind != Step::Kind::Note)
            continue;
        FakeNode change;
        change.node.name = step.command.substr(0, step.command.find(' '));
        const std::string what = step.command.substr(std::min(change.node.name.size() + 1, step.command.size()));
        if (what == "lease stopped now")
            change.verb = FakeNode::Verb::Die;
        else if (what == "back")
            change.verb = FakeNode::Verb::Revive;
        else
            continue;
        actions.push_back({step.at, sim::Command{std::move(change)}});
    }
}

void addHeldStatuses(const Recording& recording, std::vector<SideAction>& actions)
{
    for (const auto& [space, kinds] : recording.objects.items()) {
        if (!kinds.is_object() || !kinds.contains("pods"))
            continue;
        for (const json& pod : kinds.at("pods")) {
            const json& metadata = pod.at("metadata");
            const std::string name = metadata.at("name");
            if (!metadata.value("annotations", json::object()).contains("sim/hold"))
                continue;
            // Added, bound, and then what the script wrote.
            std::vector<double> changes;
            for (const WatchLine& line : recording.watch)
                if (line.kind == "pods" && line.name == name && !line.body.contains("deletionTimestamp"))
                    changes.push_back(line.at);
            if (changes.size() < 3)
                continue;
            ApiCall write;
            write.request.verb = sim::kube::Verb::Patch;
            write.request.patchType = sim::kube::PatchType::Merge;
            write.request.resource = "pods";
            write.request.subresource = "status";
            write.request.namespace_ = space;
            write.request.name = name;
            write.request.user = "admin";
            write.request.body["status"] = pod.at("status");
            actions.push_back({changes.back(), sim::Command{std::move(write)}});
        }
    }
}

} // namespace

std::vector<SideAction> sideActions(const Recording& recording)
{
    std::vector<SideAction> actions;
    addJoins(recording, actions);
    addNotes(recording, actions);
    addHeldStatuses(recording, actions);
    std::stable_sort(actions.begin(), actions.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return actions;
}

} // namespace core::golden
