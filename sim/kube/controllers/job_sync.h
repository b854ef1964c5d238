#pragma once

#include "sim/kube/controllers/job.h"
#include "sim/kube/controllers/job_indexes.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

inline const Reporter kJobReporter{"job-controller", "", false, ""};

inline bool listed(const std::vector<std::string>& uids, const std::string& uid)
{
    return std::find(uids.begin(), uids.end(), uid) != uids.end();
}

/// One round of the Job controller over one Job (syncJob of pkg/controller/job/job_controller.go).
class JobSync {
public:
    JobSync(ControllerContext& context, JobController& controller, const ObjectKey& key, Job job);
    /// The first error's text; empty when all writes were taken.
    std::string run();

private:
    using PodPtr = std::shared_ptr<const Pod>;
    using PodList = std::vector<PodPtr>;

    // job_sync.cpp
    void collectPods();
    void countPods();
    void judge();
    void judgeIndexes();
    void stopPods();
    void manage();
    void setSuspended();
    void createPods(std::int64_t count);
    Pod podFor(std::optional<std::int64_t> index) const;
    std::vector<std::int64_t> pendingIndexes(std::int64_t count);
    std::int64_t failuresOfIndex(std::int64_t index) const;
    PodList podsToRemove(std::int64_t count) const;
    void deletePods(const PodList& pods, bool untrack = false);
    void decide(const char* type, const char* reason, const std::string& message);
    // job_tracking.cpp
    void track(bool flush);
    bool countEnded(const Pod& pod);
    bool cleanUncounted();
    bool addInterimCondition();
    bool finish();
    void recordEnd();
    bool setCondition(const Condition& condition);
    void write();

    bool suspended() const { return m_job.spec.suspend.value_or(false); }
    bool perIndex() const { return isIndexed(m_job) && m_job.spec.backoffLimitPerIndex; }
    bool isTracked(const Pod& pod) const;

    ControllerContext& m_context;
    JobController& m_controller;
    ObjectKey m_key;
    Job m_job;
    PodList m_pods;
    PodList m_active;
    PodList m_newSucceeded;
    PodList m_newFailed;
    std::int64_t m_succeeded = 0;
    std::int64_t m_failed = 0;
    std::int64_t m_activeCount = 0;
    std::int64_t m_readyCount = 0;
    std::int64_t m_terminating = 0;
    JobIndexes m_counted;              ///< indexes that the status has as completed
    JobIndexes m_succeededIndexes;
    JobIndexes m_failedIndexes;
    JobBackOff m_backOff;
    std::optional<Condition> m_verdict; ///< how it ends, once that is known
    std::string m_error;
};

} // namespace sim::kube
