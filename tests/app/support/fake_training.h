#pragma once

#include "core/session/training_detail.h"

#include <memory>

namespace app::desktop::testing {

/// ml/llama of 8 ranks in its second run: 60 steps, then a restart from the checkpoint of iteration 50; one step skipped and one
/// whose loss is not a number; one rank slower than the rest.
std::shared_ptr<const core::session::JobDetail> sketchJob();
/// Four stages, eight micro-batches.
std::shared_ptr<const core::session::PipelineDetail> sketchPipeline();
/// An all-reduce around two machines of two GPUs: NVLink is done in a quarter of the time of the network.
std::shared_ptr<const core::session::RingDetail> sketchRing();
std::shared_ptr<const core::session::TrainingDetail> sketchTraining();

} // namespace app::desktop::testing
