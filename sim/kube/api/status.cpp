#include "sim/kube/api/status.h"

#include <fmt/format.h>

namespace sim::kube {

namespace {

using nlohmann::json;

json statusObject(const std::string& status)
{
    return {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", status}};
}

json detailsOf(const KindInfo& info, const std::string& name)
{
    json details{{"name", name}, {"kind", info.plural}};
    if (!info.group.empty())
        details["group"] = info.group;
    return details;
}

} // namespace

Response failure(int code, const std::string& reason, const std::string& message, const KindInfo* info, const std::string& name)
{
    Response response;
    response.code = code;
    response.body = statusObject("Failure");
    response.body["message"] = message;
    response.body["reason"] = reason;
    response.body["code"] = code;
    if (info != nullptr)
        response.body["details"] = detailsOf(*info, name);
    return response;
}

Response failure(const StoreError& error, const KindInfo& info, const std::string& name)
{
    return failure(error.code, error.reason, error.message, &info, name);
}

Response invalid(const KindInfo& info, const std::string& name, const std::vector<std::string>& problems)
{
    std::string list;
    for (const auto& problem : problems)
        list += (list.empty() ? "" : ", ") + problem;
    if (problems.size() > 1)
        list = "[" + list + "]";
    const std::string kind = info.group.empty() ? std::string(info.kind) : fmt::format("{}.{}", info.kind, info.group);
    return failure(422, "Invalid", fmt::format("{} \"{}\" is invalid: {}", kind, name, list), &info, name);
}

Response notFound(const KindInfo& info, const std::string& name)
{
    return failure(404, "NotFound", fmt::format("{} \"{}\" not found", info.groupResource(), name), &info, name);
}

Response unknownResource()
{
    return failure(404, "NotFound", "the server could not find the requested resource");
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
