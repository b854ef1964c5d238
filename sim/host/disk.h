#pragma once

#include <string>

namespace sim::host {

struct Machine;
struct Process;

/// What a process wants to read, and to write and flush, over what the machine's disk can take.
double diskDemandOf(const Process& process);
/// It wants more of a saturated disk than it gets: whenever somebody looks, it sleeps uninterruptibly.
bool standsInDiskQueue(const Machine& machine, const Process& process);

/// cgroup v2's limits of a node's pods, "259:0 rbps=max wbps=65536 riops=max wiops=max"; empty: none. Written as the kernel takes
/// it, one device at a time; a boot clears it.
inline constexpr const char* kPodsIoLimit = "/sys/fs/cgroup/kubepods.slice/io.max";
/// What the file reads after something was written to it: keys that are not named keep their values.
std::string ioLimitAfter(const std::string& before, const std::string& written);

} // namespace sim::host
