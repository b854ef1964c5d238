// docker system df, prune, events, info; docker version; docker builder prune.
#include "core/shell/commands/docker/client.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

namespace daemon = sim::container::docker;
using daemon::familiar;
using daemon::kRoot;
using daemon::repositoryOf;
using daemon::shortId;

struct Space {
    std::int64_t total = 0, active = 0, bytes = 0, reclaimable = 0;
};

std::int64_t layerBytes(const Client& client, const std::vector<std::string>& chains)
{
    std::int64_t bytes = 0;
    for (const std::string& chain : chains)
        if (const auto layer = client.docker().layers.find(chain); layer != client.docker().layers.end())
            bytes += layer->second.layer->bytes;
    return bytes;
}

/// How many images hold a layer.
std::map<std::string, std::int64_t> sharing(const Client& client)
{
    std::map<std::string, std::int64_t> count;
    for (const auto& [id, image] : client.docker().images)
        for (const std::string& chain : image.chain)
            ++count[chain];
    return count;
}

bool imageUsed(const Client& client, const std::string& id)
{
    const auto& all = client.docker().containers;
    return std::any_of(all.begin(), all.end(), [&](const auto& entry) { return entry.second.imageId == id; });
}

std::int64_t links(const Client& client, const std::string& volume)
{
    std::int64_t count = 0;
    for (const auto& [id, container] : client.docker().containers)
        for (const auto& mount : container.settings.mounts)
            count += mount.source == volume && mount.kind == daemon::MountPoint::Kind::Volume ? 1 : 0;
    return count;
}

Space imagesUsage(const Client& client)
{
    Space usage;
    std::set<std::string> all;
    std::set<std::string> kept;
    for (const auto& [id, image] : client.docker().images) {
        ++usage.total;
        all.insert(image.chain.begin(), image.chain.end());
        if (imageUsed(client, id)) {
            ++usage.active;
            kept.insert(image.chain.begin(), image.chain.end());
        }
    }
    usage.bytes = layerBytes(client, {all.begin(), all.end()});
    usage.reclaimable = usage.bytes - layerBytes(client, {kept.begin(), kept.end()});
    return usage;
}

Space containersUsage(const Client& client)
{
    Space usage;
    for (const auto& [id, container] : client.docker().containers) {
        const std::int64_t bytes = upperBytes(client, container);
        ++usage.total;
        usage.active += container.runs() ? 1 : 0;
        usage.bytes += bytes;
        usage.reclaimable += container.runs() ? 0 : bytes;
    }
    return usage;
}

Space volumesUsage(const Client& client)
{
    Space usage;
    for (const auto& [name, volume] : client.docker().volumes) {
        const std::int64_t bytes = bytesBelow(client, volume.path());
        const bool used = links(client, name) > 0;
        ++usage.total;
        usage.active += used ? 1 : 0;
        usage.bytes += bytes;
        usage.reclaimable += used ? 0 : bytes;
    }
    return usage;
}

Space cacheUsage(const Client& client)
{
    Space usage;
    const auto shared = sharing(client);
    for (const auto& [key, record] : client.docker().cache) {
        ++usage.total;
        if (shared.count(record.chain) == 0 || !record.layer) {
            usage.bytes += record.bytes;
            usage.reclaimable += record.bytes;
        }
    }
    return usage;
}

int diskUse(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("GET", "/system/df"); !problem.empty())
        return client.error(problem);
    client.note("docker");
    client.inv.sleep(std::chrono::milliseconds(300));
    const auto percent = [](const Space& usage, bool shown) {
        const std::string size = humanSize(static_cast<double>(usage.reclaimable));
        return shown && usage.bytes > 0 ? fmt::format("{} ({}%)", size, usage.reclaimable * 100 / usage.bytes) : size;
    };
    if (!call.options.has("verbose")) {
        const Json heads{{"Type", "TYPE"}, {"TotalCount", "TOTAL"}, {"Active", "ACTIVE"}, {"Size", "SIZE"}, {"Reclaimable", "RECLAIMABLE"}};
        std::vector<Json> rows;
        const auto add = [&](const char* type, const Space& usage, bool shown) {
            rows.push_back({{"Type", type}, {"TotalCount", std::to_string(usage.total)}, {"Active", std::to_string(usage.active)}, {"Size", humanSize(static_cast<double>(usage.bytes))}, {"Reclaimable", percent(usage, shown)}});
        };
        add("Images", imagesUsage(client), true);
        add("Containers", containersUsage(client), true);
        add("Local Volumes", volumesUsage(client), true);
        add("Build Cache", cacheUsage(client), false);
        std::string error;
        const auto text = formatted(call.options.value("format", "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}"), rows, heads, error);
        if (!text)
            return client.error(error);
        client.inv.print(*text);
        return 0;
    }
    const auto shared = sharing(client);
    std::vector<std::vector<std::string>> rows{{"REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"}};
    for (const auto& [id, image] : client.docker().images) {
        std::int64_t common = 0;
        for (const std::string& chain : image.chain)
            if (shared.at(chain) > 1)
                common += layerBytes(client, {chain});
        const std::string reference = image.references.empty() ? std::string() : *image.references.begin();
        const std::string repository = reference.empty() ? "<none>" : familiar(repositoryOf(reference));
        const auto& all = client.docker().containers;
        const auto containers = std::count_if(all.begin(), all.end(), [&, key = id](const auto& entry) { return entry.second.imageId == key; });
        rows.push_back({repository, reference.empty() ? "<none>" : reference.substr(repositoryOf(reference).size() + 1), shortId(id), ago(image.image->created, client.inv.now()),
                        humanSizeShort(static_cast<double>(imageBytes(image))), humanSize(static_cast<double>(common)), humanSize(static_cast<double>(imageBytes(image) - common)), std::to_string(containers)});
    }
    client.inv.print("Images space usage:\n\n" + columns(rows));
    rows = {{"CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES"}};
    for (const auto& [id, container] : client.docker().containers) {
        const auto& mounts = container.settings.mounts;
        rows.push_back({shortId(id), container.settings.image, "\"" + ellipsis(commandText(container), 20) + "\"",
                        std::to_string(std::count_if(mounts.begin(), mounts.end(), [](const auto& m) { return m.kind == daemon::MountPoint::Kind::Volume; })),
                        humanSizeShort(static_cast<double>(upperBytes(client, container))), ago(container.created, client.inv.now()), statusText(container, client.inv.now()), container.name});
    }
    client.inv.print("\nContainers space usage:\n\n" + columns(rows));
    rows = {{"VOLUME NAME", "LINKS", "SIZE"}};
    for (const auto& [name, volume] : client.docker().volumes)
        rows.push_back({name, std::to_string(links(client, name)), humanSizeShort(static_cast<double>(bytesBelow(client, volume.path())))});
    client.inv.print("\nLocal Volumes space usage:\n\n" + columns(rows));
    rows = {{"CACHE ID", "CACHE TYPE", "SIZE", "CREATED", "LAST USED", "USAGE", "SHARED"}};
    for (const auto& [key, record] : client.docker().cache)
        rows.push_back({shortId(record.id), record.type, humanSizeShort(static_cast<double>(record.bytes)), ago(record.created, client.inv.now()), ago(record.lastUsed, client.inv.now()),
                        std::to_string(record.usageCount), record.layer && shared.count(record.chain) > 0 ? "true" : "false"});
    client.inv.print(fmt::format("\nBuild cache usage: {}\n\n", humanSize(static_cast<double>(cacheUsage(client).bytes))) + columns(rows));
    return 0;
}

int pruneSystem(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST", "/containers/prune"); !problem.empty())
        return client.error(problem);
    const bool whole = call.options.has("all");
    const bool volumes = call.options.has("volumes");
    if (!call.options.has("force")) {
        std::string warning = "WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n";
        if (volumes)
            warning += "  - all anonymous volumes not used by at least one container\n";
        warning += whole ? "  - all images without at least one container associated to them\n  - all build cache\n" : "  - all dangling images\n  - unused build cache\n";
        if (!client.confirm(warning + "\nAre you sure you want to continue?"))
            return 0;
    }
    std::int64_t bytes = 0;
    const auto report = [&](const char* title, const Outcome& outcome) {
        bytes += outcome.reclaimedBytes;
        if (outcome.removed.empty())
            return;
        client.inv.print(std::string(title) + ":\n");
        for (const std::string& one : outcome.removed)
            client.inv.print(one + "\n");
        client.inv.print("\n");
    };
    report("Deleted Containers", client.call(daemon::PruneContainers{}));
    report("Deleted Networks", client.call(daemon::PruneNetworks{}));
    if (volumes)
        report("Deleted Volumes", client.call(daemon::PruneVolumes{false}));
    report("Deleted Images", client.call(daemon::PruneImages{whole}));
    report("Deleted build cache objects", client.call(daemon::PruneCache{whole}));
    client.inv.print("Total reclaimed space: " + humanSize(static_cast<double>(bytes)) + "\n");
    return 0;
}

int pruneBuilds(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST", "/build/prune"); !problem.empty())
        return client.error(problem);
    const bool whole = call.options.has("all");
    if (!call.options.has("force") && !client.confirm(fmt::format("WARNING! This will remove all {}build cache. Are you sure you want to continue?", whole ? "" : "dangling ")))
        return 0;
    const Outcome outcome = client.call(daemon::PruneCache{whole});
    if (!outcome.removed.empty()) {
        client.inv.print("Deleted build cache objects:\n");
        for (const std::string& id : outcome.removed)
            client.inv.print(id + "\n");
        client.inv.print("\n");
    }
    client.inv.print("Total reclaimed space: " + humanSize(static_cast<double>(outcome.reclaimedBytes)) + "\n");
    return 0;
}

int events(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("GET", "/events"); !problem.empty())
        return client.error(problem);
    const auto span = [&](const std::string& text) {
        const double n = std::strtod(text.c_str(), nullptr);
        return client.inv.now() - sim::fromSeconds(n * (text.back() == 'h' ? 3600 : text.back() == 'm' ? 60 : 1));
    };
    const bool bounded = call.options.has("until");
    const sim::Instant since = call.options.has("since") ? span(call.options.value("since")) : client.inv.now();
    const sim::Instant until = bounded ? span(call.options.value("until")) : sim::Instant::max();
    client.note("docker");
    std::uint64_t seen = client.docker().happened - client.docker().happenings.size();
    for (;;) {
        const auto& docker = *client.world().dockers().find(client.inv.place().host);
        const std::uint64_t first = docker.happened - docker.happenings.size();
        for (std::uint64_t n = std::max(seen, first); n < docker.happened; ++n) {
            const daemon::Happening& one = docker.happenings[static_cast<std::size_t>(n - first)];
            if (one.at < since || one.at > until)
                continue;
            bool passes = true;
            for (const std::string& filter : call.options.values("filter")) {
                const std::string key = filter.substr(0, filter.find('='));
                const std::string value = filter.find('=') == std::string::npos ? "" : filter.substr(filter.find('=') + 1);
                const auto name = one.attributes.find("name");
                if (key == "type")
                    passes = passes && one.type == value;
                else if (key == "event")
                    passes = passes && one.action.rfind(value, 0) == 0;
                else if (key == "container")
                    passes = passes && one.type == "container" && (one.actor.rfind(value, 0) == 0 || (name != one.attributes.end() && name->second == value));
            }
            if (!passes)
                continue;
            std::string attributes;
            for (const auto& [key, value] : one.attributes)
                attributes += fmt::format("{}{}={}", attributes.empty() ? "" : ", ", key, value);
            client.inv.print(fmt::format("{} {} {} {} ({})\n", stamp(one.at), one.type, one.action, one.actor, attributes));
        }
        seen = docker.happened;
        if (bounded)
            return 0;
        client.inv.sleep(std::chrono::milliseconds(100));
        if (!client.world().dockers().responds(client.world().hosts(), client.inv.place().host))
            return client.error("unexpected EOF");
    }
}

int info(Client& client, const Call& call)
{
    std::string text = "Client: Docker Engine - Community\n Version:    27.5.1\n Context:    default\n Debug Mode: false\n Plugins:\n  buildx: Docker Buildx (Docker Inc.)\n    Version:  v0.20.0\n"
                       "    Path:     /usr/libexec/docker/cli-plugins/docker-buildx\n\nServer:\n";
    if (const std::string problem = client.unreachable("GET", "/info"); !problem.empty()) {
        client.inv.print(text);
        client.inv.err().write("ERROR: " + problem + "\nerrors pretty printing info\n");
        return 1;
    }
    client.note("docker");
    std::int64_t running = 0, paused = 0;
    for (const auto& [id, container] : client.docker().containers) {
        running += container.state == Container::State::Running || container.state == Container::State::Restarting ? 1 : 0;
        paused += container.state == Container::State::Paused ? 1 : 0;
    }
    const auto total = static_cast<std::int64_t>(client.docker().containers.size());
    const auto& machine = client.machine();
    const Json json{{"ID", client.docker().id}, {"Containers", total}, {"ContainersRunning", running}, {"ContainersPaused", paused}, {"ContainersStopped", total - running - paused},
                    {"Images", client.docker().images.size()}, {"Driver", "overlay2"}, {"LoggingDriver", "json-file"}, {"CgroupDriver", "systemd"}, {"CgroupVersion", "2"}, {"NCPU", machine.cpus},
                    {"MemTotal", machine.memoryBytes}, {"Name", machine.name}, {"DockerRootDir", kRoot}, {"ServerVersion", "27.5.1"}, {"LiveRestoreEnabled", client.docker().liveRestore},
                    {"KernelVersion", machine.kernel}, {"OperatingSystem", machine.osImage}};
    if (const std::string format = call.options.value("format"); !format.empty()) {
        std::string error;
        const auto made = byTemplate(format, json, error);
        if (!made)
            return client.error(error);
        client.inv.print(*made + "\n");
        return 0;
    }
    text += fmt::format(" Containers: {}\n  Running: {}\n  Paused: {}\n  Stopped: {}\n Images: {}\n Server Version: 27.5.1\n Storage Driver: overlay2\n  Backing Filesystem: extfs\n  Supports d_type: true\n"
                        "  Using metacopy: false\n  Native Overlay Diff: true\n  userxattr: false\n Logging Driver: json-file\n Cgroup Driver: systemd\n Cgroup Version: 2\n Plugins:\n  Volume: local\n"
                        "  Network: bridge host ipvlan macvlan null overlay\n  Log: awslogs fluentd gcplogs gelf journald json-file local splunk syslog\n Swarm: inactive\n Runtimes: io.containerd.runc.v2 runc\n"
                        " Default Runtime: runc\n Init Binary: docker-init\n containerd version: bcc810d6b9066471b0b6fa75f557a15a1cbf31bb\n runc version: v1.2.4-0-g6c52b3f\n init version: de40ad0\n"
                        " Security Options:\n  apparmor\n  seccomp\n   Profile: builtin\n  cgroupns\n", total, running, paused, total - running - paused, client.docker().images.size());
    text += fmt::format(" Kernel Version: {}\n Operating System: {}\n OSType: linux\n Architecture: x86_64\n CPUs: {}\n Total Memory: {}\n Name: {}\n ID: {}\n Docker Root Dir: {}\n Debug Mode: false\n"
                        " Experimental: false\n Insecure Registries:\n  127.0.0.0/8\n Live Restore Enabled: {}\n\n", machine.kernel, machine.osImage, machine.cpus,
                        memorySize(static_cast<double>(machine.memoryBytes)), machine.name, client.docker().id, kRoot, client.docker().liveRestore);
    client.inv.print(text);
    return 0;
}

int version(Client& client, const Call&)
{
    client.inv.print("Client: Docker Engine - Community\n Version:           27.5.1\n API version:       1.47\n Go version:        go1.22.11\n Git commit:        9f9e405\n"
                     " Built:             Wed Jan 22 13:41:31 2025\n OS/Arch:           linux/amd64\n Context:           default\n");
    if (const std::string problem = client.unreachable("GET", "/version"); !problem.empty())
        return client.error(problem);
    client.inv.print("\nServer: Docker Engine - Community\n Engine:\n  Version:          27.5.1\n  API version:      1.47 (minimum version 1.24)\n  Go version:       go1.22.11\n  Git commit:       4c9b3b0\n"
                     "  Built:            Wed Jan 22 13:41:31 2025\n  OS/Arch:          linux/amd64\n  Experimental:     false\n containerd:\n  Version:          1.7.25\n"
                     "  GitCommit:        bcc810d6b9066471b0b6fa75f557a15a1cbf31bb\n runc:\n  Version:          1.2.4\n  GitCommit:        v1.2.4-0-g6c52b3f\n docker-init:\n  Version:          0.19.0\n"
                     "  GitCommit:        de40ad0\n");
    return 0;
}

} // namespace

void addSystemVerbs(std::vector<Verb>& all)
{
    const OptionSpec force{'f', "force", "", "Do not prompt for confirmation"};
    const OptionSpec filter{0, "filter", "filter", "Provide filter values (e.g. \"label=<key>=<value>\")"};
    const OptionSpec format{0, "format", "string", "Format output using a custom template"};
    all.push_back({"system df", "", "[OPTIONS]", "Show docker disk usage", {format, {'v', "verbose", "", "Show detailed information on space usage"}}, 0, 0, false, diskUse});
    all.push_back({"system prune", "", "[OPTIONS]", "Remove unused data", {{'a', "all", "", "Remove all unused images not just dangling ones"}, filter, force, {0, "volumes", "", "Prune anonymous volumes"}}, 0, 0, false, pruneSystem});
    all.push_back({"system events", "events", "[OPTIONS]", "Get real time events from the server",
                   {{'f', "filter", "filter", "Filter output based on conditions provided"}, format, {0, "since", "string", "Show all events created since timestamp"}, {0, "until", "string", "Stream events until this timestamp"}}, 0, 0, false, events});
    all.push_back({"system info", "info", "[OPTIONS]", "Display system-wide information", {{'f', "format", "string", "Format output using a custom template"}}, 0, 0, false, info});
    all.push_back({"version", "", "[OPTIONS]", "Show the Docker version information", {{'f', "format", "string", "Format output using a custom template"}}, 0, 0, false, version});
    all.push_back({"builder prune", "", "[OPTIONS]", "Remove build cache", {{'a', "all", "", "Remove all unused build cache, not just dangling ones"}, filter, force}, 0, 0, false, pruneBuilds});
}

} // namespace core::shell::docker
