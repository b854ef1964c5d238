#pragma once

#include "sim/training/model/collective_times.h"
#include "sim/training/model/memory.h"

#include <map>

namespace sim::training {

/// What the training software does with the hardware.
struct Software {
    AttentionKernel attention = AttentionKernel::Flash2;
    Elementwise elementwise = Elementwise::Fused;
    bool overlapTensor = false;   ///< gathers in chunks under the products ("--tp-comm-overlap")
    bool overlapGradients = true; ///< reduces buckets during the backward pass ("--overlap-grad-reduce")
    bool overlapPipeline = true;  ///< sends under the next micro-batch's work
    bool operator==(const Software&) const = default;
};
BOOST_DESCRIBE_STRUCT(Software, (), (attention, elementwise, overlapTensor, overlapGradients, overlapPipeline))

/// Samples that one replica's data loader prepares. It works ahead: only what exceeds a step's time shows.
struct DataLoader {
    double samplesPerSecondOfWorker = 0; ///< 0: never the limit
    std::int64_t workers = 1;
    bool operator==(const DataLoader&) const = default;
};
BOOST_DESCRIBE_STRUCT(DataLoader, (), (samplesPerSecondOfWorker, workers))

enum class CheckpointWrite : std::uint8_t { None, Synchronous, Asynchronous };

struct StepPlan {
    TransformerShape shape;
    Parallelism parallelism;
    Recompute recompute = Recompute::None;
    Accelerator accelerator;
    Software software;
    ParameterBytes bytes;
    DataLoader loader;
    CheckpointWrite checkpoint = CheckpointWrite::None; ///< in this step
    double storageBytesPerSecond = 0; ///< of one writing rank, all writing at once
    double loggingSeconds = 0;        ///< in this step
    bool operator==(const StepPlan&) const = default;
};
BOOST_DESCRIBE_STRUCT(StepPlan, (),
                      (shape, parallelism, recompute, accelerator, software, bytes, loader, checkpoint,
                       storageBytesPerSecond, loggingSeconds))

/// How a rank's machine differs from the others': 1 is as good as the plan assumes.
struct RankFactors {
    double clock = 1;  ///< of its sustained clock
    double link = 1;   ///< of its bandwidth to the others
    double loader = 1; ///< of its data loader's speed
    bool operator==(const RankFactors&) const = default;
};
BOOST_DESCRIBE_STRUCT(RankFactors, (), (clock, link, loader))

/// What a rank does or waits for. The Wait... kinds are time spent in a collective before the slowest member arrives.
enum class Activity : std::uint8_t {
    WaitForData, ///< the data loader
    Forward,
    Backward,
    Recompute,
    TensorCommunication,
    ContextCommunication,
    ExpertCommunication,
    PipelineCommunication,
    Bubble,            ///< of the pipeline: no micro-batch to work on
    WaitForTensor,     ///< a slower rank of the tensor (or context) group
    DataCommunication, ///< gradients and parameters that no computation hides
    WaitForReplicas,   ///< a slower replica, or another stage's gradients
    Optimiser,
    Checkpoint,
    Logging,
};
std::string_view nameOf(Activity activity); ///< "forward", "wait for replicas"

/// What a device's counters show meanwhile; shares of the peak at the clock that runs.
struct DeviceActivity {
    double kernel = 0; ///< of the time with a kernel: 1 while it computes or spins in NCCL
    double sm = 0;
    double tensor = 0;
    double dram = 0;
    double nvlinkBytesPerSecond = 0;  ///< each way
    double networkBytesPerSecond = 0; ///< each way
    double hostBytesPerSecond = 0;    ///< device to host
    bool operator==(const DeviceActivity&) const = default;
};
BOOST_DESCRIBE_STRUCT(DeviceActivity, (),
                      (kernel, sm, tensor, dram, nvlinkBytesPerSecond, networkBytesPerSecond, hostBytesPerSecond))

struct Segment {
    Activity activity = Activity::Forward;
    double seconds = 0;
    DeviceActivity device;
    bool operator==(const Segment&) const = default;
};
BOOST_DESCRIBE_STRUCT(Segment, (), (activity, seconds, device))

/// Ranks that spend their step alike.
struct RankClass {
    std::int64_t stage = 0;
    std::int64_t replica = -1; ///< -1: all that have no row of their own
    std::int64_t rank = -1;    ///< -1: all ranks of the stage (and replica) that have no row of their own
    std::int64_t ranks = 0;
    std::vector<Segment> segments; ///< their seconds add up to StepTimes::seconds
    DeviceActivity device;         ///< on average
    bool operator==(const RankClass&) const = default;

    double secondsOf(Activity activity) const;
};
BOOST_DESCRIBE_STRUCT(RankClass, (), (stage, replica, rank, ranks, segments, device))

struct StepTimes {
    double seconds = 0;
    double tokensPerSecond = 0;
    double modelUtilisation = 0;    ///< MFU, of the data sheet's peak
    double hardwareUtilisation = 0; ///< HFU: what is computed again counts
    std::vector<RankClass> classes;
    bool operator==(const StepTimes&) const = default;

    double tokensPerSecondOfRank(const Parallelism& parallelism) const
    {
        return tokensPerSecond / static_cast<double>(parallelism.worldSize());
    }
    const RankClass& of(const Parallelism& parallelism, std::int64_t rank) const;
};
BOOST_DESCRIBE_STRUCT(StepTimes, (), (seconds, tokensPerSecond, modelUtilisation, hardwareUtilisation, classes))

/// Bytes that a rank of a stage writes into a checkpoint: its share of weights, master copy and moments.
double checkpointBytes(const StepPlan& plan, std::int64_t stage);

/// One training step. `factors` names the ranks that differ. Requires: no configurationError(); the factors are positive.
StepTimes stepTimes(const StepPlan& plan, const CollectiveTimes& collectives,
                    const std::map<std::int64_t, RankFactors>& factors = {});

} // namespace sim::training
