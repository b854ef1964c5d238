#include "core/endpoint/access_review.h"

#include "core/endpoint/api_answer.h"
#include "sim/kube/api/authorizer.h"

namespace core::endpoint {

namespace {

using nlohmann::json;

std::string textOf(const json& object, const char* field)
{
    const auto it = object.find(field);
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

json objectOf(const json& object, const char* field)
{
    const auto it = object.is_object() ? object.find(field) : object.end();
    return it != object.end() && it->is_object() ? *it : json::object();
}

json statusOf(const sim::kube::Store& store, const Identity& who, const json& spec)
{
    sim::kube::Attributes asked;
    asked.user = who.user;
    asked.groups = who.groups;
    const json resource = objectOf(spec, "resourceAttributes");
    const json path = objectOf(spec, "nonResourceAttributes");
    asked.verb = textOf(resource, "verb") + textOf(path, "verb");
    asked.group = textOf(resource, "group");
    asked.resource = textOf(resource, "resource");
    asked.subresource = textOf(resource, "subresource");
    asked.namespace_ = textOf(resource, "namespace");
    asked.name = textOf(resource, "name");
    asked.path = textOf(path, "path");
    const sim::kube::Decision decision = sim::kube::authorize(store, asked);
    json status{{"allowed", decision.allowed}};
    if (!decision.reason.empty())
        status["reason"] = decision.reason;
    return status;
}

json rulesStatus(const sim::kube::Store& store, const Identity& who, const std::string& space)
{
    json resources = json::array();
    json paths = json::array();
    for (const sim::kube::PolicyRule& rule : sim::kube::rulesOf(store, who.user, who.groups, space)) {
        if (!rule.nonResourceURLs.empty())
            paths.push_back({{"verbs", rule.verbs}, {"nonResourceURLs", rule.nonResourceURLs}});
        if (rule.resources.empty())
            continue;
        json one{{"verbs", rule.verbs}, {"apiGroups", rule.apiGroups}, {"resources", rule.resources}};
        if (!rule.resourceNames.empty())
            one["resourceNames"] = rule.resourceNames;
        resources.push_back(std::move(one));
    }
    return {{"resourceRules", std::move(resources)}, {"nonResourceRules", std::move(paths)}, {"incomplete", false}};
}

} // namespace

bool isReview(const ResourcePath& path)
{
    return (path.group == "authorization.k8s.io" || path.group == "authentication.k8s.io") && path.version == "v1";
}

HttpAnswer answerReview(const sim::World& world, const HttpRequest& http, const ResourcePath& path)
{
    const sim::kube::Store& store = world.cluster().store();
    auto parsed = parseApiRequest(http, path);
    if (auto* problem = std::get_if<HttpAnswer>(&parsed))
        return std::move(*problem);
    const ApiRequest& asked = std::get<ApiRequest>(parsed);
    if (asked.request.verb != sim::kube::Verb::Create)
        return statusAnswer(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    if (const auto refused = sim::kube::ApiServer::forbidden(store, asked.request))
        return encodeResponse(*refused, asked.format);
    json body = asked.request.body.is_object() ? asked.request.body : json::object();
    const json spec = objectOf(body, "spec");
    body["apiVersion"] = path.group + "/v1";
    if (path.resource == "selfsubjectreviews") {
        body["kind"] = "SelfSubjectReview";
        body["status"] = {{"userInfo", {{"username", http.identity.user}, {"groups", http.identity.groups}}}};
    } else if (path.resource == "selfsubjectrulesreviews") {
        body["kind"] = "SelfSubjectRulesReview";
        body["status"] = rulesStatus(store, http.identity, textOf(spec, "namespace"));
    } else if (path.resource == "selfsubjectaccessreviews") {
        body["kind"] = "SelfSubjectAccessReview";
        body["status"] = statusOf(store, http.identity, spec);
    } else {
        Identity other{textOf(spec, "user"), {}};
        if (const auto it = spec.find("groups"); it != spec.end() && it->is_array())
            for (const json& group : *it)
                if (group.is_string())
                    other.groups.push_back(group.get<std::string>());
        body["kind"] = path.namespace_.empty() ? "SubjectAccessReview" : "LocalSubjectAccessReview";
        body["status"] = statusOf(store, other, spec);
    }
    return encodeValue(201, body, asked.format);
}

} // namespace core::endpoint
