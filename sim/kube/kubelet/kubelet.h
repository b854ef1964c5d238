#pragma once

#include "sim/kube/client/client.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/kubelet/kubelet_config.h"
#include "sim/kube/network/pod_dns.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// What a kubelet may touch while it works. `client` is null while no API server answers: it goes on with
/// what it knows, and reports later.
struct KubeletContext {
    Context& context;
    Client* client = nullptr;
    const ClusterSettings& settings;

    Instant now() const { return context.engine.now(); }
    container::Context runtime() const { return context.runtimeContext(); }
};

/// One probe of one container.
struct ProbeRun {
    std::int64_t failures = 0;   ///< in a row
    std::int64_t successes = 0;  ///< in a row
    bool passed = false;
    bool operator==(const ProbeRun&) const = default;
};
BOOST_DESCRIBE_STRUCT(ProbeRun, (), (failures, successes, passed))

/// What the kubelet knows of one container of a pod, over its restarts.
struct ContainerRecord {
    ContainerId id;                   ///< the present one, running or ended
    ContainerId previous;
    std::vector<GpuId> gpus;          ///< that its pod holds for it, whatever becomes of them
    std::int64_t restarts = 0;
    Duration backoff{};               ///< of CrashLoopBackOff; 0: none yet
    Instant notBefore{};              ///< the next start
    bool exitSeen = false;            ///< the present one's end has been dealt with
    bool done = false;                ///< ended for good (init and ephemeral containers, restartPolicy)
    bool pulling = false;             ///< queued or under way
    bool stopping = false;            ///< TERM has been sent to the present one; it is not probed any more
    std::optional<Instant> termAt;    ///< its preStop hook runs until then
    Instant killAt{};                 ///< with `termAt`: end of the grace period
    std::string startError;           ///< why the present one never ran
    ProbeRun startup;
    ProbeRun readiness;
    ProbeRun liveness;
    std::optional<ContainerStateWaiting> waiting;
    std::optional<ContainerStateTerminated> last;
    bool operator==(const ContainerRecord&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerRecord, (), (id, previous, gpus, restarts, backoff, notBefore, exitSeen, done, pulling, stopping, termAt, killAt, startError, startup,
    readiness, liveness, waiting, last))

/// Which of its pod's lists a container stands in.
enum class ContainerRole : std::uint8_t { Regular, Init, Ephemeral };

/// One pod on the node.
struct PodWork {
    std::shared_ptr<const Pod> pod;   ///< as last seen; static pods: as read from the file
    bool isStatic = false;
    ContainerId sandbox;
    Instant sandboxReady{};
    std::optional<net::Ipv4> address;
    std::vector<ContainerRecord> init;
    std::vector<ContainerRecord> containers;
    std::vector<ContainerRecord> ephemeral;
    bool terminating = false;
    bool evicted = false;
    std::string evictionMessage;
    std::optional<Instant> stopBy;    ///< end of the grace period, once its containers are being stopped
    bool statusOwed = false;          ///< the API did not take the latest status
    std::optional<Time> started;
    std::int64_t mountFailures = 0;
    std::optional<Instant> volumesSince; ///< it has waited for its volumes to be attached since then
    std::optional<Instant> wakeAt;
    std::uint32_t generation = 0;     ///< of its sync events
    std::uint32_t serial = 0;

    std::array<std::vector<ContainerRecord>*, 3> lists() { return {&init, &containers, &ephemeral}; }
    std::vector<ContainerRecord>& records(ContainerRole role)
    {
        return role == ContainerRole::Init ? init : role == ContainerRole::Regular ? containers : ephemeral;
    }
    const Container& spec(ContainerRole role, std::size_t index) const
    {
        const PodSpec& all = pod->spec;
        return role == ContainerRole::Init ? all.initContainers[index]
            : role == ContainerRole::Regular ? all.containers[index] : static_cast<const Container&>(all.ephemeralContainers[index]);
    }
    bool operator==(const PodWork& other) const { return fingerprintOf(*this) == fingerprintOf(other); }
};
BOOST_DESCRIBE_STRUCT(PodWork, (), (pod, isStatic, sandbox, sandboxReady, address, init, containers, ephemeral, terminating, evicted,
    evictionMessage, stopBy, statusOwed, started, mountFailures, volumesSince, wakeAt, generation, serial))

/// An init container that is restarted for ever: it starts in its place and runs beside the others.
inline bool isSidecar(const Container& spec) { return spec.restartPolicy == "Always"; }

/// Image pulls of a node: one at a time (serializeImagePulls), and how long to leave a failing image alone.
struct ImagePulls {
    struct Wanted {
        std::uint32_t serial = 0;     ///< pod
        ContainerRole role = ContainerRole::Regular;
        std::uint32_t index = 0;      ///< container
        Instant queued{};
        bool operator==(const Wanted&) const = default;
        void addTo(Fingerprint& f) const
        {
            f.add(std::uint64_t{serial});
            f.add(std::uint64_t{index} * 4 + static_cast<std::uint64_t>(role));
            sim::addTo(f, queued);
        }
    };
    struct BackOff {
        Duration delay{};
        Instant since{};
        std::string error;            ///< of the last attempt
        bool operator==(const BackOff&) const = default;
        void addTo(Fingerprint& f) const
        {
            sim::addTo(f, delay);
            sim::addTo(f, since);
            f.add(error);
        }
    };
    std::vector<Wanted> queue;        ///< front: under way when `pull` is valid
    PullId pull;
    std::uint32_t tried = 0;          ///< accounts that the pull under way has tried in vain
    std::vector<std::string> errors;  ///< what they met
    std::map<std::string, BackOff> backoffs; ///< pod uid + image
    bool operator==(const ImagePulls&) const = default;
    void addTo(Fingerprint& f) const
    {
        sim::addTo(f, queue);
        sim::addTo(f, pull);
        f.add(std::uint64_t{tried});
        sim::addTo(f, errors);
        sim::addTo(f, backoffs);
    }
};

/// The kubelet of one node. Works while kubelet.service is active there; what runs in containerd goes on
/// without it.
class Kubelet {
public:
    Kubelet(HostId host, std::uint32_t index, std::string node, net::Prefix podRange)
        : m_host(host)
        , m_index(index)
        , m_node(std::move(node))
        , m_podRange(podRange)
    {
    }

    HostId host() const { return m_host; }
    const std::string& node() const { return m_node; }
    bool running() const { return m_running; }

    /// The process has started: reads the static pods, finds its containers again, begins its loops.
    void start(KubeletContext& k);
    void stop();

    /// A pod of this node was added or changed in the API (null: it is gone).
    void observe(KubeletContext& k, const ObjectKey& key, std::shared_ptr<const Pod> pod);
    /// A ConfigMap or Secret changed: pods that wait for one look again.
    void observeInputs(KubeletContext& k);
    void relist(KubeletContext& k);
    void on(KubeletContext& k, const container::Notice& notice);

    void syncEvent(KubeletContext& k, std::uint64_t argument);
    void probeEvent(KubeletContext& k, std::uint64_t argument);
    /// Every 10 s: lease, static pods, evictions, what is owed to the API.
    void leaseEvent(KubeletContext& k, std::uint64_t generation);
    /// Every 5 s while containerd does not answer.
    void statusEvent(KubeletContext& k, std::uint64_t generation);

    /// The runtime's container of a pod's container, for logs and exec.
    ContainerId containerOf(const std::string& podUid, const std::string& name, bool previous) const;

    bool operator==(const Kubelet& other) const;
    void addTo(Fingerprint& f) const;

private:
    /// One signal of the eviction manager.
    struct Observation {
        std::string signal;           ///< "nodefs.available"
        std::int64_t available = 0;   ///< bytes or inodes
        std::int64_t capacity = 0;
    };

    // kubelet.cpp
    /// The process gets to run: it is neither stopped (SIGSTOP) nor starved of memory with the whole machine.
    bool responds(const KubeletContext& k) const;
    void catchUp(KubeletContext& k);

    // client_certificate.cpp
    void readCertificate(const KubeletContext& k);
    bool authorized(const KubeletContext& k) const;
    /// The same world without the API when the API refuses this kubelet's certificate.
    KubeletContext own(const KubeletContext& shared) const;
    void rotateCertificate(KubeletContext& k);
    void refused(const KubeletContext& shared);

    // pod_worker.cpp
    void sync(KubeletContext& k, PodWork& work);
    bool ensureSandbox(KubeletContext& k, PodWork& work);
    bool runContainer(KubeletContext& k, PodWork& work, ContainerRole role, std::uint32_t index);
    void dealWithExit(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container& spec, ContainerRole role);
    void launch(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container& spec, ContainerRole role, std::uint32_t index);
    void terminate(KubeletContext& k, PodWork& work);
    void forget(KubeletContext& k, const std::string& uid);
    void wake(KubeletContext& k, PodWork& work, Duration after);
    PodWork* bySerial(std::uint32_t serial);
    PodWork& adopt(KubeletContext& k, std::shared_ptr<const Pod> pod, bool isStatic);
    net::Ipv4 freeAddress() const;

    // container_order.cpp
    struct HookResult {
        Duration took{};
        bool succeeded = true;
    };
    HookResult runHook(const KubeletContext& k, const container::Container& in, const LifecycleHandler& hook) const;
    /// Runs and has passed its startup probe.
    bool startedUp(const KubeletContext& k, const ContainerRecord& record, const Container& spec) const;
    /// Starts what is due before the containers proper; true when these may start.
    bool initialize(KubeletContext& k, PodWork& work);
    /// False when the hook failed and the container is being stopped for it.
    bool postStart(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container& spec, ContainerRole role);
    /// preStop hook, then TERM, then KILL at the end of the grace period.
    void beginStop(KubeletContext& k, PodWork& work, ContainerRecord& record, const Container& spec, ContainerRole role, Duration grace);
    void continueStops(KubeletContext& k, PodWork& work);
    /// Stops all containers, or the sidecars, in their order. True while one still runs.
    bool stopContainers(KubeletContext& k, PodWork& work, Duration grace, bool sidecarsOnly);

    // volumes.cpp
    bool volumesReady(KubeletContext& k, PodWork& work);
    void publishCsiNode(KubeletContext& k);

    // image_pulls.cpp
    bool ensureImage(KubeletContext& k, PodWork& work, ContainerRole role, std::uint32_t index);
    void nextPull(KubeletContext& k);
    void pullEnded(KubeletContext& k, const container::PullEnded& ended);
    /// The accounts that the pod's pull secrets hold for the registry, in their order; `missing` names the
    /// secrets that are not there.
    std::vector<container::Credentials> credentialsFor(KubeletContext& k, const PodWork& work, const std::string& registry,
                                                       std::string& missing);
    void startPull(KubeletContext& k, const std::vector<container::Credentials>& credentials, const container::Reference& reference);

    // container_inputs.cpp
    std::string environmentOf(KubeletContext& k, const PodWork& work, const Container& spec,
                              std::map<std::string, std::string>& environment) const;
    std::map<std::string, std::string> filesOf(KubeletContext& k, const PodWork& work, const Container& spec) const;
    /// Brings mounted ConfigMaps and Secrets of running containers up to date.
    void refreshMounts(KubeletContext& k);
    /// What nvidia-container-cli says when it cannot give a container its GPUs; empty when it can, or the container has none.
    std::string gpuHookError(KubeletContext& k, ContainerId container) const;
    bool assignGpus(KubeletContext& k, const Container& spec, ContainerRecord& record, ContainerId container, std::map<std::string, std::string>& environment);

    // probes.cpp
    void scheduleProbes(KubeletContext& k, PodWork& work, ContainerRole role, std::uint32_t index);
    void runProbe(KubeletContext& k, PodWork& work, ContainerRole role, std::uint32_t index, int kind);

    // pod_status.cpp
    void report(KubeletContext& k, PodWork& work);
    PodStatus statusOf(const KubeletContext& k, const PodWork& work) const;

    // node_status.cpp
    void registerNode(KubeletContext& k);
    void reportNode(KubeletContext& k);
    void renewLease(KubeletContext& k);
    void checkRuntime(KubeletContext& k);
    /// Why the node is not ready; empty when it is.
    std::string notReadyMessage(const KubeletContext& k) const;
    void nodeEvent(KubeletContext& k, const char* type, const std::string& reason, const std::string& message) const;
    void leaseTimesOut(KubeletContext& k) const;

    // eviction.cpp
    std::vector<Observation> observeResources(const KubeletContext& k) const;
    /// Those below their threshold, memory first; with what is to be reclaimed beyond it, if asked.
    std::vector<Observation> starvedOf(const std::vector<Observation>& observations, bool withReclaim) const;
    void notePressure(const KubeletContext& k);
    bool underPressure(const KubeletContext& k, const std::optional<Instant>& lastShort) const;
    std::int64_t usageOf(const KubeletContext& k, const ContainerRecord& record, const std::string& resource) const;
    /// False when less than wanted was there to remove. 0: all.
    bool removeUnusedImages(KubeletContext& k, std::int64_t wantedBytes);
    void collectImages(KubeletContext& k);
    void relievePressure(KubeletContext& k);
    void evictOne(KubeletContext& k, const Observation& starved, const std::string& resource);
    void evict(KubeletContext& k, PodWork& work, const std::string& message);
    bool admits(KubeletContext& k, PodWork& work);

    // static_pods.cpp
    void readStaticPods(KubeletContext& k);
    void mirror(KubeletContext& k, PodWork& work);

    void event(KubeletContext& k, const PodWork& work, const char* type, const std::string& reason, const std::string& message,
               const std::string& container = {}, ContainerRole role = ContainerRole::Regular) const;
    void log(KubeletContext& k, char severity, const std::string& source, const std::string& message) const;

    HostId m_host;
    std::uint32_t m_index;
    std::string m_node;
    net::Prefix m_podRange;
    bool m_running = false;
    std::uint32_t m_generation = 0;           ///< of this process
    std::uint32_t m_nextSerial = 1;
    std::map<std::string, PodWork> m_pods;    ///< by uid
    ImagePulls m_pulls;
    std::map<std::string, std::string> m_staticHashes; ///< file -> uid
    Instant m_nodeReported{};
    bool m_runtimeUp = true;
    Instant m_runtimeSeen{};                  ///< its last answer
    bool m_missed = false;                    ///< changes went by unseen: everything is to be listed anew
    KubeletConfig m_config;
    KubeletDns m_dns;                         ///< of the same file, read at the same time
    Instant m_certificateFrom{};
    Instant m_certificateUntil{};             ///< 1970 without one
    std::uint64_t m_certificateSerial = 0;
    std::optional<Instant> m_memoryShort;     ///< last time below a threshold
    std::optional<Instant> m_diskShort;
    Instant m_imagesCollected{};
};

} // namespace sim::kube
