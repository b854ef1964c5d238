#include "sim/faults/slow_rank.h"

#include "sim/faults/gpu_site.h"
#include "sim/faults/requests.h"
#include "sim/host/calendar.h"
#include "sim/host/sudo_log.h"

#include <fmt/format.h>

// A step takes what its slowest rank takes. The others wait for it in the collective, and look as busy as ever.
namespace sim::faults {

namespace {

using nlohmann::json;

/// What a benchmark at a fixed clock likes: far below what the board could hold.
constexpr std::int64_t kLockedMHz = 975;
/// Half of what the site allows.
constexpr double kCappedW = 275;

const Variants& slowVariants()
{
    static const Variants kVariants{
        {"locked-clock", {"left-by-benchmark"}},
        {"power-cap", {"one-gpu"}},
        {"nvlinks-down", {"most-of-them"}},
        {"slow-rail", {"lost-lanes", "slower-speed"}},
        {"no-fault", {"measurement"}},
    };
    return kVariants;
}

/// Of each switch one link holds.
std::vector<std::size_t> mostLinks(const gpu::Gpu& gpu)
{
    std::vector<std::size_t> links;
    for (std::size_t i = 0; i < gpu.links.size(); ++i)
        if (i % 6 != 0)
            links.push_back(i);
    return links;
}

Result<Done> slowRail(Context& context, const GpuPlace& place, const Choice& choice)
{
    const auto rail = railOf(context, place);
    if (!rail)
        return Error{"the topology has no compute network", "slow-rank"};
    net::rdma::CableCondition condition;
    if (choice.is("lost-lanes"))
        condition.lanes = 1;
    else
        condition.fastest = net::rdma::LaneSpeed::Edr;
    context.rdma.setCondition(context.parts.engine.now(), context.rdma.port(*rail).cable, condition);
    return Done{};
}

/// Somebody typed it on the machine, and sudo wrote that down.
void typed(Context& context, HostId host, const std::string& options)
{
    for (const host::SudoLine& line : host::sudoLines(context.parts.hosts.at(host), "ops", "/home/ops", "root", "/usr/bin/nvidia-smi " + options))
        context.parts.hosts.log(context.parts.engine, host, "sudo", "", 0, line.priority, line.message);
}

/// The power team measures one node at a fixed clock, and says so on it.
void measure(Context& context, const GpuPlace& place)
{
    const host::Calendar until = host::calendarOf(context.parts.engine.now() + kSlowRankProceedsAfter);
    const std::string change = fmt::format("CHG-2231: power measurement at {} MHz, clocks free again at {:02}:{:02} UTC", kLockedMHz, until.hour, until.minute);
    patch(context, "nodes", "", place.machine, {{"metadata", {{"annotations", {{kMaintenanceNote, change}}}}}});
    for (const GpuId id : place.node->gpus)
        context.parts.gpus.at(id).settings.lockedMHz = kLockedMHz;
    typed(context, place.node->host, fmt::format("-lgc {0},{0}", kLockedMHz));
}

} // namespace

Result<json> injectSlowRank(Context& context, const json& parameters)
{
    const auto choice = choose(context, slowVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto place = trainingGpu(context, parameters);
    if (!place)
        return Error{"the topology has no GPUs", "slow-rank"};
    json chosen = described(context, *place, choice->cause, choice->variant);
    if (const auto rail = railOf(context, *place))
        chosen["device"] = context.rdma.device(*rail).name;
    Result<Done> done = Done{};
    if (choice->cause == "locked-clock") {
        place->gpu->settings.lockedMHz = kLockedMHz;
        typed(context, place->gpu->host, fmt::format("-i {0} -lgc {1},{1}", place->gpu->index, kLockedMHz));
    } else if (choice->cause == "power-cap") {
        place->gpu->settings.powerLimitW = kCappedW;
        typed(context, place->gpu->host, fmt::format("-i {} -pl {:.0f}", place->gpu->index, kCappedW));
    } else if (choice->cause == "nvlinks-down")
        context.parts.gpus.loseLinks(context.parts.engine, context.parts.hosts, place->gpu->id, mostLinks(*place->gpu));
    else if (choice->cause == "slow-rail")
        done = slowRail(context, *place, *choice);
    else
        measure(context, *place);
    if (!done)
        return done.error();
    return chosen;
}

void proceedSlowRank(Context& context, const json& parameters)
{
    if (parameters.value("cause", std::string{}) != "no-fault")
        return;
    endAnnouncedWork(context, [&](const host::Machine& machine) {
        for (const GpuId id : context.parts.gpus.of(machine.id))
            context.parts.gpus.at(id).settings.lockedMHz = 0;
    });
}

} // namespace sim::faults
