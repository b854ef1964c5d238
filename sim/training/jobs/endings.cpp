#include "sim/training/jobs/log_lines.h"
#include "sim/training/jobs/run_context.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::training {

namespace {

constexpr int kAborted = 6; ///< SIGABRT, by which the watchdog ends its process

/// Steps after the last checkpoint will be done again: they do not count.
void bookLostSteps(const RunContext& context)
{
    const Run& run = context.run();
    if (run.phase != RunPhase::Training || run.iteration >= run.settings.iterations)
        return;
    std::int64_t kept = run.firstIteration;
    if (const auto saved = context.checkpoints.find(context.folder(run.settings.save)); saved != context.checkpoints.end() && !saved->second.empty())
        kept = std::max(kept, saved->second.back().iteration);
    const double steps = static_cast<double>(std::max<std::int64_t>(0, run.iteration - kept));
    const double seconds = std::min(context.job.goodput.productive,
                                    steps * run.times->seconds * static_cast<double>(run.settings.worldSize()));
    context.job.goodput.productive -= seconds;
    context.job.goodput.lost += seconds;
}

} // namespace

void endRun(RunContext& context, int exitCode, const std::function<std::vector<std::string>(std::int64_t rank)>& linesOf)
{
    Run& run = context.run();
    const std::int64_t local = std::max<std::int64_t>(1, run.settings.processesPerNode);
    for (const Member& member : run.members) {
        const container::Container* container = context.around.runtimes.find(member.worker.container);
        if (container == nullptr || container->state != container::Container::State::Running)
            continue;
        std::int64_t first = -1;
        for (std::int64_t rank = member.rank * local; rank < (member.rank + 1) * local; ++rank)
            for (std::string& line : linesOf(rank)) {
                first = first < 0 ? rank : first;
                context.log(member, std::move(line));
            }
        if (exitCode != 0)
            for (std::string& line : childFailedLines(member, first < 0 ? ProcessEnd{0, exitCode} : ProcessEnd{first - member.rank * local, -kAborted}, context.now()))
                context.log(member, std::move(line));
    }
    bookLostSteps(context);
    dropFlows(context);
    context.around.fabric.stop(context.now(), run.transfers);
    const std::vector<Member> members = run.members;
    context.job.run.reset();
    for (const Member& member : members)
        context.around.runtimes.exit(context.around.runtime, member.worker.container, exitCode);
}

void endByRank(RunContext& context, std::int64_t rank, const std::string& error)
{
    endRun(context, 1, [&](std::int64_t of) { return of == rank ? std::vector<std::string>{fmt::format("[rank{}]: {}", rank, error)} : std::vector<std::string>(); });
}

} // namespace sim::training
