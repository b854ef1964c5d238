#include "sim/container/registry.h"
#include "sim/kube/api/defaults.h"
#include "sim/kube/controllers/controller.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"

#include <algorithm>

// The pod's status as the kubelet reports it (pkg/kubelet/kubelet_pods.go, status/generate.go).
namespace sim::kube {

namespace {

std::string unreadyText(const std::vector<std::string>& names)
{
    std::string list;
    for (const auto& name : names)
        list += (list.empty() ? "" : " ") + name;
    return "containers with unready status: [" + list + "]";
}

ContainerStatus containerStatus(const KubeletContext& k, const ContainerRecord& record, const Container& spec, ContainerRole role, bool initialized)
{
    const bool init = role == ContainerRole::Init;
    ContainerStatus status;
    status.name = spec.name;
    status.image = spec.image;
    status.restartCount = record.restarts;
    const container::Container* present = record.id.valid() ? k.context.runtimes.find(record.id) : nullptr;
    if (present != nullptr) {
        status.containerID = "containerd://" + present->hexId;
        const auto reference = container::Reference::parse(present->image);
        if (reference && !present->imageDigest.empty())
            status.imageID = reference->registry + "/" + reference->repository + "@" + present->imageDigest;
    }
    if (present != nullptr && present->state == container::Container::State::Running) {
        status.state.running = ContainerStateRunning{Time{present->started}};
        status.started = !spec.startupProbe || record.startup.passed;
        status.ready = (!init || isSidecar(spec)) && *status.started && (!spec.readinessProbe || record.readiness.passed);
    } else if (record.waiting && !record.done) {
        status.state.waiting = record.waiting;
        status.started = false;
    } else if (record.done && record.last) {
        status.state.terminated = record.last;
        status.started = false;
        status.ready = init && record.last->exitCode.value == 0;
        return status; // the end is shown as the state, not as the last one
    } else if (record.id.valid() && present != nullptr && present->state == container::Container::State::Exited && !record.exitSeen) {
        ContainerStateTerminated terminated;
        terminated.containerID = status.containerID;
        terminated.exitCode = present->exitCode;
        terminated.finishedAt = Time{present->finished};
        terminated.startedAt = Time{present->started};
        terminated.reason = present->outOfMemory ? "OOMKilled" : present->exitCode == 0 ? "Completed" : "Error";
        if (!record.startError.empty()) {
            terminated.reason = "StartError";
            terminated.message = record.startError;
        }
        status.state.terminated = terminated;
        status.started = false;
    } else {
        status.state.waiting = ContainerStateWaiting{{}, initialized || init ? reason::kCreating : reason::kInitializing};
        status.started = false;
    }
    if (record.last)
        status.lastState.terminated = record.last;
    return status;
}

} // namespace

PodStatus Kubelet::statusOf(const KubeletContext& k, const PodWork& work) const
{
    const Pod& pod = *work.pod;
    PodStatus status;
    status.conditions = pod.status.conditions;
    status.qosClass = pod.status.qosClass.empty() ? qosClassOf(pod.spec) : pod.status.qosClass;
    status.startTime = work.started;
    const host::Machine& machine = k.context.hosts.at(m_host);
    if (const auto address = k.context.network.hasStack(machine.stack) ? k.context.network.stack(machine.stack).primaryAddress() : std::nullopt) {
        status.hostIP = address->text();
        status.hostIPs = {{status.hostIP}};
    }
    if (work.evicted) {
        status.phase = kPodFailed;
        status.reason = reason::kEvicted;
        status.message = work.evictionMessage;
    }
    const bool sandboxUp = work.sandbox.valid() && k.now() >= work.sandboxReady;
    if (sandboxUp) {
        status.podIP = work.address ? work.address->text() : status.hostIP;
        status.podIPs = {{status.podIP}};
    }
    bool initialized = true;
    bool initFailed = false;
    bool sidecarsRun = false;
    for (std::size_t i = 0; i < work.init.size(); ++i) {
        const ContainerRecord& record = work.init[i];
        const bool sidecar = isSidecar(pod.spec.initContainers[i]);
        const bool well = record.done && record.last && record.last->exitCode.value == 0;
        initialized = initialized && (sidecar ? startedUp(k, record, pod.spec.initContainers[i]) : well);
        initFailed = initFailed || (!sidecar && record.done && !well && !work.terminating);
    }
    for (std::size_t i = 0; i < work.init.size(); ++i) {
        status.initContainerStatuses.push_back(containerStatus(k, work.init[i], pod.spec.initContainers[i], ContainerRole::Init, initialized));
        sidecarsRun = sidecarsRun || (isSidecar(pod.spec.initContainers[i]) && status.initContainerStatuses.back().state.running);
    }
    std::vector<std::string> unready;
    bool running = false;
    bool allDone = !work.containers.empty();
    bool failed = false;
    bool ever = false;
    for (std::size_t i = 0; i < work.containers.size(); ++i) {
        const ContainerRecord& record = work.containers[i];
        status.containerStatuses.push_back(containerStatus(k, record, pod.spec.containers[i], ContainerRole::Regular, initialized));
        const ContainerStatus& made = status.containerStatuses.back();
        if (!made.ready.value)
            unready.push_back(made.name.value);
        running = running || made.state.running.has_value();
        ever = ever || record.id.valid();
        allDone = allDone && record.done;
        failed = failed || (record.done && record.last && record.last->exitCode.value != 0);
    }
    for (std::size_t i = 0; i < work.ephemeral.size(); ++i) {
        ContainerStatus made = containerStatus(k, work.ephemeral[i], pod.spec.ephemeralContainers[i], ContainerRole::Ephemeral, work.init.empty());
        made.ready = false; // nobody asks whether it is, or whether it has started (status/generate.go)
        made.started.reset();
        status.ephemeralContainerStatuses.push_back(std::move(made));
    }
    if (!work.evicted) {
        if (allDone && !sidecarsRun && pod.spec.restartPolicy != "Always" && !work.terminating)
            status.phase = failed ? kPodFailed : kPodSucceeded;
        else
            status.phase = ever || running ? kPodRunning : kPodPending;
        // A pod that waits for its first image is Pending; one that has run stays Running.
        if (!running && !ever)
            status.phase = initFailed ? kPodFailed : kPodPending;
    }
    const Instant now = k.now();
    const bool finished = status.phase == kPodSucceeded || status.phase == kPodFailed;
    const std::string whyNot = unready.empty() ? std::string() : finished ? "PodCompleted" : "ContainersNotReady";
    const std::string text = unready.empty() || finished ? std::string() : unreadyText(unready);
    setCondition(status.conditions, "PodReadyToStartContainers", sandboxUp && !finished, {}, {}, now);
    setCondition(status.conditions, "Initialized", initialized, initialized ? "" : "ContainersNotInitialized",
                 initialized ? "" : "containers with incomplete status", now);
    setCondition(status.conditions, "Ready", unready.empty() && !finished, whyNot, text, now);
    setCondition(status.conditions, "ContainersReady", unready.empty() && !finished, whyNot, text, now);
    if (findCondition(status.conditions, "PodScheduled") == nullptr)
        setCondition(status.conditions, "PodScheduled", true, {}, {}, now);
    return status;
}

void Kubelet::report(KubeletContext& k, PodWork& work)
{
    if (k.client == nullptr) {
        work.statusOwed = true;
        return;
    }
    const ObjectKey key = keyOf(work.pod->metadata);
    const auto stored = k.client->store.get<Pod>(key);
    if (!stored || (!work.isStatic && stored->metadata.uid != work.pod->metadata.uid))
        return;
    work.statusOwed = false;
    auto seen = std::make_shared<Pod>(*work.pod);
    seen->status.conditions = stored->status.conditions;
    if (seen->status.qosClass.empty())
        seen->status.qosClass = stored->status.qosClass;
    work.pod = seen;
    const PodStatus status = statusOf(k, work);
    patchObject<Pod>(*k.client, key, [&](Pod& pod) { pod.status = status; });
}

} // namespace sim::kube
