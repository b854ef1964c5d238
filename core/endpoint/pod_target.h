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

/// Why the API server cannot reach the kubelet of the pod's node: "dial tcp 10.0.0.11:10250: connect: connection
/// refused"; empty when it can.
std::string kubeletProblem(const sim::World& world, const sim::kube::Pod& pod);

} // namespace core::endpoint
