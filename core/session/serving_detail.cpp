#include "core/session/serving_detail.h"

#include "sim/kube/api/printers.h"
#include "sim/kube/api/selectors.h"
#include "sim/kube/client/objects.h"
#include "sim/programs/program.h"
#include "sim/serving/log_lines.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace core::session {

namespace {

using namespace std::chrono_literals;
namespace kube = sim::kube;
namespace serving = sim::serving;

/// What comes in is counted over so long; of clients over twice as long, from the second look on.
constexpr sim::Duration kArrivals = 5s;
constexpr sim::Duration kLeastArrivals = 2s;
constexpr std::size_t kShownSteps = 48;
constexpr std::size_t kShownSamples = 240;
constexpr std::string_view kRouterProgram = "vllm-router";

std::string loadWord(serving::LoadKind kind)
{
    switch (kind) {
    case serving::LoadKind::Chat: return "chat";
    case serving::LoadKind::Agents: return "agents";
    case serving::LoadKind::Retrieval: return "retrieval";
    case serving::LoadKind::Documents: return "documents";
    case serving::LoadKind::Batch: return "batch";
    }
    return {};
}

bool startsRouter(const kube::Container& container)
{
    return (!container.command.empty() && container.command.front() == kRouterProgram) || (!container.args.empty() && container.args.front() == kRouterProgram);
}

std::uint64_t failuresOf(const std::array<std::uint64_t, serving::kOutcomes>& outcomes)
{
    std::uint64_t all = 0;
    for (const serving::Outcome outcome : {serving::Outcome::GaveUp, serving::Outcome::Refused, serving::Outcome::Unreachable, serving::Outcome::Failed})
        all += outcomes[static_cast<std::size_t>(outcome)];
    return all;
}

/// What the objects of the cluster and the fleet say of who serves whom.
class Survey {
public:
    explicit Survey(const sim::World& world) : m_world(world), m_store(world.cluster().store())
    {
        for (const auto& [id, server] : world.serving().servers()) {
            const serving::Server*& known = m_servers[server.nameSpace + "/" + server.pod];
            if (known == nullptr || server.engine || !known->engine) // a pod's newest, or the one that works
                known = &server;
        }
    }

    void lay(ServingDetail& detail)
    {
        for (const serving::Client& client : m_world.serving().clients())
            routeTo(detail, client.settings.service);
        // Servers that nobody's clients reach.
        for (const auto& [name, server] : m_servers)
            if (std::none_of(detail.replicas.begin(), detail.replicas.end(), [&](const ServingReplica& one) { return one.name == server->pod; }))
                if (const auto pod = m_store.get<kube::Pod>({server->nameSpace, server->pod})) {
                    const auto deployment = deploymentOf(*pod);
                    detail.routes.push_back({server->nameSpace + "/" + (deployment ? deployment->metadata.name : server->pod), {}, {}, {}, true, 0, 0});
                    kube::LabelSelector wanted;
                    wanted.matchLabels = pod->metadata.labels;
                    addReplicas(detail, server->nameSpace, deployment ? deployment->spec.selector : wanted);
                }
        for (const serving::Client& client : m_world.serving().clients())
            addClient(detail, client);
    }

    const serving::Server* server(const std::string& pod) const
    {
        const auto found = std::find_if(m_servers.begin(), m_servers.end(), [&](const auto& entry) { return entry.second->pod == pod; });
        return found == m_servers.end() ? nullptr : found->second;
    }

    /// The Deployment that a pod's ReplicaSet belongs to.
    std::shared_ptr<const kube::Deployment> deploymentOf(const kube::Pod& pod) const
    {
        const kube::OwnerReference* set = kube::controllerOf(pod.metadata);
        if (set == nullptr || set->kind != "ReplicaSet")
            return nullptr;
        const auto replicas = m_store.get<kube::ReplicaSet>({pod.metadata.namespace_, set->name});
        const kube::OwnerReference* deployment = replicas ? kube::controllerOf(replicas->metadata) : nullptr;
        return deployment == nullptr ? nullptr : m_store.get<kube::Deployment>({pod.metadata.namespace_, deployment->name});
    }

    void describe(ServingInside& inside, const serving::Server& server) const
    {
        const auto pod = m_store.get<kube::Pod>({server.nameSpace, server.pod});
        const auto deployment = pod ? deploymentOf(*pod) : nullptr;
        const sim::container::Container* running = m_world.runtimes().find(server.container);
        if (!deployment || running == nullptr)
            return;
        for (const kube::Container& container : deployment->spec.template_.spec.containers)
            if (container.name == running->name && !container.args.empty()) {
                inside.nameSpace = server.nameSpace;
                inside.deployment = deployment->metadata.name;
                inside.container = container.name;
                inside.arguments = container.args;
                inside.model = server.arguments.model;
            }
    }

private:
    void routeTo(ServingDetail& detail, const std::string& service)
    {
        if (std::any_of(detail.routes.begin(), detail.routes.end(), [&](const ServingRoute& one) { return one.service == service; }))
            return;
        const std::size_t slash = service.find('/');
        const std::string ns = service.substr(0, slash);
        ServingRoute route;
        route.service = service;
        const auto object = m_store.get<kube::Service>({ns, service.substr(slash + 1)});
        if (!object) {
            route.ready = false;
            detail.routes.push_back(std::move(route));
            return;
        }
        kube::LabelSelector behind;
        behind.matchLabels = object->spec.selector;
        route.ready = anyReady(ns, behind);
        const auto router = routerBehind(ns, behind);
        std::string serversIn = ns;
        if (router) {
            const kube::Container& container = router->spec.template_.spec.containers.front();
            std::vector<std::string> words = container.command;
            words.insert(words.end(), container.args.begin(), container.args.end());
            const auto said = [&words](std::string_view flag) { return sim::programs::flagOf(words, flag).value_or(""); };
            route.router = router->metadata.name;
            route.policyName = said("--policy");
            for (const auto& [id, state] : m_world.serving().routers()) {
                const sim::container::Container* running = m_world.runtimes().find(id);
                if (running == nullptr || running->podNamespace != ns || running->podName.rfind(router->metadata.name + "-", 0) != 0)
                    continue;
                route.policyName = state.policyName;
                route.policy = state.router.policy();
            }
            const std::string named = said("--service-discovery-namespace");
            serversIn = named.empty() ? ns : named;
            behind = kube::parseLabelSelector(said("--selector")).selector;
        }
        detail.routes.push_back(std::move(route));
        addReplicas(detail, serversIn, behind);
    }

    bool anyReady(const std::string& ns, const kube::LabelSelector& selector) const
    {
        const auto pods = m_store.inNamespace<kube::Pod>(ns);
        return std::any_of(pods.begin(), pods.end(), [&](const auto& pod) { // who is about to go gets nothing more
            return selector.matches(pod->metadata.labels) && kube::isReady(*pod) && !pod->metadata.deletionTimestamp;
        });
    }

    std::shared_ptr<const kube::Deployment> routerBehind(const std::string& ns, const kube::LabelSelector& selector) const
    {
        for (const auto& deployment : m_store.inNamespace<kube::Deployment>(ns)) {
            const kube::PodTemplateSpec& pods = deployment->spec.template_;
            if (selector.matches(pods.metadata.labels) && !pods.spec.containers.empty() && startsRouter(pods.spec.containers.front()))
                return deployment;
        }
        return nullptr;
    }

    /// Pods of the last route.
    void addReplicas(ServingDetail& detail, const std::string& ns, const kube::LabelSelector& wanted)
    {
        if (wanted.matchLabels.empty() && wanted.matchExpressions.empty())
            return; // it would be all pods
        for (const auto& pod : m_store.inNamespace<kube::Pod>(ns))
            if (wanted.matches(pod->metadata.labels))
                detail.replicas.push_back(replicaOf(*pod, static_cast<int>(detail.routes.size()) - 1));
    }

    ServingReplica replicaOf(const kube::Pod& pod, int route) const
    {
        ServingReplica replica;
        replica.name = pod.metadata.name;
        replica.node = pod.spec.nodeName;
        replica.route = route;
        const std::string word = kube::podStatusWord(pod);
        const auto& statuses = pod.status.containerStatuses;
        const bool started = std::any_of(statuses.begin(), statuses.end(), [](const auto& status) { return status.started.value_or(false); });
        if (kube::isReady(pod) && !pod.metadata.deletionTimestamp)
            replica.state = ServingReplica::State::Ready;
        else if (word == kube::kPodRunning || pod.metadata.deletionTimestamp)
            replica.state = started ? ServingReplica::State::NotReady : ServingReplica::State::Starting;
        else
            replica.state = word == kube::kPodPending || word == "ContainerCreating" || word == "PodInitializing" ? ServingReplica::State::Starting : ServingReplica::State::Down;
        if (replica.state != ServingReplica::State::Ready && word != kube::kPodRunning)
            replica.word = word;
        const auto known = m_servers.find(pod.metadata.namespace_ + "/" + pod.metadata.name);
        replica.measured = known != m_servers.end() && known->second->engine;
        if (!replica.measured)
            return replica;
        const serving::Server& server = *known->second;
        const serving::EngineState state = server.engine->state();
        replica.running = state.running;
        replica.waiting = state.waiting;
        replica.cacheUse = state.cacheUsage;
        replica.hitRate = state.prefixHitRate;
        replica.generationTokensPerSecond = server.tokensPerSecond;
        if (!server.history.empty())
            replica.promptTokensPerSecond = server.history.back().promptTokensPerSecond;
        const auto requests = server.engine->recentRequests();
        const auto late = std::count_if(requests.begin(), requests.end(), [&](const serving::IntakeRecord& one) { return one.at > m_world.now() - kArrivals; });
        replica.requestsPerSecond = static_cast<double>(late) / sim::toSeconds(kArrivals);
        return replica;
    }

    void addClient(ServingDetail& detail, const serving::Client& client) const
    {
        const auto route = std::find_if(detail.routes.begin(), detail.routes.end(), [&](const ServingRoute& one) { return one.service == client.settings.service; });
        const auto least = [](double& agreed, double goal) { agreed = agreed > 0 ? std::min(agreed, goal) : goal; };
        if (client.settings.interactive) {
            least(route->firstTokenGoal, client.settings.firstTokenGoal);
            least(route->tokenGoal, client.settings.tokenGoal);
        }
        detail.clients.push_back({client.settings.name, loadWord(client.settings.load.kind), static_cast<int>(route - detail.routes.begin()), static_cast<double>(client.arrived),
                                  static_cast<double>(failuresOf(client.latest))});
    }

    const sim::World& m_world;
    const kube::Store& m_store;
    std::map<std::string, const serving::Server*> m_servers; ///< by pod
};

std::string logKey(const sim::World& world, const serving::Server& server)
{
    const sim::container::Container* container = world.runtimes().find(server.container);
    return container == nullptr ? std::string() : fmt::format("log/{}/{}/{}", server.nameSpace, server.pod, container->name);
}

/// As the servers' own lines and metrics tell it.
void addReadings(ServingDetail& detail, const sim::World& world, const Survey& survey)
{
    detail.fleetRead.what = "model servers";
    for (const ServingReplica& replica : detail.replicas) {
        detail.fleetRead.text += fmt::format("{} {} {}\n", replica.name, replica.node, replica.word.empty() ? (replica.state == ServingReplica::State::Ready ? "Ready" : "NotReady") : replica.word);
        detail.fleetRead.shape += fmt::format("{}{}{} ", replica.name, static_cast<int>(replica.state), replica.word);
        const serving::Server* server = survey.server(replica.name);
        if (server == nullptr || !server->engine)
            continue;
        serving::StatsInterval interval;
        interval.promptTokens = static_cast<std::uint64_t>(replica.promptTokensPerSecond * interval.seconds);
        interval.generationTokens = static_cast<std::uint64_t>(replica.generationTokensPerSecond * interval.seconds);
        interval.state = server->engine->state();
        detail.fleetRead.text += serving::statsLine(server->arguments.settings.kind, 0, interval) + "\n";
        // Loads tremble: worth telling again are queues that come and go, and the tenths of the cache.
        detail.fleetRead.shape += fmt::format("{} {} ", replica.waiting > 4 ? 1 : 0, static_cast<int>(replica.cacheUse * 5));
        if (const std::string key = logKey(world, *server); !key.empty())
            detail.fleetRead.reads.push_back(key);
    }
    for (const ServingClient& client : detail.clients)
        detail.fleetRead.shape += client.failuresPerSecond > 0 ? "!" : ".";
    if (!detail.clients.empty())
        detail.fleetRead.reads.push_back("http/slo.lab:80/serving");
}

} // namespace

ServingDetail servingOf(const sim::World& world, const ServingInterest& interest, ServingTwin* twin)
{
    ServingDetail detail;
    detail.exists = !world.serving().empty();
    if (!detail.exists)
        return detail;
    Survey survey(world);
    survey.lay(detail);
    const auto chosen = std::find_if(detail.replicas.begin(), detail.replicas.end(), [&](const ServingReplica& one) {
        return interest.replica.empty() ? one.measured : one.name == interest.replica;
    });
    addReadings(detail, world, survey);
    const serving::Server* server = chosen == detail.replicas.end() ? nullptr : survey.server(chosen->name);
    if (server == nullptr || !server->engine)
        return detail;
    const serving::LlmEngine& engine = *server->engine;
    ServingInside& inside = detail.inside.emplace();
    inside.replica = server->pod;
    inside.settings = engine.settings();
    survey.describe(inside, *server);
    if (interest.cache)
        inside.cache = blockMapOf(engine);
    if (interest.twin && twin != nullptr && engine.paged() != nullptr)
        inside.twin = twin->cacheMap(engine, world.now());
    if (interest.batch)
        inside.batch = lanesOf(engine, kShownSteps);
    const serving::EngineState state = engine.state();
    inside.stateRead.what = "model server";
    inside.stateRead.text = fmt::format("{} running {} waiting {} cache {:.1f}% hits {:.1f}%", inside.replica, state.running, state.waiting, 100 * state.cacheUsage,
                                        100 * state.prefixHitRate);
    inside.stateRead.shape = fmt::format("{} {} {}", inside.replica, state.waiting > 4 ? 1 : 0, static_cast<int>(state.cacheUsage * 10));
    if (const std::string key = logKey(world, *server); !key.empty())
        inside.stateRead.reads = {key};
    if (!interest.samples)
        return detail;
    inside.samples.emplace(server->history.end() - static_cast<std::ptrdiff_t>(std::min(kShownSamples, server->history.size())), server->history.end());
    inside.samplesRead = inside.stateRead;
    inside.samplesRead.what = "model server's history";
    for (const serving::ServingSample& sample : *inside.samples)
        inside.samplesRead.text += fmt::format("\nTTFT p99 {:.3f} TPOT p99 {:.4f} running {} waiting {} cache {:.3f} preemptions/s {:.1f}", sample.ttftP99, sample.tpotP99, sample.running, sample.waiting,
                                               sample.cacheUse, sample.preemptionsPerSecond);
    return detail;
}

void ServingDetailer::smooth(ServingDetail& detail, const sim::World& world)
{
    const std::vector<serving::Client>& clients = world.serving().clients();
    if (!m_counts.empty() && (m_counts.back().at > world.now() || m_counts.back().sent.size() != clients.size()))
        m_counts.clear();
    Counts counts{world.now(), {}, {}};
    for (const serving::Client& client : clients) {
        counts.sent.push_back(client.sent);
        counts.failed.push_back(failuresOf(client.outcomes));
    }
    m_counts.push_back(std::move(counts));
    while (m_counts.size() > 2 && m_counts.back().at - m_counts[1].at >= 2 * kArrivals)
        m_counts.pop_front();
    const Counts& first = m_counts.front();
    const Counts& last = m_counts.back();
    if (last.at - first.at < kLeastArrivals)
        return;
    const double seconds = sim::toSeconds(last.at - first.at);
    for (std::size_t i = 0; i < detail.clients.size(); ++i) {
        detail.clients[i].requestsPerSecond = static_cast<double>(last.sent[i] - first.sent[i]) / seconds;
        detail.clients[i].failuresPerSecond = static_cast<double>(last.failed[i] - first.failed[i]) / seconds;
    }
}

std::shared_ptr<const ServingDetail> ServingDetailer::look(const sim::World& world, const ServingInterest& interest, bool still)
{
    if (interest == ServingInterest()) {
        forget();
        return nullptr;
    }
    if (!m_pace.due(world.now(), m_last && interest == m_asked, still))
        return m_last;
    if (!interest.twin || interest.replica != m_asked.replica)
        m_twin = {};
    ServingDetail detail = servingOf(world, interest, &m_twin);
    smooth(detail, world);
    m_last = std::make_shared<const ServingDetail>(std::move(detail));
    m_asked = interest;
    return m_last;
}

} // namespace core::session
