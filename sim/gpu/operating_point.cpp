#include "sim/gpu/operating_point.h"

#include <algorithm>
#include <cmath>

namespace sim::gpu {

namespace {

/// The part that falls with the clock, at the highest one.
double clockedW(const Board& board, const Activity& activity)
{
    return board.awakeW + board.smW * activity.sm + board.tensorW * activity.tensor;
}

double steadyW(const Board& board, const Activity& activity)
{
    return board.idleW + board.dramW * activity.dram;
}

int stepBelow(double megahertz)
{
    return static_cast<int>(megahertz / kClockStepMHz) * kClockStepMHz;
}

} // namespace

Activity& Activity::operator+=(const Activity& other)
{
    kernel = std::min(1.0, kernel + other.kernel);
    sm = std::min(1.0, sm + other.sm);
    tensor = std::min(1.0, tensor + other.tensor);
    dram = std::min(1.0, dram + other.dram);
    nvlinkTxBytesPerSecond += other.nvlinkTxBytesPerSecond;
    nvlinkRxBytesPerSecond += other.nvlinkRxBytesPerSecond;
    pcieTxBytesPerSecond += other.pcieTxBytesPerSecond;
    pcieRxBytesPerSecond += other.pcieRxBytesPerSecond;
    return *this;
}

double powerAt(const Board& board, const Activity& activity, int smMHz)
{
    if (smMHz <= board.idleSmMHz && activity.kernel <= 0)
        return steadyW(board, activity);
    return steadyW(board, activity)
        + clockedW(board, activity) * std::pow(static_cast<double>(smMHz) / board.maxSmMHz, kPowerExponent);
}

OperatingPoint operatingPoint(const Board& board, const Activity& activity, const ClockLimits& limits)
{
    OperatingPoint point;
    if (activity.kernel <= 0 && !limits.context) {
        point.smMHz = board.idleSmMHz;
        point.powerW = powerAt(board, activity, point.smMHz);
        point.reasons = reason::kIdle;
        return point;
    }
    int clock = board.maxSmMHz;
    const auto bound = [&](int megahertz, std::uint64_t why) {
        if (megahertz >= clock)
            return;
        clock = std::max(board.idleSmMHz, megahertz);
        // What held it before holds it no longer.
        point.reasons = why;
    };
    if (limits.lockedMHz > 0)
        bound(limits.lockedMHz, 0);
    const double room = limits.powerW - steadyW(board, activity);
    const double share = std::max(0.0, room) / clockedW(board, activity);
    if (share < 1)
        bound(stepBelow(board.maxSmMHz * std::pow(share, 1 / kPowerExponent)), reason::kSwPowerCap);
    if (limits.thermalMHz > 0)
        bound(limits.thermalMHz, reason::kSwThermal);
    // The clock generator is halved from outside, whatever the driver had chosen.
    if (limits.hwThermal || limits.powerBrake) {
        clock = std::max(board.idleSmMHz, stepBelow(clock / 2.0));
        point.reasons |= reason::kHwSlowdown;
        if (limits.hwThermal)
            point.reasons |= reason::kHwThermal;
        if (limits.powerBrake)
            point.reasons |= reason::kHwPowerBrake;
    }
    point.smMHz = clock;
    point.powerW = powerAt(board, activity, clock);
    return point;
}

} // namespace sim::gpu
