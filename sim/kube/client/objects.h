#pragma once

#include "sim/kube/api/kinds.h"
#include "sim/kube/api/store.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Questions that every component asks about objects (k8s.io/kubernetes/pkg/api/v1/pod, component-helpers).
namespace sim::kube {

inline constexpr const char* kTrue = "True";
inline constexpr const char* kFalse = "False";
inline constexpr const char* kUnknown = "Unknown";

inline constexpr const char* kPodPending = "Pending";
inline constexpr const char* kPodRunning = "Running";
inline constexpr const char* kPodSucceeded = "Succeeded";
inline constexpr const char* kPodFailed = "Failed";

inline constexpr const char* kTaintNotReady = "node.kubernetes.io/not-ready";
inline constexpr const char* kTaintUnreachable = "node.kubernetes.io/unreachable";
inline constexpr const char* kTaintUnschedulable = "node.kubernetes.io/unschedulable";
inline constexpr const char* kTaintMemoryPressure = "node.kubernetes.io/memory-pressure";
inline constexpr const char* kTaintDiskPressure = "node.kubernetes.io/disk-pressure";
inline constexpr const char* kTaintPidPressure = "node.kubernetes.io/pid-pressure";
inline constexpr const char* kTaintNetworkUnavailable = "node.kubernetes.io/network-unavailable";
inline constexpr const char* kTaintControlPlane = "node-role.kubernetes.io/control-plane";

inline constexpr const char* kNoSchedule = "NoSchedule";
inline constexpr const char* kNoExecute = "NoExecute";
inline constexpr const char* kPreferNoSchedule = "PreferNoSchedule";

inline constexpr const char* kLabelHostname = "kubernetes.io/hostname";
inline constexpr const char* kLabelZone = "topology.kubernetes.io/zone";

/// Of an EndpointSlice: its Service.
inline constexpr const char* kServiceNameLabel = "kubernetes.io/service-name";

inline constexpr const char* kMirrorPodAnnotation = "kubernetes.io/config.mirror";
inline constexpr const char* kConfigSourceAnnotation = "kubernetes.io/config.source";
inline constexpr const char* kConfigHashAnnotation = "kubernetes.io/config.hash";
inline constexpr const char* kConfigSeenAnnotation = "kubernetes.io/config.seen";

inline ObjectKey keyOf(const ObjectMeta& metadata) { return {metadata.namespace_, metadata.name}; }

const Condition* findCondition(const std::vector<Condition>& conditions, std::string_view type);
Condition* findCondition(std::vector<Condition>& conditions, std::string_view type);

/// Sets a condition, or adds it; its transition time is of the last change of its status.
Condition& setCondition(std::vector<Condition>& conditions, std::string_view type, bool value, const std::string& reason,
                        const std::string& message, Instant now);

/// The owner reference with controller: true.
const OwnerReference* controllerOf(const ObjectMeta& metadata);
bool isControlledBy(const ObjectMeta& metadata, const std::string& uid);
template <ApiObject T>
OwnerReference controllerReference(const T& owner)
{
    const KindInfo& info = kindInfo(kindIdOf<T>);
    OwnerReference r;
    r.apiVersion = info.apiVersion();
    r.kind = std::string(info.kind);
    r.name = owner.metadata.name;
    r.uid = owner.metadata.uid;
    r.controller = true;
    r.blockOwnerDeletion = true;
    return r;
}

/// Names of the pods behind the ready endpoints of a Service, in the order of its slices.
std::vector<std::string> readyPodsBehind(const Store& store, const std::string& nameSpace, const std::string& service);

/// The Deployment of one of its pods, by the pod's name: "chat-6d5f9c7b8-x2x7k" -> "chat".
std::string deploymentOf(const std::string& pod);

bool isMirrorPod(const Pod& pod);
/// Neither Succeeded nor Failed nor being deleted.
bool isActive(const Pod& pod);
bool isTerminal(const Pod& pod);
bool isReady(const Pod& pod);
/// Ready for at least minReadySeconds.
bool isAvailable(const Pod& pod, std::int64_t minReadySeconds, Instant now);

bool tolerates(const Toleration& toleration, const Taint& taint);
bool toleratesTaint(const std::vector<Toleration>& tolerations, const Taint& taint);
/// The first taint with one of the effects that nothing tolerates (NoSchedule and NoExecute).
const Taint* untoleratedTaint(const std::vector<Taint>& taints, const std::vector<Toleration>& tolerations);

bool matchesRequirement(const LabelSelectorRequirement& requirement, const StringMap& labels);
bool matchesTerm(const NodeSelectorTerm& term, const Node& node);
/// spec.nodeSelector and required node affinity.
bool matchesNodeAffinity(const PodSpec& spec, const Node& node);

/// "web-7d4b9-x2x7k_shop(0f3a...)", kubelet's format.Pod.
std::string formatPod(const std::string& name, const std::string& namespace_, const std::string& uid);

/// Go's %v of a duration in whole milliseconds: "1.234s", "313ms", "1m20s".
std::string goDuration(Duration d);

/// A number or a percentage of `total`; negative or odd text counts as 0.
std::int64_t scaledValue(const IntOrString& value, std::int64_t total, bool roundUp);

/// apimachinery's rand.SafeEncodeString of a 32-bit hash: what names end in.
std::string safeEncode(std::uint32_t hash);
/// Stable hash of any described value in the form of pod-template-hash.
template <class T>
std::string templateHash(const T& value)
{
    const std::uint64_t h = fingerprintOf(value);
    return safeEncode(static_cast<std::uint32_t>(h ^ (h >> 32)));
}

} // namespace sim::kube
