#include "sim/kube/api/status.h"

#include <fmt/format.h>

#include <set>

namespace sim::kube {

namespace {

using nlohmann::json;

json statusObject(const std::string& status)
{
    return {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", status}};
}

json detailsOf(const KindInfo& info, const std::string& name)
{
    json details{{"kind", info.plural}};
    if (!name.empty())
        details["name"] = name;
    if (!info.group.empty())
        details["group"] = info.group;
    return details;
}

} // namespace

Response failure(int code, const std::string& reason, const std::string& message)
{
    Response response;
    response.code = code;
    response.body = statusObject("Failure");
    response.body["message"] = message;
    response.body["reason"] = reason;
    response.body["code"] = code;
    return response;
}

Response failure(int code, const std::string& reason, const std::string& message, const KindInfo& info, const std::string& name)
{
    Response response = failure(code, reason, message);
    response.body["details"] = detailsOf(info, name);
    return response;
}

Response failure(const StoreError& error, const KindInfo& info, const std::string& name)
{
    return failure(error.code, error.reason, error.message, info, name);
}

Response badRequest(const std::string& message)
{
    return failure(400, "BadRequest", message);
}

Response forbidden(const KindInfo& info, const std::string& name, const std::string& why)
{
    const std::string what = name.empty() ? info.groupResource() : fmt::format("{} \"{}\"", info.groupResource(), name);
    return failure(403, "Forbidden", fmt::format("{} is forbidden: {}", what, why), info, name);
}

Response invalid(const std::string& kind, const std::string& group, const std::string& name, const FieldErrors& errors)
{
    std::string list;
    std::set<std::string> said; // an aggregate says the same thing once
    json causes = json::array();
    for (const FieldError& error : errors.all()) {
        if (said.insert(error.text()).second)
            list += (list.empty() ? "" : ", ") + error.text();
        causes.push_back({{"reason", error.cause}, {"message", error.message}, {"field", error.field}});
    }
    if (said.size() > 1)
        list = "[" + list + "]";
    Response response = failure(422, "Invalid", fmt::format("{}{}{} \"{}\" is invalid: {}", kind, group.empty() ? "" : ".", group, name, list));
    response.body["details"] = {{"name", name}, {"kind", kind}, {"causes", std::move(causes)}};
    if (!group.empty())
        response.body["details"]["group"] = group;
    return response;
}

Response invalid(const KindInfo& info, const std::string& name, const FieldErrors& errors)
{
    return invalid(std::string(info.kind), std::string(info.group), name, errors);
}

Response notFound(const KindInfo& info, const std::string& name)
{
    return failure(404, "NotFound", fmt::format("{} \"{}\" not found", info.groupResource(), name), info, name);
}

Response unknownResource()
{
    Response response = failure(404, "NotFound", "the server could not find the requested resource");
    response.body["details"] = json::object();
    return response;
}

Response methodNotAllowed()
{
    Response response = failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    response.body["details"] = json::object();
    return response;
}

Response internalError(const std::string& why)
{
    Response response = failure(500, "InternalError", "Internal error occurred: " + why);
    response.body["details"] = {{"causes", json::array({{{"message", why}}})}};
    return response;
}

Response expired(const std::string& message)
{
    return failure(410, "Expired", message);
}

Response deleted(const KindInfo& info, const std::string& name, const std::string& uid)
{
    Response response;
    response.body = statusObject("Success");
    response.body["details"] = detailsOf(info, name);
    response.body["details"]["uid"] = uid;
    return response;
}

} // namespace sim::kube
