// What docker keeps on the disk: layers and writable layers of overlay2, volumes, logs. All of it are files of the machine,
// so that df, du and a full disk tell the same.
#include "sim/container/docker/daemon.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim::container::docker {

namespace {

// How much of a log's text is kept to be read; its size counts in full.
constexpr std::size_t kLogTextKept = 256 * 1024;
constexpr Duration kRotationCheck = 5s;

std::string layerPath(const std::string& folder)
{
    return fmt::format("{}/overlay2/{}", kRoot, folder);
}

std::string logPath(const Container& container)
{
    return fmt::format("{0}/containers/{1}/{1}-json.log", kRoot, container.id);
}

/// overlay2's short names: 26 upper-case letters and digits.
std::string linkName(RandomStream& random)
{
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string name;
    for (int i = 0; i < 26; ++i)
        name += kDigits[random.below(kDigits.size())];
    return name;
}

std::string jsonLine(const std::pair<Instant, std::string>& line)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(line.first);
    return fmt::format("{{\"log\":{},\"stream\":\"stdout\",\"time\":\"{:%Y-%m-%dT%H:%M:%S}.{:09}Z\"}}\n",
                       nlohmann::json(line.second + "\n").dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                       fmt::gmtime(seconds.time_since_epoch().count()), (line.first - seconds).count());
}

Outcome storageError(int status, std::string error)
{
    Outcome outcome;
    outcome.status = status;
    outcome.error = std::move(error);
    return outcome;
}

bool below(const std::string& path, const std::string& folder)
{
    return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 && (folder.back() == '/' || path[folder.size()] == '/');
}

} // namespace

std::int64_t Daemon::bytesBelow(const std::string& folder) const
{
    std::int64_t bytes = 0;
    const auto& files = machine().files;
    for (auto it = files.lower_bound(folder + "/"); it != files.end() && below(it->first, folder); ++it)
        if (it->second->type == host::File::Type::Regular)
            bytes += std::max(it->second->size, static_cast<std::int64_t>(it->second->content.size()));
    return bytes;
}

std::string Daemon::addLayer(const std::string& parentChain, const std::shared_ptr<const Layer>& layer)
{
    const std::string chain = parentChain.empty() ? layer->digest : digestOf(parentChain + " " + layer->digest);
    if (docker.layers.count(chain) > 0)
        return chain;
    const host::Mount& mount = machine().mountOf(kRoot);
    if (machine().usedBytes(mount) + layer->bytes > mount.sizeBytes)
        return {};
    LayerFolder kept;
    kept.folder = hexId();
    kept.link = linkName(context.engine().random("docker/link"));
    kept.layer = layer;
    const std::string path = layerPath(kept.folder);
    host::Hosts& hosts = context.hosts();
    const auto write = [&](const std::string& file, std::string text, std::int64_t size, std::uint32_t mode = 0644) {
        hosts.makeDirectory(context.engine(), docker.host, file.substr(0, file.rfind('/')), true);
        hosts.writeFile(context.engine(), docker.host, file, std::move(text), false, mode, size);
    };
    hosts.makeDirectory(context.engine(), docker.host, path + "/diff", true);
    hosts.makeDirectory(context.engine(), docker.host, path + "/work", true);
    write(path + "/link", kept.link, 0);
    if (const auto parent = docker.layers.find(parentChain); parent != docker.layers.end()) {
        const auto lower = hosts.read(docker.host, layerPath(parent->second.folder) + "/lower", context.now());
        write(path + "/lower", "l/" + parent->second.link + (lower ? ":" + lower->content : std::string()), 0);
    }
    hosts.symlink(context.engine(), docker.host, "../" + kept.folder + "/diff", fmt::format("{}/overlay2/l/{}", kRoot, kept.link));
    std::int64_t rest = layer->bytes;
    for (const LayerFile& file : layer->files) {
        write(path + "/diff" + file.path, file.content, file.bytes, file.whiteout ? 0 : 0644);
        rest -= std::max(file.bytes, static_cast<std::int64_t>(file.content.size()));
    }
    if (rest > 0) // what nobody named
        write(path + "/diff/usr/share/misc/rest", {}, rest);
    docker.layers.emplace(chain, std::move(kept));
    return chain;
}

std::int64_t Daemon::dropUnusedLayers()
{
    std::set<std::string> used;
    for (const auto& [id, image] : docker.images)
        used.insert(image.chain.begin(), image.chain.end());
    for (const auto& [id, container] : docker.containers)
        used.insert(container.layers.begin(), container.layers.end());
    for (const auto& [key, record] : docker.cache)
        used.insert(record.chain);
    std::int64_t bytes = 0;
    for (auto it = docker.layers.begin(); it != docker.layers.end();)
        if (used.count(it->first) == 0) {
            bytes += it->second.layer->bytes;
            context.hosts().remove(context.engine(), docker.host, layerPath(it->second.folder), true);
            context.hosts().remove(context.engine(), docker.host, fmt::format("{}/overlay2/l/{}", kRoot, it->second.link));
            it = docker.layers.erase(it);
        } else {
            ++it;
        }
    return bytes;
}

void Daemon::makeUpper(Container& container)
{
    container.upper = hexId();
    container.lowerLink = linkName(context.engine().random("docker/link"));
    const std::string path = layerPath(container.upper);
    for (const char* folder : {"/diff", "/work", "/merged"})
        context.hosts().makeDirectory(context.engine(), docker.host, path + folder, true);
    context.hosts().makeDirectory(context.engine(), docker.host, path + "-init/diff", true);
    context.hosts().writeFile(context.engine(), docker.host, path + "/link", container.lowerLink, false);
    context.hosts().symlink(context.engine(), docker.host, "../" + container.upper + "/diff", fmt::format("{}/overlay2/l/{}", kRoot, container.lowerLink));
}

void Daemon::removeUpper(Container& container)
{
    mountOverlay(container, false);
    context.hosts().remove(context.engine(), docker.host, layerPath(container.upper), true);
    context.hosts().remove(context.engine(), docker.host, layerPath(container.upper) + "-init", true);
    context.hosts().remove(context.engine(), docker.host, fmt::format("{}/overlay2/l/{}", kRoot, container.lowerLink));
}

void Daemon::mountOverlay(Container& container, bool mounted)
{
    host::Machine& machine = context.hosts().at(docker.host);
    const std::string path = layerPath(container.upper) + "/merged";
    std::erase_if(machine.mounts, [&](const host::Mount& m) { return m.path == path; });
    if (!mounted)
        return;
    host::Mount mount;
    mount.device = mount.type = "overlay";
    mount.path = path;
    const host::Mount& disk = machine.mountOf(kRoot);
    mount.sizeBytes = disk.sizeBytes;
    mount.inodes = disk.inodes;
    std::string lower = fmt::format("{}/overlay2/l/{}", kRoot, container.lowerLink);
    for (auto chain = container.layers.rbegin(); chain != container.layers.rend(); ++chain)
        if (const auto layer = docker.layers.find(*chain); layer != docker.layers.end())
            lower += fmt::format(":{}/overlay2/l/{}", kRoot, layer->second.link);
    mount.options = fmt::format("relatime,lowerdir={},upperdir={}/diff,workdir={}/work,nouserxattr", lower, layerPath(container.upper), layerPath(container.upper));
    machine.mounts.push_back(std::move(mount));
}

void Daemon::openLog(Container& container)
{
    if (container.settings.logDriver != "json-file")
        return;
    const std::string path = logPath(container);
    const auto unit = machine().units.find(kUnit);
    if (unit == machine().units.end() || unit->second.mainPid == 0)
        return;
    if (machine().files.count(path) == 0)
        context.hosts().writeFile(context.engine(), docker.host, path, "", false, 0640);
    // LOG_LEVEL=debug is worth twenty times the lines of info in a service of some traffic.
    constexpr double kDebug = 20;
    const auto level = variableOf(container.settings.environment, "LOG_LEVEL");
    const double rate = container.logBytesPerSecond * (level && (*level == "debug" || *level == "DEBUG") ? kDebug : 1);
    const host::Pid pid = unit->second.mainPid;
    host::Machine& machine = context.hosts().at(docker.host);
    context.hosts().edit(context.engine(), docker.host, pid, [&](host::Process& process) {
        std::erase_if(process.openFiles, [&](const host::OpenFile& f) { return f.path == path; });
        host::OpenFile file;
        file.kind = host::OpenFile::Kind::Regular;
        file.path = path;
        file.writes = true;
        file.growthBytesPerSecond = rate;
        host::openFile(machine, process, std::move(file));
    });
    if (rate > 0 && container.settings.logMaxBytes > 0)
        later(DockerEvent::Rotate, kRotationCheck, container.task.value, container.generation);
}

void Daemon::writeLog(Container& container)
{
    const container::Container* task = context.runtimes.find(container.task);
    if (task == nullptr || task->logLines == container.loggedLines || container.settings.logDriver != "json-file")
        return;
    const std::uint64_t fresh = std::min<std::uint64_t>(task->logLines - container.loggedLines, task->log.size());
    std::string text;
    for (std::size_t i = task->log.size() - fresh; i < task->log.size(); ++i)
        text += jsonLine(task->log[i]);
    container.loggedLines = task->logLines;
    container.logged += static_cast<std::int64_t>(text.size());
    const std::string path = logPath(container);
    host::Machine& machine = context.hosts().at(docker.host);
    const auto file = machine.files.find(path);
    if (file == machine.files.end())
        return; // deleted under the daemon, which goes on writing to what has no name
    const host::Mount& mount = machine.mountOf(path);
    const auto more = static_cast<std::int64_t>(text.size());
    if (mount.sizeBytes > 0 && machine.usedBytes(mount) + more > mount.sizeBytes)
        return; // no space left on device: the lines are lost
    auto larger = std::make_shared<host::File>(*file->second);
    larger->size = std::max(larger->size, static_cast<std::int64_t>(larger->content.size())) + more;
    larger->content += text;
    if (larger->content.size() > kLogTextKept)
        larger->content.erase(0, larger->content.find('\n', larger->content.size() - kLogTextKept / 2) + 1);
    larger->modified = context.now();
    file->second = std::move(larger);
    rotate(container);
}

void Daemon::rotate(Container& container)
{
    const std::int64_t most = container.settings.logMaxBytes;
    if (most <= 0)
        return;
    const std::string path = logPath(container);
    const auto file = machine().files.find(path);
    if (file != machine().files.end() && std::max(file->second->size, static_cast<std::int64_t>(file->second->content.size())) > most) {
        for (std::int64_t n = container.settings.logMaxFiles - 1; n > 0; --n) {
            const std::string from = n == 1 ? path : fmt::format("{}.{}", path, n - 1);
            if (machine().files.count(from) > 0)
                context.hosts().rename(context.engine(), docker.host, from, fmt::format("{}.{}", path, n));
        }
        if (container.settings.logMaxFiles <= 1)
            context.hosts().truncate(context.engine(), docker.host, path, 0);
        if (container.runs()) {
            openLog(container);
            return;
        }
    }
    if (container.logBytesPerSecond > 0 && container.runs())
        later(DockerEvent::Rotate, kRotationCheck, container.task.value, container.generation);
}

Volume& Daemon::addVolume(const std::string& name, bool anonymous, std::map<std::string, std::string> labels)
{
    Volume volume;
    volume.name = name;
    volume.anonymous = anonymous;
    volume.labels = std::move(labels);
    volume.created = context.now();
    context.hosts().makeDirectory(context.engine(), docker.host, volume.path(), true);
    happen("volume", "create", name, {{"driver", "local"}});
    return docker.volumes.emplace(name, std::move(volume)).first->second;
}

std::int64_t Daemon::removeVolume(const std::string& name)
{
    const std::string path = docker.volumes.at(name).path();
    const std::int64_t bytes = bytesBelow(path);
    context.hosts().remove(context.engine(), docker.host, path.substr(0, path.rfind('/')), true);
    docker.volumes.erase(name);
    happen("volume", "destroy", name, {{"driver", "local"}});
    return bytes;
}

bool Daemon::volumeUsed(const std::string& name) const
{
    return std::any_of(docker.containers.begin(), docker.containers.end(), [&](const auto& entry) {
        const auto& mounts = entry.second.settings.mounts;
        return std::any_of(mounts.begin(), mounts.end(),
                           [&](const MountPoint& m) { return m.kind == MountPoint::Kind::Volume && m.source == name; });
    });
}

Outcome Daemon::operator()(const CreateVolume& request)
{
    Outcome outcome;
    outcome.id = request.name.empty() ? hexId() : request.name;
    if (docker.volumes.count(outcome.id) == 0)
        addVolume(outcome.id, request.name.empty(), request.labels);
    return outcome;
}

Outcome Daemon::operator()(const RemoveVolume& request)
{
    if (docker.volumes.count(request.volume) == 0) {
        if (request.force)
            return {};
        return storageError(404, fmt::format("get {0}: no such volume", request.volume));
    }
    std::string users;
    for (const auto& [id, container] : docker.containers)
        for (const MountPoint& mount : container.settings.mounts)
            if (mount.kind == MountPoint::Kind::Volume && mount.source == request.volume)
                users += (users.empty() ? "" : ", ") + id;
    if (!users.empty())
        return storageError(409, fmt::format("remove {}: volume is in use - [{}]", request.volume, users));
    Outcome outcome;
    outcome.reclaimedBytes = removeVolume(request.volume);
    return outcome;
}

Outcome Daemon::operator()(const PruneVolumes& request)
{
    Outcome outcome;
    for (const auto& [name, volume] : docker.volumes)
        if ((request.all || volume.anonymous) && !volumeUsed(name))
            outcome.removed.push_back(name);
    for (const std::string& name : outcome.removed)
        outcome.reclaimedBytes += removeVolume(name);
    return outcome;
}

Outcome Daemon::operator()(const CopyFiles& request)
{
    Outcome outcome;
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    const container::Container* task = context.runtimes.find(container->task);
    std::string inside = fmt::format("{}{}", layerPath(container->upper) + "/diff", request.containerPath);
    for (const MountPoint& mount : container->settings.mounts)
        if (mount.kind != MountPoint::Kind::Tmpfs && (below(request.containerPath, mount.target) || request.containerPath == mount.target)) {
            if (request.into && mount.readOnly)
                return storageError(400, "mounted volume is marked read-only");
            inside = (mount.kind == MountPoint::Kind::Bind ? mount.source : docker.volumes.at(mount.source).path())
                + request.containerPath.substr(mount.target.size());
        }
    if (!request.into) {
        auto file = context.hosts().read(docker.host, inside, context.now());
        if (!file) {
            // Not written since the container was made: its image's.
            for (auto chain = container->layers.rbegin(); chain != container->layers.rend() && !file; ++chain)
                if (const auto layer = docker.layers.find(*chain); layer != docker.layers.end())
                    file = context.hosts().read(docker.host, layerPath(layer->second.folder) + "/diff" + request.containerPath, context.now());
            if (const auto own = task->files.find(request.containerPath); !file && own != task->files.end())
                file = host::File{.content = own->second};
        }
        if (!file || container->removedFiles.count(request.containerPath) > 0)
            return storageError(404, fmt::format("Could not find the file {} in container {}", request.containerPath, request.container));
        if (file->type == host::File::Type::Directory)
            return storageError(400, "folders are copied file by file in this lab");
        const host::FileError error = context.hosts().writeFile(context.engine(), docker.host, request.hostPath, file->content, false, file->mode, file->size);
        if (error != host::FileError::None)
            return storageError(500, error == host::FileError::NoSpace ? fmt::format("write {}: no space left on device", request.hostPath)
                                                                       : fmt::format("invalid output path: directory \"{}\" does not exist", request.hostPath.substr(0, request.hostPath.rfind('/'))));
        if (!request.owner.empty())
            context.hosts().changeMode(docker.host, request.hostPath, std::nullopt, request.owner + ":" + request.owner);
        outcome.reclaimedBytes = std::max(file->size, static_cast<std::int64_t>(file->content.size()));
        return outcome;
    }
    const auto file = context.hosts().read(docker.host, request.hostPath, context.now());
    if (!file)
        return storageError(404, fmt::format("lstat {}: no such file or directory", request.hostPath));
    context.hosts().makeDirectory(context.engine(), docker.host, inside.substr(0, inside.rfind('/')), true);
    const host::FileError error = context.hosts().writeFile(context.engine(), docker.host, inside, file->content, false, file->mode, file->size);
    if (error != host::FileError::None)
        return storageError(500, error == host::FileError::NoSpace ? fmt::format("write {}: no space left on device", request.containerPath)
                                                                   : fmt::format("Could not find the file {} in container {}", request.containerPath, request.container));
    container->removedFiles.erase(request.containerPath);
    outcome.reclaimedBytes = std::max(file->size, static_cast<std::int64_t>(file->content.size()));
    return outcome;
}

Outcome Daemon::operator()(const CommitContainer& request)
{
    Outcome outcome;
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    auto layer = std::make_shared<Layer>();
    const std::string folder = layerPath(container->upper) + "/diff";
    const auto& files = machine().files;
    for (auto it = files.lower_bound(folder + "/"); it != files.end() && below(it->first, folder); ++it)
        if (it->second->type == host::File::Type::Regular) {
            const std::string path = it->first.substr(folder.size());
            const std::int64_t bytes = std::max(it->second->size, static_cast<std::int64_t>(it->second->content.size()));
            layer->files.push_back({.path = path, .bytes = bytes, .whiteout = container->removedFiles.count(path) > 0, .content = it->second->content});
            layer->bytes += bytes;
        }
    layer->compressedBytes = layer->bytes / 2;
    layer->digest = digestOf(container->id + std::to_string(context.now().time_since_epoch().count()));
    auto image = std::make_shared<Image>();
    if (const auto base = docker.images.find(container->imageId); base != docker.images.end())
        *image = *base->second.image;
    image->layers.push_back(*layer);
    image->config.environment = container->settings.environment;
    image->config.entrypoint = *container->settings.entrypoint;
    image->config.command = container->settings.command;
    image->config.workingDirectory = container->settings.workingDirectory;
    image->created = context.now();
    std::string words;
    for (const std::string& word : container->settings.command)
        words += (words.empty() ? "" : " ") + word;
    image->history.push_back({.created = context.now(), .createdBy = words, .comment = request.comment});
    image->digest = digestOf("manifest " + layer->digest);
    image->configDigest = digestOf("config " + layer->digest);
    const std::string problem = store(request.reference, image, {});
    if (!problem.empty())
        return storageError(500, problem);
    happen(*container, "commit", {{"imageID", image->configDigest}});
    outcome.id = image->configDigest;
    return outcome;
}

std::optional<HostPath> Daemons::hostPath(const Runtimes& runtimes, ContainerId task, const std::string& path) const
{
    const Container* container = ofTask(runtimes, task);
    if (container == nullptr)
        return std::nullopt;
    for (const char* own : {"/etc/hosts", "/etc/resolv.conf", "/etc/hostname"})
        if (path == own)
            return std::nullopt;
    for (const char* folder : {"/proc", "/sys", "/dev"})
        if (path == folder || below(path, folder))
            return std::nullopt;
    const MountPoint* best = nullptr;
    for (const MountPoint& mount : container->settings.mounts)
        if ((path == mount.target || below(path, mount.target)) && (best == nullptr || mount.target.size() > best->target.size()))
            best = &mount;
    if (best != nullptr && best->kind == MountPoint::Kind::Tmpfs)
        return std::nullopt;
    if (best != nullptr)
        return HostPath{(best->kind == MountPoint::Kind::Bind ? best->source : Volume{.name = best->source}.path()) + path.substr(best->target.size()),
                        best->readOnly};
    return HostPath{layerPath(container->upper) + "/diff" + path, container->settings.readOnly};
}

bool Daemons::hideImageFile(Context& context, ContainerId task, const std::string& path)
{
    const Container* known = ofTask(context.runtimes, task);
    if (known == nullptr)
        return false;
    Docker& docker = m_dockers.at(context.runtimes.find(task)->host);
    Container& container = docker.containers.at(known->id);
    bool there = false;
    for (const std::string& chain : container.layers)
        if (const auto layer = docker.layers.find(chain); layer != docker.layers.end())
            for (const LayerFile& file : layer->second.layer->files)
                if (file.path == path)
                    there = !file.whiteout;
    if (!there || !container.removedFiles.insert(path).second)
        return false;
    const std::string upper = layerPath(container.upper) + "/diff" + path;
    context.hosts().makeDirectory(context.engine(), docker.host, upper.substr(0, upper.rfind('/')), true);
    context.hosts().writeFile(context.engine(), docker.host, upper, "", false, 0);
    return true;
}

std::map<std::string, std::string> Daemons::filesOf(const host::Hosts& hosts, const Runtimes& runtimes, ContainerId task) const
{
    std::map<std::string, std::string> files;
    const Container* container = ofTask(runtimes, task);
    if (container == nullptr)
        return files;
    const HostId host = runtimes.find(task)->host;
    const Docker& docker = m_dockers.at(host);
    for (const std::string& chain : container->layers)
        if (const auto layer = docker.layers.find(chain); layer != docker.layers.end())
            for (const LayerFile& file : layer->second.layer->files) {
                if (file.whiteout)
                    files.erase(file.path);
                else
                    files[file.path] = file.content;
            }
    const auto& machineFiles = hosts.at(host).files;
    const auto over = [&](const std::string& folder, const std::string& target) {
        if (const auto one = machineFiles.find(folder); one != machineFiles.end() && one->second->type == host::File::Type::Regular) {
            files[target] = one->second->content;
            return;
        }
        if (!target.empty())
            files.emplace(target + "/", "");
        for (auto it = machineFiles.lower_bound(folder + "/"); it != machineFiles.end() && below(it->first, folder); ++it)
            files[target + it->first.substr(folder.size()) + (it->second->type == host::File::Type::Directory ? "/" : "")] = it->second->content;
    };
    over(layerPath(container->upper) + "/diff", "");
    for (const std::string& path : container->removedFiles)
        files.erase(path);
    for (const MountPoint& mount : container->settings.mounts)
        if (mount.kind != MountPoint::Kind::Tmpfs)
            over(mount.kind == MountPoint::Kind::Bind ? mount.source : Volume{.name = mount.source}.path(), mount.target);
    if (!container->settings.workingDirectory.empty())
        files.emplace(container->settings.workingDirectory + (container->settings.workingDirectory.back() == '/' ? "" : "/"), "");
    return files;
}

} // namespace sim::container::docker
