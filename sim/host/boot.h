#pragma once

#include "sim/host/machine.h"

namespace sim::host {

/// A line of the kernel's boot, and how long after power-on's hand-over it is printed.
struct BootLine {
    Duration after{};
    std::string text;
};
/// What Debian's kernel prints on this machine until it starts systemd.
std::vector<BootLine> kernelBootLines(const Machine& machine);

/// systemd and the kernel's threads.
void addKernelProcesses(Machine& machine);
/// Enabled units, each after what it names in After= and Requires=; targets last. Cycles are cut where met.
std::vector<std::string> startOrder(const Machine& machine);
std::string newBootId(const Machine& machine);

constexpr Duration kKernelBoot = 5s; ///< from the kernel's first line to systemd's start
constexpr Duration kUnitGap = 400ms; ///< between the starts of two units

} // namespace sim::host
