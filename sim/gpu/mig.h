#pragma once

#include "sim/gpu/gpu.h"

#include <optional>
#include <span>

namespace sim::gpu {

/// A kind of GPU instance (docs.nvidia.com MIG user guide; memory and names double with the board).
struct MigProfile {
    std::int64_t id = 0;        ///< as `nvidia-smi mig -lgip` numbers them
    int computeSlices = 1;      ///< of 7
    int memorySlices = 1;       ///< of 8
    bool media = false;         ///< "+me": with the only JPEG and OFA engines
    std::int64_t most = 7;      ///< instances of it on one board
    int lastPlacement = 6; ///< the first is 0
    int placementStep = 1;
};

/// In the order of `nvidia-smi mig -lgip`.
std::span<const MigProfile> migProfiles();
const MigProfile* migProfile(std::int64_t id);
/// "1g.10gb", "1g.10gb+me"
std::string migName(const Board& board, const MigProfile& profile);
/// How many more instances of a profile fit beside those that are there.
std::int64_t migFree(const Gpu& gpu, const MigProfile& profile);
/// Makes one at the first placement that is free; its id, or nothing when there is no room.
std::optional<std::int64_t> createInstance(Gpu& gpu, const MigProfile& profile, RandomStream& random);

} // namespace sim::gpu
