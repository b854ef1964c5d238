#include "core/incident/live_names.h"

#include <algorithm>
#include <set>

namespace core::incident {

namespace {

// A pod of the lab is ready about 10 s after its image is there; one that is not by now has a problem.
constexpr sim::Duration kStartsWithin = std::chrono::seconds{30};

bool cannotStart(const PodState& pod, sim::Instant now)
{
    const bool starting = pod.waitingReason.empty() || pod.waitingReason == "ContainerCreating"
        || pod.waitingReason == "PodInitializing";
    return !pod.ready && (!starting || now - pod.created >= kStartsWithin);
}

void addOnce(std::vector<std::string>& list, const std::string& value)
{
    if (!value.empty() && std::find(list.begin(), list.end(), value) == list.end())
        list.push_back(value);
}

} // namespace

void updateLiveNames(content::Placeholders& values, const content::Incident& incident, const WorldProbe& world)
{
    const auto slash = incident.service.find('/');
    const std::string app = incident.service.substr(slash + 1);
    std::vector<PodState> pods;
    for (PodState& pod : world.pods(incident.service.substr(0, slash)))
        if (pod.app == app && !pod.deleting)
            pods.push_back(std::move(pod));
    std::sort(pods.begin(), pods.end(), [](const PodState& a, const PodState& b) { return a.name < b.name; });

    const auto image = values.find("image");
    std::vector<std::string> all, healthy, failing, failingNodes, release, releaseReady, nodes;
    for (const bool withError : {true, false}) {
        for (const PodState& pod : pods) {
            if (!cannotStart(pod, world.now()) || pod.waitingReason.empty() == withError)
                continue;
            failing.push_back(pod.name);
            addOnce(failingNodes, pod.node);
        }
    }
    for (const PodState& pod : pods) {
        all.push_back(pod.name);
        if (pod.ready)
            healthy.push_back(pod.name);
        if (image == values.end() || image->second.empty() || pod.image != image->second.front())
            continue;
        release.push_back(pod.name);
        if (pod.ready)
            releaseReady.push_back(pod.name);
    }
    if (!failing.empty()) {
        values["failing_pod"] = std::move(failing);
        values["failing_node"] = std::move(failingNodes);
    }
    const std::vector<std::string>& bad = values["failing_node"];
    const auto isBad = [&](const std::string& node) { return std::find(bad.begin(), bad.end(), node) != bad.end(); };
    for (const PodState& pod : pods)
        if (pod.ready && !isBad(pod.node))
            addOnce(nodes, pod.node);
    for (const std::string& node : world.nodes(false))
        if (!isBad(node))
            addOnce(nodes, node);
    values["pod"] = std::move(all);
    values["healthy_pod"] = std::move(healthy);
    values["healthy_node"] = std::move(nodes);
    values["release_pod"] = std::move(release);
    values["release_ready_pod"] = std::move(releaseReady);
}

void addImageParts(content::Placeholders& values, const std::string& name)
{
    const auto it = values.find(name);
    if (it == values.end() || it->second.empty())
        return;
    const std::string reference = it->second.front();
    const auto slash = reference.find('/');
    const auto colon = reference.rfind(':');
    if (slash == std::string::npos || colon == std::string::npos || colon < slash)
        return;
    values[name + "_repository"] = {reference.substr(slash + 1, colon - slash - 1)};
    values[name + "_tag"] = {reference.substr(colon + 1)};
}

} // namespace core::incident
