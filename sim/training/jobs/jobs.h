#pragma once

#include "sim/container/runtime.h"
#include "sim/gpu/gpus.h"
#include "sim/net/rdma/fabric.h"
#include "sim/training/jobs/job.h"

#include <functional>

namespace sim::training {

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
    Instant now() const { return runtime.engine.now(); }
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
    /// By volume and folder: "ml/checkpoints:/checkpoints/llama".
    const std::map<std::string, std::vector<Checkpoint>>& checkpoints() const { return m_checkpoints; }
    std::map<std::string, std::vector<Checkpoint>>& checkpoints() { return m_checkpoints; }
    /// What a new run of the job with these settings would load; null: nothing.
    const Checkpoint* toRestore(const Job& job, const TrainerSettings& settings) const;
    /// Something was learnt from a step of the job: it counted, and its loss is a number and not far above what was reached.
    static bool learntFrom(const Job& job, const StepRecord& step);
    /// Of all jobs: steps that they make and learn from, as a share of what sound machines would; jobs without processes count as
    /// standing still when `meantToRun` says so of their key. 1 when there are none.
    double progress(const std::function<bool(const std::string& key)>& meantToRun) const;
    double tokensPerSecond() const;
    double longestStepSeconds() const; ///< 0 when no job makes steps

    bool operator==(const Jobs&) const = default;
    void addTo(Fingerprint& f) const;

private:
    void advance(Surroundings& around, Job& job, std::vector<Worker> workers);

    std::map<std::string, Job> m_jobs;
    std::map<std::string, std::vector<Checkpoint>> m_checkpoints;
};

} // namespace sim::training
