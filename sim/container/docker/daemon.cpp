// dockerd's own life: installing, starting and restoring, stopping, dying; and what the world tells it.
#include "sim/container/docker/daemon.h"

#include "sim/engine/assert.h"
#include "sim/engine/letters.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim::container::docker {

namespace {

constexpr std::string_view kConfiguration = "/etc/docker/daemon.json";

/// "10m", "512k", "1g" as go-units' RAMInBytes takes them; nothing for other texts.
std::int64_t bytesIn(const std::string& text)
{
    std::int64_t bytes = std::atoll(text.c_str());
    const char unit = text.empty() ? '0' : sim::lowered(text.back());
    return bytes << (unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : 0);
}

} // namespace

std::string shortId(const std::string& id)
{
    constexpr std::size_t kShort = 12;
    const std::size_t from = id.rfind("sha256:", 0) == 0 ? 7 : 0;
    return id.substr(from, kShort);
}

std::optional<std::string> variableOf(const std::vector<std::string>& environment, const std::string& name)
{
    for (auto it = environment.rbegin(); it != environment.rend(); ++it)
        if (it->compare(0, name.size() + 1, name + "=") == 0)
            return it->substr(name.size() + 1);
    return std::nullopt;
}

std::string Daemon::hexId()
{
    RandomStream& random = context.engine().random("docker/id");
    std::string id;
    for (int i = 0; i < 4; ++i)
        id += fmt::format("{:016x}", random.next());
    return id;
}

void Daemon::later(DockerEvent type, Duration delay, std::uint32_t target, std::uint32_t generation)
{
    context.engine().after(delay, {.part = Part::Container, .type = static_cast<std::uint16_t>(type), .target = docker.host.value,
                                   .argument = std::uint64_t{target} << 32 | generation});
}

void Daemon::happen(std::string type, std::string action, std::string actor, std::map<std::string, std::string> attributes)
{
    if (docker.happenings.size() >= Docker::kHappenings)
        docker.happenings.pop_front();
    docker.happenings.push_back({context.now(), std::move(type), std::move(action), std::move(actor), std::move(attributes)});
    ++docker.happened;
}

void Daemon::happen(const Container& container, std::string action, std::map<std::string, std::string> more)
{
    more["image"] = container.settings.image;
    more["name"] = container.name;
    happen("container", std::move(action), container.id, std::move(more));
}

void Daemon::log(std::string_view level, const std::string& fields)
{
    const auto& units = machine().units;
    const auto unit = units.find(kUnit);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(context.now());
    context.hosts().log(context.engine(), docker.host, "dockerd", kUnit, unit == units.end() ? 0 : unit->second.mainPid,
                        level == "error" ? 3 : level == "warning" ? 4 : 6,
                        fmt::format("time=\"{:%Y-%m-%dT%H:%M:%S}.{:09}Z\" level={} {}",
                                    fmt::gmtime(seconds.time_since_epoch().count()), (context.now() - seconds).count(), level, fields));
}

void Daemon::readConfiguration()
{
    docker.liveRestore = false;
    docker.logMaxBytes = 0;
    docker.logMaxFiles = 1;
    const auto file = context.hosts().read(docker.host, std::string(kConfiguration), context.now());
    if (!file)
        return;
    const auto json = nlohmann::json::parse(file->content, nullptr, false);
    if (!json.is_object())
        return;
    docker.liveRestore = json.value("live-restore", false);
    const auto options = json.find("log-opts");
    if (options == json.end() || !options->is_object())
        return;
    docker.logMaxBytes = bytesIn(options->value("max-size", std::string()));
    docker.logMaxFiles = std::max(1LL, std::atoll(options->value("max-file", std::string("1")).c_str()));
}

void Daemon::started()
{
    if (docker.up)
        return;
    docker.up = true;
    readConfiguration();
    log("info", "msg=\"Starting up\"");
    log("info", "msg=\"Loading containers: start.\"");
    context.hosts().setSysctl(context.engine(), context.network(), docker.host, "net.ipv4.ip_forward", "1");
    setUpChains();
    for (auto& [id, network] : docker.networks)
        if (!network.bridge.empty())
            setUpBridge(network);
    std::vector<std::string> ids;
    for (const auto& [id, container] : docker.containers)
        ids.push_back(id);
    std::stable_sort(ids.begin(), ids.end(), [&](const std::string& a, const std::string& b) {
        return docker.containers.at(a).created < docker.containers.at(b).created;
    });
    std::vector<std::string> again;
    for (const std::string& id : ids) {
        Container& container = docker.containers.at(id);
        const container::Container* task = context.runtimes.find(container.task);
        const bool alive = task != nullptr && task->state == container::Container::State::Running;
        if (container.runs() && alive && docker.liveRestore) {
            for (Binding& binding : container.bindings)
                startProxy(binding);
            openLog(container);
            watchHealth(container);
            continue;
        }
        // Without live-restore a daemon that finds running containers stops them before it starts any.
        const bool ran = container.runs() || container.state == Container::State::Restarting;
        if (alive)
            context.runtimes.end(context.parts, container.task, 137);
        if (container.runs())
            exited(container);
        if (container.settings.autoRemove && !container.runs() && container.state != Container::State::Created) {
            remove(container, true);
            continue;
        }
        const std::string& policy = container.settings.restart.name;
        if (policy == "always" || (policy == "unless-stopped" && !container.stoppedByHand)
            || (policy == "on-failure" && ran && container.exitCode != 0))
            again.push_back(id);
    }
    for (const std::string& id : again)
        if (const auto found = docker.containers.find(id); found != docker.containers.end() && !found->second.runs()) {
            ++found->second.generation;
            found->second.backOff = {};
            if (const Outcome outcome = start(found->second); !outcome.ok()) {
                found->second.state = Container::State::Exited;
                log("error", fmt::format("msg=\"failed to start container\" container={} error=\"{}\"", id, outcome.error));
            }
        }
    log("info", "msg=\"Loading containers: done.\"");
    log("info", "msg=\"Docker daemon\" commit=4c9b3b0 containerd-snapshotter=false storage-driver=overlay2 version=27.5.1");
    // Members of the group may; whoever may is as good as root.
    if (machine().files.count("/run/docker.sock") == 0) {
        context.hosts().writeFile(context.engine(), docker.host, "/run/docker.sock", "", false, 0660);
        context.hosts().changeMode(docker.host, "/run/docker.sock", std::nullopt, "root:docker");
    }
    log("info", "msg=\"API listen on /run/docker.sock\"");
}

void Daemon::stopping()
{
    if (!docker.up)
        return;
    log("info", "msg=\"Processing signal 'terminated'\"");
    if (!docker.liveRestore)
        for (auto& [id, container] : docker.containers) {
            if (container.state == Container::State::Restarting) {
                ++container.generation;
                container.state = Container::State::Exited;
            }
            if (container.runs())
                context.runtimes.end(context.parts, container.task, container.settings.init ? 143 : 0);
        }
}

void Daemon::gone()
{
    if (!docker.up)
        return;
    docker.up = false;
    for (auto& [id, container] : docker.containers) {
        ++container.generation; // its timers are gone with it
        for (Binding& binding : container.bindings) {
            // docker-proxy asks for a signal at its parent's death
            context.hosts().signal(context.engine(), context.network(), docker.host, binding.proxy, 9);
            binding.proxy = 0;
        }
    }
    std::vector<std::uint32_t> open;
    for (auto& [id, transfer] : docker.transfers)
        if (!transfer.over())
            open.push_back(id);
    for (const std::uint32_t id : open) {
        Transfer& transfer = docker.transfers.at(id);
        if (transfer.phase == Transfer::Phase::Moving)
            context.network().cancelFlow(context.engine(), transfer.flow);
        end(transfer, "error reading from server: EOF");
    }
}

void Daemons::install(Context& context, HostId host)
{
    Docker& docker = m_dockers[host];
    docker.host = host;
    Daemon daemon{context, docker};
    RandomStream& random = context.engine().random("docker/id");
    docker.id = fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", random.below(1ULL << 32), random.below(65536), random.below(4096),
                            random.below(4096), random.below(1ULL << 48));
    for (const char* folder : {"/containers", "/overlay2/l", "/volumes", "/image/overlay2", "/buildkit", "/tmp", "/network/files"})
        context.hosts().makeDirectory(context.engine(), host, std::string(kRoot) + folder, true);
    context.hosts().makeDirectory(context.engine(), host, "/etc/docker", true);
    context.hosts().changeMode(host, kRoot, 0710, "root:root");
    if (const auto group = context.hosts().read(host, "/etc/group", context.now()); group && group->content.find("\ndocker:") == std::string::npos)
        context.hosts().writeFile(context.engine(), host, "/etc/group", "docker:x:994:\n", true);
    const net::Ipv4 gateway{0xac110001}; // 172.17.0.1
    daemon.addNetwork("bridge", "bridge", {gateway, 16}, gateway, false);
    daemon.addNetwork("host", "host", {}, {}, false);
    daemon.addNetwork("none", "null", {}, {}, false);
    if (context.hosts().unitActive(host, kUnit))
        daemon.started();
}

const Docker* Daemons::find(HostId host) const
{
    const auto it = m_dockers.find(host);
    return it == m_dockers.end() ? nullptr : &it->second;
}

bool Daemons::responds(const host::Hosts& hosts, HostId host) const
{
    const Docker* docker = find(host);
    return docker != nullptr && docker->up && hosts.at(host).power == host::Machine::Power::On && hosts.unitResponds(host, kUnit);
}

Outcome Daemons::call(Context& context, HostId host, const Request& request)
{
    FL_ASSERT(responds(context.hosts(), host));
    Daemon daemon{context, m_dockers.at(host)};
    Outcome outcome = std::visit([&](const auto& one) { return daemon(one); }, request);
    if (!outcome.ok() && outcome.status == 200)
        outcome.status = 500;
    return outcome;
}

const Container* Daemons::ofTask(const Runtimes& runtimes, ContainerId task) const
{
    const container::Container* known = runtimes.find(task);
    if (known == nullptr || known->scope.empty())
        return nullptr;
    const auto docker = m_dockers.find(known->host);
    if (docker == m_dockers.end())
        return nullptr;
    const auto found = docker->second.containers.find(known->hexId);
    return found == docker->second.containers.end() ? nullptr : &found->second;
}

bool Daemons::handles(const Event& event)
{
    return event.type >= static_cast<std::uint16_t>(DockerEvent::Restart);
}

void Daemons::handle(Context& context, const Event& event)
{
    const auto found = m_dockers.find(HostId(event.target));
    if (found == m_dockers.end())
        return;
    Daemon daemon{context, found->second};
    const auto target = static_cast<std::uint32_t>(event.argument >> 32);
    const auto generation = static_cast<std::uint32_t>(event.argument);
    if (!found->second.up)
        return;
    if (static_cast<DockerEvent>(event.type) == DockerEvent::TransferStep) {
        const auto transfer = found->second.transfers.find(target);
        if (transfer != found->second.transfers.end() && transfer->second.generation == generation)
            daemon.step(transfer->second);
        return;
    }
    Container* container = daemon.byTask(ContainerId(target));
    if (container == nullptr || container->generation != generation)
        return;
    switch (static_cast<DockerEvent>(event.type)) {
    case DockerEvent::Restart: daemon.restartDue(*container); break;
    case DockerEvent::Probe: daemon.probe(*container); break;
    case DockerEvent::Terminated:
        context.runtimes.end(context.parts, container->task, 143);
        break;
    case DockerEvent::Rotate: daemon.rotate(*container); break;
    case DockerEvent::Remove: daemon.remove(*container, true); break;
    case DockerEvent::TransferStep: break;
    }
}

void Daemons::on(Context& context, const net::FlowEnded& ended)
{
    for (auto& [host, docker] : m_dockers)
        for (auto& [id, transfer] : docker.transfers)
            if (transfer.phase == Transfer::Phase::Moving && transfer.flow == ended.id) {
                Daemon{context, docker}.moved(transfer, ended.completed);
                return;
            }
}

void Daemons::on(Context& context, const host::Notice& notice)
{
    if (const auto* unit = std::get_if<host::UnitChanged>(&notice)) {
        const auto found = m_dockers.find(unit->host);
        if (found == m_dockers.end() || unit->unit != kUnit)
            return;
        Daemon daemon{context, found->second};
        if (unit->state == host::Unit::State::Active)
            daemon.started();
        else if (unit->state == host::Unit::State::Deactivating)
            daemon.stopping();
        else
            daemon.gone();
    } else if (const auto* power = std::get_if<host::PowerChanged>(&notice); power != nullptr && !power->on) {
        if (const auto found = m_dockers.find(power->host); found != m_dockers.end())
            Daemon{context, found->second}.gone();
    } else if (const auto* exited = std::get_if<host::ProcessExited>(&notice)) {
        // A proxy that was killed is not started again.
        if (const auto found = m_dockers.find(exited->host); found != m_dockers.end() && exited->process.name == "docker-proxy")
            for (auto& [id, container] : found->second.containers)
                for (Binding& binding : container.bindings)
                    if (binding.proxy == exited->process.pid)
                        binding.proxy = 0;
    }
}

void Daemons::on(Context& context, const container::Notice& notice)
{
    const auto* exited = std::get_if<ContainerExited>(&notice);
    if (exited == nullptr)
        return;
    const auto found = m_dockers.find(exited->host);
    if (found == m_dockers.end() || !found->second.up)
        return; // found out when it is back
    Daemon daemon{context, found->second};
    if (Container* container = daemon.byTask(exited->id); container != nullptr && container->runs())
        daemon.exited(*container);
}

void Daemons::settle(Context& context)
{
    for (auto& [host, docker] : m_dockers)
        if (docker.up)
            for (auto& [id, container] : docker.containers)
                Daemon{context, docker}.writeLog(container);
}

} // namespace sim::container::docker
