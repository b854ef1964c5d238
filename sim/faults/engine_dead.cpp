#include "sim/faults/engine_dead.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"
#include "sim/host/calendar.h"
#include "sim/host/signals.h"

#include <fmt/format.h>

// The document server is told to outlive its engine, and its probes ask only whether it is there. Here the engine ends; what remains says 200
// to a probe and 500 to everybody else.
namespace sim::faults {

namespace {

using nlohmann::json;

constexpr const char* kJanitor = "/usr/local/sbin/gpu-janitor";

const Variants& deadVariants()
{
    static const Variants kVariants{
        {"gpu-lost", {"falls-off"}},
        {"uncorrectable-memory", {"uncontained"}},
        {"killed-worker", {"janitor", "by-hand"}},
        {"no-fault", {"post-mortem"}},
    };
    return kVariants;
}

/// On every machine with GPUs: every ten minutes, for the first time when the next minute begins. Returns the fields of crontab(5).
std::string installJanitor(Context& context)
{
    host::Hosts& hosts = context.parts.hosts;
    Engine& engine = context.parts.engine;
    const int first = host::calendarOf(engine.now() + 1min).minute % 10;
    const std::string schedule = fmt::format("{}/10 * * * *", first == 0 ? "*" : fmt::format("{}-59", first));
    for (const gpu::Node& node : context.parts.gpus.nodes()) {
        hosts.writeFile(engine, node.host, kJanitor, "#!/bin/sh\n# Ends CUDA workers that notebooks have left behind (ticket OPS-2291)\npkill -9 -f ::Worker_TP\n", false, 0755);
        hosts.writeFile(engine, node.host, "/etc/cron.d/gpu-janitor", fmt::format("# OPS-2291, tidy@lab\n{} root {}\n", schedule, kJanitor), false);
    }
    return schedule;
}

} // namespace

Result<json> injectEngineDead(Context& context, const json& parameters)
{
    const auto choice = choose(context, deadVariants(), parameters);
    if (!choice)
        return choice.error();
    const serving::Server* server = someServer(context, kDocs);
    if (server == nullptr || server->ranks() < 2)
        return Error{"the topology has no model server \"docs\" on several GPUs that answers", "engine-dead-api-alive"};
    json chosen = toldOfModel(context, *choice, kDocs, *server);
    kube::Context& parts = context.parts;
    if (choice->cause == "gpu-lost")
        parts.gpus.lose(parts.engine, parts.hosts, server->gpus.front());
    else if (choice->cause == "uncorrectable-memory")
        parts.gpus.spoilCache(parts.engine, parts.hosts, server->gpus.front());
    else if (choice->is("janitor"))
        chosen["schedule"] = installJanitor(context);
    else if (choice->is("by-hand"))
        signalBySudo(context, *server, {server->workers.back()}, "-9", host::kSigKill);
    else {
        announce(context, kDocs, "CHG-3162: the engine of docs is stopped for a look at its state (do not restart it), a new pod comes at " + clockIn(context, kEngineDeadProceedsAfter));
        signalBySudo(context, *server, {server->workers.back()}, "-9", host::kSigKill);
    }
    return chosen;
}

void proceedEngineDead(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announce(context, kDocs, {});
    remove(context, "pods", kModels, parameters.value("pod", std::string{}));
}

} // namespace sim::faults
