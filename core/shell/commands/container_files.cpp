#include "core/shell/commands/container_files.h"

#include "core/shell/commands/gpu/driver_nodes.h"
#include "sim/host/proc_files.h"
#include "sim/storage/ceph/volumes.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace core::shell {

namespace {

constexpr const char* kCommands[] = {
    "[",      "awk",    "base64",   "basename", "bash",    "cat",    "chmod", "chown", "cp",   "curl",
    "cut",    "date",   "df",       "diff",     "dig",     "dirname", "echo",   "env",   "false", "find", "free",
    "getent", "grep",   "head",     "host", "hostname", "id",      "ip",     "kill",  "less",  "ls",   "mkdir",
    "mv",     "nc",     "nslookup", "ping",     "printf",  "ps",     "pwd",   "rm",    "sed",  "seq",
    "sh",     "sleep",  "sort",     "ss",       "stat",    "tail",   "tar",   "tee",   "test", "top",
    "touch",  "tr",     "traceroute", "true",     "uname",    "uniq",    "uptime", "vi",    "watch", "wc",   "wget",
    "which",  "whoami", "xargs",    "yes",
};
/// Of the trainers' image besides.
constexpr std::string_view kTrainersCommands[] = {"all_gather_perf", "all_reduce_perf", "alltoall_perf", "broadcast_perf", "mpirun", "ncclras", "reduce_perf", "reduce_scatter_perf",
                                                  "sendrecv_perf", "torchfrtrace"};
constexpr const char* kFolders[] = {"/bin",     "/dev",      "/etc",     "/home",   "/lib", "/proc",
                                    "/root",    "/run",      "/srv",     "/sys",    "/tmp", "/usr/bin",
                                    "/usr/lib", "/usr/sbin", "/var/log", "/var/run"};

const sim::container::Container& sandboxOf(const sim::World& world,
                                           const sim::container::Container& container)
{
    const auto* sandbox = container.sandbox ? nullptr : world.runtimes().find(container.sandboxId);
    return sandbox == nullptr ? container : *sandbox;
}

std::string commandOf(const sim::container::Container& container)
{
    std::string text;
    for (const std::string& word : container.program.command)
        text += word + '\0';
    return text;
}

std::string limitText(std::int64_t bytes)
{
    return bytes > 0 ? std::to_string(bytes) + "\n" : "max\n";
}

/// Volumes of the storage cluster's file system: their folders (what is in them is not kept file by file), and the file in which
/// Megatron-LM notes its latest checkpoint.
void addVolumes(std::map<std::string, std::string>& files, const sim::World& world, const sim::container::Container& container)
{
    if (!world.ceph().fileSystem())
        return;
    const auto& folders = world.ceph().fileSystem()->folders;
    for (const auto& [mount, volume] : container.volumes) {
        files.emplace(mount + "/", "");
        const auto root = sim::storage::ceph::folderOf(container.volumes, mount);
        for (auto at = root ? folders.lower_bound(*root + "/") : folders.end(); at != folders.end() && at->first.starts_with(*root + "/"); ++at) {
            const std::string path = mount + at->first.substr(root->size());
            const std::size_t name = path.rfind('/');
            files.emplace(path + "/", "");
            if (path.compare(name + 1, 5, "iter_") == 0)
                files[path.substr(0, name) + "/latest_checkpointed_iteration.txt"] = std::to_string(std::atoll(path.c_str() + name + 6));
        }
    }
}

} // namespace

std::map<std::string, std::string> containerFiles(const sim::World& world,
                                                  const sim::container::Container& container)
{
    std::map<std::string, std::string> files;
    const sim::host::Machine& machine = world.hosts().at(container.host);
    const auto process = machine.processes.find(container.pid);
    const std::string user = container.program.user.empty() ? "root" : container.program.user;

    files["/etc/os-release"] = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian "
                               "GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n";
    files["/etc/hostname"] = container.podName + "\n";
    files["/etc/passwd"]
        = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
    if (user != "root" && user != "0")
        files["/etc/passwd"] += fmt::format("app:x:{0}:{0}::/home/app:/sbin/nologin\n", user);
    std::string address;
    if (world.network().hasStack(container.stack))
        if (const auto own = world.network().stack(container.stack).primaryAddress())
            address = own->text();
    files["/etc/hosts"] = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost "
                          "ip6-localhost ip6-loopback\n"
        + fmt::format("{}\t{}\n", address, container.podName);
    files["/proc/1/cmdline"] = commandOf(container);
    files["/proc/1/comm"] = container.program.name + "\n";
    for (const char* name :
         {"/proc/meminfo", "/proc/cpuinfo", "/proc/loadavg", "/proc/uptime", "/proc/version"})
        if (const auto file = sim::host::virtualFile(machine, name, world.now()))
            files[name] = file->content;
    files["/proc/mounts"]
        = "overlay / overlay rw,relatime 0 0\nproc /proc proc rw 0 0\ntmpfs /dev tmpfs rw 0 0\n";
    const std::int64_t resident = process == machine.processes.end() ? 0 : process->second.residentBytes;
    files["/sys/fs/cgroup/memory.max"] = limitText(container.memoryLimitBytes);
    files["/sys/fs/cgroup/memory.current"] = std::to_string(resident) + "\n";
    files["/sys/fs/cgroup/memory.events"] = fmt::format("low 0\nhigh 0\nmax 0\noom 0\noom_kill {}\n",
                                                        container.outOfMemory ? 1 : 0);
    if (!container.program.command.empty() && container.program.command.front().substr(0, 1) == "/")
        files.emplace(container.program.command.front(), std::string("\x7f") + "ELF");
    if (container.scope.empty())
        files["/var/run/secrets/kubernetes.io/serviceaccount/namespace"] = container.podNamespace;
    else // docker's: its image, what was written, its volumes
        for (auto& [path, text] : world.dockers().filesOf(world.hosts(), world.runtimes(), container.id))
            files[path] = std::move(text);

    files.merge(gpu::deviceNodes(world, container));
    if (container.program.kind == sim::programs::Program::Kind::Trainer) // what jobs of its namespace have put on their claim
        for (auto at = world.training().files().lower_bound(container.podNamespace + ":"); at != world.training().files().end() && at->first.starts_with(container.podNamespace + ":"); ++at)
            files[at->first.substr(container.podNamespace.size() + 1)] = at->second;
    for (const auto& [path, text] : sandboxOf(world, container).files)
        files[path] = text;
    for (const auto& [path, text] : container.files)
        files[path] = text;
    for (const auto& [mount, folder] : container.hostFolders)
        files.emplace(mount + "/", "");
    addVolumes(files, world, container);
    for (const char* folder : kFolders)
        files.emplace(std::string(folder) + "/", ""); // an entry ending in "/" is an empty directory
    return files;
}

std::optional<std::string> containerFile(const sim::World& world, const sim::container::Container& container,
                                         const std::string& path)
{
    if (const auto own = container.files.find(path); own != container.files.end())
        return own->second;
    const auto files = containerFiles(world, container);
    const auto found = files.find(path);
    return found == files.end() || path.back() == '/' ? std::nullopt : std::optional(found->second);
}

bool isTrainersTool(std::string_view name)
{
    return std::find(std::begin(kTrainersCommands), std::end(kTrainersCommands), name) != std::end(kTrainersCommands);
}

bool containerHasCommand(const sim::container::Container& container, std::string_view name)
{
    if (container.sandbox || container.program.kind == sim::programs::Program::Kind::Pause)
        return false;
    if (container.program.name == "postgres" && (name == "psql" || name == "pg_isready"))
        return true;
    if (name == "etcdctl")
        return container.program.name == "etcd";
    if (name == "vllm")
        return container.program.name == "vllm";
    if (isTrainersTool(name))
        return container.program.kind == sim::programs::Program::Kind::Trainer;
    return std::binary_search(std::begin(kCommands), std::end(kCommands), name);
}

} // namespace core::shell
