// nvidia-smi topo. Layout: tests/golden/nvidia/h200/idle.txt; rows of adapters as H100 nodes print them (NCCL issue 1357).
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/gpu/smi_views.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

constexpr const char* kLegend = "\nLegend:\n\n"
                                "  X    = Self\n"
                                "  SYS  = Connection traversing PCIe as well as the SMP interconnect between NUMA nodes (e.g., QPI/UPI)\n"
                                "  NODE = Connection traversing PCIe as well as the interconnect between PCIe Host Bridges within a NUMA node\n"
                                "  PHB  = Connection traversing PCIe as well as a PCIe Host Bridge (typically the CPU)\n"
                                "  PXB  = Connection traversing multiple PCIe bridges (without traversing the PCIe Host Bridge)\n"
                                "  PIX  = Connection traversing at most a single PCIe bridge\n";

/// An end of a path: a GPU or an adapter.
struct End {
    int numaNode = 0;
    int pciSwitch = -1;
    std::int64_t links = 0;
};

std::string pathBetween(const End& a, const End& b, bool withNvlink)
{
    if (withNvlink && a.links > 0 && b.links > 0)
        return fmt::format("NV{}", std::min(a.links, b.links));
    if (a.pciSwitch >= 0 && a.pciSwitch == b.pciSwitch)
        return "PIX";
    return a.numaNode == b.numaNode ? "NODE" : "SYS";
}

/// "0-47" for the first of two nodes with 96 processors.
std::string processors(const SmiState& state, int numaNode)
{
    const std::int64_t each = state.cpus / std::max(1, state.numaNodes);
    return fmt::format("{}-{}", numaNode * each, (numaNode + 1) * each - 1);
}

void matrix(SmiPlace& place, const SmiState& state, bool withNvlink)
{
    std::vector<End> ends;
    std::vector<std::string> names;
    for (const SmiDevice& device : state.devices)
        if (isRow(device)) {
            ends.push_back({device.numaNode, device.pciSwitch, state.virtualMachine ? 0 : device.gpu->activeLinks()});
            names.push_back(fmt::format("GPU{}", device.number));
        }
    const std::size_t gpus = ends.size();
    for (std::size_t i = 0; i < state.nics.size(); ++i) {
        ends.push_back({state.nics[i].numaNode, state.nics[i].pciSwitch, 0});
        names.push_back(fmt::format("NIC{}", i));
    }
    std::string text = "\t\x1b[4m";
    for (const std::string& name : names)
        text += name + "\t";
    text += "CPU Affinity\tNUMA Affinity\tGPU NUMA ID\x1b[0m\n";
    for (std::size_t i = 0; i < ends.size(); ++i) {
        text += names[i] + "\t";
        for (std::size_t j = 0; j < ends.size(); ++j)
            text += (i == j ? " X " : pathBetween(ends[i], ends[j], withNvlink)) + "\t";
        text += i < gpus ? fmt::format("{}\t{}\t\tN/A\n", processors(state, ends[i].numaNode), ends[i].numaNode) : std::string("\t\t\t\n");
    }
    text += kLegend;
    if (withNvlink)
        text += "  NV#  = Connection traversing a bonded set of # NVLinks\n";
    if (!state.nics.empty()) {
        text += "\nNIC Legend:\n\n";
        for (std::size_t i = 0; i < state.nics.size(); ++i)
            text += fmt::format("  NIC{}: {}\n", i, state.nics[i].name);
        text += "\n";
    }
    place.print(text);
}

/// Whether pairs can read, write, ... each other's memory: over NVLink (n), or at all.
int peerMatrix(SmiPlace& place, const SmiState& state, const std::string& capability)
{
    if (capability.size() != 1 || std::string_view("rwnap").find(capability[0]) == std::string_view::npos) {
        place.print("Invalid P2P capability. Valid capabilities are: r, w, n, a, p\n");
        return nvml::kInvalidArgument;
    }
    std::string text = " \t\x1b[4m";
    for (const SmiDevice& device : state.devices)
        text += fmt::format("GPU{}\t", device.number);
    text += "\x1b[0m\n";
    // HGX boards reach each other through NVSwitch alone: proprietary PCIe peer access ("p") is not set up.
    const auto cell = [&](const SmiDevice& a, const SmiDevice& b) {
        const bool linked = a.gpu->activeLinks() > 0 && b.gpu->activeLinks() > 0;
        return capability == "p" ? "NS" : linked ? "OK" : capability == "n" ? "NS" : "CNS";
    };
    for (const SmiDevice& device : state.devices) {
        text += fmt::format(" GPU{}\t", device.number);
        for (const SmiDevice& other : state.devices)
            text += (device.number == other.number ? "X" : cell(device, other)) + std::string("\t");
        text += "\n";
    }
    place.print(text + "\nLegend:\n\n  X    = Self\n  OK   = Status Ok\n  CNS  = Chipset not supported\n  GNS  = GPU not supported\n"
                       "  TNS  = Topology not supported\n  NS   = Not supported\n  U    = Unknown\n");
    return 0;
}

} // namespace

int topologyCommand(SmiPlace& place, const std::vector<std::string>& arguments)
{
    const SmiState state = place.look();
    const std::string verb = arguments.empty() ? std::string() : arguments[0];
    if (verb == "-m" || verb == "--matrix" || verb == "-mp" || verb == "--matrix_pci") {
        matrix(place, state, verb == "-m" || verb == "--matrix");
        return 0;
    }
    if ((verb == "-p2p" || verb == "--p2pstatus"))
        return peerMatrix(place, state, arguments.size() > 1 ? arguments[1] : std::string());
    if (verb.empty() || verb == "-h" || verb == "--help") {
        place.print("\n    topo -- Display topological information about the system.\n\n"
                    "    Usage: nvidia-smi topo [options]\n\n    Options include:\n"
                    "    [-m | --matrix]: Display the GPUDirect communication matrix for the system.\n"
                    "    [-mp | --matrix_pci]: Display the GPUDirect communication matrix for the system (PCI Only).\n"
                    "    [-p2p | --p2pstatus]: Displays the p2p status between the GPUs of a given p2p capability\n"
                    "                              r - p2p read capability\n                              w - p2p write capability\n"
                    "                              n - p2p nvlink capability\n                              a - p2p atomics capability\n"
                    "                              p - p2p prop capability\n");
        return verb.empty() ? nvml::kInvalidArgument : 0;
    }
    place.print(fmt::format("ERROR: Option {} is not recognized. Please run 'nvidia-smi topo -h'.\n\n", verb));
    return 255;
}

} // namespace core::shell::gpu
