#include "sim/world/world.h"

#include "sim/engine/assert.h"
#include "sim/faults/catalogue.h"
#include "sim/host/memory_figures.h"
#include "sim/kube/api/printers.h"
#include "sim/kube/pod_tally.h"
#include "sim/world/topology_builder.h"

#include <algorithm>

namespace sim {

namespace {

// A change can ripple through host, runtime and cluster; more rounds than this is a bug.
constexpr int kMaxRounds = 1000;

} // namespace

World::World(Instant start, std::uint64_t seed, kube::ClusterSettings cluster)
    : m_start(start)
    , m_engine(start, seed)
    , m_cluster(std::move(cluster))
{
    m_engine.after(1s, {.part = Part::World, .type = kSecondEvent});
}

Result<World> World::build(const nlohmann::json& topology, std::uint64_t seed)
{
    return TopologyBuilder::build(topology, seed);
}

World::World(const World& other) = default;
World::World(World&& other) noexcept = default;
World& World::operator=(const World& other) = default;
World& World::operator=(World&& other) noexcept = default;
World::~World() = default;

kube::Context World::kubeContext()
{
    return {m_engine, m_network, m_hosts, m_registries, m_runtimes, m_gpus, this};
}

container::docker::Context World::dockerContext()
{
    return {{m_engine, m_network, m_hosts, m_registries}, m_runtimes};
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
        if (event.type == kMomentEvent) {
            attendModels();
            break;
        }
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
        if (container::docker::Daemons::handles(event)) {
            container::docker::Context docker = dockerContext();
            m_dockers.handle(docker, event);
        } else {
            m_runtimes.handle(runtime, event);
        }
        break;
    case Part::Gpu:
        m_gpus.handle(m_engine, m_hosts, event);
        break;
    case Part::Kube:
        m_cluster.handle(context, event);
        break;
    case Part::Faults: {
        const Injection& injection = m_injections.at(event.target);
        faults::Context faultContext{context, m_cluster, m_programs, m_dockers, m_rdma, m_training, m_ceph, m_serving};
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
    container::docker::Context docker = dockerContext();
    for (int round = 0; round < kMaxRounds; ++round) {
        const auto flows = m_network.takeEnded();
        const auto hosts = m_hosts.takeNotices();
        for (const auto& flow : flows) {
            m_runtimes.on(runtime, flow);
            m_dockers.on(docker, flow);
        }
        for (const auto& notice : hosts) {
            onHostNotice(notice);
            m_registries.on(m_hosts, notice);
            m_runtimes.on(runtime, notice);
            m_dockers.on(docker, notice);
            m_cluster.on(context, notice);
        }
        const auto containers = m_runtimes.takeNotices();
        for (const auto& notice : containers) {
            m_dockers.on(docker, notice);
            m_cluster.on(context, notice);
        }
        const auto lost = m_gpus.takeLost();
        for (const gpu::Lost& one : lost)
            onLost(one);
        if (flows.empty() && hosts.empty() && containers.empty() && lost.empty()) {
            m_cluster.settle(context);
            m_dockers.settle(docker);
            return;
        }
    }
    FL_ASSERT(!"parts keep telling each other news");
}

void World::sample()
{
    m_load.tick(m_engine, m_network, m_hosts, m_runtimes, m_cluster, m_dockers, m_programs);
    m_programs.tick(m_engine, m_network, m_hosts); // after the load, which tells every container what it uses by its image alone
    tickNetwork();
    runGpuPrograms();
    serveStorage();
    train();
    serveModels();
    telemetry::Sample sample;
    sample.success = m_load.last().success;
    sample.rate = m_load.last().rate * (m_load.profile().training ? sample.success : 1); // tokens are counted when they are trained on
    sample.p99Seconds = m_load.last().p99Seconds;
    sample.podsRunning = m_cluster.podTally().ready;
    sample.podsWaiting = m_cluster.podTally().waiting;
    for (const gpu::Gpu& gpu : m_gpus.all()) {
        sample.gpuTemperatureC = std::max(sample.gpuTemperatureC, gpu.temperatureC());
        sample.gpuPowerW += gpu.now.powerW;
    }
    for (const telemetry::Rule& rule : m_telemetry.rules())
        sample.machines.push_back(measured(rule));
    m_telemetry.record(now(), sample);
}

double World::measured(const telemetry::Rule& rule) const
{
    if (rule.measure == telemetry::Measure::GpuTemperature || rule.measure == telemetry::Measure::GpusAbsent) {
        double hottest = 0;
        double absent = 0;
        for (const gpu::Node& node : m_gpus.nodes()) {
            const bool answers = gpu::nvmlStatus(node.driver, m_hosts.at(node.host)) == gpu::NvmlStatus::Success;
            for (const GpuId id : node.gpus) {
                const gpu::Gpu& gpu = m_gpus.at(id);
                hottest = std::max(hottest, gpu.working() ? gpu.temperatureC() : 0);
                absent += answers && gpu.working() ? 0 : 1;
            }
        }
        return rule.measure == telemetry::Measure::GpuTemperature ? hottest : absent;
    }
    if (rule.measure == telemetry::Measure::CephHealth) // nobody answers without a quorum: as bad as an error
        return m_ceph.exists() && m_ceph.quorum() ? static_cast<double>(storage::ceph::worst(m_ceph.health(now()))) : 2;
    const host::Machine* machine = rule.measure == telemetry::Measure::ErrorBudget ? nullptr : m_hosts.find(rule.machine);
    if (machine == nullptr || machine->power != host::Machine::Power::On)
        return rule.threshold; // nothing is scraped from a machine that is off
    if (rule.measure == telemetry::Measure::LoadPerCpu)
        return machine->loadAverage(now()).one / static_cast<double>(machine->cpus);
    if (rule.measure == telemetry::Measure::OutOfMemoryKills) {
        std::int64_t kills = 0;
        for (auto entry = machine->journal.rbegin(); entry != machine->journal.rend() && now() - entry->at < rule.window; ++entry)
            kills += entry->identifier == "kernel" && entry->message.find("ut of memory: Killed process") != std::string::npos;
        return static_cast<double>(kills);
    }
    const host::MemoryFigures memory = host::memoryFigures(*machine);
    return memory.total > 0 ? 100.0 * static_cast<double>(memory.free) / static_cast<double>(memory.total) : rule.threshold;
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
    m_programs.addTo(f);
    m_dockers.addTo(f);
    m_gpus.addTo(f);
    m_rdma.addTo(f);
    m_rdmaStreams.addTo(f);
    m_training.addTo(f);
    m_serving.addTo(f);
    m_ceph.addTo(f);
    m_cluster.addTo(f);
    m_telemetry.addTo(f);
    m_load.addTo(f);
    return f.value();
}

} // namespace sim
