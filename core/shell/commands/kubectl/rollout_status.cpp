#include "core/shell/commands/kubectl/failures.h"
#include "core/shell/commands/kubectl/object_watch.h"
#include "core/shell/commands/kubectl/resources.h"
#include "core/shell/commands/kubectl/rollout.h"
#include "core/shell/commands/kubectl/typed.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

struct Progress {
    std::string line;
    bool done = false;
    std::string error;
};

Progress progressOf(const Deployment& deployment, std::int64_t revision)
{
    const std::string& name = deployment.metadata.name;
    const DeploymentStatus& status = deployment.status;
    const std::int64_t running = revisionOf(deployment.metadata);
    if (revision > 0 && revision != running) {
        return {{}, false,
                fmt::format("desired revision ({}) is different from the running revision ({})", revision, running)};
    }
    if (deployment.metadata.generation > status.observedGeneration)
        return {"Waiting for deployment spec update to be observed...\n", false, {}};
    for (const Condition& condition : status.conditions) {
        if (condition.type.value == "Progressing" && condition.reason == "ProgressDeadlineExceeded")
            return {{}, false, fmt::format("deployment \"{}\" exceeded its progress deadline", name)};
    }
    const std::string waiting = fmt::format("Waiting for deployment \"{}\" rollout to finish: ", name);
    const std::int64_t wanted = deployment.spec.replicas.value_or(0);
    if (status.updatedReplicas < wanted) {
        return {waiting
                    + fmt::format("{} out of {} new replicas have been updated...\n", status.updatedReplicas, wanted),
                false, {}};
    }
    if (status.replicas > status.updatedReplicas) {
        return {waiting
                    + fmt::format("{} old replicas are pending termination...\n",
                                  status.replicas - status.updatedReplicas),
                false, {}};
    }
    if (status.availableReplicas < status.updatedReplicas) {
        return {waiting
                    + fmt::format("{} of {} updated replicas are available...\n", status.availableReplicas,
                                  status.updatedReplicas),
                false, {}};
    }
    return {fmt::format("deployment \"{}\" successfully rolled out\n", name), true, {}};
}

Progress progressOf(const DaemonSet& set)
{
    const std::string& name = set.metadata.name;
    const DaemonSetStatus& status = set.status;
    if (set.spec.updateStrategy.type != "RollingUpdate")
        return {{}, true, "rollout status is only available for RollingUpdate strategy type"};
    if (set.metadata.generation > status.observedGeneration)
        return {"Waiting for daemon set spec update to be observed...\n", false, {}};
    const std::string waiting = fmt::format("Waiting for daemon set \"{}\" rollout to finish: ", name);
    const std::int64_t wanted = status.desiredNumberScheduled;
    if (status.updatedNumberScheduled < wanted) {
        return {waiting
                    + fmt::format("{} out of {} new pods have been updated...\n", status.updatedNumberScheduled, wanted),
                false, {}};
    }
    if (status.numberAvailable < wanted) {
        return {waiting + fmt::format("{} of {} updated pods are available...\n", status.numberAvailable, wanted),
                false, {}};
    }
    return {fmt::format("daemon set \"{}\" successfully rolled out\n", name), true, {}};
}

Progress progressOf(const StatefulSet& set)
{
    const StatefulSetStatus& status = set.status;
    const auto& strategy = set.spec.updateStrategy;
    if (strategy.type != "RollingUpdate")
        return {{}, true, "rollout status is only available for RollingUpdate strategy type"};
    if (status.observedGeneration == 0 || set.metadata.generation > status.observedGeneration)
        return {"Waiting for statefulset spec update to be observed...\n", false, {}};
    const std::int64_t wanted = set.spec.replicas.value_or(1);
    if (status.readyReplicas < wanted)
        return {fmt::format("Waiting for {} pods to be ready...\n", wanted - status.readyReplicas), false, {}};
    if (strategy.rollingUpdate) {
        const std::int64_t updating = wanted - strategy.rollingUpdate->partition.value_or(0);
        if (strategy.rollingUpdate->partition && status.updatedReplicas < updating) {
            return {fmt::format("Waiting for partitioned roll out to finish: {} out of {} new pods have been updated...\n", status.updatedReplicas,
                                updating),
                    false, {}};
        }
        return {fmt::format("partitioned roll out complete: {} new pods have been updated...\n", status.updatedReplicas), true, {}};
    }
    if (status.updateRevision != status.currentRevision) {
        return {fmt::format("waiting for statefulset rolling update to complete {} pods at revision {}...\n", status.updatedReplicas,
                            status.updateRevision),
                false, {}};
    }
    return {fmt::format("statefulset rolling update complete {} pods at revision {}...\n", status.currentReplicas, status.currentRevision), true, {}};
}

Progress progressOf(const Manifest& target, const Json& object, std::int64_t revision)
{
    if (target.kind->kind == "Deployment")
        return progressOf(decoded<Deployment>(object), revision);
    if (target.kind->kind == "StatefulSet")
        return progressOf(decoded<StatefulSet>(object));
    return progressOf(decoded<DaemonSet>(object));
}

/// Prints the progress of one object until it is done; the complaint when it fails.
std::string follow(Call& call, const Manifest& target, const std::optional<sim::Instant>& end)
{
    const std::string& kind = target.kind->kind;
    if (kind != "Deployment" && kind != "DaemonSet" && kind != "StatefulSet")
        return "no status viewer has been implemented for " + groupKind(*target.kind);
    ObjectWatch watch(call, target);
    for (;;) {
        const auto change = watch.next(end);
        if (!change)
            return "timed out waiting for the condition";
        if (change->deleted)
            return "object has been deleted";
        const Progress progress = progressOf(target, change->object, call.flags.number("revision"));
        call.saw(*target.kind, target.nameSpace, target.name);
        if (!progress.error.empty())
            return progress.error;
        call.out(progress.line);
        if (progress.done || !call.flags.on("watch"))
            return {};
    }
}

int runStatus(Call& call)
{
    if (!namesResources(call))
        return call.fail(kNoResource);
    if (call.flags.number("revision") < 0)
        return call.fail(fmt::format("revision must be a positive integer: {}", call.flags.number("revision")));
    bool failed = false;
    GatherOptions options;
    options.listAll = true;
    const auto targets = gather(call, call.words, failed, options);
    if (targets.empty())
        return failed ? 1 : call.fail("no resources found");
    std::optional<sim::Instant> end;
    if (const sim::Duration timeout = call.flags.duration("timeout"); timeout.count() > 0)
        end = call.inv.now() + timeout;
    Failures failures;
    for (const Manifest& target : targets) {
        if (const std::string problem = follow(call, target, end); !problem.empty())
            failures.add(problem);
    }
    return failures.tell(call) != 0 || failed ? 1 : 0;
}

} // namespace

Verb rolloutStatusVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"status", {}, "Show the status of the rollout", "(TYPE NAME | TYPE/NAME) [flags]"};
    verb.flags = {kFilename, kKustomize, kRecursive, kSelector,
                  {0, "revision", T::Number, "0", "Fail when the running revision is another; 0: take any."},
                  {0, "timeout", T::Duration, "0s", "How long to wait; 0: as long as it takes."},
                  {'w', "watch", T::Bool, "true", "Go on until the rollout is done."}};
    verb.run = runStatus;
    verb.operand = Operand::Resource;
    verb.examples = {"# Follow a rollout", "kubectl rollout status deployment/web"};
    return verb;
}

} // namespace core::shell::kubectl
