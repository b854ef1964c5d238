// dcgmi nvlink. Layout: dcgmi/Nvlink.cpp and DcgmiOutput.cpp of NVIDIA/DCGM; eighteen links a device, as DCGM 4.4 has them.
#include "core/shell/commands/gpu/dcgmi.h"
#include "core/shell/commands/gpu/smi_figures.h"

#include <fmt/format.h>

namespace core::shell::gpu {

std::string nvlinkStatus(const SmiState& state)
{
    constexpr std::size_t kLinks = 18;
    std::string text = "+----------------------+\n|  NvLink Link Status  |\n+----------------------+\nGPUs:\n";
    if (state.devices.empty())
        text += "    No GPUs found.\n";
    for (const SmiDevice& device : state.devices) {
        text += fmt::format("    gpuId {}:\n       ", device.number);
        const auto& links = device.gpu->links;
        for (std::size_t i = 0; i < kLinks; ++i)
            text += i >= links.size() ? " _" : links[i].active && isRow(device) ? " U" : " D";
        text += "\n";
    }
    return text + "NvSwitches:\n    No NvSwitches found.\n\nKey: Up=U, Down=D, Disabled=X, Not Supported=_\n";
}

std::string nvlinkErrors(const SmiState& state, std::int64_t gpu)
{
    if (gpu < 0 || gpu >= static_cast<std::int64_t>(state.devices.size()))
        return {};
    const SmiDevice& device = state.devices[static_cast<std::size_t>(gpu)];
    const auto line = [](std::string_view label, std::string_view value) { return fmt::format("| {:<27} | {:<46} |\n", label, value); };
    constexpr const char* kRule = "+-----------------------------+------------------------------------------------+\n";
    std::string text = kRule + fmt::format("| {:<77}|\n| {:<77}|\n", "NVLINK Error Counts", fmt::format("GPU {}", gpu))
        + "+=============================+================================================+\n";
    std::int64_t crc = 0, recoveries = 0;
    for (std::size_t i = 0; i < device.gpu->links.size() && isRow(device); ++i) {
        const sim::gpu::NvLink& link = device.gpu->links[i];
        crc += link.crcErrors;
        recoveries += link.recoveryErrors;
        if (device.gpu->kind().architecture != sim::gpu::Architecture::Blackwell)
            text += line(fmt::format("Link {}", i), "") + line("-> CRC FLIT Error", std::to_string(link.crcErrors)) + line("-> CRC Data Error", "0")
                + line("-> Replay Error", std::to_string(link.replayErrors)) + line("-> Recovery Error", std::to_string(link.recoveryErrors));
    }
    if (device.gpu->kind().architecture == sim::gpu::Architecture::Blackwell && isRow(device))
        text += line("Error Detail", "") + line("-> Malformed Packet Error", "0") + line("-> Buffer Overrun Error", "0") + line("-> Rx Error", std::to_string(crc))
            + line("-> Rx Remote Error", "0") + line("-> Rx General Error", "0") + line("-> Link Integrity Error", std::to_string(recoveries));
    return text + kRule;
}

} // namespace core::shell::gpu
