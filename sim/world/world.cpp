#include "sim/world/world.h"

#include "sim/engine/assert.h"
#include "sim/faults/catalogue.h"
#include "sim/kube/api/printers.h"
#include "sim/kube/pod_tally.h"
#include "sim/world/topology_builder.h"

#include <algorithm>

namespace sim {

namespace {

enum class WorldEvent : std::uint16_t { Second };

// A change can ripple through host, runtime and cluster; more rounds than this is a bug.
constexpr int kMaxRounds = 1000;

} // namespace

World::World(Instant start, std::uint64_t seed, kube::ClusterSettings cluster)
    : m_start(start)
    , m_engine(start, seed)
    , m_cluster(std::move(cluster))
{
    m_engine.after(1s, {.part = Part::World, .type = static_cast<std::uint16_t>(WorldEvent::Second)});
}

Result<World> World::build(const nlohmann::json& topology, std::uint64_t seed)
{
    return TopologyBuilder::build(topology, seed);
}

kube::Context World::kubeContext()
{
    return {m_engine, m_network, m_hosts, m_registries, m_runtimes, m_gpus};
}

void World::runUntil(Instant to)
{
    FL_ASSERT(to >= now());
    while (const auto event = m_engine.next(to)) {
        dispatch(*event);
        settle();
    }
    m_engine.advanceTo(to);
}

void World::dispatch(const Event& event)
{
    kube::Context context = kubeContext();
    container::Context runtime = context.runtimeContext();
    switch (event.part) {
    case Part::World:
        sample();
        m_engine.after(1s, event);
        break;
    case Part::Net:
        m_network.handle(m_engine, event);
        break;
    case Part::Host:
        m_hosts.handle(m_engine, m_network, event);
        break;
    case Part::Container:
        m_runtimes.handle(runtime, event);
        break;
    case Part::Gpu:
        m_gpus.handle(m_engine, event);
        break;
    case Part::Kube:
        m_cluster.handle(context, event);
        break;
    case Part::Faults: {
        const Injection& injection = m_injections.at(event.target);
        faults::Context faultContext{context, m_cluster};
        faults::proceed(faultContext, injection.fault, injection.parameters);
        break;
    }
    case Part::Programs:
    case Part::Telemetry:
        break;
    }
}

void World::settle()
{
    kube::Context context = kubeContext();
    container::Context runtime = context.runtimeContext();
    for (int round = 0; round < kMaxRounds; ++round) {
        const auto flows = m_network.takeEnded();
        const auto hosts = m_hosts.takeNotices();
        for (const auto& flow : flows)
            m_runtimes.on(runtime, flow);
        for (const auto& notice : hosts) {
            m_registries.on(m_hosts, notice);
            m_runtimes.on(runtime, notice);
            m_cluster.on(context, notice);
        }
        const auto containers = m_runtimes.takeNotices();
        for (const auto& notice : containers)
            m_cluster.on(context, notice);
        if (flows.empty() && hosts.empty() && containers.empty()) {
            m_cluster.settle(context);
            return;
        }
    }
    FL_ASSERT(!"parts keep telling each other news");
}

void World::sample()
{
    m_load.tick(m_engine, m_network, m_hosts, m_runtimes, m_gpus, m_cluster);
    telemetry::Sample sample;
    sample.success = m_load.last().success;
    sample.rate = m_load.last().rate;
    sample.p99Seconds = m_load.last().p99Seconds;
    sample.podsRunning = m_cluster.podTally().ready;
    sample.podsWaiting = m_cluster.podTally().waiting;
    for (const gpu::Gpu& gpu : m_gpus.all()) {
        sample.gpuTemperatureC = std::max(sample.gpuTemperatureC, gpu.temperatureC);
        sample.gpuPowerW += gpu.powerW;
    }
    m_telemetry.record(now(), sample);
}

kube::Response World::apiRead(const kube::Request& request) const
{
    // apiAvailable() only reads; the context type serves writers too.
    if (!m_cluster.apiAvailable(const_cast<World*>(this)->kubeContext())) {
        kube::Response refused;
        refused.code = 0;
        refused.body["message"] = TopologyBuilder::kApiRefused;
        return refused;
    }
    if (auto metrics = m_cluster.readMetrics(const_cast<World*>(this)->kubeContext(), request))
        return *metrics;
    if (auto components = m_cluster.readComponents(const_cast<World*>(this)->kubeContext(), request))
        return *components;
    if (auto refusal = m_cluster.readRefusal(now()))
        return *refusal;
    return kube::ApiServer::read(m_cluster.store(), request, now());
}

std::variant<kube::Table, kube::Response> World::apiTable(const kube::Request& request) const
{
    if (!m_cluster.apiAvailable(const_cast<World*>(this)->kubeContext()) || m_cluster.readRefusal(now()))
        return apiRead(request);
    if (auto components = m_cluster.componentTable(const_cast<World*>(this)->kubeContext(), request))
        return std::move(*components);
    return kube::ApiServer::table(m_cluster.store(), request, now());
}

const container::Container* World::containerOf(const kube::Pod& pod, const std::string& containerName, bool previous) const
{
    return m_cluster.containerOf(const_cast<World*>(this)->kubeContext(), pod, containerName, previous);
}

std::uint64_t World::fingerprint() const
{
    Fingerprint f;
    m_engine.addTo(f);
    m_network.addTo(f);
    m_hosts.addTo(f);
    m_registries.addTo(f);
    m_runtimes.addTo(f);
    m_gpus.addTo(f);
    m_cluster.addTo(f);
    m_telemetry.addTo(f);
    m_load.addTo(f);
    return f.value();
}

} // namespace sim
