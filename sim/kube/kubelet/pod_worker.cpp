#include "sim/container/registry.h"
#include "sim/kube/api/defaults.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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
constexpr std::int64_t kEvictionGrace = 1; // s, for a hard threshold (immediateEvictionGracePeriodSeconds)

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

/// The kernel's preference when memory runs out: guaranteed pods last, best-effort ones first, the others by the
/// share of the machine that they asked for (pkg/kubelet/qos/policy.go).
std::int64_t oomScoreOf(const Pod& pod, const Container& spec, std::int64_t machineBytes)
{
    constexpr std::int64_t kGuaranteed = -997;
    constexpr std::int64_t kBestEffort = 1000;
    constexpr std::int64_t kCritical = 2'000'001'000; // system-node-critical
    const std::string qos = qosClassOf(pod.spec);
    if (qos == "Guaranteed" || pod.spec.priority.value_or(0) >= kCritical)
        return kGuaranteed;
    if (qos == "BestEffort")
        return kBestEffort;
    const auto request = spec.resources.requests.find("memory");
    const std::int64_t bytes = request == spec.resources.requests.end() ? 0 : request->second.value();
    const std::int64_t score = 1000 - 1000 * (bytes / 1024) / std::max<std::int64_t>(1, machineBytes / 1024);
    return std::clamp<std::int64_t>(score, 1000 + kGuaranteed, kBestEffort - 1);
}

std::map<std::string, std::string> hostFoldersOf(const Pod& pod, const Container& spec)
{
    std::map<std::string, std::string> folders;
    for (const VolumeMount& mount : spec.volumeMounts)
        for (const Volume& volume : *pod.spec.volumes)
            if (volume.name == mount.name && volume.hostPath)
                folders[mount.mountPath] = volume.hostPath->path;
    return folders;
}

/// Claims whose volumes a CSI driver has made: where they are mounted, and what the driver calls them.
std::map<std::string, std::string> driverVolumesOf(const Store& store, const Pod& pod, const Container& spec)
{
    std::map<std::string, std::string> volumes;
    for (const VolumeMount& mount : spec.volumeMounts)
        for (const Volume& volume : *pod.spec.volumes) {
            if (volume.name != mount.name || !volume.persistentVolumeClaim)
                continue;
            const auto claim = store.get<PersistentVolumeClaim>({pod.metadata.namespace_, volume.persistentVolumeClaim->claimName.value});
            const auto bound = claim ? store.get<PersistentVolume>({"", claim->spec.volumeName}) : nullptr;
            if (bound && bound->spec.csi)
                volumes[mount.mountPath] = bound->spec.csi->driver.value + "/" + bound->spec.csi->volumeHandle.value;
        }
    return volumes;
}

/// "$(NAME)" becomes the variable's value, "$$(NAME)" the text itself; unknown names stay as they are.
std::string expanded(const std::string& text, const std::map<std::string, std::string>& environment)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = text.compare(i, 2, "$(") == 0 ? text.find(')', i) : std::string::npos;
        if (text.compare(i, 2, "$$") == 0) {
            out += '$';
            ++i;
        } else if (end != std::string::npos && environment.count(text.substr(i + 2, end - i - 2)) > 0) {
            out += environment.at(text.substr(i + 2, end - i - 2));
            i = end;
        } else {
            out += text[i];
        }
    }
    return out;
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
    continueStops(k, work);
    const auto ended = [&work] {
        return !work.containers.empty()
            && std::all_of(work.containers.begin(), work.containers.end(), [](const ContainerRecord& record) { return record.done; });
    };
    if (!ended() && ensureSandbox(k, work)) {
        for (std::uint32_t i = 0; i < work.ephemeral.size(); ++i) // a pod whose init container fails can be looked into
            runContainer(k, work, ContainerRole::Ephemeral, i);
        if (initialize(k, work))
            for (std::uint32_t i = 0; i < work.containers.size(); ++i)
                runContainer(k, work, ContainerRole::Regular, i);
    }
    if (ended()) // the sidecars have nobody left to serve
        stopContainers(k, work, std::chrono::seconds(work.pod->spec.terminationGracePeriodSeconds.value_or(30)), true);
    report(k, work);
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
        for (auto* list : work.lists())
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
    const auto hostResolver = k.context.hosts.read(m_host, "/etc/resolv.conf", k.now());
    request.files["/etc/resolv.conf"] = podResolvConf(*work.pod, m_dns, hostResolver ? hostResolver->content : std::string());
    if (!work.pod->spec.hostNetwork) {
        if (!work.address)
            work.address = freeAddress();
        request.address = work.address;
        request.files["/etc/hosts"] = podHostsFile(*work.pod, work.address->text(), m_dns.domain);
        request.files["/etc/hostname"] = (work.pod->spec.hostname.empty() ? request.podName : work.pod->spec.hostname) + "\n";
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

bool Kubelet::runContainer(KubeletContext& k, PodWork& work, ContainerRole role, std::uint32_t index)
{
    ContainerRecord& record = work.records(role)[index];
    const Container& spec = work.spec(role, index);
    const bool init = role == ContainerRole::Init;
    if (record.done)
        return true;
    const container::Container* present = record.id.valid() ? k.context.runtimes.find(record.id) : nullptr;
    if (present != nullptr && present->state == container::Container::State::Running) {
        if (role != ContainerRole::Regular || present->image == spec.image)
            return !init || isSidecar(spec);
        // An image changed in place: the container is replaced.
        if (record.stopping)
            return false;
        event(k, work, kNormal, reason::kKilling, fmt::format("Container {} definition changed, will be restarted", spec.name), spec.name);
        beginStop(k, work, record, spec, role, std::chrono::seconds(work.pod->spec.terminationGracePeriodSeconds.value_or(30)));
        return false;
    }
    if (record.id.valid() && !record.exitSeen) {
        dealWithExit(k, work, record, spec, role);
        if (record.done)
            return true;
    }
    if (k.now() < record.notBefore) {
        const std::string where = formatPod(work.pod->metadata.name, work.pod->metadata.namespace_, work.pod->metadata.uid);
        record.waiting = ContainerStateWaiting{fmt::format("back-off {} restarting failed container={} pod={}", goDuration(record.backoff),
                                                           spec.name, where), reason::kCrashLoopBackOff};
        event(k, work, kWarning, reason::kBackOff, fmt::format("Back-off restarting failed container {} in pod {}", spec.name, where),
              spec.name, role);
        wake(k, work, std::min(record.notBefore - k.now(), errorRetry(k)));
        return false;
    }
    if (!ensureImage(k, work, role, index))
        return false;
    launch(k, work, record, spec, role, index);
    return false;
}

void Kubelet::dealWithExit(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container& spec, ContainerRole role)
{
    const bool init = role == ContainerRole::Init;
    record.exitSeen = true;
    record.termAt.reset();
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
        if (!record.startError.empty()) {
            terminated.reason = "StartError";
            terminated.message = record.startError;
            terminated.startedAt = Time{Instant{}}; // it never did
        }
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
    if (role == ContainerRole::Ephemeral || (!isSidecar(spec) && ((init && succeeded) || policy == "Never" || (!init && policy == "OnFailure" && succeeded)))) {
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

void Kubelet::launch(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container& spec, ContainerRole role, std::uint32_t index)
{
    std::map<std::string, std::string> environment;
    if (const std::string problem = environmentOf(k, work, spec, environment); !problem.empty()) {
        record.waiting = ContainerStateWaiting{problem, reason::kConfigError};
        event(k, work, kWarning, reason::kFailed, "Error: " + problem, spec.name, role);
        wake(k, work, errorRetry(k));
        return;
    }
    container::Context runtime = k.runtime();
    container::Runtimes::ContainerRequest request;
    request.sandbox = work.sandbox;
    request.name = spec.name;
    request.image = spec.image;
    for (const std::string& word : spec.command)
        request.command.push_back(expanded(word, environment));
    for (const std::string& word : spec.args)
        request.args.push_back(expanded(word, environment));
    request.files = filesOf(k, work, spec);
    request.hostFolders = hostFoldersOf(*work.pod, spec);
    if (k.client != nullptr)
        request.volumes = driverVolumesOf(k.client->store, *work.pod, spec);
    request.oomScoreAdjust = oomScoreOf(*work.pod, spec, k.context.hosts.at(m_host).memoryBytes);
    const auto limit = spec.resources.limits.find("memory");
    request.memoryLimitBytes = limit == spec.resources.limits.end() ? 0 : limit->second.value();
    const bool again = record.id.valid();
    request.attempt = record.restarts + (again ? 1 : 0);
    request.environment = environment;
    request.stdinOpen = spec.stdin_;
    if (record.previous.valid())
        k.context.runtimes.remove(runtime, record.previous);
    const ContainerId id = k.context.runtimes.createContainer(runtime, m_host, std::move(request));
    if (!assignGpus(k, spec, record, id, environment)) {
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
    record.stopping = false;
    record.waiting.reset();
    record.startup = record.readiness = record.liveness = {};
    event(k, work, kNormal, reason::kCreated, fmt::format("Created container: {}", spec.name), spec.name, role);
    record.startError = k.context.runtimes.start(runtime, id, gpuHookError(k, id));
    if (!record.startError.empty()) {
        event(k, work, kWarning, reason::kFailed, "Error: " + record.startError, spec.name, role);
        record.waiting = ContainerStateWaiting{record.startError, reason::kRunContainerError};
        log(k, 'E', "pod_workers.go:1301",
            fmt::format("\"Error syncing pod, skipping\" err=\"failed to \\\"StartContainer\\\" for \\\"{}\\\" with RunContainerError: {}\" "
                        "pod=\"{}/{}\" podUID=\"{}\"", spec.name, nlohmann::json(record.startError).dump(), work.pod->metadata.namespace_,
                        work.pod->metadata.name, work.pod->metadata.uid));
        wake(k, work, 1s); // the PLEG sees the dead container
        return;
    }
    event(k, work, kNormal, reason::kStarted, fmt::format("Started container {}", spec.name), spec.name, role);
    const bool init = role == ContainerRole::Init;
    if (postStart(k, work, record, spec, role) && (!init || isSidecar(spec)))
        scheduleProbes(k, work, role, index);
    if (init && isSidecar(spec)) // the PLEG sees that it runs, and the next may follow
        wake(k, work, k.context.engine.random("kubelet/pleg").uniform(5ms, 900ms));
}

void Kubelet::terminate(KubeletContext& k, PodWork& work)
{
    container::Context runtime = k.runtime();
    const Duration grace = std::chrono::seconds(work.evicted ? kEvictionGrace
            : work.pod->metadata.deletionGracePeriodSeconds
                ? *work.pod->metadata.deletionGracePeriodSeconds
                : work.pod->spec.terminationGracePeriodSeconds.value_or(30));
    const std::string uid = work.pod->metadata.uid;
    const auto runs = [&](const ContainerRecord& record) {
        const container::Container* present = record.id.valid() ? k.context.runtimes.find(record.id) : nullptr;
        return present != nullptr && present->state == container::Container::State::Running;
    };
    const auto lists = work.lists();
    bool running = std::any_of(lists.begin(), lists.end(), [&](const auto* list) { return std::any_of(list->begin(), list->end(), runs); });
    if (m_runtimeUp) { // else nothing can be stopped now
        continueStops(k, work);
        running = stopContainers(k, work, grace, false);
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
    for (auto* list : lists)
        for (ContainerRecord& record : *list) {
            if (record.id.valid() && !record.exitSeen)
                dealWithExit(k, work, record, {}, ContainerRole::Regular);
            record.done = true;
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
