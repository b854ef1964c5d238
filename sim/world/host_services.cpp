#include "sim/world/host_services.h"

#include "sim/container/machine_names.h"
#include "sim/net/walk.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <set>
#include <sstream>

namespace sim {

namespace {

constexpr std::int64_t kLogPeriod = 5; // seconds
/// The 99th percentile of an exponential distribution is this many means.
constexpr double kPercentile99 = 4.605;

/// A process that answers on a port, and how well it can.
struct Instance {
    HostId host;
    host::Pid pid = 0;
    net::Ipv4 address;
};

/// One caller's attempt to reach an upstream.
struct Contact {
    std::optional<Instance> instance; ///< who answered
    bool waits = false;               ///< nothing came back until patience ran out
    double stalled = 0;               ///< share of the calls whose large segments vanish on the way
    net::Ipv4 source;                 ///< of the caller, as the other end sees it
    std::vector<std::shared_ptr<const net::Walker>> ways; ///< what its packets meet; several where a proxy passes them on
    std::string error;
};

/// Sent by TCP within the users' two seconds: a SYN, and again after one second; a segment, and again after its timer of
/// 0.2, 0.4 and 0.8 s.
constexpr double kSynsInPatience = 2;
constexpr double kLargeInPatience = 4;

/// A process of the service, as others call it.
using Server = std::pair<HostId, host::Pid>;

/// What arrives at one tier.
struct Tier {
    std::map<Server, double> arrivals;
    std::set<Server> callers;
    const HostService* calledBy = nullptr;
    double lost = 0;
    bool waited = false;
};

std::string failureText(const Upstream& to, net::Ipv4 address, net::Verdict verdict)
{
    return fmt::format("connect to {} ({}:{}) failed: {}", to.host, address.text(), to.port, net::connectText(verdict));
}

class Chain {
public:
    Chain(const std::map<std::string, HostService>& services, Duration patience, ServerSettings& settings, Engine& engine, net::Network& network,
          host::Hosts& hosts, container::Runtimes& runtimes, const container::docker::Daemons& dockers, programs::Programs& programs)
        : m_services(services), m_settings(settings), m_patience(toSeconds(patience)), m_engine(engine), m_network(network), m_hosts(hosts),
          m_runtimes(runtimes), m_dockers(dockers), m_programs(programs), m_logs(unixSeconds(engine.now()) % kLogPeriod == 0)
    {
        std::erase_if(m_settings, [&](const auto& entry) { return m_hosts.at(entry.first.first).processes.count(entry.first.second) == 0; });
    }

    HostLoadResult run(const std::vector<std::string>& chain, double rate, StackId users)
    {
        HostLoadResult result;
        if (chain.empty() || rate <= 0)
            return result;
        const HostService& first = m_services.at(chain.front());
        Tier tier;
        for (const HostId machine : first.machines) {
            const auto address = m_network.stack(m_hosts.at(machine).stack).primaryAddress();
            const Contact made = contact(users, {m_hosts.at(machine).name, first.port}, address);
            send(tier, made, rate / static_cast<double>(first.machines.size()));
            if (made.instance && made.stalled > 0) // users write no log of ours
                note(first, made.instance->host, made.instance->pid,
                     fmt::format("client timed out (110: Connection timed out) while sending to client, client: {}", made.source.text()));
        }
        double served = 0;
        for (std::size_t i = 0; i < chain.size(); ++i) {
            const HostService& service = m_services.at(chain[i]);
            const HostService* next = i + 1 < chain.size() ? &m_services.at(chain[i + 1]) : nullptr;
            if (tier.waited)
                result.p99Seconds = m_patience;
            served = 0;
            Tier onward;
            for (const auto& [at, arriving] : tier.arrivals) {
                const double answered = serve(service, at, arriving, tier, result.p99Seconds);
                const double inside = outside(service, at.first, at.second, answered, result.p99Seconds);
                served += inside;
                if (next != nullptr)
                    call(service, at.first, at.second, inside, onward);
            }
            onward.calledBy = &service;
            if (next != nullptr)
                tier = std::move(onward);
        }
        result.success = std::clamp(served / rate, 0.0, 1.0);
        result.p99Seconds = std::min(result.p99Seconds, m_patience);
        return result;
    }

private:
    /// Who listens at an address, if a packet gets there and the process answers.
    Contact contact(StackId from, const Upstream& to, std::optional<net::Ipv4> address)
    {
        Contact made;
        if (!address) {
            made.error = fmt::format("{}: no address", to.host);
            return made;
        }
        const auto way = std::make_shared<net::Walker>(m_network, net::Walker::Keep::Hits);
        const net::PathResult path = way->reach(from, *address, {.protocol = net::Protocol::Tcp, .port = to.port});
        made.ways.push_back(way);
        if (path.verdict != net::Verdict::Delivered) {
            made.waits = path.verdict == net::Verdict::TimedOut;
            made.error = failureText(to, *address, path.verdict);
            return made;
        }
        const net::Stack& stack = m_network.stack(path.target);
        const net::Listener* listener = stack.listener(net::Protocol::Tcp, path.reached, path.reachedPort);
        const auto& processes = m_hosts.at(stack.host).processes;
        const auto process = listener == nullptr ? processes.end() : processes.find(listener->pid);
        if (process == processes.end() || !process->second.runs()) { // the kernel takes the connection, and nobody reads it
            made.waits = true;
            made.error = fmt::format("read from {}: Connection timed out", to.host);
            return made;
        }
        if (const auto behind = forwardedTo(process->second)) {
            Contact further = contact(m_hosts.at(stack.host).stack, {to.host, behind->second}, behind->first);
            further.ways.insert(further.ways.begin(), way);
            return further;
        }
        made.instance = Instance{stack.host, process->first, path.reached};
        made.source = path.reachedFrom;
        if (!path.largePasses || !path.largeAnswerPasses) {
            made.stalled = kLargeShare;
            made.error = fmt::format("read from {} ({}:{}) failed: Connection timed out", to.host, address->text(), to.port);
        }
        return made;
    }

    /// A process calls, from its container when it runs in one.
    Contact contact(HostId from, host::Pid caller, const Upstream& to)
    {
        const container::Container* task = containerOf(from, caller);
        const container::MachineName name = task != nullptr ? m_dockers.resolve(m_hosts, m_network, m_runtimes, task->id, to.host)
                                                            : container::resolveOnMachine(m_hosts, m_network, from, to.host);
        using Status = container::MachineName::Status;
        if (name.status == Status::Found)
            return contact(task != nullptr ? task->stack : m_hosts.at(from).stack, to, name.addresses.front());
        Contact made;
        made.waits = name.status == Status::NoAnswer;
        made.error = fmt::format("could not resolve host: {} ({})", to.host,
                                 name.status == Status::NoAnswer ? "Temporary failure in name resolution" : "Name or service not known");
        return made;
    }

    const container::Container* containerOf(HostId host, host::Pid pid) const
    {
        const auto& processes = m_hosts.at(host).processes;
        const auto process = processes.find(pid);
        return process == processes.end() || !process->second.container ? nullptr : m_runtimes.find(*process->second.container);
    }

    /// Where docker-proxy passes on what it is sent, as its command line says; nothing for other programs.
    static std::optional<std::pair<net::Ipv4, std::int64_t>> forwardedTo(const host::Process& process)
    {
        if (process.name != "docker-proxy")
            return std::nullopt;
        const auto value = [&](const char* flag) {
            const auto at = std::find(process.command.begin(), process.command.end(), flag);
            return at == process.command.end() || at + 1 == process.command.end() ? std::string() : *(at + 1);
        };
        const auto address = net::Ipv4::parse(value("-container-ip"));
        return address ? std::optional(std::pair{*address, std::int64_t{std::atoll(value("-container-port").c_str())}}) : std::nullopt;
    }

    void send(Tier& tier, const Contact& contact, double rate)
    {
        count(contact, rate);
        if (contact.instance)
            tier.arrivals[{contact.instance->host, contact.instance->pid}] += rate * (1 - contact.stalled);
        tier.lost += contact.instance ? rate * contact.stalled : rate;
        tier.waited = tier.waited || ((contact.waits || contact.stalled > 0) && rate > 0);
    }

    /// What is on the way counts the calls: rules each one that begins, or in vain begins again, and the messages about
    /// what does not fit; interfaces all that passes.
    void count(const Contact& contact, double rate)
    {
        const bool silent = contact.waits && !contact.instance;
        const auto begun = static_cast<std::int64_t>(std::llround(rate * (silent ? kSynsInPatience : 1)));
        for (const auto& way : contact.ways) {
            m_network.count(*way, begun, begun * net::Probe{}.bytes);
            m_network.countTraffic(*way, silent ? rate * kSynsInPatience : rate, silent ? 0 : kRequestBytes, silent ? 0 : kAnswerBytes);
            if (contact.stalled > 0)
                m_network.countMessages(*way, std::llround(rate * contact.stalled * kLargeInPatience));
        }
    }

    std::vector<Upstream> upstreams(HostId host, host::Pid pid, const HostService& service, const std::string& key)
    {
        const auto [read, first] = m_settings.try_emplace({host, pid});
        if (first && service.upstreamFile.empty()) {
            for (const auto& [name, value] : m_hosts.at(host).processes.at(pid).environment)
                read->second += fmt::format("{}={}\n", name, value);
        } else if (first) {
            if (const auto file = m_hosts.read(host, service.upstreamFile, m_engine.now()))
                read->second = file->content;
        }
        return upstreamsIn(read->second, key);
    }

    /// One instance's calls to the next tier, spread over the upstreams that its settings name.
    void call(const HostService& service, HostId host, host::Pid pid, double rate, Tier& onward)
    {
        onward.callers.insert({host, pid});
        const std::vector<Upstream> named = upstreams(host, pid, service, service.upstreamKey);
        std::vector<Contact> contacts;
        for (const Upstream& to : named)
            contacts.push_back(contact(host, pid, to));
        const auto answers = std::count_if(contacts.begin(), contacts.end(), [](const Contact& c) { return c.instance.has_value(); });
        for (const Contact& made : contacts) {
            const bool skipped = service.retries && answers > 0;
            const double share = skipped ? (made.instance ? rate / static_cast<double>(answers) : 0) : rate / static_cast<double>(contacts.size());
            send(onward, made, share);
            if (!made.error.empty())
                note(service, host, pid, made.error);
        }
        if (contacts.empty()) {
            onward.lost += rate;
            if (!service.upstreamFile.empty()) // without the variable it is somebody else's program, which has other things to say
                note(service, host, pid, fmt::format("no upstream in {}", service.upstreamFile));
        }
    }

    /// The part of requests that needs somebody else's service. Returns how many got through.
    double outside(const HostService& service, HostId host, host::Pid pid, double rate, double& p99)
    {
        if (service.outsideKey.empty() || rate <= 0)
            return rate;
        double lost = 0;
        for (const Upstream& to : upstreams(host, pid, service, service.outsideKey)) {
            const Contact made = contact(host, pid, to);
            count(made, rate * service.outsideShare);
            if (made.instance && made.stalled == 0)
                continue;
            lost = service.outsideShare * (made.instance ? made.stalled : 1);
            if (made.waits || made.stalled > 0)
                p99 = m_patience;
            note(service, host, pid, made.error);
        }
        return rate * (1 - lost);
    }

    /// How many of the requests an instance answers well, and how long that takes.
    double serve(const HostService& service, const Server& server, double rate, const Tier& tier, double& p99)
    {
        const auto& [host, pid] = server;
        if (const programs::Running* program = m_programs.find(host, pid))
            return serveByProgram(service, *program, rate, p99);
        host::Machine& machine = m_hosts.at(host);
        m_changes.try_emplace(host, machine, m_engine.now());
        host::Process& process = machine.processes.at(pid);
        const double granted = process.cpuCores > 0 ? std::clamp(process.cpuGranted / process.cpuCores, 0.02, 1.0) : 1.0;
        const double speed = machine.starvedOfMemory() ? host::Machine::kStarvedShare * granted : granted;
        process.cpuCores = m_own.insert({host, pid}).second ? rate * service.coresPerRequest : process.cpuCores + rate * service.coresPerRequest;
        double seconds = toSeconds(service.serviceTime) / speed;
        double failing = 0;
        if (!service.dataFolder.empty()) {
            const std::string problem = writeProblem(machine, service.dataFolder);
            if (!problem.empty()) {
                failing = service.writeShare;
                note(service, host, pid, problem);
                for (const auto& [callerHost, callerPid] : tier.callers)
                    note(*tier.calledBy, callerHost, callerPid,
                         fmt::format("{} at {}: SQLSTATE 53100: No space left on device", service.name, machine.name));
            }
            seconds += service.writeShare * toSeconds(machine.syncLatency("system.slice"));
        }
        const double capacity = service.requestsPerSecond * speed;
        const double utilisation = capacity > 0 ? rate / capacity : 0;
        const double wait = utilisation < 1 ? kPercentile99 * seconds / (1 - utilisation) : m_patience;
        p99 = std::max(p99, std::min(m_patience, wait));
        // Who waits longer than the users' patience has lost its user; an M/M/1 queue's waiting times are exponential.
        const double late = utilisation < 1 ? std::exp(-m_patience * (1 - utilisation) / seconds) : 0;
        const double answered = capacity > 0 ? std::min(rate, capacity) : rate;
        return answered * (1 - late) * (1 - failing);
    }

    /// The same for a program of the catalogue: how far it gets is known from what it does.
    double serveByProgram(const HostService& service, const programs::Running& program, double rate, double& p99)
    {
        m_programs.setRequestRate(program.host, program.code->name, rate);
        if (program.rates.paths.empty())
            return rate; // it has opened its port within this second
        const double utilisation = program.utilisation();
        const double seconds = toSeconds(service.serviceTime);
        const double wait = utilisation < 1 ? kPercentile99 * seconds / (1 - utilisation) : m_patience;
        p99 = std::max(p99, std::min(m_patience, wait));
        const double late = utilisation < 1 ? std::exp(-m_patience * (1 - utilisation) / seconds) : 0;
        return rate * program.servedShare() * (1 - late);
    }

    /// Why the data folder takes no writes, in a database's words; empty: it takes them.
    std::string writeProblem(const host::Machine& machine, const std::string& folder) const
    {
        const host::Mount& mount = machine.mountOf(folder);
        constexpr std::int64_t kOnePage = 8192;
        if (mount.readOnly)
            return fmt::format("PANIC:  could not write to file \"{}/pg_wal/xlogtemp\": Read-only file system", folder);
        if (mount.sizeBytes > 0 && machine.usedBytes(mount) + kOnePage > mount.sizeBytes)
            return fmt::format("PANIC:  could not write to file \"{}/pg_wal/xlogtemp\": No space left on device", folder);
        if (mount.inodes > 0 && machine.usedInodes(mount) >= mount.inodes)
            return fmt::format("PANIC:  could not create file \"{}/pg_wal/xlogtemp\": No space left on device", folder);
        return {};
    }

    void note(const HostService& service, HostId host, host::Pid pid, const std::string& message)
    {
        if (!m_logs || !m_noted.insert({host, message}).second)
            return;
        const host::Machine& machine = m_hosts.at(host);
        const auto process = machine.processes.find(pid);
        constexpr std::uint8_t kError = 3;
        if (process == machine.processes.end())
            return;
        if (process->second.container)
            m_runtimes.log(*process->second.container, m_engine.now(), fmt::format("level=error msg=\"request failed\" error=\"{}\"", message));
        else if (service.log.empty())
            m_hosts.log(m_engine, host, process->second.name, process->second.unit, pid, kError, message);
        else
            m_hosts.writeFile(m_engine, host, service.log, fmt::format("{} [error] {}#{}: {}\n", stamp(), pid, pid, message), true);
    }

    /// As nginx dates the lines of its error log.
    std::string stamp() const { return fmt::format("{:%Y/%m/%d %H:%M:%S}", fmt::gmtime(static_cast<std::time_t>(unixSeconds(m_engine.now())))); }

    const std::map<std::string, HostService>& m_services;
    ServerSettings& m_settings;
    double m_patience;
    Engine& m_engine;
    net::Network& m_network;
    host::Hosts& m_hosts;
    container::Runtimes& m_runtimes;
    const container::docker::Daemons& m_dockers;
    programs::Programs& m_programs;
    bool m_logs;
    std::map<HostId, host::RateChange> m_changes; ///< one a machine: its processors are shared anew when all is said
    std::set<std::pair<HostId, host::Pid>> m_own;
    std::set<std::pair<HostId, std::string>> m_noted;
};

} // namespace

std::vector<Upstream> upstreamsIn(const std::string& settings, const std::string& key)
{
    std::vector<Upstream> found;
    std::istringstream lines(settings);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t begin = line.find_first_not_of(" \t");
        if (begin == std::string::npos || line.compare(begin, key.size(), key) != 0)
            continue;
        // The last "name:digits" of the line, past a scheme and a user's password.
        std::string rest = line.substr(begin);
        const std::size_t scheme = rest.find("://");
        if (scheme != std::string::npos)
            rest = rest.substr(scheme + 3);
        if (const std::size_t user = rest.find('@'); user != std::string::npos)
            rest = rest.substr(user + 1);
        const std::size_t colon = rest.find(':');
        if (colon == std::string::npos)
            continue;
        std::size_t start = colon;
        while (start > 0 && (std::isalnum(static_cast<unsigned char>(rest[start - 1])) != 0 || rest[start - 1] == '.' || rest[start - 1] == '-'))
            --start;
        std::int64_t port = 0;
        const auto [end, error] = std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), port);
        if (error == std::errc{} && start < colon)
            found.push_back({rest.substr(start, colon - start), port});
    }
    return found;
}

HostLoadResult serveHostChain(const std::vector<std::string>& chain, const std::map<std::string, HostService>& services, double rate,
                              Duration patience, StackId users, ServerSettings& settings, Engine& engine, net::Network& network, host::Hosts& hosts,
                              container::Runtimes& runtimes, const container::docker::Daemons& dockers, programs::Programs& programs)
{
    return Chain(services, patience, settings, engine, network, hosts, runtimes, dockers, programs).run(chain, rate, users);
}

} // namespace sim
