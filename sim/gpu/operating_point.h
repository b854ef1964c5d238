#pragma once

#include "sim/gpu/activity.h"
#include "sim/gpu/board.h"

#include <cstdint>

namespace sim::gpu {

/// Bits of clocks_event_reasons.active (nvml.h, nvmlClocksEventReason*).
namespace reason {
constexpr std::uint64_t kIdle = 0x1;
constexpr std::uint64_t kApplicationsClocks = 0x2;
constexpr std::uint64_t kSwPowerCap = 0x4;
constexpr std::uint64_t kHwSlowdown = 0x8; ///< together with one of the two below
constexpr std::uint64_t kSyncBoost = 0x10;
constexpr std::uint64_t kSwThermal = 0x20;
constexpr std::uint64_t kHwThermal = 0x40;
constexpr std::uint64_t kHwPowerBrake = 0x80;
constexpr std::uint64_t kDisplayClock = 0x100;
} // namespace reason

/// All clocks move in steps of 15 MHz.
constexpr int kClockStepMHz = 15;
/// What runs between two clocks f: power falls as f^2.4, for the voltage falls with it. Fitted to an H200 under a matrix product
/// (tests/golden/nvidia/h200/heat_and_power.txt: 1,440 MHz at 670 W, 1,515 MHz at 745 W).
constexpr double kPowerExponent = 2.4;

/// What bounds the clock from outside.
struct ClockLimits {
    double powerW = 0;      ///< the enforced power limit
    int lockedMHz = 0;      ///< nvidia-smi -lgc; 0: not locked
    int thermalMHz = 0;     ///< the driver's own cap against heat; 0: none
    bool hwThermal = false; ///< clocks are halved
    bool powerBrake = false;///< likewise, by the signal of the power supplies
    bool context = false;   ///< a program holds the device: clocks stay up between kernels
};

struct OperatingPoint {
    int smMHz = 0;
    double powerW = 0;
    std::uint64_t reasons = 0; ///< of the bits above
};

/// Watts at an SM clock.
double powerAt(const Board& board, const Activity& activity, int smMHz);
/// The highest clock at which the limits hold; never below the idle clock, whatever the power limit says.
OperatingPoint operatingPoint(const Board& board, const Activity& activity, const ClockLimits& limits);

} // namespace sim::gpu
