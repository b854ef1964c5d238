#include "core/golden/replay.h"

#include "core/golden/compare_objects.h"
#include "core/golden/compare_placement.h"
#include "core/golden/compare_steps.h"
#include "core/golden/compare_watch.h"
#include "core/golden/http_step.h"
#include "core/golden/side_actions.h"
#include "core/golden/watch_log.h"

#include <algorithm>
#include <array>

namespace core::golden {

namespace {

// A real kubectl starts for about that long before its first request; ours takes no time to start.
constexpr double kProgramStart = 0.045;
// What a request or two of ours take.
constexpr double kOwnTime = 0.04;

/// Commands that go on until something happens in the cluster: these begin with their first look, the others
/// are over when their requests are.
bool waits(const std::string& command)
{
    static constexpr std::array<std::string_view, 5> kWaiting{" rollout status ", " wait ", " delete ", " drain ", " --watch"};
    return std::any_of(kWaiting.begin(), kWaiting.end(), [&](std::string_view word) { return command.find(word) != std::string::npos; })
        && command.find("--wait=false") == std::string::npos;
}

double beginOf(const Step& step)
{
    return step.at + (waits(step.command) ? std::min(kProgramStart, step.took) : std::max(0.0, step.took - kOwnTime));
}

} // namespace

sim::Result<CaseResult> replayCase(const Recording& recording, std::uint64_t seed)
{
    auto started = ControlPlaneLab::start(recording, seed);
    if (!started)
        return started.error();
    ControlPlaneLab& lab = **started;
    const Masking masking(recording.nodes);
    CaseResult result;
    result.name = recording.name;
    lab.runUntil(0);
    const std::uint64_t version = lab.world().cluster().store().resourceVersion();
    std::vector<SideAction> actions = sideActions(recording);
    const auto runUntil = [&](double second) {
        while (!actions.empty() && actions.front().at <= second) {
            lab.runUntil(actions.front().at);
            lab.apply(actions.front().command);
            actions.erase(actions.begin());
        }
        lab.runUntil(second);
    };
    for (std::size_t i = 0; i < recording.steps.size(); ++i) {
        const Step& step = recording.steps[i];
        if (step.kind == Step::Kind::Note) {
            runUntil(step.at);
            continue;
        }
        const auto index = static_cast<int>(i);
        const std::size_t before = result.differences.size();
        runUntil(beginOf(step));
        if (step.kind == Step::Kind::Command) {
            compareCommand(step, index, runCommand(lab, step), masking, result.differences);
        } else {
            const HttpAnswered answer = runHttp(lab, step);
            compareHttp(step, index, answer.status, answer.body, masking, result.differences);
        }
        ++result.steps;
        result.stepsPassed += result.differences.size() == before ? 1 : 0;
    }
    if (!recording.steps.empty())
        runUntil(recording.steps.back().at + recording.steps.back().took);
    const sim::kube::Store& store = lab.world().cluster().store();
    compareWatches(recording.watch, watchLog(store, version, recording.namespaces()), masking, result.differences);
    compareObjects(recording, store, lab.world().now(), masking, result.differences);
    comparePlacement(recording, store, masking, result.differences);
    compareScores(recording, lab.world().cluster().scheduler(), result.differences);
    return result;
}

} // namespace core::golden
