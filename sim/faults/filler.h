#pragma once

#include "sim/engine/time.h"
#include "sim/faults/catalogue.h"

#include <optional>
#include <string>

namespace sim::faults {

// Workloads of other teams that take room. Their containers only wait; what counts is what they ask for.

/// batch/price-index: a Deployment that leaves less than one core free on every worker.
void fillWithDeployment(Context& context);
/// The same as a Job that is stopped when its deadline has passed.
void fillWithJob(Context& context, Duration deadline);
/// llm/finetune: a Deployment that takes every GPU that is free.
void takeFreeGpus(Context& context);
/// reindex: a Job of three pods of three cores each in the namespace, stopped when its deadline has passed.
void runReindexJob(Context& context, const std::string& namespace_, Duration deadline);
/// notebook: a Deployment of three pods, each on a node of its own, with two GPUs each.
void openNotebooks(Context& context, const std::string& namespace_);
/// eval-7b: a Job of three pods that take whole 8-GPU nodes. Its program writes its results and waits for somebody to fetch them,
/// unless a deadline ends it.
void runEvaluation(Context& context, const std::string& namespace_, const std::string& version, std::optional<Duration> deadline);

} // namespace sim::faults
