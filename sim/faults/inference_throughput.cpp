#include "sim/faults/inference_throughput.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"

// More is asked of a model than it gets done. Its servers are full, or they are not: then something lets them stand in each other's way.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr double kGrowth = 1.4;       ///< times the usual requests, for weeks now: what the sound lab carries
constexpr double kOutgrown = 1.9;     ///< times that: too much for four replicas, not for eight
constexpr double kRareReports = 0.05; ///< a second
constexpr double kFrequentReports = 1;
constexpr std::int32_t kUnimportant = 5;

const Variants& throughputVariants()
{
    static const Variants kVariants{
        {"no-continuous-batching", {"other-engine"}},
        {"cache-bound", {"small-pool"}},
        {"too-few-replicas", {"outgrown"}},
        {"uneven-balancing", {"one-session"}},
        {"queue-blocking", {"long-documents"}},
        {"no-fault", {"campaign"}},
    };
    return kVariants;
}

void releaseFuller(Context& context, const Choice& choice, json& pod, json& container)
{
    if (choice.is("other-engine"))
        return serveWithTensorRt(context, pod, container, "chat", "meta-llama/Llama-3.1-8B-Instruct",
                                 "scheduler_config:\n  capacity_scheduler_policy: STATIC_BATCH\nkv_cache_config:\n  free_gpu_memory_fraction: 0.9\n"
                                 "max_batch_size: 64\nmax_seq_len: 16384\n");
    container["image"] = "registry.lab:5000/llm/vllm-openai:v0.22.0";
    if (choice.is("small-pool"))
        setArgument(container, "--kv-cache-memory-bytes", "6G");
    else if (choice.is("long-documents"))
        setArgument(container, "--kv-cache-memory-bytes", "10G");
}

} // namespace

Result<json> injectInferenceThroughput(Context& context, const json& parameters)
{
    const auto choice = choose(context, throughputVariants(), parameters);
    if (!choice)
        return choice.error();
    const serving::Server* server = someServer(context, kChat);
    if (server == nullptr)
        return Error{"the topology has no model server \"chat\" that answers", "inference-throughput"};
    json chosen = toldOfModel(context, *choice, kChat, *server);
    const bool outgrown = choice->is("outgrown") || choice->is("campaign");
    growClients(context, {"web", "mobile"}, outgrown ? kGrowth * kOutgrown : kGrowth);
    // A gateway before the web clients keeps one session for all of them.
    if (choice->is("one-session"))
        changeClient(context, "web", [](serving::ClientSettings& client) { client.sharedSession = true; });
    addReports(context, choice->is("long-documents") ? kFrequentReports : kRareReports, kUnimportant);
    if (choice->is("campaign"))
        announce(context, kChat, "CHG-3127: the spring campaign doubles the requests of chat until " + clockIn(context, kInferenceThroughputProceedsAfter));
    releaseModel(context, kChatRouter, "release chat-2026.03.3", [&](json&, json& container) {
        setArgument(container, "--policy", choice->is("one-session") ? "consistent_hash" : "cache_aware");
        setArgument(container, "--request-timeout-secs", "600");
    });
    releaseModel(context, kChat, "release chat-2026.03.3", [&](json& pod, json& container) { releaseFuller(context, *choice, pod, container); });
    return chosen;
}

void proceedInferenceThroughput(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announce(context, kChat, {});
    growClients(context, {"web", "mobile"}, 1 / kOutgrown);
}

} // namespace sim::faults
