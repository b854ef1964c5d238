#pragma once

#include "sim/engine/result.h"
#include "sim/training/jobs/jobs.h"

#include <functional>

namespace sim::training {

/// One job while it is moved on: its own state and all that it may touch.
struct RunContext {
    Surroundings& around;
    Job& job;
    Checkpoints& checkpoints;
    SharedFiles& files;
    Run& run() const { return *job.run; }
    Instant now() const { return around.now(); }
    void log(const Member& member, std::string line) const { around.runtimes.log(member.worker.container, now(), std::move(line)); }
    /// Of a GPU's rank.
    const Member& memberOf(std::int64_t rank) const { return run().members[static_cast<std::size_t>(rank / run().settings.processesPerNode)]; }
    GpuId gpuOf(std::int64_t rank) const;
    /// The folder that a job saves into or loads from, as Checkpoints names it.
    std::string folder(const std::string& path) const;
};

// jobs.cpp
/// What --load and --ckpt-step mean; null: nothing that is there.
const Checkpoint* toRestore(const Checkpoints& checkpoints, const Job& job, const TrainerSettings& settings);

// data.cpp
/// The data loaders open their shards: what is odd in them. An error: what a machine without one of them prints.
Result<std::vector<OddSamples>> openData(const RunContext& context);
/// What is wrong with the samples of a step; of one iteration always the same, because the sampler's order is.
StepEvents eventsOf(const Run& run, std::int64_t iteration);

// processes.cpp
/// That the process of one rank wants: the thread that launches kernels, and its share of the data loader's workers and of
/// NCCL's proxies.
inline constexpr double kCoresOfRank = 1.7;
/// torchrun starts one process for each of its machine's GPUs.
void startProcesses(const RunContext& context, Member& member);
/// Null: it has ended.
const host::Process* processOf(const RunContext& context, std::int64_t rank);

// meeting.cpp
/// Workers find each other, NCCL connects, the checkpoint is read. True: training may begin.
void meet(RunContext& context, const std::vector<Worker>& workers);
void bootstrap(RunContext& context);
void load(RunContext& context);

// stepping.cpp
void beginStep(RunContext& context, Instant at);
/// Ends the steps that are due and begins the next.
void step(RunContext& context);
/// What the job's processes do on their GPUs now, and what they send.
void occupy(RunContext& context);
void record(RunContext& context, const StepRecord& record);

// stalls.cpp
/// What keeps the step from ending now; nothing when it goes on.
std::optional<Stall> stallOf(const RunContext& context, const std::vector<Worker>& workers);
/// Takes note of a stall that begins or ends, and ends the run when NCCL or the watchdog has had enough.
void watch(RunContext& context, const std::vector<Worker>& workers);

// saving.cpp
/// Of one machine: what Python's writer and reader and the kernel's client of a file system do with a few streams.
inline constexpr double kCheckpointBytesPerSecond = 2e9;
/// Of all ranks together.
double checkpointBytes(const Run& run);
/// Where the job's folder lies in the Ceph file system; nothing when it is on no volume of it.
std::optional<std::string> cephFolder(const RunContext& context, const std::string& path);
/// After an iteration, the trainer writes a checkpoint.
bool savesAfter(const Run& run, std::int64_t iteration);
/// Takes note of a checkpoint that is written.
void keepCheckpoint(RunContext& context, Instant at, std::int64_t iteration, LossState state);
/// Begins to write into the Ceph file system. Requires: it lies there.
void beginSave(RunContext& context, Instant at, const std::string& folder);
/// Moves a save on. Nothing while it is under way; then when it was over. The run may have ended.
std::optional<Instant> finishSave(RunContext& context);
/// The machine with that rank has nothing more to write, while others do.
bool waitsForSave(const RunContext& context, std::size_t machine);
/// While some machines wait for others to finish writing: since when, and the first rank that writes.
std::optional<Stall> saveStall(const RunContext& context);
/// Folders that somebody has removed hold nothing to go back to.
void forgetRemoved(RunContext& context);
/// Reads a checkpoint of so many bytes from there. True once all machines have it.
bool readThrough(RunContext& context, double bytes);
/// Flows that nobody waits for any more.
void dropFlows(RunContext& context);

// endings.cpp
/// All processes end with this status; what they say first is `linesOf`. The run is over.
void endRun(RunContext& context, int exitCode, const std::function<std::vector<std::string>(std::int64_t rank)>& linesOf);
/// One rank meets an error and says so; the others are taken along.
void endByRank(RunContext& context, std::int64_t rank, const std::string& error);

} // namespace sim::training
