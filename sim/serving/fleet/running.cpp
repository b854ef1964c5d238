#include "sim/serving/fleet/step.h"

#include "sim/serving/log_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

// A server that serves: its devices and processes, its line of every ten seconds, its end.
namespace sim::serving {

namespace {

constexpr Duration kStatsEvery = 10s;
/// The shared-memory queue between core and workers complains after so long, and again.
constexpr Duration kBroadcastTimeout = 60s;
/// VLLM_EXECUTE_MODEL_TIMEOUT_SECONDS.
constexpr std::int64_t kStepTimeoutSeconds = 300;
/// Kernel efficiencies were measured at what a board holds under a matrix product, of its highest clock
/// (tests/golden/nvidia/h200/heat_and_power.txt: 1,440 to 1,515 of 1,980 MHz).
constexpr double kMeasuredClock = 0.75;
/// Below this share of the highest clock the multiprocessors cannot ask for all that the memory gives. An estimate.
constexpr double kBandwidthClock = 0.5;
/// Clocks move all the time; a new table of costs is made when they have moved by so much.
constexpr double kClockStep = 1.0 / 32;
/// Context and libraries on each device, beside what the plan counts.
constexpr double kContextBytes = 480.0 * kMiB;
/// The host's side: detokenising and writing a token out; the core beside its device.
constexpr double kCoresPerToken = 40e-6;

std::int64_t stepTimeout(const Server& server)
{
    const auto set = server.environment.find("VLLM_EXECUTE_MODEL_TIMEOUT_SECONDS");
    return set == server.environment.end() ? kStepTimeoutSeconds : std::max(1LL, std::atoll(set->second.c_str()));
}

bool staysAlive(const Server& server)
{
    const auto set = server.environment.find("VLLM_KEEP_ALIVE_ON_ENGINE_DEATH");
    return set != server.environment.end() && std::atoi(set->second.c_str()) != 0;
}

double quantised(double share) { return std::round(share / kClockStep) * kClockStep; }

} // namespace

void FleetStep::log(const Server& server, Writer writer, const char* level, std::string text)
{
    m_around.runtimes.log(server.container, now(), logPrefix(server, writer, level, now(), text) + text);
}

void FleetStep::exit(Server& server, std::int64_t code)
{
    server.phase = ServerPhase::Ended;
    m_around.runtimes.exit(m_around.runtime, server.container, code);
}

const host::Process* FleetStep::process(const Server& server, std::int64_t pid) const
{
    const auto& processes = m_around.runtime.hosts.at(server.host).processes;
    const auto found = processes.find(pid);
    return found == processes.end() ? nullptr : &found->second;
}

/// Of the slowest rank: a step ends when all have done their share.
Device FleetStep::deviceNow(const Server& server) const
{
    Device device = server.arguments.settings.deployment.device;
    double clock = 1;
    double links = 1;
    for (const GpuId id : server.gpus) {
        const gpu::Gpu& gpu = m_around.gpus.at(id);
        if (gpu.now.activity.kernel > 0.05) // an idle device's clock says nothing
            clock = std::min(clock, gpu.clockFactor());
        if (!gpu.links.empty())
            links = std::min(links, static_cast<double>(gpu.activeLinks()) / static_cast<double>(gpu.links.size()));
    }
    const double compute = std::clamp(quantised(clock / kMeasuredClock), kClockStep, 1.0);
    const double bandwidth = std::clamp(quantised(clock / kBandwidthClock), kClockStep, 1.0);
    device.bf16Flops *= compute;
    device.fp8Flops *= compute;
    device.fp4Flops *= compute;
    device.bandwidthBytesPerSecond *= bandwidth;
    // Without a single link the ranks talk over PCIe: 16 GB/s of bus bandwidth (README.md).
    if (server.ranks() > 1)
        device.linkBytesPerSecond = std::max(std::min(16e9, device.linkBytesPerSecond), device.linkBytesPerSecond * links);
    return device;
}

void FleetStep::killEngine(Server& server, std::vector<std::string> why)
{
    for (std::string& text : why)
        log(server, Writer::Core, "ERROR", std::move(text));
    if (isVllm(server.arguments.settings.kind)) {
        log(server, Writer::Core, "ERROR", "EngineCore encountered a fatal error.");
        log(server, Writer::ApiServer, "ERROR", "AsyncLLM output_handler failed.");
        log(server, Writer::ApiServer, "ERROR", engineDeadLine());
    }
    end(server);
    server.busyShare = 0;
    server.movedLast = {};
    // What is left of its processes goes with the core.
    host::Hosts& hosts = m_around.runtime.hosts;
    std::vector<std::int64_t> left = server.workers;
    left.push_back(server.corePid);
    constexpr int kKilled = 9;
    for (const std::int64_t pid : left)
        if (process(server, pid) != nullptr)
            hosts.exit(m_around.runtime.engine, m_around.runtime.network, server.host, pid, 1, kKilled);
    server.workers.clear();
    server.corePid = 0;
    if (staysAlive(server)) {
        server.phase = ServerPhase::Dead;
        if (container::Container* container = m_around.runtimes.find(server.container))
            container->healthStatus = 503;
        return;
    }
    for (const char* text : {"Shutting down", "Waiting for application shutdown.", "Application shutdown complete.", "Finished server process [1]"})
        m_around.runtimes.log(server.container, now(), uvicornLine(server, text));
    exit(server, 0); // as vLLM does: an end that its supervisor takes for a wish
}

void FleetStep::watch(Server& server)
{
    bool stands = false;
    for (std::size_t rank = 0; rank < server.workers.size(); ++rank) {
        const gpu::Gpu& gpu = m_around.gpus.at(server.gpus[rank]);
        const host::Process* worker = process(server, server.workers[rank]);
        if (worker == nullptr)
            return killEngine(server, server.ranks() == 1 ? std::vector<std::string>()
                                                          : std::vector<std::string>{fmt::format("Worker proc VllmWorker-{} died unexpectedly, shutting down executor.", rank)});
        if (!gpu.working())
            return killEngine(server, {"torch.AcceleratorError: CUDA error: unspecified launch failure"});
        stands = stands || gpu.hung || !worker->runs();
    }
    const host::Process* core = process(server, server.corePid);
    if (core == nullptr)
        return killEngine(server, {});
    stands = stands || !core->runs();
    if (!stands) {
        server.phase = ServerPhase::Serving;
        server.engine->setDevice(deviceNow(server));
        return;
    }
    server.engine->holdUp(now() + 1s);
    if (server.phase != ServerPhase::Stalled) {
        server.phase = ServerPhase::Stalled;
        server.stalledSince = now();
        server.stallLines = 0;
    }
    const bool asked = server.engine->state().running > 0;
    if (!asked)
        server.stalledSince = now(); // nobody waits for a step yet
    const Duration stalled = now() - server.stalledSince;
    if (server.ranks() > 1 && core->runs()) {
        if (stalled >= kBroadcastTimeout * (server.stallLines + 1)) {
            ++server.stallLines;
            log(server, Writer::Core, "INFO", broadcastTimeoutLine(tellsProcess(server) ? EngineKind::Vllm : EngineKind::Vllm09));
        }
        if (stalled >= std::chrono::seconds(stepTimeout(server)))
            killEngine(server, {"TimeoutError: RPC call to sample_tokens timed out."});
    }
}

void FleetStep::writeStats(Server& server)
{
    if (!server.takes() || now() - server.lastStats < kStatsEvery)
        return;
    const StatsInterval interval = intervalBetween(server.logged, *server.engine, toSeconds(now() - server.lastStats));
    server.logged = server.engine->metrics().counters;
    server.lastStats = now();
    const bool idle = interval.promptTokens == 0 && interval.generationTokens == 0 && interval.state.running == 0 && interval.state.waiting == 0;
    // One line of zeros, then nothing until there is traffic again.
    if (!server.arguments.logStats || (idle && server.statsIdle))
        return;
    server.statsIdle = idle;
    log(server, Writer::ApiServer, "INFO", statsLine(server.arguments.settings.kind, 0, interval));
}

void FleetStep::occupy(Server& server)
{
    if (server.takes()) {
        const std::uint64_t busy = server.engine->busyNanoseconds();
        const StepTraffic& moved = server.engine->traffic();
        const Counters& counters = server.engine->metrics().counters;
        server.busyShare = std::min(1.0, static_cast<double>(busy - server.busyNs) / 1e9);
        server.movedLast = {moved.readBytes - server.moved.readBytes, moved.flops - server.moved.flops, moved.linkBytes - server.moved.linkBytes};
        server.tokensPerSecond = static_cast<double>(counters.generationTokens - server.generated);
        server.busyNs = busy;
        server.moved = moved;
        server.generated = counters.generationTokens;
    } else {
        server.tokensPerSecond = 0;
    }
    if (server.takes() && (server.history.empty() || now() - server.history.back().at >= Server::kSampleEvery)) {
        const double seconds = server.history.empty() ? toSeconds(Server::kSampleEvery) : toSeconds(now() - server.history.back().at);
        server.history.push_back(sampleOf(server.sampled, *server.engine, now(), seconds));
        server.sampled = server.engine->metrics();
        if (now() - server.history.front().at > Server::kHistory)
            server.history.pop_front();
    }
    const MemoryPlan plan = server.engine ? server.engine->memory() : planMemory(server.arguments.settings);
    const double loading = toSeconds(server.loadEnds - server.loadBegins);
    const double loaded = now() < server.loadBegins ? 0 : loading > 0 ? std::min(1.0, toSeconds(now() - server.loadBegins) / loading) : 1;
    const double most = plan.total - 300.0 * kMiB;
    const host::Process* core = process(server, server.corePid);
    const bool waits = server.engine && server.engine->state().running > 0 && core != nullptr && core->runs();
    for (std::size_t rank = 0; rank < server.workers.size(); ++rank) {
        gpu::Gpu& gpu = m_around.gpus.at(server.gpus[rank]);
        if (!gpu.working())
            continue;
        gpu::GpuProcess process;
        process.pid = server.workers[rank];
        const host::Process* worker = this->process(server, process.pid);
        if (worker == nullptr)
            continue;
        process.name = worker->command.front();
        process.memoryBytes = static_cast<std::int64_t>(std::min(most, server.engine ? plan.used() + kContextBytes : kContextBytes + loaded * plan.weights));
        const gpu::Board& board = gpu.kind();
        const bool stands = server.phase == ServerPhase::Stalled;
        // An endless kernel, or NCCL's that waits for a rank that stands. Who stands himself has nothing on his device.
        if (gpu.hung || (stands && waits && worker->runs()))
            process.activity = {.kernel = 1, .sm = 0.12};
        else if (!stands && server.engine) {
            process.activity.kernel = server.busyShare;
            process.activity.dram = std::min(server.busyShare, server.movedLast.readBytes / (board.hbmGBs * 1e9));
            process.activity.tensor = std::min(server.busyShare, server.movedLast.flops / (board.bf16TflopsPeak * 1e12));
            // Warps wait on all multiprocessors while memory is read.
            process.activity.sm = server.busyShare * 0.55;
            process.activity.nvlinkTxBytesPerSecond = process.activity.nvlinkRxBytesPerSecond = server.movedLast.linkBytes;
        } else if (!server.engine && now() >= server.loadBegins && now() < server.loadEnds) {
            process.activity.pcieRxBytesPerSecond = loading > 0 ? plan.weights / loading : 0;
        }
        gpu.processes.push_back(std::move(process));
    }
    host::Machine& machine = m_around.runtime.hosts.at(server.host);
    const container::Container* container = m_around.runtimes.find(server.container);
    host::RateChange change(machine, now());
    if (const auto api = machine.processes.find(container->pid); api != machine.processes.end())
        api->second.cpuCores = server.phase == ServerPhase::Starting ? 1 : 0.05 + std::min(0.95, server.tokensPerSecond * kCoresPerToken);
    if (const auto core = machine.processes.find(server.corePid); core != machine.processes.end())
        core->second.cpuCores = server.phase == ServerPhase::Starting ? 1 : 0.1 + 0.9 * server.busyShare;
    if (server.ranks() > 1)
        for (const std::int64_t pid : server.workers)
            if (const auto worker = machine.processes.find(pid); worker != machine.processes.end())
                worker->second.cpuCores = 1; // it polls the queue in shared memory
}

} // namespace sim::serving
