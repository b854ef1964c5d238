#include "sim/training/jobs/flight_recorder.h"
#include "sim/training/jobs/log_lines.h"
#include "sim/training/jobs/run_context.h"

#include <algorithm>

namespace sim::training {

namespace {

bool present(const std::vector<Worker>& workers, const Member& member)
{
    return std::any_of(workers.begin(), workers.end(), [&](const Worker& one) { return one.container == member.worker.container; });
}

/// How long NCCL's proxies wait before they call a silent peer lost: the queue pairs' patience.
Duration peerPatience(const Run& run)
{
    const std::string text = run.members.front().worker.variable("NCCL_IB_TIMEOUT", "20");
    const std::string retries = run.members.front().worker.variable("NCCL_IB_RETRY_CNT", "7");
    const net::rdma::QueuePair pair{static_cast<std::uint8_t>(std::atoi(text.c_str())), static_cast<std::uint8_t>(std::atoi(retries.c_str()))};
    return net::rdma::retryPatience(pair).value_or(std::chrono::hours(24));
}

host::Pid proxyOf(const RunContext& context, std::int64_t rank)
{
    const host::Process* process = processOf(context, rank);
    return process == nullptr || process->threads.empty() ? 0 : process->threads.front().tid;
}

bool stopped(const RunContext& context, std::int64_t rank)
{
    const host::Process* process = processOf(context, rank);
    return process != nullptr && process->state == 'T';
}

/// torchrun sees one of its processes end, says so, ends the others and itself.
void endFailed(RunContext& context, const std::vector<Worker>& workers)
{
    for (const Member& member : context.run().members) {
        if (!member.failed || !present(workers, member))
            continue;
        for (std::string& line : childFailedLines(member, *member.failed, context.now()))
            context.log(member, std::move(line));
        context.around.runtimes.exit(context.around.runtime, member.worker.container, 1);
    }
}

Duration watchdogTimeout(const Run& run) { return fromSeconds(run.settings.timeoutMinutes * 60); }

} // namespace

std::optional<Stall> stallOf(const RunContext& context, const std::vector<Worker>& workers)
{
    const Run& run = context.run();
    const Instant now = context.now();
    for (const Member& member : run.members)
        if (!present(workers, member))
            return Stall{Stall::Kind::PeerGone, member.rank * run.settings.processesPerNode, now, now + peerPatience(run)};
    if (run.phase != RunPhase::Training)
        return std::nullopt;
    if (const auto divergence = divergenceOf(run))
        return Stall{Stall::Kind::Mismatch, divergence->rank, now, std::nullopt};
    for (std::int64_t rank = 0; rank < run.settings.worldSize(); ++rank)
        if (stopped(context, rank))
            return Stall{Stall::Kind::Process, rank, now, std::nullopt};
    for (std::int64_t rank = 0; rank < run.settings.worldSize(); ++rank)
        if (const gpu::Gpu& gpu = context.around.gpus.at(context.gpuOf(rank)); gpu.hung || !gpu.working())
            return Stall{Stall::Kind::Gpu, rank, now, std::nullopt};
    if (auto stall = saveStall(context))
        return stall;
    for (std::size_t i = 0; i < run.transfers.size() && !run.save; ++i) {
        const auto transfer = context.around.fabric.transfers().find(run.transfers[i]);
        if (transfer == context.around.fabric.transfers().end() || transfer->second.state == net::rdma::TransferState::Moving)
            continue;
        Stall stall{Stall::Kind::Network, run.transferRanks[i], now, std::nullopt};
        if (transfer->second.state == net::rdma::TransferState::Failed)
            stall.errorAt = now;
        return stall;
    }
    return std::nullopt;
}

void watch(RunContext& context, const std::vector<Worker>& workers)
{
    Run& run = context.run();
    const Instant now = context.now();
    endFailed(context, workers);
    const std::optional<Stall> found = stallOf(context, workers);
    if (found && !run.stall) {
        run.stall = found;
    } else if (found && found->kind == run.stall->kind) {
        if (found->errorAt && !run.stall->errorAt)
            run.stall->errorAt = found->errorAt;
    } else if (found) {
        const Instant since = run.stall->since;
        run.stall = found;
        run.stall->since = since;
    } else if (run.stall) {
        if (run.stall->kind != Stall::Kind::Storage)
            run.stepEnds += now - run.stall->since; // what was in flight goes on
        run.stall.reset();
    }
    if (run.phase == RunPhase::Bootstrap && now - run.phaseSince >= watchdogTimeout(run)) {
        endRun(context, 1, [&](std::int64_t rank) { return bootstrapTimeoutLines(run, rank, now); });
        return;
    }
    if (!run.stall)
        return;
    if (run.stall->kind == Stall::Kind::Mismatch && run.members.front().worker.variable("TORCH_DISTRIBUTED_DEBUG") == "DETAIL") { // torch compares before it calls
        endRun(context, 1, [&](std::int64_t rank) { return mismatchLines(run, rank); });
        return;
    }
    if (run.stall->errorAt && now >= *run.stall->errorAt) {
        if (run.stall->kind == Stall::Kind::Network) {
            const Member& member = context.memberOf(run.stall->rank);
            const std::int64_t local = localRankOf(run, run.stall->rank);
            const Member& peer = run.members[static_cast<std::size_t>((member.rank + 1) % static_cast<std::int64_t>(run.members.size()))];
            const auto devices = context.around.fabric.devicesOf(member.worker.host);
            for (std::string& line : completionLines(member, local, proxyOf(context, run.stall->rank), context.around.fabric.device(devices[static_cast<std::size_t>(local) % devices.size()]).name,
                                                     context.around.connectivity.address(peer.worker, peer.interface) + "<50854>", now))
                context.log(member, std::move(line));
        }
        endRun(context, 1, [&](std::int64_t rank) { return remoteErrorLines(run, rank, now); });
    } else if (now - run.stall->since >= watchdogTimeout(run)) {
        dumpRecorders(context);
        endRun(context, 1, [&](std::int64_t rank) {
            const bool writes = run.stall->kind == Stall::Kind::Storage && !waitsForSave(context, static_cast<std::size_t>(context.memberOf(rank).rank));
            return stopped(context, rank) || writes ? std::vector<std::string>() : watchdogLines(run, rank, now); // it prints nothing
        });
    }
}

} // namespace sim::training
