#pragma once

#include <string>

namespace sim::host {

/// cgroup v2's limits of a node's pods, "259:0 rbps=max wbps=65536 riops=max wiops=max"; empty: none. Written as the kernel takes
/// it, one device at a time; a boot clears it.
inline constexpr const char* kPodsIoLimit = "/sys/fs/cgroup/kubepods.slice/io.max";
/// What the file reads after something was written to it: keys that are not named keep their values.
std::string ioLimitAfter(const std::string& before, const std::string& written);

} // namespace sim::host
