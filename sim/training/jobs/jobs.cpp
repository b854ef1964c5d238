#include "sim/training/jobs/jobs.h"

#include "sim/training/jobs/run_context.h"

#include <algorithm>
#include <cmath>

namespace sim::training {

namespace {

/// Of the step that runs; 0 when none does or none ends. Of a save that has just begun nobody knows more than how the last one went.
double stepSeconds(const Job& job)
{
    const Run& run = *job.run;
    if (run.phase != RunPhase::Training || run.stall || !run.times)
        return 0;
    return run.times->seconds + (run.save && !run.save->background ? std::max(run.save->seconds, job.lastSaveSeconds) : 0);
}

/// Its checkpoint takes longer than a sound storage would.
bool hangsInSave(const Run& run)
{
    return run.save && !run.save->background && run.times && run.times->seconds + run.save->seconds > run.healthySeconds + 1;
}

/// Nats above the lowest loss of its run: batches differ by a tenth of that, and what is this far off has been unlearnt.
constexpr double kUnlearnt = 1.5;

/// As far as the last step of its run tells.
bool learns(const Job& job) { return job.run->iteration == job.run->firstIteration || Jobs::learntFrom(job, job.history->back()); }

std::string folderOf(const Job& job, const std::string& path)
{
    // A folder is the job's namespace's: pods of one namespace mount one claim there.
    return job.key.substr(0, job.key.find('/')) + ":" + path;
}

} // namespace

bool Run::operator==(const Run& other) const
{
    return phase == other.phase && phaseSince == other.phaseSince && settings == other.settings && members == other.members
        && iteration == other.iteration && sequence == other.sequence && stepBegan == other.stepBegan && stepEnds == other.stepEnds
        && stall == other.stall && save == other.save && loads == other.loads && loss == other.loss && oddSamples == other.oddSamples && transfers == other.transfers;
}

void Run::addTo(Fingerprint& f) const
{
    sim::addTo(f, phase);
    sim::addTo(f, phaseSince);
    sim::addTo(f, settings);
    sim::addTo(f, members);
    sim::addTo(f, iteration);
    sim::addTo(f, sequence);
    sim::addTo(f, stepBegan);
    sim::addTo(f, stepEnds);
    sim::addTo(f, healthySeconds);
    sim::addTo(f, stall);
    sim::addTo(f, save);
    sim::addTo(f, loads);
    loss.addTo(f);
    sim::addTo(f, oddSamples);
    sim::addTo(f, transfers);
    sim::addTo(f, logSeconds);
    sim::addTo(f, skippedSteps);
    sim::addTo(f, nanSteps);
}

bool StepRecord::operator==(const StepRecord& other) const
{
    // A NaN is a fact like another.
    const auto same = [](float a, float b) { return a == b || (a != a && b != b); };
    return at == other.at && iteration == other.iteration && seconds == other.seconds && same(loss, other.loss)
        && same(gradientNorm, other.gradientNorm) && skipped == other.skipped;
}

void Job::addTo(Fingerprint& f) const
{
    sim::addTo(f, key);
    f.add(std::uint64_t{run.has_value()});
    if (run)
        run->addTo(f);
    sim::addTo(f, runs);
    sim::addTo(f, furthest);
    sim::addTo(f, goodput);
    sim::addTo(f, soundTokensPerSecond);
    sim::addTo(f, lowestLoss);
    sim::addTo(f, lastSaveSeconds);
    f.add(static_cast<std::uint64_t>(history.size()));
}

GpuId RunContext::gpuOf(std::int64_t rank) const
{
    const Member& member = memberOf(rank);
    return member.worker.gpus[static_cast<std::size_t>(rank % run().settings.processesPerNode)];
}

const Checkpoint* toRestore(const Checkpoints& checkpoints, const Job& job, const TrainerSettings& settings)
{
    const auto folder = settings.load.empty() ? checkpoints.end() : checkpoints.find(folderOf(job, settings.load));
    if (folder == checkpoints.end() || folder->second.empty())
        return nullptr;
    const std::vector<Checkpoint>& saved = folder->second;
    if (settings.checkpointStep < 0)
        return &saved.back();
    // A folder of that iteration that was written twice holds what was written last.
    const auto found = std::find_if(saved.rbegin(), saved.rend(), [&](const Checkpoint& one) { return one.iteration == settings.checkpointStep; });
    return found == saved.rend() ? nullptr : &*found;
}

std::string RunContext::folder(const std::string& path) const
{
    return folderOf(job, path);
}

const Checkpoint* Jobs::toRestore(const Job& job, const TrainerSettings& settings) const
{
    return training::toRestore(m_checkpoints, job, settings);
}

const std::vector<Checkpoint>& Jobs::saved(const Job& job, const std::string& folder) const
{
    static const std::vector<Checkpoint> kNone;
    const auto found = m_checkpoints.find(folderOf(job, folder));
    return found == m_checkpoints.end() ? kNone : found->second;
}

std::vector<Checkpoint>& Jobs::saved(const Job& job, const std::string& folder) { return m_checkpoints[folderOf(job, folder)]; }

bool Jobs::learntFrom(const Job& job, const StepRecord& step)
{
    return !step.skipped && std::isfinite(step.loss) && step.loss < job.lowestLoss + kUnlearnt;
}

const Job* Jobs::find(const std::string& key) const
{
    const auto found = m_jobs.find(key);
    return found == m_jobs.end() ? nullptr : &found->second;
}

void Jobs::advance(Surroundings& around, std::vector<Worker> workers)
{
    std::map<std::string, std::vector<Worker>> byJob;
    for (Worker& worker : workers) {
        std::string key = worker.key();
        byJob[std::move(key)].push_back(std::move(worker));
    }
    for (const auto& [key, some] : byJob)
        m_jobs.try_emplace(key).first->second.key = key;
    for (auto& [key, job] : m_jobs) {
        const auto present = byJob.find(key);
        advance(around, job, present == byJob.end() ? std::vector<Worker>() : std::move(present->second));
    }
}

void Jobs::advance(Surroundings& around, Job& job, std::vector<Worker> workers)
{
    RunContext context{around, job, m_checkpoints, m_files};
    if (!job.run) {
        if (workers.empty())
            return;
        job.run.emplace();
        job.run->phaseSince = around.now();
        ++job.runs;
    }
    const double gpuSeconds = static_cast<double>(job.run->settings.worldSize());
    switch (job.run->phase) {
    case RunPhase::Rendezvous: // nobody knows yet how many there will be
        for (const Worker& worker : workers)
            job.goodput.starting += static_cast<double>(worker.gpus.size());
        if (workers.empty())
            job.run.reset();
        else
            meet(context, workers);
        return;
    case RunPhase::Bootstrap:
    case RunPhase::Loading:
        job.goodput.starting += gpuSeconds;
        watch(context, workers);
        if (job.run && job.run->phase == RunPhase::Bootstrap)
            bootstrap(context);
        else if (job.run)
            load(context);
        return;
    case RunPhase::Training:
        (job.run->stall || hangsInSave(*job.run) ? job.goodput.stalled : learns(job) ? job.goodput.productive : job.goodput.lost) += gpuSeconds;
        watch(context, workers);
        if (job.run)
            step(context);
        if (job.run)
            occupy(context);
        return;
    }
}

Progress Jobs::progress(const std::function<bool(const std::string& key)>& meantToRun) const
{
    Progress all;
    double share = 0;
    int counted = 0;
    for (const auto& [key, job] : m_jobs) {
        if (job.run ? job.furthest == 0 && job.runs == 1 : !meantToRun(key)) // it starts for the first time: nothing is lost yet
            continue;
        ++counted;
        all.soundTokensPerSecond += job.soundTokensPerSecond;
        if (!job.run)
            continue;
        if (const double seconds = stepSeconds(job); seconds > 0 && learns(job))
            share += std::min(1.0, job.run->healthySeconds / seconds);
    }
    all.share = counted == 0 ? 1 : share / counted;
    return all;
}

double Jobs::longestStepSeconds() const
{
    double longest = 0;
    for (const auto& [key, job] : m_jobs)
        if (job.run && job.run->iteration > job.run->firstIteration)
            longest = std::max(longest, static_cast<double>(job.history->back().seconds));
    return longest;
}

void Jobs::addTo(Fingerprint& f) const
{
    for (const auto& [key, job] : m_jobs)
        job.addTo(f);
    for (const auto& [folder, some] : m_checkpoints) {
        sim::addTo(f, folder);
        for (const Checkpoint& one : some) {
            sim::addTo(f, one.iteration);
            sim::addTo(f, one.condition);
            one.state.addTo(f);
        }
    }
    sim::addTo(f, m_files);
}

} // namespace sim::training
