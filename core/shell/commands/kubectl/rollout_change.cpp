#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/failures.h"
#include "core/shell/commands/kubectl/rollout.h"

#include "sim/kube/api/time_text.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

constexpr const char* kRestartedAt = "kubectl.kubernetes.io/restartedAt";

/// What restart, pause and resume have in common: a small patch that some objects refuse.
struct Step {
    const char* done; ///< "restarted"
    /// The patch for the object, empty when it would change nothing; why it is refused goes into the text.
    Json (*patch)(const Call& call, const Manifest& target, std::string& problem);
};

bool isPaused(const Manifest& target)
{
    return at(target.object, {"spec", "paused"}) == Json(true);
}

Json restartPatch(const Call& call, const Manifest& target, std::string& problem)
{
    if (target.kind->kind != "Deployment" && target.kind->kind != "DaemonSet") {
        problem = "restarting is not supported";
        return {};
    }
    if (isPaused(target)) {
        problem = "can't restart paused deployment (run rollout resume first)";
        return {};
    }
    const std::string now = rfc3339(call.inv.now());
    if (textAt(target.object, {"spec", "template", "metadata", "annotations", kRestartedAt}) == now)
        return {};
    Json patch;
    patch["spec"]["template"]["metadata"]["annotations"][kRestartedAt] = now;
    return patch;
}

Json pausePatch(const Call&, const Manifest& target, std::string& problem)
{
    if (target.kind->kind != "Deployment")
        problem = "pausing is not supported";
    else if (isPaused(target))
        problem = "is already paused";
    return Json{{"spec", Json{{"paused", true}}}};
}

Json resumePatch(const Call&, const Manifest& target, std::string& problem)
{
    if (target.kind->kind != "Deployment")
        problem = "resuming is not supported";
    else if (!isPaused(target))
        problem = "is not paused";
    return Json{{"spec", Json{{"paused", nullptr}}}};
}

int take(Call& call, const Step& step)
{
    if (!namesResources(call))
        return call.fail(kNoResource);
    bool failed = false;
    GatherOptions options;
    options.listAll = true;
    const auto targets = gather(call, call.words, failed, options);
    Failures failures;
    for (const Manifest& target : targets) {
        std::string problem;
        const Json patch = step.patch(call, target, problem);
        if (!problem.empty()) {
            failures.add(fmt::format("error: {} \"{}\" {}", target.kind->groupResource(), target.name, problem));
            continue;
        }
        if (patch.empty()) {
            failures.add(fmt::format("failed to create patch for {}: if restart has already been triggered within the "
                                     "past second, please wait before attempting to trigger another",
                                     target.name));
            continue;
        }
        const Response response = call.client.patch(*target.kind, target.nameSpace, target.name, patch,
                                                    PatchType::StrategicMerge, false, "kubectl-rollout");
        if (succeeded(response))
            report(call, *target.kind, response.body, step.done);
        else if (response.code == 0)
            failures.add(response);
        else
            failures.add("failed to patch: " + messageOf(response));
    }
    return failures.tell(call) != 0 || failed ? 1 : 0;
}

int runRestart(Call& call) { return take(call, {"restarted", restartPatch}); }
int runPause(Call& call) { return take(call, {"paused", pausePatch}); }
int runResume(Call& call) { return take(call, {"resumed", resumePatch}); }

Verb changeVerb(std::string_view name, std::string_view summary, int (*run)(Call&))
{
    Verb verb{name, {}, summary, "(TYPE NAME | TYPE/NAME) [flags]"};
    verb.flags = {kFieldManager, kFilename, kKustomize, kRecursive, kSelector, kOutput};
    verb.run = run;
    verb.operand = Operand::Resource;
    return verb;
}

} // namespace

Verb rolloutRestartVerb()
{
    Verb verb = changeVerb("restart", "Restart a resource", runRestart);
    verb.examples = {"# Replace the pods of a Deployment, a few at a time", "kubectl rollout restart deployment/web",
                     "# Those of all Deployments with a label", "kubectl rollout restart deployment -l app=web"};
    return verb;
}

Verb rolloutPauseVerb()
{
    return changeVerb("pause", "Mark the provided resource as paused", runPause);
}

Verb rolloutResumeVerb()
{
    return changeVerb("resume", "Resume a paused resource", runResume);
}

} // namespace core::shell::kubectl
