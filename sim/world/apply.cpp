#include "sim/faults/catalogue.h"
#include "sim/world/topology_builder.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

// One function per command: the only code that changes a world from outside.
namespace sim {

namespace {

std::string lower(std::string_view kind)
{
    std::string out(kind);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string objectName(kube::KindId kind, const kube::ObjectKey& key)
{
    std::string name = lower(kube::kindInfo(kind).kind) + "/";
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
    }
    return "";
}

CommandResult failed(std::string error)
{
    CommandResult result;
    result.ok = false;
    result.error = std::move(error);
    return result;
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

bool sameRule(const net::FirewallRule& a, const net::FirewallRule& b)
{
    net::FirewallRule left = a;
    net::FirewallRule right = b;
    left.packets = right.packets = 0;
    left.bytes = right.bytes = 0;
    return left == right;
}

bool referencesChain(const std::map<std::string, net::Chain>& table, const std::string& chain)
{
    for (const auto& [name, one] : table)
        for (const auto& rule : one.rules)
            if (rule.target == chain)
                return true;
    return false;
}

} // namespace

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
        host::Machine& machine = world.m_hosts.at(action.host);
        const auto unit = machine.units.find(action.unit);
        if (action.verb != Verb::DaemonReload && unit == machine.units.end())
            return failed(fmt::format("Unit {} could not be found.", action.unit));
        CommandResult result;
        switch (action.verb) {
        case Verb::Start: result.ok = world.m_hosts.startUnit(world.m_engine, world.m_network, action.host, action.unit); break;
        case Verb::Stop: result.ok = world.m_hosts.stopUnit(world.m_engine, world.m_network, action.host, action.unit); break;
        case Verb::Restart: result.ok = world.m_hosts.restartUnit(world.m_engine, world.m_network, action.host, action.unit); break;
        case Verb::Enable: unit->second.enabled = true; break;
        case Verb::Disable: unit->second.enabled = false; break;
        case Verb::DaemonReload: return result;
        case Verb::ResetFailed:
            if (unit->second.state == host::Unit::State::Failed) {
                unit->second.state = host::Unit::State::Inactive;
                unit->second.subState = "dead";
            }
            unit->second.recentStarts.clear();
            break;
        }
        result.changed.push_back(fmt::format("unit/{}/{}", machine.name, action.unit));
        return result;
    }
    CommandResult operator()(const command::Signal& signal)
    {
        const auto& processes = world.m_hosts.at(signal.host).processes;
        const auto process = processes.find(signal.pid);
        if (process == processes.end())
            return failed("No such process");
        CommandResult result;
        result.changed.push_back(fmt::format("process/{}/{}", nameOf(signal.host), process->second.name));
        if (signal.signal == 0)
            result.changed.clear();
        else
            world.m_hosts.signal(world.m_engine, world.m_network, signal.host, signal.pid, signal.signal);
        return result;
    }
    CommandResult operator()(const command::WriteFile& write)
    {
        if (write.container) {
            container::Container* container = world.m_runtimes.find(*write.container);
            if (container == nullptr)
                return failed("No such container");
            std::string& text = container->files[write.path];
            text = write.append ? text + write.content : write.content;
            CommandResult result;
            result.changed.push_back(fmt::format("file/{}{}", container->podName, write.path));
            return result;
        }
        return fileResult(world.m_hosts.writeFile(world.m_engine, write.host, write.path, write.content, write.append, write.mode, write.size),
                          "file/" + nameOf(write.host) + write.path);
    }
    CommandResult operator()(const command::RemoveFile& remove)
    {
        if (remove.container) {
            container::Container* container = world.m_runtimes.find(*remove.container);
            if (container == nullptr || container->files.erase(remove.path) == 0)
                return failed("No such file or directory");
            CommandResult result;
            result.changed.push_back(fmt::format("file/{}{}", container->podName, remove.path));
            return result;
        }
        return fileResult(world.m_hosts.remove(world.m_engine, remove.host, remove.path, remove.recursive),
                          "file/" + nameOf(remove.host) + remove.path);
    }
    CommandResult operator()(const command::MakeDirectory& make)
    {
        if (make.container)
            return {}; // container folders exist by the files in them
        return fileResult(world.m_hosts.makeDirectory(world.m_engine, make.host, make.path, make.parents),
                          "file/" + nameOf(make.host) + make.path);
    }
    CommandResult operator()(const command::ChangeMode& change)
    {
        auto& files = world.m_hosts.at(change.host).files;
        const auto it = files.find(change.path);
        if (it == files.end())
            return failed("No such file or directory");
        auto file = std::make_shared<host::File>(*it->second);
        file->mode = change.mode.value_or(file->mode);
        if (!change.owner.empty()) {
            const auto colon = change.owner.find(':');
            if (colon != 0)
                file->owner = change.owner.substr(0, colon);
            if (colon != std::string::npos && colon + 1 < change.owner.size())
                file->group = change.owner.substr(colon + 1);
        }
        it->second = std::move(file);
        CommandResult result;
        result.changed.push_back("file/" + nameOf(change.host) + change.path);
        return result;
    }
    CommandResult operator()(const command::RouteChange& change)
    {
        using Verb = command::RouteChange::Verb;
        auto& routes = world.m_network.stack(change.stack).routes;
        const auto same = std::find_if(routes.begin(), routes.end(), [&](const net::Route& r) {
            if (r.destination != change.route.destination)
                return false;
            if (change.verb != Verb::Delete)
                return r.metric == change.route.metric;
            return (!change.route.via || r.via == change.route.via) && (change.route.device.empty() || r.device == change.route.device);
        });
        if (change.verb == Verb::Delete) {
            if (same == routes.end())
                return failed("RTNETLINK answers: No such process");
            routes.erase(same);
        } else {
            if (change.verb == Verb::Add && same != routes.end())
                return failed("RTNETLINK answers: File exists");
            if (same != routes.end())
                routes.erase(same);
            routes.push_back(change.route);
            std::stable_sort(routes.begin(), routes.end(), [](const net::Route& a, const net::Route& b) {
                return a.destination.length != b.destination.length ? a.destination.length > b.destination.length : a.metric < b.metric;
            });
        }
        return networkChanged("route/" + stackName(change.stack));
    }
    CommandResult operator()(const command::InterfaceChange& change)
    {
        auto& interfaces = world.m_network.stack(change.stack).interfaces;
        const auto it = std::find_if(interfaces.begin(), interfaces.end(), [&](const auto& i) { return i.name == change.interface; });
        if (it == interfaces.end())
            return failed(fmt::format("Cannot find device \"{}\"", change.interface));
        it->adminUp = change.adminUp.value_or(it->adminUp);
        it->mtu = change.mtu.value_or(it->mtu);
        if (change.addAddress) {
            if (std::find(it->addresses.begin(), it->addresses.end(), *change.addAddress) != it->addresses.end())
                return failed("RTNETLINK answers: File exists");
            it->addresses.push_back(*change.addAddress);
        }
        if (change.removeAddress) {
            const auto address = std::find(it->addresses.begin(), it->addresses.end(), *change.removeAddress);
            if (address == it->addresses.end())
                return failed("RTNETLINK answers: Cannot assign requested address");
            it->addresses.erase(address);
        }
        return networkChanged("interface/" + stackName(change.stack) + "/" + change.interface);
    }
    CommandResult operator()(const command::FirewallChange& change)
    {
        using Verb = command::FirewallChange::Verb;
        net::Stack& stack = world.m_network.stack(change.stack);
        auto& table = change.table == "nat" ? stack.nat : stack.filter;
        if (change.verb == Verb::Flush && change.chain.empty()) {
            for (auto& [name, chain] : table)
                chain.rules.clear();
            return networkChanged("firewall/" + stackName(change.stack));
        }
        const auto it = table.find(change.chain);
        if (change.verb == Verb::NewChain) {
            if (it != table.end())
                return failed("iptables: Chain already exists.");
            table[change.chain];
            return networkChanged("firewall/" + stackName(change.stack));
        }
        if (it == table.end())
            return failed("iptables: No chain/target/match by that name.");
        auto& rules = it->second.rules;
        const auto index = change.index - 1;
        switch (change.verb) {
        case Verb::Append: rules.push_back(change.rule); break;
        case Verb::Insert:
            if (index < 0 || index > static_cast<std::int64_t>(rules.size()))
                return failed("iptables: Index of insertion too big.");
            rules.insert(rules.begin() + index, change.rule);
            break;
        case Verb::Delete: {
            const auto rule = std::find_if(rules.begin(), rules.end(), [&](const auto& r) { return sameRule(r, change.rule); });
            if (rule == rules.end())
                return failed("iptables: Bad rule (does a matching rule exist in that chain?).");
            rules.erase(rule);
            break;
        }
        case Verb::DeleteIndex:
            if (index < 0 || index >= static_cast<std::int64_t>(rules.size()))
                return failed("iptables: Index of deletion too big.");
            rules.erase(rules.begin() + index);
            break;
        case Verb::Flush: rules.clear(); break;
        case Verb::Policy:
            if (it->second.policy.empty())
                return failed("iptables: Bad built-in chain name.");
            it->second.policy = change.policy;
            break;
        case Verb::DeleteChain:
            if (!it->second.policy.empty() || !rules.empty() || referencesChain(table, change.chain))
                return failed("iptables: Directory not empty.");
            table.erase(it);
            break;
        case Verb::NewChain: break;
        }
        return networkChanged("firewall/" + stackName(change.stack));
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
            return failed("invalid reference format");
        CommandResult result;
        result.id = world.m_runtimes.pull(runtime, pull.host, *reference, pull.credentials).value;
        result.changed.push_back("image/" + nameOf(pull.host) + "/" + reference->text());
        return result;
    }
    CommandResult operator()(const command::RemoveImage& remove)
    {
        if (!world.m_runtimes.removeImage(runtime, remove.host, remove.reference))
            return failed("no such image " + remove.reference);
        CommandResult result;
        result.changed.push_back("image/" + nameOf(remove.host) + "/" + remove.reference);
        return result;
    }
    CommandResult operator()(const command::ContainerAction& action)
    {
        using Verb = command::ContainerAction::Verb;
        const container::Container* container = world.m_runtimes.find(action.container);
        if (container == nullptr)
            return failed("container not found");
        CommandResult result;
        result.changed.push_back(fmt::format("container/{}/{}/{}", nameOf(container->host), container->podName, container->name));
        if (action.verb == Verb::Start) {
            world.m_runtimes.start(runtime, action.container);
        } else if (action.verb == Verb::Stop) {
            world.m_runtimes.stop(runtime, action.container, action.grace);
        } else {
            if (container->state == container::Container::State::Running)
                return failed("container is still running");
            world.m_runtimes.remove(runtime, action.container);
        }
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
        CommandResult result;
        result.ok = answer.failure == HttpAnswer::Failure::None;
        result.response.code = answer.status;
        result.text = answer.body;
        return result;
    }
    CommandResult operator()(const command::InjectFault& inject)
    {
        faults::Context faultContext{context, world.m_cluster};
        const auto chosen = faults::inject(faultContext, inject.fault, inject.parameters);
        if (!chosen)
            return failed(chosen.error().text());
        world.m_injections.push_back({world.now(), inject.fault, *chosen});
        CommandResult result;
        result.response.body = *chosen;
        return result;
    }

private:
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
