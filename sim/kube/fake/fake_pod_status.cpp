#include "sim/kube/fake/fake_pod_status.h"

#include "sim/kube/client/objects.h"

#include <fmt/format.h>

#include <cstdlib>

namespace sim::kube {

namespace {

Condition condition(const char* type, bool value, const char* reason, Instant now)
{
    Condition one;
    one.type = std::string(type);
    one.status = std::string(value ? kTrue : kFalse);
    if (!value)
        one.reason = reason;
    one.lastTransitionTime = Time{now};
    return one;
}

/// The kubelet's conditions, before the scheduler's own.
void setConditions(Pod& pod, bool ready, const char* whyNot, Instant now)
{
    std::vector<Condition> conditions{condition("PodReadyToStartContainers", true, "", now), condition("Initialized", true, "", now),
                                      condition("Ready", ready, whyNot, now), condition("ContainersReady", ready, whyNot, now)};
    for (const Condition& old : pod.status.conditions) {
        Condition* known = findCondition(conditions, old.type.value);
        if (known == nullptr)
            conditions.push_back(old);
        else if (known->status == old.status)
            known->lastTransitionTime = old.lastTransitionTime;
    }
    pod.status.conditions = std::move(conditions);
}

} // namespace

std::optional<Duration> annotatedSeconds(const Pod& pod, const std::string& annotation)
{
    const auto found = pod.metadata.annotations.find(annotation);
    if (found == pod.metadata.annotations.end())
        return std::nullopt;
    char* end = nullptr;
    const double seconds = std::strtod(found->second.c_str(), &end);
    if (end == found->second.c_str() || seconds < 0)
        return std::nullopt;
    return fromSeconds(seconds);
}

bool annotated(const Pod& pod, const std::string& annotation, const std::string& value)
{
    const auto found = pod.metadata.annotations.find(annotation);
    return found != pod.metadata.annotations.end() && found->second == value;
}

void fillStarted(Pod& pod, const std::string& hostAddress, const std::string& podAddress, Instant now)
{
    const bool ready = !annotated(pod, "sim/ready", "false");
    PodStatus& status = pod.status;
    status.phase = kPodRunning;
    setConditions(pod, ready, "ContainersNotReady", now);
    status.hostIP = hostAddress;
    status.hostIPs = {{hostAddress}};
    status.podIP = podAddress;
    status.podIPs = {{podAddress}};
    status.startTime = Time{now};
    status.containerStatuses.clear();
    for (const auto& spec : pod.spec.containers) {
        ContainerStatus one;
        one.name = spec.name;
        one.image = spec.image;
        one.imageID = "docker.io/" + spec.image;
        Fingerprint id;
        id.add(pod.metadata.uid);
        id.add(spec.name);
        one.containerID = fmt::format("containerd://{:016x}{:016x}", id.value(), id.value() * 0x9e3779b97f4a7c15ULL);
        one.ready = ready;
        one.started = true;
        one.state.running = ContainerStateRunning{Time{now}};
        status.containerStatuses.push_back(std::move(one));
    }
}

void fillEnded(Pod& pod, std::int64_t exitCode, Instant now)
{
    const bool good = exitCode == 0;
    pod.status.phase = good ? kPodSucceeded : kPodFailed;
    setConditions(pod, false, good ? "PodCompleted" : "PodFailed", now);
    for (ContainerStatus& one : pod.status.containerStatuses) {
        ContainerStateTerminated ended;
        ended.exitCode = exitCode;
        ended.reason = good ? "Completed" : "Error";
        ended.startedAt = one.state.running ? one.state.running->startedAt : std::nullopt;
        ended.finishedAt = Time{now};
        one.state = {};
        one.state.terminated = std::move(ended);
        one.ready = false;
        one.started = false;
    }
}

} // namespace sim::kube
