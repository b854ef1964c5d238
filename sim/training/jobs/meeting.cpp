#include "sim/training/jobs/fabric_times.h"
#include "sim/training/jobs/log_lines.h"
#include "sim/training/jobs/nccl_lines.h"
#include "sim/training/jobs/run_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace sim::training {

namespace {

/// torchrun's static rendezvous and c10d's store wait for so long (torch/distributed/elastic/rendezvous/static_tcp_rendezvous.py).
constexpr Duration kStoreTimeout = std::chrono::seconds(900);
constexpr Duration kConnecting = 9s;      ///< of NCCL's init, from bootstrap to "Init COMPLETE", and of building the model
constexpr Duration kLeastLoad = 6s;

/// A machine's program that cannot start says why and ends.
void refuse(RunContext& context, const Worker& worker, const SettingsError& error)
{
    context.around.runtimes.log(worker.container, context.now(), error.text);
    context.around.runtimes.exit(context.around.runtime, worker.container, error.exitCode);
}

/// NCCL's choice: NCCL_SOCKET_IFNAME, else ib*, then what is neither docker nor lo, then docker (misc/socket.cc).
std::string interfaceOf(const Connectivity& connectivity, const Worker& worker)
{
    const std::vector<std::string> all = connectivity.interfaces(worker);
    const std::string wish = worker.variable("NCCL_SOCKET_IFNAME");
    const auto starts = [](const std::string& name, const std::string& prefix) { return name.rfind(prefix, 0) == 0; };
    const auto first = [&](auto fits) {
        const auto found = std::find_if(all.begin(), all.end(), fits);
        return found == all.end() ? std::string() : *found;
    };
    if (!wish.empty())
        return first([&](const std::string& name) { return collectives::listSelects(wish, name); });
    if (std::string ib = first([&](const std::string& name) { return starts(name, "ib"); }); !ib.empty())
        return ib;
    if (std::string plain = first([&](const std::string& name) { return !starts(name, "docker") && !starts(name, "lo"); }); !plain.empty())
        return plain;
    return first([](const std::string&) { return true; });
}

void startTransfers(RunContext& context)
{
    Run& run = context.run();
    net::rdma::Fabric& fabric = context.around.fabric;
    const auto machines = static_cast<std::int64_t>(run.members.size());
    if (machines < 2)
        return;
    std::vector<net::rdma::TransferRequest> requests;
    for (std::int64_t m = 0; m < machines; ++m) {
        const Member& from = run.members[static_cast<std::size_t>(m)];
        const Member& to = run.members[static_cast<std::size_t>((m + 1) % machines)];
        const auto senders = fabric.devicesOf(from.worker.host);
        const auto receivers = fabric.devicesOf(to.worker.host);
        const auto number = [&](const char* name, std::uint8_t fallback) {
            const std::string text = from.worker.variable(name);
            return text.empty() ? fallback : static_cast<std::uint8_t>(std::atoi(text.c_str()));
        };
        const std::string hca = from.worker.variable("NCCL_IB_HCA");
        if (from.worker.variable("NCCL_IB_DISABLE") == "1" || senders.empty() || receivers.empty())
            continue;
        for (std::int64_t local = 0; local < run.settings.processesPerNode; ++local) {
            net::rdma::TransferRequest request;
            request.from = senders[static_cast<std::size_t>(local) % senders.size()];
            request.to = receivers[static_cast<std::size_t>(local) % receivers.size()];
            if (!hca.empty() && !collectives::listSelects(hca, fabric.device(request.from).name))
                continue;
            request.pair = {number("NCCL_IB_TIMEOUT", 20), number("NCCL_IB_RETRY_CNT", 7)};
            request.trafficClass = number("NCCL_IB_TC", 0);
            if (const std::string index = from.worker.variable("NCCL_IB_GID_INDEX"); !index.empty())
                request.gidIndex = std::atoi(index.c_str());
            request.serviceLevel = number("NCCL_IB_SL", 0);
            request.offeredBytesPerSecond = 1; // until the first step says how much
            requests.push_back(request);
            run.transferRanks.push_back(m * run.settings.processesPerNode + local);
        }
    }
    run.transfers = fabric.start(context.now(), requests);
}

/// NCCL warns on one rank, and torch raises its error on all.
void refuseCall(RunContext& context, std::int64_t rank, const std::string& where, const collectives::Failure& failure)
{
    warn(context, rank, where, failure.text);
    endRun(context, 1, [&](std::int64_t of) { return ncclErrorLines(of, failure); });
}

void enter(RunContext& context, RunPhase phase)
{
    context.run().phase = phase;
    context.run().phaseSince = context.now();
    context.run().said = false;
}

LossState historyOf(const Run& run, std::int64_t iterations, RandomStream& stream)
{
    const Recipe recipe = recipeOf(run.settings);
    LossState state = untrained(*run.landscape, recipe);
    for (std::int64_t iteration = 1; iteration <= iterations; ++iteration)
        advance(*run.landscape, recipe, eventsOf(run, iteration), state, stream);
    return state;
}

/// A checkpoint from before the lab began is known by its name alone until somebody reads it. The same shards were read for it.
void recall(RunContext& context)
{
    const Run& run = context.run();
    const auto folder = context.checkpoints.find(context.folder(run.settings.load));
    if (folder == context.checkpoints.end())
        return;
    for (Checkpoint& checkpoint : folder->second)
        if (checkpoint.state.step == 0 && checkpoint.iteration > 0)
            checkpoint.state = historyOf(run, checkpoint.iteration, context.around.runtime.engine.random("training/history"));
}

} // namespace

void meet(RunContext& context, const std::vector<Worker>& workers)
{
    Run& run = context.run();
    std::map<std::int64_t, Member> came;
    std::vector<std::pair<Worker, SettingsError>> refused; // by the script, once it is started
    std::int64_t expected = 1;
    std::size_t tried = 0;
    for (const Worker& worker : workers) {
        const ParsedSettings parsed = settingsOf(worker.commandLine, worker.environment);
        if (parsed.error && !parsed.error->ofScript) {
            refuse(context, worker, *parsed.error);
            continue;
        }
        if (parsed.error)
            refused.emplace_back(worker, *parsed.error);
        ++tried;
        expected = std::max(expected, parsed.settings.nodes);
        const std::int64_t port = std::atoll(worker.variable("MASTER_PORT", "29500").c_str());
        if (parsed.settings.nodeRank < 0 || parsed.settings.nodeRank >= parsed.settings.nodes
            || !context.around.connectivity.reaches(worker, worker.variable("MASTER_ADDR", worker.pod), port))
            continue;
        run.settings = parsed.settings;
        came.try_emplace(parsed.settings.nodeRank, Member{worker, parsed.settings.nodeRank, {}, {}, {}});
    }
    const Duration waited = context.now() - run.phaseSince;
    if (static_cast<std::int64_t>(came.size()) == expected && static_cast<std::int64_t>(tried) == expected) {
        for (const auto& [worker, error] : refused)
            refuse(context, worker, error);
        if (!refused.empty()) {
            context.job.run.reset();
            return;
        }
        run.members.clear();
        for (auto& [rank, member] : came) {
            member.interface = interfaceOf(context.around.connectivity, member.worker);
            startProcesses(context, member);
            run.members.push_back(std::move(member));
        }
        run.settings.nodeRank = 0;
        enter(context, RunPhase::Bootstrap);
        return;
    }
    if (waited < kStoreTimeout)
        return;
    for (const Worker& worker : workers) {
        context.around.runtimes.log(worker.container, context.now(), storeTimeoutLine(static_cast<std::int64_t>(came.size()), expected, toSeconds(waited)));
        context.around.runtimes.exit(context.around.runtime, worker.container, 1);
    }
    context.job.run.reset();
}

void bootstrap(RunContext& context)
{
    Run& run = context.run();
    const Connectivity& connectivity = context.around.connectivity;
    const std::size_t machines = run.members.size();
    const bool supplied = std::ranges::all_of(run.members, [&](const Member& m) { return static_cast<std::int64_t>(m.worker.gpus.size()) >= run.settings.processesPerNode; });
    if (!run.said) {
        run.said = true;
        if (supplied)
            sayStart(context);
        for (std::int64_t rank = 0; supplied && rank < run.settings.worldSize(); ++rank)
            if (context.around.gpus.at(context.gpuOf(rank)).tainted) {
                endByRank(context, rank, "torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered");
                return;
            }
        for (const Member& member : run.members)
            if (member.interface.empty()) {
                refuseCall(context, member.rank * run.settings.processesPerNode, "bootstrap.cc:114", {collectives::kInvalidUsage, "Bootstrap : no socket interface found"});
                return;
            }
    }
    for (std::size_t m = 0; m < machines && machines > 1; ++m) {
        const Member& from = run.members[m];
        const Member& to = run.members[(m + 1) % machines];
        if (!connectivity.reaches(from.worker, from.interface, to.worker, to.interface))
            return; // the connection attempt goes on; the watchdog of the process group ends it
    }
    if (context.now() - run.phaseSince < kConnecting)
        return;
    if (!supplied) {
        for (const Member& member : run.members)
            if (static_cast<std::int64_t>(member.worker.gpus.size()) < run.settings.processesPerNode)
                context.log(member, "torch.AcceleratorError: CUDA error: invalid device ordinal");
        endRun(context, 1, [](std::int64_t) { return std::vector<std::string>(); });
        return;
    }
    const JobCommunicator made = communicatorOf(context);
    sayComplete(context, made);
    if (made.failure) {
        refuseCall(context, 0, made.failedAt, *made.failure);
        return;
    }
    startTransfers(context);
    enter(context, RunPhase::Loading);
}

void load(RunContext& context)
{
    Run& run = context.run();
    run.landscape = std::make_shared<const Landscape>(landscapeOf(run.settings));
    forgetRemoved(context);
    const Checkpoint* restored = toRestore(context.checkpoints, context.job, run.settings);
    const double bytes = restored != nullptr ? checkpointBytes(run) : 0;
    const bool stored = restored != nullptr && cephFolder(context, run.settings.load).has_value();
    const double seconds = stored ? 0 : bytes / (kCheckpointBytesPerSecond * static_cast<double>(run.members.size()));
    if ((stored && !readThrough(context, bytes)) || context.now() - run.phaseSince < std::max<Duration>(kLeastLoad, fromSeconds(seconds)))
        return;
    dropFlows(context);
    Result<std::vector<OddSamples>> data = openData(context);
    if (!data || (restored == nullptr && run.settings.checkpointStep >= 0)) {
        const std::string why = !data ? data.error().message
                                      : fmt::format("FileNotFoundError: [Errno 2] No such file or directory: '{}/iter_{:07}'", run.settings.load, run.settings.checkpointStep);
        endRun(context, 1, [&](std::int64_t rank) {
            const bool here = data || context.memberOf(rank).worker.pod == data.error().where;
            return here ? std::vector<std::string>{fmt::format("[rank{}]: {}", rank, why)} : std::vector<std::string>();
        });
        return;
    }
    run.oddSamples = std::move(*data);
    recall(context);
    const Recipe recipe = recipeOf(run.settings);
    if (restored != nullptr) {
        run.loss = restore(*run.landscape, recipe, restored->state, restored->condition, context.around.runtime.engine.random("training/restore"));
        run.iteration = restored->iteration;
        context.log(run.members.front(), fmt::format("  successfully loaded checkpoint from {} [ t 1/{}, p 1/{} ] at iteration {}", run.settings.load,
                                                     run.settings.parallelism.tensor, run.settings.parallelism.pipeline, run.iteration));
    } else {
        run.loss = untrained(*run.landscape, recipe);
        if (!run.settings.load.empty()) {
            context.log(run.members.front(), fmt::format("WARNING: could not find the metadata file {}/latest_checkpointed_iteration.txt", run.settings.load));
            context.log(run.members.front(), "    will not load any checkpoints and will start from random");
        }
    }
    run.firstIteration = run.iteration;
    context.job.lowestLoss = std::numeric_limits<double>::infinity();
    enter(context, RunPhase::Training);
    context.log(run.members.front(), "[before the start of training step] datetime: " + trainerDate(context.now()));
    sayExchange(context);
    beginStep(context, context.now());
}

} // namespace sim::training
