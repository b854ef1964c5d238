#include "core/golden/replay.h"

#include "core/golden/compare_objects.h"
#include "core/golden/compare_placement.h"
#include "core/golden/compare_steps.h"
#include "core/golden/compare_watch.h"
#include "core/golden/http_step.h"
#include "core/golden/own_names.h"
#include "core/golden/side_actions.h"
#include "core/golden/watch_log.h"

#include <algorithm>
#include <array>

namespace core::golden {

namespace {

// A real kubectl starts for about that long before its first request; ours takes no time to start.
constexpr double kProgramStart = 0.045;
// What our kubectl takes for a look, and for an object that it looks at and writes.
constexpr double kOwnLook = 0.014;
constexpr double kOwnWrite = 0.037;
// Our control plane may be that much behind the recorded one with what it had begun.
constexpr double kBehind = 0.05;

/// Commands that go on until something happens in the cluster: these begin with their first look, the others
/// are over when their requests are.
bool waits(const std::string& command)
{
    static constexpr std::array<std::string_view, 5> kWaiting{" rollout status ", " wait ", " delete ", " drain ", " --watch"};
    return std::any_of(kWaiting.begin(), kWaiting.end(), [&](std::string_view word) { return command.find(word) != std::string::npos; })
        && command.find("--wait=false") == std::string::npos;
}

bool looks(const std::string& command)
{
    static constexpr std::array<std::string_view, 12> kLooking{" get ", " describe ", " top ", " events", " logs ", " explain ", " auth ",
                                                               " api-resources", " api-versions", " version", " cluster-info", " rollout history "};
    return std::any_of(kLooking.begin(), kLooking.end(), [&](std::string_view word) { return command.find(word) != std::string::npos; });
}

/// What a command tells of each object it wrote is a line.
double ownTime(const Step& step)
{
    if (looks(step.command))
        return kOwnLook;
    const auto lines = std::count(step.output.begin(), step.output.end(), '\n');
    return kOwnWrite * static_cast<double>(std::max<std::ptrdiff_t>(lines, 1));
}

double beginOf(const Step& step)
{
    return step.at + (waits(step.command) ? std::min(kProgramStart, step.took) : std::max(0.0, step.took - ownTime(step)));
}

std::int64_t storedVersion(const nlohmann::json& object)
{
    const auto meta = object.find("metadata");
    return meta == object.end() ? 0 : std::atoll(meta->value("resourceVersion", "0").c_str());
}

/// When objects.json was read: after the last step, not before the watch told of the newest version in it, and not before
/// what it does not tell of was gone.
double objectsAt(const Recording& recording)
{
    std::int64_t newest = 0;
    for (const auto& [space, kinds] : recording.objects.items()) {
        for (const nlohmann::json& objects : kinds) {
            if (!kinds.is_object()) {
                newest = std::max(newest, storedVersion(objects));
                continue;
            }
            for (const nlohmann::json& object : objects)
                newest = std::max(newest, storedVersion(object));
        }
    }
    double at = recording.steps.empty() ? 0 : recording.steps.back().at + recording.steps.back().took;
    for (const WatchLine& line : recording.watch)
        if (std::atoll(line.body.value("rv", "0").c_str()) <= newest
            || (line.body.value("type", "") == "DELETED" && !recording.lists(line.kind, line.name)))
            at = std::max(at, line.at);
    return at + kBehind;
}

} // namespace

sim::Result<CaseResult> replayCase(const Recording& recording, std::uint64_t seed)
{
    auto started = ControlPlaneLab::start(recording, seed);
    if (!started)
        return started.error();
    ControlPlaneLab& lab = **started;
    const Masking masking(recording);
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
        if (recording.steps[i].kind == Step::Kind::Note) {
            runUntil(recording.steps[i].at);
            continue;
        }
        runUntil(beginOf(recording.steps[i]));
        const Step step = withOwnNames(recording.steps[i], recording, lab.world().cluster().store(), masking);
        const auto index = static_cast<int>(i);
        const std::size_t before = result.differences.size();
        if (step.kind == Step::Kind::Command) {
            compareCommand(step, index, runCommand(lab, step), masking, result.differences);
        } else {
            const HttpAnswered answer = runHttp(lab, step);
            compareHttp(step, index, answer.status, answer.body, masking, result.differences);
        }
        ++result.steps;
        result.stepsPassed += result.differences.size() == before ? 1 : 0;
    }
    const sim::kube::Store& store = lab.world().cluster().store();
    runUntil(objectsAt(recording));
    compareObjects(recording, store, lab.world().now(), masking, result.differences);
    comparePlacement(recording, store, masking, result.differences);
    if (!recording.watch.empty())
        runUntil(recording.watch.back().at + kBehind);
    compareWatches(recording.watch, watchLog(store, version, recording.namespaces()), masking, result.differences);
    compareScores(recording, lab.world().cluster().scheduler(), result.differences);
    return result;
}

} // namespace core::golden
