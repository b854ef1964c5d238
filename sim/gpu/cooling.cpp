#include "sim/gpu/cooling.h"

#include <algorithm>
#include <cmath>

namespace sim::gpu {

namespace {

// The chip's time constant is 0.7 s: a tenth of a second is short enough for the plain Euler rule, which also keeps every joule.
constexpr double kSubstepSeconds = 0.1;
// Forced convection in a fin stack: Nu ~ Re^0.8, so resistance falls with the flow to that power.
constexpr double kConvectionExponent = 0.8;
constexpr double kLeastFlow = 0.03; ///< draught through a chassis whose fans stand still
// Memory stands beside the chip on one interposer; see README.md for the H200 that these follow.
constexpr double kMemoryFollowsDie = 0.5;
constexpr double kMemoryOwnKelvin = 10; ///< at the full bandwidth
constexpr double kMemorySeconds = 2;
// 30 % up to 35 °C, full at 76 °C.
constexpr double kDutyPerKelvin = 0.017;
constexpr double kDutyFromC = 35;
constexpr double kFanSeconds = 5;
// Cooling units follow the cold aisle: full cooling at 1.5 K above the set point.
constexpr double kFullCoolingKelvin = 1.5;

} // namespace

double heatUp(Heat& heat, const HeatPath& path, double powerW, double dramShare, double airC, double flow, double seconds)
{
    const double dieOhms = path.dieOhms * heat.pasteFactor;
    const double sinkOhms = path.sinkOhms * heat.clogFactor * std::pow(std::max(kLeastFlow, flow), -kConvectionExponent);
    const int steps = std::max(1, static_cast<int>(std::ceil(seconds / kSubstepSeconds)));
    const double step = seconds / steps;
    double given = 0;
    for (int i = 0; i < steps; ++i) {
        const double toSinkW = (heat.dieC - heat.sinkC) / dieOhms;
        const double toAirW = (heat.sinkC - airC) / sinkOhms;
        heat.dieC += (powerW - toSinkW) * step / path.dieJoulesPerKelvin;
        heat.sinkC += (toSinkW - toAirW) * step / path.sinkJoulesPerKelvin;
        given += toAirW * step;
    }
    const double settled = heat.sinkC + kMemoryFollowsDie * (heat.dieC - heat.sinkC) + kMemoryOwnKelvin * dramShare;
    heat.memoryC += (settled - heat.memoryC) * (1 - std::exp(-seconds / kMemorySeconds));
    return given;
}

double storedJoules(const Heat& heat, const HeatPath& path)
{
    return heat.dieC * path.dieJoulesPerKelvin + heat.sinkC * path.sinkJoulesPerKelvin;
}

double Chassis::columnFlow(int column) const
{
    double all = 0;
    double own = 0;
    for (int i = 0; i < kColumns * kFansPerColumn; ++i) {
        const double share = fans[static_cast<std::size_t>(i)].rpm / kFullRpm; // fan laws: the flow is as the speed
        all += share / (kColumns * kFansPerColumn);
        if (i / kFansPerColumn == column)
            own += share / kFansPerColumn;
    }
    return filterFlow * (0.75 * own + 0.25 * all);
}

void Chassis::turnFans(double hottestC, double seconds)
{
    duty = std::clamp(kLowestDuty + kDutyPerKelvin * (hottestC - kDutyFromC), kLowestDuty, std::max(kLowestDuty, dutyCap));
    for (Fan& fan : fans) {
        const double wanted = fan.failed ? 0 : duty * kFullRpm;
        fan.rpm += (wanted - fan.rpm) * (1 - std::exp(-seconds / kFanSeconds));
    }
}

int Chassis::workingSupplies() const
{
    return static_cast<int>(std::count_if(supplies.begin(), supplies.end(), [](const PowerSupply& one) { return !one.failed; }));
}

void Row::breathe(double heatJ, double seconds)
{
    double capacityW = 0;
    for (const CoolingUnit& unit : units)
        if (unit.running)
            capacityW += unit.capacityW;
    heatW = heatJ / seconds;
    // Proportional to the excess, and never colder than the set point.
    const double toSetpointW = heatW + (supplyC - setpointC) * joulesPerKelvin / seconds;
    const double asked = std::min(toSetpointW, capacityW * std::clamp((supplyC - setpointC) / kFullCoolingKelvin, 0.0, 1.0));
    const double takenW = std::clamp(asked, 0.0, capacityW);
    supplyC += (heatJ - takenW * seconds) / joulesPerKelvin;
    takenJ += heatJ;
    removedJ += takenW * seconds;
}

} // namespace sim::gpu
