#include "sim/faults/training_hang.h"

#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/faults/service.h"

#include <fmt/format.h>

// A collective ends when its last rank has come. Whatever keeps one rank from coming keeps all of them, and only that one is ill.
namespace sim::faults {

namespace {

const Variants& hangVariants()
{
    static const Variants kVariants{
        {"ib-link-down", {"no-light", "flapping"}},
        {"gpu-hung", {"endless-kernel"}},
        {"node-starved", {"crowded-processors"}},
    };
    return kVariants;
}

} // namespace

Result<nlohmann::json> injectTrainingHang(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, hangVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto place = trainingGpu(context, parameters);
    if (!place)
        return Error{"the topology has no GPUs", "training-hang"};
    nlohmann::json chosen = described(*place, choice->cause, choice->variant);
    const Instant now = context.parts.engine.now();
    const auto devices = context.rdma.devicesOf(place->node->host);
    if (choice->cause == "ib-link-down" && devices.empty())
        return Error{"the topology has no compute network", "training-hang"};
    if (!devices.empty()) {
        const net::rdma::DeviceId device = devices[static_cast<std::size_t>(place->slot) % devices.size()];
        chosen["device"] = context.rdma.device(device).name;
        net::rdma::CableCondition condition;
        if (choice->is("no-light"))
            condition.broken = true;
        else
            condition.flap = {std::chrono::seconds(25), std::chrono::seconds(14), now};
        if (choice->cause == "ib-link-down")
            context.rdma.setCondition(now, context.rdma.port(device).cable, condition);
    }
    if (choice->is("endless-kernel"))
        place->gpu->hung = true;
    if (choice->is("crowded-processors"))
        runService(context, place->node->host,
                   {.unit = "image-scan.service", .description = "Scans container images for known holes", .command = "/opt/image-scan/bin/image-scan --all --workers 4000",
                    .memoryBytes = 900LL << 20, .workload = {.cpuCores = 4000, .systemShare = 0.3, .threads = 4000, .threadName = "scan-{n}", .switchesPerSecond = 90'000}});
    return chosen;
}

} // namespace sim::faults
