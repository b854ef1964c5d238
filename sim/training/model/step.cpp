#include "sim/training/model/step.h"

#include "sim/engine/assert.h"
#include "sim/training/model/stage_cost.h"

#include <algorithm>
#include <array>
#include <set>

namespace sim::training {

namespace {

/// Adam with an fp32 master copy: gradient read, copy and two moments read and written, bf16 weight written.
constexpr double kOptimiserBytes = 4 + 3 * 8 + 2;

/// What slows the ranks of one stage of one replica.
struct StageFactors {
    double clock = 1;
    double link = 1;
    double loader = 1;
};

/// One stage of one replica during one step.
struct StageRun {
    StageCost cost;
    StageFactors factors;
    double sends = 0;     ///< seconds of pipeline transfers that show
    double sentBytes = 0; ///< each way
    bool network = false;
};

struct ReplicaRun {
    std::vector<StageRun> stages;
    double seconds = 0; ///< from the first micro-batch's start to the last one's end
    double waited = 0;  ///< for its data
};

/// After the last micro-batch of a stage, the same in all replicas.
struct Closing {
    Traffic gradients;
    double optimiserSeconds = 0;
    double optimiserBytes = 0;
    double checkpointSeconds = 0;
    double checkpointBytes = 0;
};

using FactorMap = std::map<std::int64_t, RankFactors>;

std::map<std::int64_t, std::vector<StageFactors>> slowReplicas(const Parallelism& p, const FactorMap& factors)
{
    std::map<std::int64_t, std::vector<StageFactors>> slow;
    for (const auto& [rank, factor] : factors) {
        FL_ASSERT(factor.clock > 0 && factor.link > 0 && factor.loader > 0);
        const RankPlace place = placeOf(p, rank);
        std::vector<StageFactors>& stages = slow[place.data];
        stages.resize(static_cast<std::size_t>(p.pipeline));
        StageFactors& stage = stages[static_cast<std::size_t>(place.pipeline)];
        stage.clock = std::min(stage.clock, factor.clock);
        stage.link = std::min(stage.link, factor.link);
        stage.loader = std::min(stage.loader, factor.loader);
    }
    return slow;
}

/// Transfers between stages that no work hides: filling and draining the pipeline, and all of them without overlap.
void addSends(const StepPlan& plan, const CollectiveTimes& collectives, StageRun& run)
{
    const Parallelism& p = plan.parallelism;
    if (p.pipeline == 1)
        return;
    // Each rank of a tensor group sends its part; the receivers gather it over NVLink (2104.04473, section 4.1).
    const double bytes = 2 * static_cast<double>(p.microBatch * plan.shape.sequence * plan.shape.hidden)
        / static_cast<double>(p.context * p.tensor);
    const Traffic one = callTraffic(plan, collectives, Collective::SendReceive, Group::Pipeline, bytes, run.factors.link);
    const double batches = static_cast<double>(p.microBatches());
    const double chunks = static_cast<double>(p.interleave);
    const double edges = 2 * static_cast<double>(p.pipeline - 1);
    const double each = 2 * batches * chunks;
    const double hidden = plan.software.overlapPipeline ? run.cost.seconds() / (2 * chunks) : 0;
    run.sends = edges * one.seconds + each * std::max(0.0, one.seconds - hidden);
    run.sentBytes = each * bytes;
    run.network = one.networkBytes > 0;
}

ReplicaRun replicaRun(const StepPlan& plan, const CollectiveTimes& collectives, const std::vector<StageFactors>& factors)
{
    const Parallelism& p = plan.parallelism;
    ReplicaRun replica;
    double sum = 0;
    double slowest = 0;
    double sends = 0;
    for (std::int64_t stage = 0; stage < p.pipeline; ++stage) {
        StageRun run;
        run.factors = factors[static_cast<std::size_t>(stage)];
        run.cost = stageCost(plan, collectives, stage, run.factors.clock, run.factors.link);
        addSends(plan, collectives, run);
        sum += run.cost.seconds();
        slowest = std::max(slowest, run.cost.seconds());
        sends = std::max(sends, run.sends);
        replica.stages.push_back(run);
    }
    // One after another through the slowest stage; the others' part of the first and last micro-batch shows once, with
    // `interleave` chunks only a part of it (2104.04473, section 2.2).
    const double batches = static_cast<double>(p.microBatches());
    replica.seconds = batches * slowest + (sum - slowest) / static_cast<double>(p.interleave) + sends;
    return replica;
}

/// Gradients reduced, and with ZeRO-1 and 2 the parameters gathered, behind the last backward and the next forward pass.
Closing closingOf(const StepPlan& plan, const CollectiveTimes& collectives, const StageRun& run, std::int64_t stage, double link)
{
    const Parallelism& p = plan.parallelism;
    const double count = parametersOfStage(plan.shape, p, stage);
    const double gradients = plan.bytes.gradient * count;
    const auto traffic = [&](Collective collective, double bytes) {
        return callTraffic(plan, collectives, collective, Group::Data, bytes, link);
    };
    Closing closing;
    Traffic reduce;
    Traffic gather;
    if (p.zero == ZeroStage::None) {
        reduce = traffic(Collective::AllReduce, gradients);
    } else if (p.zero != ZeroStage::Parameters) {
        reduce = traffic(Collective::ReduceScatter, gradients);
        gather = traffic(Collective::AllGather, plan.bytes.weight * count);
    }
    if (p.zero != ZeroStage::None && p.shardSize() < p.data * p.context) { // hybrid: shards summed over the copies
        const std::int64_t copies = p.data * p.context / p.shardSize();
        const CollectiveCall call = {Collective::AllReduce, Group::Data, copies, p.tensor * p.shardSize(),
                                     gradients / static_cast<double>(p.shardSize())};
        reduce.seconds += collectives.seconds(call) / link;
        reduce.networkBytes += 2 * call.bytes * static_cast<double>(copies - 1) / static_cast<double>(copies);
    }
    const double buckets = std::max(1.0, static_cast<double>(layersOfStage(plan.shape, p, stage)));
    const double share = communicationShare(plan.accelerator);
    const auto shown = [&](double seconds, double work) {
        if (!plan.software.overlapGradients)
            return seconds;
        const double hidden = std::min(seconds * (1 - 1 / buckets), work);
        return seconds - hidden + share * hidden;
    };
    closing.gradients = reduce;
    closing.gradients += gather;
    closing.gradients.seconds = shown(reduce.seconds, run.cost.backward.seconds + run.cost.recompute.seconds)
        + shown(gather.seconds, run.cost.forward.seconds);
    closing.optimiserBytes = kOptimiserBytes * count / static_cast<double>(p.shardSize());
    closing.optimiserSeconds = copySeconds(plan.accelerator, closing.optimiserBytes);
    closing.checkpointBytes = plan.checkpoint == CheckpointWrite::None ? 0 : checkpointBytes(plan, stage);
    if (plan.checkpoint == CheckpointWrite::Synchronous) {
        FL_ASSERT(plan.storageBytesPerSecond > 0);
        closing.checkpointSeconds = closing.checkpointBytes
            / std::min(plan.storageBytesPerSecond, plan.accelerator.hostBytesPerSecond);
    } else if (plan.checkpoint == CheckpointWrite::Asynchronous) { // only the copy to the host stops the step
        closing.checkpointSeconds = closing.checkpointBytes / plan.accelerator.hostBytesPerSecond;
    }
    return closing;
}

DeviceActivity computing(const Accelerator& a, double clockHz, const Work& work, double seconds)
{
    DeviceActivity device;
    device.kernel = 1;
    device.sm = 1;
    device.tensor = std::min(1.0, work.flops / (a.flopsAt(clockHz) * seconds));
    device.dram = std::min(1.0, work.bytes / (a.memoryBytesPerSecond * seconds));
    return device;
}

DeviceActivity communicating(const Accelerator& a, double nvlinkBytes, double networkBytes, double seconds)
{
    DeviceActivity device;
    device.kernel = 1;
    device.sm = communicationShare(a);
    device.dram = std::min(1.0, (nvlinkBytes + networkBytes) / (a.memoryBytesPerSecond * seconds));
    device.nvlinkBytesPerSecond = nvlinkBytes / seconds;
    device.networkBytesPerSecond = networkBytes / seconds;
    return device;
}

/// Collects a rank's segments; those of no length are left out.
class Timeline {
public:
    explicit Timeline(const Accelerator& accelerator) : m_accelerator(accelerator) { }

    void compute(Activity activity, double clock, Work work, double seconds)
    {
        if (seconds > 0)
            add(activity, seconds, computing(m_accelerator, m_accelerator.sustainedClockHz * clock, work, seconds));
    }
    void communicate(Activity activity, const Traffic& traffic)
    {
        if (traffic.seconds > 0)
            add(activity, traffic.seconds, communicating(m_accelerator, traffic.nvlinkBytes, traffic.networkBytes, traffic.seconds));
    }
    void spin(Activity activity, double seconds) { communicate(activity, {seconds, 0, 0}); }
    void idle(Activity activity, double seconds, double hostBytes = 0)
    {
        DeviceActivity device;
        if (seconds > 0)
            device.hostBytesPerSecond = hostBytes / seconds;
        add(activity, seconds, device);
    }
    double total() const
    {
        double sum = 0;
        for (const Segment& segment : m_segments)
            sum += segment.seconds;
        return sum;
    }
    void finish(RankClass& row) const
    {
        row.segments = m_segments;
        const double all = total();
        for (const Segment& segment : m_segments) {
            const double part = all > 0 ? segment.seconds / all : 0;
            row.device.kernel += part * segment.device.kernel;
            row.device.sm += part * segment.device.sm;
            row.device.tensor += part * segment.device.tensor;
            row.device.dram += part * segment.device.dram;
            row.device.nvlinkBytesPerSecond += part * segment.device.nvlinkBytesPerSecond;
            row.device.networkBytesPerSecond += part * segment.device.networkBytesPerSecond;
            row.device.hostBytesPerSecond += part * segment.device.hostBytesPerSecond;
        }
    }

private:
    void add(Activity activity, double seconds, const DeviceActivity& device)
    {
        if (seconds > 0)
            m_segments.push_back({activity, seconds, device});
    }

    const Accelerator& m_accelerator;
    std::vector<Segment> m_segments;
};

/// The whole step, once its parts are known.
class StepRun {
public:
    StepRun(const StepPlan& plan, const CollectiveTimes& collectives, const FactorMap& factors)
        : m_plan(plan), m_collectives(collectives), m_factors(factors)
    {
        const Parallelism& p = plan.parallelism;
        const std::vector<StageFactors> usual(static_cast<std::size_t>(p.pipeline));
        const auto slow = slowReplicas(p, factors);
        m_usual = replicaRun(plan, collectives, usual);
        for (const auto& [replica, stages] : slow)
            m_slow.emplace(replica, replicaRun(plan, collectives, stages));
        std::vector<double> links(static_cast<std::size_t>(p.pipeline), 1.0);
        for (const auto& [replica, stages] : slow) {
            for (std::size_t i = 0; i < stages.size(); ++i)
                links[i] = std::min(links[i], stages[i].link);
        }
        for (std::int64_t stage = 0; stage < p.pipeline; ++stage) {
            const auto i = static_cast<std::size_t>(stage);
            m_closings.push_back(closingOf(plan, collectives, m_usual.stages[i], stage, links[i]));
        }
        settle();
    }

    StepTimes result() const
    {
        const Parallelism& p = m_plan.parallelism;
        StepTimes times;
        times.seconds = m_seconds;
        const double tokens = static_cast<double>(p.globalBatch * m_plan.shape.sequence);
        times.tokensPerSecond = tokens / m_seconds;
        const double peak = m_plan.accelerator.specFlops() * static_cast<double>(p.worldSize());
        times.modelUtilisation = times.tokensPerSecond * modelFlopsPerToken(m_plan.shape) / peak;
        times.hardwareUtilisation = times.tokensPerSecond * hardwareFlopsPerToken(m_plan.shape, m_plan.recompute) / peak;
        const std::int64_t ranksOfStage = p.tensor * p.context;
        const std::int64_t usual = p.data - static_cast<std::int64_t>(m_slow.size());
        for (std::int64_t stage = 0; stage < p.pipeline; ++stage) {
            if (usual > 0)
                times.classes.push_back(row(m_usual, stage, -1, -1, usual * ranksOfStage, 1));
        }
        for (const auto& [replica, run] : m_slow) {
            for (std::int64_t stage = 0; stage < p.pipeline; ++stage) {
                std::int64_t others = ranksOfStage;
                for (const auto& [rank, factor] : m_factors) {
                    const RankPlace place = placeOf(p, rank);
                    if (place.data != replica || place.pipeline != stage)
                        continue;
                    times.classes.push_back(row(run, stage, replica, rank, 1, factor.clock));
                    --others;
                }
                if (others > 0)
                    times.classes.push_back(row(run, stage, replica, -1, others, 1));
            }
        }
        return times;
    }

private:
    double loadSeconds(const ReplicaRun& run) const
    {
        const DataLoader& loader = m_plan.loader;
        if (loader.samplesPerSecondOfWorker <= 0)
            return 0;
        const double samples = static_cast<double>(m_plan.parallelism.globalBatch / m_plan.parallelism.data);
        const StageFactors& first = run.stages.front().factors; // they read tokens, the last stage's labels come with them
        return samples / (loader.samplesPerSecondOfWorker * static_cast<double>(loader.workers) * first.loader);
    }

    /// What everybody waits for.
    void settle()
    {
        m_slowestReplica = m_slow.size() < static_cast<std::size_t>(m_plan.parallelism.data) ? m_usual.seconds : 0;
        for (const auto& [replica, run] : m_slow)
            m_slowestReplica = std::max(m_slowestReplica, run.seconds);
        for (const Closing& closing : m_closings) {
            m_slowestGradients = std::max(m_slowestGradients, closing.gradients.seconds);
            m_slowestOptimiser = std::max(m_slowestOptimiser, closing.optimiserSeconds);
            m_slowestCheckpoint = std::max(m_slowestCheckpoint, closing.checkpointSeconds);
        }
        // The loader works while the step runs: what is left over shows at the start of the next one.
        const double closed = m_slowestGradients + m_slowestOptimiser;
        const double busy = m_slowestReplica + closed;
        double latest = m_slowestReplica;
        const auto wait = [&](ReplicaRun& run) {
            run.waited = std::max(0.0, loadSeconds(run) - busy);
            latest = std::max(latest, run.waited + run.seconds);
        };
        wait(m_usual);
        for (auto& [replica, run] : m_slow)
            wait(run);
        m_latest = latest;
        m_seconds = m_latest + closed + m_slowestCheckpoint + m_plan.loggingSeconds;
    }

    RankClass row(const ReplicaRun& replica, std::int64_t stage, std::int64_t replicaIndex, std::int64_t rank,
                  std::int64_t ranks, double clock) const
    {
        const StageRun& run = replica.stages[static_cast<std::size_t>(stage)];
        const Closing& closing = m_closings[static_cast<std::size_t>(stage)];
        const double batches = static_cast<double>(m_plan.parallelism.microBatches());
        // A rank that is faster than the slowest of its tensor group computes less and waits in the group's collectives.
        const StageCost own = clock == run.factors.clock ? run.cost : stageCost(m_plan, m_collectives, stage, clock, run.factors.link);
        Timeline line(m_plan.accelerator);
        line.idle(Activity::WaitForData, replica.waited);
        line.compute(Activity::Forward, clock, own.forward * batches, own.forward.seconds * batches);
        line.compute(Activity::Backward, clock, own.backward * batches, own.backward.seconds * batches);
        line.compute(Activity::Recompute, clock, own.recompute * batches, own.recompute.seconds * batches);
        const auto work = [](const StageCost& cost) {
            return cost.forward.seconds + cost.backward.seconds + cost.recompute.seconds;
        };
        line.spin(Activity::WaitForTensor, std::max(0.0, batches * (work(run.cost) - work(own))));
        line.communicate(Activity::TensorCommunication, run.cost.tensor * batches);
        line.communicate(Activity::ContextCommunication, run.cost.context * batches);
        line.communicate(Activity::ExpertCommunication, run.cost.expert * batches);
        Traffic sends = {run.sends, 0, 0};
        (run.network ? sends.networkBytes : sends.nvlinkBytes) = run.sentBytes;
        line.communicate(Activity::PipelineCommunication, sends);
        const double spent = batches * run.cost.seconds() + run.sends;
        line.spin(Activity::Bubble, std::max(0.0, replica.seconds - spent));
        Traffic data = run.cost.sharded * batches;
        data += closing.gradients;
        line.communicate(Activity::DataCommunication, data);
        line.compute(Activity::Optimiser, clock, {closing.optimiserSeconds, 0, closing.optimiserBytes}, closing.optimiserSeconds);
        line.idle(Activity::Checkpoint, m_slowestCheckpoint, closing.checkpointBytes);
        line.idle(Activity::Logging, m_plan.loggingSeconds);
        line.spin(Activity::WaitForReplicas, m_seconds - line.total());
        RankClass result;
        result.stage = stage;
        result.replica = replicaIndex;
        result.rank = rank;
        result.ranks = ranks;
        line.finish(result);
        return result;
    }

    const StepPlan& m_plan;
    const CollectiveTimes& m_collectives;
    const FactorMap& m_factors;
    ReplicaRun m_usual;
    std::map<std::int64_t, ReplicaRun> m_slow;
    std::vector<Closing> m_closings;
    double m_slowestReplica = 0;
    double m_slowestGradients = 0;
    double m_slowestOptimiser = 0;
    double m_slowestCheckpoint = 0;
    double m_latest = 0;
    double m_seconds = 0;
};

} // namespace

std::string_view nameOf(Activity activity)
{
    static constexpr std::array<std::string_view, 15> kNames = {
        "wait for data", "forward", "backward", "recompute", "tensor communication", "context communication",
        "expert communication", "pipeline communication", "bubble", "wait for tensor group", "data communication",
        "wait for replicas", "optimiser", "checkpoint", "logging"};
    return kNames[static_cast<std::size_t>(activity)];
}

double RankClass::secondsOf(Activity activity) const
{
    double sum = 0;
    for (const Segment& segment : segments) {
        if (segment.activity == activity)
            sum += segment.seconds;
    }
    return sum;
}

const RankClass& StepTimes::of(const Parallelism& parallelism, std::int64_t rank) const
{
    const RankPlace place = placeOf(parallelism, rank);
    const RankClass* best = nullptr;
    for (const RankClass& row : classes) {
        if (row.stage != place.pipeline || (row.replica >= 0 && row.replica != place.data) || (row.rank >= 0 && row.rank != rank))
            continue;
        if (best == nullptr || row.replica > best->replica || (row.replica == best->replica && row.rank > best->rank))
            best = &row;
    }
    FL_ASSERT(best != nullptr);
    return *best;
}

double checkpointBytes(const StepPlan& plan, std::int64_t stage)
{
    const Parallelism& p = plan.parallelism;
    // Without ZeRO the first replica writes everything: its ranks are the ones that everybody waits for.
    return (plan.bytes.weight + plan.bytes.optimiser) * parametersOfStage(plan.shape, p, stage)
        / static_cast<double>(p.shardSize());
}

StepTimes stepTimes(const StepPlan& plan, const CollectiveTimes& collectives, const std::map<std::int64_t, RankFactors>& factors)
{
    FL_ASSERT(!configurationError(plan.shape, plan.parallelism, plan.parallelism.worldSize()));
    return StepRun(plan, collectives, factors).result();
}

} // namespace sim::training
