#include "sim/faults/container_memory.h"

#include "sim/faults/docker_door.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

#include <algorithm>

// docker-1 has 16 GiB. They go to one process that leaks, to four JVMs that each think the machine is theirs, or to files of
// containers long gone in a filesystem in memory. Nobody's limit is met: it is the machine that has none left.
namespace sim::faults {

namespace {

constexpr std::int64_t kMemoryMebi = 1 << 20;
/// So much is left at the end: below what the kernel keeps for itself, so that every allocation waits, and not yet nothing.
constexpr std::int64_t kLeftForPrograms = host::Machine::kMinFreeBytes * 9 / 10;
/// What it grows by from then on, in bytes a second: slow enough that nobody is killed while somebody looks.
constexpr double kLateGrowth = 3'000;
constexpr const char* kRegions[] = {"apac", "eu", "uk", "us"};
constexpr int kLeftovers = 24;

const Variants& hostMemoryVariants()
{
    static const Variants kVariants{
        {"leaking-container", {"api-sessions", "worker-jobs"}},
        {"jvm-ignores-cgroup", {"old-java", "support-off"}},
        {"unused-objects", {"orphaned-volumes", "dead-containers"}},
        {"no-fault", {"page-cache"}},
    };
    return kVariants;
}

container::docker::CreateContainer billingContainer(const Choice& choice, const std::string& region)
{
    container::docker::CreateContainer create;
    create.name = "billing-" + region;
    create.settings.image = std::string("registry.lab:5000/shop/billing:") + (choice.is("old-java") ? "3.0" : "3.1");
    create.settings.network = "shop";
    create.settings.environment = {"REGION=" + region};
    if (choice.is("support-off"))
        create.settings.environment.emplace_back("JAVA_TOOL_OPTIONS=-XX:-UseContainerSupport");
    create.settings.limits.memoryBytes = 5 * 1024 * kMemoryMebi;
    create.settings.restart.name = "unless-stopped";
    return create;
}

void runLeaking(DockerDoor& door, const Choice& choice)
{
    container::docker::CreateContainer create = apiContainer("2.4");
    if (choice.is("worker-jobs")) {
        create = container::docker::CreateContainer{};
        create.name = "worker";
        create.settings.image = "registry.lab:5000/shop/worker:1.0";
        create.settings.network = "shop";
        create.settings.restart.name = "unless-stopped";
    }
    create.settings.limits.memoryBytes = 0;
    door.remove(create.name);
    door.run(create, "run-" + create.name + ".sh");
}

/// A folder of docker's lies in memory: "tests were slow on the disk".
void mountInMemory(DockerDoor& door, const std::string& folder)
{
    host::Machine& machine = door.machine();
    const std::int64_t size = machine.memoryBytes * 15 / 16;
    constexpr std::int64_t kPage = 4096;
    machine.mounts.push_back({.device = "tmpfs", .type = "tmpfs", .path = folder, .sizeBytes = size, .inodes = machine.memoryBytes / kPage / 2,
                              .options = "relatime,size=15728640k"});
    const auto fstab = machine.files.find("/etc/fstab");
    door.write("/etc/fstab", (fstab == machine.files.end() ? std::string() : fstab->second->content)
                   + fmt::format("# CI was slow on the disk\ntmpfs {} tmpfs size=15G 0 0\n", folder));
}

/// Containers that CI ran and forgot: stopped, or gone and survived by their volumes. Returns the files that they wrote.
std::vector<std::string> leaveBehind(DockerDoor& door, const Choice& choice)
{
    std::vector<std::string> files;
    for (int i = 1; i <= kLeftovers; ++i) {
        container::docker::CreateContainer create;
        create.name = fmt::format("ci-{}-{}", choice.is("dead-containers") ? "test" : "db", 4100 + 7 * i);
        create.settings.image = choice.is("dead-containers") ? "alpine:3.20" : "redis:7";
        create.settings.labels = {{"ci.pipeline", std::to_string(4100 + 7 * i)}};
        if (choice.is("dead-containers"))
            create.settings.command = {"sh", "-c", "echo 214 passed; exit 0"};
        const std::string id = door.call(create).id;
        const container::docker::Container* made = door.find(create.name);
        if (id.empty() || made == nullptr)
            continue;
        if (choice.is("dead-containers")) {
            files.push_back(fmt::format("{}/overlay2/{}/diff/tmp/fixtures.bin", container::docker::kRoot, made->upper));
            door.call(container::docker::StartContainer{create.name});
            continue;
        }
        for (const container::docker::MountPoint& mount : made->settings.mounts)
            files.push_back(container::docker::Volume{.name = mount.source}.path() + "/dump.rdb");
        door.call(container::docker::RemoveContainer{create.name, true, false});
    }
    return files;
}

std::int64_t leftOf(DockerDoor& door) { return door.machine().memoryLeftBytes() - kLeftForPrograms; }

/// The processes take what is left, in equal parts, and hardly more from then on.
void fillProcesses(Context& context, DockerDoor& door, const std::string& name)
{
    std::vector<host::Pid> pids;
    for (const auto& [id, container] : door.docker().containers)
        if (container.name.rfind(name, 0) == 0)
            if (const container::Container* task = context.parts.runtimes.find(container.task); task != nullptr && task->pid != 0)
                pids.push_back(task->pid);
    if (pids.empty())
        return;
    const std::int64_t share = leftOf(door) / static_cast<std::int64_t>(pids.size());
    for (const host::Pid pid : pids)
        context.parts.hosts.edit(context.parts.engine, door.host(), pid, [&](host::Process& process) {
            process.residentBytes += share;
            process.virtualBytes = std::max(process.virtualBytes, process.residentBytes * 2);
            process.growthBytesPerSecond = kLateGrowth / static_cast<double>(pids.size());
        });
    context.parts.hosts.settleMemory(context.parts.engine, context.parts.network, door.host());
}

void fillFiles(Context& context, DockerDoor& door, const std::vector<std::string>& files)
{
    const std::int64_t share = leftOf(door) / static_cast<std::int64_t>(std::max<std::size_t>(1, files.size()));
    kube::Context& parts = context.parts;
    for (const std::string& file : files) {
        parts.hosts.makeDirectory(parts.engine, door.host(), file.substr(0, file.rfind('/')), true);
        parts.hosts.writeFile(parts.engine, door.host(), file, "", false, 0644, share);
    }
    parts.hosts.settleMemory(parts.engine, parts.network, door.host());
}

} // namespace

Result<nlohmann::json> prepareContainerMemory(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, hostMemoryVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto host = findDockerHost(context);
    if (!host)
        return host.error();
    DockerDoor door(context, *host);
    if (choice->cause == "leaking-container")
        runLeaking(door, *choice);
    else if (choice->cause == "jvm-ignores-cgroup")
        for (const char* region : kRegions)
            door.run(billingContainer(*choice, region), fmt::format("run-billing-{}.sh", region));
    else if (choice->cause == "unused-objects")
        mountInMemory(door, std::string(container::docker::kRoot) + (choice->is("dead-containers") ? "/overlay2" : "/volumes"));
    return nlohmann::json{{"cause", choice->cause}, {"variant", choice->variant}};
}

Result<nlohmann::json> injectContainerMemory(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, hostMemoryVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto host = findDockerHost(context);
    if (!host)
        return host.error();
    DockerDoor door(context, *host);
    nlohmann::json chosen{{"cause", choice->cause}, {"variant", choice->variant}, {"machine", kDockerMachine}};
    if (choice->cause == "unused-objects") {
        fillFiles(context, door, leaveBehind(door, *choice));
    } else if (choice->is("page-cache")) {
        // Last night's copy of the volumes has been read through the cache.
        door.machine().cacheBytes = leftOf(door);
    } else {
        chosen["container"] = choice->is("api-sessions") ? "api" : choice->is("worker-jobs") ? "worker" : "billing-eu";
        fillProcesses(context, door, choice->cause == "jvm-ignores-cgroup" ? "billing-" : chosen["container"].get<std::string>());
    }
    return chosen;
}

} // namespace sim::faults
