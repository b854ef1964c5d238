#pragma once

// Reasons and messages of kubelet events and statuses, in one place because learners, graders and tests match
// on them (pkg/kubelet/events/event.go, pkg/kubelet/images/types.go).
namespace sim::kube::reason {

inline constexpr const char* kPulling = "Pulling";
inline constexpr const char* kPulled = "Pulled";
inline constexpr const char* kFailed = "Failed";
inline constexpr const char* kBackOff = "BackOff";
inline constexpr const char* kCreated = "Created";
inline constexpr const char* kStarted = "Started";
inline constexpr const char* kKilling = "Killing";
inline constexpr const char* kUnhealthy = "Unhealthy";
inline constexpr const char* kFailedMount = "FailedMount";
inline constexpr const char* kSandboxChanged = "SandboxChanged";
inline constexpr const char* kEvicted = "Evicted";
inline constexpr const char* kInvalidImage = "InspectFailed";
inline constexpr const char* kPullSecret = "FailedToRetrieveImagePullSecret";
inline constexpr const char* kErrImagePull = "ErrImagePull";
inline constexpr const char* kImagePullBackOff = "ImagePullBackOff";
inline constexpr const char* kErrImageNeverPull = "ErrImageNeverPull";
inline constexpr const char* kInvalidImageName = "InvalidImageName";
inline constexpr const char* kCrashLoopBackOff = "CrashLoopBackOff";
inline constexpr const char* kConfigError = "CreateContainerConfigError";
inline constexpr const char* kRunContainerError = "RunContainerError";
inline constexpr const char* kCreating = "ContainerCreating";
inline constexpr const char* kInitializing = "PodInitializing";

} // namespace sim::kube::reason
