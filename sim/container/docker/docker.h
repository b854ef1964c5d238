#pragma once

#include "sim/container/docker/request.h"
#include "sim/container/machine_names.h"
#include "sim/container/runtime.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sim::container::docker {

/// What a call may touch. Built by the world for each event; never stored.
struct Context {
    container::Context parts;
    Runtimes& runtimes;

    Engine& engine() { return parts.engine; }
    net::Network& network() { return parts.network; }
    host::Hosts& hosts() { return parts.hosts; }
    Instant now() const { return parts.engine.now(); }
};

inline constexpr const char* kRoot = "/var/lib/docker";
inline constexpr const char* kUnit = "docker.service";

/// A network of libnetwork. "host" and "null" networks have no bridge.
struct Network {
    std::string id;             ///< 64 hex digits
    std::string name;
    std::string driver = "bridge"; ///< bridge, host, null
    std::string bridge;         ///< "docker0", "br-0123456789ab"
    net::Prefix subnet;
    net::Ipv4 gateway;
    bool internal = false;      ///< no way out
    std::map<std::string, std::string> labels;
    Instant created{};
    bool operator==(const Network&) const = default;
    bool predefined() const { return name == "bridge" || name == "host" || name == "none"; }
    /// Names are looked up at 127.0.0.11.
    bool hasNameServer() const { return driver == "bridge" && name != "bridge"; }
};
BOOST_DESCRIBE_STRUCT(Network, (), (id, name, driver, bridge, subnet, gateway, internal, labels, created))

/// A container's place on one network. Address, endpoint and veth are there while the container runs.
struct Endpoint {
    std::string networkId;
    std::string endpointId;
    std::optional<net::Ipv4> address;
    std::optional<net::Ipv4> fixedAddress; ///< --ip
    std::string mac;
    std::string veth;           ///< the machine's end
    std::vector<std::string> aliases;
    bool operator==(const Endpoint&) const = default;
};
BOOST_DESCRIBE_STRUCT(Endpoint, (), (networkId, endpointId, address, fixedAddress, mac, veth, aliases))

/// A port as it is published now.
struct Binding {
    Publish wanted;
    std::int64_t hostPort = 0;
    net::Ipv4 target;           ///< of the container when it was published
    host::Pid proxy = 0;        ///< docker-proxy
    bool operator==(const Binding&) const = default;
};
BOOST_DESCRIBE_STRUCT(Binding, (), (wanted, hostPort, target, proxy))

struct Probe {
    Instant start{};
    Instant end{};
    std::int64_t exitCode = 0;
    std::string output;
    bool operator==(const Probe&) const = default;
};
BOOST_DESCRIBE_STRUCT(Probe, (), (start, end, exitCode, output))

struct Health {
    std::string status;         ///< starting, healthy, unhealthy; empty: no check
    std::int64_t failingStreak = 0;
    std::deque<Probe> probes;   ///< the latest five
    bool operator==(const Health&) const = default;
};
BOOST_DESCRIBE_STRUCT(Health, (), (status, failingStreak, probes))

struct Container {
    enum class State : std::uint8_t { Created, Running, Paused, Restarting, Exited, Dead };
    std::string id;             ///< 64 hex digits
    std::string name;
    Settings settings;          ///< with the image's defaults filled in
    std::string imageId;
    std::vector<std::string> layers; ///< chain ids of its image, lowest first: they stay while it exists
    ContainerId task;           ///< in Runtimes: process, log
    State state = State::Created;
    Instant created{};
    Instant started{};
    Instant finished{};
    std::int64_t exitCode = 0;
    bool outOfMemory = false;
    std::string error;
    std::int64_t restartCount = 0;
    Duration backOff{};         ///< before the next restart; 0: the first
    bool stoppedByHand = false; ///< docker stop: unless-stopped stays down
    bool startAgain = false;    ///< docker restart: it starts once it has ended
    std::vector<Endpoint> endpoints;
    std::vector<Binding> bindings;
    Health health;
    std::string upper;          ///< its folder below overlay2
    std::string lowerLink;      ///< short name of its folder: "l/ABC..."
    std::set<std::string> removedFiles; ///< of its image, by whiteouts
    std::int64_t logged = 0;    ///< bytes of the log that are in the file
    std::uint64_t loggedLines = 0;
    double logBytesPerSecond = 0;
    std::uint32_t generation = 0; ///< of pending events
    bool operator==(const Container&) const = default;
    bool runs() const { return state == State::Running || state == State::Paused; }
};
BOOST_DESCRIBE_STRUCT(Container, (), (id, name, settings, imageId, layers, task, state, created, started, finished, exitCode, outOfMemory,
    error, restartCount, backOff, stoppedByHand, startAgain, endpoints, bindings, health, upper, lowerLink, removedFiles, logged, loggedLines,
    logBytesPerSecond, generation))

/// An image of the store. Without references and digests it is dangling.
struct StoredImage {
    std::shared_ptr<const Image> image;
    std::set<std::string> references;           ///< "docker.io/library/nginx:1.27"
    std::map<std::string, std::string> digests; ///< repository -> manifest digest, of images that were pulled or pushed
    std::vector<std::string> chain;             ///< chain ids of its layers, lowest first
    Instant tagged{};
    bool operator==(const StoredImage& other) const
    {
        return references == other.references && digests == other.digests && chain == other.chain && *image == *other.image;
    }
};
BOOST_DESCRIBE_STRUCT(StoredImage, (), (image, references, digests, chain, tagged))

/// A layer on the disk: /var/lib/docker/overlay2/FOLDER/diff. Shared by whatever has the same layers below.
struct LayerFolder {
    std::string folder;         ///< 64 hex digits
    std::string link;           ///< 26 characters, of overlay2/l
    std::shared_ptr<const Layer> layer;
    bool operator==(const LayerFolder& other) const { return folder == other.folder && link == other.link; }
};
BOOST_DESCRIBE_STRUCT(LayerFolder, (), (folder, link, layer))

struct Volume {
    std::string name;
    bool anonymous = false;
    std::map<std::string, std::string> labels;
    Instant created{};
    bool operator==(const Volume&) const = default;
    std::string path() const { return std::string(kRoot) + "/volumes/" + name + "/_data"; }
};
BOOST_DESCRIBE_STRUCT(Volume, (), (name, anonymous, labels, created))

/// A result of BuildKit's cache: of a step, or of the files that were sent.
struct CacheRecord {
    std::string id;             ///< 25 characters
    std::string parent;
    std::string type = "regular"; ///< regular, source.local, internal
    std::string description;    ///< "[stage-0 2/4] RUN apt-get update"
    std::string chain;          ///< chain id of the layer; empty: none
    std::int64_t bytes = 0;
    std::shared_ptr<const Layer> layer;
    Instant created{};
    Instant lastUsed{};
    std::int64_t usageCount = 0;
    bool operator==(const CacheRecord& other) const
    {
        return id == other.id && description == other.description && bytes == other.bytes && lastUsed == other.lastUsed;
    }
};
BOOST_DESCRIBE_STRUCT(CacheRecord, (), (id, parent, type, description, chain, bytes, layer, created, lastUsed, usageCount))

/// A line of `docker events`.
struct Happening {
    Instant at{};
    std::string type;           ///< container, image, network, volume, builder
    std::string action;         ///< "start", "health_status: healthy"
    std::string actor;
    std::map<std::string, std::string> attributes;
    bool operator==(const Happening&) const = default;
};
BOOST_DESCRIBE_STRUCT(Happening, (), (at, type, action, actor, attributes))

/// `docker pull` or `docker push`, in progress or just ended.
struct Transfer {
    enum class Phase : std::uint8_t { Resolving, Moving, Done, Failed };
    std::uint32_t id = 0;
    bool push = false;
    Reference reference;
    Credentials credentials;
    Phase phase = Phase::Resolving;
    Instant started{};
    Instant ended{};
    std::string error;          ///< dockerd's words, when Failed
    std::shared_ptr<const Image> image;
    std::vector<std::string> present; ///< digests of layers that need not be moved
    FlowId flow;
    std::uint32_t generation = 0;
    bool upToDate = false;
    bool operator==(const Transfer& other) const { return id == other.id && phase == other.phase && error == other.error; }
    bool over() const { return phase == Phase::Done || phase == Phase::Failed; }
};
BOOST_DESCRIBE_STRUCT(Transfer, (), (id, push, reference, credentials, phase, started, ended, error, image, present, flow, generation, upToDate))

/// One machine's dockerd and what it keeps. It lives on while the daemon is down, as the files below /var/lib/docker do.
struct Docker {
    HostId host;
    std::string id;             ///< of `docker info`
    bool up = false;            ///< the daemon answers
    bool liveRestore = false;   ///< of /etc/docker/daemon.json, read at its start
    std::int64_t logMaxBytes = 0; ///< log-opts of daemon.json
    std::int64_t logMaxFiles = 1;
    std::map<std::string, Container> containers; ///< by id
    std::map<std::string, StoredImage> images;   ///< by id ("sha256:...")
    std::map<std::string, LayerFolder> layers;   ///< by chain id
    std::map<std::string, Network> networks;     ///< by id
    std::map<std::string, Volume> volumes;       ///< by name
    std::map<std::string, CacheRecord> cache;    ///< by the key of the step
    std::map<std::uint32_t, Transfer> transfers;
    std::deque<Happening> happenings;            ///< the latest kHappenings
    std::uint64_t happened = 0;                  ///< all so far; `happenings` ends with the last
    std::uint32_t nextTransfer = 0;
    static constexpr std::size_t kHappenings = 256;
    bool operator==(const Docker&) const = default;
};
BOOST_DESCRIBE_STRUCT(Docker, (), (host, id, up, liveRestore, logMaxBytes, logMaxFiles, containers, images, layers, networks, volumes,
    cache, transfers, happenings, happened, nextTransfer))

/// Where a container's path lies on its machine.
struct HostPath {
    std::string path;
    bool readOnly = false;
};

/// The dockerd of every machine that has docker.service.
class Daemons {
public:
    /// Docker is installed: empty stores, the predefined networks. What daemon.json says is read.
    void install(Context& context, HostId host);
    const Docker* find(HostId host) const;
    const std::map<HostId, Docker>& all() const { return m_dockers; }
    /// dockerd answers: its unit runs and its process is not stopped.
    bool responds(const host::Hosts& hosts, HostId host) const;

    /// One call of the Engine API. Requires: responds(). Errors are dockerd's words, without "Error response from daemon: ".
    Outcome call(Context& context, HostId host, const Request& request);

    /// The docker container of a task; null for others.
    const Container* ofTask(const Runtimes& runtimes, ContainerId task) const;
    /// Where what is written to a path in a container goes: its volumes, or its layer. Nothing for what the daemon
    /// mounts (/etc/hosts, /proc) and for tasks that are not docker's.
    std::optional<HostPath> hostPath(const Runtimes& runtimes, ContainerId task, const std::string& path) const;
    /// A file of the image, and so hidden from now on by a whiteout. False: the image has no such path.
    bool hideImageFile(Context& context, ContainerId task, const std::string& path);
    /// All that a container sees of image, layer and volumes: path -> text.
    std::map<std::string, std::string> filesOf(const host::Hosts& hosts, const Runtimes& runtimes, ContainerId task) const;

    /// What the embedded server at 127.0.0.11 knows of a name, asked from a container's network namespace: addresses of
    /// containers on the networks they share. Empty: it asks the machine's own servers.
    std::vector<net::Ipv4> lookUp(const Runtimes& runtimes, StackId from, const std::string& name) const;
    /// What a program in one of docker's containers is told of a name: by its /etc/hosts, by 127.0.0.11 where its networks
    /// have that, by the machine's own servers.
    MachineName resolve(const host::Hosts& hosts, const net::Network& network, const Runtimes& runtimes, ContainerId task,
                        const std::string& name) const;

    /// Of Part::Container, from kFirstEvent on.
    static bool handles(const Event& event);
    void handle(Context& context, const Event& event);
    void on(Context& context, const net::FlowEnded& ended);
    void on(Context& context, const host::Notice& notice);
    void on(Context& context, const container::Notice& notice);
    /// Brings the log files up to what was printed. Called when all else is quiet.
    void settle(Context& context);

    bool operator==(const Daemons& other) const { return m_dockers == other.m_dockers; }
    void addTo(Fingerprint& f) const { sim::addTo(f, m_dockers); }

private:
    std::map<HostId, Docker> m_dockers;
};

} // namespace sim::container::docker
