#include "core/shell/commands/gpu/smi_figures.h"

#include "core/shell/text/dates.h"
#include "sim/gpu/mig.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::gpu {

using sim::gpu::Gpu;

namespace {

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// Bus ids with and without the long domain: "00000000:18:00.0", "0000:18:00.0", "18:00.0".
bool namesBus(const Gpu& gpu, const std::string& text)
{
    const std::string wanted = lower(text);
    const std::string full = lower(gpu.slot.busId);
    return wanted == full || wanted == full.substr(4) || wanted == full.substr(9);
}

} // namespace

std::vector<MigDevice> migDevices(const Gpu& gpu)
{
    std::vector<MigDevice> devices;
    for (const sim::gpu::MigInstance& one : gpu.instances)
        if (one.computeInstance)
            devices.push_back({0, &one});
    std::sort(devices.begin(), devices.end(), [](const MigDevice& a, const MigDevice& b) { return a.instance->id < b.instance->id; });
    for (std::size_t i = 0; i < devices.size(); ++i)
        devices[i].number = static_cast<int>(i);
    return devices;
}

bool isRow(const SmiDevice& device)
{
    return device.gpu->working();
}

bool isSick(const Gpu& gpu)
{
    return gpu.recovery != sim::gpu::RecoveryAction::None && (gpu.lastXid == 119 || gpu.lastXid == 120);
}

int wholeC(double celsius)
{
    return static_cast<int>(std::lround(celsius));
}

int percent(double share)
{
    return static_cast<int>(std::lround(share * 100));
}

double memoryPowerW(const Gpu& gpu)
{
    return gpu.kind().memoryIdleW + gpu.kind().dramW * gpu.now.activity.dram;
}

int videoMHz(const Gpu& gpu)
{
    const sim::gpu::Board& board = gpu.kind();
    const double share = std::clamp(static_cast<double>(gpu.now.smMHz - board.idleSmMHz) / (board.maxSmMHz - board.idleSmMHz), 0.0, 1.0);
    return static_cast<int>(std::lround((board.idleVideoMHz + share * (board.maxVideoMHz - board.idleVideoMHz)) / 15)) * 15;
}

int moduleId(const SmiDevice& device)
{
    // HGX H100 by bus order (an eight-GPU `nvidia-smi -q` of driver 565).
    constexpr int kModules[] = {2, 4, 3, 1, 6, 8, 5, 7};
    return kModules[static_cast<std::size_t>(device.gpu->index) % std::size(kModules)];
}

std::string fabricState(const SmiState& state, const SmiDevice& device)
{
    const bool reports = device.gpu->kind().architecture != sim::gpu::Architecture::Ampere;
    if (state.virtualMachine || !reports || state.node == nullptr)
        return "N/A";
    return state.node->fabricReady ? "Completed" : "In Progress";
}

const char* typeOf(const sim::gpu::GpuProcess& process)
{
    return process.mpsClient ? "M+C" : "C";
}

std::string stampLong(sim::Instant at)
{
    return formatDate(at, "%a %b %e %H:%M:%S %Y");
}

std::string stampDetailed(sim::Instant at)
{
    return formatDate(at, "%Y/%m/%d %H:%M:%S") + fmt::format(".{:03}", at.time_since_epoch().count() / 1'000'000 % 1000);
}

std::vector<std::string> commaSeparated(std::string_view text)
{
    std::vector<std::string> items;
    std::string item;
    for (const char c : std::string(text) + ",") {
        if (c != ',') {
            if (c != ' ')
                item += c;
        } else if (!item.empty()) {
            items.push_back(std::exchange(item, {}));
        }
    }
    return items;
}

std::optional<std::vector<SmiDevice>> chosen(const SmiState& state, const std::string& list)
{
    if (list.empty())
        return state.devices;
    std::vector<SmiDevice> found;
    for (const std::string& name : commaSeparated(list)) {
        const auto device = std::find_if(state.devices.begin(), state.devices.end(), [&](const SmiDevice& one) {
            return name == std::to_string(one.number) || name == one.gpu->card.uuid || name == one.gpu->card.serial || namesBus(*one.gpu, name);
        });
        if (device == state.devices.end())
            return std::nullopt;
        found.push_back(*device);
    }
    std::sort(found.begin(), found.end(), [](const SmiDevice& a, const SmiDevice& b) { return a.number < b.number; });
    return found;
}

std::string lostLines(const std::vector<SmiDevice>& devices)
{
    std::string text;
    for (const SmiDevice& device : devices)
        if (!isRow(device))
            text += fmt::format("Unable to determine the device handle for GPU{}: {}: {}\n", device.number, device.gpu->slot.busId.substr(4),
                                device.gpu->settings.persistence ? "GPU is lost.  Reboot the system to recover this GPU" : "Unknown Error");
    return text;
}

} // namespace core::shell::gpu
