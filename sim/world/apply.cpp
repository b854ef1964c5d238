#include "sim/engine/letters.h"
#include "sim/faults/catalogue.h"
#include "sim/world/docker_changes.h"
#include "sim/kube/etcd/etcd_group.h"
#include "sim/net/changes.h"
#include "sim/net/conntrack.h"
#include "sim/world/topology_builder.h"
#include "sim/world/firewall_change.h"
#include "sim/world/gpu_changes.h"
#include "sim/world/rdma_changes.h"
#include "sim/storage/ceph/volumes.h"
#include "sim/world/world.h"

#include <fmt/format.h>

// One function per command: the only code that changes a world from outside.
namespace sim {

namespace {

std::string objectName(kube::KindId kind, const kube::ObjectKey& key)
{
    std::string name = lowered(kube::kindInfo(kind).kind) + "/";
    if (!key.namespace_.empty())
        name += key.namespace_ + "/";
    return name + key.name;
}

/// errno's text, as strerror(3) has it.
std::string_view textOf(host::FileError error)
{
    switch (error) {
    case host::FileError::None: return "";
    case host::FileError::NoEntry: return "No such file or directory";
    case host::FileError::Access: return "Permission denied";
    case host::FileError::Exists: return "File exists";
    case host::FileError::NotDirectory: return "Not a directory";
    case host::FileError::IsDirectory: return "Is a directory";
    case host::FileError::NoSpace: return "No space left on device";
    case host::FileError::ReadOnly: return "Read-only file system";
    case host::FileError::NotEmpty: return "Directory not empty";
    case host::FileError::CrossDevice: return "Invalid cross-device link";
    case host::FileError::NotPermitted: return "Operation not permitted";
    case host::FileError::Invalid: return "Invalid argument";
    }
    return "";
}

constexpr std::string_view kSysctlFolder = "/proc/sys/";
constexpr std::string_view kCgroupFolder = "/sys/fs/cgroup";

/// A file of the control-group tree that takes a limit: the group and the file's name. Nothing for other paths.
std::optional<std::pair<std::string, std::string>> limitFileOf(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    if (path.compare(0, kCgroupFolder.size() + 1, std::string(kCgroupFolder) + "/") != 0 || slash <= kCgroupFolder.size())
        return std::nullopt;
    const std::string file = path.substr(slash + 1);
    for (const char* known : {"cpu.max", "cpu.weight", "memory.max", "memory.high", "pids.max"})
        if (file == known)
            return std::pair(path.substr(kCgroupFolder.size(), slash - kCgroupFolder.size()), file);
    return std::nullopt;
}

CommandResult fileResult(host::FileError error, std::string changed)
{
    CommandResult result;
    result.ok = error == host::FileError::None;
    result.error = textOf(error);
    result.id = static_cast<std::uint64_t>(error);
    if (result.ok)
        result.changed.push_back(std::move(changed));
    return result;
}

} // namespace

std::string applyFirewall(net::Stack& stack, const command::FirewallChange& change)
{
    using Verb = command::FirewallChange::Verb;
    switch (change.verb) {
    case Verb::Append: return net::appendRule(stack, change.table, change.chain, change.rule);
    case Verb::Insert: return net::insertRule(stack, change.table, change.chain, change.index, change.rule);
    case Verb::Delete: return net::deleteRule(stack, change.table, change.chain, change.rule);
    case Verb::DeleteIndex: return net::deleteRuleAt(stack, change.table, change.chain, change.index);
    case Verb::Flush: return net::flushChain(stack, change.table, change.chain);
    case Verb::Policy: return net::setPolicy(stack, change.table, change.chain, change.policy);
    case Verb::NewChain: return net::newChain(stack, change.table, change.chain);
    case Verb::DeleteChain: return net::deleteChain(stack, change.table, change.chain);
    case Verb::Zero: return net::zeroChain(stack, change.table, change.chain);
    case Verb::RenameChain: return net::renameChain(stack, change.table, change.chain, change.policy);
    }
    return {};
}

struct CommandApplier {
    World& world;
    kube::Context context;
    container::Context runtime;

    explicit CommandApplier(World& w) : world(w), context(w.kubeContext()), runtime(context.runtimeContext()) { }

    const std::string& nameOf(HostId host) const { return world.m_hosts.at(host).name; }
    std::string stackName(StackId stack) const
    {
        const net::Stack& s = world.m_network.stack(stack);
        return s.node.valid() ? s.name : nameOf(s.host);
    }

    CommandResult operator()(const command::ApiCall& call)
    {
        CommandResult result;
        if (!world.m_cluster.apiAvailable(context)) {
            result.ok = false;
            result.response.code = 0;
            result.response.body["message"] = result.error = TopologyBuilder::kApiRefused;
            return result;
        }
        const std::uint64_t before = world.m_cluster.store().resourceVersion();
        result.response = world.m_cluster.handle(context, call.request);
        result.ok = result.response.ok();
        if (const auto changes = world.m_cluster.store().changesAfter(before))
            for (const kube::WatchEvent* event : *changes)
                if (event->kind != kube::kindIdOf<kube::KubeEvent>)
                    result.changed.push_back(objectName(event->kind, event->key));
        return result;
    }
    CommandResult operator()(const command::UnitAction& action)
    {
        using Verb = command::UnitAction::Verb;
        const host::Machine& machine = world.m_hosts.at(action.host);
        const bool needsUnit = action.verb != Verb::DaemonReload && action.verb != Verb::Mask && action.unit != "default";
        if (needsUnit && machine.units.count(action.unit) == 0)
            return CommandResult::failed(fmt::format("Unit {} could not be found.", action.unit));
        CommandResult result;
        switch (action.verb) {
        case Verb::Start: result.ok = world.m_hosts.startUnit(world.m_engine, world.m_network, action.host, action.unit); break;
        case Verb::Stop: result.ok = world.m_hosts.stopUnit(world.m_engine, world.m_network, action.host, action.unit); break;
        case Verb::Restart: result.ok = world.m_hosts.restartUnit(world.m_engine, world.m_network, action.host, action.unit); break;
        case Verb::Enable: result.text = world.m_hosts.enableUnit(world.m_engine, action.host, action.unit, true); break;
        case Verb::Disable: result.text = world.m_hosts.enableUnit(world.m_engine, action.host, action.unit, false); break;
        case Verb::DaemonReload: world.m_hosts.daemonReload(world.m_engine, action.host); return result;
        case Verb::ResetFailed: result.ok = world.m_hosts.resetFailed(world.m_engine, action.host, action.unit); break;
        case Verb::Isolate: result.ok = world.m_hosts.isolate(world.m_engine, world.m_network, action.host, action.unit); break;
        case Verb::Mask: result.text = world.m_hosts.maskUnit(world.m_engine, action.host, action.unit, true); break;
        case Verb::Unmask: result.text = world.m_hosts.maskUnit(world.m_engine, action.host, action.unit, false); break;
        case Verb::SetDefault: result.text = world.m_hosts.setDefaultTarget(world.m_engine, action.host, action.unit); break;
        }
        result.changed.push_back(fmt::format("unit/{}/{}", machine.name, action.unit));
        return result;
    }
    CommandResult operator()(const command::Signal& signal)
    {
        const auto& processes = world.m_hosts.at(signal.host).processes;
        const auto process = processes.find(signal.pid);
        if (process == processes.end())
            return CommandResult::failed("No such process");
        CommandResult result;
        result.changed.push_back(fmt::format("process/{}/{}", nameOf(signal.host), process->second.name));
        if (signal.signal == 0)
            result.changed.clear();
        else
            world.m_hosts.signal(world.m_engine, world.m_network, signal.host, signal.pid, signal.signal);
        if (signal.byItself)
            result.changed.clear();
        return result;
    }
    CommandResult operator()(const command::WriteFile& write)
    {
        if (const auto there = hostPathOf(write.container, write.path)) {
            if (there->readOnly)
                return fileResult(host::FileError::ReadOnly, {});
            world.m_hosts.makeDirectory(world.m_engine, write.host, there->path.substr(0, there->path.rfind('/')), true);
            return fileResult(world.m_hosts.writeFile(world.m_engine, write.host, there->path, write.content, write.append, write.mode, write.size),
                              "file/" + nameOf(write.host) + there->path);
        }
        if (write.container) {
            container::Container* container = world.m_runtimes.find(*write.container);
            if (container == nullptr)
                return CommandResult::failed("No such container");
            std::string& text = container->files[write.path];
            text = write.append ? text + write.content : write.content;
            CommandResult result;
            result.changed.push_back(fmt::format("file/{}{}", container->podName, write.path));
            return result;
        }
        if (const auto limit = limitFileOf(write.path)) { // a shell opens the file before it writes
            const bool taken = write.content.empty()
                || world.m_hosts.limitCgroup(world.m_engine, world.m_network, write.host, limit->first, limit->second, write.content);
            return fileResult(taken ? host::FileError::None : host::FileError::Invalid, "cgroup/" + nameOf(write.host) + limit->first);
        }
        const host::FileError error
            = world.m_hosts.writeFile(world.m_engine, write.host, write.path, write.content, write.append, write.mode, write.size);
        if (write.path.compare(0, kSysctlFolder.size(), kSysctlFolder) == 0)
            world.m_hosts.applySysctls(world.m_engine, world.m_network, write.host);
        return fileResult(error, "file/" + nameOf(write.host) + write.path);
    }
    CommandResult operator()(const command::RemoveFile& remove)
    {
        if (const auto there = hostPathOf(remove.container, remove.path)) {
            if (there->readOnly)
                return fileResult(host::FileError::ReadOnly, {});
            const host::FileError error = world.m_hosts.remove(world.m_engine, remove.host, there->path, remove.recursive);
            container::docker::Context docker = world.dockerContext();
            const bool hidden = world.m_dockers.hideImageFile(docker, *remove.container, remove.path);
            return fileResult(hidden ? host::FileError::None : error, "file/" + nameOf(remove.host) + there->path);
        }
        if (remove.container) {
            container::Container* container = world.m_runtimes.find(*remove.container);
            const auto folder = container == nullptr ? std::nullopt : storage::ceph::folderOf(container->volumes, remove.path);
            if (folder && world.m_ceph.exists()) {
                if (world.m_ceph.activeMds() == nullptr) // the real client would wait for one
                    return CommandResult::failed("Input/output error");
                world.m_ceph.removeFolder(*folder); // a folder goes with the last that lay in it
                CommandResult result;
                result.changed.push_back(fmt::format("file/{}{}", container->podName, remove.path));
                return result;
            }
            if (container == nullptr || container->files.erase(remove.path) + container->files.erase(remove.path + "/") == 0)
                return CommandResult::failed("No such file or directory");
            CommandResult result;
            result.changed.push_back(fmt::format("file/{}{}", container->podName, remove.path));
            return result;
        }
        return fileResult(world.m_hosts.remove(world.m_engine, remove.host, remove.path, remove.recursive),
                          "file/" + nameOf(remove.host) + remove.path);
    }
    CommandResult operator()(const command::MakeDirectory& make)
    {
        if (const auto there = hostPathOf(make.container, make.path))
            return there->readOnly ? fileResult(host::FileError::ReadOnly, {})
                                   : fileResult(world.m_hosts.makeDirectory(world.m_engine, make.host, there->path, true), "file/" + nameOf(make.host) + there->path);
        if (make.container) { // folders exist by the files in them; an empty one by an entry that ends in a slash
            container::Container* container = world.m_runtimes.find(*make.container);
            if (container == nullptr)
                return CommandResult::failed("No such file or directory");
            container->files.emplace(make.path + "/", "");
            CommandResult result;
            result.changed.push_back(fmt::format("file/{}{}", container->podName, make.path));
            return result;
        }
        return fileResult(world.m_hosts.makeDirectory(world.m_engine, make.host, make.path, make.parents),
                          "file/" + nameOf(make.host) + make.path);
    }
    CommandResult operator()(const command::RenameFile& rename)
    {
        CommandResult result = fileResult(world.m_hosts.rename(world.m_engine, rename.host, rename.from, rename.to), "file/" + nameOf(rename.host) + rename.from);
        if (result.ok)
            result.changed.push_back("file/" + nameOf(rename.host) + rename.to);
        return result;
    }
    CommandResult operator()(const command::LinkFile& link)
    {
        return fileResult(link.symbolic ? world.m_hosts.symlink(world.m_engine, link.host, link.target, link.path)
                                        : world.m_hosts.link(world.m_engine, link.host, link.target, link.path),
                          "file/" + nameOf(link.host) + link.path);
    }
    CommandResult operator()(const command::TruncateFile& truncate)
    {
        return fileResult(world.m_hosts.truncate(world.m_engine, truncate.host, truncate.path, truncate.size),
                          "file/" + nameOf(truncate.host) + truncate.path);
    }
    CommandResult operator()(const command::CgroupLimit& limit)
    {
        if (!world.m_hosts.limitCgroup(world.m_engine, world.m_network, limit.host, limit.path, limit.file, limit.text))
            return CommandResult::failed("Invalid argument");
        CommandResult result;
        result.changed.push_back(fmt::format("cgroup/{}{}", nameOf(limit.host), limit.path));
        return result;
    }
    CommandResult operator()(const command::ChangeMode& change)
    {
        return fileResult(world.m_hosts.changeMode(change.host, change.path, change.mode, change.owner),
                          "file/" + nameOf(change.host) + change.path);
    }
    CommandResult operator()(const command::ImmutableFile& change)
    {
        return fileResult(world.m_hosts.setImmutable(change.host, change.path, change.immutable), "file/" + nameOf(change.host) + change.path);
    }
    CommandResult operator()(const command::MountChange& change)
    {
        using Verb = command::MountChange::Verb;
        CommandResult result;
        host::Hosts& hosts = world.m_hosts;
        switch (change.verb) {
        case Verb::Mount: result.error = hosts.mount(world.m_engine, change.host, change.mount); break;
        case Verb::Remount: result.error = hosts.remount(world.m_engine, change.host, change.mount.where, change.mount.options); break;
        case Verb::Unmount: result.error = hosts.unmount(world.m_engine, change.host, change.mount.where); break;
        case Verb::SwapOn: result.error = hosts.swapOn(change.host, change.mount.what); break;
        case Verb::SwapOff: result.error = hosts.swapOff(world.m_engine, change.host, change.mount.what); break;
        }
        result.ok = result.error.empty();
        const bool swap = change.verb == Verb::SwapOn || change.verb == Verb::SwapOff;
        if (result.ok)
            result.changed.push_back(fmt::format("{}/{}{}", swap ? "swap" : "mount", nameOf(change.host), swap ? change.mount.what : change.mount.where));
        return result;
    }
    CommandResult operator()(const command::ProcessChange& change)
    {
        const auto& processes = world.m_hosts.at(change.host).processes;
        const auto process = processes.find(change.pid);
        if (process == processes.end())
            return CommandResult::failed("No such process");
        CommandResult result;
        result.changed.push_back(fmt::format("process/{}/{}", nameOf(change.host), process->second.name));
        world.m_hosts.edit(world.m_engine, change.host, change.pid, [&](host::Process& p) {
            p.nice = change.nice.value_or(p.nice);
            p.oomScoreAdjust = change.oomScoreAdjust.value_or(p.oomScoreAdjust);
            p.openFilesLimit = change.openFilesLimit.value_or(p.openFilesLimit);
        });
        return result;
    }
    CommandResult operator()(const command::JournalChange& change)
    {
        CommandResult result;
        if (change.rotate)
            world.m_hosts.rotateJournal(world.m_engine, change.host);
        if (change.keepBytes || change.keepTime)
            for (const auto& [path, bytes] :
                 world.m_hosts.vacuumJournal(world.m_engine, change.host, change.keepBytes.value_or(INT64_MAX), change.keepTime.value_or(Duration::max())))
                result.text += fmt::format("{} {}\n", path, bytes);
        result.changed.push_back("journal/" + nameOf(change.host));
        return result;
    }
    CommandResult operator()(const command::ConsoleLine& line)
    {
        CommandResult result;
        result.text = world.m_hosts.typeAtConsole(world.m_engine, world.m_network, line.host, line.text);
        if (!line.text.empty()) // Enter only asks what is there
            result.changed.push_back("console/" + nameOf(line.host));
        return result;
    }
    CommandResult operator()(const command::BootDevice& boot)
    {
        world.m_hosts.overrideBootDevice(boot.host, boot.device);
        CommandResult result;
        result.changed.push_back("console/" + nameOf(boot.host));
        return result;
    }
    CommandResult operator()(const command::LogLine& line)
    {
        world.m_hosts.log(world.m_engine, line.host, line.identifier, "", 0, line.priority, line.message);
        return {};
    }
    CommandResult operator()(const command::RouteChange& change)
    {
        using Verb = command::RouteChange::Verb;
        net::Stack& stack = world.m_network.stack(change.stack);
        return networkResult(change.verb == Verb::Add       ? net::addRoute(stack, change.route)
                                 : change.verb == Verb::Replace ? net::replaceRoute(stack, change.route)
                                                                : net::deleteRoute(stack, change.route),
                             "route/" + stackName(change.stack));
    }
    CommandResult operator()(const command::InterfaceChange& change)
    {
        net::Stack& stack = world.m_network.stack(change.stack);
        std::string error;
        if (change.adminUp)
            error = net::setInterfaceUp(stack, change.interface, *change.adminUp);
        if (change.mtu && error.empty())
            error = net::setMtu(stack, change.interface, *change.mtu);
        if (change.addAddress && error.empty())
            error = net::addAddress(stack, change.interface, *change.addAddress);
        if (change.removeAddress && error.empty())
            error = net::removeAddress(stack, change.interface, *change.removeAddress);
        return networkResult(std::move(error), "interface/" + stackName(change.stack) + "/" + change.interface);
    }
    CommandResult operator()(const command::FirewallChange& change)
    {
        net::Stack& stack = world.m_network.stack(change.stack);
        return networkResult(applyFirewall(stack, change), "firewall/" + stackName(change.stack));
    }
    CommandResult operator()(const command::FirewalldChange& change)
    {
        net::Stack& stack = world.m_network.stack(change.stack);
        if (change.verb == command::FirewalldChange::Verb::Edit)
            return networkResult(net::editFirewalld(stack, change.edit), "firewall/" + stackName(change.stack));
        if (!stack.firewalld.running)
            return CommandResult::failed("NOT_RUNNING");
        net::reloadFirewalld(stack);
        return networkChanged("firewall/" + stackName(change.stack));
    }
    CommandResult operator()(const command::ConntrackFlush& flush)
    {
        net::Conntrack& table = world.m_network.stack(flush.stack).conntrack;
        CommandResult result;
        if (flush.only) {
            for (const net::TrackedTuple& original : *flush.only)
                result.id += world.m_network.forgetTracked(flush.stack, original) ? 1 : 0;
            table.deleted += static_cast<std::int64_t>(result.id);
            return result;
        }
        result.id = static_cast<std::uint64_t>(net::trackedCount(world.m_network, flush.stack, world.now()));
        table.deleted += static_cast<std::int64_t>(result.id);
        table.flushed = world.now();
        return result;
    }
    CommandResult operator()(const command::SendDatagram& sent)
    {
        if (world.m_network.hasStack(sent.stack))
            world.m_network.sendDatagram(world.m_engine, sent.stack, sent.destination, sent.probe);
        return {};
    }
    CommandResult operator()(const command::OpenConnection& open)
    {
        CommandResult result;
        if (!world.m_network.hasStack(open.stack))
            return CommandResult::failed("Network is unreachable");
        net::Opening opening = open.opening;
        opening.chance = world.chanceOf(open.stack, open.destination, open.port);
        const net::PathResult path = world.m_network.reach(open.stack, open.destination, net::Protocol::Tcp, open.port, opening.chance);
        opening.accepts = opening.accepts && world.accepts(path.target, path.reached, path.reachedPort);
        result.id = world.m_network.open(world.m_engine, open.stack, open.destination, open.port, opening).value;
        return result;
    }
    CommandResult operator()(const command::SendBytes& send)
    {
        world.m_network.transfer(world.m_engine, send.connection, send.fromServer, send.bytes);
        return {};
    }
    CommandResult operator()(const command::CloseConnection& close)
    {
        world.m_network.close(world.m_engine, close.connection, close.byServer);
        return {};
    }
    CommandResult operator()(const command::GpuChange& change) { return changeGpu(world.m_engine, world.m_hosts, world.m_gpus, change); }
    CommandResult operator()(const command::AskModel& ask)
    {
        CommandResult result;
        result.id = world.askModel(ask.to, ask.request);
        return result;
    }
    CommandResult operator()(const command::LeaveModel& leave)
    {
        world.leaveModel(leave.ask);
        return {};
    }
    CommandResult operator()(const command::GpuProgram& change) { return runOnGpu(world.m_engine, world.m_hosts, world.m_network, world.m_gpus, change); }
    CommandResult operator()(const command::MpsCall& call) { return callMps(world.m_engine, world.m_hosts, world.m_network, world.m_gpus, call); }
    CommandResult operator()(const command::ModuleChange& change) { return changeModule(world.m_engine, world.m_hosts, world.m_gpus, change); }
    CommandResult operator()(const command::RdmaChange& change) { return changeRdma(world.m_engine.now(), world.m_hosts, world.m_rdma, change); }
    CommandResult operator()(const command::SiteWork& work)
    {
        if (work.verb == command::SiteWork::Verb::ReplaceDrive || !work.name.empty())
            if (const auto result = world.workOnStorage(work))
                return *result;
        return workAtSite(world.m_engine, world.m_hosts, world.m_gpus, world.m_rdma, work);
    }
    CommandResult operator()(const command::Power& power)
    {
        using Verb = command::Power::Verb;
        if (power.verb == Verb::Off)
            world.m_hosts.powerOff(world.m_engine, world.m_network, power.host);
        else if (power.verb == Verb::On)
            world.m_hosts.powerOn(world.m_engine, world.m_network, power.host);
        else
            world.m_hosts.reboot(world.m_engine, world.m_network, power.host);
        return networkChanged("power/" + nameOf(power.host));
    }
    CommandResult operator()(const command::PullImage& pull)
    {
        const auto reference = container::Reference::parse(pull.reference);
        if (!reference)
            return CommandResult::failed("invalid reference format");
        CommandResult result;
        result.id = world.m_runtimes.pull(runtime, pull.host, *reference, pull.credentials).value;
        result.changed.push_back("image/" + nameOf(pull.host) + "/" + reference->text());
        return result;
    }
    CommandResult operator()(const command::RemoveImage& remove)
    {
        if (!world.m_runtimes.removeImage(runtime, remove.host, remove.reference))
            return CommandResult::failed("no such image " + remove.reference);
        CommandResult result;
        result.changed.push_back("image/" + nameOf(remove.host) + "/" + remove.reference);
        return result;
    }
    CommandResult operator()(const command::ContainerAction& action)
    {
        using Verb = command::ContainerAction::Verb;
        const container::Container* container = world.m_runtimes.find(action.container);
        if (container == nullptr)
            return CommandResult::failed("container not found");
        CommandResult result;
        result.changed.push_back(fmt::format("container/{}/{}/{}", nameOf(container->host), container->podName, container->name));
        if (action.verb == Verb::Start) {
            world.m_runtimes.start(runtime, action.container);
        } else if (action.verb == Verb::Stop) {
            world.m_runtimes.stop(runtime, action.container, action.grace);
        } else if (action.verb == Verb::Exit) {
            world.m_runtimes.exit(runtime, action.container, action.exitCode);
        } else {
            if (container->state == container::Container::State::Running)
                return CommandResult::failed("container is still running");
            world.m_runtimes.remove(runtime, action.container);
        }
        return result;
    }
    CommandResult operator()(const command::DockerCall& call)
    {
        if (!world.m_dockers.responds(world.m_hosts, call.host))
            return CommandResult::failed("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?");
        container::docker::Context docker = world.dockerContext();
        CommandResult result;
        result.changed = changedBy(*world.m_dockers.find(call.host), nameOf(call.host), call.request);
        result.docker = world.m_dockers.call(docker, call.host, call.request);
        result.ok = result.docker.ok();
        result.error = result.docker.error;
        if (!result.ok)
            result.changed.clear();
        return result;
    }
    CommandResult operator()(const command::SpawnProcess& spawn)
    {
        CommandResult result;
        result.id = static_cast<std::uint64_t>(world.m_hosts.spawn(world.m_engine, spawn.host, spawn.process));
        result.changed.push_back(fmt::format("process/{}/{}", nameOf(spawn.host), spawn.process.name));
        return result;
    }
    CommandResult operator()(const command::HttpCall& call)
    {
        HttpQuestion question{.from = call.from, .method = call.method, .tls = call.port == 443 || call.port == 5000 || call.port == 6443,
                              .host = call.host, .port = call.port, .path = call.path, .headers = call.headers, .body = call.body};
        const HttpAnswer answer = world.http(question);
        if (answer.resetsCache)
            world.m_serving.resetPrefixCache(answer.model);
        CommandResult result;
        result.ok = answer.failure == HttpAnswer::Failure::None;
        result.response.code = answer.status;
        result.text = answer.body;
        return result;
    }
    CommandResult operator()(const command::EtcdCall& call)
    {
        using Verb = command::EtcdCall::Verb;
        kube::EtcdGroup& etcd = world.m_cluster.etcd();
        CommandResult result;
        switch (call.verb) {
        case Verb::Compact: result.error = etcd.compact(context, call.argument); break;
        case Verb::DisarmAlarms: result.error = etcd.disarm(context); break;
        case Verb::MoveLeader: result.error = etcd.moveLeader(context, call.member, call.argument); break;
        case Verb::Defragment: result.response.took = etcd.defragment(context, call.member); break;
        }
        result.ok = result.error.empty();
        if (result.ok)
            result.changed.push_back("etcd/" + nameOf(call.member));
        return result;
    }
    CommandResult operator()(const command::CephCall& call)
    {
        using Verb = command::CephCall::Verb;
        CommandResult result;
        if (call.verb == Verb::Write) {
            result.id = static_cast<std::uint64_t>(world.m_ceph.begin(call.flow, world.now()));
        } else if (call.verb == Verb::EndWrite) {
            world.m_ceph.end(call.running);
        } else {
            const storage::ceph::Answer answer = world.m_ceph.apply(call.change, world.now());
            world.writeCephLogs();
            result.ok = answer.error == 0;
            result.id = static_cast<std::uint64_t>(answer.error);
            result.text = answer.text;
            if (result.ok)
                result.changed.push_back("ceph/" + (call.change.osd >= 0 ? fmt::format("osd.{}", call.change.osd) : call.change.name + (call.change.key.empty() ? "" : "/" + call.change.key)));
        }
        return result;
    }
    CommandResult operator()(const command::FakeNode& fake)
    {
        using Verb = command::FakeNode::Verb;
        if (fake.verb == Verb::Draw) {
            world.m_cluster.drawOnTie({fake.namespace_, fake.pod}, fake.node.name);
            return {};
        }
        if (fake.verb == Verb::Use) {
            const auto amount = [&](const char* resource) { return fake.node.capacity.count(resource) != 0 ? fake.node.capacity.at(resource) : kube::Quantity{"0"}; };
            world.m_cluster.recordUsage(fake.namespace_, fake.node.name, amount("cpu").milliValue(), amount("memory").value());
            return {};
        }
        const bool known = world.m_cluster.store().get<kube::Node>({"", fake.node.name}) != nullptr;
        if (known == (fake.verb == Verb::Join))
            return CommandResult::failed(fmt::format("node {} {}", fake.node.name, known ? "already exists" : "not found"));
        if (fake.verb == Verb::Join)
            world.m_cluster.joinFakeNode(context, fake.node);
        else
            world.m_cluster.setFakeNodeAlive(context, fake.node.name, fake.verb == Verb::Revive);
        CommandResult result;
        result.changed.push_back("node/" + fake.node.name);
        return result;
    }
    CommandResult operator()(const command::InjectFault& inject)
    {
        faults::Context faultContext{context, world.m_cluster, world.m_programs, world.m_dockers, world.m_rdma, world.m_training, world.m_ceph, world.m_serving};
        const auto chosen = faults::inject(faultContext, inject.fault, inject.parameters);
        if (!chosen)
            return CommandResult::failed(chosen.error().text());
        if (!faults::isPreparation(inject.parameters)) {
            if (const auto later = faults::proceedsAfter(inject.fault))
                world.m_engine.after(*later, {.part = Part::Faults, .target = static_cast<std::uint32_t>(world.m_injections.size())});
            world.m_injections.push_back({world.now(), inject.fault, *chosen});
        }
        CommandResult result;
        result.response.body = *chosen;
        return result;
    }

private:
    /// Where a docker container keeps a path; nothing for other places.
    std::optional<container::docker::HostPath> hostPathOf(const std::optional<ContainerId>& container, const std::string& path) const
    {
        return container ? world.m_dockers.hostPath(world.m_runtimes, *container, path) : std::nullopt;
    }
    CommandResult networkResult(std::string error, std::string changed)
    {
        return error.empty() ? networkChanged(std::move(changed)) : CommandResult::failed(std::move(error));
    }
    CommandResult networkChanged(std::string changed)
    {
        world.m_network.changed(world.m_engine);
        CommandResult result;
        result.changed.push_back(std::move(changed));
        return result;
    }
};

CommandResult World::apply(const Command& command)
{
    CommandResult result = std::visit(CommandApplier(*this), command.body);
    settle();
    return result;
}

} // namespace sim
