#pragma once

#include "sim/kube/operators/kueue_objects.h"

#include <map>
#include <optional>
#include <string>

namespace sim::kube {

/// A job that Kueue manages: a PyTorchJob, or a Job of batch/v1.
struct QueuedJob {
    struct End {
        bool well = false;
        std::string message;
    };
    ObjectReference reference;
    std::string group;         ///< "batch"
    const char* reporter = ""; ///< of events about it
    std::string queue;         ///< the LocalQueue that it names; empty: it is not managed
    bool suspended = false;
    std::optional<End> end;
    std::string priorityClass;
    nlohmann::json podSets;    ///< as its Workload has them

    const std::string& name() const { return reference.name; }
    const std::string& namespace_() const { return reference.namespace_; }
    /// The Workload of the job, whether or not it is there.
    std::string workloadName() const;
};

/// Keys of the manager's queue. They tell the kinds apart: a name has no slash.
ObjectKey queuedJobKey(const CustomObject& pytorchJob);
ObjectKey queuedJobKey(const Job& job);
/// The job that an object is controlled by.
std::optional<ObjectKey> queuedOwnerKey(const ObjectMeta& metadata);

/// Nothing: it is gone, or going.
std::optional<QueuedJob> findQueuedJob(const Store& store, const ObjectKey& key);
/// Starts or stops it. `selectors`: node labels that the pods of a pod set are held to from now on.
void setSuspended(const Client& client, const ObjectKey& key, bool suspended, const std::map<std::string, StringMap>& selectors);
/// The mutating webhook: a new job that names a queue starts suspended.
void suspendQueued(nlohmann::json& manifest);

} // namespace sim::kube
