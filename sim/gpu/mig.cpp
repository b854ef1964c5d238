#include "sim/gpu/mig.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sim::gpu {

namespace {

constexpr std::array<MigProfile, 7> kProfiles{{
    {.id = 19, .computeSlices = 1, .memorySlices = 1, .most = 7, .lastPlacement = 6},
    {.id = 20, .computeSlices = 1, .memorySlices = 1, .media = true, .most = 1, .lastPlacement = 6},
    {.id = 15, .computeSlices = 1, .memorySlices = 2, .most = 4, .lastPlacement = 6, .placementStep = 2},
    {.id = 14, .computeSlices = 2, .memorySlices = 2, .most = 3, .lastPlacement = 4, .placementStep = 2},
    {.id = 9, .computeSlices = 3, .memorySlices = 4, .most = 2, .lastPlacement = 4, .placementStep = 4},
    {.id = 5, .computeSlices = 4, .memorySlices = 4, .most = 1, .lastPlacement = 0},
    {.id = 0, .computeSlices = 7, .memorySlices = 8, .most = 1, .lastPlacement = 0},
}};

bool placementFree(const Gpu& gpu, int start, int size)
{
    return std::none_of(gpu.instances.begin(), gpu.instances.end(),
                        [&](const MigInstance& one) { return start < one.start + one.size && one.start < start + size; });
}

/// Compute slices and media engines that the instances leave.
bool leavesRoom(const Gpu& gpu, const MigProfile& profile)
{
    constexpr int kComputeSlices = 7;
    int compute = profile.computeSlices;
    std::int64_t ofKind = 1;
    bool media = false;
    for (const MigInstance& one : gpu.instances) {
        const MigProfile* other = migProfile(one.profile);
        compute += other->computeSlices;
        ofKind += one.profile == profile.id;
        media |= other->media;
    }
    return compute <= kComputeSlices && ofKind <= profile.most && !(media && profile.media);
}

std::optional<int> placementOf(const Gpu& gpu, const MigProfile& profile)
{
    if (!leavesRoom(gpu, profile))
        return std::nullopt;
    for (int start = 0; start <= profile.lastPlacement; start += profile.placementStep)
        if (placementFree(gpu, start, profile.memorySlices))
            return start;
    return std::nullopt;
}

MigInstance instanceAt(const MigProfile& profile, int start)
{
    MigInstance made;
    made.profile = profile.id;
    made.start = start;
    made.size = profile.memorySlices;
    return made;
}

} // namespace

std::span<const MigProfile> migProfiles()
{
    return kProfiles;
}

const MigProfile* migProfile(std::int64_t id)
{
    const auto found = std::find_if(kProfiles.begin(), kProfiles.end(), [&](const MigProfile& one) { return one.id == id; });
    return found == kProfiles.end() ? nullptr : &*found;
}

std::string migName(const Board& board, const MigProfile& profile)
{
    // Names round eighths of the board's nominal memory: 141 GB gives 18, 35, 71, 141.
    const double nominal = static_cast<double>(board.memoryMiB + board.reservedMiB) * (1 << 20) / 1e9;
    const int whole = board.memoryMiB < 90'000 ? 80 : board.memoryMiB < 150'000 ? 141 : static_cast<int>(nominal - nominal / 16);
    const int gigabytes = (whole * profile.memorySlices + 4) / 8;
    return fmt::format("{}g.{}gb{}", profile.computeSlices, gigabytes, profile.media ? "+me" : "");
}

std::int64_t migFree(const Gpu& gpu, const MigProfile& profile)
{
    Gpu tried = gpu;
    std::int64_t count = 0;
    while (const auto start = placementOf(tried, profile)) {
        tried.instances.push_back(instanceAt(profile, *start));
        ++count;
    }
    return count;
}

std::optional<std::int64_t> createInstance(Gpu& gpu, const MigProfile& profile, RandomStream& random)
{
    const auto start = placementOf(gpu, profile);
    if (!start)
        return std::nullopt;
    MigInstance made = instanceAt(profile, *start);
    // The firmware numbers instances by size class; 0 is the whole board, halves are 1 and 2, and so on up.
    made.id = profile.memorySlices == 8 ? 0 : profile.memorySlices == 4 ? 1 + *start / 4 : profile.memorySlices == 2 ? 3 + *start / 2 : 7 + *start;
    made.uuid = fmt::format("MIG-{:08x}-{:04x}-5{:03x}-{:04x}-{:012x}", random.below(1ULL << 32), random.below(65536), random.below(4096),
                            0x8000 + random.below(0x4000), random.below(1ULL << 48));
    gpu.instances.push_back(std::move(made));
    return gpu.instances.back().id;
}

} // namespace sim::gpu
