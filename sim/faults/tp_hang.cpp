#include "sim/faults/tp_hang.h"

#include "sim/faults/model_site.h"
#include "sim/faults/requests.h"
#include "sim/host/signals.h"
#include "sim/kube/client/objects.h"

// Ranks of one model meet in every step. One of them stands, the others wait for it with their GPUs at 100 %; or the core that deals out the
// steps stands, and all GPUs idle.
namespace sim::faults {

namespace {

using nlohmann::json;

const Variants& hangVariantsOfServers()
{
    static const Variants kVariants{
        {"gpu-hung", {"endless-kernel"}},
        {"stopped-worker", {"paused"}},
        {"stopped-core", {"paused-core"}},
        {"no-fault", {"measurement"}},
    };
    return kVariants;
}

void stop(Context& context, const serving::Server& server, const std::vector<std::int64_t>& pids)
{
    signalBySudo(context, server, pids, "-STOP", host::kSigStop);
}

} // namespace

Result<json> injectTpHang(Context& context, const json& parameters)
{
    const auto choice = choose(context, hangVariantsOfServers(), parameters);
    if (!choice)
        return choice.error();
    const serving::Server* server = someServer(context, kDocs);
    if (server == nullptr || server->ranks() < 2)
        return Error{"the topology has no model server \"docs\" on several GPUs that answers", "tp-hang"};
    json chosen = toldOfModel(context, *choice, kDocs, *server);
    if (choice->cause == "gpu-hung")
        context.parts.gpus.at(server->gpus.front()).hung = true;
    else if (choice->cause == "stopped-worker")
        stop(context, *server, {server->workers.back()});
    else if (choice->cause == "stopped-core")
        stop(context, *server, {server->corePid});
    else {
        announce(context, kDocs, "CHG-3155: the workers of docs are stopped (SIGSTOP) to measure what their GPUs draw while nothing is computed, they go on at " + clockIn(context, kTpHangProceedsAfter));
        stop(context, *server, server->workers);
    }
    return chosen;
}

void proceedTpHang(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    announce(context, kDocs, {});
    for (const auto& [id, server] : context.serving.servers())
        if (kube::deploymentOf(server.pod) == kDocs)
            for (const std::int64_t pid : server.workers)
                context.parts.hosts.signal(context.parts.engine, context.parts.network, server.host, pid, host::kSigCont);
}

} // namespace sim::faults
