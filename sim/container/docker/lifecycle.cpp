// Starting, stopping, killing, pausing; and what follows when a container's process has ended.
#include "sim/container/docker/daemon.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::container::docker {

namespace {

// restartmanager: 100 ms, doubled each time up to a minute; who ran for ten seconds begins anew.
constexpr Duration kFirstBackOff = 100ms;
constexpr Duration kLongestBackOff = 60s;
constexpr Duration kRanWell = 10s;
// tini passes TERM on; its child has no handler and ends at once.
constexpr Duration kInitPassesOn = 30ms;
constexpr std::int64_t kSignalled = 128;
constexpr Duration kRemovedAfter = 120ms;

/// runc's words as dockerd passes them on.
std::string startError(std::string words)
{
    const std::string containerd = "failed to create containerd task: ";
    if (words.rfind(containerd, 0) == 0)
        words = "failed to create task for container: " + words.substr(containerd.size());
    return words;
}

std::map<std::string, std::string> environmentOf(const Settings& settings)
{
    std::map<std::string, std::string> variables;
    for (const std::string& one : settings.environment)
        if (const auto equals = one.find('='); equals != std::string::npos)
            variables[one.substr(0, equals)] = one.substr(equals + 1);
    variables["HOSTNAME"] = settings.hostname;
    variables.emplace("HOME", settings.user.empty() || settings.user == "root" || settings.user == "0" ? "/root" : "/");
    if (settings.terminal)
        variables.emplace("TERM", "xterm");
    return variables;
}

Outcome conflict(std::string error)
{
    Outcome outcome;
    outcome.status = 409;
    outcome.error = std::move(error);
    return outcome;
}

} // namespace

void Daemon::applyLimits(Container& container)
{
    container::Container* task = context.runtimes.find(container.task);
    if (task == nullptr)
        return;
    const Limits& limits = container.settings.limits;
    task->memoryLimitBytes = limits.memoryBytes;
    const auto set = [&](const char* file, const std::string& text) {
        context.hosts().limitCgroup(context.engine(), context.network(), docker.host, task->scope, file, text);
    };
    constexpr std::int64_t kPeriod = 100'000;
    set("cpu.max", limits.cpus > 0 ? fmt::format("{} {}", static_cast<std::int64_t>(limits.cpus * static_cast<double>(kPeriod)), kPeriod) : "max");
    // runc's conversion of cpu.shares (2 .. 262144) to cpu.weight (1 .. 10000)
    if (limits.cpuShares > 0)
        set("cpu.weight", std::to_string(1 + (limits.cpuShares - 2) * 9999 / 262142));
    set("pids.max", limits.pids > 0 ? std::to_string(limits.pids) : "max");
    set("memory.max", limits.memoryBytes > 0 ? std::to_string(limits.memoryBytes) : "max");
}

std::string Daemon::settingsProblem(const Container& container) const
{
    const container::Container* task = context.runtimes.find(container.task);
    const std::string& path = task->program.settingsFile;
    if (path.empty())
        return {};
    const auto mount = std::find_if(container.settings.mounts.begin(), container.settings.mounts.end(),
                                    [&](const MountPoint& one) { return one.target == path; });
    const auto failed = [&](const char* call, const char* why) {
        return fmt::format("level=fatal msg=\"cannot read settings\" error=\"{} {}: {}\"", call, path, why);
    };
    if (mount == container.settings.mounts.end() || mount->kind != MountPoint::Kind::Bind)
        return failed("open", "no such file or directory");
    const auto& files = machine().files;
    const auto file = files.find(mount->source);
    if (file == files.end())
        return failed("open", "no such file or directory");
    return file->second->type == host::File::Type::Directory ? failed("read", "is a directory") : std::string();
}

Outcome Daemon::start(Container& container)
{
    Outcome outcome;
    const Settings& settings = container.settings;
    container.error.clear();
    if (!containerdUp()) {
        outcome.error = "failed to create task for container: connection error: desc = \"transport: Error while dialing: dial unix "
                        "/run/containerd/containerd.sock: connect: connection refused\": unavailable";
        container.error = outcome.error;
        container.exitCode = kSignalled;
        return outcome;
    }
    container::Container* task = context.runtimes.find(container.task);
    const auto image = docker.images.find(container.imageId);
    if (std::string error = connect(container); !error.empty()) {
        disconnect(container);
        container.error = outcome.error = std::move(error);
        container.exitCode = kSignalled;
        return outcome;
    }
    if (std::string error = publish(container); !error.empty()) {
        unpublish(container);
        disconnect(container);
        container.error = outcome.error = std::move(error);
        container.exitCode = kSignalled;
        return outcome;
    }
    if (image != docker.images.end())
        task->imageProgram = std::make_shared<const programs::Program>(image->second.image->program);
    if (task->imageProgram)
        task->program = *task->imageProgram;
    task->image = settings.image;
    task->program.command = *settings.entrypoint;
    task->program.command.insert(task->program.command.end(), settings.command.begin(), settings.command.end());
    if (!settings.user.empty())
        task->program.user = settings.user.substr(0, settings.user.find(':'));
    task->environment = environmentOf(settings);
    task->memoryLimitBytes = settings.limits.memoryBytes;
    task->waitsForInput = settings.interactive;
    task->startProblem = settingsProblem(container);
    writeNameFiles(container);
    mountOverlay(container, true);
    const std::string problem = context.runtimes.start(context.parts, container.task);
    if (!problem.empty()) {
        mountOverlay(container, false);
        unpublish(container);
        disconnect(container);
        container.error = outcome.error = startError(problem);
        container.exitCode = problem.find("permission denied") != std::string::npos ? 126 : 127;
        if (container.state != Container::State::Created)
            container.state = Container::State::Exited;
        outcome.status = 400;
        return outcome;
    }
    container.state = Container::State::Running;
    container.started = context.now();
    container.finished = {};
    container.exitCode = 0;
    container.outOfMemory = false;
    container.stoppedByHand = false;
    container.startAgain = false;
    ++container.generation;
    applyLimits(container);
    openLog(container);
    happen(container, "start");
    // A service in somebody else's namespace, the machine's or another container's, meets whoever has its port already.
    if (const auto& stack = context.network().stack(task->stack); task->program.port > 0
        && stack.listener(net::Protocol::Tcp, {}, task->program.port) != nullptr) {
        context.runtimes.log(container.task, context.now(), fmt::format("listen tcp :{}: bind: address already in use", task->program.port));
        context.runtimes.end(context.parts, container.task, 1);
    }
    watchHealth(container);
    outcome.id = container.id;
    return outcome;
}

bool Daemon::wantsRestart(const Container& container) const
{
    const RestartPolicy& policy = container.settings.restart;
    if (container.stoppedByHand || !docker.up)
        return false;
    if (policy.name == "always" || policy.name == "unless-stopped")
        return true;
    return policy.name == "on-failure" && container.exitCode != 0
        && (policy.maximumRetries == 0 || container.restartCount < policy.maximumRetries);
}

void Daemon::exited(Container& container)
{
    const container::Container* task = context.runtimes.find(container.task);
    ++container.generation;
    if (task != nullptr) {
        container.exitCode = task->exitCode;
        container.outOfMemory = task->outOfMemory;
        context.hosts().at(docker.host).cgroups.erase(task->scope);
    }
    container.finished = context.now();
    container.state = Container::State::Exited;
    writeLog(container);
    unpublish(container);
    disconnect(container);
    mountOverlay(container, false);
    if (container.outOfMemory)
        happen(container, "oom");
    happen(container, "die", {{"exitCode", std::to_string(container.exitCode)},
                              {"execDuration", std::to_string((container.finished - container.started) / Duration(1s))}});
    // A unit that stops takes its containers with it and starts none.
    const auto unit = machine().units.find(kUnit);
    const bool leaving = unit != machine().units.end() && unit->second.state == host::Unit::State::Deactivating;
    if (container.startAgain) {
        container.startAgain = false;
        start(container);
        return;
    }
    if (!leaving && wantsRestart(container)) {
        if (container.finished - container.started >= kRanWell)
            container.backOff = {};
        container.backOff = container.backOff == Duration{} ? kFirstBackOff : std::min(kLongestBackOff, container.backOff * 2);
        container.state = Container::State::Restarting;
        ++container.restartCount;
        later(DockerEvent::Restart, container.backOff, container.task.value, container.generation);
        return;
    }
    if (container.stoppedByHand)
        happen(container, "stop");
    if (container.settings.autoRemove && docker.up) // whoever is attached still sees how it ended
        later(DockerEvent::Remove, kRemovedAfter, container.task.value, container.generation);
}

void Daemon::restartDue(Container& container)
{
    if (container.state != Container::State::Restarting)
        return;
    if (const Outcome outcome = start(container); !outcome.ok()) {
        log("error", fmt::format("msg=\"restartmanger wait error: {}\"", outcome.error)); // sic
        container.state = Container::State::Exited;
    }
}

Outcome Daemon::operator()(const StartContainer& request)
{
    Outcome outcome;
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    if (container->state == Container::State::Paused)
        return conflict("cannot start a paused container, try unpause instead");
    if (container->state == Container::State::Running) {
        outcome.id = container->id;
        return outcome;
    }
    ++container->generation;
    container->backOff = {};
    container->restartCount = 0;
    return start(*container);
}

Outcome Daemon::operator()(const StopContainer& request)
{
    Outcome outcome;
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    outcome.id = container->id;
    if (container->state == Container::State::Restarting) {
        ++container->generation;
        container->state = Container::State::Exited;
        container->stoppedByHand = !request.startAgain;
        if (request.startAgain)
            return start(*container);
        return outcome;
    }
    if (!container->runs()) {
        if (request.startAgain)
            return start(*container);
        return outcome;
    }
    container->stoppedByHand = !request.startAgain;
    container->startAgain = request.startAgain;
    if (container->state == Container::State::Paused)
        (*this)(PauseContainer{container->id, false});
    happen(*container, "kill", {{"signal", "15"}});
    const Duration grace = std::chrono::seconds(request.seconds.value_or(container->settings.stopTimeout));
    const container::Container* task = context.runtimes.find(container->task);
    const bool serves = task != nullptr && task->serving(context.now());
    if (container->settings.init && !serves && grace > kInitPassesOn)
        later(DockerEvent::Terminated, kInitPassesOn, container->task.value, container->generation);
    else
        context.runtimes.stop(context.parts, container->task, grace);
    return outcome;
}

Outcome Daemon::operator()(const KillContainer& request)
{
    Outcome outcome;
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    if (!container->runs())
        return conflict(fmt::format("cannot kill container: {}: container {} is not running", request.container, container->id));
    happen(*container, "kill", {{"signal", std::to_string(request.signal)}});
    constexpr int kInterrupt = 2, kKill = 9, kTerminate = 15;
    if (request.signal == kKill) {
        container->stoppedByHand = true;
        context.runtimes.end(context.parts, container->task, kSignalled + kKill);
        return outcome;
    }
    if (request.signal == kTerminate)
        container->stoppedByHand = true;
    const container::Container* task = context.runtimes.find(container->task);
    // The kernel delivers to process 1 only what it has a handler for.
    if ((request.signal == kTerminate || request.signal == kInterrupt) && task != nullptr) {
        if (task->serving(context.now()))
            context.runtimes.stop(context.parts, container->task, 24h);
        else if (container->settings.init)
            later(DockerEvent::Terminated, kInitPassesOn, container->task.value, container->generation);
    }
    return outcome;
}

Outcome Daemon::operator()(const PauseContainer& request)
{
    Outcome outcome;
    Container* container = find(request.container, outcome);
    if (container == nullptr)
        return outcome;
    if (!container->runs())
        return conflict(fmt::format("Container {} is not running", container->id));
    if (request.pause == (container->state == Container::State::Paused))
        return conflict(fmt::format("Container {} is {} paused", container->id, request.pause ? "already" : "not"));
    constexpr int kStop = 19, kContinue = 18;
    std::vector<host::Pid> pids;
    for (const auto& [pid, process] : machine().processes)
        if (process.container == container->task && process.name != "containerd-shim")
            pids.push_back(pid);
    for (const host::Pid pid : pids)
        context.hosts().signal(context.engine(), context.network(), docker.host, pid, request.pause ? kStop : kContinue);
    container->state = request.pause ? Container::State::Paused : Container::State::Running;
    happen(*container, request.pause ? "pause" : "unpause");
    return outcome;
}

Outcome Daemon::operator()(const EndContainer& request)
{
    Outcome outcome;
    if (Container* container = find(request.container, outcome); container != nullptr && container->runs())
        context.runtimes.end(context.parts, container->task, request.exitCode);
    return outcome;
}

} // namespace sim::container::docker
