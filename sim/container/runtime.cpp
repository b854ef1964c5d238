#include "sim/container/runtime.h"

#include "sim/container/entry_point.h"
#include "sim/container/registry.h"
#include "sim/container/runtime_events.h"
#include "sim/engine/assert.h"
#include "sim/programs/settings.h"
#include "sim/programs/start.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::container {

namespace {

// A TERM'd server drains its connections first; the spread is what small services show in practice.
constexpr Duration kDrainShortest = 200ms;
constexpr Duration kDrainLongest = 1200ms;
// Creating namespaces, the veth pair and the CNI call.
constexpr Duration kFailedStart = 300ms;
constexpr std::int64_t kPauseBytes = 700 * 1024;
constexpr std::int64_t kToolBytes = 3 * 1024 * 1024; // a shell or a coreutil
constexpr std::int64_t kShimBytes = 14 * 1024 * 1024;

std::string hexId(Engine& engine)
{
    RandomStream& random = engine.random("container/id");
    std::string id;
    for (int i = 0; i < 4; ++i)
        id += fmt::format("{:016x}", random.next());
    return id;
}

/// Entry point and arguments as containerd puts them together.
std::vector<std::string> commandLine(std::vector<std::string> image, std::vector<std::string> command, std::vector<std::string> args)
{
    if (command.empty() && args.empty())
        return image;
    if (command.empty() && !image.empty())
        command.push_back(image.front());
    command.insert(command.end(), args.begin(), args.end());
    return command;
}

/// The first line of a service's log comes with its process, the others once it is up.
bool speaksAtOnce(const programs::Program& program)
{
    return program.kind == programs::Program::Kind::Service && !program.startLog.empty();
}

void dropListeners(net::Network& network, StackId stack, host::Pid pid)
{
    if (!network.hasStack(stack))
        return;
    auto& listeners = network.stack(stack).listeners;
    listeners.erase(std::remove_if(listeners.begin(), listeners.end(),
                                   [&](const net::Listener& l) { return l.pid == pid; }),
                    listeners.end());
}

} // namespace

namespace {

/// The control group that a container's processes are in.
std::string scopeOf(const Container& container)
{
    return container.scope.empty() ? fmt::format("{}/cri-containerd-{}.scope", container.cgroup, container.hexId) : container.scope;
}

host::Pid startShim(Context& context, HostId host, const std::string& space, const Container& container)
{
    host::Process shim;
    shim.name = "containerd-shim";
    shim.command = {"/usr/bin/containerd-shim-runc-v2", "-namespace", space, "-id", container.hexId, "-address",
                    "/run/containerd/containerd.sock"};
    shim.residentBytes = kShimBytes;
    shim.container = container.id;
    shim.cgroup = "/system.slice/containerd.service";
    return context.hosts.spawn(context.engine, host, std::move(shim));
}

/// What containerd's json-file logger of docker makes of a line: {"log":"...\n","stream":"stdout","time":"..."}.
std::int64_t jsonLineBytes(const std::string& line)
{
    constexpr std::int64_t kAround = 73;
    return static_cast<std::int64_t>(line.size()) + kAround;
}

} // namespace

std::shared_ptr<const programs::Program> Runtimes::programOf(const Container& container) const
{
    if (container.imageProgram)
        return container.imageProgram;
    const auto stored = image(container.host, container.image);
    return stored ? std::shared_ptr<const programs::Program>(stored, &stored->program) : nullptr;
}

bool Runtimes::up(const host::Hosts& hosts, HostId host) const
{
    return hosts.at(host).power == host::Machine::Power::On && hosts.unitResponds(host, "containerd.service");
}

const std::map<std::string, std::shared_ptr<const Image>>& Runtimes::images(HostId host) const
{
    static const std::map<std::string, std::shared_ptr<const Image>> kNone;
    const auto it = m_images.find(host);
    return it == m_images.end() ? kNone : it->second;
}

std::shared_ptr<const Image> Runtimes::image(HostId host, const std::string& reference) const
{
    const auto parsed = Reference::parse(reference);
    if (!parsed)
        return nullptr;
    const auto& all = images(host);
    const auto it = all.find(parsed->text());
    return it == all.end() ? nullptr : it->second;
}

void Runtimes::preload(Context& context, HostId host, const std::string& reference, std::shared_ptr<const Image> image)
{
    const auto parsed = Reference::parse(reference);
    FL_ASSERT(parsed.has_value());
    storeImage(context, host, *parsed, std::move(image));
}

bool Runtimes::removeImage(Context& context, HostId host, const std::string& reference)
{
    const auto parsed = Reference::parse(reference);
    if (!parsed)
        return false;
    auto& all = m_images[host];
    const auto it = all.find(parsed->text());
    if (it == all.end())
        return false;
    const auto image = it->second;
    all.erase(it);
    addImageBytes(context.hosts.at(host), -missingBytes(host, *image, &Layer::bytes));
    return true;
}

ContainerId Runtimes::createSandbox(Context& context, HostId host, SandboxRequest request)
{
    const host::Machine& machine = context.hosts.at(host);
    Container sandbox;
    sandbox.id = ContainerId(m_nextContainer++);
    sandbox.host = host;
    sandbox.hexId = hexId(context.engine);
    sandbox.name = "POD";
    sandbox.podName = std::move(request.podName);
    sandbox.podNamespace = std::move(request.podNamespace);
    sandbox.podUid = std::move(request.podUid);
    sandbox.cgroup = std::move(request.cgroup);
    sandbox.sandbox = true;
    sandbox.image = "registry.k8s.io/pause:3.10";
    sandbox.program = {.name = "pause", .kind = programs::Program::Kind::Pause, .command = {"/pause"}, .user = "65535"};
    sandbox.created = context.engine.now();
    sandbox.files = std::move(request.files);
    if (request.address) {
        net::Stack stack;
        stack.name = sandbox.hexId.substr(0, 13);
        stack.host = host;
        stack.node = machine.stack;
        stack.interfaces.push_back({.name = "lo", .mac = "00:00:00:00:00:00", .addresses = {{{0x7f000001}, 8}}, .mtu = 65536});
        // As Calico sets a pod up: a /32 on eth0 and a default route by a link-local gateway.
        stack.interfaces.push_back({.name = "eth0",
                                    .mac = fmt::format("ee:ee:ee:{:02x}:{:02x}:{:02x}", (request.address->value >> 16) & 255,
                                                       (request.address->value >> 8) & 255, request.address->value & 255),
                                    .addresses = {{*request.address, 32}},
                                    .mtu = 1450});
        const net::Ipv4 gateway{0xa9fe0101};
        stack.routes.push_back({.destination = {gateway, 32}, .device = "eth0", .protocol = "boot", .scope = "link"});
        stack.routes.push_back({.destination = {{0}, 0}, .via = gateway, .device = "eth0", .protocol = "boot", .scope = "global"});
        for (const char* chain : {"INPUT", "FORWARD", "OUTPUT"})
            stack.filter[chain].policy = "ACCEPT";
        sandbox.stack = context.network.addStack(std::move(stack));
    } else {
        sandbox.stack = machine.stack;
    }
    sandbox.shimPid = startShim(context, host, "k8s.io", sandbox);
    host::Process process;
    process.name = "pause";
    process.parent = sandbox.shimPid;
    process.command = {"/pause"};
    process.user = "65535";
    process.residentBytes = kPauseBytes;
    process.container = sandbox.id;
    process.cgroup = fmt::format("{}/cri-containerd-{}.scope", sandbox.cgroup, sandbox.hexId);
    sandbox.pid = context.hosts.spawn(context.engine, host, std::move(process));
    sandbox.state = Container::State::Running;
    sandbox.started = context.engine.now();
    const ContainerId id = sandbox.id;
    m_containers.emplace(id, std::move(sandbox));
    return id;
}

ContainerId Runtimes::createContainer(Context& context, HostId host, ContainerRequest request)
{
    const Container* sandbox = find(request.sandbox);
    FL_ASSERT(sandbox != nullptr);
    const auto stored = image(host, request.image);
    Container container;
    container.id = ContainerId(m_nextContainer++);
    container.host = host;
    container.hexId = hexId(context.engine);
    container.name = std::move(request.name);
    container.podName = sandbox->podName;
    container.podNamespace = sandbox->podNamespace;
    container.podUid = sandbox->podUid;
    container.cgroup = sandbox->cgroup;
    container.sandboxId = sandbox->id;
    container.stack = sandbox->stack;
    container.image = std::move(request.image);
    container.files = sandbox->files;
    for (auto& [path, text] : request.files)
        container.files[path] = std::move(text);
    if (stored) {
        container.imageDigest = stored->digest;
        container.program = stored->program;
    }
    container.program.command = commandLine(container.program.command, std::move(request.command), std::move(request.args));
    container.environment = std::move(request.environment);
    container.memoryLimitBytes = request.memoryLimitBytes;
    container.oomScoreAdjust = request.oomScoreAdjust;
    container.attempt = request.attempt;
    container.stdinOpen = request.stdinOpen;
    container.hostFolders = std::move(request.hostFolders);
    container.volumes = std::move(request.volumes);
    container.created = context.engine.now();
    const ContainerId id = container.id;
    m_containers.emplace(id, std::move(container));
    return id;
}

ContainerId Runtimes::createTask(Context& context, TaskRequest request)
{
    Container task;
    task.id = ContainerId(m_nextContainer++);
    task.host = request.host;
    task.hexId = std::move(request.hexId);
    task.name = std::move(request.name);
    task.podName = std::move(request.hostname);
    task.scope = std::move(request.scope);
    task.stack = context.hosts.at(request.host).stack;
    task.created = context.engine.now();
    const ContainerId id = task.id;
    m_containers.emplace(id, std::move(task));
    return id;
}

void Runtimes::end(Context& context, ContainerId id, std::int64_t exitCode)
{
    if (Container* container = find(id); container != nullptr && container->state == Container::State::Running)
        finish(context, *container, exitCode, false);
}

std::string Runtimes::start(Context& context, ContainerId id, std::string hookError)
{
    Container* container = find(id);
    FL_ASSERT(container != nullptr);
    if (container->state == Container::State::Running)
        return {};
    const Instant now = context.engine.now();
    const auto stored = programOf(*container);
    const std::vector<std::string>& words = container->program.command;
    EntryPoint entry;
    if (stored && !words.empty())
        entry = entryPointOf(*stored, words, container->stdinOpen);
    else
        entry.program = true; // an image without a command line of its own
    if (container->waitsForInput && !entry.program) // what it does is done at somebody's terminal
        entry = EntryPoint{};
    container->started = now;
    container->finished = {};
    container->outOfMemory = false;
    ++container->generation;
    if (!hookError.empty())
        entry.startError = std::move(hookError);
    if (!entry.startError.empty()) {
        constexpr std::int64_t kCannotStart = 128; // as containerd reports a task that never ran
        container->state = Container::State::Exited;
        container->finished = now;
        container->exitCode = kCannotStart;
        return entry.startError;
    }
    if (stored && entry.program) {
        container->program.port = entry.port;
        container->program.memoryBytes = stored->memoryBytes + entry.extraBytes;
    }
    const programs::Program& program = container->program;
    host::Process process;
    process.name = (program.command.empty() ? program.name : program.command.front());
    process.name = process.name.substr(process.name.rfind('/') + 1).substr(0, 15);
    process.command = program.command;
    process.user = program.user;
    process.residentBytes = entry.program ? program.memoryBytes / 5 : kToolBytes;
    process.cpuCores = entry.program ? program.idleCores : 0;
    process.cgroup = scopeOf(*container);
    process.container = id;
    process.oomScoreAdjust = container->oomScoreAdjust;
    process.environment = container->environment;
    if (!container->scope.empty()) {
        container->shimPid = startShim(context, container->host, "moby", *container);
        process.parent = container->shimPid;
    } else if (const Container* sandbox = find(container->sandboxId)) {
        process.parent = sandbox->shimPid;
    }
    container->pid = context.hosts.spawn(context.engine, container->host, std::move(process));
    container->state = Container::State::Running;
    container->exitCode = entry.exitCode;
    for (std::string& line : entry.output)
        log(id, now, std::move(line));
    if (entry.program && !entry.endsAfter && speaksAtOnce(program))
        log(id, now, program.startLog.front());
    std::optional<Duration> endsAfter = entry.endsAfter;
    if (entry.program)
        for (const std::string& name : program.requiredEnv) {
            if ((container->environment.count(name) > 0 && !entry.clearsEnvironment) || endsAfter)
                continue;
            log(id, now, fmt::format("fatal: required environment variable {} is not set", name));
            container->exitCode = 1;
            endsAfter = kFailedStart;
        }
    if (entry.program && program.heapBytesPerSecond > 0 && !endsAfter) {
        if (const auto options = container->environment.find("JAVA_TOOL_OPTIONS"); options != container->environment.end())
            log(id, now, "Picked up JAVA_TOOL_OPTIONS: " + options->second);
        for (std::string& line : programs::refusedByJvm(container->environment, program.command)) {
            log(id, now, std::move(line));
            container->exitCode = 1;
            endsAfter = kFailedStart;
        }
    }
    if (entry.program && !endsAfter && !container->startProblem.empty()) {
        log(id, now, container->startProblem);
        container->exitCode = 1;
        endsAfter = kFailedStart;
    }
    if (entry.program && !endsAfter)
        if (const auto failure = programs::startFailure(program, container->files)) {
            for (const std::string& line : failure->log)
                log(id, now, line);
            container->exitCode = failure->exitCode;
            endsAfter = kFailedStart;
        }
    container->runsProgram = entry.program && !endsAfter;
    if (!container->runsProgram) {
        container->readyAt = Instant::max();
        if (endsAfter)
            context.engine.after(*endsAfter, runtimeEvent(RuntimeEvent::ProgramFails, id.value, container->generation));
        return {};
    }
    if (program.kind == programs::Program::Kind::LlmServer) { // up when its model is
        container->readyAt = Instant::max();
        return {};
    }
    // Start-up times spread by a tenth around the program's own.
    const double spread = context.engine.random("container/startup").uniform(0.9, 1.1);
    const Duration startup = fromSeconds(toSeconds(program.startup) * spread);
    container->readyAt = now + startup;
    context.engine.after(startup, runtimeEvent(RuntimeEvent::ProgramReady, id.value, container->generation));
    return {};
}

void Runtimes::stop(Context& context, ContainerId id, Duration grace)
{
    Container* container = find(id);
    if (container == nullptr || container->state != Container::State::Running)
        return;
    const bool pause = container->sandbox;
    const Duration drain = pause ? 10ms : context.engine.random("container/drain").uniform(kDrainShortest, kDrainLongest);
    // TERM ends a program once it has drained; KILL ends it at the end of the grace period.
    const auto& processes = context.hosts.at(container->host).processes;
    const auto process = processes.find(container->pid);
    const bool stopped = process != processes.end() && process->second.state == 'T';
    const bool handles = pause || (context.engine.now() >= container->readyAt && !stopped);
    const bool killed = !handles || grace < drain;
    context.engine.after(std::max(Duration{0}, killed ? grace : drain),
                         runtimeEvent(killed ? RuntimeEvent::Kill : RuntimeEvent::Drained, id.value, container->generation));
}

void Runtimes::exit(Context& context, ContainerId id, std::int64_t exitCode)
{
    if (Container* container = find(id); container != nullptr && container->state == Container::State::Running)
        finish(context, *container, exitCode, false);
}

void Runtimes::remove(Context& context, ContainerId id)
{
    const auto it = m_containers.find(id);
    if (it == m_containers.end())
        return;
    if (it->second.state == Container::State::Running)
        finish(context, it->second, 137, false);
    if (it->second.sandbox && context.network.hasStack(it->second.stack)
        && context.network.stack(it->second.stack).node.valid())
        context.network.removeStack(context.engine, it->second.stack);
    m_containers.erase(it);
}

const Container* Runtimes::find(ContainerId id) const
{
    const auto it = m_containers.find(id);
    return it == m_containers.end() ? nullptr : &it->second;
}

Container* Runtimes::find(ContainerId id)
{
    const auto it = m_containers.find(id);
    return it == m_containers.end() ? nullptr : &it->second;
}

void Runtimes::log(ContainerId id, Instant at, std::string line)
{
    Container* container = find(id);
    if (container == nullptr)
        return;
    if (container->log.size() >= Container::kLogLines) // drop the older half at once: amortised constant
        container->log.erase(container->log.begin(), container->log.begin() + Container::kLogLines / 2);
    container->logBytes += jsonLineBytes(line);
    ++container->logLines;
    container->log.emplace_back(at, std::move(line));
}

void Runtimes::finish(Context& context, Container& container, std::int64_t exitCode, bool outOfMemory)
{
    // The process may be gone already (killed from the machine); exit() then does nothing.
    const auto& processes = context.hosts.at(container.host).processes;
    if (processes.count(container.pid) > 0)
        context.hosts.exit(context.engine, context.network, container.host, container.pid, static_cast<int>(exitCode), 0,
                           outOfMemory);
    markExited(context, container, exitCode, outOfMemory);
}

void Runtimes::markExited(Context& context, Container& container, std::int64_t exitCode, bool outOfMemory)
{
    if (container.state != Container::State::Running)
        return;
    dropListeners(context.network, container.stack, container.pid);
    endChildren(context, container);
    container.state = Container::State::Exited;
    container.finished = context.engine.now();
    container.exitCode = exitCode;
    container.outOfMemory = outOfMemory;
    container.requestRate = 0;
    container.pid = 0;
    ++container.generation;
    endShim(context, container);
    m_notices.emplace_back(ContainerExited{container.id, container.host});
}

/// The kernel ends what is left in a pid namespace when its first process has ended.
void Runtimes::endChildren(Context& context, const Container& container)
{
    std::vector<host::Pid> left;
    for (const auto& [pid, process] : context.hosts.at(container.host).processes)
        if (process.container == container.id && pid != container.pid)
            left.push_back(pid);
    constexpr int kKilled = 9;
    for (const host::Pid pid : left)
        context.hosts.exit(context.engine, context.network, container.host, pid, 0, kKilled);
}

void Runtimes::endShim(Context& context, const Container& sandbox)
{
    if (context.hosts.at(sandbox.host).processes.count(sandbox.shimPid) > 0)
        context.hosts.exit(context.engine, context.network, sandbox.host, sandbox.shimPid, 0);
}

void Runtimes::shimEnded(Context& context, ContainerId sandbox)
{
    // containerd cleans up after a dead shim: it kills what the shim was parent to.
    std::vector<ContainerId> orphans;
    for (const auto& [id, container] : m_containers)
        if ((container.sandboxId == sandbox || id == sandbox) && container.state == Container::State::Running)
            orphans.push_back(id);
    for (const ContainerId id : orphans)
        finish(context, m_containers.at(id), 137, false);
}

void Runtimes::ready(Context& context, ContainerId id)
{
    Container* container = find(id);
    FL_ASSERT(container != nullptr && container->state == Container::State::Running);
    container->readyAt = context.engine.now();
    programReady(context, *container);
}

void Runtimes::programReady(Context& context, Container& container)
{
    const programs::Program& program = container.program;
    auto& processes = context.hosts.at(container.host).processes;
    const auto process = processes.find(container.pid);
    if (process == processes.end())
        return;
    if (container.memoryLimitBytes > 0 && program.memoryBytes > container.memoryLimitBytes) {
        process->second.residentBytes = container.memoryLimitBytes;
        process->second.virtualBytes = program.memoryBytes * 3;
        context.hosts.killForMemory(context.engine, context.network, container.host, container.pid, scopeOf(container));
        return;
    }
    process->second.residentBytes = program.memoryBytes;
    process->second.virtualBytes = program.memoryBytes * 3;
    if (context.network.hasStack(container.stack))
        for (const programs::ListenedPort& one : programs::listenedPorts(program, container.files))
            context.network.stack(container.stack)
                .listeners.push_back({.protocol = one.udp ? net::Protocol::Udp : net::Protocol::Tcp, .address = {},
                                      .port = one.port, .pid = container.pid, .program = process->second.name});
    std::vector<std::string> lines = programs::startLines(program, container.files);
    if (speaksAtOnce(program) && !lines.empty())
        lines.erase(lines.begin());
    const auto stored = programOf(container);
    for (std::string& line : lines) {
        if (stored && stored->port != program.port) // it says where it listens
            if (const std::string port = fmt::format(":{}", stored->port); line.find(port) != std::string::npos)
                line.replace(line.find(port), port.size(), fmt::format(":{}", program.port));
        log(container.id, context.engine.now(), std::move(line));
    }
    startGrowth(context, container);
    const HostId host = container.host;
    context.hosts.settleMemory(context.engine, context.network, host);
}

void Runtimes::startGrowth(Context& context, const Container& container)
{
    const programs::Program& program = container.program;
    const double rate = program.leakBytesPerSecond + program.heapBytesPerSecond;
    if (rate <= 0)
        return;
    context.hosts.edit(context.engine, container.host, container.pid, [&](host::Process& process) { process.growthBytesPerSecond = rate; });
    if (program.heapBytesPerSecond <= 0)
        return;
    // A heap grows to its maximum as long as nothing makes the collector hurry.
    const host::Machine& machine = context.hosts.at(container.host);
    const programs::Settings jvm = programs::settingsOfJvm(machine, machine.processes.at(container.pid));
    const std::int64_t limit = jvm.containerSupport ? container.memoryLimitBytes : 0;
    log(container.id, context.engine.now(),
        fmt::format("INFO  [main] jvm - {} cpus, {} MiB of memory, maximum heap {} MiB", jvm.processors,
                    (limit > 0 ? std::min(limit, machine.memoryBytes) : machine.memoryBytes) >> 20, jvm.heapMaxBytes >> 20));
    context.engine.after(fromSeconds(static_cast<double>(jvm.heapMaxBytes) / program.heapBytesPerSecond),
                         runtimeEvent(RuntimeEvent::HeapFull, container.id.value, container.generation));
}

void Runtimes::handle(Context& context, const Event& event)
{
    const auto type = static_cast<RuntimeEvent>(event.type);
    if (type == RuntimeEvent::PullStep || type == RuntimeEvent::PullUnpacked) {
        handlePull(context, event);
        return;
    }
    Container* container = find(ContainerId(event.target));
    if (container == nullptr || container->generation != event.argument || container->state != Container::State::Running)
        return;
    switch (type) {
    case RuntimeEvent::ProgramReady:
        programReady(context, *container);
        break;
    case RuntimeEvent::ProgramFails:
        finish(context, *container, container->exitCode, false);
        break;
    case RuntimeEvent::Drained:
        finish(context, *container, 0, false);
        break;
    case RuntimeEvent::Kill:
        finish(context, *container, 137, false);
        break;
    case RuntimeEvent::HeapFull:
        context.hosts.edit(context.engine, container->host, container->pid, [&](host::Process& process) {
            process.growthBytesPerSecond = container->program.leakBytesPerSecond;
        });
        break;
    case RuntimeEvent::PullStep:
    case RuntimeEvent::PullUnpacked:
        break;
    }
}

void Runtimes::on(Context& context, const host::Notice& notice)
{
    if (const auto* exited = std::get_if<host::ProcessExited>(&notice)) {
        if (!exited->process.container)
            return;
        Container* container = find(*exited->process.container);
        if (container != nullptr && container->shimPid == exited->process.pid)
            shimEnded(context, container->id);
        else if (container != nullptr && container->pid == exited->process.pid)
            markExited(context, *container, exited->exitCode, exited->outOfMemory);
    } else if (const auto* unit = std::get_if<host::UnitChanged>(&notice)) {
        if (unit->unit != "containerd.service")
            return;
        const bool active = unit->state == host::Unit::State::Active;
        if (!active)
            failPulls(context, unit->host, "error reading from server: EOF");
        m_notices.emplace_back(RuntimeDown{unit->host, active});
    } else if (const auto* power = std::get_if<host::PowerChanged>(&notice)) {
        if (power->on)
            return;
        failPulls(context, power->host, "error reading from server: EOF");
        for (auto& [id, container] : m_containers)
            if (container.host == power->host)
                markExited(context, container, 255, false);
    }
}

std::vector<Notice> Runtimes::takeNotices()
{
    return std::exchange(m_notices, {});
}

bool Runtimes::operator==(const Runtimes& other) const
{
    return fingerprintOf(*this) == fingerprintOf(other);
}

void Runtimes::addTo(Fingerprint& f) const
{
    for (const auto& [host, images] : m_images) {
        sim::addTo(f, host);
        for (const auto& [reference, image] : images) {
            f.add(reference);
            f.add(image->digest);
        }
    }
    sim::addTo(f, m_containers);
    sim::addTo(f, m_pulls);
}

} // namespace sim::container
