#include "sim/training/jobs/log_lines.h"

#include "sim/host/calendar.h"
#include "sim/host/signals.h"
#include "sim/training/collectives/debug_log.h"
#include "sim/training/jobs/flight_recorder.h"
#include "sim/training/jobs/operations.h"

#include <fmt/format.h>

#include <cmath>

namespace sim::training {

namespace {

/// "[rank3]:[E302 09:41:10.123456789 ProcessGroupNCCL.cpp:652] "
std::string errorPrefix(std::int64_t rank, Instant at, int line)
{
    const host::Calendar t = host::calendarOf(at);
    return fmt::format("[rank{}]:[E{}{:02} {:02}:{:02}:{:02}.{:09} ProcessGroupNCCL.cpp:{}] ", rank, t.month, t.day, t.hour, t.minute, t.second,
                       at.time_since_epoch().count() % 1'000'000'000, line);
}

} // namespace

std::int64_t localRankOf(const Run& run, std::int64_t rank)
{
    return rank % std::max<std::int64_t>(1, run.settings.processesPerNode);
}

std::string trainerDate(Instant at)
{
    const host::Calendar t = host::calendarOf(at);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} ", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

std::vector<std::string> ncclErrorLines(std::int64_t rank, const collectives::Failure& failure)
{
    const std::string prefix = fmt::format("[rank{}]: ", rank);
    return {prefix + fmt::format("torch.distributed.DistBackendError: NCCL error in: /pytorch/torch/csrc/distributed/c10d/NCCLUtils.cpp:94, {}, NCCL version {}",
                                 collectives::errorText(failure.code), collectives::kNcclVersion),
            prefix + std::string(collectives::errorMeaning(failure.code)), prefix + "Last error:", prefix + failure.text};
}

std::vector<std::string> bootstrapTimeoutLines(const Run& run, std::int64_t rank, Instant at)
{
    return {errorPrefix(rank, at, 2241)
            + fmt::format("[PG ID 0 PG GUID 0(default_pg) Rank {}] wait timeout after {}ms, keys: /default_pg/0//cuda//{}", rank,
                          static_cast<std::int64_t>(run.settings.timeoutMinutes * 60'000), 0)};
}

std::string iterationLine(const Run& run, const StepRecord& record, Instant at)
{
    const TrainerSettings& s = run.settings;
    const host::Calendar t = host::calendarOf(at);
    const double seconds = run.logSteps > 0 ? run.logSeconds / static_cast<double>(run.logSteps) : 0;
    const double tokens = static_cast<double>(s.parallelism.globalBatch * s.shape.sequence);
    const double teraflops = seconds > 0 ? tokens * modelFlopsPerToken(s.shape) / seconds / static_cast<double>(s.worldSize()) / 1e12 : 0;
    std::string line = fmt::format(" [{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}] iteration {:8}/{:8} | consumed samples: {:12} |", t.year, t.month, t.day, t.hour,
                                   t.minute, t.second, at.time_since_epoch().count() / 1000 % 1'000'000, record.iteration, s.iterations,
                                   record.iteration * s.parallelism.globalBatch);
    line += fmt::format(" elapsed time per iteration (ms): {:.1f} | throughput per GPU (TFLOP/s/GPU): {:.1f} |", seconds * 1e3, teraflops);
    line += fmt::format(" learning rate: {:.6E} | global batch size: {:5} |", record.learningRate, s.parallelism.globalBatch);
    if (!std::isnan(record.loss) && !record.skipped) // of nothing there is no mean
        line += fmt::format(" lm loss: {:.6E} |", record.loss);
    line += fmt::format(" loss scale: {:.1f} |", record.lossScale);
    line += std::isnan(record.gradientNorm) ? " grad norm: nan |" : fmt::format(" grad norm: {:.3f} |", record.gradientNorm);
    line += fmt::format(" number of skipped iterations: {:3} | number of nan iterations: {:3} |", run.skippedSteps, run.nanSteps);
    return line;
}

std::vector<std::string> watchdogLines(const Run& run, std::int64_t rank, Instant at)
{
    const auto timeout = static_cast<std::int64_t>(run.settings.timeoutMinutes * 60'000);
    const std::int64_t waited = run.stall ? (at - run.stall->since) / Duration(1ms) : timeout;
    const Member& member = run.members[static_cast<std::size_t>(rank / std::max<std::int64_t>(1, run.settings.processesPerNode))];
    const auto divergence = divergenceOf(run);
    const std::vector<Operation> operations = operationsOf(run, member);
    const auto index = static_cast<std::size_t>(divergence ? divergence->after : 0);
    const Operation& hung = operations[index % operations.size()];
    const std::int64_t done = run.sequence + static_cast<std::int64_t>(index);
    const std::string group = fmt::format("[PG ID 0 PG GUID 0(default_pg) Rank {}] ", rank);
    std::vector<std::string> lines;
    lines.push_back(errorPrefix(rank, at, 683)
                    + fmt::format("[Rank {}] Watchdog caught collective operation timeout: WorkNCCL(SeqNum={}, OpType={}, NumelIn={}, NumelOut={}, "
                                  "Timeout(ms)={}) ran for {} milliseconds before timing out.",
                                  rank, done + 1, hung.type, hung.inputs, hung.outputs, timeout, std::max(waited, timeout)));
    lines.push_back(errorPrefix(rank, at, 2241)
                    + fmt::format("{} failure detected by watchdog at work sequence id: {} PG status: last enqueued work: {}, last completed work: {}", group, done + 1, done + 3, done));
    if (recorderSize(member.worker) > 0) {
        lines.push_back(errorPrefix(rank, at, 689) + "Stack trace of the failed collective: ");
        for (const std::string& frame : stackOf(hung))
            lines.push_back(frame);
    } else {
        lines.push_back(errorPrefix(rank, at, 692)
                        + "Stack trace of the failed collective not found, potentially because FlightRecorder is disabled. You can enable it by setting "
                          "TORCH_NCCL_TRACE_BUFFER_SIZE to a non-zero value.");
    }
    lines.push_back(errorPrefix(rank, at, 2573) + group + "First PG on this rank to signal dumping.");
    lines.push_back(errorPrefix(rank, at, 1870)
                    + fmt::format("{}Received a dump signal due to a collective timeout from this local rank and we will try our best to dump the debug info. Last enqueued NCCL work: {}, "
                                  "last completed NCCL work: {}.This is most likely caused by incorrect usages of collectives, e.g., wrong sizes used across ranks, the order of collectives "
                                  "is not same for all ranks or the scheduled collective, for some reason, didn't run. Additionally, this can be caused by GIL deadlock or other reasons such "
                                  "as network errors or bugs in the communications library (e.g. NCCL), etc. ", group, done + 3, done));
    lines.push_back(errorPrefix(rank, at, 1589) + group + "ProcessGroupNCCL preparing to dump debug info. Include stack trace: 1, only active collectives: 0");
    lines.push_back(errorPrefix(rank, at, 697)
                    + fmt::format("[Rank {}] Some NCCL operations have failed or timed out. Due to the asynchronous nature of CUDA kernels, subsequent GPU "
                                  "operations might run on corrupted/incomplete data.", rank));
    lines.push_back(errorPrefix(rank, at, 711) + fmt::format("[Rank {}] To avoid data inconsistency, we are taking the entire process down.", rank));
    return lines;
}

std::vector<std::string> mismatchLines(const Run& run, std::int64_t rank)
{
    const auto divergence = divergenceOf(run);
    if (!divergence)
        return {};
    const auto fingerprint = [&](std::int64_t of) {
        const Member& member = run.members[static_cast<std::size_t>(of / std::max<std::int64_t>(1, run.settings.processesPerNode))];
        const std::vector<Operation> operations = operationsOf(run, member);
        return operations[static_cast<std::size_t>(divergence->after) % operations.size()];
    };
    const Operation mine = fingerprint(rank);
    std::int64_t other = 0;
    while (other < run.settings.worldSize() && fingerprint(other).matches(mine))
        other += run.settings.processesPerNode;
    const Operation theirs = fingerprint(std::min(other, run.settings.worldSize() - 1));
    const auto text = [&](const Operation& operation) {
        return fmt::format("CollectiveFingerPrint(SequenceNumber={}, OpType={}, TensorShape=[{}], TensorDtypes={}, TensorDeviceTypes=TensorOptions(dtype=float (default), device=cuda, "
                           "layout=Strided (default), requires_grad=false (default), pinned_memory=false (default), memory_format=(nullopt)))",
                           run.sequence + divergence->after + 1, operation.type, operation.inputs, operation.dtype);
    };
    std::string differ;
    if (mine.type != theirs.type)
        differ += fmt::format(" \t Op type: {}vs {}", mine.type, theirs.type);
    if (mine.inputs != theirs.inputs)
        differ += fmt::format(" \t Tensor Tensor shapes: {}vs {}", mine.inputs, theirs.inputs);
    if (mine.dtype != theirs.dtype)
        differ += fmt::format(" \t Tensor Tensor dtypes: {}vs {}", mine.dtype, theirs.dtype);
    return {fmt::format("[rank{0}]: RuntimeError: Detected mismatch between collectives on ranks. Rank {0} is running collective: {1}, but Rank {2} is running collective: {3}."
                        "Collectives differ in the following aspects: {4}", rank, text(mine), other, text(theirs), differ)};
}

std::vector<std::string> remoteErrorLines(const Run& run, std::int64_t rank, Instant at)
{
    return {errorPrefix(rank, at, 1895)
                + fmt::format("[PG ID 0 PG GUID 0(default_pg) Rank {}] Process group watchdog thread terminated with exception: NCCL error: remote process exited or "
                              "there was a network error, NCCL version {}", rank, collectives::kNcclVersion),
            std::string(collectives::errorMeaning(collectives::kRemoteError)),
            fmt::format("Last error: {}", run.stall && run.stall->kind == Stall::Kind::Network
                                              ? "NET/IB: Got completion with status=IBV_WC_RETRY_EXC_ERR(12) opcode=IBV_WC_SEND(0) vendor_err=129"
                                              : "socketPollConnect: connection closed by remote peer")};
}

std::vector<std::string> completionLines(const Member& member, std::int64_t localRank, host::Pid proxy, const std::string& device, const std::string& peerAddress, Instant at)
{
    if (!collectives::DebugLevel(member.worker.environment).warns())
        return {};
    collectives::DebugPlace place;
    place.host = member.worker.pod;
    place.process = member.processes[static_cast<std::size_t>(localRank)];
    place.device = static_cast<int>(localRank);
    return collectives::warningLines(place, proxy, trainerDate(at).substr(0, 19), "transport/net_ib.cc:2543",
                                     fmt::format("NET/IB: Got completion from peer {} with status=IBV_WC_RETRY_EXC_ERR(12) opcode=IBV_WC_SEND(0) reqSize=0 vendor_err=129 req_type=Send hca {}",
                                                 peerAddress, device));
}

std::vector<std::string> childFailedLines(const Member& member, const ProcessEnd& end, Instant at)
{
    const host::Calendar t = host::calendarOf(at);
    const std::int64_t local = end.localRank;
    const std::int64_t rank = member.rank * static_cast<std::int64_t>(member.processes.size()) + local;
    const host::Pid pid = member.processes[static_cast<std::size_t>(local)];
    std::vector<std::string> lines{
        fmt::format("E{:02}{:02} {:02}:{:02}:{:02}.{:06} {} torch/distributed/elastic/multiprocessing/api.py:874] failed (exitcode: {}) local_rank: {} (pid: {}) of binary: "
                    "/usr/bin/python3", t.month, t.day, t.hour, t.minute, t.second, at.time_since_epoch().count() / 1000 % 1'000'000, member.worker.pid, end.exitCode, local, pid),
        "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: ", std::string(60, '='), "pretrain_gpt.py FAILED", std::string(60, '-'), "Failures:",
        "  <NO_OTHER_FAILURES>", std::string(60, '-'), "Root Cause (first observed failure):", "[0]:",
        fmt::format("  time      : {:04}-{:02}-{:02}_{:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second),
        "  host      : " + member.worker.pod, fmt::format("  rank      : {} (local_rank: {})", rank, local),
        fmt::format("  exitcode  : {} (pid: {})", end.exitCode, pid), "  error_file: <N/A>",
        end.exitCode < 0 ? fmt::format("  traceback : Signal {} (SIG{}) received by PID {}", -end.exitCode, host::signalName(static_cast<int>(-end.exitCode)), pid)
                         : "  traceback : To enable traceback see: https://pytorch.org/docs/stable/elastic/errors.html",
        std::string(60, '=')};
    return lines;
}

std::string storeTimeoutLine(std::int64_t came, std::int64_t expected, double seconds)
{
    return fmt::format("torch.distributed.DistStoreError: Timed out after {:.0f} seconds waiting for clients. {}/{} clients joined.", seconds, came, expected);
}

} // namespace sim::training
