#pragma once

#include "sim/container/docker/docker.h"

#include <string>
#include <vector>

namespace sim {

/// What a call of the Docker API changes, as CommandResult::changed names it: "container/docker-1/web",
/// "network/docker-1/shop", "volume/docker-1/data"; "image/docker-1" for images. Of what is asked before the call. Empty for
/// what nobody runs on: a container that is thrown away (--rm, or a shell at a terminal), a pulled or built image, caches.
std::vector<std::string> changedBy(const container::docker::Docker& docker, const std::string& machine,
                                   const container::docker::Request& request);

} // namespace sim
