// dcgmi health and discovery. Systems, thresholds and the tree's layout as DCGM's health module and dcgmi have them.
#include "core/shell/commands/gpu/dcgmi.h"
#include "core/shell/commands/gpu/smi_figures.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

constexpr const char* kHealthRule = "+---------------------------+----------------------------------------------------------+\n";

std::string healthLine(std::string_view label, std::string_view value)
{
    return fmt::format("| {:<25} | {:<56} |\n", label, value);
}

} // namespace

std::vector<DcgmFinding> healthFindings(const SmiState& state)
{
    namespace reason = sim::gpu::reason;
    std::vector<DcgmFinding> found;
    const auto add = [&](const SmiDevice& device, const char* system, bool failure, std::string message) {
        found.push_back({device.number, system, failure, std::move(message)});
    };
    for (const SmiDevice& device : state.devices) {
        const sim::gpu::Gpu& gpu = *device.gpu;
        const int id = device.number;
        if (!isRow(device)) {
            add(device, "PCIe system", true, fmt::format("GPU {} has fallen off the bus", id));
            continue;
        }
        constexpr std::int64_t kReplaysPerMinute = 8;
        if (gpu.slot.contact < sim::gpu::Slot::kGoodContact && gpu.slot.replays > kReplaysPerMinute)
            add(device, "PCIe system", false, fmt::format("Detected more than {} PCIe replays per minute for GPU {} : {}", kReplaysPerMinute, id, gpu.slot.replays));
        for (std::size_t link = 0; link < gpu.links.size(); ++link) {
            if (!gpu.links[link].active)
                add(device, "NVLINK system", true, fmt::format("GPU {}'s NvLink link {} is currently down", id, link));
            else if (gpu.links[link].crcPerSecond > 0)
                add(device, "NVLINK system", false, fmt::format("Detected {} nvlink_flit_crc_error_count_total NvLink errors on GPU {}'s NVLink", gpu.links[link].crcErrors, id));
        }
        const sim::gpu::MemoryErrors& errors = gpu.card.errors;
        if (errors.volatile_.uncorrectable() > 0)
            add(device, "Memory system", true, fmt::format("Detected {} volatile double-bit ECC error(s) in GPU {}.", errors.volatile_.uncorrectable(), id));
        if (errors.remapper.failed)
            add(device, "Memory system", true, fmt::format("GPU {} had uncorrectable memory errors and row remapping failed.", id));
        if ((gpu.now.reasons & (reason::kHwThermal | reason::kSwThermal)) != 0)
            add(device, "Thermal system", false, fmt::format("Detected clocks event due to thermal violation in GPU {}.", id));
        if ((gpu.now.reasons & reason::kHwPowerBrake) != 0)
            add(device, "Power system", false, fmt::format("Detected clocks event due to power violation in GPU {}.", id));
    }
    return found;
}

std::string healthReport(const SmiState& state)
{
    const std::vector<DcgmFinding> found = healthFindings(state);
    const auto worst = [&](int gpu) {
        bool any = false, failure = false;
        for (const DcgmFinding& one : found)
            if (gpu < 0 || one.gpu == gpu) {
                any = true;
                failure |= one.failure;
            }
        return std::string(failure ? "Failure" : any ? "Warning" : "Healthy");
    };
    std::string text = kHealthRule + fmt::format("| {:<84} |\n", "Health Monitor Report")
        + "+===========================+==========================================================+\n" + healthLine("Overall Health", worst(-1));
    if (!found.empty())
        text += healthLine("GPU", "");
    for (std::size_t i = 0; i < found.size(); ++i) {
        const bool first = i == 0 || found[i - 1].gpu != found[i].gpu;
        if (first)
            text += healthLine(fmt::format("-> {}", found[i].gpu), worst(found[i].gpu)) + healthLine("   -> Errors", "");
        if (first || found[i - 1].system != found[i].system)
            text += healthLine("      -> " + found[i].system, found[i].failure ? "Failure" : "Warning");
        for (std::string rest = found[i].message; !rest.empty();) {
            constexpr std::size_t kRoom = 56;
            std::size_t cut = rest.size() <= kRoom ? rest.size() : rest.rfind(' ', kRoom);
            text += healthLine("", rest.substr(0, cut));
            rest.erase(0, cut == rest.size() ? cut : cut + 1);
        }
    }
    return text + kHealthRule;
}

std::string discoveryList(const SmiState& state)
{
    constexpr const char* kRow = "+--------+----------------------------------------------------------------------+\n";
    const auto line2 = [](std::string_view id, std::string_view what) { return fmt::format("| {:<6} | {:<68} |\n", id, what); };
    // The engine keeps what it found when it started; a lost device stays in the list.
    const std::size_t count = state.devices.size();
    std::string text = fmt::format("{} GPU{} found.\n", count, count == 1 ? "" : "s") + kRow + line2("GPU ID", "Device Information") + kRow;
    for (const SmiDevice& device : state.devices) {
        text += line2(std::to_string(device.number), fmt::format("Name: {}", device.gpu->kind().name));
        text += line2("", "PCI Bus ID: " + device.gpu->slot.busId) + line2("", "Device UUID: " + device.gpu->card.uuid) + kRow;
    }
    return text
        + "0 NvSwitches found.\n+-----------+\n| Switch ID |\n+-----------+\n+-----------+\n"
          "0 ConnectX found.\n+----------+\n| ConnectX |\n+----------+\n+----------+\n"
          "0 CPUs found.\n"
        + kRow + line2("CPU ID", "Device Information") + kRow + kRow;
}

} // namespace core::shell::gpu
