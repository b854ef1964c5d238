#include "sim/faults/inference_oom.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

#include <algorithm>

// A release of the document model asks for more than its GPUs have: of weights, of a step's activations, of one sequence's cache. Or
// somebody else is there, or the server was told to leave too much alone.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr std::int64_t kTakenBytes = std::int64_t{31} << 30; ///< by whoever else is there
constexpr std::int64_t kProgramBytes = std::int64_t{3} << 30; ///< of a CUDA program on the host's side
constexpr std::int64_t kProgramAddresses = std::int64_t{40} << 30;
constexpr const char* kMemoryTest = "/opt/gpu-memtest/memtest";

const Variants& roomVariants()
{
    static const Variants kVariants{
        {"weights-too-big", {"unquantised"}},
        {"batch-too-big", {"token-budget"}},
        {"kv-too-big", {"context-length"}},
        {"needs-parallelism", {"one-gpu"}},
        {"memory-fraction", {"low-utilisation", "other-process"}},
        {"no-fault", {"memory-test"}},
    };
    return kVariants;
}

/// Somebody's program on the machines themselves, past the scheduler, on whatever GPU of the server's kind looks idle and on `own`, of the
/// server's: wherever the released pod goes, it finds 31 GiB taken. One process a machine. False: a GPU has no room.
bool takeGpus(Context& context, const serving::Server& server, const std::vector<GpuId>& own, const host::Process& process, std::int64_t uid, const gpu::Activity& activity)
{
    kube::Context& parts = context.parts;
    const std::string_view board = parts.gpus.at(server.gpus.front()).kind().shortName;
    container::Context runtime = parts.runtimeContext();
    parts.runtimes.exit(runtime, server.container, 0); // the restart in which they take its GPUs
    for (const GpuId id : server.gpus)
        parts.gpus.at(id).processes.clear();
    for (const host::Machine& machine : parts.hosts.all()) {
        gpu::HostProgram program;
        program.host = machine.id;
        for (const GpuId id : parts.gpus.of(machine.id)) {
            const gpu::Gpu& gpu = parts.gpus.at(id);
            const bool docs = std::find(server.gpus.begin(), server.gpus.end(), id) != server.gpus.end();
            if (gpu.kind().shortName == board && gpu.working() && gpu.processes.empty() && (!docs || std::find(own.begin(), own.end(), id) != own.end()))
                program.gpus.push_back(id);
        }
        if (program.gpus.empty())
            continue;
        program.memoryBytes = kTakenBytes;
        program.activity = activity;
        program.user = process.user;
        program.uid = uid;
        program.name = process.command.front();
        program.pid = parts.hosts.spawn(parts.engine, machine.id, process);
        if (const std::int64_t pid = program.pid; parts.gpus.admit(parts.engine, parts.hosts, parts.network, std::move(program)) != gpu::Gpus::Admission::Admitted) {
            parts.hosts.exit(parts.engine, parts.network, machine.id, pid, 1);
            return false;
        }
    }
    return true;
}

bool openNotebooks(Context& context, const serving::Server& server)
{
    host::Process process;
    process.name = "python3";
    process.command = {"/opt/conda/bin/python3", "-m", "ipykernel_launcher", "-f", "/home/ops/.local/share/jupyter/runtime/kernel-7d1e.json"};
    process.user = "ops";
    process.cpuCores = 0.02;
    process.residentBytes = kProgramBytes;
    process.virtualBytes = kProgramAddresses;
    return takeGpus(context, server, {server.gpus.front()}, process, 1000, {});
}

/// What people of the hardware team have announced, with its end.
bool testMemory(Context& context, const serving::Server& server)
{
    announce(context, kDocs, fmt::format("CHG-3108: memory test of idle GPUs and of those of docs until {}, docs starts by itself after it",
                                         clockIn(context, kInferenceOomProceedsAfter)));
    host::Process process;
    process.name = "memtest";
    process.command = {kMemoryTest, "--memory=40%", "--stress"};
    process.user = "root";
    process.cpuCores = 1;
    process.residentBytes = kProgramBytes;
    process.virtualBytes = kProgramAddresses;
    gpu::Activity activity;
    activity.kernel = 1;
    activity.sm = 0.35;
    activity.dram = 0.8;
    return takeGpus(context, server, server.gpus, process, 0, activity);
}

void releaseLarger(const Choice& choice, json& container)
{
    if (choice.is("unquantised")) {
        removeArgument(container, "--quantization");
    } else if (choice.is("token-budget")) {
        setArgument(container, "--max-num-batched-tokens", "262144");
        setArgument(container, "--max-num-seqs", "512");
    } else if (choice.is("context-length")) {
        setArgument(container, "--max-model-len", "393216");
        setEnvironment(container, "VLLM_ALLOW_LONG_MAX_MODEL_LEN", "1");
    } else if (choice.is("one-gpu")) {
        setArgument(container, "--tensor-parallel-size", "1");
        setGpus(container, 1);
    } else if (choice.is("low-utilisation")) {
        setArgument(container, "--gpu-memory-utilization", "0.5");
    } else { // other-process, memory-test: the release itself changes nothing of weight
        setArgument(container, "--no-enable-log-requests");
    }
}

} // namespace

Result<json> injectInferenceOom(Context& context, const json& parameters)
{
    const auto choice = choose(context, roomVariants(), parameters);
    if (!choice)
        return choice.error();
    const serving::Server* server = someServer(context, kDocs);
    if (server == nullptr)
        return Error{"the topology has no model server \"docs\" that answers", "inference-oom"};
    json chosen = toldOfModel(context, *choice, kDocs, *server);
    if (choice->is("other-process") && !openNotebooks(context, *server))
        return Error{"no room on the GPU for another program", "inference-oom"};
    if (choice->is("memory-test") && !testMemory(context, *server))
        return Error{"no room on the GPUs for a test", "inference-oom"};
    releaseModel(context, kDocs, "release docs-2026.03.1", [&](json&, json& container) { releaseLarger(*choice, container); });
    return chosen;
}

void proceedInferenceOom(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announce(context, kDocs, {});
    std::vector<std::pair<HostId, host::Pid>> tests;
    for (const host::Machine& machine : context.parts.hosts.all())
        for (const auto& [pid, process] : machine.processes)
            if (!process.command.empty() && process.command.front() == kMemoryTest)
                tests.emplace_back(machine.id, pid);
    for (const auto& [machine, pid] : tests)
        context.parts.hosts.exit(context.parts.engine, context.parts.network, machine, pid, 0);
}

} // namespace sim::faults
