#pragma once

#include "sim/kube/api/core_v1.h"

#include <optional>
#include <string>

// What a fake kubelet writes into the status of its pods.
namespace sim::kube {

/// Seconds in a pod's annotation; nothing when there is none or it is no number.
std::optional<Duration> annotatedSeconds(const Pod& pod, const std::string& annotation);
bool annotated(const Pod& pod, const std::string& annotation, const std::string& value);

void fillStarted(Pod& pod, const std::string& hostAddress, const std::string& podAddress, Instant now);
/// Requires: the pod was started.
void fillEnded(Pod& pod, std::int64_t exitCode, Instant now);

} // namespace sim::kube
