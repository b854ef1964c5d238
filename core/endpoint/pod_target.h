#pragma once

#include "core/endpoint/http_message.h"
#include "core/endpoint/route.h"
#include "sim/world/world.h"

#include <memory>
#include <string>
#include <variant>

namespace core::endpoint {

/// The pod and container that a log, exec, attach or port-forward request means.
struct PodTarget {
    std::shared_ptr<const sim::kube::Pod> pod;
    std::string container;
};

/// Finds the pod and checks that its node's kubelet can be asked; `container` empty means the only one. The
/// answer says what is wrong, in the API server's words.
std::variant<PodTarget, HttpAnswer> findPodTarget(const sim::World& world, const HttpRequest& http, const ResourcePath& path,
                                                  const std::string& container);

} // namespace core::endpoint
