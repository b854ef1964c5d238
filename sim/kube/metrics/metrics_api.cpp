#include "sim/kube/metrics/metrics_api.h"

#include "sim/kube/api/selectors.h"
#include "sim/kube/api/status.h"
#include "sim/kube/api/time_text.h"
#include "sim/kube/client/objects.h"

#include <fmt/core.h>

namespace sim::kube {

namespace {

using nlohmann::json;

constexpr const char* kApiVersion = "metrics.k8s.io/v1beta1";
constexpr std::string_view kPods = "pods.metrics.k8s.io";
constexpr std::string_view kCustomPods = "pods.custom.metrics.k8s.io";
constexpr std::string_view kNodes = "nodes.metrics.k8s.io";

json usageOf(const ContainerUsage& usage)
{
    return {{"cpu", fmt::format("{}m", usage.milliCpu)}, {"memory", fmt::format("{}Ki", usage.memoryBytes / 1024)}};
}

json head(const char* kind, const ObjectMeta& metadata, const PodMetrics& metrics)
{
    json object{{"kind", kind}, {"apiVersion", kApiVersion}, {"metadata", {{"name", metadata.name}}},
                {"timestamp", rfc3339(metrics.timestamp)}, {"window", goDuration(metrics.window)}};
    object["metadata"]["creationTimestamp"] = rfc3339(metrics.timestamp);
    if (!metadata.namespace_.empty())
        object["metadata"]["namespace"] = metadata.namespace_;
    if (!metadata.labels.empty())
        object["metadata"]["labels"] = metadata.labels;
    return object;
}

json podJson(const Pod& pod, const PodMetrics& metrics)
{
    json object = head("PodMetrics", pod.metadata, metrics);
    object["containers"] = json::array();
    for (const ContainerUsage& usage : metrics.containers)
        object["containers"].push_back({{"name", usage.name}, {"usage", usageOf(usage)}});
    return object;
}

json nodeJson(const Node& node, const PodMetrics& metrics)
{
    json object = head("NodeMetrics", node.metadata, metrics);
    object["usage"] = usageOf(metrics.containers.front());
    return object;
}

Response customResponse(const Store& store, const ClusterMetrics& metrics, const Request& request)
{
    if (!metrics.servesCustom() || request.verb != Verb::Get || request.subresource.empty())
        return unknownResource();
    const ParsedSelector selector = parseLabelSelector(request.labelSelector);
    if (!selector.error.empty())
        return failure(400, "BadRequest", selector.error);
    const bool all = request.name == "*";
    json items = json::array();
    for (const auto& pod : store.inNamespace<Pod>(request.namespace_)) {
        if ((!all && pod->metadata.name != request.name) || !selector.selector.matches(pod->metadata.labels))
            continue;
        if (const auto figure = metrics.customMetric(*pod, request.subresource))
            items.push_back({{"describedObject", {{"kind", "Pod"}, {"namespace", request.namespace_}, {"name", pod->metadata.name}, {"apiVersion", "/v1"}}},
                             {"metricName", request.subresource}, {"timestamp", rfc3339(figure->timestamp)}, {"value", Quantity::ofMilli(figure->milli).text}, {"selector", nullptr}});
    }
    if (items.empty())
        return failure(404, "NotFound", fmt::format("the server could not find the metric {} for pods{}", request.subresource, all ? std::string() : " " + request.name));
    const std::string version = fmt::format("{}/{}", kCustomMetricsGroup, kCustomMetricsVersion);
    return {200, {{"kind", "MetricValueList"}, {"apiVersion", version}, {"metadata", json::object()}, {"items", std::move(items)}}, {}};
}

} // namespace

bool isMetricsRequest(const Request& request)
{
    return request.resource == kPods || request.resource == kNodes || request.resource == kCustomPods;
}

Response metricsResponse(const Store& store, const ClusterMetrics& metrics, const Request& request)
{
    if (request.resource == kCustomPods)
        return customResponse(store, metrics, request);
    if (!metrics.served() || (request.verb != Verb::Get && request.verb != Verb::List))
        return unknownResource();
    const ParsedSelector selector = parseLabelSelector(request.labelSelector);
    if (!selector.error.empty())
        return failure(400, "BadRequest", selector.error);
    const bool pods = request.resource == kPods;
    json items = json::array();
    const auto add = [&](const ObjectMeta& metadata, const auto& found, auto write) {
        if (found && (request.name.empty() || request.name == metadata.name) && selector.selector.matches(metadata.labels))
            items.push_back(write(*found));
    };
    if (pods) {
        const auto& table = store.all<Pod>();
        for (auto it = table.lower_bound({request.namespace_, {}}); it != table.end(); ++it) {
            if (!request.namespace_.empty() && it->first.namespace_ != request.namespace_)
                break;
            if (!isTerminal(*it->second))
                add(it->second->metadata, metrics.podMetrics(*it->second), [&](const PodMetrics& m) { return podJson(*it->second, m); });
        }
    } else {
        for (const auto& [key, node] : store.all<Node>())
            add(node->metadata, metrics.nodeMetrics(*node), [&, n = node](const PodMetrics& m) { return nodeJson(*n, m); });
    }
    if (!request.name.empty()) {
        if (!items.empty())
            return {200, std::move(items.front()), {}};
        const char* kind = pods ? "podmetrics.metrics.k8s.io" : "nodemetrics.metrics.k8s.io";
        const std::string space = pods ? request.namespace_ + "/" : std::string();
        return failure(404, "NotFound", fmt::format("{} \"{}{}\" not found", kind, space, request.name));
    }
    return {200, {{"kind", pods ? "PodMetricsList" : "NodeMetricsList"}, {"apiVersion", kApiVersion}, {"metadata", json::object()},
                  {"items", std::move(items)}}, {}};
}

} // namespace sim::kube
