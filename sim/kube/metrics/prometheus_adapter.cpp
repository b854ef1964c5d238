#include "sim/kube/metrics/prometheus_adapter.h"

#include "sim/kube/api/yaml.h"
#include "sim/kube/client/objects.h"
#include "sim/programs/program.h"

#include <algorithm>

namespace sim::kube {

namespace {

using nlohmann::json;

constexpr const char* kConfigFlag = "--config";
constexpr const char* kPrometheusFlag = "--prometheus-url";

std::shared_ptr<const Pod> adapterPod(const Store& store)
{
    const auto api = store.get<APIService>({"", std::string(kCustomMetricsVersion) + "." + kCustomMetricsGroup});
    const Condition* available = api ? findCondition(api->status.conditions, "Available") : nullptr;
    if (available == nullptr || available->status.value != kTrue || !api->spec.service)
        return nullptr;
    const ApiServiceReference& service = *api->spec.service;
    const std::vector<std::string> pods = readyPodsBehind(store, service.namespace_, service.name);
    return pods.empty() ? nullptr : store.get<Pod>({service.namespace_, pods.front()});
}

std::string flagOf(const Container& container, std::string_view flag)
{
    return programs::flagOf(container.args, flag).value_or(programs::flagOf(container.command, flag).value_or(""));
}

/// "http://prometheus.monitoring.svc:9090/" -> prometheus in monitoring.
bool prometheusRuns(const Store& store, std::string url)
{
    if (const std::size_t scheme = url.find("://"); scheme != std::string::npos)
        url.erase(0, scheme + 3);
    const std::string host = url.substr(0, url.find_first_of(":/"));
    const std::size_t dot = host.find('.');
    if (dot == std::string::npos)
        return false;
    const std::string rest = host.substr(dot + 1);
    return !readyPodsBehind(store, rest.substr(0, rest.find('.')), host.substr(0, dot)).empty();
}

/// The text of a file that a container mounts from a ConfigMap; empty: there is none.
std::string mountedText(const Store& store, const Pod& pod, const Container& container, const std::string& path)
{
    for (const VolumeMount& mount : container.volumeMounts) {
        if (!path.starts_with(mount.mountPath + "/"))
            continue;
        for (const Volume& volume : pod.spec.volumes) {
            if (volume.name != mount.name || !volume.configMap)
                continue;
            const auto map = store.get<ConfigMap>({pod.metadata.namespace_, volume.configMap->name});
            if (!map)
                return {};
            const auto text = map->data.find(path.substr(mount.mountPath.size() + 1));
            return text == map->data.end() ? std::string() : text->second;
        }
    }
    return {};
}

std::string textAt(const json& object, const char* key)
{
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string escaped(const std::string& name) { return std::regex_replace(name, std::regex(R"([.^$|()\[\]{}*+?\\])"), R"(\$&)"); }

/// Sets which series a rule takes. False: a query of a kind that is not known here.
bool readSeries(AdapterRule& rule, const std::string& query)
{
    static const std::regex kName(R"re(^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})?$)re");
    static const std::regex kByName(R"re(\{.*__name__=(~?)"([^"]*)".*\})re");
    std::smatch found;
    if (std::regex_match(query, found, kName))
        rule.plainSeries = found[1];
    else if (!std::regex_match(query, found, kByName))
        return false;
    else if (found[1].length() == 0)
        rule.plainSeries = found[2];
    rule.series = rule.plainSeries.empty() ? found[2].str() : escaped(rule.plainSeries);
    return true;
}

bool isPlainQuery(const std::string& query)
{
    static const std::regex kPlain(R"(^(sum|avg|max)\s*\(\s*<<\s*\.Series\s*>>\{<<\s*\.LabelMatchers\s*>>\}\s*\)\s*by\s*\(\s*<<\s*\.GroupBy\s*>>\s*\)$)");
    return query.empty() || std::regex_match(query, kPlain);
}

bool isExpression(const std::string& text)
try {
    const std::regex compiled(text);
    return true;
} catch (const std::regex_error&) {
    return false;
}

} // namespace

std::optional<std::string> AdapterRule::metricOf(const std::string& name) const
{
    if (!std::regex_match(name, std::regex(series)))
        return std::nullopt;
    if (as.empty())
        return name;
    if (matches.empty())
        return as;
    std::smatch found;
    return std::regex_search(name, found, std::regex(matches)) ? std::optional(found.format(as)) : std::nullopt;
}

bool customMetricsServed(const Store& store)
{
    const auto pod = adapterPod(store);
    return pod && !pod->spec.containers.empty() && prometheusRuns(store, flagOf(pod->spec.containers.front(), kPrometheusFlag));
}

std::vector<AdapterRule> adapterRules(const Store& store)
{
    const auto pod = adapterPod(store);
    if (!pod || pod->spec.containers.empty())
        return {};
    const Container& container = pod->spec.containers.front();
    const auto documents = parseYaml(mountedText(store, *pod, container, flagOf(container, kConfigFlag)));
    if (!documents || documents->empty() || !documents->front().is_object())
        return {};
    std::vector<AdapterRule> rules;
    const json& config = documents->front();
    const auto listed = config.find("rules");
    if (listed == config.end() || !listed->is_array())
        return {};
    for (const json& one : *listed) {
        const json name = one.is_object() ? one.value("name", json::object()) : json::object();
        AdapterRule rule;
        rule.matches = textAt(name, "matches");
        rule.as = textAt(name, "as");
        if (readSeries(rule, textAt(one, "seriesQuery")) && isPlainQuery(textAt(one, "metricsQuery")) && isExpression(rule.series) && isExpression(rule.matches))
            rules.push_back(std::move(rule));
    }
    return rules;
}

} // namespace sim::kube
