#pragma once

#include "core/endpoint/http_message.h"
#include "sim/kube/api/store.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace core::endpoint {

/// A resource as discovery lists it.
struct ServedResource {
    std::string group;
    std::string version;
    std::string kind;
    std::string plural;
    std::string singular;
    std::vector<std::string> shortNames;
    std::vector<std::string> categories;
    std::vector<std::string> verbs;
    bool namespaced = true;
    struct Subresource {
        std::string name;  ///< "status"
        std::string group; ///< of the kind, when it is not the resource's own
        std::string version;
        std::string kind;
        std::vector<std::string> verbs;
    };
    std::vector<Subresource> subresources;
};

/// Every resource of the API, custom ones included, in the order of groups and names.
std::vector<ServedResource> servedResources(const sim::kube::Store& store);

/// GET /api, /apis, /api/v1, /apis/GROUP, /apis/GROUP/VERSION, in the old form or aggregated, as Accept says.
/// Nothing when the path is none of these; 404 when there is no such group.
std::optional<HttpAnswer> answerDiscovery(const HttpRequest& request, const sim::kube::Store& store, const std::string& serverAddress);

} // namespace core::endpoint
