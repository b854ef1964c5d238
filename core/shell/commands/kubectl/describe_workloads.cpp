#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/flags.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

bool controlledBy(const ObjectMeta& metadata, const std::string& uid)
{
    return std::any_of(metadata.ownerReferences.begin(), metadata.ownerReferences.end(), [&](const OwnerReference& o) {
        return o.controller.value_or(false) && o.uid == uid;
    });
}

std::string setsText(const std::vector<const ReplicaSet*>& sets)
{
    std::vector<std::string> parts;
    for (const ReplicaSet* set : sets) {
        parts.push_back(fmt::format("{} ({}/{} replicas created)", set->metadata.name, set->status.replicas.value,
                                    set->spec.replicas.value_or(1)));
    }
    return parts.empty() ? "<none>" : join(parts, ", ");
}

std::string podsStatus(const std::vector<Pod>& pods, const std::string& uid)
{
    int running = 0, waiting = 0, succeeded = 0, failed = 0;
    for (const Pod& pod : pods) {
        if (!controlledBy(pod.metadata, uid))
            continue;
        running += pod.status.phase == "Running";
        waiting += pod.status.phase == "Pending";
        succeeded += pod.status.phase == "Succeeded";
        failed += pod.status.phase == "Failed";
    }
    return fmt::format("{} Running / {} Waiting / {} Succeeded / {} Failed", running, waiting, succeeded, failed);
}

void describeConditions(TabText& out, const std::vector<Condition>& conditions)
{
    if (conditions.empty())
        return;
    out.line(0, "Conditions:");
    out.line(1, "Type\tStatus\tReason");
    out.line(1, "----\t------\t------");
    for (const Condition& c : conditions)
        out.line(1, fmt::format("{} \t{}\t{}", c.type.value, c.status.value, c.reason));
}

} // namespace

std::string describeDeployment(const Deployment& deployment, const std::vector<ReplicaSet>& replicaSets,
                               const EventList& events, sim::Instant now)
{
    TabText out;
    const DeploymentSpec& spec = deployment.spec;
    const DeploymentStatus& status = deployment.status;
    out.line(0, "Name:\t" + deployment.metadata.name);
    out.line(0, "Namespace:\t" + deployment.metadata.namespace_);
    out.line(0, "CreationTimestamp:\t" + longDate(deployment.metadata.creationTimestamp));
    describeLabels(out, "Labels", deployment.metadata.labels);
    describeAnnotations(out, "Annotations", deployment.metadata.annotations);
    out.line(0, "Selector:\t" + selectorText(spec.selector));
    out.line(0, fmt::format("Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable",
                            spec.replicas.value_or(1), status.updatedReplicas, status.replicas,
                            status.availableReplicas, status.unavailableReplicas));
    out.line(0, "StrategyType:\t" + spec.strategy.type);
    out.line(0, fmt::format("MinReadySeconds:\t{}", spec.minReadySeconds));
    if (const auto& rolling = spec.strategy.rollingUpdate) {
        out.line(0, fmt::format("RollingUpdateStrategy:\t{} max unavailable, {} max surge",
                                rolling->maxUnavailable ? intOrStringText(*rolling->maxUnavailable) : "",
                                rolling->maxSurge ? intOrStringText(*rolling->maxSurge) : ""));
    }
    describeTemplate(out, spec.template_);
    describeConditions(out, status.conditions);

    std::vector<const ReplicaSet*> owned;
    for (const ReplicaSet& set : replicaSets) {
        if (controlledBy(set.metadata, deployment.metadata.uid))
            owned.push_back(&set);
    }
    std::stable_sort(owned.begin(), owned.end(), [](const ReplicaSet* a, const ReplicaSet* b) {
        return a->metadata.creationTimestamp < b->metadata.creationTimestamp;
    });
    std::vector<const ReplicaSet*> fresh;
    for (const ReplicaSet* set : owned) {
        if (fresh.empty() && sameTemplate(set->spec.template_, spec.template_))
            fresh.push_back(set);
    }
    if (!fresh.empty())
        owned.erase(std::find(owned.begin(), owned.end(), fresh[0]));
    out.line(0, "OldReplicaSets:\t" + setsText(owned));
    out.line(0, "NewReplicaSet:\t" + setsText(fresh));
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeReplicaSet(const ReplicaSet& set, const std::vector<Pod>& pods, const EventList& events,
                               sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + set.metadata.name);
    out.line(0, "Namespace:\t" + set.metadata.namespace_);
    out.line(0, "Selector:\t" + selectorText(set.spec.selector));
    describeLabels(out, "Labels", set.metadata.labels);
    describeAnnotations(out, "Annotations", set.metadata.annotations);
    describeController(out, set.metadata);
    out.line(0, fmt::format("Replicas:\t{} current / {} desired", set.status.replicas.value,
                            set.spec.replicas.value_or(1)));
    out.line(0, "Pods Status:\t" + podsStatus(pods, set.metadata.uid));
    describeTemplate(out, set.spec.template_);
    describeConditions(out, set.status.conditions);
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeStatefulSet(const StatefulSet& set, const std::vector<Pod>& pods, const EventList& events,
                                sim::Instant now)
{
    TabText out;
    out.line(0, "Name:\t" + set.metadata.name);
    out.line(0, "Namespace:\t" + set.metadata.namespace_);
    out.line(0, "CreationTimestamp:\t" + longDate(set.metadata.creationTimestamp));
    out.line(0, "Selector:\t" + selectorText(set.spec.selector));
    describeLabels(out, "Labels", set.metadata.labels);
    describeAnnotations(out, "Annotations", set.metadata.annotations);
    out.line(0, fmt::format("Replicas:\t{} desired | {} total", set.spec.replicas.value_or(1), set.status.replicas.value));
    out.line(0, "Update Strategy:\t" + set.spec.updateStrategy.type);
    if (const auto& rolling = set.spec.updateStrategy.rollingUpdate; rolling && rolling->partition) {
        out.line(1, fmt::format("Partition:\t{}", *rolling->partition));
        if (rolling->maxUnavailable)
            out.line(1, "MaxUnavailable:\t" + intOrStringText(*rolling->maxUnavailable));
    }
    out.line(0, "Pods Status:\t" + podsStatus(pods, set.metadata.uid));
    describeTemplate(out, set.spec.template_);
    describeClaimTemplates(out, set.spec.volumeClaimTemplates);
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeDaemonSet(const DaemonSet& set, const std::vector<Pod>& pods, const EventList& events,
                              sim::Instant now)
{
    TabText out;
    const DaemonSetStatus& status = set.status;
    out.line(0, "Name:\t" + set.metadata.name);
    out.line(0, "Namespace:\t" + set.metadata.namespace_);
    out.line(0, "Selector:\t" + selectorText(set.spec.selector));
    out.line(0, "Node-Selector:\t" + selectorText(set.spec.template_.spec.nodeSelector));
    describeLabels(out, "Labels", set.metadata.labels);
    describeAnnotations(out, "Annotations", set.metadata.annotations);
    out.line(0, fmt::format("Desired Number of Nodes Scheduled: {}", status.desiredNumberScheduled.value));
    out.line(0, fmt::format("Current Number of Nodes Scheduled: {}", status.currentNumberScheduled.value));
    out.line(0, fmt::format("Number of Nodes Scheduled with Up-to-date Pods: {}", status.updatedNumberScheduled));
    out.line(0, fmt::format("Number of Nodes Scheduled with Available Pods: {}", status.numberAvailable));
    out.line(0, fmt::format("Number of Nodes Misscheduled: {}", status.numberMisscheduled.value));
    out.line(0, "Pods Status:\t" + podsStatus(pods, set.metadata.uid));
    describeTemplate(out, set.spec.template_);
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
