#include "sim/faults/kv_fragmentation.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"

// Chat keeps its keys and values in a few GiB of each GPU. A release of it wastes them: reserved for answers that are never so long, held for
// readers who have gone, filled by halves, written in twice the bytes. Or they do not suffice for what is asked.
namespace sim::faults {

namespace {

using nlohmann::json;

/// As --kv-cache-memory-bytes of the topology.
constexpr const char* kCacheBytes = "2254857830";
constexpr double kMoreUsers = 1.8;

const Variants& wasteVariants()
{
    static const Variants kVariants{
        {"contiguous-allocator", {"built-engine"}},
        {"stale-sequences", {"hidden-disconnects"}},
        {"block-size", {"huge-blocks"}},
        {"fp16-cache", {"dtype-dropped"}},
        {"undersized-gpu", {"more-users"}},
        {"no-fault", {"one-replica"}},
    };
    return kVariants;
}

void releaseWasteful(Context& context, const Choice& choice, json& pod, json& container)
{
    setArgument(container, "--enable-prompt-tokens-details");
    if (choice.is("built-engine"))
        serveWithTensorRt(context, pod, container, kChat, "meta-llama/Llama-3.1-8B-Instruct",
                          std::string("kv_cache_config:\n  dtype: fp8\n  max_gpu_total_bytes: ") + kCacheBytes + "\nmax_batch_size: 256\nmax_seq_len: 16384\n",
                          {{"build_config", {{"kv_cache_type", "continuous"}, {"max_seq_len", 16384}}},
                           {"pretrained_config", {{"_name_or_path", "meta-llama/Llama-3.1-8B-Instruct"}}}});
    else if (choice.is("hidden-disconnects"))
        setArgument(container, "--middleware", "audit.RequestAudit");
    else if (choice.is("huge-blocks"))
        setArgument(container, "--block-size", "256");
    else if (choice.is("dtype-dropped"))
        removeArgument(container, "--kv-cache-dtype");
}

void scaleChat(Context& context, int replicas) { patch(context, "deployments.apps", kModels, kChat, {{"spec", {{"replicas", replicas}}}}); }

} // namespace

Result<json> injectKvFragmentation(Context& context, const json& parameters)
{
    const auto choice = choose(context, wasteVariants(), parameters);
    if (!choice)
        return choice.error();
    const serving::Server* server = someServer(context, kChat);
    if (server == nullptr)
        return Error{"the topology has no model server \"chat\" that answers", "kv-fragmentation"};
    json chosen = toldOfModel(context, *choice, kChat, *server);
    releaseModel(context, kChat, "release chat-2026.03.2", [&](json& pod, json& container) { releaseWasteful(context, *choice, pod, container); });
    if (choice->is("more-users"))
        growClients(context, {"web", "mobile"}, kMoreUsers);
    if (choice->cause == "no-fault") {
        announce(context, kChat, "CHG-3150: one replica of chat is off while its GPU gets new firmware, back at " + clockIn(context, kKvFragmentationProceedsAfter));
        scaleChat(context, 1);
    }
    return chosen;
}

void proceedKvFragmentation(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announce(context, kChat, {});
    const auto chat = context.cluster.store().get<kube::Deployment>({kModels, kChat});
    if (chat && chat->spec.replicas.value_or(1) == 1) // else somebody has decided otherwise
        scaleChat(context, 2);
}

} // namespace sim::faults
