#pragma once

#include "sim/engine/copy_on_write.h"
#include "sim/host/process.h"
#include "sim/net/rdma/transfer.h"
#include "sim/training/jobs/settings.h"
#include "sim/training/jobs/worker.h"
#include "sim/training/loss/optimisation.h"

#include <memory>
#include <optional>

namespace sim::training {

/// A process of a rank that has ended while the others went on.
struct ProcessEnd {
    std::int64_t localRank = 0;
    std::int64_t exitCode = 0; ///< as Python's subprocess has it: negative for a signal
    bool operator==(const ProcessEnd&) const = default;
};
BOOST_DESCRIBE_STRUCT(ProcessEnd, (), (localRank, exitCode))

/// A worker in a run of its job.
struct Member {
    Worker worker;
    std::int64_t rank = 0;      ///< of the machine: the node rank
    std::string interface;      ///< that NCCL talks over for its bootstrap: "eth0"
    std::vector<host::Pid> processes; ///< children of torchrun, by local rank: one for each GPU
    std::optional<ProcessEnd> failed; ///< the first of them that ended before its time
    bool operator==(const Member&) const = default;
};
BOOST_DESCRIBE_STRUCT(Member, (), (worker, rank, interface, processes, failed))

/// Why the step that runs does not end.
struct Stall {
    enum class Kind : std::uint8_t {
        Gpu,        ///< a kernel on one GPU never ends
        Process,    ///< a rank's process is stopped
        PeerGone,   ///< a worker has ended
        Network,    ///< a queue pair's packets do not arrive
        Mismatch,   ///< ranks call different collectives
        Storage,    ///< a machine still writes its share of a checkpoint, and others wait for it at the barrier behind
    };
    Kind kind = Kind::Gpu;
    std::int64_t rank = -1;    ///< the first that is behind, of all GPUs; -1: nobody in particular
    Instant since{};
    std::optional<Instant> errorAt; ///< when NCCL notices by itself; none: the watchdog has to
    bool operator==(const Stall&) const = default;
};
BOOST_DESCRIBE_STRUCT(Stall, (), (kind, rank, since, errorAt))

enum class RunPhase : std::uint8_t {
    Rendezvous, ///< workers find each other at the master's address
    Bootstrap,  ///< NCCL's ranks connect
    Loading,    ///< the checkpoint is read
    Training,
};

/// Samples of a shard, on one machine, that are not like the others.
struct OddSamples {
    std::int64_t machine = 0;     ///< by its rank among the members
    std::string path;             ///< "/data/web-00"
    double nonFinitePerStep = 0;  ///< probability that a step's samples of that machine hold a weight that is not finite
    double heavyPerStep = 0;      ///< a heavy one
    double heavyGradient = 0;     ///< of such a step, in multiples of the usual
    bool operator==(const OddSamples&) const = default;
};
BOOST_DESCRIBE_STRUCT(OddSamples, (), (machine, path, nonFinitePerStep, heavyPerStep, heavyGradient))

/// A checkpoint on its way into a Ceph file system.
struct Save {
    Instant began{};
    std::int64_t iteration = 0;       ///< that it is of
    bool background = false;          ///< --async-save: steps go on meanwhile
    double seconds = 0;               ///< so far
    std::vector<std::int64_t> flows;  ///< by machine; 0: it writes nothing
    LossState state;                  ///< of a background save: what is written
    bool operator==(const Save&) const = default;
    void addTo(Fingerprint& f) const;
};

/// One life of a job's processes, from the first worker's start to their common end.
struct Run {
    RunPhase phase = RunPhase::Rendezvous;
    Instant phaseSince{};
    TrainerSettings settings;
    std::vector<Member> members;       ///< by rank, once the rendezvous is complete
    std::int64_t iteration = 0;        ///< finished
    std::int64_t firstIteration = 0;   ///< that this run began after
    std::int64_t sequence = 0;         ///< NCCL operations enqueued by each rank
    Instant stepBegan{};
    Instant stepEnds{};                ///< unless something stalls it
    std::shared_ptr<const StepTimes> times; ///< of the step that runs
    std::uint64_t timesKey = 0;        ///< what they were computed from
    double healthySeconds = 0;         ///< what a step of these settings takes on sound machines
    std::optional<Stall> stall;
    LossState loss;                    ///< weights, moments, loss scale: what the loss comes from
    std::shared_ptr<const Landscape> landscape;
    std::vector<OddSamples> oddSamples; ///< as its data loaders have read the shards at their start
    std::vector<net::rdma::TransferId> transfers;
    std::vector<std::int64_t> transferRanks; ///< parallel: the sending GPU's rank
    std::optional<Save> save;          ///< under way
    std::vector<std::int64_t> loads;   ///< flows that read the checkpoint, by machine; empty: none has begun
    double logSeconds = 0;             ///< of steps since the last line
    std::int64_t logSteps = 0;
    std::int64_t skippedSteps = 0;
    std::int64_t nanSteps = 0;
    bool said = false;                 ///< of a phase that waits: its line has been printed
    bool operator==(const Run& other) const;
    void addTo(Fingerprint& f) const;
};

/// What a folder that jobs save into holds.
struct Checkpoint {
    std::int64_t iteration = 0;
    Instant written{};
    LossState state;
    Restored condition = Restored::Whole; ///< what comes back when it is read
    bool operator==(const Checkpoint&) const = default;
};

/// Small files that jobs have written on their namespace's claim: "ml:/checkpoints/fr/nccl_trace_rank_0" -> content.
using SharedFiles = std::map<std::string, std::string>;

/// Of all jobs, by volume and folder: "ml:/checkpoints/llama"; oldest first.
using Checkpoints = std::map<std::string, std::vector<Checkpoint>>;

/// Where a job's time went, in GPU seconds.
struct Goodput {
    double productive = 0; ///< steps that count
    double lost = 0;       ///< steps that were done again after a restart, and those that nothing was learnt from
    double stalled = 0;    ///< a step that never ended
    double starting = 0;   ///< rendezvous, bootstrap, loading
    bool operator==(const Goodput&) const = default;
    double all() const { return productive + lost + stalled + starting; }
};
BOOST_DESCRIBE_STRUCT(Goodput, (), (productive, lost, stalled, starting))

/// What of a step is kept for charts.
struct StepRecord {
    Instant at{};
    std::int64_t iteration = 0;
    float seconds = 0;
    float loss = 0;         ///< NaN: it was not a number
    float gradientNorm = 0; ///< before clipping
    float learningRate = 0;
    float lossScale = 1;
    bool skipped = false;
    bool operator==(const StepRecord& other) const;
};

/// A job over all its runs.
struct Job {
    std::string key;
    std::optional<Run> run;
    std::int64_t runs = 0;
    std::int64_t furthest = 0; ///< iterations that some run had done
    Goodput goodput;
    double soundTokensPerSecond = 0; ///< of a step without a checkpoint, were all machines of the latest run sound; 0: none has begun yet
    double lowestLoss = 1e9;   ///< of any step of the latest run
    double lastSaveSeconds = 0; ///< how long steps stood for the last checkpoint that went into the storage cluster; 0: none has
    CopyOnWrite<std::vector<StepRecord>> history; ///< the latest kHistory
    static constexpr std::size_t kHistory = 4'000;
    bool operator==(const Job&) const = default;
    void addTo(Fingerprint& f) const;
};

} // namespace sim::training
