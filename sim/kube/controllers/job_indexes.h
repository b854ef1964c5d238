#pragma once

#include "sim/kube/api/batch_v1.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

// Completion indexes of Indexed Jobs (pkg/controller/job/indexed_job_utils.go).
namespace sim::kube {

inline constexpr const char* kCompletionIndex = "batch.kubernetes.io/job-completion-index";
inline constexpr const char* kIndexFailureCount = "batch.kubernetes.io/job-index-failure-count";

using JobIndexes = std::set<std::int64_t>;

/// "0-2,5": as status.completedIndexes has them; parts that are not numbers are left out.
JobIndexes parseIndexes(const std::string& text);
std::string indexesText(const JobIndexes& indexes);

bool isIndexed(const Job& job);
/// Of a pod; nothing when it has none.
std::optional<std::int64_t> completionIndex(const Pod& pod);
/// The pod has an index that counts for the job.
bool hasValidIndex(const Job& job, const Pod& pod);
/// How often the index had failed before this pod was made.
std::int64_t indexFailures(const Pod& pod);

/// What the first rule that holds is called in the condition's message; nothing when none holds.
std::optional<std::string> metSuccessPolicy(const Job& job, const JobIndexes& succeeded);

} // namespace sim::kube
