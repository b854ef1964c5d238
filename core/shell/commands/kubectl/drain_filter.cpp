#include "core/shell/commands/kubectl/nodes.h"

#include "core/shell/commands/kubectl/typed.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;
using Reason = PodRemoval::Reason;

constexpr const char* kMirrorAnnotation = "kubernetes.io/config.mirror";

const OwnerReference* controllerOf(const Pod& pod)
{
    const auto& owners = pod.metadata.ownerReferences;
    const auto it = std::find_if(owners.begin(), owners.end(),
                                 [](const OwnerReference& o) { return o.controller.value_or(false); });
    return it == owners.end() ? nullptr : &*it;
}

bool hasEmptyDir(const Pod& pod)
{
    return std::any_of(pod.spec.volumes.begin(), pod.spec.volumes.end(),
                       [](const Volume& volume) { return volume.emptyDir.has_value(); });
}

/// Why nobody makes this DaemonSet's pod again; empty when the DaemonSet is there.
std::string daemonSetProblem(Call& call, const Pod& pod, const std::string& set)
{
    const Response response = call.client.get(resourceOf<DaemonSet>(), pod.metadata.namespace_, set);
    return succeeded(response) ? std::string() : messageOf(response);
}

void judge(Call& call, PodRemoval& removal)
{
    const Pod& pod = removal.pod;
    const auto settle = [&](Reason reason, bool remove, std::string message) {
        removal.reason = reason;
        removal.remove = remove;
        removal.message = std::move(message);
    };
    const bool finished = pod.status.phase == "Succeeded" || pod.status.phase == "Failed";
    const bool force = call.flags.on("force");
    const OwnerReference* owner = controllerOf(pod);
    if (!finished && owner && owner->kind == "DaemonSet") {
        const std::string problem = daemonSetProblem(call, pod, owner->name);
        if (!problem.empty())
            settle(force ? Reason::Warning : Reason::Error, force, problem);
        else if (!call.flags.on("ignore-daemonsets"))
            settle(Reason::Error, false, "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)");
        else
            settle(Reason::Warning, false, "ignoring DaemonSet-managed Pods");
        if (!removal.remove)
            return;
    }
    if (pod.metadata.annotations.count(kMirrorAnnotation) > 0) {
        settle(Reason::Skip, false, {});
        return;
    }
    if (finished)
        return;
    if (hasEmptyDir(pod)) {
        if (!call.flags.on("delete-emptydir-data")) {
            settle(Reason::Error, false, "Pods with local storage (use --delete-emptydir-data to override)");
            return;
        }
    }
    // The real tool's last filter wins, too: its warning about local storage gets lost here.
    if (owner)
        settle(Reason::Okay, true, {});
    else if (force)
        settle(Reason::Warning, true, "deleting Pods that declare no controller");
    else // the doubled words are the real tool's
        settle(Reason::Error, false, "cannot delete Pods that declare no controller (use --force to override)");
}

std::vector<std::string> grouped(const std::vector<PodRemoval>& pods, Reason reason)
{
    std::map<std::string, std::vector<std::string>> byMessage;
    for (const PodRemoval& one : pods) {
        if (one.reason == reason)
            byMessage[one.message].push_back(one.pod.metadata.namespace_ + "/" + one.pod.metadata.name);
    }
    std::vector<std::string> lines;
    for (const auto& [message, names] : byMessage)
        lines.push_back(message + ": " + join(names, ", "));
    return lines;
}

} // namespace

std::vector<PodRemoval> podsToRemove(Call& call, const std::string& node)
{
    std::vector<PodRemoval> removals;
    const ListQuery query{call.flags.text("pod-selector"), "spec.nodeName=" + node};
    const auto items = call.client.list(resourceOf<Pod>(), {}, query);
    if (const auto* list = std::get_if<std::vector<Json>>(&items)) {
        for (const Json& item : *list) {
            removals.push_back({decoded<Pod>(item), Reason::Okay, true, {}});
            judge(call, removals.back());
        }
    }
    return removals;
}

std::vector<std::string> obstacles(const std::vector<PodRemoval>& pods)
{
    std::vector<std::string> lines = grouped(pods, Reason::Error);
    for (std::string& line : lines)
        line = "cannot delete " + line;
    return lines;
}

std::string warningsOf(const std::vector<PodRemoval>& pods)
{
    return join(grouped(pods, Reason::Warning), "; ");
}

} // namespace core::shell::kubectl
