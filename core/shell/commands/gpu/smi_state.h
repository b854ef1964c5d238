#pragma once

#include "sim/engine/time.h"
#include "sim/gpu/driver.h"
#include "sim/gpu/gpus.h"
#include "sim/world/command.h"

#include <string>
#include <string_view>
#include <vector>

namespace core::shell::gpu {

/// A network adapter that may share a PCIe switch with a GPU, as the topology matrix shows it.
struct SmiNic {
    std::string name;   ///< "mlx5_0"
    int numaNode = 0;
    int pciSwitch = -1; ///< of the switch below the host bridge, as SmiDevice::pciSwitch counts; -1: none
};

/// A device as the driver numbers it.
struct SmiDevice {
    int number = 0; ///< nvidia-smi's index
    const sim::gpu::Gpu* gpu = nullptr;
    int numaNode = 0;
    int pciSwitch = 0;
};

/// What NVML shows at one moment on a machine, or in a container on it. Pointers hold until virtual time passes.
struct SmiState {
    sim::Instant now{};
    std::string hostName;
    sim::gpu::NvmlStatus status = sim::gpu::NvmlStatus::Success;
    std::string library; ///< version of libnvidia-ml and of nvidia-smi
    const sim::gpu::Node* node = nullptr;
    /// Those the driver has found, lost ones too. What was not there when the driver was loaded has no number.
    std::vector<SmiDevice> devices;
    std::vector<SmiNic> nics;
    std::int64_t cpus = 0;
    int numaNodes = 1;
    bool root = false;
    bool inContainer = false;    ///< sees its own devices only, and nobody's process numbers
    bool virtualMachine = false; ///< devices are passed through: no root port, no NVSwitch to see
};

/// Where nvidia-smi runs: the shell in the lab, a fixed state in tests.
class SmiPlace {
public:
    virtual ~SmiPlace() = default;
    virtual SmiState look() = 0;
    virtual sim::CommandResult change(const sim::command::GpuChange& change) = 0;
    virtual void print(std::string_view text) = 0;
    virtual void complain(std::string_view text) = 0; ///< standard error
    virtual void wait(sim::Duration duration) = 0;
    /// -f FILE: what follows goes there. False: it cannot be written.
    virtual bool redirect(const std::string& path) = 0;
};

/// NVML's return codes, which are nvidia-smi's exit codes (nvml.h).
namespace nvml {
constexpr int kSuccess = 0;
constexpr int kInvalidArgument = 2;
constexpr int kNotSupported = 3;
constexpr int kNoPermission = 4;
constexpr int kNotFound = 6;
constexpr int kDriverNotLoaded = 9;
constexpr int kLibraryNotFound = 12;
constexpr int kGpuIsLost = 15;
constexpr int kLibraryMismatch = 18;
constexpr int kInUse = 19;
} // namespace nvml

/// nvidia-smi with these words behind its name. Returns the exit status.
int nvidiaSmi(SmiPlace& place, const std::vector<std::string>& arguments);

} // namespace core::shell::gpu
