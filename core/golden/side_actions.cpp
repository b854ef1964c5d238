#include "core/golden/side_actions.h"

#include "sim/kube/api/time_text.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>

namespace core::golden {

namespace {

using nlohmann::json;
using sim::command::ApiCall;
using sim::command::FakeNode;

const std::set<std::string_view> kOwnLabels{"beta.kubernetes.io/arch", "beta.kubernetes.io/os", "kubernetes.io/arch",
                                            "kubernetes.io/hostname", "kubernetes.io/os"};
// A node's last change is its losing the taint of its first moments; before that come its lease and an annotation.
constexpr std::int64_t kFirstChanges = 3;
// From a node's joining to the first that the watch tells of it.
constexpr double kNoticed = 0.01;

std::int64_t versionOf(const json& object)
{
    return std::atoll(object.at("metadata").value("resourceVersion", "0").c_str());
}

/// When a node that objects.json tells of joined: its creation to the second, and within it shortly before what
/// the watch saw after it.
double joinedAt(const Recording& recording, const json& node)
{
    const auto created = sim::kube::parseRfc3339(node.at("metadata").value("creationTimestamp", ""));
    const double second = created ? sim::toSeconds(*created - recording.start) : 0;
    double at = second + 0.5;
    for (const WatchLine& line : recording.watch)
        if (std::atoll(line.body.value("rv", "0").c_str()) > versionOf(node) - kFirstChanges) {
            at = line.at - kNoticed;
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

/// When the watch saw what a script wrote to a held pod, after its creation and its binding.
std::optional<double> heldStatusAt(const Recording& recording, const std::string& name)
{
    std::vector<double> changes;
    for (const WatchLine& line : recording.watch)
        if (line.kind == "pods" && line.name == name && !line.body.contains("deletionTimestamp"))
            changes.push_back(line.at);
    return changes.size() < 3 ? std::nullopt : std::optional(changes.back());
}

SideAction statusWrite(double at, const std::string& space, const std::string& name, const json& status)
{
    ApiCall write;
    write.request.verb = sim::kube::Verb::Patch;
    write.request.patchType = sim::kube::PatchType::Merge;
    write.request.resource = "pods";
    write.request.subresource = "status";
    write.request.namespace_ = space;
    write.request.name = name;
    write.request.user = "admin";
    write.request.body["status"] = status;
    return {at, sim::Command{std::move(write)}};
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
            if (const auto at = heldStatusAt(recording, name))
                actions.push_back(statusWrite(*at, space, name, pod.at("status")));
        }
    }
}

/// "Reason:  Error" below "Last State:  Terminated" is ("Last State", "Reason"); all are there once, of one container.
using Described = std::map<std::pair<std::string, std::string>, std::string>;

Described describedFields(const std::string& text)
{
    Described fields;
    std::istringstream lines(text);
    std::string line;
    std::string state;
    while (std::getline(lines, line)) {
        const std::size_t begin = line.find_first_not_of(' ');
        const std::size_t colon = line.find(": ");
        if (begin == std::string::npos || colon == std::string::npos)
            continue;
        const std::string name = line.substr(begin, colon - begin);
        const std::size_t value = line.find_first_not_of(' ', colon + 1);
        if (name == "State" || name == "Last State" || begin < 6)
            state = name.ends_with("State") ? name : std::string();
        fields.emplace(std::pair(begin < 6 ? std::string() : state, name), value == std::string::npos ? std::string() : line.substr(value));
    }
    return fields;
}

/// A state as the API has it, of what `describe` says of it. Its times are those of the write.
json describedState(const Described& fields, const std::string& state, const std::string& now)
{
    const auto field = [&](const std::string& of, const char* name) {
        const auto found = fields.find({of, name});
        return found == fields.end() ? std::string() : found->second;
    };
    const std::string kind = field({}, state.c_str());
    json told = json::object();
    if (const std::string reason = field(state, "Reason"); !reason.empty())
        told["reason"] = reason;
    if (kind == "Terminated") {
        told["exitCode"] = std::atoi(field(state, "Exit Code").c_str());
        told["finishedAt"] = now;
    }
    return {{kind == "Waiting" ? "waiting" : kind == "Terminated" ? "terminated" : "running", std::move(told)}};
}

/// What was written to held pods that are gone at the end: as they were described.
void addDescribedStatuses(const Recording& recording, std::vector<SideAction>& actions)
{
    constexpr std::string_view kDescribe = " describe pod ";
    const std::string space = recording.namespaces().empty() ? std::string() : recording.namespaces().front();
    for (const Step& step : recording.steps) {
        const std::size_t at = step.command.find(kDescribe);
        if (at == std::string::npos || step.output.find("sim/hold: ") == std::string::npos)
            continue;
        const std::string name = step.command.substr(at + kDescribe.size());
        const auto written = heldStatusAt(recording, name);
        if (!written || *written > step.at || recording.lists("pods", name))
            continue;
        const Described fields = describedFields(step.output);
        const auto field = [&](const char* key) {
            const auto found = fields.find({std::string(), key});
            return found == fields.end() ? std::string() : found->second;
        };
        const std::string now = sim::kube::rfc3339(recording.start + sim::fromSeconds(*written));
        json container{{"name", "c"}, {"image", field("Image")}, {"imageID", field("Image ID")}, {"ready", field("Ready") == "True"},
                       {"restartCount", std::atoi(field("Restart Count").c_str())}, {"state", describedState(fields, "State", now)}};
        if (!field("Last State").empty())
            container["lastState"] = describedState(fields, "Last State", now);
        actions.push_back(statusWrite(*written, space, name, {{"phase", field("Status")}, {"containerStatuses", {std::move(container)}}}));
    }
}

/// The cells of a table's rows, the heading left out.
std::vector<std::vector<std::string>> tableCells(const std::string& text)
{
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(text);
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) {
        std::istringstream words(line);
        std::vector<std::string> cells{std::istream_iterator<std::string>(words), {}};
        if (!cells.empty())
            rows.push_back(std::move(cells));
    }
    return rows;
}

SideAction usage(double at, const std::string& space, const std::string& name, const std::string& cpu, const std::string& memory)
{
    FakeNode use;
    use.verb = FakeNode::Verb::Use;
    use.namespace_ = space;
    use.node.name = name;
    use.node.capacity = {{"cpu", sim::kube::Quantity{cpu}}, {"memory", sim::kube::Quantity{memory}}};
    return {at, sim::Command{std::move(use)}};
}

/// "up-9bb5578d8-2hxjn" is one of "up-": of a Deployment's pods.
std::string workloadPrefix(std::string pod)
{
    for (int i = 0; i < 2; ++i)
        pod.resize(std::min(pod.rfind('-'), pod.size()));
    return pod + "-";
}

/// What the recording's metrics server told from its beginning on, as `top` printed it.
void addUsage(const Recording& recording, std::vector<SideAction>& actions)
{
    std::map<std::string, std::vector<std::string>> pods; // by prefix: cpu, memory
    for (const Step& step : recording.steps) {
        const bool ofPods = step.command.ends_with(" top pods");
        if (step.status != 0 || (!ofPods && !step.command.ends_with(" top nodes")))
            continue;
        for (const auto& cells : tableCells(step.output)) {
            if (ofPods && cells.size() == 3)
                pods.emplace(workloadPrefix(cells[0]), std::vector<std::string>{cells[1], cells[2]});
            else if (!ofPods && cells.size() == 5)
                actions.push_back(usage(0, {}, cells[0], cells[1], cells[3]));
        }
    }
    const std::string space = recording.namespaces().empty() ? std::string() : recording.namespaces().front();
    for (const auto& [prefix, amounts] : pods)
        actions.push_back(usage(0, space, prefix, amounts[0], amounts[1]));
    // Later figures are known by their share of the request, and changed between two looks.
    std::map<std::string, double> first;
    std::map<std::string, double> last;
    double before = 0;
    for (const json& look : recording.trace.is_array() ? recording.trace : json::array()) {
        for (const json& one : look.at(1)) {
            const std::string prefix = one.at(0).get<std::string>() + "-";
            const auto known = pods.find(prefix);
            if (one.at(3).is_null() || known == pods.end())
                continue;
            const double percent = one.at(3);
            const double begun = first.try_emplace(prefix, percent).first->second;
            const double previous = last.try_emplace(prefix, percent).first->second;
            last[prefix] = percent;
            if (percent == previous || begun <= 0)
                continue;
            const double milli = static_cast<double>(sim::kube::Quantity{known->second[0]}.milliValue()) * percent / begun;
            actions.push_back(usage(before, space, prefix, std::to_string(std::llround(milli)) + "m", known->second[1]));
        }
        before = look.at(0);
    }
}

/// Which of equally good nodes a pod got was drawn; the draws of pods with names of their own are taken over.
void addDraws(const Recording& recording, std::vector<SideAction>& actions)
{
    const std::string space = recording.namespaces().empty() ? std::string() : recording.namespaces().front();
    std::set<std::string> known;
    for (const WatchLine& line : recording.watch) {
        const std::string node = line.body.contains("node") && line.body.at("node").is_string() ? line.body.at("node").get<std::string>() : std::string();
        if (line.kind != "pods" || node.empty() || !known.insert(line.name).second)
            continue;
        FakeNode draw;
        draw.verb = FakeNode::Verb::Draw;
        draw.node.name = node;
        draw.namespace_ = space;
        draw.pod = line.name;
        actions.push_back({0, sim::Command{std::move(draw)}});
    }
}

} // namespace

std::vector<SideAction> sideActions(const Recording& recording)
{
    std::vector<SideAction> actions;
    addJoins(recording, actions);
    addNotes(recording, actions);
    addHeldStatuses(recording, actions);
    addDescribedStatuses(recording, actions);
    addUsage(recording, actions);
    addDraws(recording, actions);
    std::stable_sort(actions.begin(), actions.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    return actions;
}

} // namespace core::golden
