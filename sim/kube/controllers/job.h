#pragma once

#include "sim/kube/controllers/controller.h"
#include "sim/kube/controllers/job_failures.h"

#include <map>
#include <string>

namespace sim::kube {

/// pkg/controller/job: runs pods to completion. Keys are Jobs, and pods ("pod/name") that a finalizer keeps
/// though their Job is gone.
struct JobController {
    static constexpr const char* kStream = "kube/job";
    static constexpr int kWorkers = 5; // --concurrent-job-syncs
    WorkQueue queue;
    std::map<ObjectKey, JobBackOff> backOffs;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const JobController&) const = default;
    void addTo(Fingerprint& f) const
    {
        queue.addTo(f);
        sim::addTo(f, backOffs);
    }
};

inline constexpr const char* kJobTracking = "batch.kubernetes.io/job-tracking";

/// Complete or Failed; null: the Job goes on.
const Condition* finishedCondition(const Job& job);

} // namespace sim::kube
