#include "sim/faults/preemption_storm.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"

// More sequences run than the cache holds to their ends. Whoever comes last is thrown out and computed anew, again and again.
namespace sim::faults {

namespace {

using nlohmann::json;

// Each fills the cache to nine tenths on average, which is where sequences begin to throw each other out; more ends in a queue.
constexpr const char* kFewBlocks = "2048";
constexpr const char* kBacklogLimit = "210"; ///< a minute
constexpr int kReportGateways = 18;          ///< of the gateway of reports, each of which lets 12 a minute through

const Variants& stormVariants()
{
    static const Variants kVariants{
        {"smaller-cache", {"small-pool", "few-blocks"}},
        {"longer-answers", {"reasons"}},
        {"over-admission", {"limit-raised", "scaled-out"}},
        {"no-fault", {"backlog"}},
    };
    return kVariants;
}

} // namespace

Result<json> injectPreemptionStorm(Context& context, const json& parameters)
{
    const auto choice = choose(context, stormVariants(), parameters);
    if (!choice)
        return choice.error();
    const serving::Server* server = someServer(context, kChat);
    if (server == nullptr || modelClient(context, kSupport) == nullptr)
        return Error{"the topology has no model server \"chat\" that answers, or no client \"support\" of it", "preemption-storm"};
    json chosen = toldOfModel(context, *choice, kChat, *server);
    if (choice->cause == "no-fault")
        announceIn(context, kApps, kReports,
                   "CHG-3184: reports of the whole quarter, 210 a minute, agreed with the owners of chat, until "
                       + clockIn(context, kPreemptionStormProceedsAfter));
    releaseModel(context, kChat, "release chat-2026.03.5", [&](json&, json& container) {
        setArgument(container, "--no-enable-log-requests");
        if (choice->is("small-pool"))
            setArgument(container, "--kv-cache-memory-bytes", "4G");
        else if (choice->is("few-blocks"))
            setArgument(container, "--num-gpu-blocks-override", kFewBlocks);
    });
    releaseIn(context, kApps, kSupport, "release support-2026.03.5", [&](json&, json& container) {
        setArgument(container, "--timeout", "120s");
        if (choice->cause == "longer-answers")
            setArgument(container, "--max-tokens", "1800");
    });
    releaseIn(context, kApps, kReports, "release reports-2026.03.5", [&](json&, json& container) {
        setArgument(container, "--timeout", "120s");
        if (choice->cause == "no-fault" || choice->is("limit-raised"))
            setArgument(container, "--requests-per-minute", kBacklogLimit);
    });
    if (choice->is("scaled-out"))
        patch(context, "deployments.apps", kApps, kReports, {{"spec", {{"replicas", kReportGateways}}}}, "scale");
    return chosen;
}

void proceedPreemptionStorm(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announceIn(context, kApps, kReports, {});
    releaseIn(context, kApps, kReports, "release reports-2026.03.6", [](json&, json& container) { setArgument(container, "--requests-per-minute", "12"); });
}

} // namespace sim::faults
