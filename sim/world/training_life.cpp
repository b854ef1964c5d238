#include "sim/net/rdma/fabric.h"
#include "sim/training/jobs/jobs.h"
#include "sim/world/world.h"

#include <algorithm>

// What training jobs and the rest of the world tell each other.
namespace sim {

namespace {

using namespace nlohmann::literals;

/// Answers by the simulated network: names, routes, firewalls, policies.
class WorldConnectivity final : public training::Connectivity {
public:
    explicit WorldConnectivity(const World& world) : m_world(world) { }

    bool reaches(const training::Worker& from, const std::string& name, std::int64_t port) const override
    {
        const kube::NamedPath path = m_world.packetPath(from.container, name, net::Protocol::Tcp, port);
        return path.connection && path.connection->delivered();
    }
    bool reaches(const training::Worker& from, const std::string& interface, const training::Worker& to, const std::string& toInterface) const override
    {
        const net::Interface* own = find(from, interface);
        const net::Interface* other = find(to, toInterface);
        if (own == nullptr || other == nullptr || own->addresses.empty() || other->addresses.empty())
            return false;
        return m_world.wayIsFree(from.stack, other->addresses.front().base, to.stack);
    }
    std::vector<std::string> interfaces(const training::Worker& worker) const override
    {
        std::vector<std::string> names;
        if (m_world.network().hasStack(worker.stack))
            for (const net::Interface& one : m_world.network().stack(worker.stack).interfaces)
                if (one.name != "lo" && one.adminUp && !one.addresses.empty())
                    names.push_back(one.name);
        return names;
    }
    std::string address(const training::Worker& worker, const std::string& interface) const override
    {
        const net::Interface* found = find(worker, interface);
        return found == nullptr || found->addresses.empty() ? std::string() : found->addresses.front().base.text();
    }

private:
    const net::Interface* find(const training::Worker& worker, const std::string& name) const
    {
        return m_world.network().hasStack(worker.stack) ? m_world.network().stack(worker.stack).interface(name) : nullptr;
    }
    const World& m_world;
};

/// The containers that train now.
std::vector<training::Worker> workersOf(const container::Runtimes& runtimes, const gpu::Gpus& gpus, Instant now)
{
    std::vector<training::Worker> workers;
    for (const auto& [id, container] : runtimes.containers()) {
        if (container.program.kind != programs::Program::Kind::Trainer || !container.serving(now))
            continue;
        training::Worker worker;
        worker.container = id;
        worker.host = container.host;
        worker.stack = container.stack;
        worker.pid = container.pid;
        worker.nameSpace = container.podNamespace;
        worker.pod = container.podName;
        worker.commandLine = container.program.command;
        worker.environment = container.environment;
        worker.volumes = container.volumes;
        worker.faultySteps = container.program.faultySteps;
        for (const GpuId gpu : gpus.of(container.host))
            if (gpus.at(gpu).owner == id)
                worker.gpus.push_back(gpu);
        workers.push_back(std::move(worker));
    }
    return workers;
}

/// A job whose processes do not run, but should: its PyTorchJob is there, neither finished nor suspended.
bool isMeantToRun(const kube::Store& store, const std::string& key, Instant now)
{
    const std::string name = training::jobName(key);
    const std::size_t slash = name.find('/');
    kube::Request get;
    get.verb = kube::Verb::Get;
    get.resource = "pytorchjobs.kubeflow.org";
    get.namespace_ = name.substr(0, slash);
    get.name = name.substr(slash + 1);
    const kube::Response answer = kube::ApiServer::read(store, get, now);
    if (!answer.ok() || answer.body.value("/spec/runPolicy/suspend"_json_pointer, false))
        return false;
    for (const nlohmann::json& condition : answer.body.value("/status/conditions"_json_pointer, nlohmann::json::array()))
        if (condition.value("type", "") == "Succeeded" && condition.value("status", "") == "True")
            return false;
    return true;
}

} // namespace

void World::train()
{
    if (m_gpus.all().empty())
        return;
    m_rdma.advance(now());
    m_rdmaStreams.follow(now(), m_hosts, m_rdma);
    for (const gpu::Node& node : m_gpus.nodes()) {
        const auto known = m_rdma.hosts().find(node.host);
        const bool direct = node.driver.loaded && node.driver.peerMemory;
        if (known == m_rdma.hosts().end() || known->second.nvidiaPeermem == direct)
            continue;
        net::rdma::HostSettings settings = known->second;
        settings.nvidiaPeermem = direct;
        m_rdma.setHost(now(), node.host, settings);
    }
    for (const net::rdma::Notice& notice : m_rdma.takeNotices())
        m_hosts.log(m_engine, notice.host, "kernel", "", 0, 6, notice.text);
    m_rdma.takeCompletions(); // jobs see the state of their transfers
    kube::Context context = kubeContext();
    container::Context runtime = context.runtimeContext();
    const WorldConnectivity connectivity(*this);
    training::Surroundings around{m_gpus, m_runtimes, runtime, m_rdma, connectivity, m_ceph};
    m_training.advance(around, workersOf(m_runtimes, m_gpus, now()));
    if (m_load.profile().training) {
        const training::Progress progress = m_training.progress([&](const std::string& key) { return isMeantToRun(m_cluster.store(), key, now()); });
        m_load.record(progress.share, progress.soundTokensPerSecond, m_training.longestStepSeconds());
    }
}

} // namespace sim
