#pragma once

#include "sim/faults/catalogue.h"

#include <optional>

namespace sim::faults {

/// One GPU, or a machine of them, by name as content says it.
struct GpuPlace {
    std::string machine; ///< "gpu-3"
    std::int64_t slot = 0;
    gpu::Gpu* gpu = nullptr;
    gpu::Node* node = nullptr;
};

/// A GPU that trains, by the seed; the parameters may name "machine" and "gpu". Nothing: the topology has none.
std::optional<GpuPlace> trainingGpu(Context& context, const nlohmann::json& parameters);
/// "cause", "variant", "machine", "gpu" (slot) and "bus" ("0000:1B:00") of a place.
nlohmann::json described(const GpuPlace& place, const std::string& cause, const std::string& variant);

} // namespace sim::faults
