#pragma once

#include "sim/container/image.h"
#include "sim/engine/ids.h"
#include "sim/net/address.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// The calls of the Docker Engine API that change something, as values.
namespace sim::container::docker {

/// -p [ADDRESS:][HOST-PORT:]CONTAINER-PORT[/udp]
struct Publish {
    std::optional<net::Ipv4> address;
    std::int64_t hostPort = 0;      ///< 0: the next free one from 32768 on
    std::int64_t containerPort = 0;
    bool udp = false;
    bool operator==(const Publish&) const = default;
};
BOOST_DESCRIBE_STRUCT(Publish, (), (address, hostPort, containerPort, udp))

/// -v, --mount
struct MountPoint {
    enum class Kind : std::uint8_t { Volume, Bind, Tmpfs };
    Kind kind = Kind::Volume;
    std::string source;             ///< a volume's name (empty: anonymous) or a path of the machine
    std::string target;
    bool readOnly = false;
    bool mustExist = false;         ///< --mount type=bind: a missing source is an error, not a new folder
    bool operator==(const MountPoint&) const = default;
};
BOOST_DESCRIBE_STRUCT(MountPoint, (), (kind, source, target, readOnly, mustExist))

struct RestartPolicy {
    std::string name = "no";        ///< no, on-failure, always, unless-stopped
    std::int64_t maximumRetries = 0; ///< of on-failure; 0: no limit
    bool operator==(const RestartPolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(RestartPolicy, (), (name, maximumRetries))

struct Limits {
    std::int64_t memoryBytes = 0;   ///< 0: none
    std::int64_t memorySwapBytes = 0; ///< memory and swap together; -1: no limit, 0: twice the memory
    double cpus = 0;                ///< 0: none
    std::int64_t cpuShares = 0;     ///< 0: 1024
    std::int64_t pids = 0;          ///< 0, -1: none
    bool operator==(const Limits&) const = default;
};
BOOST_DESCRIBE_STRUCT(Limits, (), (memoryBytes, memorySwapBytes, cpus, cpuShares, pids))

/// Config and HostConfig of a container.
struct Settings {
    std::string image;              ///< as given
    std::vector<std::string> command;
    std::optional<std::vector<std::string>> entrypoint; ///< set and empty: none, whatever the image says
    std::vector<std::string> environment; ///< "NAME=VALUE"
    std::map<std::string, std::string> labels;
    std::string hostname;
    std::string user;
    std::string workingDirectory;
    bool terminal = false;          ///< -t
    bool interactive = false;       ///< -i
    bool autoRemove = false;        ///< --rm
    bool privileged = false;
    bool readOnly = false;          ///< --read-only
    bool init = false;
    std::string network = "bridge"; ///< name or id; "host", "none", "container:NAME"
    std::vector<std::string> aliases;
    std::optional<net::Ipv4> fixedAddress;
    std::vector<Publish> ports;
    std::vector<std::string> exposed; ///< "80/tcp"
    bool publishAll = false;        ///< -P
    std::vector<MountPoint> mounts;
    Limits limits;
    RestartPolicy restart;
    std::optional<HealthCheck> health;
    std::vector<std::string> extraHosts; ///< "name:address"
    std::string logDriver = "json-file"; ///< json-file, none
    std::int64_t logMaxBytes = 0;   ///< 0: no rotation
    std::int64_t logMaxFiles = 1;
    std::string stopSignal = "SIGTERM";
    std::int64_t stopTimeout = 10;  ///< seconds
    bool operator==(const Settings&) const = default;
};
BOOST_DESCRIBE_STRUCT(Settings, (), (image, command, entrypoint, environment, labels, hostname, user, workingDirectory, terminal,
    interactive, autoRemove, privileged, readOnly, init, network, aliases, fixedAddress, ports, exposed, publishAll, mounts, limits, restart,
    health, extraHosts, logDriver, logMaxBytes, logMaxFiles, stopSignal, stopTimeout))

struct CreateContainer {            ///< Outcome::id: the container's
    std::string name;               ///< empty: made up
    Settings settings;
};
/// A container is meant by name, id or the beginning of its id.
struct StartContainer { std::string container; };
struct StopContainer {              ///< and restart; the caller waits until it has ended
    std::string container;
    std::optional<std::int64_t> seconds;
    bool startAgain = false;
};
struct KillContainer { std::string container; int signal = 9; };
struct PauseContainer { std::string container; bool pause = true; };
struct RemoveContainer { std::string container; bool force = false; bool volumes = false; };
struct RenameContainer { std::string container; std::string name; };
struct UpdateContainer {
    std::string container;
    std::optional<std::int64_t> memoryBytes, memorySwapBytes, pids, cpuShares;
    std::optional<double> cpus;
    std::optional<RestartPolicy> restart;
};
/// What ran in the foreground at the terminal has ended.
struct EndContainer { std::string container; std::int64_t exitCode = 0; };
struct CommitContainer { std::string container; std::string reference; std::string comment; };
/// docker cp: files of the machine into the container, or of the container to the machine.
struct CopyFiles { std::string container; bool into = true; std::string containerPath; std::string hostPath; std::string owner; };
struct PruneContainers { };

struct PullImage { std::string reference; Credentials credentials; }; ///< Outcome::id: the Transfer's
struct PushImage { std::string reference; Credentials credentials; };
struct TagImage { std::string image; std::string reference; };
struct RemoveImage { std::string image; bool force = false; };
struct PruneImages { bool all = false; };
struct SaveImages { std::vector<std::string> images; std::string path; };
struct LoadImages { std::string path; };
/// An image that is there from the start, or the result of a build.
struct StoreImage { std::string reference; std::shared_ptr<const Image> image; std::string digestFor; };

struct CreateNetwork { std::string name; std::optional<net::Prefix> subnet; std::optional<net::Ipv4> gateway; bool internal = false; std::string driver = "bridge"; std::map<std::string, std::string> labels; };
struct RemoveNetwork { std::string network; };
struct ConnectNetwork { std::string network; std::string container; std::vector<std::string> aliases; std::optional<net::Ipv4> address; bool connect = true; bool force = false; };
struct PruneNetworks { };

struct CreateVolume { std::string name; std::map<std::string, std::string> labels; };
struct RemoveVolume { std::string volume; bool force = false; };
struct PruneVolumes { bool all = false; };

/// One step of a build has run: what it left is kept under the key.
struct KeepCache { std::string key; std::string parent; std::string type; std::string description; std::shared_ptr<const Layer> layer; std::int64_t bytes = 0; bool hit = false; };
struct PruneCache { bool all = false; };

using Request = std::variant<CreateContainer, StartContainer, StopContainer, KillContainer, PauseContainer, RemoveContainer, RenameContainer,
    UpdateContainer, EndContainer, CommitContainer, CopyFiles, PruneContainers, PullImage, PushImage, TagImage, RemoveImage, PruneImages,
    SaveImages, LoadImages, StoreImage, CreateNetwork, RemoveNetwork, ConnectNetwork, PruneNetworks, CreateVolume, RemoveVolume, PruneVolumes,
    KeepCache, PruneCache>;

struct Outcome {
    int status = 200;               ///< of HTTP: 400, 404, 409, 500
    std::string error;              ///< empty: done
    std::string id;
    std::vector<std::string> warnings;
    std::vector<std::string> removed; ///< ids or names; of images "Untagged: ..." and "Deleted: ..." lines
    std::int64_t reclaimedBytes = 0;
    bool ok() const { return error.empty(); }
};

} // namespace sim::container::docker
