#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sim::gpu {

enum class Architecture : std::uint8_t { Ampere, Hopper, Blackwell };

/// What a model of board is: its data sheet, what `nvidia-smi -q` says of every one of its kind, and how its power follows its
/// work. Sources of the figures: README.md.
struct Board {
    std::string_view name;      ///< "NVIDIA H100 80GB HBM3"
    std::string_view shortName; ///< "H100"
    Architecture architecture = Architecture::Hopper;
    std::int64_t memoryMiB = 0;   ///< "FB Memory Usage: Total"
    std::int64_t reservedMiB = 0; ///< "Reserved": firmware, page tables, row remapper
    std::int64_t bar1MiB = 0;
    int multiprocessors = 0;
    int maxSmMHz = 0;
    int idleSmMHz = 0;
    int memoryMHz = 0; ///< that always runs: data-centre boards do not lower it by themselves
    int memoryLowMHz = 0; ///< the other one that `-q -d SUPPORTED_CLOCKS` lists; 0: none
    int maxVideoMHz = 0;
    int idleVideoMHz = 0;
    double minLimitW = 0;
    double defaultLimitW = 0; ///< also the largest that may be set
    double idleW = 0;         ///< at idleSmMHz, without a context
    double memoryIdleW = 0;   ///< of it, the HBM ("GPU Memory Power Readings"); 0: the board does not tell
    // What is added at maxSmMHz, each with all of its unit busy; the first three fall with the clock (operating_point.h).
    double awakeW = 0;  ///< clocks run, no kernel does
    double smW = 0;     ///< multiprocessors without their tensor cores
    double tensorW = 0; ///< tensor cores at their peak rate
    double dramW = 0;   ///< HBM at its full bandwidth; has its own clock
    double dieOhms = 0.030;    ///< K/W from chip to heat sink
    double sinkOhms = 0.0156;  ///< K/W from sink to air, at the full airflow of its chassis
    double maxOperatingC = 0; ///< "GPU Max Operating Temp": T.Limit 0, from here the driver lowers clocks
    double slowdownC = 0;     ///< hardware slowdown
    double shutdownC = 0;
    double memoryMaxC = 0;
    int nvlinks = 0;
    double nvlinkGBs = 0; ///< per link and direction, as `nvidia-smi nvlink -s` prints it (10^9 B/s)
    int pcieGeneration = 0;
    int remapBanks = 0;
    double bf16TflopsPeak = 0; ///< dense, data sheet
    double hbmGBs = 0;
    std::uint32_t deviceId = 0;    ///< PCI, with NVIDIA's 10de
    std::uint32_t subsystemId = 0;
    std::string_view vbios;
    std::string_view boardPartNumber;
    std::string_view gpuPartNumber;
    std::string_view inforomImage;
    std::string_view pciName; ///< as lspci's table calls the device: "GH100 [H100 SXM5 80GB]"
};

std::span<const Board> boards();
/// By `name`, or by `shortName`. Null: there is none.
const Board* boardNamed(std::string_view name);

} // namespace sim::gpu
