// --query-gpu and its kin: columns of the tree behind -q (smi_document.h). Names: tests/golden/nvidia/h200/query_fields.txt.
#include "core/shell/commands/gpu/smi_document.h"
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/gpu/smi_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace core::shell::gpu {

namespace {

using sim::gpu::Architecture;

struct Field {
    const char* name;
    const char* alias; ///< nullptr: none
    const char* path;  ///< in the tree; nullptr: `value`, or nothing to tell ("[N/A]")
    const char* unit = nullptr;
    std::string (*value)(const SmiState&, const SmiDevice&, const SmiItem&) = nullptr;
};

std::string computeCapability(const SmiState&, const SmiDevice& device, const SmiItem&)
{
    switch (device.gpu->kind().architecture) {
    case Architecture::Ampere: return "8.0";
    case Architecture::Hopper: return "9.0";
    case Architecture::Blackwell: return "10.0";
    }
    return {};
}

/// Sums of what the tree lists one by one.
std::string errorTotal(const SmiItem& tree, const char* when, bool corrected)
{
    std::int64_t total = 0;
    for (const char* kind : {"sram_correctable", "dram_correctable", "sram_uncorrectable_parity", "sram_uncorrectable_secded", "dram_uncorrectable"})
        if ((std::string_view(kind).find("_correctable") != std::string_view::npos) == corrected)
            total += std::stoll(itemAt(tree, fmt::format("ecc_errors/{}/{}", when, kind))->value);
    return std::to_string(total);
}

std::string sramUncorrected(const SmiItem& tree, const char* when)
{
    return std::to_string(std::stoll(itemAt(tree, fmt::format("ecc_errors/{}/sram_uncorrectable_parity", when))->value)
                          + std::stoll(itemAt(tree, fmt::format("ecc_errors/{}/sram_uncorrectable_secded", when))->value));
}

const Field kFields[]{
    {"timestamp", nullptr, nullptr, nullptr, [](const SmiState& s, const SmiDevice&, const SmiItem&) { return stampDetailed(s.now); }},
    {"driver_version", nullptr, nullptr, nullptr, [](const SmiState& s, const SmiDevice&, const SmiItem&) { return s.node->driver.version; }},
    {"vgpu_driver_capability.heterogenous_multivGPU", nullptr, nullptr},
    {"count", nullptr, nullptr, nullptr, [](const SmiState& s, const SmiDevice&, const SmiItem&) { return std::to_string(s.devices.size()); }},
    {"name", "gpu_name", "product_name"},
    {"serial", "gpu_serial", "serial"},
    {"uuid", "gpu_uuid", "uuid"},
    {"pci.bus_id", "gpu_bus_id", "pci/pci_bus_id"},
    {"pci.domain", nullptr, "pci/pci_domain"},
    {"pci.bus", nullptr, "pci/pci_bus"},
    {"pci.device", nullptr, "pci/pci_device"},
    {"pci.baseClass", nullptr, "pci/pci_base_class"},
    {"pci.subClass", nullptr, "pci/pci_sub_class"},
    {"pci.device_id", nullptr, "pci/pci_device_id"},
    {"pci.sub_device_id", nullptr, "pci/pci_sub_system_id"},
    {"vgpu_device_capability.fractional_multiVgpu", nullptr, nullptr},
    {"vgpu_device_capability.heterogeneous_timeSlice_profile", nullptr, nullptr},
    {"vgpu_device_capability.heterogeneous_timeSlice_sizes", nullptr, nullptr},
    {"vgpu_device_capability.homogeneous_placements", nullptr, nullptr},
    {"vgpu_device_capability.mig_timeSlicing", nullptr, nullptr},
    {"vgpu_device_capability.mig_timeSlicing_mode", nullptr, nullptr},
    {"pcie.link.gen.current", nullptr, "pci/pci_gpu_link_info/pcie_gen/current_link_gen"},
    {"pcie.link.gen.gpucurrent", nullptr, "pci/pci_gpu_link_info/pcie_gen/device_current_link_gen"},
    {"pcie.link.gen.max", nullptr, "pci/pci_gpu_link_info/pcie_gen/max_link_gen"},
    {"pcie.link.gen.gpumax", nullptr, "pci/pci_gpu_link_info/pcie_gen/max_device_link_gen"},
    {"pcie.link.gen.hostmax", nullptr, "pci/pci_gpu_link_info/pcie_gen/max_host_link_gen"},
    {"pcie.link.width.current", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice& d, const SmiItem&) { return std::to_string(d.gpu->slot.width); }},
    {"pcie.link.width.max", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem&) { return std::string("16"); }},
    {"index", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice& d, const SmiItem&) { return std::to_string(d.number); }},
    {"display_mode", nullptr, "display_mode"},
    {"display_attached", nullptr, "display_attached"},
    {"display_active", nullptr, "display_active"},
    {"persistence_mode", nullptr, "persistence_mode"},
    {"addressing_mode", nullptr, "addressing_mode"},
    {"accounting.mode", nullptr, "accounting_mode"},
    {"accounting.buffer_size", nullptr, "accounting_mode_buffer_size"},
    {"driver_model.current", nullptr, "driver_model/current_dm"},
    {"driver_model.pending", nullptr, "driver_model/pending_dm"},
    {"vbios_version", nullptr, "vbios_version"},
    {"inforom.img", "inforom.image", "inforom_version/img_version"},
    {"inforom.oem", nullptr, "inforom_version/oem_object"},
    {"inforom.ecc", nullptr, "inforom_version/ecc_object"},
    {"inforom.pwr", "inforom.power", "inforom_version/pwr_object"},
    {"inforom.checksum_validation", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem&) { return std::string("valid"); }},
    {"gpu_recovery_action", nullptr, "gpu_recovery_action"},
    {"gom.current", "gpu_operation_mode.current", "gpu_operation_mode/current_gom"},
    {"gom.pending", "gpu_operation_mode.pending", "gpu_operation_mode/pending_gom"},
    {"fan.speed", nullptr, "fan_speed", "%"},
    {"pstate", nullptr, "performance_state"},
    {"clocks_event_reasons.supported", "clocks_throttle_reasons.supported", nullptr, nullptr,
     [](const SmiState&, const SmiDevice&, const SmiItem&) { return std::string("0x00000000000001FF"); }},
    {"clocks_event_reasons.active", "clocks_throttle_reasons.active", nullptr, nullptr,
     [](const SmiState&, const SmiDevice& d, const SmiItem&) { return fmt::format("0x{:016X}", d.gpu->now.reasons); }},
    {"clocks_event_reasons.gpu_idle", "clocks_throttle_reasons.gpu_idle", "clocks_event_reasons/clocks_event_reason_gpu_idle"},
    {"clocks_event_reasons.applications_clocks_setting", "clocks_throttle_reasons.applications_clocks_setting",
     "clocks_event_reasons/clocks_event_reason_applications_clocks_setting"},
    {"clocks_event_reasons.sw_power_cap", "clocks_throttle_reasons.sw_power_cap", "clocks_event_reasons/clocks_event_reason_sw_power_cap"},
    {"clocks_event_reasons.hw_slowdown", "clocks_throttle_reasons.hw_slowdown", "clocks_event_reasons/clocks_event_reason_hw_slowdown"},
    {"clocks_event_reasons.hw_thermal_slowdown", "clocks_throttle_reasons.hw_thermal_slowdown", "clocks_event_reasons/clocks_event_reason_hw_thermal_slowdown"},
    {"clocks_event_reasons.hw_power_brake_slowdown", "clocks_throttle_reasons.hw_power_brake_slowdown",
     "clocks_event_reasons/clocks_event_reason_hw_power_brake_slowdown"},
    {"clocks_event_reasons.sw_thermal_slowdown", "clocks_throttle_reasons.sw_thermal_slowdown", "clocks_event_reasons/clocks_event_reason_sw_thermal_slowdown"},
    {"clocks_event_reasons.sync_boost", "clocks_throttle_reasons.sync_boost", "clocks_event_reasons/clocks_event_reason_sync_boost"},
    {"clocks_event_reasons_counters.sw_power_cap", nullptr, "clocks_event_reasons_counters/clocks_event_reasons_counters_sw_power_cap", "us"},
    {"clocks_event_reasons_counters.sync_boost", nullptr, "clocks_event_reasons_counters/clocks_event_reasons_counters_sync_boost", "us"},
    {"clocks_event_reasons_counters.sw_thermal_slowdown", nullptr, "clocks_event_reasons_counters/clocks_event_reasons_counters_sw_therm_slowdown", "us"},
    {"clocks_event_reasons_counters.hw_thermal_slowdown", nullptr, "clocks_event_reasons_counters/clocks_event_reasons_counters_hw_therm_slowdown", "us"},
    {"clocks_event_reasons_counters.hw_power_brake_slowdown", nullptr, "clocks_event_reasons_counters/clocks_event_reasons_counters_hw_power_brake", "us"},
    {"memory.total", nullptr, "fb_memory_usage/total", "MiB"},
    {"memory.reserved", nullptr, "fb_memory_usage/reserved", "MiB"},
    {"memory.used", nullptr, "fb_memory_usage/used", "MiB"},
    {"memory.free", nullptr, "fb_memory_usage/free", "MiB"},
    {"compute_mode", nullptr, "compute_mode"},
    {"compute_cap", nullptr, nullptr, nullptr, computeCapability},
    {"utilization.gpu", nullptr, "utilization/gpu_util", "%"},
    {"utilization.memory", nullptr, "utilization/memory_util", "%"},
    {"utilization.encoder", nullptr, "utilization/encoder_util", "%"},
    {"utilization.decoder", nullptr, "utilization/decoder_util", "%"},
    {"utilization.jpeg", nullptr, "utilization/jpeg_util", "%"},
    {"utilization.ofa", nullptr, "utilization/ofa_util", "%"},
    {"encoder.stats.sessionCount", nullptr, "encoder_stats/session_count"},
    {"encoder.stats.averageFps", nullptr, "encoder_stats/average_fps"},
    {"encoder.stats.averageLatency", nullptr, "encoder_stats/average_latency"},
    {"dramEncryption.mode.current", nullptr, "dram_encryption_mode/current_dram_encryption"},
    {"dramEncryption.mode.pending", nullptr, "dram_encryption_mode/pending_dram_encryption"},
    {"ecc.mode.current", nullptr, "ecc_mode/current_ecc"},
    {"ecc.mode.pending", nullptr, "ecc_mode/pending_ecc"},
    {"ecc.errors.corrected.volatile.device_memory", nullptr, "ecc_errors/volatile/dram_correctable"},
    {"ecc.errors.corrected.volatile.dram", nullptr, "ecc_errors/volatile/dram_correctable"},
    {"ecc.errors.corrected.volatile.register_file", nullptr, nullptr},
    {"ecc.errors.corrected.volatile.l1_cache", nullptr, nullptr},
    {"ecc.errors.corrected.volatile.l2_cache", nullptr, nullptr},
    {"ecc.errors.corrected.volatile.texture_memory", nullptr, nullptr},
    {"ecc.errors.corrected.volatile.cbu", nullptr, nullptr},
    {"ecc.errors.corrected.volatile.sram", nullptr, "ecc_errors/volatile/sram_correctable"},
    {"ecc.errors.corrected.volatile.total", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem& t) { return errorTotal(t, "volatile", true); }},
    {"ecc.errors.corrected.aggregate.device_memory", nullptr, "ecc_errors/aggregate/dram_correctable"},
    {"ecc.errors.corrected.aggregate.dram", nullptr, "ecc_errors/aggregate/dram_correctable"},
    {"ecc.errors.corrected.aggregate.register_file", nullptr, nullptr},
    {"ecc.errors.corrected.aggregate.l1_cache", nullptr, nullptr},
    {"ecc.errors.corrected.aggregate.l2_cache", nullptr, nullptr},
    {"ecc.errors.corrected.aggregate.texture_memory", nullptr, nullptr},
    {"ecc.errors.corrected.aggregate.cbu", nullptr, nullptr},
    {"ecc.errors.corrected.aggregate.sram", nullptr, "ecc_errors/aggregate/sram_correctable"},
    {"ecc.errors.corrected.aggregate.total", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem& t) { return errorTotal(t, "aggregate", true); }},
    {"ecc.errors.uncorrected.volatile.device_memory", nullptr, "ecc_errors/volatile/dram_uncorrectable"},
    {"ecc.errors.uncorrected.volatile.dram", nullptr, "ecc_errors/volatile/dram_uncorrectable"},
    {"ecc.errors.uncorrected.volatile.register_file", nullptr, nullptr},
    {"ecc.errors.uncorrected.volatile.l1_cache", nullptr, nullptr},
    {"ecc.errors.uncorrected.volatile.l2_cache", nullptr, nullptr},
    {"ecc.errors.uncorrected.volatile.texture_memory", nullptr, nullptr},
    {"ecc.errors.uncorrected.volatile.cbu", nullptr, nullptr},
    {"ecc.errors.uncorrected.volatile.sram", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem& t) { return sramUncorrected(t, "volatile"); }},
    {"ecc.errors.uncorrected.volatile.total", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem& t) { return errorTotal(t, "volatile", false); }},
    {"ecc.errors.uncorrected.aggregate.device_memory", nullptr, "ecc_errors/aggregate/dram_uncorrectable"},
    {"ecc.errors.uncorrected.aggregate.dram", nullptr, "ecc_errors/aggregate/dram_uncorrectable"},
    {"ecc.errors.uncorrected.aggregate.register_file", nullptr, nullptr},
    {"ecc.errors.uncorrected.aggregate.l1_cache", nullptr, nullptr},
    {"ecc.errors.uncorrected.aggregate.l2_cache", nullptr, nullptr},
    {"ecc.errors.uncorrected.aggregate.texture_memory", nullptr, nullptr},
    {"ecc.errors.uncorrected.aggregate.cbu", nullptr, nullptr},
    {"ecc.errors.uncorrected.aggregate.sram", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem& t) { return sramUncorrected(t, "aggregate"); }},
    {"ecc.errors.uncorrected.aggregate.total", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem& t) { return errorTotal(t, "aggregate", false); }},
    {"ecc.errors.uncorrected.volatile.sram.parity", nullptr, "ecc_errors/volatile/sram_uncorrectable_parity"},
    {"ecc.errors.uncorrected.volatile.sram.secded", nullptr, "ecc_errors/volatile/sram_uncorrectable_secded"},
    {"ecc.errors.uncorrected.aggregate.sram.parity", nullptr, "ecc_errors/aggregate/sram_uncorrectable_parity"},
    {"ecc.errors.uncorrected.aggregate.sram.secded", nullptr, "ecc_errors/aggregate/sram_uncorrectable_secded"},
    {"ecc.errors.uncorrected.aggregate.sram.thresholdExceeded", nullptr, "ecc_errors/aggregate/sram_threshold_exceeded"},
    {"ecc.errors.uncorrected.aggregate.sram.l2", nullptr, "ecc_errors/aggregate_uncorrectable_sram_sources/sram_l2"},
    {"ecc.errors.uncorrected.aggregate.sram.sm", nullptr, "ecc_errors/aggregate_uncorrectable_sram_sources/sram_sm"},
    {"ecc.errors.uncorrected.aggregate.sram.mcu", nullptr, "ecc_errors/aggregate_uncorrectable_sram_sources/sram_microcontroller"},
    {"ecc.errors.uncorrected.aggregate.sram.pcie", nullptr, "ecc_errors/aggregate_uncorrectable_sram_sources/sram_pcie"},
    {"ecc.errors.uncorrected.aggregate.sram.other", nullptr, "ecc_errors/aggregate_uncorrectable_sram_sources/sram_other"},
    {"retired_pages.single_bit_ecc.count", "retired_pages.sbe", nullptr},
    {"retired_pages.double_bit.count", "retired_pages.dbe", nullptr},
    {"retired_pages.pending", nullptr, nullptr},
    {"remapped_rows.correctable", "remapped_rows.sbe", "remapped_rows/remapped_row_corr"},
    {"remapped_rows.correctable_inactive", nullptr, "remapped_rows/remapped_row_corr_inactive"},
    {"remapped_rows.uncorrectable", "remapped_rows.dbe", "remapped_rows/remapped_row_unc"},
    {"remapped_rows.uncorrectable_inactive", nullptr, "remapped_rows/remapped_row_unc_inactive"},
    {"remapped_rows.pending", nullptr, "remapped_rows/remapped_row_pending"},
    {"remapped_rows.failure", nullptr, "remapped_rows/remapped_row_failure"},
    {"remapped_rows.histogram.max", nullptr, "remapped_rows/row_remapper_histogram/row_remapper_histogram_max"},
    {"remapped_rows.histogram.high", nullptr, "remapped_rows/row_remapper_histogram/row_remapper_histogram_high"},
    {"remapped_rows.histogram.partial", nullptr, "remapped_rows/row_remapper_histogram/row_remapper_histogram_partial"},
    {"remapped_rows.histogram.low", nullptr, "remapped_rows/row_remapper_histogram/row_remapper_histogram_low"},
    {"remapped_rows.histogram.none", nullptr, "remapped_rows/row_remapper_histogram/row_remapper_histogram_none"},
    {"temperature.gpu", nullptr, "temperature/gpu_temp"},
    {"temperature.gpu.tlimit", nullptr, "temperature/gpu_temp_tlimit"},
    {"temperature.memory", nullptr, "temperature/memory_temp"},
    {"power.management", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem&) { return std::string("Enabled"); }},
    {"power.draw", nullptr, "gpu_power_readings/average_power_draw", "W"},
    {"power.draw.average", "gpu.power.draw.average", "gpu_power_readings/average_power_draw", "W"},
    {"power.draw.instant", "gpu.power.draw.instant", "gpu_power_readings/instant_power_draw", "W"},
    {"power.limit", "gpu.power.requested_limit", "gpu_power_readings/requested_power_limit", "W"},
    {"enforced.power.limit", "gpu.power.current_limit", "gpu_power_readings/current_power_limit", "W"},
    {"power.default_limit", "gpu.power.default_limit", "gpu_power_readings/default_power_limit", "W"},
    {"power.min_limit", "gpu.power.min_limit", "gpu_power_readings/min_power_limit", "W"},
    {"power.max_limit", "gpu.power.max_limit", "gpu_power_readings/max_power_limit", "W"},
    {"module.power.draw.average", nullptr, nullptr, "W"},
    {"module.power.draw.instant", nullptr, nullptr, "W"},
    {"module.power.limit", "module.power.requested_limit", nullptr, "W"},
    {"module.enforced.power.limit", "module.power.current_limit", nullptr, "W"},
    {"module.power.default_limit", nullptr, nullptr, "W"},
    {"module.power.min_limit", nullptr, nullptr, "W"},
    {"module.power.max_limit", nullptr, nullptr, "W"},
    {"power_smoothing.delayed_power_smoothing_supported", nullptr, nullptr},
    {"power_smoothing.primary_power_floor", nullptr, nullptr},
    {"power_smoothing.secondary_power_floor", nullptr, nullptr},
    {"power_smoothing.min_primary_floor_activation_offset", nullptr, nullptr},
    {"power_smoothing.min_primary_floor_activation_point", nullptr, nullptr},
    {"power_smoothing.window_multiplier", nullptr, nullptr},
    {"power_smoothing.curr_profile.secondary_power_floor", nullptr, nullptr},
    {"power_smoothing.curr_profile.primary_floor_act_window_multiplier", nullptr, nullptr},
    {"power_smoothing.curr_profile.primary_floor_tar_window_multiplier", nullptr, nullptr},
    {"power_smoothing.curr_profile.primary_floor_act_offset", nullptr, nullptr},
    {"power_smoothing.admin_override.secondary_power_floor", nullptr, nullptr},
    {"power_smoothing.admin_override.primary_floor_act_window_multiplier", nullptr, nullptr},
    {"power_smoothing.admin_override.primary_floor_tar_window_multiplier", nullptr, nullptr},
    {"power_smoothing.admin_override.primary_floor_act_offset", nullptr, nullptr},
    {"clocks.current.graphics", "clocks.gr", "clocks/graphics_clock", "MHz"},
    {"clocks.current.sm", "clocks.sm", "clocks/sm_clock", "MHz"},
    {"clocks.current.memory", "clocks.mem", "clocks/mem_clock", "MHz"},
    {"clocks.current.video", "clocks.video", "clocks/video_clock", "MHz"},
    {"clocks.applications.graphics", "clocks.applications.gr", "applications_clocks/graphics_clock", "MHz"},
    {"clocks.applications.memory", "clocks.applications.mem", "applications_clocks/mem_clock", "MHz"},
    {"clocks.default_applications.graphics", "clocks.default_applications.gr", "default_applications_clocks/graphics_clock", "MHz"},
    {"clocks.default_applications.memory", "clocks.default_applications.mem", "default_applications_clocks/mem_clock", "MHz"},
    {"clocks.max.graphics", "clocks.max.gr", "max_clocks/graphics_clock", "MHz"},
    {"clocks.max.sm", nullptr, "max_clocks/sm_clock", "MHz"},
    {"clocks.max.memory", "clocks.max.mem", "max_clocks/mem_clock", "MHz"},
    {"mig.mode.current", nullptr, "mig_mode/current_mig"},
    {"mig.mode.pending", nullptr, "mig_mode/pending_mig"},
    {"gsp.mode.current", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem&) { return std::string("Enabled"); }},
    {"gsp.mode.default", nullptr, nullptr, nullptr, [](const SmiState&, const SmiDevice&, const SmiItem&) { return std::string("Enabled"); }},
    {"c2c.mode", nullptr, "c2c_mode"},
    {"protected_memory.total", nullptr, "cc_protected_memory_usage/total", "MiB"},
    {"protected_memory.used", nullptr, "cc_protected_memory_usage/used", "MiB"},
    {"protected_memory.free", nullptr, "cc_protected_memory_usage/free", "MiB"},
    {"fabric.state", nullptr, "fabric/state"},
    {"fabric.status", nullptr, "fabric/status"},
    {"fabric.cliqueId", nullptr, "fabric/cliqueId"},
    {"fabric.clusterUuid", nullptr, "fabric/clusterUuid"},
    {"fabric.health.summary", nullptr, "fabric/health/summary"},
    {"fabric.health.bandwidth", nullptr, "fabric/health/bandwidth"},
    {"fabric.health.route_recovery_in_progress", nullptr, "fabric/health/route_recovery_in_progress"},
    {"fabric.health.route_unhealthy", nullptr, "fabric/health/route_unhealthy"},
    {"fabric.health.access_timeout_recovery", nullptr, "fabric/health/access_timeout_recovery"},
    {"fabric.health.incorrect_configuration", nullptr, "fabric/health/incorrect_configuration"},
    {"fabric.health.partition_assigned", nullptr, "fabric/health/partition_assigned"},
    {"platform.chassis_serial_number", nullptr, "platformInfo/chassis_serial_number"},
    {"platform.slot_number", nullptr, "platformInfo/slot_number"},
    {"platform.tray_index", nullptr, "platformInfo/tray_index"},
    {"platform.host_id", nullptr, "platformInfo/host_id"},
    {"platform.peer_type", nullptr, "platformInfo/peer_type"},
    {"platform.module_id", nullptr, "platformInfo/module_id"},
    {"platform.gpu_fabric_guid", nullptr, "platformInfo/gpu_fabric_guid"},
    {"hostname", nullptr, nullptr, nullptr, [](const SmiState& s, const SmiDevice&, const SmiItem&) { return s.hostName; }},
};

std::string cell(const Field& field, const SmiState& state, const SmiDevice& device, const SmiItem& tree, bool units)
{
    if (field.value != nullptr)
        return field.value(state, device, tree);
    const SmiItem* item = field.path == nullptr ? nullptr : itemAt(tree, field.path);
    if (item == nullptr || item->value == "N/A")
        return "[N/A]";
    if (item->value.starts_with("Requested functionality"))
        return "[" + item->value + "]";
    std::string text = item->value;
    // Temperatures are told without their unit, and others in its column's only when asked for.
    if ((field.unit == nullptr && text.ends_with(" C")) || (field.unit == nullptr && text.ends_with(" bank(s)")) || (field.unit != nullptr && !units))
        text.resize(text.find(' '));
    return text;
}

std::string headerOf(const char* name, const char* unit, bool units)
{
    return unit != nullptr && units ? fmt::format("{} [{}]", name, unit) : std::string(name);
}

template <typename Fields>
const auto* fieldNamed(const Fields& fields, const std::string& name)
{
    const auto* found = std::find_if(std::begin(fields), std::end(fields), [&](const auto& f) { return name == f.name || (f.alias != nullptr && name == f.alias); });
    return found == std::end(fields) ? nullptr : found;
}

int unknownField(SmiPlace& place, const std::string& name)
{
    place.print(fmt::format("Field \"{}\" is not a valid field to query.\n\n", name));
    return nvml::kInvalidArgument;
}

void printRow(SmiPlace& place, const std::vector<std::string>& cells)
{
    place.print(fmt::format("{}\n", fmt::join(cells, ", ")));
}

struct ProgramField {
    const char* name;
    const char* alias;
    const char* unit;
    std::string (*value)(const SmiState&, const SmiDevice&, const sim::gpu::GpuProcess&);
};

const ProgramField kProgramFields[]{
    {"timestamp", nullptr, nullptr, [](const SmiState& s, const SmiDevice&, const sim::gpu::GpuProcess&) { return stampDetailed(s.now); }},
    {"gpu_name", nullptr, nullptr, [](const SmiState&, const SmiDevice& d, const sim::gpu::GpuProcess&) { return std::string(d.gpu->kind().name); }},
    {"gpu_bus_id", nullptr, nullptr, [](const SmiState&, const SmiDevice& d, const sim::gpu::GpuProcess&) { return d.gpu->slot.busId; }},
    {"gpu_serial", nullptr, nullptr, [](const SmiState&, const SmiDevice& d, const sim::gpu::GpuProcess&) { return d.gpu->card.serial; }},
    {"gpu_uuid", nullptr, nullptr, [](const SmiState&, const SmiDevice& d, const sim::gpu::GpuProcess&) { return d.gpu->card.uuid; }},
    {"pid", nullptr, nullptr, [](const SmiState&, const SmiDevice&, const sim::gpu::GpuProcess& p) { return std::to_string(p.pid); }},
    {"process_name", "name", nullptr, [](const SmiState&, const SmiDevice&, const sim::gpu::GpuProcess& p) { return p.name; }},
    {"used_gpu_memory", "used_memory", "MiB", [](const SmiState&, const SmiDevice&, const sim::gpu::GpuProcess& p) { return std::to_string(p.memoryBytes >> 20); }},
};

/// Of --query-remapped-rows: those of --query-gpu, but for the two flags, which are numbers here.
struct RowField {
    const char* name;
    const char* alias;
    std::string (*value)(const SmiState&, const SmiDevice&);
};

const RowField kRowFields[]{
    {"timestamp", nullptr, [](const SmiState& s, const SmiDevice&) { return stampDetailed(s.now); }},
    {"gpu_name", "name", [](const SmiState&, const SmiDevice& d) { return std::string(d.gpu->kind().name); }},
    {"gpu_bus_id", "pci.bus_id", [](const SmiState&, const SmiDevice& d) { return d.gpu->slot.busId; }},
    {"gpu_serial", "serial", [](const SmiState&, const SmiDevice& d) { return d.gpu->card.serial; }},
    {"gpu_uuid", "uuid", [](const SmiState&, const SmiDevice& d) { return d.gpu->card.uuid; }},
    {"remapped_rows.correctable", nullptr, [](const SmiState&, const SmiDevice& d) { return std::to_string(d.gpu->card.errors.remapper.correctable); }},
    {"remapped_rows.uncorrectable", nullptr, [](const SmiState&, const SmiDevice& d) { return std::to_string(d.gpu->card.errors.remapper.uncorrectable); }},
    {"remapped_rows.pending", nullptr, [](const SmiState&, const SmiDevice& d) { return std::string(d.gpu->card.errors.remapper.pending() ? "1" : "0"); }},
    {"remapped_rows.failure", nullptr, [](const SmiState&, const SmiDevice& d) { return std::string(d.gpu->card.errors.remapper.failed ? "1" : "0"); }},
};

} // namespace

std::vector<std::string> deviceFieldNames()
{
    std::vector<std::string> names;
    for (const Field& field : kFields)
        names.emplace_back(field.name);
    return names;
}

int queryDevices(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const std::string& fields, CsvFormat format)
{
    std::vector<const Field*> columns;
    for (const std::string& name : commaSeparated(fields)) {
        const Field* field = fieldNamed(kFields, name);
        if (field == nullptr)
            return unknownField(place, name);
        columns.push_back(field);
    }
    std::vector<std::string> cells;
    for (const Field* field : columns)
        cells.push_back(headerOf(field->name, field->unit, format.units));
    if (format.header)
        printRow(place, cells);
    for (const SmiDevice& device : devices) {
        if (!isRow(device))
            continue;
        const SmiItem tree = describe(state, device);
        cells.clear();
        for (const Field* field : columns)
            cells.push_back(cell(*field, state, device, tree, format.units));
        printRow(place, cells);
    }
    return 0;
}

int queryPrograms(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const std::string& fields, CsvFormat format)
{
    std::vector<const ProgramField*> columns;
    for (const std::string& name : commaSeparated(fields)) {
        const ProgramField* field = fieldNamed(kProgramFields, name);
        if (field == nullptr)
            return unknownField(place, name);
        columns.push_back(field);
    }
    std::vector<std::string> cells;
    for (const ProgramField* field : columns)
        cells.push_back(headerOf(field->name, field->unit, format.units));
    if (format.header)
        printRow(place, cells);
    if (state.inContainer)
        return 0;
    for (const SmiDevice& device : devices)
        for (const sim::gpu::GpuProcess& process : device.gpu->processes) {
            cells.clear();
            for (const ProgramField* field : columns)
                cells.push_back(field->value(state, device, process) + (field->unit != nullptr && format.units ? fmt::format(" {}", field->unit) : ""));
            printRow(place, cells);
        }
    return 0;
}

int queryRemappedRows(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const std::string& fields, CsvFormat format)
{
    std::vector<const RowField*> columns;
    std::vector<std::string> cells;
    for (const std::string& name : commaSeparated(fields)) {
        const RowField* field = fieldNamed(kRowFields, name);
        if (field == nullptr)
            return unknownField(place, name);
        columns.push_back(field);
        cells.emplace_back(field->name);
    }
    if (format.header)
        printRow(place, cells);
    for (const SmiDevice& device : devices) {
        if (!isRow(device))
            continue;
        cells.clear();
        for (const RowField* field : columns)
            cells.push_back(field->value(state, device));
        printRow(place, cells);
    }
    return 0;
}

int queryClocks(SmiPlace& place, const SmiState&, const std::vector<SmiDevice>& devices, const std::string& fields, CsvFormat format)
{
    std::vector<std::string> columns;
    for (const std::string& name : commaSeparated(fields)) {
        if (name != "graphics" && name != "gr" && name != "memory" && name != "mem" && name != "gpu_name" && name != "gpu_uuid")
            return unknownField(place, name);
        columns.push_back(name == "gr" ? "graphics" : name == "mem" ? "memory" : name);
    }
    std::vector<std::string> cells;
    for (const std::string& name : columns)
        cells.push_back(headerOf(name.c_str(), name == "graphics" || name == "memory" ? "MHz" : nullptr, format.units));
    if (format.header)
        printRow(place, cells);
    const char* unit = format.units ? " MHz" : "";
    for (const SmiDevice& device : devices) {
        const sim::gpu::Board& board = device.gpu->kind();
        for (int clock = board.maxSmMHz; isRow(device) && clock >= board.idleSmMHz; clock -= sim::gpu::kClockStepMHz) {
            cells.clear();
            for (const std::string& name : columns)
                cells.push_back(name == "graphics" ? fmt::format("{}{}", clock, unit)
                                : name == "memory" ? fmt::format("{}{}", board.memoryMHz, unit)
                                : name == "gpu_name" ? std::string(board.name)
                                                     : device.gpu->card.uuid);
            printRow(place, cells);
        }
    }
    return 0;
}

} // namespace core::shell::gpu
