// nvidia-smi nvlink, and subcommands of a few lines. Layouts: captures of eight-GPU H100 and H800 nodes; what a machine without
// NVSwitch prints: tests/golden/nvidia/h200/idle.txt.
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/gpu/smi_views.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

using sim::gpu::NvLink;

std::string status(const sim::gpu::Gpu& gpu)
{
    if (gpu.activeLinks() == 0)
        return "NVML: Unable to retrieve NVLink information as all links are inActive\n";
    std::string text;
    for (std::size_t i = 0; i < gpu.links.size(); ++i)
        text += gpu.links[i].active ? fmt::format("\t Link {}: {:g} GB/s\n", i, gpu.kind().nvlinkGBs) : fmt::format("\t Link {}: <inactive>\n", i);
    return text;
}

std::string capabilities(const sim::gpu::Gpu& gpu)
{
    std::string text;
    for (std::size_t i = 0; i < gpu.links.size(); ++i)
        for (const char* what : {"P2P is supported", "Access to system memory supported", "P2P atomics supported", "System memory atomics supported", "SLI is supported",
                                 "Link is supported"})
            text += fmt::format("\t Link {}, {}: {}\n", i, what, gpu.links[i].active ? "true" : "false");
    return text;
}

std::string errorCounters(const sim::gpu::Gpu& gpu)
{
    std::string text;
    for (std::size_t i = 0; i < gpu.links.size(); ++i) {
        const NvLink& link = gpu.links[i];
        text += fmt::format("\t Link {0}: Replay Errors: {1}\n\t Link {0}: Recovery Errors: {2}\n\t Link {0}: CRC Errors: {3}\n\n", i, link.replayErrors, link.recoveryErrors,
                            link.crcErrors);
    }
    return text;
}

/// Traffic goes over all links that work, in equal parts.
std::string throughput(const sim::gpu::Gpu& gpu, const char* kind)
{
    const auto active = static_cast<double>(std::max<std::int64_t>(1, gpu.activeLinks()));
    std::string text;
    for (std::size_t i = 0; i < gpu.links.size(); ++i) {
        const double share = gpu.links[i].active ? 1 / active / 1024 : 0;
        text += fmt::format("\t Link {0}: {1} Tx: {2:.0f} KiB\n\t Link {0}: {1} Rx: {3:.0f} KiB\n", i, kind, gpu.now.nvlinkTxBytes * share, gpu.now.nvlinkRxBytes * share);
    }
    return text;
}

} // namespace

int nvlinkCommand(SmiPlace& place, const std::vector<std::string>& arguments)
{
    std::string devicesAsked, verb, value;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        const bool more = i + 1 < arguments.size();
        if ((word == "-i" || word == "--id") && more)
            devicesAsked = arguments[++i];
        else if ((word == "-gt" || word == "--getthroughput") && more) {
            verb = "-gt";
            value = arguments[++i];
        } else if (verb.empty())
            verb = word;
    }
    const bool known = verb == "-s" || verb == "--status" || verb == "-c" || verb == "--capabilities" || verb == "-e" || verb == "--errorcounters" || verb == "-gt";
    if (!known) {
        place.print(fmt::format("ERROR: Option {} is not recognized. Please run 'nvidia-smi nvlink -h'.\n\n", verb));
        return 255;
    }
    const SmiState state = place.look();
    const auto devices = chosen(state, devicesAsked);
    if (!devices) {
        place.print("No devices were found\n");
        return nvml::kNotFound;
    }
    place.complain(lostLines(*devices));
    if (state.virtualMachine)
        return 0;
    for (const SmiDevice& device : *devices) {
        if (!isRow(device))
            continue;
        const sim::gpu::Gpu& gpu = *device.gpu;
        place.print(fmt::format("GPU {}: {} (UUID: {})\n", device.number, gpu.kind().name, gpu.card.uuid));
        place.print(verb == "-gt"                            ? throughput(gpu, value == "r" ? "Raw" : "Data")
                    : verb == "-s" || verb == "--status"     ? status(gpu)
                    : verb == "-e" || verb == "--errorcounters" ? errorCounters(gpu)
                                                             : capabilities(gpu));
    }
    return 0;
}

int smallCommand(SmiPlace& place, const std::string& name)
{
    const SmiState state = place.look();
    if (name == "vgpu") {
        place.print("No supported devices in vGPU mode\n");
    } else if (name == "conf-compute") {
        place.print("CC status: OFF\n");
    } else if (name == "compute-policy") {
        std::string text = "+-------------------------------------+\n| GPU compute policies:               |\n| GPU     Name           Value        |\n"
                           "|=====================================|\n";
        for (const SmiDevice& device : state.devices)
            if (isRow(device))
                text += fmt::format("|{:>4}   Timeslice       Default       |\n+-------------------------------------+\n", device.number);
        place.print(text);
    } else if (name == "boost-slider") {
        std::string text = "+-------------------------------------------------+\n| GPU Boost Slider                                |\n"
                           "| GPU     Slider       Max Value    Current Value |\n|=================================================|\n";
        for (const SmiDevice& device : state.devices)
            if (isRow(device))
                text += fmt::format("|{:>4}     vboost           4              0       |\n+-------------------------------------------------+\n", device.number);
        place.print(text);
    } else {
        for (const SmiDevice& device : state.devices)
            if (isRow(device))
                place.print(fmt::format("GPU {}: {} (UUID: {})\n\t C2C: Not Supported\n", device.number, device.gpu->kind().name, device.gpu->card.uuid));
    }
    return 0;
}

} // namespace core::shell::gpu
