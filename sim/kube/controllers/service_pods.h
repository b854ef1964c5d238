#pragma once

#include "sim/kube/controllers/controller.h"

// What the two endpoint controllers share: which pods are a Service's, and which changes matter.
namespace sim::kube {

inline constexpr const char* kLastChangeTriggerTime = "endpoints.kubernetes.io/last-change-trigger-time";
inline constexpr const char* kNoClusterIp = "None";

bool selects(const Service& service, const StringMap& labels);
/// Services whose endpoints a change may concern.
void enqueueServices(WorkQueue& queue, const WatchEvent& event, const Store& store);
/// Pods with an address that are not finished; with or without those being deleted.
std::vector<std::shared_ptr<const Pod>> servicePods(const Store& store, const Service& service, bool withTerminating);
/// The latest moment at which one of the pods, or the Service, changed its readiness.
Instant latestTrigger(const Service& service, const std::vector<std::shared_ptr<const Pod>>& pods);
/// RFC 3339 in whole seconds, as the annotation has it.
std::string triggerText(Instant at);

} // namespace sim::kube
