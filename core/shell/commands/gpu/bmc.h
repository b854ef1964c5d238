#pragma once

#include "sim/gpu/gpus.h"

#include <string>
#include <vector>

namespace core::shell::gpu {

/// Limits that such a controller is set up with, beside those of sim::gpu::Chassis.
constexpr double kWarmExhaust = 70;
constexpr double kHotExhaust = 75;

/// What the management controller of a GPU chassis answers to ipmitool's "sdr", "sensor", "sel" and "dcmi".
struct BmcAnswer {
    std::string out;
    std::string error;
    int status = 0;
};

/// `words` begin with one of the commands above. `on`: the machine has power; the controller itself always has.
BmcAnswer bmcAnswer(const sim::gpu::Gpus& gpus, const sim::gpu::Node& node, bool on, sim::Instant now, const std::vector<std::string>& words);
/// Whether bmcAnswer() knows the command.
bool isBmcCommand(const std::string& word);

} // namespace core::shell::gpu
