#include "sim/kube/api/paging.h"

#include "sim/kube/api/status.h"

#include <nlohmann/json.hpp>

#include <algorithm>

// apiserver/pkg/storage/continue.go, storage/etcd3/errors.go.
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encoded(std::string_view bytes)
{
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u; };
        const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        const std::size_t digits = std::min<std::size_t>(bytes.size() - i, 3) + 1;
        for (std::size_t d = 0; d < digits; ++d)
            out += kAlphabet[bits >> (18 - 6 * d) & 63];
    }
    return out;
}

std::string decoded(std::string_view text)
{
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : text) {
        const std::size_t digit = kAlphabet.find(c);
        if (digit == std::string_view::npos)
            return {};
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out += static_cast<char>(bits >> have & 255);
        }
    }
    return out;
}

} // namespace

std::string writeToken(const ContinueToken& token, const std::string& within)
{
    std::string start = within.empty() && !token.start.namespace_.empty() ? token.start.namespace_ + "/" : std::string("/");
    start += token.start.name;
    nlohmann::ordered_json body;
    body["v"] = "meta.k8s.io/v1";
    body["rv"] = token.resourceVersion;
    body["start"] = start;
    return encoded(body.dump());
}

std::optional<ContinueToken> readToken(const std::string& text, const std::string& within)
{
    const json body = json::parse(decoded(text), nullptr, false);
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
