#include "sim/kube/api/paging.h"

#include "sim/engine/base64.h"
#include "sim/kube/api/status.h"

#include <nlohmann/json.hpp>

#include <algorithm>

// apiserver/pkg/storage/continue.go, storage/etcd3/errors.go.
namespace sim::kube {

namespace {

using nlohmann::json;


} // namespace

std::string writeToken(const ContinueToken& token, const std::string& within)
{
    std::string start = within.empty() && !token.start.namespace_.empty() ? token.start.namespace_ + "/" : std::string("/");
    start += token.start.name;
    nlohmann::ordered_json body;
    body["v"] = "meta.k8s.io/v1";
    body["rv"] = token.resourceVersion;
    body["start"] = start;
    return encodeBase64Url(body.dump());
}

std::optional<ContinueToken> readToken(const std::string& text, const std::string& within)
{
    const json body = json::parse(decodeBase64Url(text).value_or(""), nullptr, false);
    if (!body.is_object() || body.value("v", json()) != "meta.k8s.io/v1" || !body.contains("start") || !body.at("start").is_string()
        || !body.contains("rv") || !body.at("rv").is_number_integer())
        return std::nullopt;
    ContinueToken token;
    token.resourceVersion = body.at("rv").get<std::int64_t>() < 0 ? 0 : body.at("rv").get<std::uint64_t>();
    const std::string start = body.at("start");
    const std::size_t slash = start.find('/');
    if (slash == std::string::npos)
        return std::nullopt;
    token.start = {slash == 0 ? within : start.substr(0, slash), start.substr(slash + 1)};
    return token;
}

Response tooOld(const ContinueToken& token, const std::string& within)
{
    Response response = expired("The provided continue parameter is too old to display a consistent list result. You can start a new list "
                                "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
                                "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
                                "modified, or deleted between the time the first chunk was returned and now may show up in the list.");
    ContinueToken rest = token;
    rest.resourceVersion = 0;
    response.body["metadata"]["continue"] = writeToken(rest, within);
    return response;
}

} // namespace sim::kube
