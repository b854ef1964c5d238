#pragma once

#include "sim/kube/operators/pytorch_job.h"

#include <map>
#include <string>

namespace sim::kube {

inline constexpr const char* kTrainingOperatorName = "training.kubeflow.org/operator-name";
inline constexpr const char* kTrainingJobName = "training.kubeflow.org/job-name";
inline constexpr const char* kTrainingReplicaType = "training.kubeflow.org/replica-type";
inline constexpr const char* kTrainingReplicaIndex = "training.kubeflow.org/replica-index";
inline constexpr const char* kTrainingJobRole = "training.kubeflow.org/job-role";
inline constexpr const char* kPyTorchController = "pytorchjob-controller";

/// Options of the operator's command line that shape pods.
struct PyTorchPodOptions {
    std::string initImage;               ///< --pytorch-init-container-image; empty: no init container
    std::int64_t initTries = 100;        ///< --pytorch-init-container-max-tries
    bool gang = false;                   ///< --gang-scheduler-name=volcano
    static PyTorchPodOptions of(const std::map<std::string, std::string>& flags);
};

/// "NAME-worker-3".
std::string replicaName(const PyTorchJob& job, const std::string& type, std::int64_t index);
/// Labels that all of a job's pods and Services have, or all of one type.
StringMap jobLabels(const PyTorchJob& job);
StringMap replicaLabels(const PyTorchJob& job, const std::string& type);
/// metav1.FormatLabelSelector: "a=b,c=d".
std::string selectorText(const StringMap& labels);

/// The pod of one replica: labels, owner, environment, init container, restart policy, scheduler.
Pod podOf(const PyTorchJob& job, const ReplicaSpec& replica, std::int64_t index, const PyTorchPodOptions& options);
/// Its headless Service, with the ports of the container "pytorch".
Service serviceOf(const PyTorchJob& job, const ReplicaSpec& replica, std::int64_t index);

} // namespace sim::kube
