#pragma once

#include "sim/world/world.h"

#include <cstdint>
#include <string>
#include <vector>

namespace core::shell::gpu {

/// A function on the PCI bus of a machine.
struct PciDevice {
    std::string address;     ///< "0000:18:00.0"
    std::uint16_t classCode = 0;
    std::string className;   ///< "3D controller"
    std::string vendorName;  ///< "NVIDIA Corporation"
    std::string name;        ///< "GH100 [H100 SXM5 80GB]"
    std::uint16_t vendor = 0;
    std::uint16_t device = 0;
    std::uint16_t subsystem = 0; ///< of the same vendor; 0: none
    std::string revision;    ///< "a1"
    std::string driver;      ///< in use; empty: none
    std::string modules;     ///< "nouveau, nvidia_drm, nvidia"
    int numaNode = -1;
    int generation = 0;      ///< of its link now; 0: no link to tell of
    int maxGeneration = 0;
    int width = 0;
    int maxWidth = 0;
    bool correctedErrors = false; ///< AER: receiver errors, bad packets, replays
    bool lost = false;       ///< reads as all ones
};

/// In bus order. GPUs and NVSwitches of the machine; what did not answer when the bus was walked is not there.
std::vector<PciDevice> pciDevices(const sim::World& world, sim::HostId host);

struct LspciOptions {
    int verbose = 0;      ///< -v, -vv, -vvv
    int numeric = 0;      ///< -n, -nn
    bool domains = false; ///< -D
    bool drivers = false; ///< -k
    bool root = false;
    std::string slot;     ///< -s; empty: all
    std::string ids;      ///< -d; empty: all
};
std::string lspciText(const std::vector<PciDevice>& devices, const LspciOptions& options);

} // namespace core::shell::gpu
