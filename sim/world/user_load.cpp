#include "sim/world/user_load.h"

#include "sim/kube/client/objects.h"
#include "sim/kube/network/kube_proxy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

namespace sim {

namespace {

// Errors that any service shows on a good day.
constexpr double kBaseErrorRatio = 0.0003;
constexpr double kTwoPi = 6.283185307179586;
constexpr std::int64_t kLogEverySeconds = 5;

struct Backend {
    container::Container* container = nullptr;
    net::Ipv4 address;
};

std::string podKey(const std::string& ns, const std::string& name) { return ns + "/" + name; }

/// The endpoints that kube-proxy would spread over.
std::vector<Backend> backendsOf(const std::string& service, const kube::Cluster& cluster,
                                const std::map<std::string, container::Container*>& byPod)
{
    std::vector<Backend> backends;
    const auto slash = service.find('/');
    const std::string ns = service.substr(0, slash);
    const std::string name = service.substr(slash + 1);
    for (const auto& slice : cluster.store().inNamespace<kube::EndpointSlice>(ns)) {
        const auto label = slice->metadata.labels.find(kube::kServiceNameLabel);
        if (label == slice->metadata.labels.end() || label->second != name)
            continue;
        for (const kube::SliceEndpoint& endpoint : slice->endpoints) {
            if (!endpoint.conditions.ready.value_or(true) || endpoint.addresses.empty())
                continue;
            Backend backend;
            if (const auto address = net::Ipv4::parse(endpoint.addresses.front()))
                backend.address = *address;
            if (endpoint.targetRef) {
                const auto found = byPod.find(podKey(ns, endpoint.targetRef->name));
                backend.container = found == byPod.end() ? nullptr : found->second;
            }
            backends.push_back(backend);
        }
    }
    return backends;
}

struct TierResult {
    double success = 0;    ///< of what was offered
    double handled = 1;    ///< of what arrived
    double p99Seconds = 0;
};

/// What one caller meets when it opens a connection to the next tier: a name to look up, rules to pass.
struct Call {
    std::vector<kube::ServiceBackend> backends; ///< empty: it gets nowhere
    bool waits = false;                         ///< nothing comes back, and its users' patience runs out
    std::string error;                          ///< in the words of Go's net package
};

/// The tiers' programs as they call each other: by Service name, a look-up and a connection for each request.
class Callers {
public:
    Callers(const kube::DnsView& view, const kube::Store& store, std::uint64_t chance) : m_view(view), m_store(store), m_chance(chance)
    {
        for (const auto& [id, container] : view.runtimes.containers())
            if (const auto file = container.files.find("/etc/resolv.conf"); file != container.files.end())
                m_resolvers[container.stack] = &file->second;
    }

    Call call(StackId caller, const std::string& service)
    {
        const auto slash = service.find('/');
        const std::string name = service.substr(slash + 1);
        const auto known = m_store.get<kube::Service>({service.substr(0, slash), name});
        const std::int64_t port = known && !known->spec.ports.empty() ? known->spec.ports.front().port.value : 0;
        const auto resolver = m_resolvers.find(caller);
        const kube::ResolverConfig config = kube::resolverConfigOf(resolver == m_resolvers.end() ? std::string() : *resolver->second);
        kube::Resolution found = kube::resolveByDns(m_view, caller, config, name, m_chance + caller.value);
        std::move(found.last.log.begin(), found.last.log.end(), std::back_inserter(serverLog));
        Call made;
        if (found.status != kube::Resolution::Status::Found) {
            made.waits = found.last.end == kube::DnsExchange::End::TimedOut;
            made.error = fmt::format("dial tcp: lookup {}: {}", name, kube::lookupError(found));
            return made;
        }
        const net::Ipv4 address = found.addresses.front();
        const net::Stack& machine = m_view.network.stack(m_view.network.stack(caller).node);
        made.backends = kube::serviceBackends(machine, address, net::Protocol::Tcp, port);
        if (made.backends.empty() && known && known->spec.clusterIP == "None")
            made.backends.push_back({address, port});
        if (made.backends.empty()) {
            const net::PathResult path = m_view.network.reach(caller, address, net::Protocol::Tcp, port, m_chance);
            made.waits = path.verdict == net::Verdict::TimedOut;
            made.error = connectFailure(address, port, path.verdict);
        }
        return made;
    }

    net::PathResult connect(StackId caller, const kube::ServiceBackend& backend) const
    {
        return m_view.network.reach(caller, backend.address, net::Protocol::Tcp, backend.port);
    }

    static std::string connectFailure(net::Ipv4 address, std::int64_t port, net::Verdict verdict)
    {
        const char* why = verdict == net::Verdict::Refused        ? "connect: connection refused"
            : verdict == net::Verdict::HostUnreachable ? "connect: no route to host"
                                                       : "i/o timeout";
        return fmt::format("dial tcp {}:{}: {}", address.text(), port, why);
    }

    std::vector<std::pair<ContainerId, std::string>> serverLog; ///< what the name servers wrote

private:
    kube::DnsView m_view;
    const kube::Store& m_store;
    std::uint64_t m_chance;
    std::map<StackId, const std::string*> m_resolvers;
};

/// The rate that reaches each endpoint, and why what is missing does not arrive.
struct Arrivals {
    std::map<net::Ipv4, double> rates;
    std::map<StackId, std::string> errors; ///< by caller, the latest
    std::map<StackId, double> reached;     ///< by caller, the share of its calls that arrive
    bool waited = false;
};

Arrivals arrivalsFromUsers(const std::vector<Backend>& backends, double rate)
{
    Arrivals arrivals;
    for (const Backend& backend : backends) // from outside, over a load balancer that reaches any node
        arrivals.rates[backend.address] += rate / static_cast<double>(backends.size());
    return arrivals;
}

Arrivals arrivalsFromTier(Callers& clients, const std::vector<StackId>& callers, const std::string& service, double rate)
{
    Arrivals arrivals;
    for (const StackId caller : callers) {
        const double own = rate / static_cast<double>(callers.size());
        const Call call = clients.call(caller, service);
        if (call.backends.empty()) {
            arrivals.waited = arrivals.waited || call.waits;
            arrivals.errors[caller] = call.error;
        }
        double& reached = arrivals.reached[caller];
        for (const kube::ServiceBackend& backend : call.backends) {
            const net::PathResult path = clients.connect(caller, backend);
            const net::Verdict verdict = path.verdict;
            if (verdict == net::Verdict::Delivered) {
                const bool large = path.largePasses && path.largeAnswerPasses;
                const double share = (large ? 1.0 : 1.0 - kLargeShare) / static_cast<double>(call.backends.size());
                arrivals.rates[backend.address] += own * share;
                reached += share;
                if (!large) {
                    arrivals.waited = true;
                    arrivals.errors[caller] = fmt::format("Get \"http://{}:{}/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
                                                          backend.address.text(), backend.port);
                }
                continue;
            }
            arrivals.waited = arrivals.waited || verdict == net::Verdict::TimedOut;
            arrivals.errors[caller] = Callers::connectFailure(backend.address, backend.port, verdict);
        }
    }
    return arrivals;
}

/// One tier under what arrives: an endpoint serves up to its own rate, the rest waits out the client's patience.
/// Latency is that of an M/M/1 queue (sojourn time S/(1-rho), 99th percentile ln(100) times that), cut off at the
/// patience.
TierResult serveTier(const std::vector<Backend>& backends, const Arrivals& arrivals, double rate, Duration patience, Instant now)
{
    TierResult result;
    result.p99Seconds = arrivals.waited ? toSeconds(patience) : 0;
    double served = 0;
    double total = 0;
    for (const auto& [address, arriving] : arrivals.rates)
        total += arriving;
    for (const Backend& backend : backends) {
        const auto arrived = arrivals.rates.find(backend.address);
        const double offered = arrived == arrivals.rates.end() ? 0 : arrived->second;
        if (backend.container == nullptr || !backend.container->serving(now)) {
            if (offered > 0)
                result.p99Seconds = std::max(result.p99Seconds, toSeconds(patience));
            continue;
        }
        backend.container->requestRate += offered;
        const double capacity = backend.container->program.requestsPerSecond;
        const double utilisation = capacity > 0 ? offered / capacity : 0;
        served += capacity > 0 ? std::min(offered, capacity) : offered;
        const double service = toSeconds(backend.container->program.serviceTime);
        const double wait = utilisation < 1 ? 4.605 * service / (1 - utilisation) : toSeconds(patience);
        result.p99Seconds = std::max(result.p99Seconds, std::min(wait, toSeconds(patience)));
    }
    result.success = rate > 0 ? std::min(1.0, served / rate) : 1.0;
    result.handled = total > 0 ? std::min(1.0, served / total) : 1.0;
    return result;
}

/// One tier of the chain in this second.
struct Stage {
    std::vector<StackId> servers;
    Arrivals arrivals;
    TierResult result;
};

/// What share of its own requests each server answers well: its calls to the next tier, and what becomes of them there.
std::map<StackId, double> outcomes(const std::vector<Stage>& stages, double base)
{
    std::map<StackId, double> shares;
    double further = 1; // behind the next tier
    for (std::size_t i = stages.size(); i-- > 0;) {
        const Stage* next = i + 1 < stages.size() ? &stages[i + 1] : nullptr;
        for (const StackId server : stages[i].servers) {
            double share = base * stages[i].result.handled * further;
            if (next != nullptr) {
                const auto reached = next->arrivals.reached.find(server);
                share *= next->result.handled * (reached == next->arrivals.reached.end() ? 0 : reached->second);
            }
            shares[server] = share;
        }
        if (next != nullptr)
            further *= next->result.success;
    }
    return shares;
}

} // namespace

void UserLoad::record(double success, double rate, double p99Seconds)
{
    m_last.success = success;
    m_last.rate = rate;
    m_last.p99Seconds = p99Seconds;
    m_last.offeredRequests += rate;
    m_last.lostRequests += rate * (1.0 - success);
}

void UserLoad::tick(Engine& engine, net::Network& network, host::Hosts& hosts, container::Runtimes& runtimes,
                    const kube::Cluster& cluster, const container::docker::Daemons& dockers, programs::Programs& programs)
{
    const Instant now = engine.now();
    std::map<std::string, container::Container*> byPod;
    for (const auto& [id, known] : runtimes.containers()) {
        container::Container* running = runtimes.find(id);
        running->requestRate = 0;
        if (!running->sandbox && running->state == container::Container::State::Running)
            byPod[podKey(running->podNamespace, running->podName)] = running;
    }

    RandomStream& random = engine.random("users");
    const double wave = std::sin(kTwoPi * static_cast<double>(unixSeconds(now)) / toSeconds(m_profile.swingPeriod));
    const double rate = m_profile.requestsPerSecond
        * (1.0 + m_profile.swing * wave + m_profile.noise * (2.0 * random.unit() - 1.0));
    const double base = 1.0 - kBaseErrorRatio * 2.0 * random.unit();
    if (m_profile.chain.empty() && !m_profile.hostChain.empty()) {
        const HostLoadResult met = serveHostChain(m_profile.hostChain, m_services, rate, m_profile.clientTimeout, m_profile.users, m_settings, engine, network, hosts, runtimes, dockers,
                                                  programs);
        record(met.success * base, rate, met.p99Seconds);
        return;
    }
    double success = base;
    double p99 = 0;
    Callers clients(cluster.dnsView(network, hosts, runtimes, now), cluster.store(), engine.random("users/connections").next());
    const bool logs = unixSeconds(now) % kLogEverySeconds == 0;
    std::vector<Stage> stages;
    for (const std::string& service : m_profile.chain) {
        const std::vector<Backend> backends = backendsOf(service, cluster, byPod);
        const double offered = rate * success;
        Stage stage;
        stage.arrivals = stages.empty() ? arrivalsFromUsers(backends, offered)
                                        : arrivalsFromTier(clients, stages.back().servers, service, offered);
        stage.result = serveTier(backends, stage.arrivals, offered, m_profile.clientTimeout, now);
        success *= stage.result.success;
        p99 = std::min(toSeconds(m_profile.clientTimeout), p99 + stage.result.p99Seconds);
        for (const auto& [key, container] : byPod)
            if (const auto error = stage.arrivals.errors.find(container->stack); logs && error != stage.arrivals.errors.end())
                runtimes.log(container->id, now, fmt::format("level=error msg=\"upstream failed\" error=\"{}\"", error->second));
        for (const Backend& backend : backends)
            if (backend.container != nullptr && backend.container->serving(now))
                stage.servers.push_back(backend.container->stack);
        stages.push_back(std::move(stage));
    }
    const std::map<StackId, double> shares = outcomes(stages, base);
    if (logs)
        for (auto& [server, line] : clients.serverLog)
            runtimes.log(server, now, std::move(line));
    if (!m_profile.training && !m_profile.serving) // of jobs and models the world tells
        record(success, rate, p99);

    std::map<HostId, host::RateChange> changes; // one a machine: its processors are shared anew when all is said
    for (auto& [key, container] : byPod) {
        changes.try_emplace(container->host, hosts.at(container->host), now);
        const programs::Program& program = container->program;
        auto& processes = hosts.at(container->host).processes;
        const auto process = processes.find(container->pid);
        if (process != processes.end()) {
            process->second.cpuCores = container->serving(now) ? program.idleCores + container->requestRate * program.coresPerRequest
                                                               : program.idleCores;
        }
        if (!program.requestLog.empty() && container->requestRate > 0
            && (unixSeconds(now) + container->id.value) % kLogEverySeconds == 0) {
            const double draw = random.unit();
            const auto share = shares.find(container->stack);
            const bool failed = draw > (share == shares.end() ? success : share->second);
            const double milliseconds = toSeconds(program.serviceTime) * 1e3 * (0.6 + 1.5 * random.unit());
            runtimes.log(container->id, now,
                         fmt::format(fmt::runtime(program.requestLog), fmt::arg("status", failed ? 503 : 200),
                                     fmt::arg("ms", static_cast<int>(failed ? p99 * 1e3 : milliseconds))));
        }
    }
}

} // namespace sim
