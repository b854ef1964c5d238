#include "core/endpoint/api_request.h"

#include "core/endpoint/kube_protobuf.h"
#include "sim/kube/api/json_text.h"
#include "sim/kube/api/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace core::endpoint {

namespace {

using nlohmann::json;
using sim::kube::PatchType;
using sim::kube::Verb;

HttpAnswer badRequest(const std::string& message) { return statusAnswer(400, "BadRequest", message); }

HttpAnswer methodNotAllowed()
{
    return statusAnswer(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

HttpAnswer unsupportedMedia(const std::string& accepted)
{
    return statusAnswer(415, "UnsupportedMediaType",
                        "the body of the request was in an unknown format - accepted media types include: " + accepted);
}

/// Who owns what is written by a client that names no field manager: "kubectl" of "kubectl/v1.33.1 (linux/amd64)"
/// (handlers/create.go, managerOrUserAgent).
std::string programOf(std::string_view userAgent)
{
    constexpr std::size_t kLongest = 128;
    return std::string(userAgent.substr(0, std::min(userAgent.find('/'), kLongest)));
}

std::optional<Verb> verbOf(const HttpRequest& http, const ResourcePath& path)
{
    const bool named = !path.name.empty();
    const bool onlyCreated = path.subresource == "eviction" || path.subresource == "binding" || path.subresource == "token";
    if (onlyCreated && http.method != "POST")
        return std::nullopt;
    if (http.method == "GET" || http.method == "HEAD")
        return named ? Verb::Get : Verb::List;
    if (http.method == "POST" && (!named || !path.subresource.empty()))
        return Verb::Create;
    if (http.method == "PUT" && named)
        return Verb::Update;
    if (http.method == "PATCH" && named)
        return Verb::Patch;
    if (http.method == "DELETE")
        return named ? Verb::Delete : Verb::DeleteCollection;
    return std::nullopt;
}

/// A document in JSON or YAML.
std::variant<json, HttpAnswer> parseBody(const std::string& body, bool yaml)
{
    if (!yaml) {
        if (auto value = sim::kube::parseJson(body))
            return std::move(*value);
        return badRequest("couldn't get version/kind; json parse error: invalid character in the request's body");
    }
    const auto documents = sim::kube::parseYaml(body);
    if (!documents)
        return badRequest("error converting YAML to JSON: " + documents.error().message);
    return documents->empty() ? json() : documents->front();
}

std::variant<json, HttpAnswer> objectBody(const HttpRequest& http)
{
    const std::vector<MediaType> types = parseMediaTypes(http.header("content-type"));
    const std::string type = types.empty() ? "application/json" : types.front().name;
    if (type == "application/vnd.kubernetes.protobuf") {
        auto decoded = decodeKubeProtobuf(http.body);
        return decoded ? std::variant<json, HttpAnswer>(std::move(*decoded)) : badRequest(decoded.error().message);
    }
    if (type != "application/json" && type != "application/yaml")
        return unsupportedMedia("application/json, application/yaml, application/vnd.kubernetes.protobuf");
    return parseBody(http.body, type == "application/yaml");
}

std::optional<HttpAnswer> readPatch(const HttpRequest& http, sim::kube::Request& request)
{
    const std::vector<MediaType> types = parseMediaTypes(http.header("content-type"));
    const std::string type = types.empty() ? std::string() : types.front().name;
    if (type == "application/json-patch+json")
        request.patchType = PatchType::Json;
    else if (type == "application/merge-patch+json")
        request.patchType = PatchType::Merge;
    else if (type == "application/strategic-merge-patch+json")
        request.patchType = PatchType::StrategicMerge;
    else if (type == "application/apply-patch+yaml")
        request.patchType = PatchType::Apply;
    else
        return unsupportedMedia("application/json-patch+json, application/merge-patch+json, "
                                "application/strategic-merge-patch+json, application/apply-patch+yaml");
    auto body = parseBody(http.body, request.patchType == PatchType::Apply);
    if (auto* problem = std::get_if<HttpAnswer>(&body))
        return *problem;
    request.body = std::move(std::get<json>(body));
    if (request.patchType == PatchType::Apply && request.fieldManager.empty())
        return badRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
    return std::nullopt;
}

/// DeleteOptions: of a DELETE's body, or inside an Eviction.
std::optional<HttpAnswer> takeDeleteOptions(const json& options, sim::kube::Request& request)
{
    if (!options.is_object())
        return badRequest("the object provided is unrecognized (must be of type DeleteOptions)");
    if (const auto it = options.find("gracePeriodSeconds"); it != options.end() && it->is_number_integer())
        request.gracePeriodSeconds = it->get<std::int64_t>();
    if (const auto it = options.find("propagationPolicy"); it != options.end() && it->is_string())
        request.propagationPolicy = it->get<std::string>();
    if (const auto it = options.find("orphanDependents"); it != options.end() && it->is_boolean())
        request.propagationPolicy = it->get<bool>() ? "Orphan" : "Background";
    if (const auto it = options.find("preconditions"); it != options.end() && it->is_object()) {
        if (const auto uid = it->find("uid"); uid != it->end() && uid->is_string())
            request.preconditionUid = uid->get<std::string>();
        if (const auto version = it->find("resourceVersion"); version != it->end() && version->is_string())
            request.preconditionResourceVersion = version->get<std::string>();
    }
    if (const auto it = options.find("dryRun"); it != options.end() && it->is_array() && !it->empty())
        request.dryRun = true;
    return std::nullopt;
}

/// A whole number; the answer that refuses anything else.
std::optional<HttpAnswer> takeNumber(const HttpRequest& http, const std::string& name, std::optional<std::int64_t>& into)
{
    const auto text = http.parameter(name);
    if (!text || text->empty())
        return std::nullopt;
    std::int64_t value = 0;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
    if (read.ec != std::errc() || read.ptr != text->data() + text->size())
        return badRequest(fmt::format("strconv.ParseInt: parsing \"{}\": invalid syntax", *text));
    into = value;
    return std::nullopt;
}

std::optional<HttpAnswer> takeParameters(const HttpRequest& http, ApiRequest& asked)
{
    sim::kube::Request& request = asked.request;
    request.labelSelector = http.parameter("labelSelector").value_or("");
    request.fieldSelector = http.parameter("fieldSelector").value_or("");
    request.fieldManager = http.parameter("fieldManager").value_or("");
    request.fieldValidation = http.parameter("fieldValidation").value_or("Warn");
    request.propagationPolicy = http.parameter("propagationPolicy").value_or("");
    if (request.fieldValidation.empty())
        request.fieldValidation = "Warn";
    if (const auto& value = request.fieldValidation; value != "Ignore" && value != "Warn" && value != "Strict")
        return badRequest(fmt::format("fieldValidation: Unsupported value: \"{}\": supported values: \"Ignore\", \"Strict\", \"Warn\"", value));
    for (const std::string& value : http.parameters("dryRun")) {
        if (value != "All")
            return badRequest(fmt::format("dryRun: Unsupported value: \"{}\": supported values: \"All\"", value));
        request.dryRun = true;
    }
    std::optional<std::int64_t> limit;
    if (auto problem = takeNumber(http, "gracePeriodSeconds", request.gracePeriodSeconds))
        return problem;
    if (auto problem = takeNumber(http, "limit", limit))
        return problem;
    request.limit = std::max<std::int64_t>(limit.value_or(0), 0);
    request.continue_ = http.parameter("continue").value_or("");
    request.force = http.flag("force");
    asked.resourceVersion = http.parameter("resourceVersion").value_or("");
    asked.includeObject = http.parameter("includeObject").value_or("Metadata");
    return std::nullopt;
}

std::optional<HttpAnswer> takeBody(const HttpRequest& http, sim::kube::Request& request)
{
    switch (request.verb) {
    case Verb::Patch:
        return readPatch(http, request);
    case Verb::Delete:
    case Verb::DeleteCollection: {
        if (http.body.empty())
            return std::nullopt;
        auto body = objectBody(http);
        if (auto* problem = std::get_if<HttpAnswer>(&body))
            return *problem;
        return takeDeleteOptions(std::get<json>(body), request);
    }
    case Verb::Create:
    case Verb::Update: {
        auto body = objectBody(http);
        if (auto* problem = std::get_if<HttpAnswer>(&body))
            return *problem;
        request.body = std::move(std::get<json>(body));
        if (request.subresource == "eviction" && request.body.is_object() && request.body.contains("deleteOptions"))
            return takeDeleteOptions(request.body.at("deleteOptions"), request);
        return std::nullopt;
    }
    case Verb::Get:
    case Verb::List: break;
    }
    return std::nullopt;
}

} // namespace

std::variant<ApiRequest, HttpAnswer> parseApiRequest(const HttpRequest& http, const ResourcePath& path)
{
    ApiRequest asked;
    asked.path = path;
    const auto format = negotiateObject(http.header("accept"));
    if (!format)
        return statusAnswer(406, "NotAcceptable",
                            "only the following media types are accepted: application/json, application/yaml");
    asked.format = *format;
    const auto verb = verbOf(http, path);
    if (!verb)
        return methodNotAllowed();
    asked.request.verb = *verb;
    asked.request.resource = path.groupResource();
    asked.request.namespace_ = path.namespace_;
    asked.request.name = path.name;
    asked.request.subresource = path.subresource;
    asked.request.user = http.identity.user;
    asked.request.groups = http.identity.groups;
    asked.watch = (http.method == "GET") && (path.watch || http.flag("watch"));
    if (auto problem = takeParameters(http, asked))
        return *problem;
    if (auto problem = takeBody(http, asked.request))
        return *problem;
    if (asked.request.fieldManager.empty())
        asked.request.fieldManager = programOf(http.header("user-agent"));
    return asked;
}

} // namespace core::endpoint
