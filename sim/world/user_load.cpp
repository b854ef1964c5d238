#include "sim/world/user_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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
    std::int64_t port = 0;
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
        const auto label = slice->metadata.labels.find("kubernetes.io/service-name");
        if (label == slice->metadata.labels.end() || label->second != name)
            continue;
        for (const kube::SliceEndpoint& endpoint : slice->endpoints) {
            if (!endpoint.conditions.ready.value_or(true) || endpoint.addresses.empty())
                continue;
            Backend backend;
            if (const auto address = net::Ipv4::parse(endpoint.addresses.front()))
                backend.address = *address;
            backend.port = slice->ports.empty() ? 0 : slice->ports.front().port;
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
    double success = 0;
    double p99Seconds = 0;
};

/// One tier under an offered rate: each caller spreads evenly over the endpoints; an endpoint serves up
/// to its own rate, the rest waits out the client's patience. Latency is that of an M/M/1 queue
/// (sojourn time S/(1-rho), 99th percentile ln(100) times that), cut off at the patience.
TierResult serveTier(std::vector<Backend>& backends, const std::vector<StackId>& callers, double rate, Duration patience,
                     const net::Network& network, Instant now)
{
    TierResult result;
    if (backends.empty())
        return result; // REJECT by kube-proxy: every call is refused
    const double share = rate / static_cast<double>(backends.size());
    double served = 0;
    for (Backend& backend : backends) {
        double reachable = callers.empty() ? 1.0 : 0.0;
        for (const StackId caller : callers)
            if (network.reach(caller, backend.address, net::Protocol::Tcp, backend.port).verdict == net::Verdict::Delivered)
                reachable += 1.0 / static_cast<double>(callers.size());
        if (backend.container == nullptr || !backend.container->serving(now) || reachable == 0.0) {
            result.p99Seconds = std::max(result.p99Seconds, toSeconds(patience));
            continue;
        }
        const double offered = share * reachable;
        backend.container->requestRate += offered;
        const double capacity = backend.container->program.requestsPerSecond;
        const double utilisation = capacity > 0 ? offered / capacity : 0;
        served += capacity > 0 ? std::min(offered, capacity) : offered;
        const double service = toSeconds(backend.container->program.serviceTime);
        const double wait = utilisation < 1 ? 4.605 * service / (1 - utilisation) : toSeconds(patience);
        result.p99Seconds = std::max(result.p99Seconds, std::min(wait, toSeconds(patience)));
    }
    result.success = rate > 0 ? std::min(1.0, served / rate) : 1.0;
    return result;
}

} // namespace

void UserLoad::tick(Engine& engine, net::Network& network, host::Hosts& hosts, container::Runtimes& runtimes, gpu::Gpus& gpus,
                    const kube::Cluster& cluster)
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
    double success = 1.0 - kBaseErrorRatio * 2.0 * random.unit();
    double p99 = 0;
    std::vector<StackId> callers; // users come in from outside: the first tier is reached by any node
    for (const std::string& service : m_profile.chain) {
        std::vector<Backend> backends = backendsOf(service, cluster, byPod);
        const TierResult tier = serveTier(backends, callers, rate * success, m_profile.clientTimeout, network, now);
        success *= tier.success;
        p99 = std::min(toSeconds(m_profile.clientTimeout), p99 + tier.p99Seconds);
        callers.clear();
        for (const Backend& backend : backends)
            if (backend.container != nullptr && backend.container->serving(now))
                callers.push_back(backend.container->stack);
    }
    m_last.success = success;
    m_last.rate = rate;
    m_last.p99Seconds = p99;
    m_last.offeredRequests += rate;
    m_last.lostRequests += rate * (1.0 - success);

    for (auto& [key, container] : byPod) {
        const programs::Program& program = container->program;
        auto& processes = hosts.at(container->host).processes;
        const auto process = processes.find(container->pid);
        if (process != processes.end()) {
            // cpuSeconds is brought up to date whenever the rate changes.
            process->second.cpuSeconds += process->second.cpuCores * toSeconds(now - process->second.cpuSince);
            process->second.cpuSince = now;
            process->second.cpuCores = container->serving(now) ? program.idleCores + container->requestRate * program.coresPerRequest
                                                               : program.idleCores;
        }
        if (!program.requestLog.empty() && container->requestRate > 0
            && (unixSeconds(now) + container->id.value) % kLogEverySeconds == 0) {
            const double draw = random.unit();
            const bool failed = draw > success;
            const double milliseconds = toSeconds(program.serviceTime) * 1e3 * (0.6 + 1.5 * random.unit());
            runtimes.log(container->id, now,
                         fmt::format(fmt::runtime(program.requestLog), fmt::arg("status", failed ? 503 : 200),
                                     fmt::arg("ms", static_cast<int>(failed ? p99 * 1e3 : milliseconds))));
        }
    }
    for (const gpu::Gpu& known : gpus.all()) {
        gpu::Gpu& gpu = gpus.at(known.id);
        const container::Container* owner = gpu.owner.valid() ? runtimes.find(gpu.owner) : nullptr;
        const bool busy = owner != nullptr && owner->serving(now);
        // An LLM server keeps its weights and cache resident and decodes most of the time.
        gpu.utilisation = busy ? std::clamp(0.62 + 0.1 * wave + 0.08 * (random.unit() - 0.5), 0.0, 1.0) : 0.0;
        gpu.memoryUsedBytes = busy ? gpu.memoryTotalBytes * 9 / 10 : (4LL << 20);
    }
}

} // namespace sim
