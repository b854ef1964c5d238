#include "core/endpoint/other_kinds.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::endpoint {

namespace {

using nlohmann::json;
using sim::kube::Response;
using sim::kube::Verb;

struct OtherKind {
    const char* group;
    const char* version;
    const char* kind;
    const char* plural;
    const char* shortName; ///< "" without one
    bool namespaced;
    const char* verbs;     ///< of all, or "create", "get,list"
    const char* category;
    const char* kept;      ///< the resource whose objects it shows; "" none
};

constexpr const char* kEvery = "";
constexpr OtherKind kOtherKinds[] = {
    {"", "v1", "Binding", "bindings", "", true, "create", "", ""},
    {"", "v1", "PodTemplate", "podtemplates", "", true, kEvery, "", ""},
    {"", "v1", "ReplicationController", "replicationcontrollers", "rc", true, kEvery, "all", ""},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", "", false, kEvery, "api-extensions", ""},
    {"admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", "", false, kEvery, "api-extensions", ""},
    {"authentication.k8s.io", "v1", "TokenReview", "tokenreviews", "", false, "create", "", ""},
    {"autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", true, kEvery, "all", "horizontalpodautoscalers.autoscaling"},
    {"certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", "csr", false, kEvery, "", ""},
    {"events.k8s.io", "v1", "Event", "events", "ev", true, kEvery, "", "events"},
    {"networking.k8s.io", "v1", "IPAddress", "ipaddresses", "ip", false, kEvery, "", ""},
    {"networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", "", false, kEvery, "", ""},
    {"storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", "", true, kEvery, "", ""},
};

const OtherKind* kindAt(const ResourcePath& path)
{
    const auto found = std::find_if(std::begin(kOtherKinds), std::end(kOtherKinds), [&](const OtherKind& one) {
        return path.group == one.group && path.version == one.version && path.resource == one.plural;
    });
    return found == std::end(kOtherKinds) ? nullptr : found;
}

void rename(json& object, const char* from, const char* to)
{
    if (const auto found = object.find(from); found != object.end()) {
        json value = std::move(*found);
        object.erase(from);
        object[to] = std::move(value);
    }
}

/// pkg/apis/events/v1/conversion.go: names in core/v1 and in events.k8s.io/v1.
constexpr std::pair<const char*, const char*> kEventFields[] = {
    {"involvedObject", "regarding"}, {"message", "note"}, {"reportingComponent", "reportingController"},
    {"count", "deprecatedCount"}, {"firstTimestamp", "deprecatedFirstTimestamp"}, {"lastTimestamp", "deprecatedLastTimestamp"},
    {"source", "deprecatedSource"}};

json asNewEvent(json event)
{
    for (const auto& [kept, shown] : kEventFields)
        rename(event, kept, shown);
    return event;
}

json asKeptEvent(json event)
{
    for (const auto& [kept, shown] : kEventFields)
        rename(event, shown, kept);
    return event;
}

/// Of whole objects and of merge patches.
json asKeptAutoscaler(json scaler)
{
    const auto spec = scaler.find("spec");
    if (spec == scaler.end() || !spec->is_object())
        return scaler;
    if (const auto percent = spec->find("targetCPUUtilizationPercentage"); percent != spec->end()) {
        if (percent->is_number())
            (*spec)["metrics"] = json::array({{{"type", "Resource"}, {"resource", {{"name", "cpu"},
                                               {"target", {{"type", "Utilization"}, {"averageUtilization", *percent}}}}}}});
        spec->erase("targetCPUUtilizationPercentage");
    }
    return scaler;
}

/// pkg/apis/autoscaling/v1/conversion.go: what v1 has no field for goes into annotations.
json asOldAutoscaler(json scaler)
{
    json& spec = scaler["spec"];
    json others = json::array();
    for (const json& metric : spec.value("metrics", json::array())) {
        const json resource = metric.value("resource", json::object());
        const json target = resource.value("target", json::object());
        if (resource.value("name", "") == "cpu" && target.contains("averageUtilization"))
            spec["targetCPUUtilizationPercentage"] = target.at("averageUtilization");
        else
            others.push_back(metric);
    }
    spec.erase("metrics");
    json& status = scaler["status"];
    for (const json& metric : status.is_object() ? status.value("currentMetrics", json::array()) : json::array()) {
        const json current = metric.value("resource", json::object()).value("current", json::object());
        if (current.contains("averageUtilization"))
            status["currentCPUUtilizationPercentage"] = current.at("averageUtilization");
    }
    json& annotations = scaler["metadata"]["annotations"];
    if (annotations.is_null())
        annotations = json::object();
    if (!others.empty())
        annotations["autoscaling.alpha.kubernetes.io/metrics"] = others.dump();
    if (status.is_object()) {
        if (status.contains("conditions"))
            annotations["autoscaling.alpha.kubernetes.io/conditions"] = status.at("conditions").dump();
        status.erase("conditions");
        status.erase("currentMetrics");
    }
    if (spec.contains("behavior")) {
        annotations["autoscaling.alpha.kubernetes.io/behavior"] = spec.at("behavior").dump();
        spec.erase("behavior");
    }
    if (annotations.empty())
        scaler["metadata"].erase("annotations");
    return scaler;
}

json converted(const OtherKind& kind, json object)
{
    object = std::string_view(kind.kind) == "Event" ? asNewEvent(std::move(object)) : asOldAutoscaler(std::move(object));
    if (object.contains("kind")) {
        object["apiVersion"] = std::string(kind.group) + "/" + kind.version;
        object["kind"] = kind.kind;
    }
    return object;
}

json kept(const OtherKind& kind, json object)
{
    const bool event = std::string_view(kind.kind) == "Event";
    object = event ? asKeptEvent(std::move(object)) : asKeptAutoscaler(std::move(object));
    if (object.contains("apiVersion"))
        object["apiVersion"] = event ? "v1" : "autoscaling/v2";
    return object;
}

std::string apiVersionOf(const OtherKind& kind)
{
    return *kind.group == '\0' ? kind.version : std::string(kind.group) + "/" + kind.version;
}

Response shown(const OtherKind& kind, Response response)
{
    if (!response.ok() || !response.body.is_object() || response.body.value("kind", "") == "Status")
        return response;
    if (!response.body.contains("items")) {
        response.body = converted(kind, std::move(response.body));
        return response;
    }
    response.body["apiVersion"] = apiVersionOf(kind);
    response.body["kind"] = std::string(kind.kind) + "List";
    for (json& item : response.body["items"])
        item = converted(kind, std::move(item));
    return response;
}

Response emptyList(const sim::World& world, const OtherKind& kind)
{
    Response response;
    response.body = {{"kind", std::string(kind.kind) + "List"}, {"apiVersion", apiVersionOf(kind)},
                     {"metadata", {{"resourceVersion", std::to_string(world.cluster().store().resourceVersion())}}}, {"items", json::array()}};
    return response;
}

} // namespace

std::vector<ServedResource> otherKinds()
{
    std::vector<ServedResource> resources;
    for (const OtherKind& kind : kOtherKinds) {
        ServedResource one;
        one.group = kind.group;
        one.version = kind.version;
        one.kind = kind.kind;
        one.plural = kind.plural;
        one.singular = kind.kind;
        one.singular = sim::lowered(one.singular);
        if (*kind.shortName != '\0')
            one.shortNames = {kind.shortName};
        if (*kind.category != '\0')
            one.categories = {kind.category};
        one.namespaced = kind.namespaced;
        const std::string verbs = kind.verbs;
        one.verbs = verbs == "create" ? std::vector<std::string>{"create"}
            : verbs == "get,list"     ? std::vector<std::string>{"get", "list"}
                                      : std::vector<std::string>{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
        resources.push_back(std::move(one));
    }
    return resources;
}

bool isOtherKind(const ResourcePath& path) { return kindAt(path) != nullptr; }

std::optional<sim::kube::Request> keptWrite(const ApiRequest& asked)
{
    const OtherKind& kind = *kindAt(asked.path);
    const bool reads = asked.request.verb == Verb::Get || asked.request.verb == Verb::List;
    if (reads || *kind.kept == '\0')
        return std::nullopt;
    sim::kube::Request request = asked.request;
    request.resource = kind.kept;
    if (request.body.is_object())
        request.body = kept(kind, std::move(request.body));
    return request;
}

Response shownAs(const ResourcePath& path, Response response) { return shown(*kindAt(path), std::move(response)); }

HttpAnswer answerOtherKind(const sim::World& world, const ApiRequest& asked)
{
    const OtherKind& kind = *kindAt(asked.path);
    const bool reads = asked.request.verb == Verb::Get || asked.request.verb == Verb::List;
    if (!reads || asked.watch)
        return statusAnswer(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    if (*kind.kept != '\0') {
        ApiRequest kept = asked;
        kept.request.resource = kind.kept;
        if (asked.format.shape == ObjectFormat::Shape::Table)
            return answerRead(world, kept);
        return encodeResponse(shown(kind, world.apiRead(kept.request)), asked.format);
    }
    if (auto refused = sim::kube::ApiServer::forbidden(world.cluster().store(), asked.request))
        return encodeResponse(*refused, asked.format);
    if (!asked.request.name.empty())
        return statusAnswer(404, "NotFound", fmt::format("{} \"{}\" not found", asked.path.groupResource(), asked.request.name));
    if (asked.format.shape == ObjectFormat::Shape::Table) {
        sim::kube::Table table;
        table.columns = {{"NAME", false}, {"AGE", false}};
        return encodeValue(200, tableJson(table, sim::kube::KindId{}, asked, std::to_string(world.cluster().store().resourceVersion())), asked.format);
    }
    return encodeResponse(emptyList(world, kind), asked.format);
}

} // namespace core::endpoint
