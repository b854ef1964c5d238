#pragma once

#include "sim/container/docker/docker.h"
#include "sim/container/registry.h"

#include <string_view>

namespace sim::container::docker {

/// Kinds of docker's events, of Part::Container. Target is the host; the argument holds a task (or a transfer) above 32 bits
/// of its generation.
enum class DockerEvent : std::uint16_t { Restart = 100, Probe, Terminated, Rotate, TransferStep, Remove };

/// One dockerd at work: its state and what it may touch. Made for each call; the functions are in one file per subject.
struct Daemon {
    Context& context;
    Docker& docker;

    // daemon.cpp: its own life
    void started();                 ///< the unit is active: restore
    void stopping();                ///< SIGTERM: containers stop unless live-restore
    void gone();                    ///< the process has ended
    void readConfiguration();
    void happen(std::string type, std::string action, std::string actor, std::map<std::string, std::string> attributes = {});
    void happen(const Container& container, std::string action, std::map<std::string, std::string> more = {});
    void log(std::string_view level, const std::string& fields);
    std::string hexId();
    void later(DockerEvent type, Duration delay, std::uint32_t target, std::uint32_t generation);
    const host::Machine& machine() const { return context.parts.hosts.at(docker.host); }
    bool containerdUp() const { return context.parts.hosts.unitResponds(docker.host, "containerd.service"); }

    // containers.cpp: looking up, creating, removing
    Container* find(const std::string& nameOrId, Outcome& outcome);
    Container* byTask(ContainerId task);
    Outcome operator()(const CreateContainer& request);
    Outcome operator()(const RemoveContainer& request);
    Outcome operator()(const RenameContainer& request);
    Outcome operator()(const UpdateContainer& request);
    Outcome operator()(const PruneContainers& request);
    void remove(Container& container, bool volumes);
    /// What its program says of the settings file that it needs; empty: it can read it.
    std::string settingsProblem(const Container& container) const;
    std::string randomName();

    // lifecycle.cpp: starting, stopping, restarting
    Outcome operator()(const StartContainer& request);
    Outcome operator()(const StopContainer& request);
    Outcome operator()(const KillContainer& request);
    Outcome operator()(const PauseContainer& request);
    Outcome operator()(const EndContainer& request);
    Outcome start(Container& container);
    void exited(Container& container);
    void restartDue(Container& container);
    void applyLimits(Container& container);
    bool wantsRestart(const Container& container) const;

    // health.cpp
    void watchHealth(Container& container);
    void probe(Container& container);

    // networks.cpp: networks, endpoints
    Network* findNetwork(const std::string& nameOrId);
    Network& addNetwork(const std::string& name, const std::string& driver, net::Prefix subnet, net::Ipv4 gateway, bool internal);
    void setUpBridge(Network& network);
    void tearDownBridge(const Network& network);
    std::string connect(Container& container);     ///< empty, or why its network cannot be had
    void disconnect(Container& container);
    std::optional<net::Ipv4> freeAddress(const Network& network) const;
    void writeNameFiles(Container& container);
    Outcome operator()(const CreateNetwork& request);
    Outcome operator()(const RemoveNetwork& request);
    Outcome operator()(const ConnectNetwork& request);
    Outcome operator()(const PruneNetworks& request);

    // firewall.cpp: what dockerd asks of iptables; published ports
    void setUpChains();
    void allowBridge(const Network& network, bool allow);
    std::string publish(Container& container);     ///< empty, or why a port cannot be had
    void unpublish(Container& container);
    void startProxy(Binding& binding);

    // storage.cpp: layers, writable layers, volumes, logs on the disk
    std::string addLayer(const std::string& parentChain, const std::shared_ptr<const Layer>& layer); ///< chain id; empty: no space
    std::int64_t dropUnusedLayers();               ///< bytes
    void makeUpper(Container& container);
    void removeUpper(Container& container);
    void mountOverlay(Container& container, bool mounted);
    void writeLog(Container& container);
    void openLog(Container& container);
    void rotate(Container& container);
    std::int64_t bytesBelow(const std::string& folder) const;
    Volume& addVolume(const std::string& name, bool anonymous, std::map<std::string, std::string> labels);
    std::int64_t removeVolume(const std::string& name);
    bool volumeUsed(const std::string& name) const;
    Outcome operator()(const CreateVolume& request);
    Outcome operator()(const RemoveVolume& request);
    Outcome operator()(const PruneVolumes& request);
    Outcome operator()(const CopyFiles& request);
    Outcome operator()(const CommitContainer& request);

    // images.cpp
    StoredImage* findImage(const std::string& nameOrId, std::string* id = nullptr);
    /// Puts an image into the store under a reference. Empty, or what the disk says.
    std::string store(const std::string& reference, const std::shared_ptr<const Image>& image, const std::string& digestFor);
    std::vector<std::string> deleteImage(const std::string& id);
    Outcome operator()(const StoreImage& request);
    Outcome operator()(const TagImage& request);
    Outcome operator()(const RemoveImage& request);
    Outcome operator()(const PruneImages& request);
    Outcome operator()(const SaveImages& request);
    Outcome operator()(const LoadImages& request);
    Outcome operator()(const KeepCache& request);
    Outcome operator()(const PruneCache& request);

    // transfers.cpp: pull and push
    Outcome operator()(const PullImage& request);
    Outcome operator()(const PushImage& request);
    void step(Transfer& transfer);
    void moved(Transfer& transfer, bool completed);
    void end(Transfer& transfer, std::string error);
};

/// The file's name without folders and registry as docker shows it: "nginx:1.27", "registry.lab:5000/shop/web:2".
std::string familiar(const std::string& reference);
/// "docker.io/library/nginx" of "docker.io/library/nginx:1.27".
std::string repositoryOf(const std::string& reference);
/// The first twelve digits of an id.
std::string shortId(const std::string& id);
/// Environment variable of a list "NAME=VALUE"; later ones win.
std::optional<std::string> variableOf(const std::vector<std::string>& environment, const std::string& name);

} // namespace sim::container::docker
