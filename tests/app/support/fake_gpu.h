#pragma once

#include "core/session/gpu_detail.h"

#include <memory>

namespace app::desktop::testing {

/// `machines` of eight GPUs: of gpu-1 the last GPU is slowed by heat and a fan stands still, gpu-2's GPU 3 fell off the bus,
/// gpu-3 is off. Two cooling units, the second stopped.
std::shared_ptr<const core::session::RacksDetail> sketchRacks(int machines = 3);
/// gpu-1 from the inside: GPU 2 runs over half its PCIe lanes and has an inactive NVLink, GPU 7 is slowed, the adapter of rail 1 is down.
std::shared_ptr<const core::session::NodeDetail> sketchNode(const char* name = "gpu-1");
/// Three machines on two rails under one spine: gpu-3:1 is down, gpu-2:0 has symbol errors.
std::shared_ptr<const core::session::FabricDetail> sketchFabric();
std::shared_ptr<const core::session::GpuDetail> sketchGpus();

} // namespace app::desktop::testing
