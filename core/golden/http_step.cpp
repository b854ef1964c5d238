#include "core/golden/http_step.h"

#include "core/endpoint/api_answer.h"
#include "core/endpoint/discovery.h"
#include "core/endpoint/other_kinds.h"
#include "sim/kube/api/server_version.h"

namespace core::golden {

namespace {

using namespace endpoint;
using nlohmann::json;

constexpr const char* kServerAddress = "192.0.2.2:6444";

/// The recordings' tokens are called after their owners; any other is nobody's.
std::string ownerOf(const std::string& token)
{
    for (const char* user : {"admin", "alice", "bob"})
        if (token == std::string(user) + "-token")
            return user;
    return {};
}

HttpAnswer answerResource(ControlPlaneLab& lab, const HttpRequest& http)
{
    const auto path = parseResourcePath(http.path);
    if (!path)
        return pageNotFound();
    auto parsed = parseApiRequest(http, *path);
    if (auto* problem = std::get_if<HttpAnswer>(&parsed))
        return *problem;
    const ApiRequest& asked = std::get<ApiRequest>(parsed);
    if (isOtherKind(*path))
        return answerOtherKind(lab.world(), asked);
    if (asked.request.verb == sim::kube::Verb::Get || asked.request.verb == sim::kube::Verb::List)
        return answerRead(lab.world(), asked);
    return encodeResponse(lab.apply(sim::Command{sim::command::ApiCall{asked.request}}).response, asked.format);
}

HttpAnswer answer(ControlPlaneLab& lab, const HttpRequest& http)
{
    if (http.path == "/healthz")
        return plainText(200, "ok");
    if (http.path == "/version")
        return encodeValue(200, sim::kube::serverVersion(lab.world().cluster().settings().version), {});
    if (http.identity.user.empty())
        return statusAnswer(401, "Unauthorized", "Unauthorized");
    if (auto discovered = answerDiscovery(http, lab.world().cluster().store(), kServerAddress))
        return std::move(*discovered);
    return answerResource(lab, http);
}

} // namespace

HttpAnswered runHttp(ControlPlaneLab& lab, const Step& step)
{
    HttpRequest http;
    const std::size_t blank = step.command.find(' ');
    http.method = step.command.substr(0, blank);
    http.target = step.command.substr(std::min(blank + 1, step.command.size()));
    parseTarget(http.target, http);
    http.headers["accept"] = "application/json";
    http.headers["content-type"] = step.contentType;
    http.body = step.input;
    http.identity.user = ownerOf(step.user);
    http.identity.groups = groupsOf(http.identity.user);
    const HttpAnswer answered = answer(lab, http);
    json body = json::parse(answered.body, nullptr, false);
    if (body.is_discarded())
        body = json{{"text", answered.body}};
    return {answered.status, std::move(body)};
}

} // namespace core::golden
