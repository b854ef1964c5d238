#include "sim/training/jobs/conditions.h"
#include "sim/training/jobs/fabric_times.h"
#include "sim/training/jobs/log_lines.h"
#include "sim/training/jobs/nccl_lines.h"
#include "sim/training/jobs/operations.h"
#include "sim/training/jobs/run_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sim::training {

namespace {

// Tokenised data is read through memory maps: one worker keeps a replica of a 7B model fed several times over.
constexpr double kSamplesPerWorker = 25;
/// A rank that waits in a collective: NCCL's few blocks spin, nothing else runs.
constexpr gpu::Activity kSpinning{.kernel = 1, .sm = 0.12, .tensor = 0, .dram = 0.01};

Accelerator acceleratorOf(const gpu::Board& board)
{
    if (board.shortName == "A100")
        return a100Sxm80();
    if (board.shortName == "H200")
        return h200Sxm();
    return h100Sxm();
}

/// Threads of a kernel that go round and round without touching memory.
constexpr gpu::Activity kEndless{.kernel = 1, .sm = 0.9, .tensor = 0, .dram = 0.01};

/// `saves`: it writes a checkpoint at the rate that a sound storage gives each machine.
StepPlan planOf(const RunContext& context, bool saves)
{
    const Run& run = context.run();
    StepPlan plan;
    plan.shape = run.settings.shape;
    plan.parallelism = run.settings.parallelism;
    plan.recompute = run.settings.recompute;
    plan.accelerator = acceleratorOf(context.around.gpus.at(context.gpuOf(0)).kind());
    plan.loader = {kSamplesPerWorker, run.settings.dataWorkers};
    if (saves) {
        plan.checkpoint = run.settings.asyncSave ? CheckpointWrite::Asynchronous : CheckpointWrite::Synchronous;
        plan.storageBytesPerSecond = kCheckpointBytesPerSecond / static_cast<double>(run.settings.processesPerNode);
    }
    return plan;
}

ClusterKind kindOf(const RunContext& context)
{
    const Run& run = context.run();
    ClusterKind kind;
    kind.node = nodeTypeOf(context.around.gpus.at(context.gpuOf(0)).kind()).value_or(collectives::NodeType::H100Sxm);
    kind.gpusPerMachine = static_cast<int>(run.settings.processesPerNode);
    const net::rdma::Fabric& fabric = context.around.fabric;
    const auto adapters = fabric.devicesOf(run.members.front().worker.host);
    kind.nics = static_cast<int>(adapters.size());
    if (!adapters.empty()) {
        const net::rdma::Port& port = fabric.port(adapters.front());
        kind.nicGigabytesPerSecond = net::rdma::laneBitsPerSecond(port.maxSpeed) * port.maxLanes / 8e9;
    }
    kind.network = fabric.layer() == net::rdma::LinkLayer::InfiniBand ? collectives::NetworkKind::InfiniBand : collectives::NetworkKind::Roce;
    for (const Member& member : run.members) {
        const auto host = fabric.hosts().find(member.worker.host);
        if (host != fabric.hosts().end() && net::rdma::memoryPath(host->second) == net::rdma::MemoryPath::Staged)
            kind.gpuDirect = false;
        const gpu::Node* node = context.around.gpus.nodeOf(member.worker.host);
        kind.nvls &= node == nullptr || node->fabricReady;
    }
    return kind;
}

gpu::Activity activityOf(const DeviceActivity& device)
{
    gpu::Activity activity;
    activity.kernel = std::min(1.0, device.kernel);
    activity.sm = device.sm;
    activity.tensor = device.tensor;
    activity.dram = device.dram;
    activity.nvlinkTxBytesPerSecond = activity.nvlinkRxBytesPerSecond = device.nvlinkBytesPerSecond;
    activity.pcieTxBytesPerSecond = activity.pcieRxBytesPerSecond = device.hostBytesPerSecond + device.networkBytesPerSecond;
    return activity;
}

/// What checkpoints may take of a job's time and still count as sound.
constexpr double kPauseShare = 0.05;

/// This step on sound machines, with its checkpoint if it has one: the clock that a cool GPU with the default limit holds at this work.
double healthyStep(const RunContext& context, const FabricTimes& collectives, bool saves)
{
    StepPlan plan = planOf(context, saves);
    const gpu::Gpu& first = context.around.gpus.at(context.gpuOf(0));
    const gpu::Board& board = first.kind();
    const double limit = context.around.gpus.nodeOf(first.host)->usualLimitW;
    double seconds = 0;
    for (int pass = 0; pass < 3; ++pass) {
        const StepTimes times = stepTimes(plan, collectives);
        seconds = times.seconds;
        const gpu::OperatingPoint point = gpu::operatingPoint(board, activityOf(times.classes.front().device), {.powerW = limit, .context = true});
        plan.accelerator.sustainedClockHz = usualClock(point.smMHz * 1e6);
    }
    return seconds;
}

std::uint64_t keyOf(const Conditions& conditions, const ClusterKind& kind, bool saves)
{
    Fingerprint f;
    f.add((std::uint64_t{kind.gpuDirect} << 1) | std::uint64_t{kind.nvls});
    f.add(static_cast<std::uint64_t>(kind.nics));
    sim::addTo(f, conditions.clockHz);
    sim::addTo(f, conditions.factors);
    f.add(std::uint64_t{saves});
    return f.value() | 1;
}

/// A kernel of the trainer reads where nothing is mapped, on whichever GPU has the sample that makes it do so.
void readBeyond(RunContext& context)
{
    const Run& run = context.run();
    RandomStream& random = context.around.runtime.engine.random("training/kernels");
    const auto rank = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(run.settings.worldSize())));
    const auto page = static_cast<std::uint32_t>(random.below(1ULL << 20)) << 12;
    context.around.gpus.report(context.around.runtime.engine, context.around.runtime.hosts, context.gpuOf(rank), 31,
                               fmt::format("channel 0x{:08x}, intr 00000000. MMU Fault: ENGINE GRAPHICS GPC{} GPCCLIENT_T1_{} faulted @ 0x7f{:02x}_{:08x}. Fault is of type "
                                           "FAULT_PDE ACCESS_TYPE_VIRT_READ",
                                           4 + random.below(8), random.below(7), random.below(12), random.below(256), page),
                               context.memberOf(rank).processes[static_cast<std::size_t>(localRankOf(run, rank))], "pt_main_thread");
    endByRank(context, rank, "torch.AcceleratorError: CUDA error: an illegal memory access was encountered");
}

/// False: the run has ended.
bool finishStep(RunContext& context, Instant at)
{
    Run& run = context.run();
    const StepReport report = advance(*run.landscape, recipeOf(run.settings), eventsOf(run, run.iteration + 1), run.loss, context.around.runtime.engine.random("training/loss"));
    ++run.iteration;
    run.sequence += static_cast<std::int64_t>(operationsOf(run, run.members.front()).size());
    context.job.furthest = std::max(context.job.furthest, run.iteration);
    StepRecord record;
    record.at = at;
    record.iteration = run.iteration;
    record.seconds = static_cast<float>(toSeconds(at - run.stepBegan));
    record.loss = static_cast<float>(report.loss);
    record.gradientNorm = static_cast<float>(report.gradientNorm);
    record.learningRate = static_cast<float>(report.learningRate);
    record.lossScale = static_cast<float>(report.lossScale);
    record.skipped = report.skipped;
    if (std::isfinite(record.loss) && !record.skipped)
        context.job.lowestLoss = std::min<double>(context.job.lowestLoss, record.loss);
    run.logSeconds += record.seconds;
    ++run.logSteps;
    run.skippedSteps += report.skipped ? 1 : 0;
    run.nanSteps += std::isnan(report.loss) ? 1 : 0;
    sim::training::record(context, record);
    if (run.loss.stopped) {
        const std::int64_t rank = std::max<std::int64_t>(0, run.loss.originRank) * run.settings.parallelism.tensor;
        const std::string why = run.settings.checksNan
            ? nonFiniteError(rank, context.memberOf(rank).worker.pod, localRankOf(run, rank), run.iteration, std::isinf(report.gradientNorm), report.origin)
            : std::string(smallestScaleError());
        endByRank(context, rank, why);
        return false;
    }
    if (const auto worker = std::find_if(run.members.begin(), run.members.end(), [&](const Member& m) { return m.worker.faultySteps > 0; });
        worker != run.members.end() && run.iteration - run.firstIteration >= worker->worker.faultySteps) {
        readBeyond(context);
        return false;
    }
    if (run.iteration % std::max<std::int64_t>(1, run.settings.logInterval) == 0) {
        context.log(run.members.back(), iterationLine(run, record, at)); // Megatron prints on the last rank
        run.logSeconds = 0;
        run.logSteps = run.skippedSteps = run.nanSteps = 0;
    }
    if (savesAfter(run, run.iteration) && !(run.save && run.save->iteration == run.iteration)) // that one is still on its way
        keepCheckpoint(context, at, run.iteration, run.loss);
    if (run.iteration >= run.settings.iterations) {
        context.log(run.members.front(), "[after training is done] datetime: " + trainerDate(at));
        endRun(context, 0, [](std::int64_t) { return std::vector<std::string>(); });
        return false;
    }
    return true;
}

/// Ends the step that is due and begins the one after it. False: the run has ended.
bool nextStep(RunContext& context)
{
    Run& run = context.run();
    const Instant ended = run.stepEnds;
    if (!finishStep(context, ended))
        return false;
    if (run.save && run.save->iteration == run.iteration)
        run.save->state = run.loss;
    beginStep(context, ended);
    return true;
}

/// Moves on the save that is under way. False: steps wait for it, or the run has ended.
bool moveSave(RunContext& context)
{
    Run& run = context.run();
    Save save = *run.save;
    const std::optional<Instant> done = finishSave(context);
    if (!context.job.run)
        return false;
    if (!done) {
        run.save->seconds = toSeconds(context.now() - save.began);
        return save.background;
    }
    if (save.background) {
        keepCheckpoint(context, *done, save.iteration, std::move(save.state));
        if (savesAfter(run, run.iteration + 1)) // which has waited for this one
            run.stepEnds = std::max(run.stepEnds, *done);
        return true;
    }
    run.stepEnds = std::max(*done, run.stepEnds); // it was written within its step
    context.job.lastSaveSeconds = toSeconds(run.stepEnds - save.began);
    return nextStep(context);
}

} // namespace

void record(RunContext& context, const StepRecord& record)
{
    auto& history = context.job.history.edit();
    if (history.size() >= Job::kHistory)
        history.erase(history.begin(), history.begin() + static_cast<std::ptrdiff_t>(Job::kHistory / 4));
    history.push_back(record);
}

void beginStep(RunContext& context, Instant at)
{
    Run& run = context.run();
    const bool saves = savesAfter(run, run.iteration + 1);
    const Conditions conditions = conditionsOf(context);
    const ClusterKind kind = kindOf(context);
    const std::uint64_t key = keyOf(conditions, kind, saves);
    if (!run.times || run.timesKey != key) {
        const FabricTimes collectives(kind, environmentOf(run));
        ClusterKind sound = kind;
        sound.gpuDirect = true;
        sound.nvls = true;
        const FabricTimes soundCollectives(sound, collectives::readEnvironment({}));
        run.healthySeconds = healthyStep(context, soundCollectives, false);
        if (saves) // who saves all the time loses more than that
            run.healthySeconds = std::min(healthyStep(context, soundCollectives, true), run.healthySeconds * (1 + kPauseShare * static_cast<double>(run.settings.saveInterval)));
        // Into the storage cluster, the step's own time ends where the writing begins; only a copy to the host is part of it.
        StepPlan plan = planOf(context, saves && (run.settings.asyncSave || !cephFolder(context, run.settings.save)));
        if (conditions.clockHz > 0)
            plan.accelerator.sustainedClockHz = conditions.clockHz;
        run.times = std::make_shared<const StepTimes>(stepTimes(plan, collectives, conditions.factors));
        run.timesKey = key;
        if (!saves)
            context.job.soundTokensPerSecond = run.times->tokensPerSecond * run.times->seconds / run.healthySeconds;
        // All ranks of a ring send alike; what a sick one sends less is lost in the others' waiting.
        if (!run.transfers.empty())
            context.around.fabric.offer(context.now(), run.transfers, std::max(1.0, run.times->classes.front().device.networkBytesPerSecond));
    }
    run.stepBegan = at;
    run.stepEnds = at + fromSeconds(run.times->seconds);
}

void step(RunContext& context)
{
    while (context.job.run && !context.run().stall) {
        Run& run = context.run();
        if ((run.save && !moveSave(context)) || run.stepEnds > context.now())
            return;
        if (const auto folder = savesAfter(run, run.iteration + 1) ? cephFolder(context, run.settings.save) : std::nullopt) {
            if (run.save) // the one before must be in place first
                return;
            beginSave(context, run.stepEnds, *folder);
            if (!run.save->background)
                return;
        }
        if (!nextStep(context))
            return;
    }
}

void occupy(RunContext& context)
{
    Run& run = context.run();
    MemoryPlan memory;
    memory.shape = run.settings.shape;
    memory.parallelism = run.settings.parallelism;
    memory.recompute = run.settings.recompute;
    std::vector<double> bytesOfStage;
    for (std::int64_t stage = 0; stage < run.settings.parallelism.pipeline; ++stage)
        bytesOfStage.push_back(memoryOf(memory, stage).total());
    for (std::int64_t rank = 0; rank < run.settings.worldSize(); ++rank) {
        gpu::Gpu& gpu = context.around.gpus.at(context.gpuOf(rank));
        if (!gpu.working())
            continue;
        const Member& member = context.memberOf(rank);
        gpu::GpuProcess process;
        process.pid = member.processes[static_cast<std::size_t>(localRankOf(run, rank))];
        process.name = "/usr/bin/python3";
        process.memoryBytes = static_cast<std::int64_t>(bytesOfStage[static_cast<std::size_t>(placeOf(run.settings.parallelism, rank).pipeline)]);
        if (gpu.hung)
            process.activity = kEndless;
        else if (run.save && !run.save->background) // writing, a GPU does nothing; who is done waits at the barrier
            process.activity = waitsForSave(context, static_cast<std::size_t>(member.rank)) ? kSpinning : gpu::Activity{};
        else
            process.activity = run.stall ? kSpinning : activityOf(run.times->of(run.settings.parallelism, rank).device);
        gpu.processes.push_back(std::move(process));
    }
}

} // namespace sim::training
