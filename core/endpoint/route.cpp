#include "core/endpoint/route.h"

namespace core::endpoint {

std::vector<std::string> pathParts(std::string_view path)
{
    std::vector<std::string> parts;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        if (slash != 0)
            parts.emplace_back(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    return parts;
}

std::optional<ResourcePath> parseResourcePath(std::string_view path)
{
    const std::vector<std::string> parts = pathParts(path);
    ResourcePath result;
    std::size_t at = 0;
    if (parts.size() > 2 && parts[0] == "api") {
        result.version = parts[1];
        at = 2;
    } else if (parts.size() > 3 && parts[0] == "apis") {
        result.group = parts[1];
        result.version = parts[2];
        at = 3;
    } else {
        return std::nullopt;
    }
    if (parts[at] == "watch" && parts.size() > at + 1) {
        result.watch = true;
        ++at;
    }
    const std::size_t left = parts.size() - at;
    // namespaces/NAME/status is about the namespace itself, namespaces/NAME/pods about what is in it.
    const bool ofNamespace = left == 3 && (parts[at + 2] == "status" || parts[at + 2] == "finalize");
    if (parts[at] == "namespaces" && left >= 3 && !ofNamespace) {
        result.namespace_ = parts[at + 1];
        at += 2;
    }
    result.resource = parts[at++];
    if (at < parts.size())
        result.name = parts[at++];
    if (at < parts.size())
        result.subresource = parts[at++];
    for (; at < parts.size(); ++at)
        result.rest += "/" + parts[at];
    if (!result.rest.empty() && path.back() == '/')
        result.rest += "/";
    return result;
}

} // namespace core::endpoint
