#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/describe.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

using namespace sim::kube;

std::string describePod(const Pod& pod, const EventList& events, sim::Instant now)
{
    TabText out;
    const PodSpec& spec = pod.spec;
    const PodStatus& status = pod.status;
    out.line(0, "Name:\t" + pod.metadata.name);
    out.line(0, "Namespace:\t" + pod.metadata.namespace_);
    if (spec.priority)
        out.line(0, fmt::format("Priority:\t{}", *spec.priority));
    if (!spec.priorityClassName.empty())
        out.line(0, "Priority Class Name:\t" + spec.priorityClassName);
    out.line(0, "Service Account:\t" + spec.serviceAccountName);
    out.line(0, "Node:\t" + (spec.nodeName.empty() ? std::string("<none>") : spec.nodeName + "/" + status.hostIP));
    if (status.startTime)
        out.line(0, "Start Time:\t" + longDate(status.startTime));
    describeLabels(out, "Labels", pod.metadata.labels);
    describeAnnotations(out, "Annotations", pod.metadata.annotations);
    const bool ended = status.phase == "Failed" || status.phase == "Succeeded";
    if (pod.metadata.deletionTimestamp && !ended) {
        out.line(0, fmt::format("Status:\tTerminating (lasts {})", since(pod.metadata.deletionTimestamp, now)));
        out.line(0, fmt::format("Termination Grace Period:\t{}s",
                                pod.metadata.deletionGracePeriodSeconds.value_or(0)));
    } else {
        out.line(0, "Status:\t" + status.phase);
    }
    if (!status.reason.empty())
        out.line(0, "Reason:\t" + status.reason);
    if (!status.message.empty())
        out.line(0, "Message:\t" + status.message);
    out.line(0, "IP:\t" + status.podIP);
    if (status.podIPs.empty()) {
        out.line(0, "IPs:\t<none>");
    } else {
        out.line(0, "IPs:");
        for (const IpAddress& address : status.podIPs)
            out.line(1, "IP:\t" + address.ip);
    }
    describeController(out, pod.metadata);
    if (!status.nominatedNodeName.empty())
        out.line(0, "NominatedNodeName:\t" + status.nominatedNodeName);
    if (!spec.initContainers.empty())
        describeContainers(out, "Init Containers", spec.initContainers, status.initContainerStatuses, &pod, "");
    describeContainers(out, "Containers", spec.containers, status.containerStatuses, &pod, "");
    if (!spec.ephemeralContainers.empty())
        describeContainers(out, "Ephemeral Containers", {spec.ephemeralContainers.cbegin(), spec.ephemeralContainers.cend()},
                           status.ephemeralContainerStatuses, &pod, "");
    if (!status.conditions.empty()) {
        out.line(0, "Conditions:");
        out.line(1, "Type\tStatus");
        for (const Condition& condition : status.conditions)
            out.line(1, fmt::format("{} \t{} ", condition.type.value, condition.status.value));
    }
    describeVolumes(out, spec.volumes, "");
    out.line(0, "QoS Class:\t" + status.qosClass);
    describeLabels(out, "Node-Selectors", spec.nodeSelector);
    describeTolerations(out, "Tolerations", spec.tolerations);
    bool first = true;
    for (const TopologySpreadConstraint& constraint : spec.topologySpreadConstraints) {
        out.line(0, fmt::format("{}\t{}:{} when max skew {} is exceeded for selector {}",
                                first ? "Topology Spread Constraints:" : "", constraint.topologyKey,
                                constraint.whenUnsatisfiable, constraint.maxSkew,
                                constraint.labelSelector ? selectorText(*constraint.labelSelector) : "<none>"));
        first = false;
    }
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
