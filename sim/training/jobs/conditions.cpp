#include "sim/training/jobs/conditions.h"

#include <algorithm>
#include <cmath>

namespace sim::training {

namespace {

constexpr double kClockGrainHz = 45e6;
constexpr double kFactorGrain = 0.02;

/// What the operating system of a worker's machine leaves of the processors that its processes want, 0..1.
double hostShare(const RunContext& context, const Member& member)
{
    const host::Machine& machine = context.around.runtime.hosts.at(member.worker.host);
    double wanted = 0, granted = 0;
    for (const host::Pid pid : member.processes)
        if (const auto process = machine.processes.find(pid); process != machine.processes.end()) {
            wanted += process->second.cpuCores;
            granted += process->second.cpuGranted;
        }
    const double share = wanted > 0 ? std::min(1.0, granted / wanted) : 1;
    return machine.starvedOfMemory() ? std::min(share, host::Machine::kStarvedShare) : share;
}

double rounded(double value, double grain)
{
    return std::round(value / grain) * grain;
}

/// What a transfer's ports and its neighbours leave it of what its sender's port is made for, 0..1.
double linkFactor(const net::rdma::Fabric& fabric, net::rdma::TransferId id)
{
    const auto found = fabric.transfers().find(id);
    if (found == fabric.transfers().end() || found->second.state != net::rdma::TransferState::Moving)
        return 1;
    const net::rdma::Transfer& transfer = found->second;
    const net::rdma::Port& from = fabric.port(transfer.request.from);
    const double made = net::rdma::payloadBytesPerSecond(fabric.layer(), from.maxSpeed, from.maxLanes, from.mtu);
    const net::rdma::PortId sender(transfer.request.from.value);
    const net::rdma::PortId receiver(transfer.request.to.value);
    const double ports = std::min(fabric.capacityBytesPerSecond(sender), fabric.capacityBytesPerSecond(receiver)) / made;
    const double offered = transfer.request.offeredBytesPerSecond;
    const double congestion = offered > 1 ? transfer.bytesPerSecond / offered : 1;
    return std::clamp(std::min(ports, congestion), 0.0, 1.0);
}

} // namespace

double usualClock(double hertz)
{
    return rounded(hertz, kClockGrainHz);
}

Conditions conditionsOf(const RunContext& context)
{
    const Run& run = context.run();
    const std::int64_t ranks = run.settings.worldSize();
    std::vector<double> clocks;
    clocks.reserve(static_cast<std::size_t>(ranks));
    for (std::int64_t rank = 0; rank < ranks; ++rank) {
        const gpu::Gpu& gpu = context.around.gpus.at(context.gpuOf(rank));
        // A device that has not begun to work still shows the clock of its rest.
        const bool working = gpu.now.activity.kernel > 0.5;
        clocks.push_back(usualClock(working ? static_cast<double>(gpu.now.smMHz) * 1e6 : 0));
    }
    Conditions conditions;
    std::vector<double> sorted = clocks;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    conditions.clockHz = sorted[sorted.size() / 2];
    std::map<std::int64_t, double> links;
    for (std::size_t i = 0; i < run.transfers.size(); ++i)
        if (const double factor = linkFactor(context.around.fabric, run.transfers[i]); factor < 1)
            links[run.transferRanks[i]] = factor;
    for (std::int64_t rank = 0; rank < ranks; ++rank) {
        const gpu::Gpu& gpu = context.around.gpus.at(context.gpuOf(rank));
        RankFactors factors;
        const double clock = clocks[static_cast<std::size_t>(rank)];
        if (conditions.clockHz > 0 && clock > 0 && clock < conditions.clockHz)
            factors.clock = clock / conditions.clockHz;
        if (!gpu.links.empty())
            factors.link = static_cast<double>(gpu.activeLinks()) / static_cast<double>(gpu.links.size());
        if (const auto link = links.find(rank); link != links.end())
            factors.link = std::min(factors.link, link->second);
        const double share = hostShare(context, context.memberOf(rank));
        factors.loader = std::max(1e-3, share);
        // A rank launches its kernels from one core, which the scheduler gives before the rest of what its process wants.
        factors.clock *= std::clamp(share * kCoresOfRank, 1e-3, 1.0);
        factors = {std::max(1e-3, rounded(factors.clock, kFactorGrain)), std::max(kFactorGrain, rounded(factors.link, kFactorGrain)),
                   std::max(1e-3, factors.loader > 0.9 ? 1.0 : factors.loader)};
        if (factors != RankFactors{})
            conditions.factors[rank] = factors;
    }
    return conditions;
}

} // namespace sim::training
