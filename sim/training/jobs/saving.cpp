#include "sim/training/jobs/log_lines.h"
#include "sim/training/jobs/run_context.h"

#include "sim/storage/ceph/volumes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

// Checkpoints between a job and where its folder lies. What is on no volume of the storage cluster takes a fixed rate (stepping.cpp).
namespace sim::training {

namespace {

/// What a machine writes: its ranks' shares, or those of the first replica, which then speaks for all.
double bytesOf(const RunContext& context, std::size_t machine)
{
    const Run& run = context.run();
    const TrainerSettings& settings = run.settings;
    StepPlan plan;
    plan.shape = settings.shape;
    plan.parallelism = settings.parallelism;
    plan.recompute = settings.recompute;
    double bytes = 0;
    const auto first = static_cast<std::int64_t>(machine) * settings.processesPerNode;
    for (std::int64_t rank = first; rank < first + settings.processesPerNode; ++rank) {
        const RankPlace place = placeOf(settings.parallelism, rank);
        const double own = checkpointBytes(plan, place.pipeline);
        if (settings.parallelSave)
            bytes += own;
        else if (place.data == 0)
            bytes += own * static_cast<double>(settings.parallelism.data);
    }
    return bytes;
}

const storage::ceph::Flow* flowOf(const RunContext& context, std::size_t machine)
{
    const std::optional<Save>& save = context.run().save;
    return save && save->flows[machine] != 0 ? context.around.ceph.findFlow(save->flows[machine]) : nullptr;
}

} // namespace

double checkpointBytes(const Run& run)
{
    const ParameterBytes each;
    return (each.weight + each.optimiser) * static_cast<double>(parameters(run.settings.shape));
}

double soundSaveSeconds(const Run& run)
{
    return checkpointBytes(run) / (kCheckpointBytesPerSecond * static_cast<double>(std::max<std::size_t>(1, run.members.size())));
}

void Save::addTo(Fingerprint& f) const
{
    sim::addTo(f, began);
    sim::addTo(f, iteration);
    sim::addTo(f, background);
    sim::addTo(f, flows);
}

std::optional<std::string> cephFolder(const RunContext& context, const std::string& path)
{
    if (!context.around.ceph.fileSystem() || context.run().members.empty() || path.empty())
        return std::nullopt;
    return storage::ceph::folderOf(context.run().members.front().worker.volumes, path);
}

bool savesAfter(const Run& run, std::int64_t iteration)
{
    return run.settings.saveInterval > 0 && !run.settings.save.empty() && iteration % run.settings.saveInterval == 0;
}

void keepCheckpoint(RunContext& context, Instant at, std::int64_t iteration, LossState state)
{
    const Run& run = context.run();
    std::vector<Checkpoint>& saved = context.checkpoints[context.folder(run.settings.save)];
    saved.push_back({iteration, at, std::move(state), Restored::Whole});
    constexpr std::size_t kKept = 20;
    if (saved.size() > kKept) {
        if (const auto folder = cephFolder(context, run.settings.save))
            context.around.ceph.removeFolder(fmt::format("{}/iter_{:07}", *folder, saved.front().iteration));
        saved.erase(saved.begin());
    }
    context.log(run.members.front(), fmt::format("  successfully saved checkpoint from iteration {:7} to {} [ t 1/{}, p 1/{} ]", iteration, run.settings.save,
                                                 run.settings.parallelism.tensor, run.settings.parallelism.pipeline));
}

void beginSave(RunContext& context, Instant at, const std::string& folder)
{
    Run& run = context.run();
    Save save;
    save.began = at;
    save.iteration = run.iteration + 1;
    save.background = run.settings.asyncSave;
    const std::string own = fmt::format("{}/iter_{:07}", folder, save.iteration);
    context.around.ceph.removeFolder(own); // of an earlier attempt: its files are opened anew
    for (std::size_t machine = 0; machine < run.members.size(); ++machine) {
        storage::ceph::Flow flow;
        flow.pool = context.around.ceph.fileSystem()->dataPool;
        flow.client = run.members[machine].worker.host;
        flow.folder = own;
        flow.bytes = bytesOf(context, machine);
        flow.mostBytesPerSecond = kCheckpointBytesPerSecond;
        save.flows.push_back(flow.bytes > 0 ? context.around.ceph.begin(std::move(flow), at) : 0);
    }
    context.log(run.members.front(), fmt::format("saving checkpoint at iteration {:7} to {} in torch_dist format", save.iteration, run.settings.save));
    run.save = std::move(save);
}

std::optional<Instant> finishSave(RunContext& context)
{
    Run& run = context.run();
    Instant last = run.save->began;
    for (std::size_t machine = 0; machine < run.members.size(); ++machine) {
        const storage::ceph::Flow* flow = flowOf(context, machine);
        if (flow == nullptr)
            continue;
        if (flow->end == storage::ceph::Flow::End::NoSpace) {
            const std::int64_t rank = static_cast<std::int64_t>(machine) * run.settings.processesPerNode;
            const std::string file = fmt::format("{}/iter_{:07}/__{}_0.distcp", run.settings.save, run.save->iteration, rank);
            endByRank(context, rank, fmt::format("OSError: [Errno 28] No space left on device: '{}'", file));
            return std::nullopt;
        }
        if (flow->end == storage::ceph::Flow::End::Open)
            return std::nullopt;
        last = std::max(last, flow->ended);
    }
    dropFlows(context);
    return last;
}

bool waitsForSave(const RunContext& context, std::size_t machine)
{
    const Run& run = context.run();
    if (!run.save || run.save->background)
        return false;
    const storage::ceph::Flow* own = flowOf(context, machine);
    return own == nullptr || own->end == storage::ceph::Flow::End::Done;
}

std::optional<Stall> saveStall(const RunContext& context)
{
    const Run& run = context.run();
    if (!run.save || run.save->background)
        return std::nullopt;
    std::optional<std::int64_t> writes;
    std::optional<Instant> waits;
    for (std::size_t machine = 0; machine < run.members.size(); ++machine) {
        const storage::ceph::Flow* flow = flowOf(context, machine);
        if (flow != nullptr && flow->end == storage::ceph::Flow::End::NoSpace)
            return std::nullopt; // that rank ends the run
        if (flow != nullptr && flow->end == storage::ceph::Flow::End::Open)
            writes = writes.value_or(static_cast<std::int64_t>(machine) * run.settings.processesPerNode);
        else
            waits = std::min(waits.value_or(context.now()), flow == nullptr ? run.save->began : flow->ended);
    }
    return writes && waits ? std::optional(Stall{Stall::Kind::Storage, *writes, *waits, std::nullopt}) : std::nullopt;
}

void forgetRemoved(RunContext& context)
{
    const auto folder = cephFolder(context, context.run().settings.load);
    const auto saved = context.checkpoints.find(context.folder(context.run().settings.load));
    if (!folder || saved == context.checkpoints.end())
        return;
    const auto& folders = context.around.ceph.fileSystem()->folders;
    std::erase_if(saved->second, [&](const Checkpoint& one) { return !folders.contains(fmt::format("{}/iter_{:07}", *folder, one.iteration)); });
}

bool readThrough(RunContext& context, double bytes)
{
    Run& run = context.run();
    storage::ceph::Cluster& ceph = context.around.ceph;
    if (run.loads.empty())
        for (const Member& member : run.members) {
            storage::ceph::Flow flow;
            flow.pool = ceph.fileSystem()->dataPool;
            flow.writes = false;
            flow.client = member.worker.host;
            flow.folder = "/"; // only asks for a metadata server
            flow.bytes = bytes / static_cast<double>(run.members.size());
            flow.mostBytesPerSecond = kCheckpointBytesPerSecond;
            run.loads.push_back(ceph.begin(std::move(flow), run.phaseSince));
        }
    return std::all_of(run.loads.begin(), run.loads.end(), [&](std::int64_t id) {
        const storage::ceph::Flow* flow = ceph.findFlow(id);
        return flow == nullptr || flow->end == storage::ceph::Flow::End::Done;
    });
}

void dropFlows(RunContext& context)
{
    Run& run = context.run();
    if (run.save)
        for (const std::int64_t flow : run.save->flows)
            context.around.ceph.end(flow);
    for (const std::int64_t flow : run.loads)
        context.around.ceph.end(flow);
    run.save.reset();
    run.loads.clear();
}

} // namespace sim::training
