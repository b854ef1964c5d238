#include "core/shell/commands/world_system.h"

#include "core/shell/commands/container_files.h"
#include "core/shell/commands/fabric/device_files.h"
#include "core/shell/commands/gpu/driver_nodes.h"
#include "core/shell/commands/linux/net_files.h"
#include "core/shell/paths.h"
#include "sim/host/accounts.h"
#include "sim/host/paths.h"
#include "sim/world/world.h"

#include <algorithm>
#include <set>

namespace core::shell {

namespace {

using sim::host::File;
using sim::host::FileError;

const sim::container::Container* containerAt(const sim::World& world, const Place& place)
{
    return place.container ? world.runtimes().find(*place.container) : nullptr;
}

const sim::host::Machine* machineAt(const sim::World& world, const Place& place)
{
    return place.host.value < world.hosts().all().size() ? &world.hosts().at(place.host) : nullptr;
}

bool isRoot(const Place& place)
{
    return place.user == "root" || place.user.empty();
}

/// Whether the user may read (4), write (2) or enter (1).
bool allows(const sim::World& world, const Place& place, const File& file, std::uint32_t bit)
{
    return sim::host::mayAccess(world.hosts().at(place.host), file, place.user, bit);
}

/// In a folder with the sticky bit only the owner of a file (or of the folder) removes or renames it.
bool isSticky(const Place& place, const File& folder, const File& file)
{
    return (folder.mode & 01000) != 0 && file.owner != place.user && folder.owner != place.user;
}

/// The user's own group, that new files get.
std::string groupOf(const sim::World& world, const Place& place)
{
    const auto groups = sim::host::groupsOfUser(world.hosts().at(place.host), place.user);
    return groups.empty() ? place.user : groups.front().name;
}

/// None when every directory above the path lets the user through.
Errno entry(const sim::World& world, const Place& place, const std::string& path)
{
    if (isRoot(place))
        return Errno::None;
    for (std::string folder = parentOf(sim::host::resolvePath(world.hosts().at(place.host), path)); folder != "/"; folder = parentOf(folder)) {
        const auto file = world.hosts().read(place.host, folder, world.now());
        if (file && file->type == File::Type::Directory && !allows(world, place, *file, 1))
            return Errno::AccessDenied;
    }
    return Errno::None;
}

FileStat statOf(const File& file)
{
    FileStat stat;
    stat.type = file.type == File::Type::Directory ? FileStat::Type::Directory
        : file.type == File::Type::Symlink         ? FileStat::Type::Symlink
                                                   : FileStat::Type::Regular;
    stat.mode = file.mode;
    stat.owner = file.owner;
    stat.group = file.group;
    stat.size = std::max(file.size, static_cast<std::int64_t>(file.content.size()));
    stat.modified = file.modified;
    if (file.type == File::Type::Symlink)
        stat.target = file.content;
    stat.links = file.type == File::Type::Directory ? 2 : file.links;
    return stat;
}

FileStat device()
{
    FileStat stat;
    stat.type = FileStat::Type::Device;
    stat.mode = 0666;
    return stat;
}

bool isDevice(const std::string& path)
{
    return path == "/dev/null" || path == "/dev/zero" || path == "/dev/urandom" || path == "/dev/random"
        || path == "/dev/tty";
}

/// From CommandResult: the error's number when the world gives it, else by its words.
Errno errnoOf(const sim::CommandResult& result)
{
    if (result.ok)
        return Errno::None;
    for (const Errno e :
         {Errno::NoEntry, Errno::AccessDenied, Errno::NotPermitted, Errno::Exists, Errno::NotDirectory,
          Errno::IsDirectory, Errno::NoSpace, Errno::ReadOnly, Errno::NotEmpty, Errno::Invalid})
        if (describe(e) == result.error)
            return e;
    return Errno::InputOutput;
}

/// Of a container's path table: the stat of a file or of a directory that the paths imply.
std::optional<FileStat> containerStat(const std::map<std::string, std::string>& files,
                                      const std::string& path, sim::Instant at)
{
    FileStat stat;
    stat.modified = at;
    if (const auto file = files.find(path); file != files.end()) {
        if (path.starts_with("/dev/"))
            return device();
        stat.size = static_cast<std::int64_t>(file->second.size());
        return stat;
    }
    const std::string prefix = path == "/" ? "/" : path + "/";
    const auto below = files.lower_bound(prefix);
    if (path != "/" && (below == files.end() || below->first.compare(0, prefix.size(), prefix) != 0))
        return std::nullopt;
    stat.type = FileStat::Type::Directory;
    stat.mode = 0755;
    stat.size = 4096;
    stat.links = 2;
    return stat;
}

/// What drivers show at and around a path, and maybe elsewhere.
std::map<std::string, std::string> driverFiles(const sim::World& world, const Place& place, const std::string& path)
{
    std::map<std::string, std::string> files = gpu::driverNodes(world, place.host);
    files.merge(fabric::deviceFiles(world, place.host, path));
    files.merge(node::netFiles(world, place.host, path));
    return files;
}

/// What drivers show directly in a folder.
std::set<std::string> driverNames(const sim::World& world, const Place& place, const std::string& folder)
{
    const auto files = driverFiles(world, place, folder);
    const std::string prefix = folder == "/" ? "/" : folder + "/";
    std::set<std::string> names;
    for (auto i = files.lower_bound(prefix); i != files.end() && i->first.starts_with(prefix); ++i)
        names.insert(i->first.substr(prefix.size(), i->first.find('/', prefix.size()) - prefix.size()));
    return names;
}

/// A file or folder that a driver shows beside the machine's own.
std::optional<FileStat> driverStat(const sim::World& world, const Place& place, const std::string& path)
{
    if (!path.starts_with("/proc/") && !path.starts_with("/sys/") && !path.starts_with("/dev/"))
        return std::nullopt;
    auto stat = containerStat(driverFiles(world, place, path), path, world.now());
    if (stat && stat->type == FileStat::Type::Regular)
        stat->mode = 0444;
    if (stat && path.starts_with("/dev/infiniband/umad")) // management datagrams are root's
        stat->mode = 0600;
    return stat;
}

/// The same file outside, when it lies in a folder of the machine that the container mounts.
std::optional<std::pair<Place, std::string>> onMachine(const sim::World& world, const Place& place, const std::string& path)
{
    const auto* container = containerAt(world, place);
    if (container == nullptr)
        return std::nullopt;
    for (const auto& [mount, folder] : container->hostFolders)
        if (path == mount || path.starts_with(mount + "/"))
            return std::pair{Place{place.host, std::nullopt, place.user}, joinPath("/", folder + path.substr(mount.size()))};
    return std::nullopt;
}

/// What comes with the driver of RDMA devices.
bool isFabricTool(std::string_view name)
{
    static const std::set<std::string_view> kNames{"ibstat", "ibstatus", "ibping", "iblinkinfo", "ibnetdiscover", "ibhosts", "ibswitches", "perfquery", "ibqueryerrors",
                                                   "ibportstate", "ibdiagnet", "sminfo", "ibv_devices", "ibv_devinfo", "ibdev2netdev", "show_gids", "mlnx_qos",
                                                   "rdma", "ib_write_bw", "ib_write_lat", "ib_read_bw", "ib_read_lat", "ib_send_bw", "ib_send_lat"};
    return kNames.contains(name);
}

/// Commands that only some machines have.
bool installedOn(const sim::World& world, const sim::host::Machine& machine, std::string_view name)
{
    if (isFabricTool(name))
        return !world.rdma().devicesOf(machine.id).empty();
    if (name == "show" || name == "config" || name == "ecnconfig" || name == "pfcwd" || name == "sonic-db-cli")
        return machine.role == "switch";
    const bool node = machine.role == "control-plane" || machine.role == "worker" || machine.role == "gpu";
    if (name == "ceph" || name == "rados" || name == "rbd")
        return machine.files.contains("/etc/ceph/ceph.conf");
    if (name == "docker" || name == "runc" || name == "trivy")
        return machine.role == "docker";
    if (name == "ctr")
        return node || machine.role == "docker";
    if (name == "crictl" || name == "kubeadm")
        return node;
    if (name == "etcdctl")
        return machine.role == "control-plane";
    if (name == "kubectl")
        return machine.role == "bastion" || machine.role == "control-plane";
    if (name == "ipmitool" || name == "hands")
        return machine.role == "bastion" || machine.role == "infra";
    if (name == "nvidia-smi" || name == "nvidia-cuda-mps-control" || name == "dcgmi" || name == "dcgmproftester13" || name == "lspci")
        return machine.role == "gpu";
    return name != "psql" && name != "pg_isready" && name != "vllm" && !isTrainersTool(name);
}

} // namespace

sim::Instant WorldSystem::now() const
{
    return m_door.world().now();
}

std::string WorldSystem::hostName(const Place& place) const
{
    const sim::World& world = m_door.world();
    const auto* machine = machineAt(world, place);
    if (const auto* container = containerAt(world, place))
        return machine != nullptr && container->stack == machine->stack ? machine->name : container->podName;
    return machine == nullptr ? "localhost" : machine->name;
}

std::string WorldSystem::homeDirectory(const Place& place) const
{
    if (place.container)
        return isRoot(place) ? "/root" : "/";
    if (const auto* machine = machineAt(m_door.world(), place))
        if (const auto account = sim::host::accountOf(*machine, place.user))
            return account->home;
    return isRoot(place) ? "/root" : "/home/" + place.user;
}

Errno WorldSystem::mayExecute(const Place& place, const std::string& path)
{
    const sim::World& world = m_door.world();
    const auto* machine = machineAt(world, place);
    if (place.container || machine == nullptr)
        return Errno::None;
    if (const Errno error = entry(world, place, path); error != Errno::None)
        return error;
    const auto file = world.hosts().read(place.host, path, world.now());
    if (!file)
        return Errno::NoEntry;
    const bool noExec = machine->mountOf(sim::host::resolvePath(*machine, path)).has("noexec");
    return noExec || !allows(world, place, *file, 1) ? Errno::AccessDenied : Errno::None;
}

ReadFile WorldSystem::readFile(const Place& place, const std::string& path)
{
    if (const auto outside = onMachine(m_door.world(), place, path))
        return readFile(outside->first, outside->second);
    const sim::World& world = m_door.world();
    if (isDevice(path))
        return {};
    if (place.container) {
        const auto* container = containerAt(world, place);
        if (container == nullptr)
            return {Errno::InputOutput, {}};
        if (auto text = containerFile(world, *container, path))
            return {Errno::None, std::move(*text)};
        const auto files = containerFiles(world, *container);
        return {containerStat(files, path, world.now()) ? Errno::IsDirectory : Errno::NoEntry, {}};
    }
    const auto* machine = machineAt(world, place);
    if (machine == nullptr || machine->power == sim::host::Machine::Power::Off)
        return {Errno::InputOutput, {}};
    if (const Errno error = entry(world, place, path); error != Errno::None)
        return {error, {}};
    const auto file = world.hosts().read(place.host, path, world.now());
    if (!file) {
        const auto shown = driverStat(world, place, path);
        if (!shown || shown->type == FileStat::Type::Directory)
            return {shown ? Errno::IsDirectory : Errno::NoEntry, {}};
        if (shown->type == FileStat::Type::Device)
            return {Errno::Invalid, {}};
        return {Errno::None, driverFiles(world, place, path).at(path)};
    }
    if (file->type == File::Type::Directory)
        return {Errno::IsDirectory, {}};
    if (!isRoot(place) && !allows(world, place, *file, 4))
        return {Errno::AccessDenied, {}};
    return {Errno::None, file->content};
}

Errno WorldSystem::writeFile(const Place& place, const std::string& path, std::string_view text, bool append)
{
    if (const auto outside = onMachine(m_door.world(), place, path))
        return writeFile(outside->first, outside->second, text, append);
    if (isDevice(path))
        return Errno::None;
    const sim::World& world = m_door.world();
    if (!place.container && !isRoot(place)) {
        if (const Errno error = entry(world, place, path); error != Errno::None)
            return error;
        const auto file = world.hosts().read(place.host, path, world.now());
        const auto folder = world.hosts().read(place.host, parentOf(path), world.now());
        if (file && file->type != File::Type::Directory && !allows(world, place, *file, 2))
            return Errno::AccessDenied;
        if (!file && folder && !allows(world, place, *folder, 2))
            return Errno::AccessDenied;
    }
    if (place.container) {
        const auto* container = containerAt(world, place);
        if (container == nullptr)
            return Errno::InputOutput;
        const auto files = containerFiles(world, *container);
        const auto there = containerStat(files, path, world.now());
        if (there && there->type == FileStat::Type::Directory)
            return Errno::IsDirectory;
        if (!there && !containerStat(files, parentOf(path), world.now()))
            return Errno::NoEntry;
    }
    // A new file belongs to who made it; the world's command makes it root's.
    const bool fresh = !place.container && !isRoot(place)
        && !world.hosts().read(place.host, path, world.now());
    const Errno error = errnoOf(m_door.apply(sim::Command{
        sim::command::WriteFile{place.host, place.container, path, std::string(text), append, 0644, 0}}));
    if (fresh && error == Errno::None)
        m_door.apply(sim::Command{
            sim::command::ChangeMode{place.host, path, std::nullopt, place.user + ":" + groupOf(world, place)}});
    return error;
}

Errno WorldSystem::removeFile(const Place& place, const std::string& path)
{
    if (const auto outside = onMachine(m_door.world(), place, path))
        return removeFile(outside->first, outside->second);
    const sim::World& world = m_door.world();
    if (!place.container && !isRoot(place)) {
        if (const Errno error = entry(world, place, path); error != Errno::None)
            return error;
        const auto folder = world.hosts().read(place.host, parentOf(path), world.now());
        if (folder && !allows(world, place, *folder, 3))
            return Errno::AccessDenied;
        const auto file = world.hosts().inspect(place.host, path, world.now());
        if (folder && file && isSticky(place, *folder, *file))
            return Errno::NotPermitted;
    }
    // rmdir(2) and unlink(2) in one: an empty directory goes, a full one does not.
    const auto listed = list(place, path);
    if (listed && !listed->empty())
        return Errno::NotEmpty;
    return errnoOf(m_door.apply(
        sim::Command{sim::command::RemoveFile{place.host, place.container, path, listed.has_value()}}));
}

Errno WorldSystem::makeDirectory(const Place& place, const std::string& path)
{
    if (const auto outside = onMachine(m_door.world(), place, path))
        return makeDirectory(outside->first, outside->second);
    const sim::World& world = m_door.world();
    if (stat(place, path))
        return Errno::Exists;
    if (!place.container && !isRoot(place)) {
        const auto folder = world.hosts().read(place.host, parentOf(path), world.now());
        if (folder && !allows(world, place, *folder, 2))
            return Errno::AccessDenied;
    }
    const Errno error = errnoOf(
        m_door.apply(sim::Command{sim::command::MakeDirectory{place.host, place.container, path, false}}));
    if (error == Errno::None && !place.container && !isRoot(place))
        m_door.apply(sim::Command{
            sim::command::ChangeMode{place.host, path, std::nullopt, place.user + ":" + groupOf(world, place)}});
    return error;
}

std::optional<FileStat> WorldSystem::stat(const Place& place, const std::string& path, bool followLink)
{
    if (const auto outside = onMachine(m_door.world(), place, path))
        return stat(outside->first, outside->second, followLink);
    const sim::World& world = m_door.world();
    if (isDevice(path))
        return device();
    if (place.container) {
        const auto* container = containerAt(world, place);
        return container == nullptr
            ? std::nullopt
            : containerStat(containerFiles(world, *container), path, container->created);
    }
    const auto* machine = machineAt(world, place);
    if (machine == nullptr || machine->power == sim::host::Machine::Power::Off
        || entry(world, place, path) != Errno::None)
        return std::nullopt;
    const auto file = followLink ? world.hosts().read(place.host, path, world.now())
                                 : world.hosts().inspect(place.host, path, world.now());
    return file ? std::optional(statOf(*file)) : driverStat(world, place, path);
}

std::optional<std::vector<DirectoryEntry>> WorldSystem::list(const Place& place, const std::string& path)
{
    if (const auto outside = onMachine(m_door.world(), place, path))
        return list(outside->first, outside->second);
    const sim::World& world = m_door.world();
    std::vector<DirectoryEntry> entries;
    const std::string prefix = path == "/" ? "/" : path + "/";
    if (place.container) {
        const auto* container = containerAt(world, place);
        if (container == nullptr)
            return std::nullopt;
        const auto files = containerFiles(world, *container);
        const auto self = containerStat(files, path, container->created);
        if (!self || self->type != FileStat::Type::Directory)
            return std::nullopt;
        for (auto i = files.lower_bound(prefix);
             i != files.end() && i->first.compare(0, prefix.size(), prefix) == 0; ++i) {
            const std::string rest = i->first.substr(prefix.size());
            const std::string name = rest.substr(0, rest.find('/'));
            if (!name.empty() && (entries.empty() || entries.back().name != name))
                entries.push_back({name, *containerStat(files, prefix + name, container->created)});
        }
        return entries;
    }
    const auto* machine = machineAt(world, place);
    if (machine == nullptr || machine->power == sim::host::Machine::Power::Off
        || entry(world, place, prefix + "x") != Errno::None)
        return std::nullopt;
    const auto folder = world.hosts().read(place.host, path, world.now());
    const auto names = world.hosts().list(place.host, path, world.now());
    std::set<std::string> all = driverNames(world, place, path);
    if ((!names && all.empty()) || (folder && !isRoot(place) && !allows(world, place, *folder, 4)))
        return std::nullopt;
    if (names)
        all.insert(names->begin(), names->end());
    for (const std::string& name : all) {
        const std::string at = prefix + name;
        if (const auto file = world.hosts().inspect(place.host, at, world.now()))
            entries.push_back({name, isDevice(at) ? device() : statOf(*file)});
        else if (const auto driver = driverStat(world, place, at))
            entries.push_back({name, *driver});
    }
    return entries;
}

bool WorldSystem::hasCommand(const Place& place, std::string_view name) const
{
    const sim::World& world = m_door.world();
    if (place.container) {
        const auto* container = containerAt(world, place);
        return container != nullptr && (containerHasCommand(*container, name) || (name == "nvidia-smi" && gpu::holdsDevice(world, *container)));
    }
    const auto* machine = machineAt(world, place);
    return machine != nullptr && installedOn(world, *machine, name);
}

} // namespace core::shell
