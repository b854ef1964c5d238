#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace sim::net {

/// What one flow asks of the channels it uses.
struct Demand {
    std::vector<std::uint32_t> channels;
    double cap = 0; ///< bytes/s it cannot exceed; 0: none
};

/// What a flow without channels and cap gets: about what one core copies through the loopback device.
constexpr double kLoopbackBytesPerSecond = 5e9;

/// Max-min fair rates by progressive filling: all rates rise together; a flow stops at its cap or where one
/// of its channels is full. `capacity` in bytes/s must name every channel used.
std::vector<double> maxMinShares(const std::vector<Demand>& demands,
                                 const std::map<std::uint32_t, double>& capacity);

} // namespace sim::net
