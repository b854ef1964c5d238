#include "sim/kube/api/reviews.h"

#include "sim/kube/api/authorizer.h"
#include "sim/kube/api/status.h"
#include "sim/kube/api/time_text.h"
#include "sim/kube/api/tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

// pkg/registry/{authorization,authentication}, pkg/registry/core/serviceaccount/storage/token.go.
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 6> kReviews{"selfsubjectaccessreviews.authorization.k8s.io", "subjectaccessreviews.authorization.k8s.io",
    "localsubjectaccessreviews.authorization.k8s.io", "selfsubjectrulesreviews.authorization.k8s.io",
    "selfsubjectreviews.authentication.k8s.io", "tokenreviews.authentication.k8s.io"};
constexpr std::int64_t kShortestToken = 600; // seconds, the API server's minimum

const json& part(const json& value, const char* key)
{
    static const json kNothing = json::object();
    return value.is_object() && value.contains(key) && value.at(key).is_object() ? value.at(key) : kNothing;
}

std::string text(const json& value, const char* key)
{
    return value.is_object() && value.contains(key) && value.at(key).is_string() ? value.at(key).get<std::string>() : std::string();
}

std::vector<std::string> texts(const json& value, const char* key)
{
    std::vector<std::string> list;
    if (value.is_object() && value.contains(key) && value.at(key).is_array())
        for (const json& one : value.at(key))
            if (one.is_string())
                list.push_back(one);
    return list;
}

Response created(json body, const char* kind, const char* group)
{
    Response response;
    response.code = 201;
    response.body = std::move(body);
    response.body["kind"] = kind;
    response.body["apiVersion"] = std::string(group) + "/v1";
    if (!response.body.contains("metadata"))
        response.body["metadata"] = {{"creationTimestamp", nullptr}};
    return response;
}

Attributes attributesOf(const json& spec, std::string user, std::vector<std::string> groups)
{
    Attributes asked;
    asked.user = std::move(user);
    asked.groups = std::move(groups);
    const json& resource = part(spec, "resourceAttributes");
    const json& path = part(spec, "nonResourceAttributes");
    if (!resource.empty()) {
        asked.verb = text(resource, "verb");
        asked.group = text(resource, "group");
        asked.resource = text(resource, "resource");
        asked.subresource = text(resource, "subresource");
        asked.namespace_ = text(resource, "namespace");
        asked.name = text(resource, "name");
        if (asked.resource.empty())
            asked.resource = "*";
    } else {
        asked.verb = text(path, "verb");
        asked.path = text(path, "path");
    }
    return asked;
}

json decisionJson(const Decision& decision)
{
    json status{{"allowed", decision.allowed}};
    if (!decision.reason.empty())
        status["reason"] = decision.reason;
    return status;
}

Response accessReview(const Store& store, const Request& request, const char* kind, bool self)
{
    const json& spec = part(request.body, "spec");
    FieldErrors errors;
    if (spec.contains("resourceAttributes") == spec.contains("nonResourceAttributes"))
        errors.invalid("spec.resourceAttributes", "", "exactly one of nonResourceAttributes or resourceAttributes must be specified");
    if (!self && text(spec, "user").empty() && texts(spec, "groups").empty())
        errors.invalid("spec.user", "", "at least one of user or group must be specified");
    if (!errors.empty())
        return invalid(kind, "authorization.k8s.io", "", errors);
    const Attributes asked = self ? attributesOf(spec, request.user, request.groups) : attributesOf(spec, text(spec, "user"), texts(spec, "groups"));
    json body = request.body;
    body["status"] = decisionJson(authorize(store, asked));
    return created(std::move(body), kind, "authorization.k8s.io");
}

Response rulesReview(const Store& store, const Request& request)
{
    json resources = json::array();
    json urls = json::array();
    for (const PolicyRule& rule : rulesOf(store, request.user, request.groups, text(part(request.body, "spec"), "namespace"))) {
        if (!rule.nonResourceURLs.empty())
            urls.push_back({{"verbs", rule.verbs}, {"nonResourceURLs", rule.nonResourceURLs}});
        if (rule.resources.empty())
            continue;
        json one{{"verbs", rule.verbs}, {"apiGroups", rule.apiGroups}, {"resources", rule.resources}};
        if (!rule.resourceNames.empty())
            one["resourceNames"] = rule.resourceNames;
        resources.push_back(std::move(one));
    }
    json body = request.body.is_object() ? request.body : json::object();
    body["spec"] = json::object();
    body["status"] = {{"resourceRules", std::move(resources)}, {"nonResourceRules", std::move(urls)}, {"incomplete", false}};
    return created(std::move(body), "SelfSubjectRulesReview", "authorization.k8s.io");
}

json userJson(const std::string& user, const std::string& uid, const std::vector<std::string>& groups)
{
    json info{{"username", user}};
    if (!uid.empty())
        info["uid"] = uid;
    if (!groups.empty())
        info["groups"] = groups;
    return info;
}

Response tokenReview(const Store& store, const Request& request, Instant now)
{
    json body = request.body.is_object() ? request.body : json::object();
    const std::string token = text(part(request.body, "spec"), "token");
    if (token.empty()) {
        FieldErrors errors;
        errors.required("spec.token");
        return invalid("TokenReview", "authentication.k8s.io", "", errors);
    }
    if (const auto identity = readToken(store, token, now))
        body["status"] = {{"authenticated", true}, {"user", userJson(identity->user, identity->uid, identity->groups)},
                          {"audiences", identity->audiences}};
    else
        body["status"] = {{"user", json::object()}, {"error", "[invalid bearer token, token lookup failed]"}};
    return created(std::move(body), "TokenReview", "authentication.k8s.io");
}

/// Finds the object that the token is to be bound to and fills in its uid; the refusal when it cannot be
/// (registry/core/serviceaccount/storage/token.go).
std::optional<Response> resolveBinding(const Store& store, const Request& request, TokenBinding& binding)
{
    if (binding.kind.empty())
        return std::nullopt;
    std::string uid;
    if (binding.kind == "Pod") {
        const auto pod = store.get<Pod>({request.namespace_, binding.name});
        if (!pod)
            return notFound(kindInfo(kindIdOf<Pod>), binding.name);
        if (pod->spec.serviceAccountName != request.name)
            return badRequest(fmt::format("cannot bind token for serviceaccount \"{}\" to pod running with different serviceaccount name.", request.name));
        uid = pod->metadata.uid;
    } else if (binding.kind == "Secret") {
        const auto secret = store.get<Secret>({request.namespace_, binding.name});
        if (!secret)
            return notFound(kindInfo(kindIdOf<Secret>), binding.name);
        uid = secret->metadata.uid;
    } else if (binding.kind == "Node") {
        const auto node = store.get<Node>({"", binding.name});
        if (!node)
            return notFound(kindInfo(kindIdOf<Node>), binding.name);
        uid = node->metadata.uid;
    } else {
        return badRequest(fmt::format("cannot bind token to object of type /v1, Kind={}", binding.kind));
    }
    if (!binding.uid.empty() && binding.uid != uid)
        return failure(409, "Conflict", fmt::format("Operation cannot be fulfilled on {} \"{}\": the UID in the bound object reference ({}) does not match "
                                                    "the UID in record. The object might have been deleted and then recreated", binding.kind, binding.name,
                                                    binding.uid));
    binding.uid = uid;
    return std::nullopt;
}

Response tokenRequest(const Store& store, const Request& request, Instant now)
{
    const KindInfo& info = kindInfo(kindIdOf<ServiceAccount>);
    const auto account = store.get<ServiceAccount>({request.namespace_, request.name});
    if (!account)
        return notFound(info, request.name);
    const json& spec = part(request.body, "spec");
    std::int64_t seconds = 3600;
    if (spec.contains("expirationSeconds") && spec.at("expirationSeconds").is_number_integer())
        seconds = spec.at("expirationSeconds");
    if (seconds < kShortestToken) {
        FieldErrors errors;
        errors.invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
        return invalid("TokenRequest", "authentication.k8s.io", "", errors);
    }
    const json& bound = part(spec, "boundObjectRef");
    std::vector<std::string> audiences = texts(spec, "audiences");
    TokenBinding binding{text(bound, "kind"), text(bound, "name"), text(bound, "uid")};
    if (auto refused = resolveBinding(store, request, binding))
        return *refused;
    const Duration lifetime = std::chrono::seconds(seconds);
    json body{{"metadata", {{"name", request.name}, {"namespace", request.namespace_}, {"creationTimestamp", rfc3339(now)}}},
              {"spec", {{"audiences", audiences.empty() ? std::vector<std::string>{"https://kubernetes.default.svc.cluster.local"} : audiences},
                        {"expirationSeconds", seconds}, {"boundObjectRef", bound.empty() ? json() : bound}}},
              {"status", {{"token", issueToken(*account, audiences, now, lifetime, binding)},
                          {"expirationTimestamp", rfc3339(now + lifetime)}}}};
    return created(std::move(body), "TokenRequest", "authentication.k8s.io");
}

} // namespace

bool isReview(std::string_view resource)
{
    return std::find(kReviews.begin(), kReviews.end(), resource) != kReviews.end();
}

std::optional<Response> answerReview(const Store& store, const Request& request, Instant now)
{
    if (request.subresource == "token" && (request.resource == "serviceaccounts" || request.resource == "serviceaccount"))
        return request.verb == Verb::Create ? tokenRequest(store, request, now) : methodNotAllowed();
    if (!isReview(request.resource))
        return std::nullopt;
    if (request.verb != Verb::Create)
        return methodNotAllowed();
    if (request.resource == "selfsubjectaccessreviews.authorization.k8s.io")
        return accessReview(store, request, "SelfSubjectAccessReview", true);
    if (request.resource == "subjectaccessreviews.authorization.k8s.io")
        return accessReview(store, request, "SubjectAccessReview", false);
    if (request.resource == "localsubjectaccessreviews.authorization.k8s.io")
        return accessReview(store, request, "LocalSubjectAccessReview", false);
    if (request.resource == "selfsubjectrulesreviews.authorization.k8s.io")
        return rulesReview(store, request);
    if (request.resource == "tokenreviews.authentication.k8s.io")
        return tokenReview(store, request, now);
    json body{{"status", {{"userInfo", userJson(request.user, request.userUid, request.groups)}}}};
    return created(std::move(body), "SelfSubjectReview", "authentication.k8s.io");
}

} // namespace sim::kube
