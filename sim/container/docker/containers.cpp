// Containers as dockerd keeps them: found by name or id, created, renamed, updated, removed.
#include "sim/container/docker/daemon.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace sim::container::docker {

namespace {

// pkg/namesgenerator has some hundred of each; a lab needs fewer.
constexpr std::array<const char*, 24> kManners{"admiring", "bold", "brave", "clever", "compassionate", "cool", "dazzling", "determined",
    "eager", "elegant", "epic", "festive", "focused", "friendly", "gallant", "happy", "hopeful", "jolly", "kind", "nifty", "quirky", "serene",
    "vigilant", "zen"};
constexpr std::array<const char*, 24> kPeople{"archimedes", "babbage", "bell", "bohr", "carson", "curie", "darwin", "dijkstra", "einstein",
    "euler", "fermat", "gauss", "goldberg", "hopper", "kepler", "lamport", "liskov", "lovelace", "newton", "noether", "ritchie", "shannon",
    "torvalds", "turing"};

bool validName(const std::string& name)
{
    const auto inner = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-'; };
    return name.size() > 1 && std::isalnum(static_cast<unsigned char>(name.front())) && std::all_of(name.begin(), name.end(), inner);
}

Outcome refused(int status, std::string error)
{
    Outcome outcome;
    outcome.status = status;
    outcome.error = std::move(error);
    return outcome;
}

} // namespace

Container* Daemon::byTask(ContainerId task)
{
    const container::Container* known = context.runtimes.find(task);
    if (known == nullptr)
        return nullptr;
    const auto found = docker.containers.find(known->hexId);
    return found == docker.containers.end() ? nullptr : &found->second;
}

Container* Daemon::find(const std::string& nameOrId, Outcome& outcome)
{
    const std::string wanted = !nameOrId.empty() && nameOrId.front() == '/' ? nameOrId.substr(1) : nameOrId;
    for (auto& [id, container] : docker.containers)
        if (container.name == wanted || id == wanted)
            return &container;
    std::vector<Container*> begun;
    for (auto it = docker.containers.lower_bound(wanted); it != docker.containers.end() && it->first.rfind(wanted, 0) == 0; ++it)
        begun.push_back(&it->second);
    if (begun.size() == 1 && !wanted.empty())
        return begun.front();
    outcome = begun.size() > 1 ? refused(400, "Multiple IDs found with provided prefix: " + wanted)
                               : refused(404, "No such container: " + wanted);
    return nullptr;
}

std::string Daemon::randomName()
{
    RandomStream& random = context.engine().random("docker/name");
    for (;;) {
        std::string name = fmt::format("{}_{}", kManners[random.below(kManners.size())], kPeople[random.below(kPeople.size())]);
        if (std::none_of(docker.containers.begin(), docker.containers.end(), [&](const auto& entry) { return entry.second.name == name; }))
            return name;
        if (docker.containers.size() > kManners.size() * kPeople.size() / 2)
            return name + std::to_string(random.below(1'000'000));
    }
}

Outcome Daemon::operator()(const CreateContainer& request)
{
    Settings settings = request.settings;
    if (!request.name.empty() && !validName(request.name))
        return refused(400, fmt::format("Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", request.name));
    for (const auto& [id, other] : docker.containers)
        if (other.name == request.name)
            return refused(409, fmt::format("Conflict. The container name \"/{}\" is already in use by container \"{}\". You have to remove (or "
                                            "rename) that container to be able to reuse that name.", request.name, id));
    std::string imageId;
    const StoredImage* stored = findImage(settings.image, &imageId);
    if (stored == nullptr)
        return refused(404, "No such image: " + settings.image);
    constexpr std::int64_t kLeastMemory = 6 << 20;
    if (settings.limits.memoryBytes > 0 && settings.limits.memoryBytes < kLeastMemory)
        return refused(400, "Minimum memory limit allowed is 6MB");
    if (settings.limits.memorySwapBytes > 0 && settings.limits.memoryBytes > 0 && settings.limits.memorySwapBytes < settings.limits.memoryBytes)
        return refused(400, "Minimum memoryswap limit should be larger than memory limit, see usage");
    if (settings.limits.cpus > static_cast<double>(machine().cpus))
        return refused(400, fmt::format("range of CPUs is from 0.01 to {0}.00, as there are only {0} CPUs available", machine().cpus));
    if (settings.restart.name != "no" && settings.autoRemove)
        return refused(400, "can't create 'AutoRemove' container with restart policy");

    const ImageConfig defaults = defaultsOf(*stored->image);
    std::vector<std::string> environment = defaults.environment;
    environment.insert(environment.end(), settings.environment.begin(), settings.environment.end());
    settings.environment = std::move(environment);
    if (!settings.entrypoint) {
        settings.entrypoint = defaults.entrypoint;
        if (settings.command.empty())
            settings.command = defaults.command;
    } else if (settings.entrypoint->size() == 1 && settings.entrypoint->front().empty()) {
        settings.entrypoint->clear();
    }
    if (settings.entrypoint->empty() && settings.command.empty())
        return refused(400, "no command specified");
    if (settings.user.empty())
        settings.user = defaults.user;
    if (settings.workingDirectory.empty())
        settings.workingDirectory = defaults.workingDirectory;
    if (!settings.health)
        settings.health = defaults.health;
    for (const auto& [key, value] : defaults.labels)
        settings.labels.emplace(key, value);
    for (const std::string& port : defaults.exposed)
        if (std::find(settings.exposed.begin(), settings.exposed.end(), port) == settings.exposed.end())
            settings.exposed.push_back(port);
    for (const std::string& path : defaults.volumes)
        if (std::none_of(settings.mounts.begin(), settings.mounts.end(), [&](const MountPoint& m) { return m.target == path; }))
            settings.mounts.push_back({.kind = MountPoint::Kind::Volume, .source = {}, .target = path});
    if (settings.logMaxBytes == 0) {
        settings.logMaxBytes = docker.logMaxBytes;
        settings.logMaxFiles = docker.logMaxFiles;
    }

    Container container;
    Network* network = nullptr;
    if (settings.network.rfind("container:", 0) != 0) {
        network = findNetwork(settings.network);
        if (network == nullptr)
            return refused(404, fmt::format("network {} not found", settings.network));
        if (network->driver == "bridge") {
            if (settings.fixedAddress && !network->hasNameServer())
                return refused(400, "invalid config for network bridge: invalid endpoint settings:\nuser specified IP address is supported on user "
                                    "defined networks only");
            container.endpoints.push_back({.networkId = network->id, .fixedAddress = settings.fixedAddress, .aliases = settings.aliases});
        }
    }
    container.id = hexId();
    container.name = request.name.empty() ? randomName() : request.name;
    if (settings.hostname.empty())
        settings.hostname = network != nullptr && network->driver == "host" ? machine().name : shortId(container.id);
    for (MountPoint& mount : settings.mounts) {
        if (mount.kind == MountPoint::Kind::Volume) {
            const bool anonymous = mount.source.empty();
            if (anonymous)
                mount.source = hexId();
            if (docker.volumes.count(mount.source) == 0)
                addVolume(mount.source, anonymous, {});
        } else if (mount.kind == MountPoint::Kind::Bind && !context.hosts().read(docker.host, mount.source, context.now())) {
            if (mount.mustExist)
                return refused(400, fmt::format("invalid mount config for type \"bind\": bind source path does not exist: {}", mount.source));
            context.hosts().makeDirectory(context.engine(), docker.host, mount.source, true);
        }
    }
    container.imageId = imageId;
    container.layers = stored->chain;
    container.created = context.now();
    container.logBytesPerSecond = defaults.logBytesPerSecond;
    container.task = context.runtimes.createTask(context.parts, {.host = docker.host, .hexId = container.id, .name = container.name,
        .hostname = settings.hostname, .scope = fmt::format("/system.slice/docker-{}.scope", container.id)});
    container.settings = std::move(settings);
    makeUpper(container);
    context.hosts().makeDirectory(context.engine(), docker.host, fmt::format("{}/containers/{}", kRoot, container.id), true);
    Container& kept = docker.containers.emplace(container.id, std::move(container)).first->second;
    happen(kept, "create");
    Outcome outcome;
    outcome.id = kept.id;
    return outcome;
}

void Daemon::remove(Container& container, bool volumes)
{
    const Container copy = container;
    context.runtimes.remove(context.parts, copy.task);
    removeUpper(container);
    context.hosts().remove(context.engine(), docker.host, fmt::format("{}/containers/{}", kRoot, copy.id), true);
    happen(copy, "destroy");
    docker.containers.erase(copy.id);
    if (volumes)
        for (const MountPoint& mount : copy.settings.mounts)
            if (const auto volume = docker.volumes.find(mount.source); mount.kind == MountPoint::Kind::Volume && volume != docker.volumes.end()
                && volume->second.anonymous && !volumeUsed(mount.source))
                removeVolume(mount.source);
    dropUnusedLayers();
}

Outcome Daemon::operator()(const RemoveContainer& request)
{
    Outcome outcome;
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    if (container->runs() || container->state == Container::State::Restarting) {
        if (!request.force) {
            const char* state = container->state == Container::State::Paused ? "paused"
                : container->state == Container::State::Restarting          ? "restarting"
                                                                            : "running";
            return refused(409, container->state == Container::State::Paused
                               ? fmt::format("cannot remove container \"/{}\": container is paused and must be unpaused first", container->name)
                               : fmt::format("cannot remove container \"/{}\": container is {}: stop the container before removing or force remove",
                                             container->name, state));
        }
        container->stoppedByHand = true;
        container->settings.autoRemove = false;
        ++container->generation;
        if (container->runs()) {
            context.runtimes.end(context.parts, container->task, 137);
            happen(*container, "kill", {{"signal", "9"}});
            exited(*container);
        }
    }
    remove(*container, request.volumes);
    return outcome;
}

Outcome Daemon::operator()(const RenameContainer& request)
{
    Outcome outcome;
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    if (!validName(request.name))
        return refused(400, fmt::format("Invalid container name ({}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", request.name));
    if (container->name == request.name)
        return refused(500, "Renaming a container with the same name as its current name");
    for (const auto& [id, other] : docker.containers)
        if (other.name == request.name)
            return refused(409, fmt::format("Error when allocating new name: Conflict. The container name \"/{}\" is already in use by container "
                                            "\"{}\". You have to remove (or rename) that container to be able to reuse that name.", request.name, id));
    happen(*container, "rename", {{"oldName", "/" + container->name}});
    container->name = request.name;
    if (container::Container* task = context.runtimes.find(container->task))
        task->name = request.name;
    return outcome;
}

Outcome Daemon::operator()(const UpdateContainer& request)
{
    Outcome outcome;
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    Limits limits = container->settings.limits;
    if (request.memoryBytes) {
        if (*request.memoryBytes > 0 && limits.memorySwapBytes > 0 && !request.memorySwapBytes && *request.memoryBytes > limits.memorySwapBytes)
            return refused(409, fmt::format("Cannot update container {}: Memory limit should be smaller than already set memoryswap limit, update "
                                            "the memoryswap at the same time", container->id));
        limits.memoryBytes = *request.memoryBytes;
    }
    limits.memorySwapBytes = request.memorySwapBytes.value_or(limits.memorySwapBytes);
    limits.cpus = request.cpus.value_or(limits.cpus);
    limits.pids = request.pids.value_or(limits.pids);
    limits.cpuShares = request.cpuShares.value_or(limits.cpuShares);
    container->settings.limits = limits;
    if (request.restart) {
        if (container->settings.autoRemove && request.restart->name != "no")
            return refused(409, fmt::format("Cannot update container {}: Restart policy cannot be updated because AutoRemove is enabled for the "
                                            "container", container->id));
        container->settings.restart = *request.restart;
    }
    happen(*container, "update");
    if (container->runs())
        applyLimits(*container);
    return outcome;
}

Outcome Daemon::operator()(const PruneContainers&)
{
    Outcome outcome;
    for (const auto& [id, container] : docker.containers)
        if (!container.runs() && container.state != Container::State::Restarting)
            outcome.removed.push_back(id);
    for (const std::string& id : outcome.removed) {
        Container& container = docker.containers.at(id);
        outcome.reclaimedBytes += bytesBelow(fmt::format("{}/overlay2/{}/diff", kRoot, container.upper));
        remove(container, true);
    }
    return outcome;
}

} // namespace sim::container::docker
