#include "sim/training/jobs/fabric_times.h"
#include "sim/training/jobs/log_lines.h"
#include "sim/training/jobs/run_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sim::training {

namespace {

/// Clocks jitter by a step or two; what differs by less is the same.
constexpr double kClockGrainHz = 45e6;
constexpr double kFactorGrain = 0.02;
// Tokenised data is read through memory maps: one worker keeps a replica of a 7B model fed several times over.
constexpr double kSamplesPerWorker = 25;
constexpr double kCheckpointBytesPerSecond = 2e9; ///< of one machine
/// NCCL operations of a step, per micro-batch and layer and once: what the sequence numbers count.
constexpr std::int64_t kOperationsPerStep = 6;
/// A rank that waits in a collective: NCCL's few blocks spin, nothing else runs.
constexpr gpu::Activity kSpinning{.kernel = 1, .sm = 0.12, .tensor = 0, .dram = 0.01};

std::optional<Accelerator> acceleratorOf(const gpu::Board& board)
{
    if (board.shortName == "A100")
        return a100Sxm80();
    if (board.shortName == "H200")
        return h200Sxm();
    return h100Sxm();
}

/// What the operating system of a worker's machine leaves of the processors that its processes want, 0..1.
double hostShare(const RunContext& context, const Member& member)
{
    const host::Machine& machine = context.around.hosts.at(member.worker.host);
    const auto process = machine.processes.find(member.worker.pid);
    double share = 1;
    if (process != machine.processes.end() && process->second.cpuCores > 0)
        share = std::min(1.0, process->second.cpuGranted / process->second.cpuCores);
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

struct Conditions {
    double clockHz = 0; ///< the usual one of the job's GPUs
    std::map<std::int64_t, RankFactors> factors;
};

/// Clock, links and host of every rank, as far as they differ from the usual.
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
        clocks.push_back(rounded(working ? static_cast<double>(gpu.now.smMHz) * 1e6 : 0, kClockGrainHz));
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
        // Eight processes launch kernels from one core each, of the fourteen or so that they and their loaders want.
        factors.clock *= std::clamp(share * 14 / 8, 1e-3, 1.0);
        factors = {std::max(1e-3, rounded(factors.clock, kFactorGrain)), std::max(kFactorGrain, rounded(factors.link, kFactorGrain)),
                   std::max(1e-3, factors.loader > 0.9 ? 1.0 : factors.loader)};
        if (factors != RankFactors{})
            conditions.factors[rank] = factors;
    }
    return conditions;
}

StepPlan planOf(const RunContext& context, bool saves)
{
    const Run& run = context.run();
    StepPlan plan;
    plan.shape = run.settings.shape;
    plan.parallelism = run.settings.parallelism;
    plan.recompute = run.settings.recompute;
    plan.accelerator = *acceleratorOf(context.around.gpus.at(context.gpuOf(0)).kind());
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
    kind.machines = static_cast<int>(run.members.size());
    const net::rdma::Fabric& fabric = context.around.fabric;
    kind.nics = static_cast<int>(fabric.devicesOf(run.members.front().worker.host).size());
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

collectives::Environment environmentOf(const Run& run)
{
    std::vector<std::pair<std::string, std::string>> variables;
    for (const auto& [name, value] : run.members.front().worker.environment)
        variables.emplace_back(name, value);
    return collectives::readEnvironment(variables);
}

gpu::Activity activityOf(const DeviceActivity& device, bool leaves)
{
    gpu::Activity activity;
    activity.kernel = std::min(1.0, device.kernel);
    activity.sm = device.sm;
    activity.tensor = device.tensor;
    activity.dram = device.dram;
    activity.nvlinkTxBytesPerSecond = activity.nvlinkRxBytesPerSecond = device.nvlinkBytesPerSecond;
    activity.pcieTxBytesPerSecond = activity.pcieRxBytesPerSecond = device.hostBytesPerSecond + (leaves ? device.networkBytesPerSecond : 0);
    return activity;
}

/// A step on sound machines: the clock that a cool GPU with the default limit holds at this work.
double healthyStep(const RunContext& context, const FabricTimes& collectives)
{
    StepPlan plan = planOf(context, false);
    const gpu::Gpu& first = context.around.gpus.at(context.gpuOf(0));
    const gpu::Board& board = first.kind();
    const double limit = context.around.gpus.nodeOf(first.host)->usualLimitW;
    double seconds = 0;
    for (int pass = 0; pass < 3; ++pass) {
        const StepTimes times = stepTimes(plan, collectives);
        seconds = times.seconds;
        const gpu::OperatingPoint point = gpu::operatingPoint(board, activityOf(times.classes.front().device, true), {.powerW = limit, .context = true});
        plan.accelerator.sustainedClockHz = rounded(point.smMHz * 1e6, kClockGrainHz);
    }
    return seconds;
}

std::uint64_t keyOf(const Conditions& conditions, bool saves)
{
    Fingerprint f;
    sim::addTo(f, conditions.clockHz);
    sim::addTo(f, conditions.factors);
    f.add(std::uint64_t{saves});
    return f.value() | 1;
}

StepEvents eventsOf(const RunContext& context)
{
    StepEvents events;
    const Run& run = context.run();
    RandomStream& random = context.around.engine.random("training/data");
    for (const std::string& path : run.settings.dataPaths)
        if (const auto spoilt = context.spoiltData.find(path); spoilt != context.spoiltData.end() && random.unit() < spoilt->second) {
            events.rank = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(run.settings.parallelism.data)));
            events.nonFiniteData = true;
        }
    return events;
}

bool savesAfter(const Run& run, std::int64_t iteration)
{
    return run.settings.saveInterval > 0 && !run.settings.save.empty() && iteration % run.settings.saveInterval == 0;
}

void saveCheckpoint(RunContext& context, Instant at)
{
    Run& run = context.run();
    std::vector<Checkpoint>& saved = context.checkpoints[context.folder(run.settings.save)];
    saved.push_back({run.iteration, at, run.loss, Restored::Whole});
    constexpr std::size_t kKept = 20;
    if (saved.size() > kKept)
        saved.erase(saved.begin());
    context.log(run.members.front(), fmt::format("  successfully saved checkpoint from iteration {:7} to {} [ t 1/{}, p 1/{} ]", run.iteration, run.settings.save,
                                                 run.settings.parallelism.tensor, run.settings.parallelism.pipeline));
}

/// False: the run has ended.
bool finishStep(RunContext& context, Instant at)
{
    Run& run = context.run();
    const StepReport report = advance(*run.landscape, recipeOf(run.settings), eventsOf(context), run.loss, context.around.engine.random("training/loss"));
    ++run.iteration;
    run.sequence += kOperationsPerStep;
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
    run.logSeconds += record.seconds;
    ++run.logSteps;
    run.skippedSteps += report.skipped ? 1 : 0;
    run.nanSteps += std::isnan(report.loss) ? 1 : 0;
    sim::training::record(context, record);
    if (run.loss.stopped) {
        const std::int64_t rank = std::max<std::int64_t>(0, run.loss.originRank) * run.settings.parallelism.tensor;
        const std::string why = run.settings.checksNan
            ? nonFiniteError(rank, context.memberOf(rank).worker.pod, localRankOf(run, rank), run.iteration, std::isinf(report.gradientNorm), run.loss.origin)
            : std::string(smallestScaleError());
        endRun(context, 1, [&](std::int64_t of) { return of == rank ? std::vector<std::string>{fmt::format("[rank{}]: {}", rank, why)} : std::vector<std::string>(); });
        return false;
    }
    if (run.iteration % std::max<std::int64_t>(1, run.settings.logInterval) == 0) {
        context.log(run.members.back(), iterationLine(run, record, at)); // Megatron prints on the last rank
        run.logSeconds = 0;
        run.logSteps = run.skippedSteps = run.nanSteps = 0;
    }
    if (savesAfter(run, run.iteration))
        saveCheckpoint(context, at);
    if (run.iteration >= run.settings.iterations) {
        context.log(run.members.front(), "[after training is done] datetime: " + trainerDate(at));
        endRun(context, 0, [](std::int64_t) { return std::vector<std::string>(); });
        return false;
    }
    return true;
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
    const std::uint64_t key = keyOf(conditions, saves);
    if (!run.times || run.timesKey != key) {
        const FabricTimes collectives(kindOf(context), environmentOf(run));
        if (run.healthySeconds == 0)
            run.healthySeconds = healthyStep(context, collectives);
        StepPlan plan = planOf(context, saves);
        if (conditions.clockHz > 0)
            plan.accelerator.sustainedClockHz = conditions.clockHz;
        run.times = std::make_shared<const StepTimes>(stepTimes(plan, collectives, conditions.factors));
        run.timesKey = key;
        // All ranks of a ring send alike; what a sick one sends less is lost in the others' waiting.
        if (!run.transfers.empty())
            context.around.fabric.offer(context.now(), run.transfers, std::max(1.0, run.times->classes.front().device.networkBytesPerSecond));
    }
    run.stepBegan = at;
    run.stepEnds = at + fromSeconds(run.times->seconds);
}

void step(RunContext& context)
{
    while (context.job.run && !context.run().stall && context.run().stepEnds <= context.now()) {
        const Instant ended = context.run().stepEnds;
        if (!finishStep(context, ended))
            return;
        beginStep(context, ended);
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
        process.pid = member.worker.pid + 60 + localRankOf(run, rank);
        process.name = "/usr/bin/python3";
        process.memoryBytes = static_cast<std::int64_t>(bytesOfStage[static_cast<std::size_t>(placeOf(run.settings.parallelism, rank).pipeline)]);
        process.activity = run.stall ? kSpinning : activityOf(run.times->of(run.settings.parallelism, rank).device, run.members.size() > 1);
        gpu.processes.push_back(std::move(process));
    }
}

} // namespace sim::training
