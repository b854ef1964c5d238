#pragma once

#include "sim/training/collectives/debug_log.h"
#include "sim/training/jobs/run_context.h"

namespace sim::training {

/// The communicator over all ranks of a job, as NCCL finds its machines now. Megatron makes others for parts of them; they say
/// nothing here.
struct JobCommunicator {
    collectives::System system;
    collectives::Environment environment; ///< of the first machine
    collectives::Communicator communicator;
    collectives::Tuner tuner;
    std::optional<collectives::Failure> failure; ///< it cannot be made, or its first call is refused
    std::string failedAt;                        ///< "graph/tuning.cc:104"
};
collectives::Environment environmentOf(const Run& run);
JobCommunicator communicatorOf(const RunContext& context);

/// What every rank prints with NCCL_DEBUG: before it needs the others, ...
void sayStart(const RunContext& context);
/// ... once the communicator is there, and when its first call (torch's barrier) connects, ...
void sayComplete(const RunContext& context, const JobCommunicator& made);
/// ... and when gradients are first exchanged.
void sayExchange(const RunContext& context);
/// A warning of one rank; nothing below NCCL_DEBUG=WARN.
void warn(const RunContext& context, std::int64_t rank, const std::string& where, const std::string& text);

} // namespace sim::training
