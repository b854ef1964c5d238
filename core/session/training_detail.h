#pragma once

#include "core/session/host_detail.h"
#include "sim/training/collectives/schedule.h"
#include "sim/training/collectives/timing.h"
#include "sim/training/jobs/fabric_times.h"
#include "sim/training/jobs/job.h"
#include "sim/training/model/memory.h"
#include "sim/training/model/pipeline_schedule.h"

// What the window's pages about training show: how a job gets on, its pipeline, and a collective step by step. All of it is what
// logs, monitoring and a plan on sound machines tell; which rank lags or hangs is for the learner to find.
namespace core::session {

/// What the open page wants to see.
struct TrainingInterest {
    bool job = false;
    bool pipeline = false;
    bool ring = false;
    std::string key;         ///< the chosen job; empty: the first
    std::int64_t stages = 0; ///< of the pipeline; 0: as the job is cut
    // Of the ring:
    sim::training::collectives::Collective collective = sim::training::collectives::Collective::AllReduce;
    std::optional<sim::training::collectives::Algorithm> algorithm; ///< nothing: NCCL chooses
    std::int64_t bytes = std::int64_t{1} << 30; ///< as nccl-tests counts them, above 0
    int gpus = 0;                               ///< 0: the job's, else from the first GPU node on
    bool operator==(const TrainingInterest&) const = default;
};

struct JobHead {
    std::string key;  ///< sim::training::Job's
    std::string name; ///< "ml/llama-7b"
};

/// A mark over the iterations of a job.
struct TrainingMark {
    enum class Kind : std::uint8_t { Restart, Checkpoint, Skipped, NotFinite };
    Kind kind = Kind::Restart;
    std::int64_t iteration = 0; ///< restart: the first that was done again or anew
    sim::Instant at{};
};

/// What ranks of a stage do during one step that takes all of them as long. The parts are on average; their seconds add up to the
/// step's.
struct StepLane {
    std::int64_t stage = 0;
    std::int64_t ranks = 0;
    enum class Which : std::uint8_t {
        All,    ///< of the stage
        Most,   ///< alike
        Others, ///< somewhat slower
        Last,   ///< those that the others wait for
    };
    Which which = Which::All;
    std::vector<sim::training::Segment> segments;
};

struct JobDetail {
    std::string key;
    std::string name;
    std::string phase; ///< sim::TrainingJobView::phase
    sim::Health health = sim::Health::Ok;
    sim::Instant since{}; ///< of the phase; stalled: when the last step ended
    std::int64_t runs = 0;
    std::int64_t iteration = 0, iterations = 0, furthest = 0;
    double stepSeconds = 0;  ///< of the step that runs, when it will end; 0: none does
    double usualSeconds = 0; ///< on sound machines
    double tokensPerSecond = 0;
    double modelUtilisation = 0;
    std::optional<sim::training::TrainerSettings> settings; ///< nothing: no processes run
    sim::training::Goodput goodput;
    std::vector<sim::training::StepRecord> history; ///< oldest first
    std::vector<TrainingMark> marks;                ///< by iteration
    double laneSeconds = 0;                         ///< a step's
    std::vector<StepLane> lanes;                    ///< by stage
    std::vector<sim::training::MemoryUse> memory;   ///< of one rank, by stage
    double memoryBytes = 0;                         ///< that a GPU has
    Reading stateRead, curvesRead;
};

struct PipelineDetail {
    std::vector<std::int64_t> choices; ///< stages that the job could be cut into, its own among them
    std::int64_t own = 1;              ///< as it is cut
    std::string problem;               ///< why this cut cannot be, as the trainer says; then nothing else holds
    sim::training::Parallelism parallelism;
    std::vector<std::int64_t> layers; ///< by stage
    sim::training::PipelineCosts costs;
    std::vector<sim::training::PipelineTurn> turns;
    double seconds = 0;     ///< from the first turn's begin to the last one's end
    double bubbleShare = 0; ///< of the stages' time
};

struct RingRank {
    int machine = 0; ///< in RingDetail::machines
    int gpu = 0;     ///< of the machine, from 0
    int order = 0;   ///< place of the machine's GPUs in the picture, from 0: neighbours in the ring stand side by side
    bool operator==(const RingRank&) const = default;
};

/// A chunk on its way in one step of the channel that is drawn.
struct RingMove {
    int from = 0, to = 0, chunk = 0;
    sim::training::collectives::MoveKind kind = sim::training::collectives::MoveKind::Copy;
    bool leavesMachine = false;
    double gigabytesPerSecond = 0; ///< while all channels share the links
    double share = 1;              ///< of the step's time
    bool operator==(const RingMove&) const = default;
};

struct RingStep {
    double microseconds = 0;
    std::vector<RingMove> moves;
    bool operator==(const RingStep&) const = default;
};

/// A collective over sound machines of the lab's kind, NCCL left to its defaults.
struct RingDetail {
    std::vector<int> choices;          ///< numbers of GPUs
    int jobGpus = 0;                   ///< of the chosen job; 0: none runs
    std::vector<std::string> machines;
    std::vector<RingRank> ranks;
    sim::training::collectives::Collective collective = sim::training::collectives::Collective::AllReduce;
    std::int64_t bytes = 0;
    std::string problem; ///< as NCCL says it: then there are no steps
    sim::training::collectives::Timing timing;
    bool throughSwitch = false; ///< the GPUs of a machine share an NVSwitch
    int chunks = 0;             ///< of the channel that is drawn
    double chunkBytes = 0;
    /// Their times are shares of the predicted time: NCCL cuts finer than a picture can.
    std::vector<RingStep> steps;
    bool operator==(const RingDetail&) const = default;
};

/// Whose data each rank has of each chunk, a bit for each rank; by rank, then chunk.
using RingHoldings = std::vector<std::vector<std::uint64_t>>;
/// Before step `step`; after the last one with `step` = steps.
RingHoldings holdingsBefore(const RingDetail& detail, int step);
/// What a rank has of a chunk is what it shall have in the end.
bool isComplete(const RingDetail& detail, std::uint64_t held);
/// Chunks that each rank shall have in the end: all, its own share, or none.
std::vector<int> chunksAtEnd(const RingDetail& detail);

/// All that was asked for; the rest is null.
struct TrainingDetail {
    std::vector<JobHead> jobs;
    std::shared_ptr<const JobDetail> job;
    std::shared_ptr<const PipelineDetail> pipeline;
    std::shared_ptr<const RingDetail> ring; ///< null: there are no GPUs
};

TrainingDetail trainingOf(const sim::World& world, const TrainingInterest& interest);

// training_job.cpp, training_pipeline.cpp, training_ring.cpp
JobDetail jobOf(const sim::World& world, const sim::training::Job& job);
/// Requires: the job runs and its settings are known.
PipelineDetail pipelineOf(const sim::World& world, const sim::training::Job& job, std::int64_t stages);
/// Machines like this one as they were built, nothing broken; nothing when NCCL knows no such GPUs.
std::optional<sim::training::ClusterKind> soundKindOf(const sim::World& world, sim::HostId host);
/// Nothing in a lab without GPUs. `job` may be null.
std::optional<RingDetail> ringOf(const sim::World& world, const sim::training::Job* job, const TrainingInterest& interest);

} // namespace core::session
