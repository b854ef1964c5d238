#pragma once

#include "sim/host/hosts.h"

#include <string>

namespace sim::gpu {

/// A warning of the driver, as dmesg shows it.
inline void logKernel(Engine& engine, host::Hosts& hosts, HostId host, std::string line)
{
    constexpr std::uint8_t kWarning = 4;
    hosts.log(engine, host, "kernel", "", 0, kWarning, std::move(line));
}

} // namespace sim::gpu
