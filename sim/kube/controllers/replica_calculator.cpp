#include "sim/kube/controllers/replica_calculator.h"

#include "sim/kube/client/objects.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace sim::kube {

namespace {

// cmd/kube-controller-manager: --horizontal-pod-autoscaler-tolerance, -cpu-initialization-period, -initial-readiness-delay
constexpr double kTolerance = 0.1;
constexpr Duration kCpuInitialization = 300s;
constexpr Duration kInitialReadiness = 30s;
constexpr const char* kCpu = "cpu";

using Usage = std::map<std::string, std::int64_t>; ///< thousandths by pod

bool isWithinTolerance(double ratio)
{
    return 1.0 - kTolerance <= ratio && ratio <= 1.0 + kTolerance;
}

/// Missing: the pod has no sample of that container or resource.
std::optional<std::int64_t> usageOf(const PodMetrics& metrics, const std::string& resource, const std::string& container)
{
    std::int64_t total = 0;
    bool any = false;
    for (const ContainerUsage& usage : metrics.containers) {
        if (!container.empty() && usage.name != container)
            continue;
        any = true;
        total += resource == kCpu ? usage.milliCpu : usage.memoryBytes * 1000;
    }
    return any ? std::optional(total) : std::nullopt;
}

struct Groups {
    std::int64_t ready = 0;
    std::set<std::string> unready;
    std::set<std::string> missing;
    std::set<std::string> ignored;
};

/// A CPU sample of a pod that still starts says nothing of its load.
bool isUnready(const Pod& pod, const PodMetrics& metrics, Instant now)
{
    const Condition* ready = findCondition(pod.status.conditions, "Ready");
    if (!ready || !ready->lastTransitionTime || !pod.status.startTime)
        return true;
    const Instant started = pod.status.startTime->at;
    const Instant since = ready->lastTransitionTime->at;
    if (started + kCpuInitialization > now)
        return ready->status.value == kFalse || metrics.timestamp < since + metrics.window;
    return ready->status.value == kFalse && started + kInitialReadiness > since;
}

Groups group(const MeasuredPods& measured, const Usage& usage, const std::string& resource)
{
    Groups groups;
    for (const auto& pod : measured.pods) {
        const std::string& name = pod->metadata.name;
        if (pod->metadata.deletionTimestamp || pod->status.phase == kPodFailed)
            groups.ignored.insert(name);
        else if (pod->status.phase == kPodPending)
            groups.unready.insert(name);
        else if (usage.count(name) == 0)
            groups.missing.insert(name);
        else if (resource == kCpu && isUnready(*pod, measured.metrics.at(name), measured.now))
            groups.unready.insert(name);
        else
            groups.ready += 1;
    }
    return groups;
}

/// Requests by pod; the error names the first container without one.
Usage requestsOf(const MeasuredPods& measured, const std::string& resource, const std::string& container, std::string& error)
{
    Usage requests;
    for (const auto& pod : measured.pods) {
        std::int64_t total = 0;
        const auto add = [&](const Container& c) {
            if (!container.empty() && c.name != container)
                return;
            const auto request = c.resources.requests.find(resource);
            if (request == c.resources.requests.end()) {
                if (error.empty())
                    error = fmt::format("missing request for {} in container {} of Pod {}", resource, c.name, pod->metadata.name);
                return;
            }
            total += request->second.milliValue();
        };
        for (const Container& c : pod->spec.containers)
            add(c);
        for (const Container& c : pod->spec.initContainers)
            if (c.restartPolicy == "Always")
                add(c);
        requests[pod->metadata.name] = total;
    }
    return requests;
}

struct Ratio {
    double usage = 0;             ///< of the target
    std::int64_t utilization = 0; ///< percent of the requests
    std::int64_t average = 0;
    std::string error;
};

Ratio utilizationRatio(const Usage& usage, const Usage& requests, std::int64_t target)
{
    std::int64_t used = 0;
    std::int64_t requested = 0;
    std::int64_t pods = 0;
    for (const auto& [name, value] : usage)
        if (const auto request = requests.find(name); request != requests.end()) {
            used += value;
            requested += request->second;
            pods += 1;
        }
    if (requested == 0)
        return {0, 0, 0, "no metrics returned matched known pods"};
    const std::int64_t percent = used * 100 / requested;
    return {static_cast<double>(percent) / static_cast<double>(target), percent, used / pods, {}};
}

Ratio valueRatio(const Usage& usage, std::int64_t target)
{
    std::int64_t used = 0;
    for (const auto& [name, value] : usage)
        used += value;
    const std::int64_t average = used / static_cast<std::int64_t>(usage.size());
    return {static_cast<double>(average) / static_cast<double>(target), average, average, {}};
}

/// Both kinds of target go the same way: pods without samples, and those that are not ready, count against a change.
template <class RatioOf, class Fallback>
ReplicaProposal propose(Usage usage, const Groups& groups, std::int64_t current, RatioOf ratioOf, Fallback fallback)
{
    for (const auto* names : {&groups.ignored, &groups.unready})
        for (const std::string& name : *names)
            usage.erase(name);
    if (usage.empty())
        return {0, 0, 0, "did not receive metrics for targeted pods (pods might be unready)"};
    const Ratio ratio = ratioOf(usage);
    if (!ratio.error.empty())
        return {0, 0, 0, ratio.error};
    ReplicaProposal proposal{current, ratio.utilization, ratio.average, {}};
    const bool growsWithUnready = !groups.unready.empty() && ratio.usage > 1.0;
    if (!growsWithUnready && groups.missing.empty()) {
        if (!isWithinTolerance(ratio.usage))
            proposal.replicas = static_cast<std::int64_t>(std::ceil(ratio.usage * static_cast<double>(groups.ready)));
        return proposal;
    }
    if (ratio.usage != 1.0)
        for (const std::string& name : groups.missing)
            usage[name] = ratio.usage < 1.0 ? fallback(name) : 0;
    if (growsWithUnready)
        for (const std::string& name : groups.unready)
            usage[name] = 0;
    const Ratio adjusted = ratioOf(usage);
    if (!adjusted.error.empty())
        return {0, ratio.utilization, ratio.average, adjusted.error};
    if (isWithinTolerance(adjusted.usage) || (ratio.usage < 1.0 && adjusted.usage > 1.0) || (ratio.usage > 1.0 && adjusted.usage < 1.0))
        return proposal;
    const auto wanted = static_cast<std::int64_t>(std::ceil(adjusted.usage * static_cast<double>(usage.size())));
    if ((adjusted.usage < 1.0 && wanted > current) || (adjusted.usage > 1.0 && wanted < current))
        return proposal;
    proposal.replicas = wanted;
    return proposal;
}

Usage usageOf(const MeasuredPods& measured, const std::string& resource, const std::string& container)
{
    Usage usage;
    for (const auto& [name, metrics] : measured.metrics)
        if (const auto value = usageOf(metrics, resource, container))
            usage[name] = *value;
    return usage;
}

ReplicaProposal proposeForValues(const MeasuredPods& measured, const Usage& usage, const std::string& resource, std::int64_t current, std::int64_t targetMilli)
{
    const auto fallback = [&](const std::string&) { return targetMilli; };
    return propose(usage, group(measured, usage, resource), current, [&](const Usage& of) { return valueRatio(of, targetMilli); }, fallback);
}

} // namespace

ReplicaProposal replicasForUtilization(const MeasuredPods& measured, std::int64_t current, const std::string& resource,
                                       const std::string& container, std::int64_t targetPercent)
{
    if (measured.pods.empty())
        return {0, 0, 0, "no pods returned by selector while calculating replica count"};
    const Usage usage = usageOf(measured, resource, container);
    const Groups groups = group(measured, usage, resource);
    std::string missing;
    const Usage requests = requestsOf(measured, resource, container, missing);
    const auto fallback = [&](const std::string& name) { return requests.at(name) * std::max<std::int64_t>(100, targetPercent) / 100; };
    const auto ratio = [&](const Usage& of) {
        return missing.empty() ? utilizationRatio(of, requests, targetPercent) : Ratio{0, 0, 0, missing};
    };
    return propose(usage, groups, current, ratio, fallback);
}

ReplicaProposal replicasForAverageValue(const MeasuredPods& measured, std::int64_t current, const std::string& resource,
                                        const std::string& container, std::int64_t targetMilli)
{
    if (measured.pods.empty())
        return {0, 0, 0, "no pods returned by selector while calculating replica count"};
    return proposeForValues(measured, usageOf(measured, resource, container), resource, current, targetMilli);
}

ReplicaProposal replicasForFigures(const MeasuredPods& measured, const std::map<std::string, std::int64_t>& figures, std::int64_t current, std::int64_t targetMilli)
{
    return proposeForValues(measured, figures, "", current, targetMilli);
}

} // namespace sim::kube
