// Names, types and order: etc/default-counters.csv of NVIDIA/dcgm-exporter 4.x; numbers that DCGM holds as floating point have six decimals.
#include "sim/gpu/dcgm_metrics.h"

#include "sim/gpu/memory_figures.h"

#include <fmt/format.h>

#include <cmath>

namespace sim::gpu {

namespace {

/// A counter of the default set.
struct Metric {
    const char* name;
    const char* type; ///< of Prometheus
    const char* help;
    std::string (*value)(const Gpu&);
    bool whenLost = false; ///< the library knows it without asking the device
};

std::string whole(double value)
{
    return fmt::format("{:.0f}", value);
}

std::string real(double value)
{
    return fmt::format("{:.6f}", value);
}

std::string count(std::int64_t value)
{
    return std::to_string(value);
}

std::string megabytesPerSecond(double bytes)
{
    return whole(bytes / 1e6);
}

constexpr Metric kMetrics[]{
    {"DCGM_FI_DEV_SM_CLOCK", "gauge", "SM clock frequency (in MHz).", [](const Gpu& g) { return count(g.now.smMHz); }},
    {"DCGM_FI_DEV_MEM_CLOCK", "gauge", "Memory clock frequency (in MHz).", [](const Gpu& g) { return count(g.kind().memoryMHz); }},
    {"DCGM_FI_DEV_MEMORY_TEMP", "gauge", "Memory temperature (in C).", [](const Gpu& g) { return whole(g.card.heat.memoryC); }},
    {"DCGM_FI_DEV_GPU_TEMP", "gauge", "GPU temperature (in C).", [](const Gpu& g) { return whole(g.card.heat.dieC); }},
    {"DCGM_FI_DEV_POWER_USAGE", "gauge", "Power draw (in W).", [](const Gpu& g) { return real(g.now.powerW); }},
    {"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "counter", "Total energy consumption since boot (in mJ).", [](const Gpu& g) { return whole(g.now.energyJ * 1000); }},
    {"DCGM_FI_DEV_PCIE_REPLAY_COUNTER", "counter", "Total number of PCIe retries.", [](const Gpu& g) { return count(g.slot.replays); }},
    {"DCGM_FI_DEV_GPU_UTIL", "gauge", "GPU utilization (in %).", [](const Gpu& g) { return whole(g.now.activity.kernel * 100); }},
    {"DCGM_FI_DEV_MEM_COPY_UTIL", "gauge", "Memory utilization (in %).", [](const Gpu& g) { return whole(g.now.activity.dram * 100); }},
    {"DCGM_FI_DEV_ENC_UTIL", "gauge", "Encoder utilization (in %).", [](const Gpu&) { return count(0); }},
    {"DCGM_FI_DEV_DEC_UTIL", "gauge", "Decoder utilization (in %).", [](const Gpu&) { return count(0); }},
    {"DCGM_FI_DEV_XID_ERRORS", "gauge", "Value of the last XID error encountered.", [](const Gpu& g) { return count(g.lastXid); }, true},
    {"DCGM_FI_DEV_FB_FREE", "gauge", "Framebuffer memory free (in MiB).", [](const Gpu& g) { return count(memoryFigures(g).free); }},
    {"DCGM_FI_DEV_FB_USED", "gauge", "Framebuffer memory used (in MiB).", [](const Gpu& g) { return count(memoryFigures(g).used); }},
    {"DCGM_FI_DEV_FB_RESERVED", "gauge", "Framebuffer memory reserved (in MiB).", [](const Gpu& g) { return count(memoryFigures(g).reserved); }},
    {"DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", "counter", "Number of remapped rows for uncorrectable errors",
     [](const Gpu& g) { return count(g.card.errors.remapper.uncorrectable); }},
    {"DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS", "counter", "Number of remapped rows for correctable errors",
     [](const Gpu& g) { return count(g.card.errors.remapper.correctable); }},
    {"DCGM_FI_DEV_ROW_REMAP_FAILURE", "gauge", "Whether remapping of rows has failed", [](const Gpu& g) { return count(g.card.errors.remapper.failed); }},
    {"DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL", "counter", "Total number of NVLink bandwidth counters for all lanes.",
     [](const Gpu& g) { return megabytesPerSecond(g.now.activity.nvlinkTxBytesPerSecond + g.now.activity.nvlinkRxBytesPerSecond); }},
    {"DCGM_FI_DEV_VGPU_LICENSE_STATUS", "gauge", "vGPU License status", [](const Gpu&) { return count(0); }},
    {"DCGM_FI_PROF_GR_ENGINE_ACTIVE", "gauge", "Ratio of time the graphics engine is active.", [](const Gpu& g) { return real(g.now.activity.kernel); }},
    {"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "gauge", "Ratio of cycles the tensor (HMMA) pipe is active.", [](const Gpu& g) { return real(g.now.activity.tensor); }},
    {"DCGM_FI_PROF_DRAM_ACTIVE", "gauge", "Ratio of cycles the device memory interface is active sending or receiving data.",
     [](const Gpu& g) { return real(g.now.activity.dram); }},
    {"DCGM_FI_PROF_PCIE_TX_BYTES", "gauge", "The rate of data transmitted over the PCIe bus - including both protocol headers and data payloads - in bytes per second.",
     [](const Gpu& g) { return whole(g.now.activity.pcieTxBytesPerSecond); }},
    {"DCGM_FI_PROF_PCIE_RX_BYTES", "gauge", "The rate of data received over the PCIe bus - including both protocol headers and data payloads - in bytes per second.",
     [](const Gpu& g) { return whole(g.now.activity.pcieRxBytesPerSecond); }},
};

/// A device with its number and its labels, the same in every line.
struct LabelledGpu {
    const Gpu* gpu = nullptr;
    std::string labels;
};

} // namespace

std::string dcgmMetrics(const Gpus& gpus, HostId host, const std::string& hostName, const DcgmOwners& ownerOf)
{
    const Node* node = gpus.nodeOf(host);
    if (node == nullptr || !node->driver.loaded)
        return {};
    std::vector<LabelledGpu> rows;
    for (const GpuId id : node->gpus) {
        const Gpu& gpu = gpus.at(id);
        if (gpu.presence != Gpu::Presence::Working && gpu.presence != Gpu::Presence::Lost)
            continue; // has no number
        std::string labels = fmt::format("gpu=\"{}\",UUID=\"{}\",pci_bus_id=\"{}\",device=\"nvidia{}\",modelName=\"{}\",Hostname=\"{}\",DCGM_FI_DRIVER_VERSION=\"{}\"",
                                         rows.size(), gpu.card.uuid, gpu.slot.busId, gpu.index, gpu.kind().name, hostName, node->driver.version);
        if (const auto owner = ownerOf ? ownerOf(gpu) : std::nullopt)
            labels += fmt::format(",container=\"{}\",namespace=\"{}\",pod=\"{}\"", owner->container, owner->space, owner->pod);
        rows.push_back({&gpu, std::move(labels)});
    }
    std::string text;
    for (const Metric& metric : kMetrics) {
        std::string lines;
        for (const LabelledGpu& row : rows)
            if (row.gpu->working() || metric.whenLost)
                lines += fmt::format("{}{{{}}} {}\n", metric.name, row.labels, metric.value(*row.gpu));
        if (!lines.empty())
            text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", metric.name, metric.help, metric.type) + lines;
    }
    return text;
}

} // namespace sim::gpu
