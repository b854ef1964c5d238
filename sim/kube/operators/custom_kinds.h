#pragma once

#include "sim/kube/client/client.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

// Custom objects as the operators meet them: by kind, with their content as JSON.
namespace sim::kube {

/// A kind that some operator's definitions bring.
struct CustomKind {
    const char* group;
    const char* version;
    const char* kind;
    const char* plural;
};

inline constexpr CustomKind kPyTorchJobs{"kubeflow.org", "v1", "PyTorchJob", "pytorchjobs"};
inline constexpr CustomKind kPodGroups{"scheduling.volcano.sh", "v1beta1", "PodGroup", "podgroups"};
inline constexpr CustomKind kVolcanoQueues{"scheduling.volcano.sh", "v1beta1", "Queue", "queues"};
inline constexpr CustomKind kResourceFlavors{"kueue.x-k8s.io", "v1beta2", "ResourceFlavor", "resourceflavors"};
inline constexpr CustomKind kClusterQueues{"kueue.x-k8s.io", "v1beta2", "ClusterQueue", "clusterqueues"};
inline constexpr CustomKind kLocalQueues{"kueue.x-k8s.io", "v1beta2", "LocalQueue", "localqueues"};
inline constexpr CustomKind kWorkloads{"kueue.x-k8s.io", "v1beta2", "Workload", "workloads"};

using CustomObjectPtr = std::shared_ptr<const CustomObject>;

bool isOf(const CustomKind& kind, const CustomObject& object);
/// The key in the store's table.
ObjectKey customKey(const CustomKind& kind, const std::string& namespace_, const std::string& name);
CustomObjectPtr findCustom(const Store& store, const CustomKind& kind, const std::string& namespace_, const std::string& name);
/// In order of namespace and name.
std::vector<CustomObjectPtr> allCustom(const Store& store, const CustomKind& kind);
/// Whether a definition of the kind's group is in the store.
bool groupDefined(const Store& store, const CustomKind& kind);

/// Everything but apiVersion, kind and metadata; an object.
nlohmann::json contentOf(const CustomObject& object);
/// A reference for events, with the object's own kind.
ObjectReference referenceToCustom(const CustomObject& object);
/// With controller and blockOwnerDeletion.
OwnerReference ownedBy(const CustomObject& owner);
/// The controller's reference when it is an object of that kind.
const OwnerReference* controllerOfKind(const ObjectMeta& metadata, const CustomKind& kind);

/// Writes through the API server, as the operator's account: schema, defaults and admission included. Empty, or why not.
std::string createCustom(const Client& client, const CustomKind& kind, nlohmann::json object, const std::string& account);
/// Replaces a part of the newest content ("spec", "status") and nothing else. False: the object is gone.
bool writeCustomPart(const Client& client, const ObjectKey& key, const char* part, const nlohmann::json& value);

/// Fields of JSON that may be missing or of another type.
std::string textAt(const nlohmann::json& object, const char* field);
std::optional<std::int64_t> numberAt(const nlohmann::json& object, const char* field);
/// An object at that field; an empty one otherwise.
const nlohmann::json& partAt(const nlohmann::json& object, const char* field);
std::optional<Instant> timeAt(const nlohmann::json& object, const char* field);

} // namespace sim::kube
