#pragma once

#include "core/endpoint/api_door.h"
#include "core/endpoint/route.h"

namespace core::endpoint {

/// exec, attach and portforward of a pod: what the connection becomes, or why not.
Reaction negotiateUpgrade(const sim::World& world, const HttpRequest& http, const ResourcePath& path);

} // namespace core::endpoint
