#include "core/incident/docker_config.h"

#include "sim/engine/base64.h"

#include <nlohmann/json.hpp>

namespace core::incident {

namespace {

std::string hostOf(std::string url)
{
    for (const std::string_view scheme : {"https://", "http://"})
        if (url.rfind(scheme, 0) == 0)
            url.erase(0, scheme.size());
    return url.substr(0, url.find('/'));
}

std::string member(const nlohmann::json& object, const char* key)
{
    const auto it = object.find(key);
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string{};
}

} // namespace

std::optional<WorldProbe::Account> accountIn(const std::string& dockerConfigJson, const std::string& registry)
{
    const auto config = nlohmann::json::parse(dockerConfigJson, nullptr, false);
    if (!config.is_object() || !config.contains("auths") || !config.at("auths").is_object())
        return std::nullopt;
    for (const auto& [url, entry] : config.at("auths").items()) {
        if (hostOf(url) != registry || !entry.is_object())
            continue;
        WorldProbe::Account account{member(entry, "username"), member(entry, "password")};
        if (account.user.empty()) {
            const std::string pair = sim::decodeBase64(member(entry, "auth")).value_or("");
            const auto colon = pair.find(':');
            if (colon == std::string::npos)
                return std::nullopt;
            account = {pair.substr(0, colon), pair.substr(colon + 1)};
        }
        return account;
    }
    return std::nullopt;
}

} // namespace core::incident
