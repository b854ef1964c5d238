#pragma once

#include "sim/world/world.h"

#include <map>
#include <string>

namespace core::shell::gpu {

/// What NVIDIA's driver and the PCI core show of a machine's GPUs in /proc, /sys and /dev, by path: /proc/driver/nvidia/version,
/// /proc/driver/nvidia/gpus/*/information, /sys/bus/pci/devices/*/current_link_width and its like, /dev/nvidia0.
/// Empty on machines without GPUs.
std::map<std::string, std::string> driverNodes(const sim::World& world, sim::HostId host);

/// A container that holds a device: the container toolkit mounts nvidia-smi and the device's nodes into it.
bool holdsDevice(const sim::World& world, const sim::container::Container& container);
/// Those nodes; empty when it holds none.
std::map<std::string, std::string> deviceNodes(const sim::World& world, const sim::container::Container& container);

} // namespace core::shell::gpu
