#pragma once

#include "sim/engine/time.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace core::incident {

/// What users get now.
struct ServiceLevel {
    double successRatio = 1;     ///< 0..1
    double ratePerSecond = 0;    ///< requests offered
    double p99Seconds = 0;
};

struct PodState {
    std::string nameSpace;
    std::string name;
    std::string app;             ///< label "app", else the PyTorchJob that it belongs to
    std::string node;            ///< empty while unscheduled
    std::string image;           ///< of the first container, as the pod names it
    std::string waitingReason;   ///< "ImagePullBackOff"; empty when no container waits
    sim::Instant created{};
    bool ready = false;
    bool deleting = false;
    std::optional<sim::Instant> runningSince; ///< since when all of its containers run; nothing while one does not
    bool finished = false;       ///< Failed (an evicted one too) or Succeeded: it stays as it is
};

struct DeploymentState {
    std::int64_t replicas = 0;   ///< wanted
    std::int64_t available = 0;
    std::string image;           ///< of the first container of the template
    std::vector<std::string> pullSecrets;
    std::int64_t updated = 0;    ///< pods of the newest template
    std::int64_t total = 0;      ///< pods of all templates
    bool observed = true;        ///< the controller has seen the newest spec
};

/// etcd behind the API servers.
struct EtcdState {
    int members = 0;             ///< that have all entries: running, and in touch with a majority
    bool takesWrites = false;    ///< a leader, no alarm, commits in time
    double slowestSync = 0;      ///< seconds, of the members' disks
    double quotaUsed = 0;        ///< of the fullest member, 0..1
    bool compacts = false;       ///< the API servers compact by themselves
};

/// A program of content/programs that runs on a machine.
struct ProgramState {
    std::vector<std::string> variants; ///< in which its build, files and settings differ from the plain one
    double collectorShare = 0;         ///< of its CPU that the garbage collector takes, 0..1
};

/// A container of docker that runs on a machine.
struct DockerContainerState {
    std::string name;
    std::string image;                 ///< as it was given: "registry.lab:5000/shop/web:1.1"
    sim::Instant since{};              ///< its latest start
    std::int64_t memoryBytes = 0;      ///< that its processes have
    std::int64_t memoryLimitBytes = 0; ///< 0: none
    bool grows = false;                ///< takes memory for good now
};

/// The GPUs of one machine, and what they hang on.
struct GpuMachineState {
    int working = 0;             ///< GPUs that the driver reaches and the cluster is offered, none of them hung
    bool hardwareSound = false;  ///< contacts, feeds, modules, paste, fans, filters and supplies are as they should be
    bool linksUp = false;        ///< each adapter of the compute network has a link that lasts
    double powerLimitW = 0;      ///< the highest of them
    double hottestC = 0;
    bool heldByHeat = false;     ///< heat holds a clock down now
    double lowestLimitW = 0;     ///< of power
    bool clocksFree = true;      ///< none is locked
    bool nvlinksUp = true;       ///< all of them
};

/// The storage cluster.
struct CephState {
    bool healthy = false;        ///< HEALTH_OK
    bool quorum = false;
    int monitors = 0;            ///< in quorum
    int osdsUp = 0;              ///< and in
    bool clean = false;          ///< all groups are active+clean
    bool serves = false;         ///< files can be read and written: no pause, a metadata server, active groups, room
    double fullest = 0;          ///< OSD, 0..1
    std::int64_t slowOps = 0;
    bool drivesSound = false;    ///< no drive that serves a placement group is sick
    bool linksSound = false;     ///< no card of its machines, or of those with GPUs, is slower than others of its kind
};

/// The compute network, where it is RoCE.
struct RoceState {
    bool trusts = true;        ///< every cabled port sorts by the field that the site's design names
    bool pauses = true;        ///< ... has PFC on for the priorities of the design
    bool marks = true;         ///< ... ECN
    bool receiversDrain = true; ///< no adapter with a link hangs, for good or in bouts
    bool jobLossless = true;   ///< jobs send, all of it in a class that the design keeps lossless
};

/// A training job, as its command line and its last steps have it.
struct TrainingState {
    bool trains = false;         ///< steps end, and some have in this run
    bool learns = false;         ///< none of its last steps was left out or came to no finite loss
    double stepOfSound = 0;      ///< what a step would take on sound machines over what it takes, 0..1
    double learningRate = 0;     ///< the highest of its schedule
    std::int64_t warmupSteps = 0;
    double clip = 0;             ///< gradient norm; 0: none
    bool scalesLoss = true;      ///< its precision needs no loss scale, or it has a dynamic one
    bool cleanData = true;       ///< none of its files holds a value that is not finite
    bool soundCheckpoint = true; ///< the one that a restart would load holds finite weights and the optimiser's state
    bool namesInterface = false; ///< NCCL is told which interface to take, instead of choosing one
    bool soundProgram = true;    ///< no kernel of its release reads beyond its buffers
    double saveSeconds = 0;      ///< how long its last checkpoint held it up; 0: none yet
    double pauseShare = 0;       ///< of its time that goes into checkpoints at that rate
    bool parallelSave = true;    ///< all ranks write their own part
};

/// The replicas of a model server's Deployment, as they were told to run and as the last minute was.
struct ModelState {
    std::int64_t serving = 0;         ///< replicas whose engines make steps
    bool continuous = true;           ///< of those, all: batches are not static
    bool paged = true;                ///< no contiguous reservation
    bool chunked = true;              ///< long prompts are computed in parts
    bool prefixCaching = true;
    bool lru = true;                  ///< what was used least recently goes first
    bool fastAttention = true;        ///< FlashAttention or FlashInfer
    bool eightBitCache = true;
    bool seesDisconnects = true;      ///< a client that leaves is noticed
    bool byPriority = true;           ///< important requests go first
    bool clocksFree = true;           ///< no GPU of theirs is locked to a clock or held below its usual power limit
    std::int64_t blockTokens = 0;     ///< the largest block
    std::int64_t sequences = 0;       ///< the largest --max-num-seqs
    std::set<std::string> boards;     ///< "H100"
    double preemptionsPerMinute = 0;  ///< all together
    double waiting = 0;               ///< requests, all together, on average
    double cacheUse = 0;              ///< of the fullest, 0..1, on average
    double hitRate = 0;               ///< of the tokens looked up, 0..1; 1 while none was
};

/// A client of a model.
struct ModelClientState {
    double share = 1;         ///< of its latest requests, that were answered within its goals, 0..1
    bool stablePrefix = true; ///< its prompts do not begin with something of their own each
    double requestsPerSecond = 0; ///< that it sends
};

/// What predicates and live placeholders ask of a world: facts of its state, never its history. Two
/// implementations: sim::World (sim_world_probe.h) and a plain table for tests.
class WorldProbe {
public:
    virtual ~WorldProbe() = default;

    virtual sim::Instant now() const = 0;
    virtual ServiceLevel serviceLevel() const = 0;
    virtual bool alertFiring() const = 0;

    virtual std::vector<PodState> pods(const std::string& nameSpace) const = 0;
    virtual std::optional<DeploymentState> deployment(const std::string& nameSpace, const std::string& name) const = 0;
    /// Nodes of the cluster by name; `schedulableOnly` leaves out the cordoned ones.
    virtual std::vector<std::string> nodes(bool schedulableOnly) const = 0;
    /// One key of a Secret, base64 undone.
    virtual std::optional<std::string> secretValue(const std::string& nameSpace, const std::string& name,
                                                   const std::string& key) const = 0;

    /// By any of the resource's names; an empty namespace for what has none.
    virtual bool objectExists(const std::string& resource, const std::string& nameSpace, const std::string& name) const = 0;
    /// A pod with this image would be created in the namespace now: what admission and its webhooks would say.
    virtual bool podAdmitted(const std::string& nameSpace, const std::string& image) const = 0;

    virtual EtcdState etcd() const = 0;
    /// Nothing: the machine has no GPUs, or does not exist.
    virtual std::optional<GpuMachineState> gpus(const std::string& machine) const = 0;
    /// Nothing: there is none.
    virtual std::optional<CephState> ceph() const = 0;
    /// Nothing: there is none, or it is InfiniBand.
    virtual std::optional<RoceState> roce() const = 0;
    /// Every cooling unit of every row runs.
    virtual bool coolingRuns() const = 0;
    /// By "NAMESPACE/NAME" of the PyTorchJob; nothing while none of its processes runs.
    virtual std::optional<TrainingState> training(const std::string& job) const = 0;
    virtual std::optional<ModelState> models(const std::string& nameSpace, const std::string& deployment) const = 0;
    virtual std::optional<ModelClientState> modelClient(const std::string& name) const = 0;
    /// --policy of the router's pods; empty: none runs.
    virtual std::string routerPolicy(const std::string& nameSpace, const std::string& deployment) const = 0;
    /// It exists and is up, whatever its addresses.
    virtual bool interfaceUp(const std::string& machine, const std::string& interface) const = 0;
    virtual bool machineUp(const std::string& machine) const = 0;
    /// The node's Ready condition is True.
    virtual bool nodeReady(const std::string& node) const = 0;
    /// Percent of the file system that holds the path which is free, in bytes or inodes, whichever is less.
    virtual double diskFreePercent(const std::string& machine, const std::string& path) const = 0;
    /// Bytes that programs could still get.
    virtual std::int64_t memoryLeftBytes(const std::string& machine) const = 0;
    /// Bytes a second that programs and the kernel take and never give back.
    virtual double memoryGrowth(const std::string& machine) const = 0;
    /// Tasks for each processor that run, could run, or wait for the disk now.
    virtual double activePerCpu(const std::string& machine) const = 0;
    virtual std::vector<DockerContainerState> dockerContainers(const std::string& machine) const = 0;
    /// A reboot that nobody watches would start the unit (sim::host::bootObstacle).
    virtual bool bootsByItself(const std::string& machine, const std::string& unit) const = 0;
    virtual bool unitActive(const std::string& machine, const std::string& unit) const = 0;
    /// How long the unit has been active without a restart; zero when it is not.
    virtual sim::Duration unitActiveFor(const std::string& machine, const std::string& unit) const = 0;
    /// Every process of the program there; empty when none runs, or has just been started.
    virtual std::vector<ProgramState> programs(const std::string& machine, const std::string& program) const = 0;
    /// Address a name has on a machine; empty when it does not resolve.
    virtual std::string resolve(const std::string& machine, const std::string& name) const = 0;
    /// Address a name has for the programs of a pod; empty when it does not resolve there.
    virtual std::string resolveInPod(const std::string& nameSpace, const std::string& pod, const std::string& name) const = 0;
    /// A text file of a machine; empty when there is none.
    virtual std::string fileText(const std::string& machine, const std::string& path) const = 0;
    /// A TCP connection from the machine to the name or address would open.
    virtual bool reaches(const std::string& machine, const std::string& host, std::int64_t port) const = 0;
    /// HTTP status of a GET from the machine; 0 without an answer.
    virtual int httpStatus(const std::string& machine, const std::string& url) const = 0;
    /// What the registry that the reference names would answer for its manifest to this account, network
    /// aside; 0: there is no such registry. An empty user is an anonymous request; nothing: the most
    /// privileged account.
    struct Account {
        std::string user;
        std::string password;
    };
    virtual int manifestStatus(const std::string& reference, const std::optional<Account>& account) const = 0;
};

} // namespace core::incident
