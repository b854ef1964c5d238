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

constexpr const char* kLoadTest = "loadtest";

const Variants& latencyVariants()
{
    static const Variants kVariants{
        {"static-batching", {"other-engine"}},
        {"kv-preemption", {"small-pool"}},
        {"long-prompts", {"reports"}},
        {"slow-gpu", {"other-board", "locked-clock"}},
        {"attention-backend", {"torch-native"}},
        {"no-fault", {"load-test"}},
    };
    return kVariants;
}

/// A benchmark at a fixed clock has left it there.
void lockClock(Context& context, const serving::Server& server)
{
    constexpr std::int64_t kLockedMHz = 345;
    gpu::Gpu& gpu = context.parts.gpus.at(server.gpus.front());
    gpu.settings.lockedMHz = kLockedMHz;
    for (const host::SudoLine& line : host::sudoLines(context.parts.hosts.at(server.host), "ops", "/home/ops", "root",
                                                      fmt::format("/usr/bin/nvidia-smi -i {} -lgc {},{}", gpu.index, kLockedMHz, kLockedMHz)))
        context.parts.hosts.log(context.parts.engine, server.host, "sudo", "", 0, line.priority, line.message);
}

void release(Context& context, const Choice& choice, json& pod, json& container)
{
    if (choice.is("other-engine"))
        serveWithTensorRt(context, pod, container, "chat", "meta-llama/Llama-3.1-8B-Instruct",
                          "scheduler_config:\n  capacity_scheduler_policy: STATIC_BATCH\nkv_cache_config:\n  free_gpu_memory_fraction: 0.9\n"
                          "max_batch_size: 64\nmax_seq_len: 16384\n");
    else if (choice.is("small-pool"))
        setArgument(container, "--kv-cache-memory-bytes", "3200M");
    else if (choice.is("reports")) {
        setArgument(container, "--no-enable-chunked-prefill");
        setArgument(container, "--max-num-batched-tokens", "16384");
    } else if (choice.is("other-board"))
        pod.erase("nodeSelector");
    else // torch-native
        setArgument(container, "--attention-backend", "TORCH_SDPA");
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
    if (choice->cause == "no-fault") {
        announce(context, kChat, "CHG-3121: load test of chat, 60 more requests a second until " + clockIn(context, kInferenceLatencyProceedsAfter));
        addClient(context, kLoadTest, "web", [](serving::ClientSettings& client) {
            client.load.requestsPerSecond = 60;
            client.interactive = false;
        });
        return chosen;
    }
    if (choice->is("locked-clock"))
        lockClock(context, *server);
    if (choice->is("reports"))
        addClient(context, "reports", "web", [](serving::ClientSettings& client) {
            client.load.kind = serving::LoadKind::Documents;
            client.load.requestsPerSecond = 2;
            client.load.questionTokens = 11'000;
            client.load.sharedTokens = 0;
            client.load.maxTokens = 15'000;
            client.interactive = false;
        });
    if (!choice->is("locked-clock"))
        releaseModel(context, kChat, "release chat-2026.03.2", [&](json& pod, json& container) { release(context, *choice, pod, container); });
    return chosen;
}

void proceedInferenceLatency(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announce(context, kChat, {});
    changeClient(context, kLoadTest, [](serving::ClientSettings& client) { client.load.requestsPerSecond = 0; });
}

} // namespace sim::faults
