// start, stop, restart, kill, pause, unpause, rm, rename, wait, update, commit, cp, container prune.
#include "core/shell/commands/docker/client.h"

#include "core/shell/paths.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::docker {

namespace {

using namespace sim::container::docker; // the calls

constexpr const char* kPruneContainers = "WARNING! This will remove all stopped containers.\nAre you sure you want to continue?";

int signalOf(std::string text)
{
    static const std::map<std::string, int> kSignals{{"HUP", 1}, {"INT", 2}, {"QUIT", 3}, {"KILL", 9}, {"USR1", 10}, {"USR2", 12}, {"TERM", 15}, {"CONT", 18}, {"STOP", 19}};
    text = sim::raised(text);
    if (text.rfind("SIG", 0) == 0)
        text.erase(0, 3);
    const auto found = kSignals.find(text);
    if (found != kSignals.end())
        return found->second;
    const int number = std::atoi(text.c_str());
    return number > 0 && number < 65 ? number : 0;
}

/// One call for each container named; the name is printed where it succeeds.
template <class Make>
int forEach(Client& client, const Call& call, Make make)
{
    if (const std::string problem = client.unreachable(); !problem.empty())
        return client.error(problem);
    int status = 0;
    for (const std::string& name : call.operands) {
        if (const auto* known = client.find(name))
            client.noteContainer(*known);
        const Outcome outcome = make(name);
        if (outcome.ok())
            client.inv.print(name + "\n");
        else
            status = client.daemonError(outcome.error);
    }
    return status;
}

int start(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable(); !problem.empty())
        return client.error(problem);
    int status = 0;
    std::string failed;
    for (const std::string& name : call.operands) {
        const Outcome outcome = client.call(StartContainer{name});
        if (!outcome.ok()) {
            client.daemonError(outcome.error);
            failed += (failed.empty() ? "" : ", ") + name;
            status = 1;
            continue;
        }
        if (call.options.has("attach")) {
            const std::string id = client.find(name)->id;
            const auto* task = client.task(*client.find(name));
            status = streamLogs(client, id, task == nullptr ? 0 : task->logLines, true, false);
        } else {
            client.inv.print(name + "\n");
        }
    }
    if (!failed.empty())
        client.error("Error: failed to start containers: " + failed);
    return status;
}

int stop(Client& client, const Call& call, bool again)
{
    return forEach(client, call, [&](const std::string& name) {
        StopContainer request{name, std::nullopt, again};
        if (call.options.has("time"))
            request.seconds = std::atoll(call.options.value("time").c_str());
        const auto* known = client.find(name);
        const sim::Instant before = known == nullptr ? sim::Instant{} : known->started;
        Outcome outcome = client.call(request);
        if (!outcome.ok() || known == nullptr)
            return outcome;
        const std::string id = outcome.id;
        waitWhile(client.inv, [&] {
            const auto* docker = client.world().dockers().find(client.inv.place().host);
            const auto now = docker->containers.find(id);
            return docker->up && now != docker->containers.end() && now->second.runs() && now->second.started == before;
        });
        return outcome;
    });
}

int kill(Client& client, const Call& call)
{
    const int signal = signalOf(call.options.value("signal", "KILL"));
    if (signal == 0)
        return client.daemonError("Invalid signal: " + call.options.value("signal"));
    return forEach(client, call, [&](const std::string& name) { return client.call(KillContainer{name, signal}); });
}

int rm(Client& client, const Call& call)
{
    const bool force = call.options.has("force");
    if (const std::string problem = client.unreachable(); !problem.empty())
        return client.error(problem);
    int status = 0;
    for (const std::string& name : call.operands) {
        const Outcome outcome = client.call(RemoveContainer{name, force, call.options.has("volumes")});
        if (outcome.ok())
            client.inv.print(name + "\n");
        else if (!(force && outcome.status == 404))
            status = client.daemonError(outcome.error);
    }
    return status;
}

int wait(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable(); !problem.empty())
        return client.error(problem);
    int status = 0;
    for (const std::string& name : call.operands) {
        std::string error;
        const auto* known = client.find(name, &error);
        if (known == nullptr) {
            status = client.daemonError(error);
            continue;
        }
        const std::string id = known->id;
        std::int64_t code = known->exitCode;
        waitWhile(client.inv, [&] {
            const auto& containers = client.docker().containers;
            const auto now = containers.find(id);
            if (now == containers.end())
                return false;
            code = now->second.exitCode;
            return now->second.runs();
        });
        client.inv.print(fmt::format("{}\n", code));
    }
    return status;
}

int update(Client& client, const Call& call)
{
    UpdateContainer request;
    for (const auto& [option, value] : {std::pair("memory", &request.memoryBytes), std::pair("memory-swap", &request.memorySwapBytes)})
        if (call.options.has(option)) {
            const std::string text = call.options.value(option);
            *value = text == "-1" ? std::optional<std::int64_t>(-1) : bytesOf(text);
            if (!*value)
                return client.error(fmt::format("invalid argument \"{}\" for \"--{}\" flag: invalid size: '{}'", text, option, text));
        }
    if (call.options.has("cpus"))
        request.cpus = std::strtod(call.options.value("cpus").c_str(), nullptr);
    if (call.options.has("pids-limit"))
        request.pids = std::atoll(call.options.value("pids-limit").c_str());
    if (call.options.has("cpu-shares"))
        request.cpuShares = std::atoll(call.options.value("cpu-shares").c_str());
    if (call.options.has("restart")) {
        const std::string text = call.options.value("restart");
        const auto colon = text.find(':');
        request.restart = RestartPolicy{text.substr(0, colon), colon == std::string::npos ? 0 : std::atoll(text.c_str() + colon + 1)};
    }
    return forEach(client, call, [&](const std::string& name) {
        request.container = name;
        return client.call(request);
    });
}

int rename(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST"); !problem.empty())
        return client.error(problem);
    const Outcome outcome = client.call(RenameContainer{call.operands[0], call.operands[1]});
    return outcome.ok() ? 0 : client.daemonError(outcome.error);
}

int commit(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST"); !problem.empty())
        return client.error(problem);
    std::string reference;
    if (call.operands.size() > 1) {
        const auto parsed = sim::container::Reference::parse(call.operands[1]);
        if (!parsed)
            return client.error("invalid reference format");
        reference = parsed->text();
    }
    const Outcome outcome = client.call(CommitContainer{call.operands[0], reference, call.options.value("message")});
    if (!outcome.ok())
        return client.daemonError(outcome.error);
    client.inv.print(outcome.id + "\n");
    return 0;
}

int copy(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("HEAD"); !problem.empty())
        return client.error(problem);
    const auto inContainer = [](const std::string& text) { return text.find(':') != std::string::npos && text.front() != '/' && text.front() != '.'; };
    const std::string& from = call.operands[0];
    const std::string& to = call.operands[1];
    if (inContainer(from) && inContainer(to))
        return client.error("copying between containers is not supported");
    if (!inContainer(from) && !inContainer(to))
        return client.error("must specify at least one container source");
    CopyFiles request;
    request.into = inContainer(to);
    const std::string& remote = request.into ? to : from;
    request.container = remote.substr(0, remote.find(':'));
    request.containerPath = remote.substr(remote.find(':') + 1);
    if (request.containerPath.empty() || request.containerPath.front() != '/')
        request.containerPath = "/" + request.containerPath;
    request.hostPath = client.inv.absolutePath(request.into ? from : to);
    request.owner = client.inv.place().user == "root" ? "" : client.inv.place().user;
    const auto isFolder = [&](const std::string& path) {
        const auto stat = client.inv.system().stat(client.inv.place(), path);
        return stat && stat->type == FileStat::Type::Directory;
    };
    if (!request.into && (isFolder(request.hostPath) || to.back() == '/'))
        request.hostPath += "/" + request.containerPath.substr(request.containerPath.rfind('/') + 1);
    if (request.into && (request.containerPath.back() == '/' || request.containerPath == "/tmp"))
        request.containerPath += (request.containerPath.back() == '/' ? "" : "/") + from.substr(from.rfind('/') + 1);
    if (request.into && client.inv.system().readFile(client.inv.place(), request.hostPath).error == Errno::NoEntry)
        return client.error(fmt::format("lstat {}: no such file or directory", request.hostPath));
    const Outcome outcome = client.call(request);
    if (!outcome.ok())
        return client.daemonError(outcome.error);
    // The archive has a head of 512 bytes, is padded to it, and ends with two blocks.
    const std::int64_t packed = (outcome.reclaimedBytes + 511) / 512 * 512 + 1536;
    client.inv.err().write(fmt::format("Successfully copied {} to {}\n", humanSizeShort(static_cast<double>(packed)),
                                       request.into ? fmt::format("{}:{}", request.container, remote.substr(remote.find(':') + 1)) : client.inv.absolutePath(to)));
    return 0;
}

int prune(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST", "/containers/prune"); !problem.empty())
        return client.error(problem);
    if (!call.options.has("force") && !client.confirm(kPruneContainers))
        return 0;
    const Outcome outcome = client.call(PruneContainers{});
    if (!outcome.removed.empty()) {
        client.inv.print("Deleted Containers:\n");
        for (const std::string& id : outcome.removed)
            client.inv.print(id + "\n");
        client.inv.print("\n");
    }
    client.inv.print("Total reclaimed space: " + humanSize(static_cast<double>(outcome.reclaimedBytes)) + "\n");
    return 0;
}

} // namespace

void addContainerVerbs(std::vector<Verb>& all)
{
    const std::size_t many = Verb::kMany;
    all.push_back({"container start", "start", "[OPTIONS] CONTAINER [CONTAINER...]", "Start one or more stopped containers",
                   {{'a', "attach", "", "Attach STDOUT/STDERR and forward signals"}, {'i', "interactive", "", "Attach container's STDIN"}}, 1, many, false, start, Verb::Names::Containers});
    all.push_back({"container stop", "stop", "[OPTIONS] CONTAINER [CONTAINER...]", "Stop one or more running containers",
                   {{'s', "signal", "string", "Signal to send to the container"}, {'t', "time", "int", "Seconds to wait before killing the container"}}, 1, many, false,
                   [](Client& client, const Call& call) { return stop(client, call, false); }, Verb::Names::Running});
    all.push_back({"container restart", "restart", "[OPTIONS] CONTAINER [CONTAINER...]", "Restart one or more containers",
                   {{'s', "signal", "string", "Signal to send to the container"}, {'t', "time", "int", "Seconds to wait before killing the container"}}, 1, many, false,
                   [](Client& client, const Call& call) { return stop(client, call, true); }, Verb::Names::Containers});
    all.push_back({"container kill", "kill", "[OPTIONS] CONTAINER [CONTAINER...]", "Kill one or more running containers",
                   {{'s', "signal", "string", "Signal to send to the container"}}, 1, many, false, kill, Verb::Names::Running});
    all.push_back({"container pause", "pause", "CONTAINER [CONTAINER...]", "Pause all processes within one or more containers", {}, 1, many, false,
                   [](Client& client, const Call& call) {
                       return forEach(client, call, [&](const std::string& name) { return client.call(PauseContainer{name, true}); });
                   }, Verb::Names::Running});
    all.push_back({"container unpause", "unpause", "CONTAINER [CONTAINER...]", "Unpause all processes within one or more containers", {}, 1, many, false,
                   [](Client& client, const Call& call) {
                       return forEach(client, call, [&](const std::string& name) { return client.call(PauseContainer{name, false}); });
                   }, Verb::Names::Running});
    all.push_back({"container rm", "rm", "[OPTIONS] CONTAINER [CONTAINER...]", "Remove one or more containers",
                   {{'f', "force", "", "Force the removal of a running container (uses SIGKILL)"}, {'v', "volumes", "", "Remove anonymous volumes associated with the container"}},
                   1, many, false, rm, Verb::Names::Containers});
    all.push_back({"container rename", "rename", "CONTAINER NEW_NAME", "Rename a container", {}, 2, 2, false, rename, Verb::Names::Containers});
    all.push_back({"container wait", "wait", "CONTAINER [CONTAINER...]", "Block until one or more containers stop, then print their exit codes", {}, 1, many, false, wait, Verb::Names::Containers});
    all.push_back({"container update", "update", "[OPTIONS] CONTAINER [CONTAINER...]", "Update configuration of one or more containers",
                   {{'m', "memory", "bytes", "Memory limit"}, {0, "memory-swap", "bytes", "Swap limit equal to memory plus swap: -1 to enable unlimited swap"},
                    {0, "cpus", "decimal", "Number of CPUs"}, {0, "pids-limit", "int", "Tune container pids limit (set -1 for unlimited)"},
                    {'c', "cpu-shares", "int", "CPU shares (relative weight)"}, {0, "restart", "string", "Restart policy to apply when a container exits"}},
                   1, many, false, update, Verb::Names::Containers});
    all.push_back({"container commit", "commit", "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]", "Create a new image from a container's changes",
                   {{'a', "author", "string", "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")"}, {'m', "message", "string", "Commit message"}, {'p', "pause", "", "Pause container during commit"}},
                   1, 2, false, commit, Verb::Names::Containers});
    all.push_back({"container cp", "cp", "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH", "Copy files/folders between a container and the local filesystem",
                   {{'a', "archive", "", "Archive mode (copy all uid/gid information)"}, {'q', "quiet", "", "Suppress progress output during copy"}}, 2, 2, false, copy, Verb::Names::Containers});
    all.push_back({"container prune", "", "[OPTIONS]", "Remove all stopped containers", {{'f', "force", "", "Do not prompt for confirmation"}, {0, "filter", "filter", "Provide filter values (e.g. \"until=<timestamp>\")"}},
                   0, 0, false, prune});
}

} // namespace core::shell::docker
