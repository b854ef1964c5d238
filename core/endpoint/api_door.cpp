#include "core/endpoint/api_door.h"

#include "core/endpoint/access_review.h"
#include "core/endpoint/api_answer.h"
#include "core/endpoint/discovery.h"
#include "core/endpoint/observation.h"
#include "core/endpoint/openapi.h"
#include "core/endpoint/other_kinds.h"
#include "core/endpoint/pod_log.h"
#include "core/endpoint/upgrade.h"
#include "core/endpoint/watch.h"

#include "sim/kube/api/server_version.h"
#include "sim/kube/api_health.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::endpoint {

namespace {

using sim::kube::Verb;

bool isHealthPath(const std::string& path)
{
    for (const std::string_view one : {"/healthz", "/livez", "/readyz"})
        if (path == one || (path.compare(0, one.size(), one) == 0 && path.size() > one.size() && path[one.size()] == '/'))
            return true;
    return false;
}

HttpAnswer pathList(const sim::kube::Store& store)
{
    nlohmann::json paths{"/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"};
    for (const ServedResource& one : servedResources(store))
        if (!one.group.empty())
            for (const std::string& path : {"/apis/" + one.group, "/apis/" + one.group + "/" + one.version})
                if (std::find(paths.begin(), paths.end(), nlohmann::json(path)) == paths.end())
                    paths.push_back(path);
    return encodeValue(200, {{"paths", paths}}, {});
}

bool isServedPath(const sim::World& world, const ResourcePath& path)
{
    // The path must name the plural and the version as discovery tells them.
    const auto resources = servedResources(world.cluster().store());
    return std::any_of(resources.begin(), resources.end(), [&](const ServedResource& one) {
        return one.plural == path.resource && one.group == path.group && one.version == path.version;
    });
}

bool groupIsServed(const sim::kube::Store& store, const std::string& group)
{
    for (std::size_t kind = 0; kind < sim::kube::kKindCount; ++kind)
        if (sim::kube::kindInfo(static_cast<sim::kube::KindId>(kind)).group == group)
            return true;
    const auto resources = servedResources(store);
    return std::any_of(resources.begin(), resources.end(), [&](const ServedResource& one) { return one.group == group; });
}

Reaction answerResource(session::Session& lab, const HttpRequest& http, const ResourcePath& path)
{
    if (!isServedPath(lab.world(), path))
        return pageNotFound();
    if (isReview(path))
        return answerReview(lab.world(), http, path);
    const bool ofPod = path.resource == "pods" && path.group.empty() && !path.name.empty();
    if (ofPod && (path.subresource == "exec" || path.subresource == "attach" || path.subresource == "portforward"))
        return negotiateUpgrade(lab.world(), http, path);
    if (ofPod && path.subresource == "log") {
        auto log = openPodLog(http, path, lab.world());
        if (auto* stream = std::get_if<std::unique_ptr<TextStream>>(&log))
            return std::move(*stream);
        observeLog(lab, http, path, std::get<HttpAnswer>(log));
        return std::move(std::get<HttpAnswer>(log));
    }
    // The paths of a group that nobody serves are unknown to the server's mux, which answers without a Status.
    if (!path.group.empty() && !groupIsServed(lab.world().cluster().store(), path.group))
        return pageNotFound();
    auto parsed = parseApiRequest(http, path);
    if (auto* problem = std::get_if<HttpAnswer>(&parsed))
        return std::move(*problem);
    ApiRequest& asked = std::get<ApiRequest>(parsed);
    if (isOtherKind(path)) {
        const auto write = keptWrite(asked);
        if (!write)
            return answerOtherKind(lab.world(), asked);
        const sim::CommandResult result = lab.apply(sim::Command{sim::command::ApiCall{*write}});
        if (result.response.code == 0)
            return HangUp{};
        return encodeResponse(shownAs(path, result.response), asked.format);
    }
    if (asked.watch) {
        auto watch = Watch::open(http, asked, lab.world());
        if (auto* stream = std::get_if<std::unique_ptr<TextStream>>(&watch))
            return std::move(*stream);
        return std::move(std::get<HttpAnswer>(watch));
    }
    if (asked.request.verb == Verb::Get || asked.request.verb == Verb::List) {
        HttpAnswer answer = answerRead(lab.world(), asked);
        observeRead(lab, http, asked, answer);
        return answer;
    }
    const sim::CommandResult result = lab.apply(sim::Command{sim::command::ApiCall{asked.request}});
    if (result.response.code == 0)
        return HangUp{};
    return encodeResponse(result.response, asked.format);
}

bool apiAvailable(const sim::World& world)
{
    sim::kube::Request request;
    request.verb = Verb::Get;
    request.resource = "namespaces";
    request.name = "default";
    return world.apiRead(request).code != 0;
}

} // namespace

Reaction ApiDoor::react(session::Session& lab, const HttpRequest& request) const
{
    if (!apiAvailable(lab.world()))
        return HangUp{};
    const bool reading = request.method == "GET" || request.method == "HEAD";
    if (isHealthPath(request.path)) {
        const sim::World& world = lab.world();
        const auto health = world.cluster().health(request.path, request.parameter("verbose").has_value(), world.now());
        if (!reading)
            return statusAnswer(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        return health ? Reaction(plainText(health->status, health->text)) : Reaction(pageNotFound());
    }
    if (request.path == "/version" || request.path == "/version/")
        return encodeValue(200, sim::kube::serverVersion(lab.world().cluster().settings().version), {});
    if (request.identity.user.empty())
        return statusAnswer(401, "Unauthorized", "Unauthorized");
    if (request.path == "/")
        return pathList(lab.world().cluster().store());
    if (auto answer = answerDiscovery(request, lab.world().cluster().store(), m_serverAddress))
        return std::move(*answer);
    if (auto answer = answerOpenApi(request, lab.world().cluster().store(), lab.world().cluster().settings().version))
        return std::move(*answer);
    if (const auto path = parseResourcePath(request.path))
        return answerResource(lab, request, *path);
    return pageNotFound();
}

} // namespace core::endpoint
