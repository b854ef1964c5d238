#include "core/session/training_detail.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace core::session {

namespace {

namespace train = sim::training;

constexpr auto kActivities = static_cast<std::size_t>(train::Activity::Logging) + 1;
/// Ranks whose time differs by less of a step are drawn as one.
constexpr double kAlike = 0.01;
/// Steps of one run follow each other at once: a gap is a restart.
constexpr sim::Duration kGap = std::chrono::seconds(1);
/// A restarted trainer's last lines, as `kubectl logs --tail` shows them.
constexpr std::size_t kToldLines = 20;

using Seconds = std::array<double, kActivities>;

Seconds secondsOf(const train::RankClass& row)
{
    Seconds seconds{};
    for (const train::Segment& segment : row.segments)
        seconds[static_cast<std::size_t>(segment.activity)] += segment.seconds;
    return seconds;
}

double waitingOf(const train::RankClass& row)
{
    return row.secondsOf(train::Activity::WaitForTensor) + row.secondsOf(train::Activity::WaitForReplicas);
}

bool alike(const train::RankClass& a, const train::RankClass& b, double step)
{
    const Seconds first = secondsOf(a), second = secondsOf(b);
    for (std::size_t i = 0; i < kActivities; ++i)
        if (std::abs(first[i] - second[i]) > kAlike * step)
            return false;
    return true;
}

/// The rows as one, on average over their ranks.
StepLane merged(const std::vector<const train::RankClass*>& rows, StepLane::Which which)
{
    StepLane lane;
    lane.which = which;
    Seconds sum{};
    for (const train::RankClass* row : rows) {
        lane.stage = row->stage;
        lane.ranks += row->ranks;
        const Seconds seconds = secondsOf(*row);
        for (std::size_t i = 0; i < kActivities; ++i)
            sum[i] += seconds[i] * static_cast<double>(row->ranks);
    }
    // In the order in which the step model lays them down: waiting for data first, for replicas last.
    for (std::size_t i = 0; i < kActivities; ++i)
        if (sum[i] > 0)
            lane.segments.push_back({static_cast<train::Activity>(i), sum[i] / static_cast<double>(lane.ranks), {}});
    return lane;
}

/// As trainers' timers tell it: least and most over all ranks, without saying whose.
void addLanes(JobDetail& detail, const train::StepTimes& times, std::int64_t stages)
{
    detail.laneSeconds = times.seconds;
    for (std::int64_t stage = 0; stage < stages; ++stage) {
        std::vector<const train::RankClass*> rows;
        for (const train::RankClass& row : times.classes)
            if (row.stage == stage)
                rows.push_back(&row);
        if (rows.empty())
            continue;
        const train::RankClass* last = *std::min_element(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return waitingOf(*a) < waitingOf(*b); });
        std::vector<const train::RankClass*> slowest, usual, others;
        const train::RankClass* most = nullptr;
        for (const train::RankClass* row : rows) {
            if (alike(*row, *last, times.seconds))
                slowest.push_back(row);
            else if (most == nullptr || row->ranks > most->ranks)
                most = row;
        }
        if (most == nullptr) {
            detail.lanes.push_back(merged(slowest, StepLane::Which::All));
            continue;
        }
        for (const train::RankClass* row : rows)
            if (!alike(*row, *last, times.seconds))
                (alike(*row, *most, times.seconds) ? usual : others).push_back(row);
        detail.lanes.push_back(merged(usual, StepLane::Which::Most));
        if (!others.empty())
            detail.lanes.push_back(merged(others, StepLane::Which::Others));
        detail.lanes.push_back(merged(slowest, StepLane::Which::Last));
    }
}

void addMarks(JobDetail& detail, const std::vector<train::Checkpoint>& checkpoints)
{
    const std::vector<train::StepRecord>& history = detail.history;
    using Kind = TrainingMark::Kind;
    for (std::size_t i = 0; i < history.size(); ++i) {
        const train::StepRecord& one = history[i];
        if (i > 0 && (one.iteration <= history[i - 1].iteration || one.at - sim::fromSeconds(one.seconds) - history[i - 1].at > kGap))
            detail.marks.push_back({Kind::Restart, one.iteration, one.at});
        if (one.skipped)
            detail.marks.push_back({Kind::Skipped, one.iteration, one.at});
        else if (!std::isfinite(one.loss) || !std::isfinite(one.gradientNorm))
            detail.marks.push_back({Kind::NotFinite, one.iteration, one.at});
    }
    for (const train::Checkpoint& one : checkpoints)
        if (!history.empty() && one.written >= history.front().at && one.iteration >= history.front().iteration)
            detail.marks.push_back({Kind::Checkpoint, one.iteration, one.written});
    std::stable_sort(detail.marks.begin(), detail.marks.end(), [](const TrainingMark& a, const TrainingMark& b) { return a.iteration < b.iteration; });
}

/// What the site's page says of training: the figures only, alerts stand elsewhere.
Reading stateReading(const sim::World& world, const JobDetail& detail)
{
    Reading read;
    read.what = "training";
    const auto bastion = std::find_if(world.hosts().all().begin(), world.hosts().all().end(), [](const auto& one) { return one.role == "bastion"; });
    if (bastion == world.hosts().all().end())
        return read;
    sim::HttpQuestion question;
    question.from = bastion->stack;
    question.host = "slo.lab";
    question.path = "/training";
    const sim::HttpAnswer answer = world.http(question);
    if (answer.status != 200)
        return read;
    double progress = 0;
    for (std::size_t at = 0; at < answer.body.size();) {
        const std::size_t end = std::min(answer.body.find('\n', at), answer.body.size());
        const std::string line = answer.body.substr(at, end - at);
        if (line.rfind("training_", 0) == 0)
            read.text += line + "\n";
        if (line.rfind("training_progress_ratio ", 0) == 0)
            progress = std::atof(line.c_str() + line.find(' '));
        at = end + 1;
    }
    if (read.text.empty())
        return read;
    read.reads = {"http/slo.lab:80/training", "from/" + bastion->name};
    read.shape = fmt::format("{} {} {}", detail.phase, detail.runs, static_cast<int>(progress * 20));
    return read;
}

/// The lines that the curves are drawn from: the last rank prints iterations, the first one checkpoints.
Reading curvesReading(const sim::World& world, const JobDetail& detail, const train::Run& run)
{
    Reading read;
    read.what = "trainer log";
    std::vector<const train::Member*> printers{&run.members.back()};
    if (run.members.size() > 1)
        printers.push_back(&run.members.front());
    for (const train::Member* member : printers) {
        const sim::container::Container* container = world.runtimes().find(member->worker.container);
        if (container == nullptr)
            continue;
        std::vector<std::string_view> lines;
        for (auto line = container->log.rbegin(); line != container->log.rend() && lines.size() < kToldLines; ++line)
            if (line->second.find("elapsed time per iteration") != std::string::npos || line->second.find("saved checkpoint") != std::string::npos
                || line->second.find("loaded checkpoint") != std::string::npos)
                lines.push_back(line->second);
        if (lines.empty())
            continue;
        for (auto line = lines.rbegin(); line != lines.rend(); ++line)
            read.text += std::string(*line) + "\n";
        read.reads.push_back(fmt::format("log/{}/{}/{}", container->podNamespace, container->podName, container->name));
    }
    std::int64_t bad = 0;
    for (const TrainingMark& mark : detail.marks)
        bad += mark.kind == TrainingMark::Kind::Skipped || mark.kind == TrainingMark::Kind::NotFinite ? 1 : 0;
    const double slower = detail.usualSeconds > 0 && !detail.history.empty() ? detail.history.back().seconds / detail.usualSeconds : 1;
    read.shape = fmt::format("{} {} {} {}", detail.runs, detail.iteration / 100, bad > 0 ? std::ilogb(static_cast<double>(bad)) : -1,
                             static_cast<int>(std::min(slower, 100.0) * 10));
    return read;
}

} // namespace

JobDetail jobOf(const sim::World& world, const train::Job& job)
{
    const sim::TrainingJobView view = sim::trainingView(job);
    JobDetail detail;
    detail.key = job.key;
    detail.name = view.nameSpace + "/" + view.name;
    detail.phase = view.phase;
    detail.health = view.health;
    detail.runs = job.runs;
    detail.furthest = job.furthest;
    detail.goodput = job.goodput;
    detail.history = *job.history;
    if (!detail.history.empty()) {
        detail.since = detail.history.back().at;
        detail.iteration = detail.history.back().iteration;
    }
    if (!job.run) {
        addMarks(detail, {});
        detail.stateRead = stateReading(world, detail);
        return detail;
    }
    const train::Run& run = *job.run;
    detail.since = run.stall && run.phase == train::RunPhase::Training ? run.stepBegan : run.phaseSince;
    if (!run.members.empty())
        detail.settings = run.settings;
    detail.iteration = view.iteration;
    detail.iterations = view.iterations;
    detail.usualSeconds = view.usualStepSeconds;
    detail.stepSeconds = view.stepSeconds;
    detail.modelUtilisation = view.modelUtilisation;
    if (run.times) {
        if (view.stepSeconds > 0)
            detail.tokensPerSecond = run.times->tokensPerSecond;
        addLanes(detail, *run.times, run.settings.parallelism.pipeline);
    }
    if (detail.settings) {
        train::MemoryPlan plan;
        plan.shape = run.settings.shape;
        plan.parallelism = run.settings.parallelism;
        plan.recompute = run.settings.recompute;
        for (std::int64_t stage = 0; stage < run.settings.parallelism.pipeline; ++stage)
            detail.memory.push_back(train::memoryOf(plan, stage));
        for (const sim::GpuId gpu : world.gpus().of(run.members.front().worker.host))
            detail.memoryBytes = static_cast<double>(world.gpus().at(gpu).memoryTotalBytes());
    }
    addMarks(detail, world.training().saved(job, run.settings.save));
    detail.stateRead = stateReading(world, detail);
    if (!run.members.empty())
        detail.curvesRead = curvesReading(world, detail, run);
    return detail;
}

} // namespace core::session
