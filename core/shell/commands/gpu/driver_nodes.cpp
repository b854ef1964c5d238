// Texts as tests/golden/nvidia/h200/idle.txt shows them, and as the kernel's Documentation/ABI/testing/sysfs-bus-pci describes them.
#include "core/shell/commands/gpu/driver_nodes.h"

#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

using sim::gpu::Gpu;

// Split, for a question mark pair before a dash or a dot may be read as one character.
constexpr const char* kNoUuid = "GPU-????????" "-????" "-????" "-????" "-????????????";
constexpr const char* kNoVbios = "??" ".??" ".??" ".??" ".??";

constexpr const char* kSharedNodes[]{"/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"};

std::string speed(int generation)
{
    constexpr const char* kSpeeds[]{"2.5", "5.0", "8.0", "16.0", "32.0", "64.0"};
    return fmt::format("{} GT/s PCIe\n", kSpeeds[std::clamp(generation, 1, 6) - 1]);
}

std::string information(const Gpu& gpu, const std::string& driver)
{
    const bool known = gpu.presence != Gpu::Presence::Uninitialised;
    std::string vbios(gpu.kind().vbios);
    std::transform(vbios.begin(), vbios.end(), vbios.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
    constexpr int kFirstInterrupt = 41;
    return fmt::format("Model: \t\t {}\nIRQ:   \t\t {}\nGPU UUID: \t {}\nVideo BIOS: \t {}\nBus Type: \t PCIe\nDMA Size: \t 52 bits\nDMA Mask: \t 0xfffffffffffff\n"
                       "Bus Location: \t {}\nDevice Minor: \t {}\nGPU Firmware: \t {}\nGPU Excluded:\t No\n",
                       gpu.kind().name, kFirstInterrupt + gpu.index, known ? gpu.card.uuid : kNoUuid, known ? vbios : kNoVbios,
                       gpu.pciAddress(), gpu.index, known ? driver : "N/A");
}

void addBusFiles(std::map<std::string, std::string>& files, const Gpu& gpu, int numaNode)
{
    const std::string folder = "/sys/bus/pci/devices/" + gpu.pciAddress() + "/";
    const bool lost = gpu.presence == Gpu::Presence::Lost;
    // A function that reads as all ones has lanes and speeds that no link has.
    files[folder + "current_link_speed"] = lost ? "Unknown\n" : speed(static_cast<int>(gpu.slot.generation));
    files[folder + "current_link_width"] = fmt::format("{}\n", lost ? 63 : gpu.slot.width);
    files[folder + "max_link_speed"] = speed(gpu.kind().pcieGeneration);
    files[folder + "max_link_width"] = "16\n";
    files[folder + "numa_node"] = fmt::format("{}\n", numaNode);
    files[folder + "vendor"] = "0x10de\n";
    files[folder + "device"] = fmt::format("0x{:04x}\n", gpu.kind().deviceId);
    files[folder + "class"] = "0x030200\n";
    files[folder + "subsystem_vendor"] = "0x10de\n";
    files[folder + "subsystem_device"] = fmt::format("0x{:04x}\n", gpu.kind().subsystemId);
    files[folder + "aer_dev_correctable"] = fmt::format("RxErr {0}\nBadTLP 0\nBadDLLP 0\nRollover 0\nTimeout 0\nNonFatalErr 0\nCorrIntErr 0\nHeaderOF 0\nTOTAL_ERR_COR {0}\n",
                                                        gpu.slot.correctedErrors);
}

} // namespace

std::map<std::string, std::string> driverNodes(const sim::World& world, sim::HostId host)
{
    std::map<std::string, std::string> files;
    const sim::gpu::Node* node = world.gpus().nodeOf(host);
    if (node == nullptr)
        return files;
    const std::string& version = node->driver.version;
    const std::size_t count = node->gpus.size();
    if (node->driver.loaded) {
        files["/proc/driver/nvidia/version"] = fmt::format("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {}  Release Build  (root@{})  \n"
                                                           "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14) \n",
                                                           version, world.hosts().at(host).name);
        for (const char* device : kSharedNodes)
            files[device] = {};
        files["/dev/nvidia-modeset"] = {};
    }
    for (std::size_t i = 0; i < count; ++i) {
        const Gpu& gpu = world.gpus().at(node->gpus[i]);
        if (gpu.presence == Gpu::Presence::Absent)
            continue;
        addBusFiles(files, gpu, i < (count + 1) / 2 ? 0 : 1);
        if (!node->driver.loaded)
            continue;
        files["/proc/driver/nvidia/gpus/" + gpu.pciAddress() + "/information"] = information(gpu, version);
        files[fmt::format("/dev/nvidia{}", gpu.index)] = {};
    }
    return files;
}

std::map<std::string, std::string> deviceNodes(const sim::World& world, const sim::container::Container& container)
{
    std::map<std::string, std::string> files;
    for (const Gpu& gpu : world.gpus().all())
        if (gpu.owner == container.id && container.id.valid()) {
            files[fmt::format("/dev/nvidia{}", gpu.index)] = {};
            for (const char* device : kSharedNodes)
                files[device] = {};
        }
    return files;
}

bool holdsDevice(const sim::World& world, const sim::container::Container& container)
{
    return !deviceNodes(world, container).empty();
}

} // namespace core::shell::gpu
