#include "sim/training/jobs/nccl_lines.h"

#include "sim/training/jobs/live_system.h"
#include "sim/training/jobs/log_lines.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::training {

namespace {

using collectives::Algorithm;

/// NCCL's threads beside the one that moves data come and go; their numbers are far from those in the table of processes.
constexpr std::int64_t kPassingThreads = 4'000;
constexpr std::int64_t kBarrierBytes = 4;

collectives::DebugPlace placeOf(const RunContext& context, std::int64_t rank)
{
    const Member& member = context.memberOf(rank);
    const auto local = static_cast<std::size_t>(localRankOf(context.run(), rank));
    const gpu::Gpus& gpus = context.around.gpus;
    collectives::DebugPlace place;
    place.host = member.worker.pod;
    place.process = member.processes[local];
    place.thread = place.process + kPassingThreads;
    place.device = static_cast<int>(local);
    place.interface = member.interface;
    place.address = context.around.connectivity.address(member.worker, member.interface);
    if (local < member.worker.gpus.size())
        describeDevice(place, gpus, gpus.at(member.worker.gpus[local]), context.around.runtime.hosts.at(member.worker.host).cpus);
    return place;
}

std::uint64_t commId(const RunContext& context)
{
    Fingerprint f;
    sim::addTo(f, context.job.key);
    sim::addTo(f, context.job.runs);
    return f.value();
}

/// What all ranks print, machine by machine.
template <class Of>
void say(const RunContext& context, const JobCommunicator& made, Of linesOf)
{
    const Run& run = context.run();
    for (const Member& member : run.members) {
        const gpu::Node* node = context.around.gpus.nodeOf(member.worker.host);
        const collectives::DebugLog log({made.system, made.environment, made.communicator, made.tuner, member.worker.environment,
                                         "ncclCommInitRankConfig", commId(context), gpu::kCudaVersionCode, node == nullptr || node->fabricReady,
                                         toSeconds(context.now() - run.phaseSince)});
        if (!log.speaks())
            continue;
        for (std::int64_t local = 0; local < run.settings.processesPerNode; ++local) {
            const std::int64_t rank = member.rank * run.settings.processesPerNode + local;
            for (std::string& line : linesOf(log, placeOf(context, rank), static_cast<int>(rank)))
                context.log(member, std::move(line));
        }
    }
}

/// Algorithms that these calls take and have to connect.
std::vector<Algorithm> taken(const JobCommunicator& made, std::initializer_list<std::pair<collectives::Collective, std::int64_t>> calls)
{
    std::vector<Algorithm> all;
    for (const auto& [collective, bytes] : calls) {
        const collectives::Choice choice = collectives::choose(made.system, made.environment, made.communicator, made.tuner, collective, bytes);
        if (!choice.failure && std::find(all.begin(), all.end(), choice.algorithm) == all.end())
            all.push_back(choice.algorithm);
    }
    return all;
}

/// With NCCL_DEBUG; nothing has to be worked out for lines that nobody prints.
bool anybodyAsked(const Run& run)
{
    return std::any_of(run.members.begin(), run.members.end(), [](const Member& member) { return member.worker.environment.contains("NCCL_DEBUG"); });
}

std::int64_t bucketBytes(const Run& run)
{
    constexpr std::int64_t kBucketParameters = 40'000'000; // Megatron-LM's ddp_bucket_size
    return std::min(kBucketParameters, parameters(run.settings.shape)) * 4;
}

} // namespace

collectives::Environment environmentOf(const Run& run)
{
    const auto& variables = run.members.front().worker.environment;
    return collectives::readEnvironment({variables.begin(), variables.end()});
}

JobCommunicator communicatorOf(const RunContext& context)
{
    const Run& run = context.run();
    std::vector<MachineShare> machines;
    for (const Member& member : run.members) {
        const auto used = std::min<std::ptrdiff_t>(run.settings.processesPerNode, static_cast<std::ptrdiff_t>(member.worker.gpus.size()));
        machines.push_back({member.worker.host, {member.worker.gpus.begin(), member.worker.gpus.begin() + used}});
    }
    JobCommunicator made;
    made.system = liveSystem(context.around.gpus, context.around.fabric, machines);
    made.environment = environmentOf(run);
    collectives::Environment accepted = made.environment; // what it refuses, it reads when all else is done
    accepted.failure.reset();
    made.communicator = collectives::connect(made.system, accepted);
    made.failure = made.communicator.failure;
    made.failedAt = "init.cc:1100";
    if (made.failure)
        return made;
    made.tuner = collectives::tune(made.system, accepted, made.communicator);
    made.failure = made.environment.failure;
    made.failedAt = made.failure && made.failure->text.starts_with("Unrecognized prefix") ? "graph/tuning.cc:114" : "graph/tuning.cc:104";
    if (made.failure)
        return made;
    made.failure = collectives::choose(made.system, made.environment, made.communicator, made.tuner, collectives::Collective::AllReduce,
                                       kBarrierBytes)
                       .failure;
    made.failedAt = "enqueue.cc:1859";
    return made;
}

void sayStart(const RunContext& context)
{
    if (!anybodyAsked(context.run()))
        return;
    say(context, communicatorOf(context),
        [](const collectives::DebugLog& log, const collectives::DebugPlace& place, int rank) { return log.start(place, rank); });
}

void sayComplete(const RunContext& context, const JobCommunicator& made)
{
    const std::vector<Algorithm> first = taken(made, {{collectives::Collective::AllReduce, kBarrierBytes}});
    say(context, made, [&](const collectives::DebugLog& log, const collectives::DebugPlace& place, int rank) {
        std::vector<std::string> lines = log.complete(place, rank);
        for (std::size_t i = 0; i < first.size() && !made.failure; ++i)
            for (std::string& line : log.connect(place, rank, first[i]))
                lines.push_back(std::move(line));
        return lines;
    });
}

void sayExchange(const RunContext& context)
{
    if (!anybodyAsked(context.run()))
        return;
    const JobCommunicator made = communicatorOf(context);
    const std::vector<Algorithm> before = taken(made, {{collectives::Collective::AllReduce, kBarrierBytes}});
    const bool sharded = context.run().settings.parallelism.zero != ZeroStage::None;
    const std::int64_t bytes = bucketBytes(context.run());
    for (const Algorithm algorithm : sharded
             ? taken(made, {{collectives::Collective::ReduceScatter, bytes}, {collectives::Collective::AllGather, bytes}})
             : taken(made, {{collectives::Collective::AllReduce, bytes}}))
        if (std::find(before.begin(), before.end(), algorithm) == before.end())
            say(context, made, [&](const collectives::DebugLog& log, const collectives::DebugPlace& place, int rank) {
                return log.connect(place, rank, algorithm);
            });
}

void warn(const RunContext& context, std::int64_t rank, const std::string& where, const std::string& text)
{
    const Member& member = context.memberOf(rank);
    if (!collectives::DebugLevel(member.worker.environment).warns())
        return;
    const collectives::DebugPlace place = placeOf(context, rank);
    for (std::string& line : collectives::warningLines(place, place.thread, trainerDate(context.now()).substr(0, 19), where, text))
        context.log(member, std::move(line));
}

} // namespace sim::training
