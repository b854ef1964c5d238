// ps, stats, top, port, diff, logs, attach.
#include "core/shell/commands/docker/client.h"

#include "core/shell/text/dates.h"
#include "sim/host/cgroup.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

using sim::container::docker::shortId;

std::vector<const Container*> newestFirst(const Client& client)
{
    std::vector<const Container*> all;
    for (const auto& [id, container] : client.docker().containers)
        all.push_back(&container);
    std::stable_sort(all.begin(), all.end(), [](const Container* a, const Container* b) { return a->created > b->created; });
    return all;
}

/// The image as ps shows it: its name while that still means the same image, else its id.
std::string shownImage(const Client& client, const Container& container)
{
    const StoredImage* now = client.findImage(container.settings.image);
    return now != nullptr && now->image->configDigest == container.imageId ? container.settings.image : shortId(container.imageId);
}

bool passes(const Client& client, const Container& container, const std::vector<std::string>& filters, std::string& error)
{
    for (const std::string& filter : filters) {
        const auto equals = filter.find('=');
        const std::string key = filter.substr(0, equals);
        const std::string value = equals == std::string::npos ? std::string() : filter.substr(equals + 1);
        bool holds = false;
        if (key == "name")
            holds = container.name.find(value) != std::string::npos;
        else if (key == "id")
            holds = container.id.rfind(value, 0) == 0;
        else if (key == "status")
            holds = value == stateWord(container);
        else if (key == "exited")
            holds = container.state == Container::State::Exited && container.exitCode == std::atoll(value.c_str());
        else if (key == "health")
            holds = (container.health.status.empty() ? "none" : container.health.status) == value;
        else if (key == "ancestor")
            holds = container.settings.image == value || container.settings.image.rfind(value + ":", 0) == 0 || shortId(container.imageId) == value;
        else if (key == "network")
            for (const auto& endpoint : container.endpoints) {
                const Network* network = client.findNetwork(endpoint.networkId);
                holds = holds || (network != nullptr && (network->name == value || network->id.rfind(value, 0) == 0));
            }
        else if (key == "volume")
            for (const auto& mount : container.settings.mounts)
                holds = holds || mount.source == value || mount.target == value;
        else if (key == "publish" || key == "expose")
            for (const auto& binding : container.bindings)
                holds = holds || binding.hostPort == std::atoll(value.c_str());
        else if (key == "label")
            holds = container.settings.labels.count(value.substr(0, value.find('='))) > 0
                && (value.find('=') == std::string::npos || container.settings.labels.at(value.substr(0, value.find('='))) == value.substr(value.find('=') + 1));
        else {
            error = fmt::format("invalid filter '{}'", key);
            return false;
        }
        if (!holds)
            return false;
    }
    return true;
}

Json rowOf(const Client& client, const Container& container, bool full, sim::Instant now)
{
    std::string networks;
    for (const auto& endpoint : container.endpoints)
        if (const Network* network = client.findNetwork(endpoint.networkId))
            networks += (networks.empty() ? "" : ",") + network->name;
    if (networks.empty())
        networks = container.settings.network;
    std::string mounts;
    for (const auto& mount : container.settings.mounts)
        mounts += (mounts.empty() ? "" : ",") + (full ? mount.source : ellipsis(mount.source, 15));
    std::string labels;
    for (const auto& [key, value] : container.settings.labels)
        labels += (labels.empty() ? "" : ",") + key + "=" + value;
    const std::int64_t upper = upperBytes(client, container);
    std::int64_t whole = upper;
    if (const auto image = client.docker().images.find(container.imageId); image != client.docker().images.end())
        whole += imageBytes(image->second);
    const std::string command = commandText(container);
    return {{"Command", "\"" + (full ? command : ellipsis(command, 20)) + "\""}, {"CreatedAt", formatDate(container.created, "%Y-%m-%d %H:%M:%S +0000 UTC")},
            {"ID", full ? container.id : shortId(container.id)}, {"Image", shownImage(client, container)}, {"Labels", labels}, {"Mounts", mounts},
            {"Names", container.name}, {"Networks", networks}, {"Ports", portsText(container)}, {"RunningFor", ago(container.created, now)},
            {"Size", fmt::format("{} (virtual {})", humanSizeShort(static_cast<double>(upper)), humanSizeShort(static_cast<double>(whole)))},
            {"State", stateWord(container)}, {"Status", statusText(container, now)}};
}

int ps(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable(); !problem.empty())
        return client.error(problem);
    const Options& o = call.options;
    const bool full = o.has("no-trunc");
    const std::vector<std::string> filters = o.values("filter");
    const bool byState = std::any_of(filters.begin(), filters.end(), [](const std::string& f) { return f.rfind("status=", 0) == 0 || f.rfind("exited=", 0) == 0; });
    std::int64_t most = o.has("latest") ? 1 : std::atoll(o.value("last", "-1").c_str());
    std::vector<Json> rows;
    std::string error;
    for (const Container* container : newestFirst(client)) {
        const bool shown = container->runs() || container->state == Container::State::Restarting || o.has("all") || byState || most >= 0;
        if (!shown || !passes(client, *container, filters, error))
            continue;
        if (most == 0)
            break;
        --most;
        if (o.has("quiet")) {
            client.inv.print((full ? container->id : shortId(container->id)) + "\n");
            continue;
        }
        client.noteContainer(*container);
        rows.push_back(rowOf(client, *container, full, client.inv.now()));
    }
    if (!error.empty())
        return client.daemonError(error);
    client.note("docker");
    if (o.has("quiet"))
        return 0;
    const Json heads{{"Command", "COMMAND"}, {"CreatedAt", "CREATED AT"}, {"ID", "CONTAINER ID"}, {"Image", "IMAGE"}, {"Labels", "LABELS"}, {"Mounts", "MOUNTS"}, {"Names", "NAMES"},
                     {"Networks", "NETWORKS"}, {"Ports", "PORTS"}, {"RunningFor", "CREATED"}, {"Size", "SIZE"}, {"State", "STATE"}, {"Status", "STATUS"}};
    std::string format = o.value("format", "table");
    if (format == "table")
        format = "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}" + std::string(o.has("size") ? "\t{{.Size}}" : "");
    const auto text = formatted(format, rows, heads, error);
    if (!text)
        return client.error(error);
    client.inv.print(*text);
    return 0;
}

struct Usage {
    double cpuSeconds = 0;
    double rx = 0, tx = 0;
    double read = 0, written = 0;
};

Usage usageOf(const Client& client, const Container& container)
{
    Usage usage;
    const auto* task = client.task(container);
    if (task == nullptr)
        return usage;
    for (const auto& [pid, process] : client.machine().processes)
        if (sim::host::inCgroup(process.cgroup, task->scope)) {
            usage.cpuSeconds += process.cpuSecondsAt(client.inv.now());
            usage.read += process.readBytes;
            usage.written += process.writtenBytes;
        }
    if (client.world().network().hasStack(task->stack) && client.world().network().stack(task->stack).node.valid())
        for (const auto& i : client.world().network().stack(task->stack).interfaces)
            if (i.name != "lo") {
                usage.rx += i.counters.rxBytes;
                usage.tx += i.counters.txBytes;
            }
    return usage;
}

int stats(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable(); !problem.empty())
        return client.error(problem);
    std::vector<std::string> wanted;
    for (const std::string& name : call.operands) {
        std::string error;
        const Container* container = client.find(name, &error);
        if (container == nullptr)
            return client.daemonError(error);
        wanted.push_back(container->id);
    }
    const bool once = call.options.has("no-stream");
    for (;;) {
        std::vector<const Container*> shown;
        for (const Container* container : newestFirst(client))
            if (wanted.empty() ? container->runs() || call.options.has("all") : std::find(wanted.begin(), wanted.end(), container->id) != wanted.end())
                shown.push_back(container);
        std::vector<std::string> ids;
        std::vector<Usage> before;
        for (const Container* container : shown) {
            ids.push_back(container->id);
            before.push_back(usageOf(client, *container));
        }
        const sim::Instant begun = client.inv.now();
        client.inv.sleep(std::chrono::seconds(1));
        if (const std::string problem = client.unreachable(); !problem.empty())
            return client.error(problem);
        const double seconds = sim::toSeconds(client.inv.now() - begun);
        std::vector<Json> rows;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto found = client.docker().containers.find(ids[i]);
            if (found == client.docker().containers.end())
                continue;
            const Container& container = found->second;
            client.noteContainer(container);
            const auto* task = client.task(container);
            const Usage now = usageOf(client, container);
            const bool runs = container.runs();
            const double memory = runs ? static_cast<double>(sim::host::cgroupMemoryBytes(client.machine(), task->scope)) : 0;
            const double limit = !runs ? 0 : static_cast<double>(container.settings.limits.memoryBytes > 0 ? container.settings.limits.memoryBytes : client.machine().memoryBytes);
            rows.push_back({{"ID", shortId(container.id)}, {"Container", shortId(container.id)}, {"Name", container.name},
                            {"CPUPerc", fmt::format("{:.2f}%", runs ? std::max(0.0, now.cpuSeconds - before[i].cpuSeconds) / seconds * 100 : 0.0)},
                            {"MemUsage", memorySize(memory) + " / " + memorySize(limit)}, {"MemPerc", fmt::format("{:.2f}%", limit > 0 ? memory / limit * 100 : 0)},
                            {"NetIO", humanSizeShort(now.rx) + " / " + humanSizeShort(now.tx)}, {"BlockIO", humanSizeShort(now.read) + " / " + humanSizeShort(now.written)},
                            {"PIDs", std::to_string(runs ? sim::host::cgroupTasks(client.machine(), task->scope) : 0)}});
        }
        const Json heads{{"ID", "CONTAINER ID"}, {"Container", "CONTAINER"}, {"Name", "NAME"}, {"CPUPerc", "CPU %"}, {"MemUsage", "MEM USAGE / LIMIT"}, {"MemPerc", "MEM %"}, {"NetIO", "NET I/O"},
                         {"BlockIO", "BLOCK I/O"}, {"PIDs", "PIDS"}};
        std::string error;
        std::string format = call.options.value("format", "table");
        if (format == "table")
            format = "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";
        const auto text = formatted(format, rows, heads, error);
        if (!text)
            return client.error(error);
        client.inv.print((once || !client.inv.out().isTerminal() ? "" : "\x1b[H\x1b[J") + *text);
        if (once)
            return 0;
    }
}

int top(Client& client, const Call& call)
{
    const Container* container = client.named(call.operands[0]);
    if (container == nullptr)
        return 1;
    if (!container->runs())
        return client.daemonError(fmt::format("container {} is not running", container->id));
    client.noteContainer(*container);
    std::vector<std::vector<std::string>> rows{{"UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"}};
    const auto* task = client.task(*container);
    for (const auto& [pid, process] : client.machine().processes) {
        if (!sim::host::inCgroup(process.cgroup, task->scope))
            continue;
        std::string command;
        for (const std::string& word : process.command)
            command += (command.empty() ? "" : " ") + word;
        const auto used = static_cast<std::int64_t>(process.cpuSecondsAt(client.inv.now()));
        rows.push_back({process.user, std::to_string(pid), std::to_string(process.parent), std::to_string(static_cast<int>(process.cpuGranted * 100)), formatDate(process.started, "%H:%M"),
                        "?", fmt::format("{:02}:{:02}:{:02}", used / 3600, used / 60 % 60, used % 60), command});
    }
    // tabwriter with columns at least 20 wide and one blank
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            client.inv.print(i + 1 < row.size() ? fmt::format("{:<19} ", row[i]) : row[i]);
        client.inv.print("\n");
    }
    return 0;
}

int port(Client& client, const Call& call)
{
    const Container* container = client.named(call.operands[0]);
    if (container == nullptr)
        return 1;
    client.noteContainer(*container);
    const std::string wanted = call.operands.size() < 2 ? std::string() : call.operands[1].find('/') == std::string::npos ? call.operands[1] + "/tcp" : call.operands[1];
    bool any = false;
    for (const auto& binding : container->bindings) {
        const std::string inside = fmt::format("{}/{}", binding.wanted.containerPort, binding.wanted.udp ? "udp" : "tcp");
        if (!wanted.empty() && inside != wanted)
            continue;
        any = true;
        client.inv.print(fmt::format("{}{}:{}\n", wanted.empty() ? inside + " -> " : std::string(), binding.wanted.address.value_or(sim::net::Ipv4{}).text(), binding.hostPort));
    }
    if (!any && !wanted.empty())
        return client.error(fmt::format("Error: No public port '{}' published for {}", wanted, call.operands[0]));
    return 0;
}

int diff(Client& client, const Call& call)
{
    const Container* container = client.named(call.operands[0]);
    if (container == nullptr)
        return 1;
    client.noteContainer(*container);
    const std::string folder = fmt::format("{}/overlay2/{}/diff", sim::container::docker::kRoot, container->upper);
    std::set<std::string> lower;
    for (const std::string& chain : container->layers)
        if (const auto layer = client.docker().layers.find(chain); layer != client.docker().layers.end())
            for (const auto& file : layer->second.layer->files)
                for (std::string path = file.path; path.size() > 1; path = path.substr(0, path.rfind('/')))
                    lower.insert(path);
    for (const char* path : {"/tmp", "/var", "/etc", "/root", "/usr", "/var/log", "/var/lib", "/opt", "/home", "/run"})
        lower.insert(path);
    const auto& files = client.machine().files;
    for (auto it = files.lower_bound(folder + "/"); it != files.end() && it->first.rfind(folder + "/", 0) == 0; ++it) {
        const std::string path = it->first.substr(folder.size());
        const char* kind = container->removedFiles.count(path) > 0 ? "D" : lower.count(path) > 0 ? "C" : "A";
        client.inv.print(fmt::format("{} {}\n", kind, path));
    }
    return 0;
}

int logs(Client& client, const Call& call)
{
    const Container* container = client.named(call.operands[0]);
    if (container == nullptr)
        return 1;
    client.noteContainer(*container);
    if (container->settings.logDriver == "none")
        return client.daemonError("configured logging driver does not support reading");
    const auto* task = client.task(*container);
    std::uint64_t from = task->logLines - task->log.size();
    if (const std::string tail = call.options.value("tail", "all"); tail != "all")
        from = task->logLines - std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max(0LL, std::atoll(tail.c_str()))), task->log.size());
    std::optional<sim::Instant> since;
    if (const std::string text = call.options.value("since"); !text.empty()) {
        const double n = std::strtod(text.c_str(), nullptr);
        const double scale = text.back() == 'h' ? 3600 : text.back() == 'm' ? 60 : 1;
        since = client.inv.now() - sim::fromSeconds(n * scale);
    }
    streamLogs(client, container->id, from, call.options.has("follow"), call.options.has("timestamps"), since);
    return 0;
}

int attach(Client& client, const Call& call)
{
    const Container* container = client.named(call.operands[0]);
    if (container == nullptr)
        return 1;
    if (!container->runs())
        return client.error("You cannot attach to a stopped container, start it first");
    return streamLogs(client, container->id, client.task(*container)->logLines, true, false);
}

} // namespace

int streamLogs(Client& client, const std::string& id, std::uint64_t from, bool follow, bool timestamps, std::optional<sim::Instant> since)
{
    std::int64_t code = 0;
    for (;;) {
        const auto* known = client.world().dockers().find(client.inv.place().host);
        const auto found = known->containers.find(id);
        if (found == known->containers.end())
            return static_cast<int>(code); // --rm: it is gone
        const Container& container = found->second;
        const auto* task = client.task(container);
        const std::uint64_t first = task->logLines - task->log.size();
        for (std::uint64_t n = std::max(from, first); n < task->logLines; ++n) {
            const auto& [at, line] = task->log[static_cast<std::size_t>(n - first)];
            if (!since || at >= *since)
                client.inv.print((timestamps ? stamp(at) + " " : std::string()) + line + "\n");
        }
        from = task->logLines;
        code = container.exitCode;
        if (!follow || (!container.runs() && container.state != Container::State::Restarting))
            return static_cast<int>(code);
        if (!known->up) {
            client.inv.err().write("error waiting for container: unexpected EOF\n");
            return 125;
        }
        // An automatic removal takes the exit status with it: look again before it is due.
        client.inv.sleep(std::chrono::milliseconds(50));
        if (const auto* later = client.world().runtimes().find(container.task); later != nullptr && later->state == sim::container::Container::State::Exited)
            code = later->exitCode;
    }
}

void addListVerbs(std::vector<Verb>& all)
{
    const std::vector<OptionSpec> psOptions{{'a', "all", "", "Show all containers (default shows just running)"}, {'f', "filter", "filter", "Filter output based on conditions provided"},
        {0, "format", "string", "Format output using a custom template"}, {'n', "last", "int", "Show n last created containers (includes all states) (default -1)"},
        {'l', "latest", "", "Show the latest created container (includes all states)"}, {0, "no-trunc", "", "Don't truncate output"}, {'q', "quiet", "", "Only display container IDs"},
        {'s', "size", "", "Display total file sizes"}};
    all.push_back({"container ls", "ps", "[OPTIONS]", "List containers", psOptions, 0, 0, false, ps});
    all.push_back({"container stats", "stats", "[OPTIONS] [CONTAINER...]", "Display a live stream of container(s) resource usage statistics",
                   {{'a', "all", "", "Show all containers (default shows just running)"}, {0, "format", "string", "Format output using a custom template"},
                    {0, "no-stream", "", "Disable streaming stats and only pull the first result"}, {0, "no-trunc", "", "Do not truncate output"}}, 0, Verb::kMany, false, stats, Verb::Names::Running});
    all.push_back({"container top", "top", "CONTAINER [ps OPTIONS]", "Display the running processes of a container", {}, 1, Verb::kMany, true, top, Verb::Names::Running});
    all.push_back({"container port", "port", "CONTAINER [PRIVATE_PORT[/PROTO]]", "List port mappings or a specific mapping for the container", {}, 1, 2, false, port, Verb::Names::Running});
    all.push_back({"container diff", "diff", "CONTAINER", "Inspect changes to files or directories on a container's filesystem", {}, 1, 1, false, diff, Verb::Names::Containers});
    all.push_back({"container logs", "logs", "[OPTIONS] CONTAINER", "Fetch the logs of a container",
                   {{0, "details", "", "Show extra details provided to logs"}, {'f', "follow", "", "Follow log output"},
                    {0, "since", "string", "Show logs since timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)"},
                    {'n', "tail", "string", "Number of lines to show from the end of the logs (default \"all\")"}, {'t', "timestamps", "", "Show timestamps"}}, 1, 1, false, logs, Verb::Names::Containers});
    all.push_back({"container attach", "attach", "[OPTIONS] CONTAINER", "Attach local standard input, output, and error streams to a running container",
                   {{0, "no-stdin", "", "Do not attach STDIN"}, {0, "sig-proxy", "", "Proxy all received signals to the process (default true)"}}, 1, 1, false, attach, Verb::Names::Running});
}

} // namespace core::shell::docker
