#include "sim/faults/inference_latency.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"
#include "sim/host/sudo_log.h"

#include <fmt/format.h>

// Why a model is slow: its batch waits for the longest answer, its cache throws sequences out, long prompts stand in the way, its GPU or its
// attention kernels are slow. Each shows itself in other figures of the server than the latency that all share.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr double kBusyHour = 1.2;          ///< times the usual requests: what the sound lab carries without effort
constexpr double kCampaign = 2;            ///< times the busy hour's, in no-fault
constexpr double kFewReports = 0.05;       ///< a second
constexpr double kManyReports = 2;
constexpr std::int64_t kLockedMHz = 510;
constexpr std::string_view kBoard = "H100";

const Variants& latencyVariants()
{
    static const Variants kVariants{
        {"static-batching", {"other-engine"}},
        {"kv-preemption", {"small-pool"}},
        {"long-prompts", {"reports"}},
        {"slow-gpu", {"other-board", "locked-clock"}},
        {"attention-backend", {"torch-native"}},
        {"no-fault", {"campaign"}},
    };
    return kVariants;
}

/// A benchmark at a fixed clock has left it on the GPUs that nobody used then, and on one replica's. A new pod may get any of them.
void lockClocks(Context& context, const serving::Server& server)
{
    for (const host::Machine& machine : context.parts.hosts.all()) {
        std::string slots;
        for (const GpuId id : context.parts.gpus.of(machine.id)) {
            gpu::Gpu& gpu = context.parts.gpus.at(id);
            if (gpu.kind().shortName != kBoard || (!gpu.processes.empty() && id != server.gpus.front()))
                continue;
            gpu.settings.lockedMHz = kLockedMHz;
            slots += (slots.empty() ? "" : ",") + std::to_string(gpu.index);
        }
        if (slots.empty())
            continue;
        for (const host::SudoLine& line : host::sudoLines(machine, "ops", "/home/ops", "root", fmt::format("/usr/bin/nvidia-smi -i {} -lgc {},{}", slots, kLockedMHz, kLockedMHz)))
            context.parts.hosts.log(context.parts.engine, machine.id, "sudo", "", 0, line.priority, line.message);
    }
}

void releaseSlower(Context& context, const Choice& choice, json& pod, json& container)
{
    if (choice.is("other-engine"))
        serveWithTensorRt(context, pod, container, "chat", "meta-llama/Llama-3.1-8B-Instruct",
                          "scheduler_config:\n  capacity_scheduler_policy: STATIC_BATCH\nkv_cache_config:\n  free_gpu_memory_fraction: 0.9\n"
                          "max_batch_size: 256\nmax_seq_len: 16384\n");
    else if (choice.is("small-pool"))
        setArgument(container, "--kv-cache-memory-bytes", "4800M");
    else if (choice.is("reports")) {
        setArgument(container, "--no-enable-chunked-prefill");
        setArgument(container, "--max-num-batched-tokens", "16384");
    } else if (choice.is("other-board"))
        pod.erase("nodeSelector");
    else if (choice.is("torch-native"))
        setArgument(container, "--attention-backend", "TORCH_SDPA");
    else // locked-clock, campaign: the release itself changes nothing of weight
        setArgument(container, "--no-enable-log-requests");
}

} // namespace

Result<json> injectInferenceLatency(Context& context, const json& parameters)
{
    const auto choice = choose(context, latencyVariants(), parameters);
    if (!choice)
        return choice.error();
    const serving::Server* server = someServer(context, kChat);
    if (server == nullptr)
        return Error{"the topology has no model server \"chat\" that answers", "inference-latency"};
    json chosen = toldOfModel(context, *choice, kChat, *server);
    growClients(context, {"web", "mobile"}, choice->is("campaign") ? kBusyHour * kCampaign : kBusyHour);
    addReports(context, choice->is("reports") ? kManyReports : kFewReports);
    if (choice->is("campaign"))
        announce(context, kChat, "CHG-3121: the spring campaign doubles the requests of chat until " + clockIn(context, kInferenceLatencyProceedsAfter));
    else if (choice->is("locked-clock"))
        lockClocks(context, *server);
    releaseModel(context, kChat, "release chat-2026.03.2", [&](json& pod, json& container) { releaseSlower(context, *choice, pod, container); });
    return chosen;
}

void proceedInferenceLatency(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announce(context, kChat, {});
    growClients(context, {"web", "mobile"}, 1 / kCampaign);
}

} // namespace sim::faults
