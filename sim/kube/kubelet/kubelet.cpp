#include "sim/kube/kubelet/kubelet.h"

#include "sim/kube/client/event_types.h"
#include "sim/kube/kubelet/reasons.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sim::kube {

namespace {

// pkg/kubelet: nodeLeaseDurationSeconds 40 s, renewed every quarter of it.
constexpr Duration kLeasePeriod = 10s;
constexpr const char* kConfigFile = "/var/lib/kubelet/config.yaml";
// How often the runtime's state is asked for (updateRuntimeUp).
constexpr Duration kRuntimePeriod = 5s;
// A process that gets no time to run is tried again.
constexpr Duration kErrorBackOff = 5s;

} // namespace

void Kubelet::start(KubeletContext& shared)
{
    m_running = true;
    ++m_generation;
    m_config = readKubeletConfig(shared.context.hosts.at(m_host));
    const auto configFile = shared.context.hosts.read(m_host, kConfigFile, shared.now());
    m_dns = kubeletDnsOf(configFile ? configFile->content : std::string());
    readCertificate(shared);
    KubeletContext k = own(shared);
    m_runtimeUp = k.context.runtimes.up(k.context.hosts, m_host);
    m_runtimeSeen = k.now();
    m_imagesCollected = k.now();
    m_memoryShort.reset();
    m_diskShort.reset();
    log(k, 'I', "server.go:530", fmt::format("\"Kubelet version\" kubeletVersion=\"{}\"", k.settings.version));
    if (m_config.rotateCertificates)
        log(k, 'I', "server.go:956", "\"Client rotation is on, will bootstrap in background\"");
    log(k, 'I', "kubelet.go:2346", "\"Starting kubelet main sync loop\"");
    readStaticPods(k);
    catchUp(k);
    k.context.engine.after(kLeasePeriod, kubeEvent(EventType::KubeletLease, m_index, m_generation));
    if (!m_runtimeUp)
        k.context.engine.after(kRuntimePeriod, kubeEvent(EventType::KubeletStatus, m_index, m_generation));
    nodeEvent(k, kNormal, "Starting", "Starting kubelet.");
    notePressure(k);
    reportNode(k);
}

bool Kubelet::responds(const KubeletContext& k) const
{
    return k.context.hosts.unitResponds(m_host, "kubelet.service") && !k.context.hosts.at(m_host).starvedOfMemory();
}

void Kubelet::stop()
{
    // What it remembered is in the containers' own state; a new process finds them again.
    m_running = false;
    ++m_generation;
    m_pulls = {};
    for (auto& [uid, work] : m_pods) {
        ++work.generation;
        work.wakeAt.reset();
        for (auto* list : work.lists())
            for (ContainerRecord& record : *list)
                record.pulling = false;
    }
}

void Kubelet::relist(KubeletContext& shared)
{
    if (!m_running)
        return;
    KubeletContext k = own(shared);
    if (!responds(k))
        m_missed = true;
    else
        catchUp(k);
}

void Kubelet::catchUp(KubeletContext& k)
{
    m_missed = k.client == nullptr;
    if (k.client == nullptr)
        return;
    registerNode(k);
    renewLease(k);
    std::vector<std::string> gone;
    for (const auto& [uid, work] : m_pods) {
        const auto stored = k.client->store.get<Pod>(keyOf(work.pod->metadata));
        if (!work.isStatic && (!stored || stored->metadata.uid != uid))
            gone.push_back(uid);
    }
    for (const std::string& uid : gone) {
        PodWork& work = m_pods.at(uid);
        work.terminating = true;
        wake(k, work, 1ms);
    }
    std::vector<std::shared_ptr<const Pod>> mine;
    for (const auto& [key, pod] : k.client->store.all<Pod>())
        if (pod->spec.nodeName == m_node)
            mine.push_back(pod);
    for (const auto& pod : mine)
        observe(k, keyOf(pod->metadata), pod);
    for (auto& [uid, work] : m_pods)
        wake(k, work, 1ms);
}

void Kubelet::observe(KubeletContext& shared, const ObjectKey& key, std::shared_ptr<const Pod> pod)
{
    if (!m_running)
        return;
    KubeletContext k = own(shared);
    if (k.client == nullptr || !responds(k)) {
        m_missed = true;
        return;
    }
    if (!pod) {
        for (auto& [uid, work] : m_pods)
            if (!work.isStatic && keyOf(work.pod->metadata) == key) {
                work.terminating = true;
                wake(k, work, 1ms);
            }
        return;
    }
    if (isMirrorPod(*pod)) {
        // Deleting a mirror pod changes nothing on the node: it is made again.
        for (auto& [uid, work] : m_pods)
            if (work.isStatic && keyOf(work.pod->metadata) == key && pod->metadata.deletionTimestamp && k.client != nullptr)
                k.client->store.remove<Pod>(key, k.now(), 0);
        return;
    }
    const auto it = m_pods.find(pod->metadata.uid);
    if (it == m_pods.end() && isTerminal(*pod) && !pod->metadata.deletionTimestamp)
        return;
    const bool fresh = it == m_pods.end();
    PodWork& work = fresh ? adopt(k, pod, false) : it->second;
    if (fresh && !pod->metadata.deletionTimestamp && !admits(k, work))
        return;
    const bool specChanged = work.pod->spec != pod->spec;
    work.pod = pod;
    work.ephemeral.resize(pod->spec.ephemeralContainers.size()); // they are only ever added
    if (pod->metadata.deletionTimestamp)
        work.terminating = true;
    if (fresh || specChanged || work.terminating)
        wake(k, work, k.context.engine.random("kubelet/sync").uniform(2ms, 20ms));
}

void Kubelet::observeInputs(KubeletContext& k)
{
    if (!m_running || !authorized(k))
        return;
    for (auto& [uid, work] : m_pods) {
        const bool waits = work.mountFailures > 0
            || std::any_of(work.containers.begin(), work.containers.end(), [](const ContainerRecord& r) {
                   return r.waiting && r.waiting->reason == reason::kConfigError;
               });
        if (waits)
            wake(k, work, 1s);
    }
}

PodWork& Kubelet::adopt(KubeletContext& k, std::shared_ptr<const Pod> pod, bool isStatic)
{
    const std::string uid = pod->metadata.uid;
    PodWork work;
    work.isStatic = isStatic;
    work.serial = m_nextSerial++;
    work.init.resize(pod->spec.initContainers.size());
    work.containers.resize(pod->spec.containers.size());
    work.started = Time{k.now()};
    work.pod = std::move(pod);
    return m_pods.emplace(uid, std::move(work)).first->second;
}

void Kubelet::on(KubeletContext& shared, const container::Notice& notice)
{
    if (!m_running)
        return;
    KubeletContext k = own(shared);
    if (const auto* pulled = std::get_if<container::PullEnded>(&notice)) {
        pullEnded(k, *pulled);
    } else if (const auto* exited = std::get_if<container::ContainerExited>(&notice)) {
        const container::Container* container = k.context.runtimes.find(exited->id);
        if (container == nullptr)
            return;
        const auto it = m_pods.find(container->podUid);
        if (it != m_pods.end())
            wake(k, it->second, k.context.engine.random("kubelet/pleg").uniform(5ms, 900ms)); // PLEG relists each second
    } else if (std::holds_alternative<container::RuntimeDown>(notice) && responds(k)) {
        checkRuntime(k);
    }
}

void Kubelet::syncEvent(KubeletContext& shared, std::uint64_t argument)
{
    PodWork* work = bySerial(static_cast<std::uint32_t>(argument >> 32));
    if (!m_running || work == nullptr || work->generation != static_cast<std::uint32_t>(argument))
        return;
    work->wakeAt.reset();
    KubeletContext k = own(shared);
    if (responds(k))
        sync(k, *work);
    else
        wake(k, *work, kErrorBackOff);
}

void Kubelet::leaseEvent(KubeletContext& shared, std::uint64_t generation)
{
    if (!m_running || generation != m_generation)
        return;
    shared.context.engine.after(kLeasePeriod, kubeEvent(EventType::KubeletLease, m_index, m_generation));
    if (!responds(shared)) {
        m_missed = true;
        if (shared.context.hosts.unitResponds(m_host, "kubelet.service"))
            leaseTimesOut(shared);
        return;
    }
    rotateCertificate(shared);
    KubeletContext k = own(shared);
    if (shared.client != nullptr && k.client == nullptr) {
        m_missed = true;
        refused(shared);
    }
    checkRuntime(k);
    readStaticPods(k);
    if (m_missed && k.client != nullptr)
        catchUp(k);
    if (k.client != nullptr)
        registerNode(k);
    publishCsiNode(k);
    renewLease(k);
    relievePressure(k);
    reportNode(k);
    refreshMounts(k);
    for (auto& [uid, work] : m_pods) {
        if (work.isStatic && k.client != nullptr)
            mirror(k, work);
        if (work.statusOwed && k.client != nullptr)
            wake(k, work, 1ms);
    }
}

void Kubelet::statusEvent(KubeletContext& shared, std::uint64_t generation)
{
    if (!m_running || generation != m_generation || m_runtimeUp)
        return;
    if (!responds(shared)) {
        shared.context.engine.after(kRuntimePeriod, kubeEvent(EventType::KubeletStatus, m_index, m_generation));
        return;
    }
    KubeletContext k = own(shared);
    m_runtimeUp = true; // checkRuntime() finds out, and plans the next look
    checkRuntime(k);
}

void Kubelet::checkRuntime(KubeletContext& k)
{
    const host::Hosts& hosts = k.context.hosts;
    const bool up = k.context.runtimes.up(hosts, m_host);
    if (up) {
        m_runtimeSeen = k.now();
        if (!std::exchange(m_runtimeUp, true))
            for (auto& [uid, work] : m_pods)
                wake(k, work, 500ms);
        reportNode(k);
        return;
    }
    const auto& units = hosts.at(m_host).units;
    const auto unit = units.find("containerd.service");
    // A process that stands still keeps its socket open; one that ended in order has removed it.
    const std::string problem = hosts.unitActive(m_host, "containerd.service")
        ? "rpc error: code = DeadlineExceeded desc = context deadline exceeded"
        : fmt::format("rpc error: code = Unavailable desc = connection error: desc = \\\"transport: Error while dialing: dial unix "
                      "/run/containerd/containerd.sock: connect: {}\\\"",
                      unit != units.end() && unit->second.state == host::Unit::State::Inactive ? "no such file or directory"
                                                                                                : "connection refused");
    log(k, 'E', "log.go:32", fmt::format("\"Status from runtime service failed\" err=\"{}\"", problem));
    log(k, 'E', "kubelet.go:2991", fmt::format("\"Container runtime sanity check failed\" err=\"{}\"", problem));
    if (const std::string why = notReadyMessage(k); !why.empty())
        log(k, 'E', "kubelet.go:2412", fmt::format("\"Skipping pod synchronization\" err=\"{}\"", why));
    if (std::exchange(m_runtimeUp, false))
        k.context.engine.after(kRuntimePeriod, kubeEvent(EventType::KubeletStatus, m_index, m_generation));
    reportNode(k);
}

PodWork* Kubelet::bySerial(std::uint32_t serial)
{
    for (auto& [uid, work] : m_pods)
        if (work.serial == serial)
            return &work;
    return nullptr;
}

void Kubelet::wake(KubeletContext& k, PodWork& work, Duration after)
{
    const Instant at = k.now() + after;
    if (work.wakeAt && *work.wakeAt <= at)
        return;
    work.wakeAt = at;
    ++work.generation;
    k.context.engine.at(at, kubeEvent(EventType::KubeletPodSync, m_index, (std::uint64_t{work.serial} << 32) | work.generation));
}

ContainerId Kubelet::containerOf(const std::string& podUid, const std::string& name, bool previous) const
{
    const auto it = m_pods.find(podUid);
    if (it == m_pods.end())
        return {};
    const PodSpec& spec = it->second.pod->spec;
    for (std::size_t i = 0; i < spec.containers.size(); ++i)
        if (name.empty() || spec.containers[i].name == name)
            return previous ? it->second.containers[i].previous : it->second.containers[i].id;
    for (std::size_t i = 0; i < spec.initContainers.size(); ++i)
        if (spec.initContainers[i].name == name)
            return previous ? it->second.init[i].previous : it->second.init[i].id;
    for (std::size_t i = 0; i < it->second.ephemeral.size(); ++i)
        if (spec.ephemeralContainers[i].name == name)
            return previous ? it->second.ephemeral[i].previous : it->second.ephemeral[i].id;
    return {};
}

void Kubelet::event(KubeletContext& k, const PodWork& work, const char* type, const std::string& reason, const std::string& message,
                    const std::string& container, ContainerRole role) const
{
    if (k.client == nullptr)
        return;
    ObjectReference reference = referenceTo(*work.pod);
    static constexpr std::array<const char*, 3> kLists{"containers", "initContainers", "ephemeralContainers"}; // by role
    if (!container.empty())
        reference.fieldPath = fmt::format("spec.{}{{{}}}", kLists[static_cast<std::size_t>(role)], container);
    k.client->recorder.record(k.context, k.client->store, Reporter{"kubelet", m_node, false, {}}, reference, type, reason, message);
}

void Kubelet::log(KubeletContext& k, char severity, const std::string& source, const std::string& message) const
{
    // klog's header: severity, month and day, time in microseconds, process, source line.
    const host::Machine& machine = k.context.hosts.at(m_host);
    const auto unit = machine.units.find("kubelet.service");
    const host::Pid pid = unit == machine.units.end() ? 0 : unit->second.mainPid;
    const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_time<Duration>(k.now().time_since_epoch()));
    const std::chrono::year_month_day date(day);
    const std::int64_t micros = (k.now().time_since_epoch() - day.time_since_epoch()) / 1us;
    k.context.hosts.log(k.context.engine, m_host, "kubelet", "kubelet.service", pid, severity == 'E' ? 3 : severity == 'W' ? 4 : 6,
                        fmt::format("{}{:02}{:02} {:02}:{:02}:{:02}.{:06} {:>7} {}] {}", severity, static_cast<unsigned>(date.month()),
                                    static_cast<unsigned>(date.day()), micros / 3'600'000'000, micros / 60'000'000 % 60,
                                    micros / 1'000'000 % 60, micros % 1'000'000, pid, source, message));
}

bool Kubelet::operator==(const Kubelet& other) const
{
    return fingerprintOf(*this) == fingerprintOf(other);
}

void Kubelet::addTo(Fingerprint& f) const
{
    f.add(m_node);
    f.add(std::uint64_t{m_running});
    f.add(std::uint64_t{m_generation});
    f.add(std::uint64_t{m_nextSerial});
    sim::addTo(f, m_pods);
    m_pulls.addTo(f);
    sim::addTo(f, m_staticHashes);
    sim::addTo(f, m_nodeReported);
    f.add(std::uint64_t{m_runtimeUp});
    sim::addTo(f, m_runtimeSeen);
    f.add(std::uint64_t{m_missed});
    sim::addTo(f, m_config);
    sim::addTo(f, m_dns);
    sim::addTo(f, m_certificateUntil);
    f.add(m_certificateSerial);
    sim::addTo(f, m_memoryShort);
    sim::addTo(f, m_diskShort);
    sim::addTo(f, m_imagesCollected);
}

} // namespace sim::kube
