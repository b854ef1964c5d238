#pragma once

#include "core/endpoint/http_message.h"
#include "core/endpoint/media_type.h"
#include "core/endpoint/route.h"
#include "sim/kube/api/api_server.h"

#include <variant>

namespace core::endpoint {

/// A resource request in the API server's terms, with what only the HTTP side cares for.
struct ApiRequest {
    sim::kube::Request request;
    ResourcePath path;
    ObjectFormat format;
    bool watch = false;
    std::string resourceVersion; ///< of reads: not older than this
    std::string includeObject = "Metadata"; ///< of tables: Metadata, Object, None
};

/// What the request asks for, or the answer to one that cannot be understood: 400, 405, 406, 415.
std::variant<ApiRequest, HttpAnswer> parseApiRequest(const HttpRequest& http, const ResourcePath& path);

} // namespace core::endpoint
