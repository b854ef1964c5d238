#include "sim/gpu/gpus.h"
#include "sim/host/unit_file.h"
#include "sim/world/gpu_changes.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

// What GPUs and the programs of containers tell each other.
namespace sim {

namespace {

constexpr const char* kPluginProgram = "nvidia-device-plugin";
constexpr const char* kFabricUnit = "nvidia-fabricmanager.service";
/// A benchmark that scores its answers in batches, all the time: long prompts, so tensor cores have something to do. An estimate.
constexpr gpu::Activity kScoring{.kernel = 1, .sm = 0.6, .tensor = 0.35, .dram = 0.3};

gpu::Activity scaled(const gpu::Activity& whole, double share)
{
    gpu::Activity part = whole;
    part.kernel = std::clamp(whole.kernel * share, 0.0, 1.0);
    part.sm *= share;
    part.tensor *= share;
    part.dram *= share;
    return part;
}

} // namespace

void World::runGpuPrograms()
{
    if (m_gpus.all().empty())
        return;
    RandomStream& random = m_engine.random("gpu/programs");
    for (const gpu::Gpu& known : m_gpus.all()) {
        gpu::Gpu& gpu = m_gpus.at(known.id);
        gpu.processes.clear();
        const container::Container* owner = gpu.owner.valid() ? m_runtimes.find(gpu.owner) : nullptr;
        if (owner == nullptr || owner->state != container::Container::State::Running || !owner->serving(now()) || !gpu.working())
            continue;
        const programs::Program& program = owner->program;
        // Trainers and model servers say themselves what they do.
        if (program.gpuMemoryBytes == 0)
            continue;
        gpu::GpuProcess process;
        process.pid = owner->pid;
        process.name = program.command.empty() ? program.name : program.command.front();
        process.memoryBytes = program.gpuMemoryBytes;
        const double swing = program.gpuWork > 0 ? 1 + 0.12 * (random.unit() - 0.5) : 1;
        process.activity = gpu.hung ? gpu::Activity{.kernel = 1} : scaled(kScoring, program.gpuWork * swing);
        gpu.processes.push_back(std::move(process));
    }
    m_gpus.addHostPrograms();
    servePlugins();
}

void World::onGpuProcessExit(const host::ProcessExited& exited)
{
    for (const std::int64_t pid : m_gpus.onExit(m_engine, m_hosts, exited.host, exited.process.pid))
        m_hosts.exit(m_engine, m_network, exited.host, pid, 1);
}

void World::onGpuUnit(HostId host, const host::Unit& unit)
{
    const std::vector<std::string> command = host::commandOf(m_hosts.at(host), unit);
    if (command.size() >= 3 && command[0].ends_with("nvidia-smi") && command[1] == "-pl") {
        for (const GpuId id : m_gpus.of(host))
            changeGpu(m_engine, m_hosts, m_gpus, {id, command::GpuChange::Verb::PowerLimit, std::atof(command[2].c_str()), {}});
    } else if (command.size() == 2 && command[0].ends_with("nvidia-cuda-mps-control") && command[1] == "-f" && unit.mainPid != 0
               && !m_gpus.nodeOf(host)->mps.running()) {
        m_gpus.startMps(m_engine, m_hosts, host, unit.mainPid);
    }
}

void World::onGpuUnits(HostId host)
{
    if (m_gpus.nodeOf(host) == nullptr)
        return;
    for (const auto& [name, unit] : m_hosts.at(host).units)
        if (unit.state == host::Unit::State::Active)
            onGpuUnit(host, unit);
}

void World::servePlugins()
{
    std::map<HostId, ContainerId> running;
    if (std::ranges::any_of(m_gpus.nodes(), &gpu::Node::pluginManaged))
        for (const auto& [id, container] : m_runtimes.containers())
            if (container.program.name == kPluginProgram && container.serving(now()))
                running[container.host] = id;
    for (const gpu::Node& known : m_gpus.nodes()) {
        gpu::Node& node = *m_gpus.nodeOf(known.host);
        const host::Machine& machine = m_hosts.at(node.host);
        const auto unit = machine.units.find(kFabricUnit);
        node.fabricReady = unit == machine.units.end() || unit->second.state == host::Unit::State::Active;
        if (!node.pluginManaged)
            continue;
        const auto plugin = running.find(node.host);
        const ContainerId container = plugin == running.end() ? ContainerId{} : plugin->second;
        if (container == node.plugin)
            continue;
        node.plugin = container;
        if (!container.valid())
            continue;
        // It asks the driver once, at its start; what it finds then is healthy.
        const bool answers = gpu::nvmlStatus(node.driver, machine) == gpu::NvmlStatus::Success;
        node.registered = 0;
        for (const GpuId id : node.gpus) {
            gpu::Gpu& gpu = m_gpus.at(id);
            gpu.healthy = answers && gpu.working();
            node.registered += gpu.healthy ? 1 : 0;
        }
        if (answers)
            m_runtimes.log(container, now(), "Registered device plugin for 'nvidia.com/gpu' with Kubelet");
        else
            m_runtimes.log(container, now(), "No devices found. Waiting indefinitely.");
    }
}

void World::onLost(const gpu::Lost& lost)
{
    const gpu::Gpu& gpu = m_gpus.at(lost.gpu);
    const gpu::Node& node = *m_gpus.nodeOf(gpu.host);
    if (const gpu::XidInfo* info = gpu::xidOf(lost.xid); node.plugin.valid() && lost.xid != 0 && (info == nullptr || !info->application))
        m_runtimes.log(node.plugin, now(), fmt::format("XidCriticalError: Xid={} on Device={}; marking device as unhealthy.", lost.xid, gpu.card.uuid));
    const bool spared = m_gpus.containedBy(lost) != nullptr;
    for (const std::int64_t pid : m_gpus.endedBy(m_engine, m_hosts, lost))
        m_hosts.exit(m_engine, m_network, gpu.host, pid, 1);
    const container::Container* owner = gpu.owner.valid() ? m_runtimes.find(gpu.owner) : nullptr;
    if (owner == nullptr || owner->state != container::Container::State::Running || spared)
        return;
    if (const std::int64_t worker = m_serving.workerOn(lost.gpu); worker != 0) { // it ends; what becomes of its server follows
        m_hosts.exit(m_engine, m_network, gpu.host, worker, 1);
        return;
    }
    const ContainerId id = owner->id;
    m_runtimes.log(id, now(), lost.xid == 79 ? "RuntimeError: CUDA error: unspecified launch failure"
                                             : "RuntimeError: CUDA error: uncorrectable ECC error encountered");
    m_runtimes.log(id, now(), "CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.");
    kube::Context context = kubeContext();
    container::Context runtime = context.runtimeContext();
    m_runtimes.exit(runtime, id, 1);
}

} // namespace sim
