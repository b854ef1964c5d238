#include "sim/faults/noisy_tenant.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

// Several programs share the chat model, each behind a gateway of its own that holds it back. One of them gets more through, or asks for more
// with each request.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr int kLabellingGateways = 24;
constexpr const char* kLabellingLimit = "240"; ///< requests a minute that each of its replicas lets through

const Variants& tenantVariants()
{
    static const Variants kVariants{
        {"limit-lost", {"flag-dropped", "zero"}},
        {"scaled-out", {"by-hand"}},
        {"longer-prompts", {"more-passages"}},
        {"longer-answers", {"reasons"}},
        {"no-fault", {"quarter-end"}},
    };
    return kVariants;
}

} // namespace

Result<json> injectNoisyTenant(Context& context, const json& parameters)
{
    const auto choice = choose(context, tenantVariants(), parameters);
    if (!choice)
        return choice.error();
    const serving::Server* server = someServer(context, kChat);
    if (server == nullptr || modelClient(context, kLabelling) == nullptr)
        return Error{"the topology has no model server \"chat\" that answers, or no client \"labelling\" of it", "noisy-tenant"};
    json chosen = toldOfModel(context, *choice, kChat, *server);
    if (choice->cause == "no-fault")
        announceIn(context, kApps, kLabelling,
                   "CHG-3178: all labels of the quarter anew, 4800 requests a minute, agreed with the owners of chat, until "
                       + clockIn(context, kNoisyTenantProceedsAfter));
    // All three gateways are released on the same morning.
    for (const char* name : {kSupport, kReports})
        releaseIn(context, kApps, name, fmt::format("release {}-2026.03.2", name), [](json&, json& container) { setArgument(container, "--timeout", "120s"); });
    releaseIn(context, kApps, kLabelling, "release labelling-2026.03.2", [&](json&, json& container) {
        setArgument(container, "--timeout", "120s");
        if (choice->is("flag-dropped"))
            removeArgument(container, "--requests-per-minute");
        else if (choice->is("zero"))
            setArgument(container, "--requests-per-minute", "0");
        else if (choice->cause == "longer-prompts")
            setArgument(container, "--documents", "12");
        else if (choice->cause == "longer-answers")
            setArgument(container, "--max-tokens", "2000");
        else if (choice->cause == "no-fault")
            setArgument(container, "--requests-per-minute", "2400");
    });
    if (choice->cause == "scaled-out")
        patch(context, "deployments.apps", kApps, kLabelling, {{"spec", {{"replicas", kLabellingGateways}}}}, "scale");
    return chosen;
}

void proceedNoisyTenant(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announceIn(context, kApps, kLabelling, {});
    releaseIn(context, kApps, kLabelling, "release labelling-2026.03.3",
              [](json&, json& container) { setArgument(container, "--requests-per-minute", kLabellingLimit); });
}

} // namespace sim::faults
