#include "sim/gpu/board.h"

#include <algorithm>
#include <array>

namespace sim::gpu {

namespace {

constexpr std::array<Board, 4> kBoards{{
    {.name = "NVIDIA A100-SXM4-80GB", .shortName = "A100", .architecture = Architecture::Ampere,
     .memoryMiB = 81920, .reservedMiB = 834, .bar1MiB = 131072, .multiprocessors = 108,
     .maxSmMHz = 1410, .idleSmMHz = 210, .memoryMHz = 1593, .maxVideoMHz = 1290, .idleVideoMHz = 585,
     .minLimitW = 100, .defaultLimitW = 400, .idleW = 58, .awakeW = 26, .smW = 75, .tensorW = 360, .dramW = 90,
     .dieOhms = 0.045, .sinkOhms = 0.022, .maxOperatingC = 85, .slowdownC = 89, .shutdownC = 92, .memoryMaxC = 95, .nvlinks = 12, .nvlinkGBs = 25.0,
     .pcieGeneration = 4, .remapBanks = 640, .bf16TflopsPeak = 312, .hbmGBs = 2039, .deviceId = 0x20B2, .subsystemId = 0x1463,
     .vbios = "92.00.45.00.05", .boardPartNumber = "692-2G506-0210-002", .gpuPartNumber = "20B2-895-A1",
     .inforomImage = "G506.0210.00.03", .pciName = "GA100 [A100 SXM4 80GB]"},
    {.name = "NVIDIA H100 80GB HBM3", .shortName = "H100", .architecture = Architecture::Hopper,
     .memoryMiB = 81559, .reservedMiB = 454, .bar1MiB = 131072, .multiprocessors = 132,
     .maxSmMHz = 1980, .idleSmMHz = 345, .memoryMHz = 2619, .memoryLowMHz = 1593, .maxVideoMHz = 1545, .idleVideoMHz = 765,
     .minLimitW = 200, .defaultLimitW = 700, .idleW = 70, .memoryIdleW = 38, .awakeW = 45, .smW = 250, .tensorW = 1200, .dramW = 125,
     .maxOperatingC = 87, .slowdownC = 89, .shutdownC = 95, .memoryMaxC = 95, .nvlinks = 18, .nvlinkGBs = 26.562,
     .pcieGeneration = 5, .remapBanks = 2560, .bf16TflopsPeak = 989.4, .hbmGBs = 3352, .deviceId = 0x2330, .subsystemId = 0x16C1,
     .vbios = "96.00.74.00.01", .boardPartNumber = "692-2G520-0200-000", .gpuPartNumber = "2330-885-A1",
     .inforomImage = "G520.0200.00.05", .pciName = "GH100 [H100 SXM5 80GB]"},
    {.name = "NVIDIA H200", .shortName = "H200", .architecture = Architecture::Hopper,
     .memoryMiB = 143771, .reservedMiB = 616, .bar1MiB = 262144, .multiprocessors = 132,
     .maxSmMHz = 1980, .idleSmMHz = 345, .memoryMHz = 3201, .memoryLowMHz = 2201, .maxVideoMHz = 1545, .idleVideoMHz = 765,
     .minLimitW = 200, .defaultLimitW = 700, .idleW = 80, .memoryIdleW = 45.8, .awakeW = 45, .smW = 250, .tensorW = 1200, .dramW = 150,
     .maxOperatingC = 87, .slowdownC = 89, .shutdownC = 95, .memoryMaxC = 95, .nvlinks = 18, .nvlinkGBs = 26.562,
     .pcieGeneration = 5, .remapBanks = 3072, .bf16TflopsPeak = 989.4, .hbmGBs = 4800, .deviceId = 0x2335, .subsystemId = 0x18BF,
     .vbios = "96.00.A5.00.1A", .boardPartNumber = "692-2G520-0282-000", .gpuPartNumber = "2335-895-A1",
     .inforomImage = "G520.0282.02.02", .pciName = "GH100 [H200 SXM 141GB]"},
    {.name = "NVIDIA B200", .shortName = "B200", .architecture = Architecture::Blackwell,
     .memoryMiB = 183359, .reservedMiB = 735, .bar1MiB = 262144, .multiprocessors = 148,
     .maxSmMHz = 1965, .idleSmMHz = 120, .memoryMHz = 3996, .maxVideoMHz = 1530, .idleVideoMHz = 600,
     .minLimitW = 200, .defaultLimitW = 1000, .idleW = 140, .memoryIdleW = 27, .awakeW = 60, .smW = 330, .tensorW = 1650, .dramW = 240,
     .dieOhms = 0.017, .sinkOhms = 0.0110, .maxOperatingC = 85, .slowdownC = 88, .shutdownC = 90, .memoryMaxC = 95, .nvlinks = 18, .nvlinkGBs = 53.125,
     .pcieGeneration = 5, .remapBanks = 4096, .bf16TflopsPeak = 2250, .hbmGBs = 7672, .deviceId = 0x2901, .subsystemId = 0x1999,
     .vbios = "97.00.9A.00.0F", .boardPartNumber = "692-2G525-0220-000", .gpuPartNumber = "2901-886-A1",
     .inforomImage = "G525.0220.00.03", .pciName = "GB100 [B200]"},
}};

} // namespace

std::span<const Board> boards()
{
    return kBoards;
}

const Board* boardNamed(std::string_view name)
{
    const auto found = std::find_if(kBoards.begin(), kBoards.end(), [&](const Board& board) { return board.name == name || board.shortName == name; });
    return found == kBoards.end() ? nullptr : &*found;
}

} // namespace sim::gpu
