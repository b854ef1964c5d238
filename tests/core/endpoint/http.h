#pragma once

#include "core/endpoint/api_door.h"

#include <nlohmann/json.hpp>

#include <string>

namespace tests {

/// A request of the administrator.
inline core::endpoint::HttpRequest request(const std::string& method, const std::string& target, const std::string& body = {},
                                           const std::string& contentType = "application/json", const std::string& accept = {})
{
    core::endpoint::HttpRequest request;
    request.method = method;
    core::endpoint::parseTarget(target, request);
    request.body = body;
    request.headers["content-type"] = contentType;
    if (!accept.empty())
        request.headers["accept"] = accept;
    request.identity = {"kubernetes-admin", {"system:masters"}};
    return request;
}

/// What the door answers at once; status 0 when it does something else.
inline core::endpoint::HttpAnswer answer(core::session::Session& lab, const core::endpoint::HttpRequest& asked)
{
    const core::endpoint::ApiDoor door("127.0.0.1:6443");
    auto reaction = door.react(lab, asked);
    if (auto* ready = std::get_if<core::endpoint::HttpAnswer>(&reaction))
        return *ready;
    core::endpoint::HttpAnswer none;
    none.status = 0;
    return none;
}

inline nlohmann::json jsonOf(const core::endpoint::HttpAnswer& answer)
{
    return nlohmann::json::parse(answer.body, nullptr, false);
}

} // namespace tests
