#pragma once

#include "sim/kube/controllers/controller.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

// How a Job counts and answers the failures of its pods (pkg/controller/job/{backoff_utils,pod_failure_policy}.go).
namespace sim::kube {

/// Failures since the last success, and when the last of them was.
struct JobBackOff {
    std::int64_t failures = 0;
    std::optional<Instant> last;
    bool operator==(const JobBackOff&) const = default;
    void addTo(Fingerprint& f) const
    {
        sim::addTo(f, failures);
        sim::addTo(f, last);
    }
    /// With the pods that ended since.
    JobBackOff after(const std::vector<std::shared_ptr<const Pod>>& succeeded, const std::vector<std::shared_ptr<const Pod>>& failed) const;
    /// Until the next pod may be made: 10 s doubling to 10 min, from the last failure.
    Duration remaining(Instant now) const;
};

/// When a pod ended, by its containers, conditions or deletion.
Instant finishedAt(const Pod& pod);
/// A deleted pod counts as failed, since nobody may be left to say how it ended.
bool countsAsFailed(const Job& job, const Pod& pod);
/// Restarts of restartPolicy OnFailure have used up the limit.
bool pastRestartLimit(const Job& job, const std::vector<std::shared_ptr<const Pod>>& pods);

struct FailureRuling {
    std::string action;      ///< FailJob, FailIndex, Ignore, Count; empty: no rule holds
    bool counts = true;      ///< towards the back-off limit
    std::string message;     ///< of FailJob
};
FailureRuling ruleFailure(const Job& job, const Pod& pod);

} // namespace sim::kube
