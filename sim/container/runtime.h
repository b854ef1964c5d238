#pragma once

#include "sim/container/image.h"
#include "sim/engine/engine.h"
#include "sim/host/hosts.h"
#include "sim/net/network.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sim::container {

class Registries;

/// What a call may touch. Built by the world for each event; never stored.
struct Context {
    Engine& engine;
    net::Network& network;
    host::Hosts& hosts;
    Registries& registries;
};

/// One container (or pod sandbox) of one machine's containerd.
struct Container {
    enum class State : std::uint8_t { Created, Running, Exited };
    ContainerId id;
    HostId host;
    std::string hexId;          ///< 64 hex digits, as crictl shows
    std::string name;           ///< container name in the pod; "POD" for a sandbox
    std::string podName;
    std::string podNamespace;
    std::string podUid;
    std::string cgroup;
    bool sandbox = false;
    ContainerId sandboxId;      ///< of an application container
    StackId stack;              ///< the pod's network namespace (the machine's with hostNetwork)
    std::string image;          ///< as the pod names it
    std::string imageDigest;
    programs::Program program;
    std::map<std::string, std::string> environment;
    std::int64_t memoryLimitBytes = 0; ///< 0: none
    std::int64_t oomScoreAdjust = 0;   ///< -1000 .. 1000
    std::int64_t attempt = 0;   ///< restart count
    bool stdinOpen = false;     ///< the pod's `stdin`: a shell waits for somebody to attach
    State state = State::Created;
    host::Pid pid = 0;
    host::Pid shimPid = 0;      ///< of a sandbox: the containerd-shim that is parent to all of the pod
    Instant created{};
    Instant started{};
    Instant readyAt{};          ///< listening and answering from here on
    bool runsProgram = false;   ///< its image's own program: no shell, no tool, nothing that gives up at its start
    Instant finished{};
    std::int64_t exitCode = 0;  ///< of a program that gives up early: decided at its start
    bool outOfMemory = false;
    double requestRate = 0;     ///< load it gets now, requests/s (set by the user load)
    int healthStatus = 200;     ///< what its health path answers while it serves (set by who models the program)
    std::uint32_t generation = 0;
    std::string scope;          ///< control group of its own, of a task (docker's); empty: below `cgroup`
    std::shared_ptr<const programs::Program> imageProgram; ///< of a task, whose image containerd does not hold
    bool waitsForInput = false; ///< a shell that reads: it runs until somebody ends it
    std::int64_t logBytes = 0;  ///< all that it has printed, as json-file keeps it
    std::uint64_t logLines = 0; ///< all lines that it has printed; `log` ends with the last
    /// Standard output and error, the latest kLogLines.
    std::vector<std::pair<Instant, std::string>> log;
    /// Files written inside, over the image's own: path -> content.
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> hostFolders; ///< where it mounts which of the machine's: "/host" -> "/"
    std::map<std::string, std::string> volumes; ///< where it mounts which volume of a CSI driver: "/checkpoints" -> "cephfs.csi.ceph.com/pvc-..."
    std::string startProblem;   ///< of a task, set by its owner: what its program says of its settings file and then ends
    static constexpr std::size_t kLogLines = 2'000;
    bool operator==(const Container&) const = default;
    /// Its program answers requests now.
    bool serving(Instant now) const { return state == State::Running && now >= readyAt; }
};
BOOST_DESCRIBE_STRUCT(Container, (), (id, host, hexId, name, podName, podNamespace, podUid, cgroup, sandbox, sandboxId, stack, image,
    imageDigest, program, environment, memoryLimitBytes, oomScoreAdjust, attempt, stdinOpen, state, pid, shimPid, created, started, readyAt, runsProgram, finished, exitCode,
    outOfMemory, requestRate, healthStatus, generation, scope, imageProgram, waitsForInput, logBytes, logLines, log, files, hostFolders,
    volumes, startProblem))

/// A pull in progress or just ended.
struct Pull {
    enum class Phase : std::uint8_t { Resolving, Downloading, Unpacking, Done, Failed };
    PullId id;
    HostId host;
    Reference reference;
    std::optional<Credentials> credentials;
    Phase phase = Phase::Resolving;
    Instant started{};
    std::string error;          ///< containerd's words, when Failed
    std::int64_t bytes = 0;     ///< to download
    FlowId flow;
    std::shared_ptr<const Image> image;
    std::uint32_t generation = 0;
    Instant endedAt{};
    bool operator==(const Pull&) const = default;
    bool ended() const { return phase == Phase::Done || phase == Phase::Failed; }
};
BOOST_DESCRIBE_STRUCT(Pull, (), (id, host, reference, credentials, phase, started, error, bytes, flow, image, generation, endedAt))

struct PullEnded {
    PullId id;
    HostId host;
    std::string reference;
    std::string error;          ///< empty: pulled
    std::string digest;
    std::int64_t bytes = 0;     ///< image size
    Duration took{};
};
struct ContainerExited {
    ContainerId id;
    HostId host;
};
struct RuntimeDown {            ///< containerd stopped answering, or answers again
    HostId host;
    bool up = false;
};
using Notice = std::variant<PullEnded, ContainerExited, RuntimeDown>;

/// The containerd of every machine: images, pulls, sandboxes, containers.
class Runtimes {
public:
    /// containerd.service runs and answers CRI calls.
    bool up(const host::Hosts& hosts, HostId host) const;

    const std::map<std::string, std::shared_ptr<const Image>>& images(HostId host) const; ///< by reference text
    std::shared_ptr<const Image> image(HostId host, const std::string& reference) const;
    void preload(Context& context, HostId host, const std::string& reference, std::shared_ptr<const Image> image);
    bool removeImage(Context& context, HostId host, const std::string& reference);

    /// Ends with a PullEnded notice. Layers that the machine has are not fetched again; pulls share links.
    PullId pull(Context& context, HostId host, const Reference& reference, std::optional<Credentials> credentials);
    const Pull* findPull(PullId id) const;
    const std::map<PullId, Pull>& pulls() const { return m_pulls; }

    struct SandboxRequest {
        std::string podName, podNamespace, podUid;
        std::string cgroup; ///< "/kubepods.slice/...": where the kernel counts the pod's memory
        std::optional<net::Ipv4> address; ///< nothing: the machine's own network namespace
        std::map<std::string, std::string> files; ///< /etc/resolv.conf, /etc/hosts
    };
    ContainerId createSandbox(Context& context, HostId host, SandboxRequest request);
    struct ContainerRequest {
        ContainerId sandbox;
        std::string name;
        std::string image;              ///< must be on the machine
        std::map<std::string, std::string> environment;
        std::vector<std::string> command; ///< replaces entry point and arguments of the image when not empty
        std::vector<std::string> args;    ///< replaces the image's arguments when not empty
        std::int64_t memoryLimitBytes = 0;
        std::int64_t oomScoreAdjust = 0;
        std::int64_t attempt = 0;
        bool stdinOpen = false;
        std::map<std::string, std::string> files; ///< mounted ConfigMaps and Secrets
        std::map<std::string, std::string> hostFolders;
        std::map<std::string, std::string> volumes;
    };
    ContainerId createContainer(Context& context, HostId host, ContainerRequest request);
    struct TaskRequest {
        HostId host;
        std::string hexId;
        std::string name;
        std::string hostname;
        std::string scope; ///< "/system.slice/docker-ID.scope"
    };
    /// A container of its own, outside pods: docker's. Program, command line, network and limits are set by its owner in
    /// the Container before each start; a shim of its own is its parent.
    ContainerId createTask(Context& context, TaskRequest request);
    /// The process ends by itself with this status, or not at all when it does not run.
    void end(Context& context, ContainerId id, std::int64_t exitCode);
    /// Empty, or why no process could be started (runc's words): the container then has exited with 128. `hookError`: what a
    /// hook of the runtime says that runs before the program; empty when it lets it start.
    std::string start(Context& context, ContainerId id, std::string hookError = {});
    /// SIGTERM now; SIGKILL after `grace`. A program that serves ends on TERM after a moment; one that has not come
    /// up yet has no handler, and the kernel delivers no such signal to pid 1. Ends with ContainerExited.
    void stop(Context& context, ContainerId id, Duration grace);
    /// Its process ends by itself: a shell that was attached to is left.
    void exit(Context& context, ContainerId id, std::int64_t exitCode);
    /// A program that says itself when it is up (an LLM server) listens from now on.
    void ready(Context& context, ContainerId id);
    void remove(Context& context, ContainerId id);  ///< must not run; a sandbox's network goes with it
    const Container* find(ContainerId id) const;
    Container* find(ContainerId id);
    const std::map<ContainerId, Container>& containers() const { return m_containers; }
    void log(ContainerId id, Instant at, std::string line);

    void handle(Context& context, const Event& event);            ///< events of Part::Container
    void on(Context& context, const net::FlowEnded& ended);
    void on(Context& context, const host::Notice& notice);
    std::vector<Notice> takeNotices();

    bool operator==(const Runtimes& other) const;
    void addTo(Fingerprint& f) const;

private:
    void finish(Context& context, Container& container, std::int64_t exitCode, bool outOfMemory);
    void markExited(Context& context, Container& container, std::int64_t exitCode, bool outOfMemory);
    void endChildren(Context& context, const Container& container);
    void endShim(Context& context, const Container& sandbox);
    void shimEnded(Context& context, ContainerId sandbox);
    void programReady(Context& context, Container& container);
    /// Memory that the program takes while it runs: what it leaks, a JVM's heap.
    void startGrowth(Context& context, const Container& container);
    /// The program of its image; null when the machine does not have it.
    std::shared_ptr<const programs::Program> programOf(const Container& container) const;
    void handlePull(Context& context, const Event& event);
    void resolve(Context& context, Pull& pull);
    void unpacked(Context& context, Pull& pull);
    void endPull(Context& context, Pull& pull, std::string error); ///< `pull` is gone afterwards
    void failPulls(Context& context, HostId host, const std::string& error);
    /// Bytes of the image's layers that no image on the machine has yet.
    std::int64_t missingBytes(HostId host, const Image& image, std::int64_t Layer::*size) const;
    void addImageBytes(host::Machine& machine, std::int64_t bytes);
    void storeImage(Context& context, HostId host, const Reference& reference, std::shared_ptr<const Image> image);

    std::map<HostId, std::map<std::string, std::shared_ptr<const Image>>> m_images;
    std::map<ContainerId, Container> m_containers;
    std::map<PullId, Pull> m_pulls;
    std::vector<Notice> m_notices; ///< empty between events
    std::uint32_t m_nextContainer = 0;
    std::uint32_t m_nextPull = 0;
};

} // namespace sim::container
