#pragma once

#include "sim/host/standard_machine.h"

#include <string>

namespace sim::gpu {

/// NVIDIA's kernel module and libraries are files of the machine; what is loaded is what was there when it was loaded.
namespace driver_files {
constexpr const char* kLibraryFolder = "/usr/lib/x86_64-linux-gnu/";
constexpr const char* kLibraryLink = "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1";
} // namespace driver_files

/// The release that the lab's nodes run.
constexpr const char* kDriverVersion = "580.105.08";
constexpr const char* kCudaVersion = "13.0";
constexpr int kCudaVersionCode = 13'000; ///< the same, as cudaDriverGetVersion tells it

struct Driver {
    bool loaded = true;
    std::string version = kDriverVersion; ///< of the module in the kernel
    bool peerMemory = true;               ///< nvidia_peermem is loaded: NICs reach GPU memory
    bool operator==(const Driver&) const = default;
};
BOOST_DESCRIBE_STRUCT(Driver, (), (loaded, version, peerMemory))

/// The module, the libraries and the links to them, by path.
host::FileTable driverFiles(const std::string& version);
/// Of the module on the disk, which the next load takes; empty: there is none.
std::string moduleVersionOnDisk(const host::Machine& machine);
/// That programs are linked with: where libnvidia-ml.so.1 points to; empty: there is none.
std::string libraryVersion(const host::Machine& machine);

/// What nvmlInit says.
enum class NvmlStatus : std::uint8_t { Success, DriverNotLoaded, LibraryNotFound, VersionMismatch };
NvmlStatus nvmlStatus(const Driver& driver, const host::Machine& machine);

} // namespace sim::gpu
