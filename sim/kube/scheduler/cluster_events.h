#pragma once

#include "sim/kube/api/store.h"

#include <cstdint>

namespace sim::kube {

/// What a change of the cluster is to the scheduling queue (framework/types.go, ActionType), as bits: one
/// change may be several.
namespace cluster_event {
inline constexpr std::uint32_t kNodeAdded = 1u << 0;
inline constexpr std::uint32_t kNodeDeleted = 1u << 1;
inline constexpr std::uint32_t kNodeAllocatable = 1u << 2;
inline constexpr std::uint32_t kNodeLabels = 1u << 3;
inline constexpr std::uint32_t kNodeTaints = 1u << 4; ///< and spec.unschedulable
inline constexpr std::uint32_t kPodPlaced = 1u << 5;
inline constexpr std::uint32_t kPodLabels = 1u << 6;  ///< of a placed pod
inline constexpr std::uint32_t kPodGone = 1u << 7;    ///< a placed pod was deleted or has finished
inline constexpr std::uint32_t kClaim = 1u << 8;      ///< added or changed
inline constexpr std::uint32_t kVolume = 1u << 9;
inline constexpr std::uint32_t kStorageClass = 1u << 10;
inline constexpr std::uint32_t kCsiNode = 1u << 11;
} // namespace cluster_event

/// 0: no pod's chances change.
std::uint32_t classify(const WatchEvent& event);

/// Whether a waiting pod's own change may help it (PodSchedulingPropertiesChange).
bool changesOwnChances(const Pod& before, const Pod& now);

} // namespace sim::kube
