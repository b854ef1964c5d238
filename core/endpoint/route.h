#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::endpoint {

/// What the path of a request for API objects names.
struct ResourcePath {
    std::string group;       ///< "" for core
    std::string version;
    std::string namespace_;
    std::string resource;    ///< plural: "pods"
    std::string name;
    std::string subresource; ///< "log"; of proxies "proxy"
    std::string rest;        ///< what follows a subresource, with its slash
    bool watch = false;      ///< the old /api/v1/watch/... paths
    /// "deployments.apps", as the API server's requests name it.
    std::string groupResource() const { return group.empty() ? resource : resource + "." + group; }
};

/// The parts between slashes, empty ones left out.
std::vector<std::string> pathParts(std::string_view path);
/// Nothing when the path names no resource: discovery, health, OpenAPI and all that does not exist.
std::optional<ResourcePath> parseResourcePath(std::string_view path);

} // namespace core::endpoint
