#pragma once

#include "sim/container/runtime.h"
#include "sim/gpu/gpus.h"
#include "sim/net/rdma/fabric.h"
#include "sim/storage/ceph/cluster.h"
#include "sim/training/jobs/job.h"

#include <functional>

namespace sim::training {

/// A checkpoint of all machines at once, as fast as a machine can write; shorter than any that is taken.
double soundSaveSeconds(const Run& run);

/// What a worker's machine can reach. The world answers.
class Connectivity {
public:
    virtual ~Connectivity() = default;
    /// A TCP connection from the worker's network to a name and port opens.
    virtual bool reaches(const Worker& from, const std::string& name, std::int64_t port) const = 0;
    /// The same, to another worker, from and to the addresses of these interfaces.
    virtual bool reaches(const Worker& from, const std::string& interface, const Worker& to, const std::string& toInterface) const = 0;
    /// Interfaces of the worker's network that are up, as NCCL would list them: "eth0", "docker0"; not "lo".
    virtual std::vector<std::string> interfaces(const Worker& worker) const = 0;
    virtual std::string address(const Worker& worker, const std::string& interface) const = 0;
};

/// What jobs touch besides their own state. Built by the world for each call.
struct Surroundings {
    gpu::Gpus& gpus;
    container::Runtimes& runtimes;
    container::Context& runtime; ///< with the engine and the machines
    net::rdma::Fabric& fabric;
    const Connectivity& connectivity;
    storage::ceph::Cluster& ceph; ///< may be none
    Instant now() const { return runtime.engine.now(); }
};

/// How jobs get on.
struct Progress {
    double share = 1;                ///< steps that are made and learnt from, of what sound machines would make; 1 without jobs
    double soundTokensPerSecond = 0; ///< what those sound machines would train on
};

/// The training jobs of a cluster. A job is what its workers are: containers of a trainer's image that name one master. They
/// meet, connect, load, and go on step by step; every step takes what the slowest GPU, link and data loader make of it, and none
/// ends while a rank is missing in a collective.
class Jobs {
public:
    /// Once a second. `workers`: every container that trains and runs, in the order of their ids.
    void advance(Surroundings& around, std::vector<Worker> workers);
    /// torchrun's children: one that ends before its time takes its machine's share of the job with it.
    void on(const host::ProcessExited& exited);

    const std::map<std::string, Job>& all() const { return m_jobs; }
    /// Null: nobody has ever run it.
    const Job* find(const std::string& key) const;
    /// What a job's folder of checkpoints holds, oldest first.
    const std::vector<Checkpoint>& saved(const Job& job, const std::string& folder) const;
    std::vector<Checkpoint>& saved(const Job& job, const std::string& folder);
    const SharedFiles& files() const { return m_files; }
    /// What a new run of the job with these settings would load; null: nothing.
    const Checkpoint* toRestore(const Job& job, const TrainerSettings& settings) const;
    /// There is a checkpoint from before the lab began. `folder`: "ml:/checkpoints/llama". What it holds is worked out when it is read.
    void addCheckpoint(const std::string& folder, std::int64_t iteration) { m_checkpoints[folder].push_back({.iteration = iteration, .written = {}, .state = {}}); }
    /// Something was learnt from a step of the job: it counted, and its loss is a number and not far above what was reached.
    static bool learntFrom(const Job& job, const StepRecord& step);
    /// Of all jobs; those without processes count as standing still when `meantToRun` says so of their key.
    Progress progress(const std::function<bool(const std::string& key)>& meantToRun) const;
    double longestStepSeconds() const; ///< of the latest that the jobs have finished since they started; 0: none

    bool operator==(const Jobs&) const = default;
    void addTo(Fingerprint& f) const;

private:
    void advance(Surroundings& around, Job& job, std::vector<Worker> workers);

    std::map<std::string, Job> m_jobs;
    Checkpoints m_checkpoints;
    SharedFiles m_files;
};

} // namespace sim::training
