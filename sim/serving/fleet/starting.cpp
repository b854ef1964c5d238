#include "sim/serving/fleet/step.h"

#include "sim/engine/assert.h"
#include "sim/serving/log_lines.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

// From the container's start to the open port, or to the error that ends it.
namespace sim::serving {

namespace {

/// Until Python has imported torch and the server, and until the engine's process has done the same; loaded from a page cache that is warm.
constexpr Duration kImports = 8s;
constexpr Duration kCoreStarts = 7s;
/// NCCL's communicator of a tensor-parallel group.
constexpr Duration kConnects = 4s;
/// Two NVMe drives of a node under safetensors' reader, into each GPU at once.
constexpr double kLoadBytesPerSecond = 5.5e9;
/// What the API server does once the engine is up.
constexpr Duration kOpens = 2s;
/// Python tells its last words and its children are waited for.
constexpr Duration kGivesUp = 3s;

/// "registry.lab:5000/llm/vllm-openai:v0.19.1" -> "0.19.1".
std::string versionOf(const std::string& image)
{
    const auto reference = container::Reference::parse(image);
    std::string tag = reference ? reference->tag : std::string();
    if (tag.starts_with('v'))
        tag.erase(0, 1);
    return tag.substr(0, tag.find('-'));
}

const char* coreName(const Server& server)
{
    switch (server.arguments.settings.kind) {
    case EngineKind::SgLang: return "sglang::scheduler";
    case EngineKind::TensorRtLlm: return "/usr/bin/python3";
    default: return "VLLM::EngineCore";
    }
}

std::string workerName(const Server& server, std::size_t rank)
{
    switch (server.arguments.settings.kind) {
    case EngineKind::SgLang: return fmt::format("sglang::scheduler_TP{}", rank);
    case EngineKind::TensorRtLlm: return "/usr/bin/python3";
    default: return fmt::format("VLLM::Worker_TP{}", rank);
    }
}

const char* orderName(Eviction order)
{
    switch (order) {
    case Eviction::Lru: return "lru";
    case Eviction::Lfu: return "lfu";
    case Eviction::Fifo: return "fifo";
    case Eviction::Mru: return "mru";
    }
    return "";
}

} // namespace

void FleetStep::begin(const container::Container& container)
{
    Server server;
    server.container = container.id;
    server.host = container.host;
    server.nameSpace = container.podNamespace;
    server.pod = container.podName;
    server.environment = container.environment;
    server.readyAt = Instant::max();
    server.initialises = container.started + kImports + kCoreStarts;
    server.lastStats = now();
    for (const GpuId id : m_around.gpus.of(container.host))
        if (m_around.gpus.at(id).owner == container.id)
            server.gpus.push_back(id);
    const Device none; // each server has its own words for a machine without GPUs
    const Device* device = server.gpus.empty() ? &none : deviceNamed(m_around.gpus.at(server.gpus.front()).kind().name);
    std::vector<std::string> refusal;
    std::int64_t code = 1;
    if (device == nullptr) { // a board that nobody has measured
        refusal = {"RuntimeError: Failed to infer device type, please set the environment variable `VLLM_LOGGING_LEVEL=DEBUG` to turn on verbose logging to help debug the issue."};
    } else {
        ServerLine line{container.program.command, container.environment, container.files};
        auto arguments = serverArguments(line, versionOf(container.image), *device, static_cast<std::int64_t>(server.gpus.size()));
        if (auto* known = std::get_if<ServerArguments>(&arguments)) {
            server.arguments = std::move(*known);
        } else {
            refusal = std::get<ArgumentError>(arguments).lines;
            code = std::get<ArgumentError>(arguments).exitCode;
        }
    }
    if (!refusal.empty()) {
        server.phase = ServerPhase::Ended;
        for (std::string& text : refusal)
            m_around.runtimes.log(server.container, now(), std::move(text));
        m_fleet.m_servers[container.id] = server;
        exit(m_fleet.m_servers[container.id], code);
        return;
    }
    server.gpus.resize(std::min<std::size_t>(server.gpus.size(), static_cast<std::size_t>(server.ranks())));
    // Steps of the last seconds, for the window's lanes.
    server.arguments.settings.recordedSteps = 120;
    server.arguments.settings.recordedRequests = 600;
    Server& kept = m_fleet.m_servers[container.id] = std::move(server);
    const EngineSettings& settings = kept.arguments.settings;
    const Instant imported = container.started + kImports;
    const auto line = [&](Writer writer, std::string text) { kept.lines.push_back({imported, logPrefix(kept, writer, "INFO", imported, text) + text}); };
    if (isVllm(settings.kind)) {
        const std::span<const std::string> words(container.program.command);
        line(Writer::ApiServer, fmt::format("vLLM API server version {}", kept.arguments.version));
        line(Writer::ApiServer, fmt::format("non-default args: {}", fmt::join(words.subspan(std::min<std::size_t>(2, words.size())), " ")));
    } else if (settings.kind == EngineKind::SgLang) {
        line(Writer::ApiServer,
             fmt::format("server_args=ServerArgs(model_path='{}', host='{}', port={}, served_model_name='{}', tp_size={}, page_size={}, radix_eviction_policy='{}', "
                         "disable_radix_cache={})",
                         kept.arguments.model, kept.arguments.host, kept.arguments.port, kept.servedName(), kept.ranks(), settings.blockSize,
                         orderName(settings.eviction), settings.prefixCaching ? "False" : "True"));
    }
}

/// Processes of the engine appear.
void FleetStep::spawn(Server& server)
{
    const container::Container& container = *m_around.runtimes.find(server.container);
    host::Hosts& hosts = m_around.runtime.hosts;
    const auto parent = hosts.at(server.host).processes.find(container.pid);
    if (parent == hosts.at(server.host).processes.end())
        return;
    host::Process child;
    child.user = parent->second.user;
    child.container = server.container;
    child.cgroup = parent->second.cgroup;
    child.oomScoreAdjust = parent->second.oomScoreAdjust;
    child.environment = parent->second.environment;
    child.parent = container.pid;
    const auto make = [&](const std::string& name) {
        child.command = {name};
        child.name = name.substr(name.rfind('/') + 1).substr(0, 15);
        // CUDA's libraries, pinned buffers, the graphs' host side; address space that CUDA reserves.
        child.residentBytes = std::int64_t{4'600} << 20;
        child.virtualBytes = std::int64_t{140} << 30;
        child.cpuCores = 1;
        return hosts.spawn(m_around.runtime.engine, server.host, child);
    };
    server.corePid = make(coreName(server));
    if (server.ranks() == 1)
        server.workers = {server.corePid};
    else {
        child.parent = server.corePid;
        for (std::size_t rank = 0; rank < server.gpus.size(); ++rank)
            server.workers.push_back(make(workerName(server, rank)));
    }
    hosts.settleMemory(m_around.runtime.engine, m_around.runtime.network, server.host);
}

double FleetStep::otherMemory(const Server& server, std::size_t rank) const
{
    const gpu::Gpu& gpu = m_around.gpus.at(server.gpus[rank]);
    double bytes = 0;
    for (const gpu::GpuProcess& one : gpu.processes)
        if (one.pid != server.workers[rank])
            bytes += static_cast<double>(one.memoryBytes);
    return bytes;
}

/// The core looks at its devices: from here on it is known how the start goes.
void FleetStep::initialise(Server& server)
{
    spawn(server);
    if (server.workers.empty())
        return;
    const EngineSettings& settings = server.arguments.settings;
    const Deployment& d = settings.deployment;
    const MemoryPlan plan = planMemory(settings);
    double others = 0;
    for (std::size_t rank = 0; rank < server.gpus.size(); ++rank)
        others = std::max(others, otherMemory(server, rank));
    const StartTimes times = startTimes(settings, plan, kLoadBytesPerSecond);
    const std::string error = startError(settings, plan, others);
    server.loadBegins = now() + (server.ranks() > 1 ? kConnects : 0s);
    server.loadEnds = server.loadBegins + fromSeconds(times.weights);
    Instant at = now();
    const auto line = [&](Writer writer, const char* level, std::string text) {
        server.lines.push_back({at, logPrefix(server, writer, level, at, text) + text});
    };
    const bool vllm = isVllm(settings.kind);
    if (vllm)
        line(Writer::Core, "INFO",
             fmt::format("Initializing a V1 LLM engine (v{}) with config: model='{}', dtype=torch.bfloat16, max_seq_len={}, tensor_parallel_size={}, "
                         "quantization={}, enforce_eager={}, kv_cache_dtype={}, served_model_name={}, enable_prefix_caching={}, enable_chunked_prefill={}",
                         server.arguments.version, server.arguments.model, settings.maxModelLen, d.tensorParallel,
                         d.weights == Precision::Bfloat16 ? "None" : d.weights == Precision::Float8 ? "fp8" : "awq", d.enforceEager ? "True" : "False",
                         d.cache == Precision::Float8 ? "fp8" : "auto", server.servedName(), settings.prefixCaching ? "True" : "False",
                         settings.chunkedPrefill ? "True" : "False"));
    const bool busy = error.find("Free memory on device") != std::string::npos;
    const bool weightsFit = error.find("OutOfMemory") == std::string::npos || plan.weights + plan.framework <= plan.total - others;
    if (!busy) {
        at = server.loadBegins;
        line(Writer::Worker, "INFO", fmt::format("Starting to load model {}...", server.arguments.model));
    }
    if (!error.empty()) {
        // It is found out at the check, while weights load, or when they have and a run with dummy inputs was made.
        const Duration profiling = fromSeconds(d.enforceEager ? 3 : 3 + times.compile);
        at = busy ? now() + 1s : weightsFit ? server.loadEnds + profiling : server.loadBegins + fromSeconds(times.weights * std::min(1.0, plan.total / plan.weights));
        if (!busy && weightsFit) {
            const Instant failing = at;
            at = server.loadEnds;
            line(Writer::Worker, "INFO", fmt::format("Loading weights took {:.2f} seconds", times.weights));
            line(Writer::Worker, "INFO", fmt::format("Model loading took {:.4f} GiB memory and {:.6f} seconds", plan.weights / kGiB, times.weights));
            at = failing;
            if (error.find("To serve") != std::string::npos || error.find("No available") != std::string::npos)
                line(Writer::Worker, "INFO", availableMemoryLine(plan.available));
        }
        if (vllm)
            line(Writer::Core, "ERROR", "EngineCore failed to start.");
        line(Writer::Core, "ERROR", "Traceback (most recent call last):");
        line(Writer::Core, "ERROR", error);
        at += 1s;
        if (vllm)
            server.lines.push_back({at, "RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore_DP0': 1}"});
        server.failsAt = at + kGivesUp;
        return;
    }
    // The lines of a start that succeeds, each at its phase's end.
    const Instant compiled = server.loadEnds + fromSeconds(times.compile);
    const Instant captured = compiled + fromSeconds(times.capture) + 2s;
    for (std::string& text : startLines(settings, plan, times)) {
        const bool loading = text.starts_with("Using") || text.starts_with("Loading weights") || text.starts_with("Model loading");
        const bool compiling = text.starts_with("torch.compile") || text.starts_with("Estimated");
        at = text.starts_with("Using") ? server.loadBegins : loading ? server.loadEnds : compiling ? compiled : captured;
        if (text.starts_with("Application startup")) {
            at = captured + kOpens;
            if (vllm)
                line(Writer::ApiServer, "INFO", fmt::format("Starting vLLM server on http://{}:{}", server.arguments.host, server.arguments.port));
            for (const char* what : {"Started server process [1]", "Waiting for application startup.", "Application startup complete."})
                server.lines.push_back({at, uvicornLine(server, what)});
            continue;
        }
        const bool core = text.starts_with("GPU KV") || text.starts_with("Maximum") || text.starts_with("init engine");
        line(core ? Writer::Core : Writer::Worker, "INFO", std::move(text));
    }
    server.readyAt = captured + kOpens;
}

void FleetStep::start(Server& server)
{
    if (server.workers.empty() && now() >= server.initialises)
        initialise(server);
    std::size_t told = 0;
    for (; told < server.lines.size() && server.lines[told].at <= now(); ++told)
        m_around.runtimes.log(server.container, server.lines[told].at, std::move(server.lines[told].text));
    server.lines.erase(server.lines.begin(), server.lines.begin() + static_cast<std::ptrdiff_t>(told));
    if (server.failsAt && now() >= *server.failsAt) {
        exit(server, 1);
    } else if (now() >= server.readyAt) {
        server.phase = ServerPhase::Serving;
        server.engine.emplace(server.arguments.settings);
        server.engine->advance(server.readyAt); // what arrives from then on is its
        server.lastStats = now();
        container::Container* container = m_around.runtimes.find(server.container);
        container->program.port = server.arguments.port;
        m_around.runtimes.ready(m_around.runtime, server.container);
    }
}

} // namespace sim::serving
