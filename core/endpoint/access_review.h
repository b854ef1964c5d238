#pragma once

#include "core/endpoint/http_message.h"
#include "core/endpoint/route.h"
#include "sim/world/world.h"

namespace core::endpoint {

/// `kubectl auth can-i` and `whoami`: questions about rights that are answered and not kept.
bool isReview(const ResourcePath& path);
/// Requires: isReview(path).
HttpAnswer answerReview(const sim::World& world, const HttpRequest& http, const ResourcePath& path);

} // namespace core::endpoint
