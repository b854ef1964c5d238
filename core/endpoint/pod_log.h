#pragma once

#include "core/endpoint/http_message.h"
#include "core/endpoint/route.h"
#include "core/endpoint/text_stream.h"
#include "sim/world/world.h"

#include <memory>
#include <variant>

namespace core::endpoint {

/// GET .../pods/NAME/log: the log so far, or with follow=true a stream that goes on until the container ends.
std::variant<std::unique_ptr<TextStream>, HttpAnswer> openPodLog(const HttpRequest& http, const ResourcePath& path, const sim::World& world);

} // namespace core::endpoint
