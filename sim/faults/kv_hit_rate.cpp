#include "sim/faults/kv_hit_rate.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"

// One release of the agents' whole path: servers, router and the gateway with its template. One of the three makes prompts miss the prefix
// cache; the others change nothing of weight, so that all three are equally young.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr const char* kRouter = "agents-router";
constexpr const char* kGateway = "assistants";
constexpr const char* kTemplates = "assistants-prompts";
constexpr const char* kRelease = "release agents-2026.03.2";
constexpr const char* kEvaluation = "evaluation";

const Variants& missVariants()
{
    static const Variants kVariants{
        {"scattered-routing", {"round-robin", "power-of-two"}},
        {"eviction-policy", {"mru"}},
        {"cache-too-small", {"low-fraction", "token-limit"}},
        {"prefix-caching-off", {"radix-off"}},
        {"unstable-prefix", {"timestamp", "request-id"}},
        {"no-fault", {"evaluation"}},
    };
    return kVariants;
}

void releaseServers(const Choice& choice, json& container)
{
    setArgument(container, "--enable-cache-report");
    if (choice.is("mru"))
        setArgument(container, "--radix-eviction-policy", "mru");
    else if (choice.is("low-fraction"))
        setArgument(container, "--mem-fraction-static", "0.5");
    else if (choice.is("token-limit"))
        setArgument(container, "--max-total-tokens", "40000");
    else if (choice.is("radix-off"))
        setArgument(container, "--disable-radix-cache");
}

void releaseRouter(const Choice& choice, json& container)
{
    setArgument(container, "--request-timeout-secs", "600");
    if (choice.is("round-robin"))
        setArgument(container, "--policy", "round_robin");
    else if (choice.is("power-of-two"))
        setArgument(container, "--policy", "power_of_two");
}

/// The date was told once a day in v7; v8 tells the time, at the end unless it is the fault.
std::string nextTemplate(const Choice& choice)
{
    const std::string body = "You are the assistant of the lab's tool platform. Call tools by JSON; one call a turn.\n{{tools}}\n{{messages}}\n";
    if (choice.is("timestamp"))
        return "Current time: {{now}}\n" + body;
    if (choice.is("request-id"))
        return "[request {{request_id}}]\n" + body;
    return body + "Current time: {{now}}\n";
}

void releaseGateway(Context& context, const Choice& choice)
{
    patch(context, "configmaps", kApps, kTemplates, {{"data", {{"v8.tmpl", nextTemplate(choice)}}}});
    releaseIn(context, kApps, kGateway, kRelease, [](json&, json& container) { setArgument(container, "--template", "/etc/prompts/v8.tmpl"); });
}

} // namespace

Result<json> injectKvHitRate(Context& context, const json& parameters)
{
    const auto choice = choose(context, missVariants(), parameters);
    if (!choice)
        return choice.error();
    const serving::Server* server = someServer(context, kAgents);
    if (server == nullptr)
        return Error{"the topology has no model server \"agents\" that answers", "kv-hit-rate"};
    json chosen = toldOfModel(context, *choice, kAgents, *server);
    releaseModel(context, kAgents, kRelease, [&](json&, json& container) { releaseServers(*choice, container); });
    releaseModel(context, kRouter, kRelease, [&](json&, json& container) { releaseRouter(*choice, container); });
    releaseGateway(context, *choice);
    if (choice->cause == "no-fault") {
        announce(context, kAgents, "CHG-3144: evaluation of the new prompts against agents, each of its own, until " + clockIn(context, kKvHitRateProceedsAfter));
        addClient(context, kEvaluation, "assistants", [](serving::ClientSettings& client) {
            client.gateway.clear();
            client.load.kind = serving::LoadKind::Batch;
            client.load.requestsPerSecond = 5;
            client.load.questionTokens = 4'000;
            client.load.answerTokens = 40;
            client.load.conversations = 0;
            client.interactive = false;
        });
    }
    return chosen;
}

void proceedKvHitRate(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announce(context, kAgents, {});
    changeClient(context, kEvaluation, [](serving::ClientSettings& client) { client.load.requestsPerSecond = 0; });
}

} // namespace sim::faults
