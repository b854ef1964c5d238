#pragma once

#include "sim/training/jobs/job.h"

namespace sim::training {

/// A collective over all ranks, as torch calls it.
struct Operation {
    std::string name;        ///< "_reduce_scatter_base": of the flight recorder
    std::string type;        ///< "_REDUCE_SCATTER_BASE": of the watchdog
    std::int64_t inputs = 0; ///< elements
    std::int64_t outputs = 0;
    std::string dtype;  ///< "Float"
    std::string caller; ///< Megatron-LM's function: "finalize_model_grads"
    /// As far as the other ranks can see.
    bool matches(const Operation& other) const
    {
        return type == other.type && inputs == other.inputs && outputs == other.outputs && dtype == other.dtype;
    }
};
/// Of one step, in order, by the command line of a worker.
std::vector<Operation> operationsOf(const Run& run, const Member& member);

/// Ranks whose scripts call something else than the others': no step ends.
struct Divergence {
    std::int64_t after = 0; ///< operations of the step that all agree on
    std::int64_t rank = 0;  ///< the first of those that are fewer
    bool operator==(const Divergence&) const = default;
};
std::optional<Divergence> divergenceOf(const Run& run);

} // namespace sim::training
