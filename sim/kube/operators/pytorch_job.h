#pragma once

#include "sim/kube/operators/custom_kinds.h"

#include "sim/kube/api/field_errors.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// One entry of spec.pytorchReplicaSpecs, with the operator's defaults filled in.
struct ReplicaSpec {
    std::string type;                        ///< "Master", "Worker"
    std::int64_t replicas = 1;
    std::string restartPolicy = "OnFailure"; ///< Always, OnFailure, Never, ExitCode
    PodTemplateSpec template_;
};

/// status of a job (kubeflow.org/v1 JobStatus).
struct TrainingStatus {
    struct Replica {
        std::int64_t active = 0;
        std::int64_t succeeded = 0;
        std::int64_t failed = 0;
        std::string selector;
        bool operator==(const Replica&) const = default;
    };
    std::vector<Condition> conditions;
    std::map<std::string, Replica> replicas;
    std::optional<Instant> startTime;
    std::optional<Instant> completionTime;
    std::optional<Instant> lastReconcileTime;
    bool operator==(const TrainingStatus&) const = default;

    bool isTrue(const char* condition) const;
    bool finished() const { return isTrue("Succeeded") || isTrue("Failed"); }
    /// pkg/util/status.go: Running and Restarting drive each other out, an end makes Running false, a failed job's
    /// conditions stay as they are, and nothing happens when status and reason are the same.
    void set(const char* condition, bool value, const std::string& reason, const std::string& message, Instant now);
    nlohmann::json toJson() const;
    static TrainingStatus of(const nlohmann::json& status);
};

/// A PyTorchJob as the operator sees it.
struct PyTorchJob {
    CustomObjectPtr object;
    std::vector<ReplicaSpec> replicas; ///< the master first
    std::string cleanPodPolicy = "None"; ///< None, Running, All
    std::optional<std::int64_t> ttlSecondsAfterFinished;
    std::optional<std::int64_t> activeDeadlineSeconds;
    std::optional<std::int64_t> backoffLimit;
    bool suspended = false;
    std::optional<std::int64_t> minAvailable;
    std::string queue;
    std::string priorityClass;
    std::optional<nlohmann::json> minResources;
    std::optional<std::string> nprocPerNode;
    std::optional<nlohmann::json> elasticPolicy;
    TrainingStatus status;

    const std::string& name() const { return object->metadata.name; }
    const std::string& namespace_() const { return object->metadata.namespace_; }
    const ReplicaSpec* replica(std::string_view type) const;
    std::int64_t totalReplicas() const;
};

/// Requires: isOf(kPyTorchJobs, *object).
PyTorchJob readPyTorchJob(CustomObjectPtr object);

/// What the operator's admission webhook has against an object (pkg/webhooks/pytorch).
FieldErrors validatePyTorchJob(const nlohmann::json& object);

inline constexpr const char* kPyTorchContainer = "pytorch";
inline constexpr const char* kPyTorchPortName = "pytorchjob-port";
inline constexpr std::int64_t kPyTorchPort = 23456;

/// The pod that a template of JSON describes; fields it does not know are passed over.
Pod podOfTemplate(const nlohmann::json& podTemplate);

} // namespace sim::kube
