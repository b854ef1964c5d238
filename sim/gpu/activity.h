#pragma once

#include "sim/engine/fingerprint.h"

namespace sim::gpu {

/// What kernels keep busy, as shares of the peak at the clock that runs, averaged over the last second.
struct Activity {
    double kernel = 0; ///< of the time, with a kernel on the device: "utilization.gpu"; a rank that spins in NCCL counts in full
    double sm = 0;     ///< of multiprocessor cycles with a warp on them
    double tensor = 0; ///< of tensor core cycles
    double dram = 0;   ///< of the HBM's bandwidth: "utilization.memory" is the time this is above nothing
    double nvlinkTxBytesPerSecond = 0;
    double nvlinkRxBytesPerSecond = 0;
    double pcieTxBytesPerSecond = 0;
    double pcieRxBytesPerSecond = 0;
    bool operator==(const Activity&) const = default;
    /// Two programs that share a device take turns: shares add up to at most the whole.
    Activity& operator+=(const Activity& other);
};
BOOST_DESCRIBE_STRUCT(Activity, (),
                      (kernel, sm, tensor, dram, nvlinkTxBytesPerSecond, nvlinkRxBytesPerSecond, pcieTxBytesPerSecond, pcieRxBytesPerSecond))

} // namespace sim::gpu
