// nvidia-smi's summary. Layout of driver 580: tests/golden/nvidia/h200; devices under MIG and sick ones as captures of A100 and
// H100 nodes show them.
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/gpu/smi_mig.h"
#include "core/shell/commands/gpu/smi_views.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

using sim::gpu::Gpu;

constexpr const char* kFull = "+-----------------------------------------------------------------------------------------+\n";
constexpr const char* kColumns = "+-----------------------------------------+------------------------+----------------------+\n";
constexpr const char* kMigColumns = "+------------------+----------------------------------+-----------+-----------------------+\n";

std::string shortened(const std::string& text, std::size_t width)
{
    return text.size() <= width ? text : text.substr(0, width - 3) + "...";
}

std::string deviceRow(const SmiDevice& device)
{
    constexpr const char* kError = "ERR!";
    const Gpu& gpu = *device.gpu;
    const bool sick = isSick(gpu);
    const bool divided = gpu.settings.migCurrent;
    const MemoryFigures m = memoryFigures(gpu);
    const std::string errors = sick ? kError : divided ? "On" : std::to_string(gpu.card.errors.volatile_.uncorrectable());
    // Watts are cut, not rounded: 79.97 W of the capture is "79W".
    const std::string limit = sick ? std::string(kError) + " " : fmt::format("{:.0f}W", gpu.settings.powerLimitW);
    const std::string mode = gpu.settings.migCurrent == gpu.settings.migPending ? (divided ? "Enabled" : "Disabled") : divided ? "Enabled*" : "Disabled*";
    std::string compute = gpu.settings.computeMode == "Exclusive_Process" ? "E. Process" : gpu.settings.computeMode;
    std::string text = fmt::format("| {:>3}  {:<30} {:>3} | {:>18} {:<3} | {:>20} |\n", device.number, shortened(std::string(gpu.kind().name), 24),
                                   gpu.settings.persistence ? "On " : "Off", gpu.slot.busId, "Off", errors);
    text += fmt::format("|{:<4} {:>4}C    P0 {:>14}W / {:>5} | {:>7}MiB / {:>6}MiB | {:>7} {:>12} |\n", sick ? kError : " N/A", wholeC(gpu.temperatureC()),
                        static_cast<std::int64_t>(gpu.now.powerW), limit, m.used, m.total, divided ? "N/A" : fmt::format("{}%", percent(gpu.now.activity.kernel)), compute);
    text += fmt::format("|                                         |                        | {:>20} |\n", sick ? kError : mode);
    return text + kColumns;
}

std::string migTable(const std::vector<SmiDevice>& devices)
{
    std::string text = std::string("\n") + kFull
        + "| MIG devices:                                                                            |\n" + kMigColumns
        + "| GPU  GI  CI  MIG |              Shared Memory-Usage |        Vol|        Shared         |\n"
          "|      ID  ID  Dev |                Shared BAR1-Usage | SM     Unc| CE ENC  DEC  OFA  JPG |\n"
          "|                  |                                  |        ECC|                       |\n"
          "|==================+==================================+===========+=======================|\n";
    bool any = false;
    for (const SmiDevice& device : devices)
        for (const MigDevice& one : migDevices(*device.gpu)) {
            any = true;
            const MigFigures f = migFigures(device.gpu->kind(), *sim::gpu::migProfile(one.instance->profile));
            text += fmt::format("|{:>3} {:>4} {:>3} {:>3}  |{:>16}MiB / {:>5}MiB    | {:<5}{:>4} |{:>3}{:>4}{:>5}{:>5}{:>5} |\n", device.number, one.instance->id, 0, one.number, 0,
                                f.memoryMib, f.multiprocessors, 0, f.copyEngines, 0, f.decoders, f.opticalFlow, f.jpegs);
            text += fmt::format("|                  |{:>16}MiB / {:>5}MiB    |           |                       |\n", 0, f.bar1Mib) + kMigColumns;
        }
    if (!any)
        text += std::string("|  No MIG devices found                                                                   |\n") + kFull;
    return text;
}

std::string processTable(const SmiState& state, const std::vector<SmiDevice>& devices)
{
    std::string text = std::string(kFull)
        + "| Processes:                                                                              |\n"
          "|  GPU   GI   CI              PID   Type   Process name                        GPU Memory |\n"
          "|        ID   ID                                                               Usage      |\n"
          "|=========================================================================================|\n";
    bool any = false;
    for (const SmiDevice& device : devices) {
        if (!isRow(device) || state.inContainer)
            continue;
        for (const sim::gpu::GpuProcess& process : device.gpu->processes) {
            any = true;
            const std::string name = process.name.size() <= 32 ? process.name : "..." + process.name.substr(process.name.size() - 29);
            text += fmt::format("| {:>4}   N/A  N/A {:>15} {:>6}   {:<32} {:>10}MiB |\n", device.number, process.pid, typeOf(process), name, process.memoryBytes >> 20);
        }
    }
    if (!any)
        text += "|  No running processes found                                                             |\n";
    return text + kFull;
}

} // namespace

std::string summaryTable(const SmiState& state, const std::vector<SmiDevice>& devices)
{
    std::string text = stampLong(state.now) + "       \n" + kFull;
    text += fmt::format("| NVIDIA-SMI {:<23}Driver Version: {:<15}CUDA Version: {:<9}|\n", state.library, state.node->driver.version, sim::gpu::kCudaVersion);
    text += std::string(kColumns)
        + "| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |\n"
          "| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |\n"
          "|                                         |                        |               MIG M. |\n"
          "|=========================================+========================+======================|\n";
    bool divided = false;
    for (const SmiDevice& device : devices)
        if (isRow(device)) {
            text += deviceRow(device);
            divided |= device.gpu->settings.migCurrent;
        }
    if (divided)
        text += migTable(devices);
    return text + "\n" + processTable(state, devices);
}

std::string deviceList(const std::vector<SmiDevice>& devices)
{
    std::string text;
    for (const SmiDevice& device : devices) {
        if (!isRow(device))
            continue;
        const Gpu& gpu = *device.gpu;
        text += fmt::format("GPU {}: {} (UUID: {})\n", device.number, gpu.kind().name, gpu.card.uuid);
        for (const MigDevice& one : migDevices(gpu))
            text += fmt::format("  MIG {:<12}Device {:>2}: (UUID: {})\n", sim::gpu::migName(gpu.kind(), *sim::gpu::migProfile(one.instance->profile)), one.number, one.instance->uuid);
    }
    return text;
}

} // namespace core::shell::gpu
