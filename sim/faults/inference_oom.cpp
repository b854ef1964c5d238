#include "sim/faults/inference_oom.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"

// A release of the document model asks for more than its GPUs have: of weights, of a step's activations, of one sequence's cache. Or
// somebody else is there, or the server was told to leave too much alone.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr std::int64_t kNotebookBytes = std::int64_t{31} << 30;

const Variants& roomVariants()
{
    static const Variants kVariants{
        {"weights-too-big", {"unquantised"}},
        {"batch-too-big", {"token-budget"}},
        {"kv-too-big", {"context-length"}},
        {"needs-parallelism", {"one-gpu"}},
        {"memory-fraction", {"low-utilisation", "other-process"}},
        {"no-fault", {"planned-swap"}},
    };
    return kVariants;
}

/// A notebook that somebody runs on the machine itself, past the scheduler: it takes a GPU in the moment in which the server restarts.
bool openNotebook(Context& context, const serving::Server& server)
{
    container::Context runtime = context.parts.runtimeContext();
    context.parts.runtimes.exit(runtime, server.container, 0);
    for (const GpuId id : server.gpus)
        context.parts.gpus.at(id).processes.clear();
    gpu::HostProgram program;
    program.host = server.host;
    program.gpus = {server.gpus.front()};
    program.memoryBytes = kNotebookBytes;
    host::Process process;
    process.name = "python3";
    process.command = {"/opt/conda/bin/python3", "-m", "ipykernel_launcher", "-f", "/home/ops/.local/share/jupyter/runtime/kernel-7d1e.json"};
    process.user = "ops";
    process.residentBytes = std::int64_t{3} << 30;
    process.virtualBytes = std::int64_t{40} << 30;
    process.cpuCores = 0.02;
    program.user = "ops";
    program.uid = 1000;
    program.pid = context.parts.hosts.spawn(context.parts.engine, server.host, std::move(process));
    program.name = "/opt/conda/bin/python3";
    return context.parts.gpus.admit(context.parts.engine, context.parts.hosts, context.parts.network, program) == gpu::Gpus::Admission::Admitted;
}

void release(const Choice& choice, json& container)
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
        setArgument(container, "--gpu-memory-utilization", "0.45");
    } else { // other-process: the release itself changes nothing of weight
        setArgument(container, "--disable-log-requests");
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
    if (choice->cause == "no-fault") {
        announce(context, kDocs, "CHG-3108: the archive copies this model's weights, docs is off until " + clockIn(context, kInferenceOomProceedsAfter));
        patch(context, "deployments.apps", kModels, kDocs, {{"spec", {{"replicas", 0}}}});
        return chosen;
    }
    if (choice->is("other-process") && !openNotebook(context, *server))
        return Error{"no room on the GPU for another program", "inference-oom"};
    releaseModel(context, kDocs, "release docs-2026.03.1", [&](json&, json& container) { release(*choice, container); });
    return chosen;
}

void proceedInferenceOom(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announce(context, kDocs, {});
    patch(context, "deployments.apps", kModels, kDocs, {{"spec", {{"replicas", 1}}}});
}

} // namespace sim::faults
