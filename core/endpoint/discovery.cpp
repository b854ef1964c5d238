#include "core/endpoint/discovery.h"

#include "core/endpoint/media_type.h"
#include "core/endpoint/other_kinds.h"
#include "core/endpoint/route.h"
#include "sim/kube/api/api_server.h"
#include "sim/kube/controllers/api_service.h"
#include "sim/kube/metrics/prometheus_adapter.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace core::endpoint {

namespace {

using nlohmann::json;

const std::vector<std::string> kAllVerbs{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
const std::vector<std::string> kObjectVerbs{"get", "patch", "update"};

bool oneOf(std::initializer_list<std::string_view> list, std::string_view value)
{
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool hasField(sim::kube::KindId kind, std::string_view name)
{
    const auto fields = sim::kube::fieldsOf(kind);
    return std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.name == name; });
}

std::vector<ServedResource::Subresource> subresourcesOf(const sim::kube::KindInfo& info)
{
    std::vector<ServedResource::Subresource> list;
    if (info.plural == "pods" && info.group.empty()) {
        list.push_back({"attach", "", "", "PodAttachOptions", {"create", "get"}});
        list.push_back({"binding", "", "", "Binding", {"create"}});
        list.push_back({"ephemeralcontainers", "", "", "Pod", kObjectVerbs});
        list.push_back({"eviction", "policy", "v1", "Eviction", {"create"}});
        list.push_back({"exec", "", "", "PodExecOptions", {"create", "get"}});
        list.push_back({"log", "", "", "Pod", {"get"}});
        list.push_back({"portforward", "", "", "PodPortForwardOptions", {"create", "get"}});
    }
    if (info.plural == "serviceaccounts")
        list.push_back({"token", "authentication.k8s.io", "v1", "TokenRequest", {"create"}});
    if (info.plural == "namespaces")
        list.push_back({"finalize", "", "", "Namespace", {"update"}});
    if (oneOf({"deployments", "replicasets", "statefulsets", "replicationcontrollers"}, info.plural))
        list.push_back({"scale", "autoscaling", "v1", "Scale", kObjectVerbs});
    if (hasField(info.id, "status"))
        list.push_back({"status", "", "", std::string(info.kind), kObjectVerbs});
    return list;
}

void addBuiltIn(std::vector<ServedResource>& resources)
{
    for (std::size_t i = 0; i < sim::kube::kKindCount; ++i) {
        const sim::kube::KindInfo& info = sim::kube::kindInfo(static_cast<sim::kube::KindId>(i));
        if (info.plural.empty()) // the table of custom objects
            continue;
        ServedResource one;
        one.group = info.group;
        one.version = info.version;
        one.kind = info.kind;
        one.plural = info.plural;
        one.singular = info.singular;
        one.shortNames.assign(info.shortNames.begin(), info.shortNames.end());
        one.categories.assign(info.categories.begin(), info.categories.end());
        one.namespaced = info.namespaced;
        one.verbs = kAllVerbs;
        if (info.id == sim::kube::kindIdOf<sim::kube::ComponentStatus>)
            one.verbs = {"get", "list"};
        if (info.plural == "namespaces") // as the real one: namespaces are not deleted in bulk
            one.verbs.erase(std::find(one.verbs.begin(), one.verbs.end(), "deletecollection"));
        one.subresources = subresourcesOf(info);
        resources.push_back(std::move(one));
    }
}

/// Questions about rights: answered and not kept.
void addReviews(std::vector<ServedResource>& resources)
{
    struct Review {
        const char* group;
        const char* kind;
        const char* plural;
        bool namespaced;
    };
    constexpr Review kReviews[] = {{"authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", false},
                                   {"authorization.k8s.io", "LocalSubjectAccessReview", "localsubjectaccessreviews", true},
                                   {"authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false},
                                   {"authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews", false},
                                   {"authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews", false}};
    for (const Review& review : kReviews) {
        ServedResource one;
        one.group = review.group;
        one.version = "v1";
        one.kind = review.kind;
        one.plural = review.plural;
        one.singular = one.plural.substr(0, one.plural.size() - 1);
        one.namespaced = review.namespaced;
        one.verbs = {"create"};
        resources.push_back(std::move(one));
    }
}

void addCustom(std::vector<ServedResource>& resources, const sim::kube::Store& store)
{
    for (const auto& [key, definition] : store.all<sim::kube::CustomResourceDefinition>()) {
        const sim::kube::CrdSpec& spec = definition->spec;
        if (!sim::kube::findResource(store, spec.names.plural.value + "." + spec.group.value))
            continue; // not established
        for (const sim::kube::CrdVersion& version : spec.versions) {
            if (!version.served)
                continue;
            ServedResource one;
            one.group = spec.group;
            one.version = version.name;
            one.kind = spec.names.kind;
            one.plural = spec.names.plural;
            one.singular = spec.names.singular;
            one.shortNames = spec.names.shortNames;
            one.categories = spec.names.categories;
            one.namespaced = spec.scope.value == "Namespaced";
            one.verbs = kAllVerbs;
            if (version.subresources && version.subresources->scale)
                one.subresources.push_back({"scale", "autoscaling", "v1", "Scale", kObjectVerbs});
            if (version.subresources && version.subresources->status)
                one.subresources.push_back({"status", "", "", one.kind, kObjectVerbs});
            resources.push_back(std::move(one));
        }
    }
}

/// What a metrics-server behind the API server serves.
void addMetrics(std::vector<ServedResource>& resources, const sim::kube::Store& store)
{
    if (!sim::kube::aggregated(store, "v1beta1.metrics.k8s.io"))
        return;
    for (const auto& [kind, plural, singular, namespaced] :
         {std::tuple("NodeMetrics", "nodes", "nodemetrics", false), std::tuple("PodMetrics", "pods", "podmetrics", true)}) {
        ServedResource one;
        one.group = "metrics.k8s.io";
        one.version = "v1beta1";
        one.kind = kind;
        one.plural = plural;
        one.singular = singular;
        one.namespaced = namespaced;
        one.verbs = {"get", "list"};
        resources.push_back(std::move(one));
    }
}

/// What a prometheus-adapter behind the API server serves: "pods/METRIC" for each.
void addCustomMetrics(std::vector<ServedResource>& resources, const sim::kube::Store& store)
{
    if (!sim::kube::customMetricsServed(store))
        return;
    ServedResource pods;
    pods.group = sim::kube::kCustomMetricsGroup;
    pods.version = sim::kube::kCustomMetricsVersion;
    pods.kind = "MetricValueList";
    pods.plural = "pods";
    pods.namespaced = true;
    for (const sim::kube::AdapterRule& rule : sim::kube::adapterRules(store))
        if (const auto metric = rule.metricOf(rule.plainSeries))
            pods.subresources.push_back({*metric, "", "", "MetricValueList", {"get"}});
    resources.push_back(std::move(pods));
}

using Resources = std::vector<ServedResource>;

struct GroupVersion {
    std::string group;
    std::string version;
    std::string text() const { return group.empty() ? version : group + "/" + version; }
    bool operator==(const GroupVersion&) const = default;
};

/// Where a group stands among the others: by the priorities of their APIServices
/// (controlplane/apiserver/aggregator.go); custom ones come last.
std::size_t rankOf(const std::string& group)
{
    constexpr std::array<std::string_view, 20> kOrder{
        "", "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch",
        "certificates.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io",
        "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io", "discovery.k8s.io", "flowcontrol.apiserver.k8s.io"};
    return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), group) - kOrder.begin());
}

/// Newest version of each group first, since that is the preferred one.
std::vector<GroupVersion> groupVersions(const Resources& resources)
{
    std::vector<GroupVersion> list;
    for (const ServedResource& one : resources) {
        const GroupVersion own{one.group, one.version};
        if (std::find(list.begin(), list.end(), own) == list.end())
            list.push_back(own);
    }
    std::stable_sort(list.begin(), list.end(), [](const GroupVersion& a, const GroupVersion& b) {
        if (a.group != b.group)
            return std::pair(rankOf(a.group), a.group) < std::pair(rankOf(b.group), b.group);
        const bool stableA = a.version.find("alpha") == std::string::npos && a.version.find("beta") == std::string::npos;
        const bool stableB = b.version.find("alpha") == std::string::npos && b.version.find("beta") == std::string::npos;
        return stableA != stableB ? stableA : a.version > b.version;
    });
    return list;
}

json groupJson(const Resources& resources, const std::string& group)
{
    json versions = json::array();
    for (const GroupVersion& one : groupVersions(resources))
        if (one.group == group)
            versions.push_back({{"groupVersion", one.text()}, {"version", one.version}});
    if (versions.empty())
        return nullptr;
    const json preferred = versions.front();
    return {{"name", group}, {"versions", std::move(versions)}, {"preferredVersion", preferred}};
}

json resourceListJson(const Resources& all, const GroupVersion& wanted)
{
    json list = json::array();
    for (const ServedResource& one : all) {
        if (one.group != wanted.group || one.version != wanted.version)
            continue;
        json entry{{"name", one.plural}, {"singularName", one.singular}, {"namespaced", one.namespaced}, {"kind", one.kind}, {"verbs", one.verbs}};
        if (!one.shortNames.empty())
            entry["shortNames"] = one.shortNames;
        if (!one.categories.empty())
            entry["categories"] = one.categories;
        if (!one.verbs.empty())
            list.push_back(std::move(entry));
        for (const auto& sub : one.subresources) {
            json below{{"name", one.plural + "/" + sub.name}, {"singularName", ""}, {"namespaced", one.namespaced}, {"kind", sub.kind},
                       {"verbs", sub.verbs}};
            if (!sub.version.empty()) {
                below["group"] = sub.group;
                below["version"] = sub.version;
            }
            list.push_back(std::move(below));
        }
    }
    return list.empty() ? json() : json{{"kind", "APIResourceList"}, {"apiVersion", "v1"}, {"groupVersion", wanted.text()}, {"resources", std::move(list)}};
}

json aggregatedResource(const ServedResource& one)
{
    json entry{{"resource", one.plural}, {"responseKind", {{"group", one.group}, {"version", one.version}, {"kind", one.kind}}},
               {"scope", one.namespaced ? "Namespaced" : "Cluster"}, {"singularResource", one.singular}, {"verbs", one.verbs}};
    if (!one.shortNames.empty())
        entry["shortNames"] = one.shortNames;
    if (!one.categories.empty())
        entry["categories"] = one.categories;
    for (const auto& sub : one.subresources)
        entry["subresources"].push_back({{"subresource", sub.name},
                                         {"responseKind", {{"group", sub.version.empty() ? one.group : sub.group},
                                                           {"version", sub.version.empty() ? one.version : sub.version}, {"kind", sub.kind}}},
                                         {"verbs", sub.verbs}});
    return entry;
}

/// /api lists the core group, /apis the others.
json aggregatedJson(const Resources& all, bool core, const std::string& formatVersion)
{
    json items = json::array();
    for (const GroupVersion& gv : groupVersions(all)) {
        if (gv.group.empty() != core)
            continue;
        json resources = json::array();
        for (const ServedResource& one : all)
            if (one.group == gv.group && one.version == gv.version)
                resources.push_back(aggregatedResource(one));
        json version{{"version", gv.version}, {"resources", std::move(resources)}, {"freshness", "Current"}};
        if (!items.empty() && items.back()["metadata"].value("name", "") == gv.group)
            items.back()["versions"].push_back(std::move(version));
        else
            items.push_back({{"metadata", gv.group.empty() ? json::object() : json{{"name", gv.group}}}, {"versions", json::array({std::move(version)})}});
    }
    return {{"kind", "APIGroupDiscoveryList"}, {"apiVersion", "apidiscovery.k8s.io/" + formatVersion}, {"metadata", json::object()}, {"items", std::move(items)}};
}

HttpAnswer jsonAnswer(const json& value)
{
    HttpAnswer answer;
    answer.body = value.dump() + "\n";
    return answer;
}

/// "v2" or "v2beta1" when the client would rather have the aggregated form.
std::string aggregatedVersion(const std::string& accept)
{
    for (const MediaType& type : parseMediaTypes(accept)) {
        if (type.name == "application/json" && type.parameter("as").empty())
            return {};
        const std::string version = type.parameter("v");
        if (type.name == "application/json" && type.parameter("g") == "apidiscovery.k8s.io" && type.parameter("as") == "APIGroupDiscoveryList"
            && (version == "v2" || version == "v2beta1"))
            return version;
    }
    return {};
}

} // namespace

std::vector<ServedResource> servedResources(const sim::kube::Store& store)
{
    static const Resources kFixed = [] {
        Resources resources;
        addBuiltIn(resources);
        addReviews(resources);
        for (ServedResource& one : otherKinds())
            resources.push_back(std::move(one));
        return resources;
    }();
    Resources resources = kFixed;
    addCustom(resources, store);
    addMetrics(resources, store);
    addCustomMetrics(resources, store);
    std::stable_sort(resources.begin(), resources.end(), [](const ServedResource& a, const ServedResource& b) {
        return std::tie(a.group, a.version, a.plural) < std::tie(b.group, b.version, b.plural);
    });
    return resources;
}

std::optional<HttpAnswer> answerDiscovery(const HttpRequest& request, const sim::kube::Store& store, const std::string& serverAddress)
{
    const std::vector<std::string> parts = pathParts(request.path);
    const bool core = !parts.empty() && parts[0] == "api";
    if (parts.empty() || (!core && parts[0] != "apis") || parts.size() > (core ? 2u : 3u))
        return std::nullopt;
    if (request.method != "GET" && request.method != "HEAD")
        return statusAnswer(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    const Resources resources = servedResources(store);
    if (parts.size() == 1) {
        if (const std::string version = aggregatedVersion(request.header("accept")); !version.empty()) {
            HttpAnswer answer = jsonAnswer(aggregatedJson(resources, core, version));
            answer.contentType = "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList";
            answer.headers.emplace_back("Vary", "Accept");
            return answer;
        }
        if (core)
            return jsonAnswer({{"kind", "APIVersions"}, {"versions", {"v1"}},
                               {"serverAddressByClientCIDRs", json::array({{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", serverAddress}}})}});
        json groups = json::array();
        for (const GroupVersion& one : groupVersions(resources)) {
            const bool known = std::any_of(groups.begin(), groups.end(), [&](const json& g) { return g["name"] == one.group; });
            if (!one.group.empty() && !known)
                groups.push_back(groupJson(resources, one.group));
        }
        return jsonAnswer({{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}});
    }
    if (!core && parts.size() == 2) {
        json group = groupJson(resources, parts[1]);
        if (group.is_null())
            return pageNotFound();
        group["kind"] = "APIGroup";
        group["apiVersion"] = "v1";
        return jsonAnswer(group);
    }
    const json list = resourceListJson(resources, core ? GroupVersion{"", parts[1]} : GroupVersion{parts[1], parts[2]});
    return list.is_null() ? pageNotFound() : jsonAnswer(list);
}

} // namespace core::endpoint
