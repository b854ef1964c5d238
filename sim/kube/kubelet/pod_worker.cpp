#include "sim/container/registry.h"
#include "sim/kube/api/defaults.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// One pod's way from a spec to running containers and back (pkg/kubelet/kuberuntime/kuberuntime_manager.go).
namespace sim::kube {

namespace {

// pkg/kubelet/kubelet.go: MaxContainerBackOff, backOffPeriod; doubled from the second restart on.
constexpr Duration kFirstRestartDelay = 10s;
constexpr Duration kLongestRestartDelay = 300s;
constexpr Duration kGoodRun = 600s;
// How soon a pod that met an error is looked at again (backOffPeriod 10 s with half of it as jitter).
constexpr Duration kErrorRetry = 10s;
// Volume set-up is tried again after 0.5 s, doubling to about 2 min (pkg/util/goroutinemap/exponentialbackoff).
constexpr Duration kFirstMountRetry = 500ms;
constexpr Duration kLongestMountRetry = 122s;

Duration errorRetry(KubeletContext& k)
{
    return kErrorRetry + k.context.engine.random("kubelet/retry").uniform(0ms, 5s);
}

/// As the systemd cgroup driver names it: "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice".
std::string cgroupOf(const Pod& pod)
{
    std::string uid = pod.metadata.uid;
    std::replace(uid.begin(), uid.end(), '-', '_');
    const std::string qos = qosClassOf(pod.spec);
    if (qos == "Guaranteed")
        return fmt::format("/kubepods.slice/kubepods-pod{}.slice", uid);
    const char* kind = qos == "Burstable" ? "burstable" : "besteffort";
    return fmt::format("/kubepods.slice/kubepods-{0}.slice/kubepods-{0}-pod{1}.slice", kind, uid);
}

} // namespace

void Kubelet::sync(KubeletContext& k, PodWork& work)
{
    if (work.terminating || work.evicted) {
        terminate(k, work);
        return;
    }
    if (!m_runtimeUp) {
        report(k, work);
        return;
    }
    if (work.isStatic && k.client != nullptr)
        mirror(k, work);
    if (ensureSandbox(k, work)) {
        bool initialized = true;
        for (std::uint32_t i = 0; i < work.init.size() && initialized; ++i)
            initialized = runContainer(k, work, true, i);
        if (initialized)
            for (std::uint32_t i = 0; i < work.containers.size(); ++i)
                runContainer(k, work, false, i);
    }
    report(k, work);
}

bool Kubelet::volumesReady(KubeletContext& k, PodWork& work)
{
    if (k.client == nullptr)
        return work.isStatic;
    const std::string& space = work.pod->metadata.namespace_;
    for (const Volume& volume : work.pod->spec.volumes) {
        std::string missing;
        if (volume.configMap && !volume.configMap->optional.value_or(false)
            && !k.client->store.get<ConfigMap>({space, volume.configMap->name}))
            missing = fmt::format("configmap \"{}\" not found", volume.configMap->name);
        else if (volume.secret && !volume.secret->optional.value_or(false)
                 && !k.client->store.get<Secret>({space, volume.secret->secretName}))
            missing = fmt::format("secret \"{}\" not found", volume.secret->secretName);
        if (missing.empty())
            continue;
        event(k, work, kWarning, reason::kFailedMount, fmt::format("MountVolume.SetUp failed for volume \"{}\" : {}", volume.name, missing));
        const Duration delay = std::min(kLongestMountRetry, kFirstMountRetry * (std::int64_t{1} << std::min<std::int64_t>(work.mountFailures, 8)));
        ++work.mountFailures;
        wake(k, work, delay);
        return false;
    }
    work.mountFailures = 0;
    return true;
}

bool Kubelet::ensureSandbox(KubeletContext& k, PodWork& work)
{
    container::Context runtime = k.runtime();
    if (work.sandbox.valid()) {
        const container::Container* sandbox = k.context.runtimes.find(work.sandbox);
        if (sandbox != nullptr && sandbox->state == container::Container::State::Running) {
            if (k.now() >= work.sandboxReady)
                return true;
            wake(k, work, work.sandboxReady - k.now());
            return false;
        }
        // The machine was rebooted, or somebody killed the pause process: all of the pod starts anew.
        event(k, work, kNormal, reason::kSandboxChanged, "Pod sandbox changed, it will be killed and re-created.");
        for (auto* list : {&work.init, &work.containers})
            for (ContainerRecord& record : *list) {
                k.context.runtimes.stop(runtime, record.id, 0s);
                record.done = false;
            }
        if (sandbox != nullptr)
            k.context.runtimes.remove(runtime, work.sandbox);
        work.sandbox = {};
    }
    if (!volumesReady(k, work))
        return false;
    container::Runtimes::SandboxRequest request;
    request.podName = work.pod->metadata.name;
    request.podNamespace = work.pod->metadata.namespace_;
    request.podUid = work.pod->metadata.uid;
    request.cgroup = cgroupOf(*work.pod);
    if (!work.pod->spec.hostNetwork) {
        if (!work.address)
            work.address = freeAddress();
        request.address = work.address;
        const std::string& domain = k.settings.dnsDomain;
        request.files["/etc/resolv.conf"] = fmt::format("search {0}.svc.{1} svc.{1} {1}\nnameserver {2}\noptions ndots:5\n",
                                                        request.podNamespace, domain, k.settings.dnsAddress.text());
        request.files["/etc/hosts"] = fmt::format("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
                                                  "ip6-loopback\n{}\t{}\n", work.address->text(), request.podName);
        request.files["/etc/hostname"] = request.podName + "\n";
    }
    work.sandbox = k.context.runtimes.createSandbox(runtime, m_host, std::move(request));
    // Network namespace, CNI and the pause container take a few hundred milliseconds.
    const Duration setup = k.context.engine.random("kubelet/sandbox").uniform(250ms, 650ms);
    work.sandboxReady = k.now() + setup;
    wake(k, work, setup);
    return false;
}

net::Ipv4 Kubelet::freeAddress() const
{
    std::set<net::Ipv4> taken;
    for (const auto& [uid, work] : m_pods)
        if (work.address)
            taken.insert(*work.address);
    net::Ipv4 candidate{m_podRange.base.value + 2}; // .1 is the node's end of the bridge
    while (taken.count(candidate) > 0)
        ++candidate.value;
    return candidate;
}

bool Kubelet::runContainer(KubeletContext& k, PodWork& work, bool init, std::uint32_t index)
{
    ContainerRecord& record = (init ? work.init : work.containers)[index];
    const Container& spec = (init ? work.pod->spec.initContainers : work.pod->spec.containers)[index];
    if (record.done)
        return true;
    const container::Container* present = record.id.valid() ? k.context.runtimes.find(record.id) : nullptr;
    if (present != nullptr && present->state == container::Container::State::Running) {
        if (init || present->image == spec.image)
            return !init;
        // An image changed in place: the container is replaced.
        event(k, work, kNormal, reason::kKilling, fmt::format("Container {} definition changed, will be restarted", spec.name), spec.name);
        container::Context runtime = k.runtime();
        k.context.runtimes.stop(runtime, record.id, std::chrono::seconds(work.pod->spec.terminationGracePeriodSeconds.value_or(30)));
        return false;
    }
    if (record.id.valid() && !record.exitSeen) {
        dealWithExit(k, work, record, spec, init);
        if (record.done)
            return true;
    }
    if (k.now() < record.notBefore) {
        const std::string where = formatPod(work.pod->metadata.name, work.pod->metadata.namespace_, work.pod->metadata.uid);
        record.waiting = ContainerStateWaiting{fmt::format("back-off {} restarting failed container={} pod={}", goDuration(record.backoff),
                                                           spec.name, where), reason::kCrashLoopBackOff};
        event(k, work, kWarning, reason::kBackOff, fmt::format("Back-off restarting failed container {} in pod {}", spec.name, where),
              spec.name, init);
        wake(k, work, std::min(record.notBefore - k.now(), errorRetry(k)));
        return false;
    }
    if (!ensureImage(k, work, init, index))
        return false;
    launch(k, work, record, spec, init, index);
    return false;
}

void Kubelet::dealWithExit(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container&, bool init)
{
    record.exitSeen = true;
    const container::Container* ended = k.context.runtimes.find(record.id);
    ContainerStateTerminated terminated;
    Duration ran{};
    if (ended != nullptr) {
        terminated.containerID = "containerd://" + ended->hexId;
        terminated.exitCode = ended->exitCode;
        terminated.finishedAt = Time{ended->finished};
        terminated.startedAt = Time{ended->started};
        terminated.reason = ended->outOfMemory ? "OOMKilled" : ended->exitCode == 0 ? "Completed" : ended->exitCode == 255 ? "Unknown" : "Error";
        ran = ended->finished - ended->started;
    } else {
        terminated.exitCode = 137;
        terminated.reason = "ContainerStatusUnknown";
        terminated.message = "The container could not be located when the pod was terminated";
    }
    record.last = terminated;
    record.readiness = record.liveness = record.startup = {};
    for (const auto& gpu : k.context.gpus.all())
        if (gpu.owner == record.id)
            k.context.gpus.at(gpu.id).owner = {};
    const std::string& policy = work.pod->spec.restartPolicy;
    const bool succeeded = terminated.exitCode.value == 0;
    if ((init && succeeded) || (!init && (policy == "Never" || (policy == "OnFailure" && succeeded)))) {
        record.done = true;
        return;
    }
    // The first restart comes at once; from then on 10 s, doubling to 5 min, forgotten after a good run.
    if (ran >= kGoodRun)
        record.backoff = {};
    if (record.restarts == 0 || ran >= kGoodRun) {
        record.notBefore = k.now();
        if (record.restarts > 0)
            record.backoff = {};
    } else {
        record.backoff = record.backoff == Duration{} ? kFirstRestartDelay : std::min(kLongestRestartDelay, record.backoff * 2);
        record.notBefore = k.now() + record.backoff;
    }
}

void Kubelet::launch(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container& spec, bool init, std::uint32_t index)
{
    std::map<std::string, std::string> environment;
    if (const std::string problem = environmentOf(k, work, spec, environment); !problem.empty()) {
        record.waiting = ContainerStateWaiting{problem, reason::kConfigError};
        event(k, work, kWarning, reason::kFailed, "Error: " + problem, spec.name, init);
        wake(k, work, errorRetry(k));
        return;
    }
    container::Context runtime = k.runtime();
    container::Runtimes::ContainerRequest request;
    request.sandbox = work.sandbox;
    request.name = spec.name;
    request.image = spec.image;
    request.command = spec.command;
    request.files = filesOf(k, work, spec);
    const auto limit = spec.resources.limits.find("memory");
    request.memoryLimitBytes = limit == spec.resources.limits.end() ? 0 : limit->second.value();
    const bool again = record.id.valid();
    request.attempt = record.restarts + (again ? 1 : 0);
    request.environment = environment;
    if (record.previous.valid())
        k.context.runtimes.remove(runtime, record.previous);
    const ContainerId id = k.context.runtimes.createContainer(runtime, m_host, std::move(request));
    if (!assignGpus(k, spec, id, environment)) {
        k.context.runtimes.remove(runtime, id);
        record.waiting = ContainerStateWaiting{"no free nvidia.com/gpu device on the node", reason::kConfigError};
        wake(k, work, errorRetry(k));
        return;
    }
    if (again)
        ++record.restarts;
    record.previous = record.id;
    record.id = id;
    record.exitSeen = false;
    record.waiting.reset();
    record.startup = record.readiness = record.liveness = {};
    event(k, work, kNormal, reason::kCreated, fmt::format("Created container: {}", spec.name), spec.name, init);
    k.context.runtimes.start(runtime, id);
    event(k, work, kNormal, reason::kStarted, fmt::format("Started container {}", spec.name), spec.name, init);
    if (!init)
        scheduleProbes(k, work, index);
}

void Kubelet::terminate(KubeletContext& k, PodWork& work)
{
    container::Context runtime = k.runtime();
    const Duration grace = std::chrono::seconds(work.evicted ? 0
            : work.pod->metadata.deletionGracePeriodSeconds
                ? *work.pod->metadata.deletionGracePeriodSeconds
                : work.pod->spec.terminationGracePeriodSeconds.value_or(30));
    const std::string uid = work.pod->metadata.uid;
    bool running = false;
    for (auto* list : {&work.init, &work.containers}) {
        const bool init = list == &work.init;
        for (std::size_t i = 0; i < list->size(); ++i) {
            ContainerRecord& record = (*list)[i];
            const container::Container* present = record.id.valid() ? k.context.runtimes.find(record.id) : nullptr;
            if (present == nullptr || present->state != container::Container::State::Running)
                continue;
            running = true;
            if (record.done)
                continue; // TERM has been sent
            record.done = true;
            const Container& spec = (init ? work.pod->spec.initContainers : work.pod->spec.containers)[i];
            event(k, work, kNormal, reason::kKilling, fmt::format("Stopping container {}", spec.name), spec.name, init);
            k.context.runtimes.stop(runtime, record.id, grace);
        }
    }
    // The pull under way, at the front, is let finish.
    const auto waiting = m_pulls.queue.begin() + (m_pulls.pull.valid() && !m_pulls.queue.empty() ? 1 : 0);
    m_pulls.queue.erase(std::remove_if(waiting, m_pulls.queue.end(), [&](const auto& w) { return w.serial == work.serial; }),
                        m_pulls.queue.end());
    if (running && m_runtimeUp) {
        report(k, work);
        return; // the exits wake this pod again
    }
    if (running) {
        wake(k, work, 10s); // containerd is down: nothing can be stopped now
        return;
    }
    for (auto* list : {&work.init, &work.containers})
        for (ContainerRecord& record : *list) {
            if (record.id.valid() && !record.exitSeen)
                dealWithExit(k, work, record, {}, false);
            if (!work.evicted) {
                k.context.runtimes.remove(runtime, record.id);
                k.context.runtimes.remove(runtime, record.previous);
            }
        }
    if (work.sandbox.valid())
        k.context.runtimes.remove(runtime, work.sandbox);
    work.sandbox = {};
    work.address.reset();
    if (work.evicted && !work.terminating) {
        report(k, work);
        return;
    }
    if (!work.isStatic && k.client == nullptr) {
        work.statusOwed = true; // the object goes when the API answers again
        return;
    }
    if (k.client != nullptr) {
        const auto stored = k.client->store.get<Pod>(keyOf(work.pod->metadata));
        if (stored && stored->metadata.uid == uid && stored->metadata.deletionTimestamp)
            k.client->store.remove<Pod>(keyOf(work.pod->metadata), k.now(), 0);
    }
    forget(k, uid);
}

void Kubelet::forget(KubeletContext&, const std::string& uid)
{
    std::erase_if(m_pulls.backoffs, [&](const auto& entry) { return entry.first.compare(0, uid.size(), uid) == 0; });
    m_pods.erase(uid);
}

} // namespace sim::kube
