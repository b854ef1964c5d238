#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <map>
#include <vector>

namespace sim::gpu {

struct ErrorCounts {
    std::int64_t sramCorrectable = 0;
    std::int64_t sramUncorrectableParity = 0;
    std::int64_t sramUncorrectableSecDed = 0;
    std::int64_t dramCorrectable = 0;
    std::int64_t dramUncorrectable = 0;
    bool operator==(const ErrorCounts&) const = default;
    std::int64_t uncorrectable() const { return sramUncorrectableParity + sramUncorrectableSecDed + dramUncorrectable; }
};
BOOST_DESCRIBE_STRUCT(ErrorCounts, (),
                      (sramCorrectable, sramUncorrectableParity, sramUncorrectableSecDed, dramCorrectable, dramUncorrectable))

/// Rows of HBM that stand in for bad ones. A remapping is written down at once and takes effect at the next reset.
struct RowRemapper {
    static constexpr int kSparesPerBank = 8; ///< docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt
    std::int64_t correctable = 0;   ///< remapped for correctable errors, in effect or not
    std::int64_t uncorrectable = 0;
    std::int64_t inactiveCorrectable = 0; ///< of them, not in effect yet
    std::int64_t inactiveUncorrectable = 0;
    bool failed = false;            ///< a bank has had no spare left; the board is to be replaced
    std::map<std::int64_t, std::int64_t> used; ///< spares by bank, those with any
    bool operator==(const RowRemapper&) const = default;
    bool pending() const { return inactiveCorrectable + inactiveUncorrectable > 0; }
    /// False: the bank is out of spares.
    bool remap(std::int64_t bank, bool forUncorrectable);
    void activate() { inactiveCorrectable = inactiveUncorrectable = 0; }

    /// How many banks have how many spares left, as "Bank Remap Availability Histogram" sorts them.
    struct Histogram {
        std::int64_t max = 0, high = 0, partial = 0, low = 0, none = 0;
        bool operator==(const Histogram&) const = default;
    };
    Histogram histogram(std::int64_t banks) const;
};
BOOST_DESCRIBE_STRUCT(RowRemapper, (), (correctable, uncorrectable, inactiveCorrectable, inactiveUncorrectable, failed, used))

/// Of one card: the aggregate counts and the remapper are in its InfoROM and go with it.
struct MemoryErrors {
    ErrorCounts volatile_; ///< since the driver was loaded
    ErrorCounts aggregate;
    RowRemapper remapper;
    bool operator==(const MemoryErrors&) const = default;
    /// Uncorrectable SRAM errors of a life that NVIDIA's field diagnostic still lets pass. NVML tells only that there is a
    /// threshold (nvmlEccSramErrorStatus_t::bThresholdExceeded); the number is ours.
    static constexpr std::int64_t kSramThreshold = 4;
    bool sramThresholdExceeded() const { return aggregate.sramUncorrectableParity + aggregate.sramUncorrectableSecDed > kSramThreshold; }
    void correctable(std::int64_t count);
    /// An uncorrectable error of HBM in a row of `bank`. The Xids that the driver logs, in order: 48, then 63 (64 when no
    /// spare is left), then 94: the error stays within the program that met it.
    std::vector<int> uncorrectable(std::int64_t bank);
    /// One of the L2 cache, whose lines belong to all: Xid 48 and 95. No row can stand in for it.
    std::vector<int> sramUncorrectable();
    void driverLoaded() { volatile_ = {}; }
};
BOOST_DESCRIBE_STRUCT(MemoryErrors, (), (volatile_, aggregate, remapper))

} // namespace sim::gpu
