#include "sim/kube/api/selectors.h"
#include "sim/kube/client/objects.h"
#include "sim/serving/openai/metrics_page.h"
#include "sim/serving/openai/pages.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

// What model servers and the rest of the world tell each other.
namespace sim {

namespace {

/// While somebody waits for an answer of his own, it is looked at so often: a streamed answer comes token by token.
constexpr Duration kMoment = 25ms;

/// Answers by the cluster's own objects.
class WorldDiscovery final : public serving::Discovery {
public:
    WorldDiscovery(const kube::Store& store, const container::Runtimes& runtimes) : m_store(store)
    {
        using Kind = programs::Program::Kind;
        for (const auto& [id, container] : runtimes.containers())
            if (container.state == container::Container::State::Running && (container.program.kind == Kind::LlmServer || container.program.kind == Kind::LlmRouter))
                m_containers[container.podNamespace + "/" + container.podName] = id;
    }

    std::vector<ContainerId> endpoints(const std::string& service) const override
    {
        std::vector<ContainerId> found;
        const std::size_t slash = service.find('/');
        const std::string ns = service.substr(0, slash);
        for (const std::string& pod : kube::readyPodsBehind(m_store, ns, service.substr(slash + 1)))
            add(found, ns, pod);
        return found;
    }
    std::vector<ContainerId> ready(const std::string& nameSpace, const std::string& selector) const override
    {
        std::vector<ContainerId> found;
        const kube::ParsedSelector wanted = kube::parseLabelSelector(selector);
        for (const auto& pod : m_store.inNamespace<kube::Pod>(nameSpace))
            if (wanted.selector.matches(pod->metadata.labels) && !pod->metadata.deletionTimestamp && kube::isReady(*pod))
                add(found, nameSpace, pod->metadata.name);
        return found;
    }

private:
    void add(std::vector<ContainerId>& found, const std::string& nameSpace, const std::string& pod) const
    {
        if (const auto container = m_containers.find(nameSpace + "/" + pod); container != m_containers.end())
            found.push_back(container->second);
    }
    const kube::Store& m_store;
    std::map<std::string, ContainerId> m_containers; ///< by pod
};

} // namespace

const serving::Server* World::modelBehind(ContainerId container) const
{
    const serving::Server* own = m_serving.find(container);
    if (own != nullptr)
        return own->answers() ? own : nullptr;
    const WorldDiscovery discovery(m_cluster.store(), m_runtimes);
    for (const ContainerId id : serving::workersOf(*m_runtimes.find(container), discovery))
        if (const serving::Server* server = m_serving.find(id); server != nullptr && server->answers())
            return server;
    return nullptr;
}

void World::answerModel(HttpAnswer& answer, const HttpQuestion& question, const container::Container& container) const
{
    namespace openai = serving::openai;
    const auto page = [&](const openai::Page& one) {
        answer.status = one.status;
        if (!one.contentType.empty())
            answer.headers["Content-Type"] = one.contentType;
        for (const auto& [name, value] : one.headers)
            answer.headers[name] = value;
        answer.body = one.body;
    };
    answer.model = container.id;
    const std::string path = question.path.substr(0, question.path.find('?'));
    const auto router = m_serving.routers().find(container.id);
    if (router != m_serving.routers().end()) {
        if (path == "/health" || path == "/liveness" || path == "/readiness")
            return page({200, "text/plain; charset=utf-8", "OK"});
        if (path == "/metrics")
            return page({200, "text/plain; version=0.0.4; charset=utf-8", serving::routerMetrics(router->second, m_runtimes)});
    }
    const serving::Server* server = modelBehind(container.id);
    if (server == nullptr || !server->engine)
        return page({503, "application/json", R"json({"error":{"message":"No available workers (all circuits open or unhealthy)","type":"service_unavailable","code":503}})json"});
    const auto& processes = m_hosts.at(server->host).processes;
    const container::Container* owner = m_runtimes.find(server->container);
    const auto own = processes.find(owner->pid);
    openai::ServerProcess process;
    process.started = owner->started;
    process.openFiles = 60 + static_cast<std::uint32_t>(server->flights.size());
    if (own != processes.end()) {
        process.cpuSeconds = own->second.cpuSecondsAt(now());
        process.residentBytes = static_cast<double>(own->second.residentBytes);
    }
    const openai::Server shown{server->arguments, *server->engine, process, server->phase == serving::ServerPhase::Dead};
    openai::Served served = openai::serve(shown, {question.method, question.path, question.headers, question.body, now()}, m_serving.nextAsk());
    if (const auto* done = std::get_if<openai::Page>(&served))
        return page(*done);
    if (auto* generation = std::get_if<openai::Generation>(&served)) {
        page(generation->stream ? openai::streamHead() : openai::Page{});
        answer.generation = std::make_shared<const openai::Generation>(std::move(*generation));
        return;
    }
    answer.model = server->container;
    answer.resetsCache = true;
    page({200, "", ""});
}

template <class Act>
void World::withFleet(Act act)
{
    kube::Context context = kubeContext();
    container::Context runtime = context.runtimeContext();
    const WorldDiscovery discovery(m_cluster.store(), m_runtimes);
    serving::Surroundings around{m_gpus, m_runtimes, runtime, discovery};
    act(around);
}

/// The newest of a Deployment's pods decides; each lets as much through as its limit says.
void World::followGateways()
{
    for (serving::Client& client : m_serving.clients()) {
        const std::string& gateway = client.settings.gateway;
        if (gateway.empty())
            continue;
        const std::string_view space = std::string_view(gateway).substr(0, gateway.find('/'));
        const std::string_view name = std::string_view(gateway).substr(space.size() + 1);
        std::uint32_t replicas = 0;
        const container::Container* newest = nullptr;
        for (const auto& [id, container] : m_runtimes.containers())
            if (container.podNamespace == space && !container.sandbox && container.serving(now()) && kube::deploymentOf(container.podName) == name) {
                newest = &container;
                ++replicas;
            }
        std::optional<serving::GatewaySettings> settings;
        if (newest != nullptr)
            settings = serving::gatewaySettings(newest->program.command, newest->files, replicas);
        client.follow(settings ? &*settings : nullptr, m_engine.random("serving/clients"), now());
    }
}

kube::PodSeries World::podSeries(const kube::Pod& pod, Instant scraped) const
{
    for (const auto& [id, server] : m_serving.servers()) {
        if (server.nameSpace != pod.metadata.namespace_ || server.pod != pod.metadata.name)
            continue;
        const auto sample = std::find_if(server.history.rbegin(), server.history.rend(), [&](const auto& one) { return one.at <= scraped; });
        return sample == server.history.rend() ? kube::PodSeries() : serving::openai::gaugesOf(server.arguments.settings.kind, *sample);
    }
    return {};
}

void World::serveModels()
{
    std::vector<ContainerId> servers;
    std::vector<ContainerId> routers;
    for (const auto& [id, container] : m_runtimes.containers()) {
        if (container.state != container::Container::State::Running)
            continue;
        if (container.program.kind == programs::Program::Kind::LlmServer && container.runsProgram)
            servers.push_back(id);
        else if (container.program.kind == programs::Program::Kind::LlmRouter && container.serving(now()))
            routers.push_back(id);
    }
    if (servers.empty() && m_serving.empty())
        return;
    followGateways();
    withFleet([&](serving::Surroundings& around) { m_serving.advance(around, servers, routers); });
    if (m_load.profile().serving) {
        const serving::FleetResult& result = m_serving.last();
        m_load.record(result.success, result.requestsPerSecond, result.firstTokenP99);
    }
}

void World::attendModels()
{
    withFleet([&](serving::Surroundings& around) { m_serving.attend(around); });
    m_attending = false;
    attendSoon();
}

void World::attendSoon()
{
    if (m_attending || !m_serving.isAsked())
        return;
    m_attending = true;
    m_engine.after(kMoment, {.part = Part::World, .type = kMomentEvent});
}

std::uint64_t World::askModel(ContainerId to, serving::Request request)
{
    std::uint64_t ask = 0;
    withFleet([&](serving::Surroundings& around) {
        m_serving.attend(around); // engines stand at this instant
        ask = m_serving.submit(around, to, std::move(request));
    });
    attendSoon();
    return ask;
}

void World::leaveModel(std::uint64_t ask)
{
    withFleet([&](serving::Surroundings& around) {
        m_serving.attend(around);
        m_serving.abandon(around, ask);
    });
}

} // namespace sim
