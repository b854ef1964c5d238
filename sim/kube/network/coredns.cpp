#include "sim/kube/network/coredns.h"

#include "sim/container/machine_names.h"
#include "sim/programs/start.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sim::kube {

namespace {

using programs::Corefile;
using programs::CorefileError;
using programs::kCorefilePath;

constexpr const char* kCoreDnsStream = "kube/coredns";
constexpr std::int64_t kDnsPort = 53;
/// How many draws of a Service's endpoints are tried when a loop leads over one.
constexpr std::uint64_t kLoopDraws = 8;

std::string corefileOf(const container::Container& container)
{
    const auto found = container.files.find(kCorefilePath);
    return found == container.files.end() ? std::string() : found->second;
}

std::shared_ptr<const Corefile> parsed(const std::string& text)
{
    auto result = programs::parseCorefile(kCorefilePath, text);
    auto* corefile = std::get_if<Corefile>(&result);
    return corefile == nullptr ? nullptr : std::make_shared<const Corefile>(std::move(*corefile));
}

std::optional<Duration> reloadInterval(const Corefile& corefile)
{
    for (const programs::DnsServerBlock& server : corefile.servers)
        if (server.reload)
            return server.reload;
    return std::nullopt;
}

/// Every `reload` interval, give or take half of it (plugin/reload: default jitter).
Instant nextLook(Context& context, const Corefile& corefile)
{
    const Duration interval = reloadInterval(corefile).value_or(Duration::zero());
    return context.engine.now() + interval + context.engine.random(kCoreDnsStream).uniform(-interval / 2, interval / 2);
}

void listenAnew(Context& context, const container::Container& container)
{
    if (!context.network.hasStack(container.stack))
        return;
    net::Stack& stack = context.network.stack(container.stack);
    std::string program = "coredns";
    for (const net::Listener& one : stack.listeners)
        if (one.pid == container.pid)
            program = one.program;
    std::erase_if(stack.listeners, [&](const net::Listener& one) { return one.pid == container.pid; });
    for (const programs::ListenedPort& port : programs::listenedPorts(container.program, container.files))
        stack.listeners.push_back({port.udp ? net::Protocol::Udp : net::Protocol::Tcp, {}, port.port, container.pid, program});
}

} // namespace

std::vector<DnsUpstream> upstreamsOf(const programs::ForwardPlugin& forward, const container::Container& container)
{
    std::vector<DnsUpstream> upstreams;
    for (const std::string& to : forward.to) {
        if (to.front() == '/') {
            const auto file = container.files.find(to);
            if (file != container.files.end())
                for (const net::Ipv4 address : container::nameserversIn(file->second))
                    upstreams.push_back({address, kDnsPort});
            continue;
        }
        const auto colon = to.find(':');
        const auto address = net::Ipv4::parse(to.substr(0, colon));
        if (address)
            upstreams.push_back({*address, colon == std::string::npos ? kDnsPort : std::atoll(to.c_str() + colon + 1)});
    }
    return upstreams;
}

const container::Container* coreDnsAt(const net::Network& network, const container::Runtimes& runtimes, StackId stack, net::Ipv4 address,
                           std::int64_t port)
{
    if (!network.hasStack(stack))
        return nullptr;
    const net::Listener* listener = network.stack(stack).listener(net::Protocol::Udp, address, port);
    if (listener == nullptr)
        return nullptr;
    for (const auto& [id, container] : runtimes.containers())
        if (!container.sandbox && container.stack == stack && container.pid == listener->pid && programs::isCoreDns(container.program))
            return &container;
    return nullptr;
}

std::shared_ptr<const Corefile> CoreDnsProcesses::configurationOf(const container::Container& container, Instant now) const
{
    if (!container.serving(now))
        return nullptr;
    const auto known = m_processes.find(container.id);
    return known != m_processes.end() ? known->second.configuration : parsed(corefileOf(container));
}

void CoreDnsProcesses::tick(Context& context)
{
    const Instant now = context.engine.now();
    std::vector<ContainerId> running;
    for (const auto& [id, container] : context.runtimes.containers())
        if (!container.sandbox && programs::isCoreDns(container.program) && container.serving(now))
            running.push_back(id);
    std::erase_if(m_processes, [&](const auto& entry) { return std::find(running.begin(), running.end(), entry.first) == running.end(); });
    for (const ContainerId id : running) {
        container::Container& container = *context.runtimes.find(id);
        Process& process = m_processes[id];
        if (!process.configuration) {
            process.running = process.tried = corefileOf(container);
            process.configuration = parsed(process.running);
            if (!process.configuration)
                continue; // changed between its start and now; the next look tells
            process.nextLook = nextLook(context, *process.configuration);
        }
        const bool seeks = std::any_of(process.configuration->servers.begin(), process.configuration->servers.end(),
                                       [](const auto& server) { return server.loop; });
        if (!process.loopSought) { // the plugin's question goes out as soon as the server answers
            process.loopSought = true;
            if (seeks && findsLoop(context, container)) {
                RandomStream& random = context.engine.random(kCoreDnsStream);
                context.runtimes.log(id, now,
                                     fmt::format("[FATAL] plugin/loop: Loop (127.0.0.1:{} -> :{}) detected for zone \".\", see "
                                                 "https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO {}.{}.\"",
                                                 32'768 + random.below(28'232), process.configuration->servers.front().port,
                                                 random.next() >> 1, random.next() >> 1));
                context.hosts.exit(context.engine, context.network, container.host, container.pid, 1);
                continue;
            }
        }
        if (reloadInterval(*process.configuration) && now >= process.nextLook)
            reload(context, container, process);
    }
}

void CoreDnsProcesses::reload(Context& context, container::Container& container, Process& process)
{
    process.nextLook = nextLook(context, *process.configuration);
    const std::string text = corefileOf(container);
    if (text == process.tried)
        return;
    const Instant now = context.engine.now();
    const auto say = [&](std::string line) { context.runtimes.log(container.id, now, std::move(line)); };
    auto result = programs::parseCorefile(kCorefilePath, text);
    if (const auto* error = std::get_if<CorefileError>(&result)) {
        if (error->syntax) {
            say("[WARNING] plugin/reload: Corefile parse failed: " + error->text);
            return; // looked at again, and said again, each time
        }
        process.tried = text;
        say("[INFO] Reloading");
        say("[ERROR] Restart failed: " + error->text);
        say("[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: " + error->text);
        return;
    }
    process.tried = process.running = text;
    process.configuration = std::make_shared<const Corefile>(std::move(std::get<Corefile>(result)));
    process.loopSought = false;
    say("[INFO] Reloading");
    say("[INFO] plugin/health: Going into lameduck mode for 5s");
    if (reloadInterval(*process.configuration))
        say(programs::runningConfigurationLine(text));
    say("[INFO] Reloading complete");
    listenAnew(context, container);
}

std::vector<ContainerId> CoreDnsProcesses::upstreamCoreDns(const Context& context, const container::Container& container) const
{
    std::vector<ContainerId> next;
    const auto configuration = configurationOf(container, context.engine.now());
    const programs::DnsServerBlock* root = configuration ? configuration->blockFor({}) : nullptr;
    if (root == nullptr)
        return next;
    for (const programs::ForwardPlugin& forward : root->forwards) {
        if (!forward.from.empty())
            continue;
        for (const DnsUpstream& to : upstreamsOf(forward, container))
            for (std::uint64_t draw = 0; draw < kLoopDraws; ++draw) {
                const net::PathResult path = context.network.reach(container.stack, to.address, net::Protocol::Udp, to.port, draw);
                if (path.verdict != net::Verdict::Delivered)
                    break;
                if (const container::Container* there = coreDnsAt(context.network, context.runtimes, path.target, path.reached, path.reachedPort))
                    next.push_back(there->id);
                else
                    break; // another name server: the question ends there
            }
        break;
    }
    return next;
}

bool CoreDnsProcesses::findsLoop(const Context& context, const container::Container& container) const
{
    std::set<ContainerId> seen;
    std::vector<ContainerId> open = upstreamCoreDns(context, container);
    while (!open.empty()) {
        const ContainerId at = open.back();
        open.pop_back();
        if (at == container.id)
            return true;
        if (!seen.insert(at).second)
            continue;
        const std::vector<ContainerId> further = upstreamCoreDns(context, *context.runtimes.find(at));
        open.insert(open.end(), further.begin(), further.end());
    }
    return false;
}

void CoreDnsProcesses::addTo(Fingerprint& f) const
{
    for (const auto& [id, process] : m_processes) {
        sim::addTo(f, id);
        f.add(process.running);
        f.add(process.tried);
        sim::addTo(f, process.nextLook);
        f.add(std::uint64_t{process.loopSought});
    }
}

} // namespace sim::kube
