// The tree behind nvidia-smi -q. Order, labels and tags: tests/golden/nvidia/h200/idle.txt (driver 580).
#include "core/shell/commands/gpu/smi_document.h"
#include "core/shell/commands/gpu/smi_figures.h"
#include "core/shell/commands/gpu/smi_mig.h"
#include "sim/gpu/mig.h"

#include <fmt/format.h>

namespace core::shell::gpu {

namespace {

using sim::gpu::Architecture;
using sim::gpu::Gpu;
using Form = SmiItem::Form;

constexpr const char* kNone = "N/A";

SmiItem leaf(std::string label, std::string tag, std::string value, unsigned sections = 0)
{
    SmiItem item;
    item.label = std::move(label);
    item.tag = std::move(tag);
    item.value = std::move(value);
    item.sections = sections;
    return item;
}

SmiItem group(std::string label, std::string tag, std::vector<SmiItem> items, unsigned sections = 0)
{
    SmiItem item = leaf(std::move(label), std::move(tag), {}, sections);
    item.items = std::move(items);
    return item;
}

SmiItem only(Form form, SmiItem item)
{
    item.form = form;
    return item;
}

SmiItem differing(std::string label, std::string tag, std::string text, std::string xml)
{
    SmiItem item = leaf(std::move(label), std::move(tag), std::move(text));
    item.xmlValue = std::move(xml);
    return item;
}

std::string yesNo(bool yes)
{
    return yes ? "Yes" : "No";
}

std::string enabled(bool on)
{
    return on ? "Enabled" : "Disabled";
}

std::string mib(std::int64_t value)
{
    return fmt::format("{} MiB", value);
}

std::string watts(double value)
{
    return fmt::format("{:.2f} W", value);
}

std::string megahertz(std::int64_t value)
{
    return fmt::format("{} MHz", value);
}

std::string celsius(int value)
{
    return fmt::format("{} C", value);
}

std::string_view architectureName(Architecture architecture)
{
    return architecture == Architecture::Ampere ? "Ampere" : architecture == Architecture::Hopper ? "Hopper" : "Blackwell";
}

/// The identifier that the hardware root of trust reports; made from the UUID, which is as unique.
std::string deviceIdentifier(const std::string& uuid)
{
    std::string digits;
    for (const char c : uuid.substr(std::min<std::size_t>(4, uuid.size())))
        if (c != '-' && digits.size() < 16)
            digits += c;
    return "0x" + digits;
}

SmiItem pciItems(const SmiState& state, const Gpu& gpu)
{
    const sim::gpu::Board& board = gpu.kind();
    const std::string bus = gpu.slot.busId.substr(9, 2);
    const std::string device = gpu.slot.busId.substr(12, 2);
    const std::string generation = std::to_string(board.pcieGeneration);
    const std::string deviceId = fmt::format("{:04X}10DE", board.deviceId);
    const std::string subsystem = fmt::format("{:04X}10DE", board.subsystemId);
    // Root ports of HGX nodes take part in PCIe atomics from Hopper on (the same eight-GPU capture as moduleId()'s).
    const std::string atomics = state.virtualMachine || board.architecture == Architecture::Ampere
        ? kNone
        : "FETCHADD_32 FETCHADD_64 SWAP_32 SWAP_64 CAS_32 CAS_64 ";
    const auto perSecond = [](double bytes) { return fmt::format("{:.0f} KB/s", bytes / 1000); };
    return group("PCI", "pci",
                 {differing("Bus", "pci_bus", "0x" + bus, bus), differing("Device", "pci_device", "0x" + device, device),
                  differing("Domain", "pci_domain", "0x0000", "0000"), differing("Base Classcode", "pci_base_class", "0x3", "3"),
                  differing("Sub Classcode", "pci_sub_class", "0x2", "2"), differing("Device Id", "pci_device_id", "0x" + deviceId, deviceId),
                  leaf("Bus Id", "pci_bus_id", gpu.slot.busId), differing("Sub System Id", "pci_sub_system_id", "0x" + subsystem, subsystem),
                  group("GPU Link Info", "pci_gpu_link_info",
                        {group("PCIe Generation", "pcie_gen",
                               {leaf("Max", "max_link_gen", generation), leaf("Current", "current_link_gen", std::to_string(gpu.slot.generation)),
                                leaf("Device Current", "device_current_link_gen", std::to_string(gpu.slot.generation)),
                                leaf("Device Max", "max_device_link_gen", generation),
                                leaf("Host Max", "max_host_link_gen", state.virtualMachine ? kNone : generation)}),
                         group("Link Width", "link_widths",
                               {leaf("Max", "max_link_width", "16x"), leaf("Current", "current_link_width", fmt::format("{}x", gpu.slot.width))})}),
                  group("Bridge Chip", "pci_bridge_chip", {leaf("Type", "bridge_chip_type", kNone), leaf("Firmware", "bridge_chip_fw", kNone)}),
                  leaf("Replays Since Reset", "replay_counter", std::to_string(gpu.slot.replays)),
                  leaf("Replay Number Rollovers", "replay_rollover_counter", "0"),
                  leaf("Tx Throughput", "tx_util", perSecond(gpu.now.activity.pcieTxBytesPerSecond)),
                  leaf("Rx Throughput", "rx_util", perSecond(gpu.now.activity.pcieRxBytesPerSecond)),
                  leaf("Atomic Caps Outbound", "atomic_caps_outbound", atomics), leaf("Atomic Caps Inbound", "atomic_caps_inbound", atomics)});
}

SmiItem reasonItems(const Gpu& gpu)
{
    namespace reason = sim::gpu::reason;
    const auto active = [&](std::uint64_t bit) { return (gpu.now.reasons & bit) != 0 ? std::string("Active") : std::string("Not Active"); };
    // The XML lists what the text sets below "HW Slowdown" beside it.
    SmiItem slowdown = leaf("HW Slowdown", "clocks_event_reason_hw_slowdown", active(reason::kHwSlowdown));
    slowdown.items = {leaf("HW Thermal Slowdown", "clocks_event_reason_hw_thermal_slowdown", active(reason::kHwThermal)),
                      leaf("HW Power Brake Slowdown", "clocks_event_reason_hw_power_brake_slowdown", active(reason::kHwPowerBrake))};
    return group("Clocks Event Reasons", "clocks_event_reasons",
                 {leaf("Idle", "clocks_event_reason_gpu_idle", active(reason::kIdle)),
                  leaf("Applications Clocks Setting", "clocks_event_reason_applications_clocks_setting", active(reason::kApplicationsClocks)),
                  leaf("SW Power Cap", "clocks_event_reason_sw_power_cap", active(reason::kSwPowerCap)), slowdown,
                  leaf("Sync Boost", "clocks_event_reason_sync_boost", active(reason::kSyncBoost)),
                  leaf("SW Thermal Slowdown", "clocks_event_reason_sw_thermal_slowdown", active(reason::kSwThermal)),
                  leaf("Display Clock Setting", "clocks_event_reason_display_clocks_setting", active(reason::kDisplayClock))},
                 section::kPerformance);
}

SmiItem reasonCounterItems(const Gpu& gpu)
{
    const auto microseconds = [](double us) { return fmt::format("{:.0f} us", us); };
    const std::string tag = "clocks_event_reasons_counters";
    return group("Clocks Event Reasons Counters", tag,
                 {leaf("SW Power Capping", tag + "_sw_power_cap", microseconds(gpu.now.powerCapUs)), leaf("Sync Boost", tag + "_sync_boost", "0 us"),
                  leaf("SW Thermal Slowdown", tag + "_sw_therm_slowdown", microseconds(gpu.now.swThermalUs)),
                  leaf("HW Thermal Slowdown", tag + "_hw_therm_slowdown", microseconds(gpu.now.hwThermalUs)),
                  leaf("HW Power Braking", tag + "_hw_power_brake", microseconds(gpu.now.powerBrakeUs))},
                 section::kPerformance);
}

/// Minimum, mean and maximum over what the driver keeps; the lab keeps the last second.
SmiItem samples(const std::string& what, const std::string& value, unsigned sections, bool found = true)
{
    const auto is = [&](std::string text) { return found ? text : std::string("Not Found"); };
    return only(Form::Text, group(what, "",
                                  {leaf("Duration", "", is("1.00 sec")), leaf("Number of Samples", "", is("1")), leaf("Max", "", is(value)),
                                   leaf("Min", "", is(value)), leaf("Avg", "", is(value))},
                                  sections | section::kOnlyAsked));
}

void addMemory(std::vector<SmiItem>& items, const Gpu& gpu)
{
    const MemoryFigures m = memoryFigures(gpu);
    const std::int64_t bar = gpu.kind().bar1MiB;
    items.push_back(group("FB Memory Usage", "fb_memory_usage",
                          {leaf("Total", "total", mib(m.total)), leaf("Reserved", "reserved", mib(m.reserved)), leaf("Used", "used", mib(m.used)),
                           leaf("Free", "free", mib(m.free))},
                          section::kMemory));
    items.push_back(group("BAR1 Memory Usage", "bar1_memory_usage",
                          {leaf("Total", "total", mib(bar)), leaf("Used", "used", mib(m.barUsed)), leaf("Free", "free", mib(bar - m.barUsed))}, section::kMemory));
    items.push_back(group("Conf Compute Protected Memory Usage", "cc_protected_memory_usage",
                          {leaf("Total", "total", mib(0)), leaf("Used", "used", mib(0)), leaf("Free", "free", mib(0))}, section::kMemory));
}

void addUtilization(std::vector<SmiItem>& items, const Gpu& gpu)
{
    // A divided device has no figures of its own.
    const auto share = [&](double value) { return gpu.settings.migCurrent ? std::string(kNone) : fmt::format("{} %", percent(value)); };
    const std::string kernel = share(gpu.now.activity.kernel);
    const std::string memory = share(gpu.now.activity.dram);
    const std::string zero = share(0);
    items.push_back(group("Utilization", "utilization",
                          {leaf("GPU", "gpu_util", kernel), leaf("Memory", "memory_util", memory), leaf("Encoder", "encoder_util", zero),
                           leaf("Decoder", "decoder_util", zero), leaf("JPEG", "jpeg_util", zero), leaf("OFA", "ofa_util", zero)},
                          section::kUtilization));
    items.push_back(samples("GPU Utilization Samples", kernel, section::kUtilization));
    items.push_back(samples("Memory Utilization Samples", memory, section::kUtilization));
    for (const char* engine : {"ENC", "DEC", "JPG", "OFA"})
        items.push_back(samples(std::string(engine) + " Utilization Samples", zero, section::kUtilization));
}

void addErrors(std::vector<SmiItem>& items, const Gpu& gpu)
{
    const sim::gpu::MemoryErrors& errors = gpu.card.errors;
    const auto counts = [](const sim::gpu::ErrorCounts& c) {
        return std::vector<SmiItem>{leaf("SRAM Correctable", "sram_correctable", std::to_string(c.sramCorrectable)),
                                    leaf("SRAM Uncorrectable Parity", "sram_uncorrectable_parity", std::to_string(c.sramUncorrectableParity)),
                                    leaf("SRAM Uncorrectable SEC-DED", "sram_uncorrectable_secded", std::to_string(c.sramUncorrectableSecDed)),
                                    leaf("DRAM Correctable", "dram_correctable", std::to_string(c.dramCorrectable)),
                                    leaf("DRAM Uncorrectable", "dram_uncorrectable", std::to_string(c.dramUncorrectable))};
    };
    std::vector<SmiItem> aggregate = counts(errors.aggregate);
    aggregate.push_back(leaf("SRAM Threshold Exceeded", "sram_threshold_exceeded", yesNo(errors.sramThresholdExceeded())));
    items.push_back(group("ECC Mode", "ecc_mode", {leaf("Current", "current_ecc", "Enabled"), leaf("Pending", "pending_ecc", enabled(gpu.settings.eccPending))},
                          section::kEcc));
    items.push_back(group("ECC Errors", "ecc_errors",
                          {group("Volatile", "volatile", counts(errors.volatile_)), group("Aggregate", "aggregate", std::move(aggregate)),
                           group("Aggregate Uncorrectable SRAM Sources", "aggregate_uncorrectable_sram_sources",
                                 {leaf("SRAM L2", "sram_l2", std::to_string(errors.aggregate.sramUncorrectableParity + errors.aggregate.sramUncorrectableSecDed)), leaf("SRAM SM", "sram_sm", "0"),
                                  leaf("SRAM Microcontroller", "sram_microcontroller", "0"), leaf("SRAM PCIE", "sram_pcie", "0"),
                                  leaf("SRAM Other", "sram_other", "0")}),
                           leaf("Channel Repair Pending", "channel_repair_pending", "No"), leaf("TPC Repair Pending", "tpc_repair_pending", "No"),
                           leaf("Unrepairable Memory", "unrepairable_memory", yesNo(errors.remapper.failed))},
                          section::kEcc));
    items.push_back(group("Retired Pages", "retired_pages",
                          {only(Form::Text, leaf("Single Bit ECC", "single", kNone)), only(Form::Text, leaf("Double Bit ECC", "double", kNone)),
                           only(Form::Text, leaf("Pending Page Blacklist", "pending", kNone)),
                           only(Form::Xml, group("", "multiple_single_bit_retirement", {leaf("", "retired_count", kNone), leaf("", "retired_pagelist", kNone)})),
                           only(Form::Xml, group("", "double_bit_retirement", {leaf("", "retired_count", kNone), leaf("", "retired_pagelist", kNone)})),
                           only(Form::Xml, leaf("", "pending_blacklist", kNone)), only(Form::Xml, leaf("", "pending_retirement", kNone))},
                          section::kPageRetirement));
    const sim::gpu::RowRemapper& rows = errors.remapper;
    const auto histogram = rows.histogram(gpu.kind().remapBanks);
    const auto banks = [](std::int64_t count) { return fmt::format("{} bank(s)", count); };
    items.push_back(group("Remapped Rows", "remapped_rows",
                          {leaf("Correctable Error", "remapped_row_corr", std::to_string(rows.correctable)),
                           leaf("Inactive Correctable Error", "remapped_row_corr_inactive", std::to_string(rows.inactiveCorrectable)),
                           leaf("Uncorrectable Error", "remapped_row_unc", std::to_string(rows.uncorrectable)),
                           leaf("Inactive Uncorrectable Error", "remapped_row_unc_inactive", std::to_string(rows.inactiveUncorrectable)),
                           leaf("Pending", "remapped_row_pending", yesNo(rows.pending())),
                           leaf("Remapping Failure Occurred", "remapped_row_failure", yesNo(rows.failed)),
                           group("Bank Remap Availability Histogram", "row_remapper_histogram",
                                 {leaf("Max", "row_remapper_histogram_max", banks(histogram.max)), leaf("High", "row_remapper_histogram_high", banks(histogram.high)),
                                  leaf("Partial", "row_remapper_histogram_partial", banks(histogram.partial)),
                                  leaf("Low", "row_remapper_histogram_low", banks(histogram.low)), leaf("None", "row_remapper_histogram_none", banks(histogram.none))})},
                          section::kRowRemapper));
}

void addTemperature(std::vector<SmiItem>& items, const Gpu& gpu)
{
    const sim::gpu::Board& board = gpu.kind();
    const int now = wholeC(gpu.temperatureC());
    const int memory = wholeC(gpu.card.heat.memoryC);
    const auto above = [&](double threshold) { return celsius(static_cast<int>(board.maxOperatingC - threshold)); };
    // Since Hopper thresholds are told as distances from the highest operating temperature.
    const bool margins = board.architecture != Architecture::Ampere;
    std::vector<SmiItem> t{leaf("GPU Current Temp", "gpu_temp", celsius(now)),
                           leaf("GPU T.Limit Temp", "gpu_temp_tlimit", margins ? celsius(static_cast<int>(board.maxOperatingC) - now) : kNone)};
    if (margins) {
        t.push_back(leaf("GPU Shutdown T.Limit Temp", "gpu_temp_max_tlimit_threshold", above(board.shutdownC)));
        t.push_back(leaf("GPU Slowdown T.Limit Temp", "gpu_temp_slow_tlimit_threshold", above(board.slowdownC)));
        t.push_back(leaf("GPU Max Operating T.Limit Temp", "gpu_temp_max_gpu_tlimit_threshold", celsius(0)));
    } else {
        t.push_back(leaf("GPU Shutdown Temp", "gpu_temp_max_threshold", celsius(static_cast<int>(board.shutdownC))));
        t.push_back(leaf("GPU Slowdown Temp", "gpu_temp_slow_threshold", celsius(static_cast<int>(board.slowdownC))));
        t.push_back(leaf("GPU Max Operating Temp", "gpu_temp_max_gpu_threshold", celsius(static_cast<int>(board.maxOperatingC))));
    }
    t.push_back(leaf("GPU Target Temperature", "gpu_target_temperature", kNone));
    t.push_back(leaf("Memory Current Temp", "memory_temp", celsius(memory)));
    t.push_back(margins ? leaf("Memory Max Operating T.Limit Temp", "gpu_temp_max_mem_tlimit_threshold", celsius(0))
                        : leaf("Memory Max Operating Temp", "gpu_temp_max_mem_threshold", celsius(static_cast<int>(board.memoryMaxC))));
    items.push_back(group("Temperature", "temperature", std::move(t), section::kTemperature));
    items.push_back(only(Form::Xml, group("", "supported_gpu_target_temp", {leaf("", "gpu_target_temp_min", kNone), leaf("", "gpu_target_temp_max", kNone)})));
}

std::vector<SmiItem> powerItems(const std::string& draw, const std::string& instant, const std::string& limit, const std::string& byDefault, const std::string& least,
                                const std::string& most)
{
    return {only(Form::Xml, leaf("", "power_state", "P0")), leaf("Average Power Draw", "average_power_draw", draw),
            leaf("Instantaneous Power Draw", "instant_power_draw", instant), leaf("Current Power Limit", "current_power_limit", limit),
            leaf("Requested Power Limit", "requested_power_limit", limit), leaf("Default Power Limit", "default_power_limit", byDefault),
            leaf("Min Power Limit", "min_power_limit", least), leaf("Max Power Limit", "max_power_limit", most)};
}

void addPower(std::vector<SmiItem>& items, const Gpu& gpu)
{
    const sim::gpu::Board& board = gpu.kind();
    const std::string draw = watts(gpu.now.powerW);
    const std::string most = watts(board.defaultLimitW);
    items.push_back(group("GPU Power Readings", "gpu_power_readings",
                          powerItems(draw, draw, watts(gpu.settings.powerLimitW), most, watts(board.minLimitW), most), section::kPower));
    items.push_back(samples("Power Samples", draw, section::kPower));
    items.push_back(group("GPU Memory Power Readings ", "gpu_memory_power_readings",
                          {leaf("Average Power Draw", "average_power_draw", board.memoryIdleW > 0 ? watts(memoryPowerW(gpu)) : kNone),
                           leaf("Instantaneous Power Draw", "instant_power_draw", kNone)},
                          section::kPower));
    items.push_back(group("Module Power Readings", "module_power_readings", powerItems(kNone, kNone, kNone, kNone, kNone, kNone), section::kPower));
    items.push_back(leaf("Power Smoothing", "power_smoothing", kNone));
    items.push_back(group("Workload Power Profiles", "power_profiles",
                          {leaf("Requested Profiles", "power_profile_requested_profiles", kNone), leaf("Enforced Profiles", "power_profile_enforced_profiles", kNone)}));
}

void addClocks(std::vector<SmiItem>& items, const Gpu& gpu)
{
    const sim::gpu::Board& board = gpu.kind();
    const auto pair = [&](const char* label, const char* tag) {
        return group(label, tag, {leaf("Graphics", "graphics_clock", megahertz(board.maxSmMHz)), leaf("Memory", "mem_clock", megahertz(board.memoryMHz))},
                     section::kClock);
    };
    const auto all = [&](const char* label, const char* tag, std::int64_t sm, std::int64_t video) {
        return group(label, tag,
                     {leaf("Graphics", "graphics_clock", megahertz(sm)), leaf("SM", "sm_clock", megahertz(sm)), leaf("Memory", "mem_clock", megahertz(board.memoryMHz)),
                      leaf("Video", "video_clock", megahertz(video))},
                     section::kClock);
    };
    items.push_back(all("Clocks", "clocks", gpu.now.smMHz, videoMHz(gpu)));
    items.push_back(pair("Applications Clocks", "applications_clocks"));
    items.push_back(pair("Default Applications Clocks", "default_applications_clocks"));
    items.push_back(group("Deferred Clocks", "deferred_clocks", {leaf("Memory", "mem_clock", kNone)}, section::kClock));
    items.push_back(all("Max Clocks", "max_clocks", board.maxSmMHz, board.maxVideoMHz));
    items.push_back(group("Max Customer Boost Clocks", "max_customer_boost_clocks", {leaf("Graphics", "graphics_clock", megahertz(board.maxSmMHz))}, section::kClock));
    items.push_back(samples("SM Clock Samples", {}, section::kClock, false));
    items.push_back(samples("Memory Clock Samples", {}, section::kClock, false));
    items.push_back(group("Clock Policy", "clock_policy", {leaf("Auto Boost", "auto_boost", kNone), leaf("Auto Boost Default", "auto_boost_default", kNone)}, section::kClock));
}

SmiItem fabricItems(const SmiState& state, const SmiDevice& device)
{
    const std::string fabric = fabricState(state, device);
    const bool ready = fabric == "Completed";
    // Hopper's NVSwitches report no health; Blackwell's do (`nvidia-smi -q` of a B200 node with driver 595).
    const bool health = ready && device.gpu->kind().architecture == Architecture::Blackwell;
    const auto flag = [&](const char* text) { return std::string(health ? text : kNone); };
    return group("Fabric", "fabric",
                 {leaf("State", "state", fabric), leaf("Status", "status", ready ? "Success" : kNone), leaf("CliqueId", "cliqueId", ready ? "0" : kNone),
                  leaf("ClusterUUID", "clusterUuid", ready ? "00000000-0000-0000-0000-000000000000" : kNone),
                  group("Health", "health",
                        {leaf("Summary", "summary", flag("Healthy")), leaf("Bandwidth", "bandwidth", flag("Full")),
                         leaf("Route Recovery in progress", "route_recovery_in_progress", flag("False")), leaf("Route Unhealthy", "route_unhealthy", flag("False")),
                         leaf("Access Timeout Recovery", "access_timeout_recovery", flag("False")),
                         leaf("Incorrect Configuration", "incorrect_configuration", flag("None")), leaf("Partition Assigned", "partition_assigned", kNone)})});
}

SmiItem supportedClockItems(const Gpu& gpu)
{
    const sim::gpu::Board& board = gpu.kind();
    std::vector<SmiItem> memories;
    for (const int memory : {board.memoryMHz, board.memoryLowMHz}) {
        if (memory <= 0)
            continue;
        SmiItem item = leaf("Memory", "supported_mem_clock", megahertz(memory));
        for (int clock = board.maxSmMHz; clock >= board.idleSmMHz; clock -= sim::gpu::kClockStepMHz)
            item.items.push_back(leaf("Graphics", "supported_graphics_clock", megahertz(clock)));
        memories.push_back(std::move(item));
    }
    return group("Supported Clocks", "supported_clocks", std::move(memories), section::kSupportedClocks | section::kOnlyAsked);
}

void addProcesses(std::vector<SmiItem>& items, const SmiState& state, const Gpu& gpu)
{
    SmiItem processes = leaf("Processes", "processes", {}, section::kPids);
    if (!state.inContainer)
        for (const sim::gpu::GpuProcess& process : gpu.processes) {
            const std::string pid = std::to_string(process.pid);
            const std::string memory = mib(process.memoryBytes >> 20);
            SmiItem id = leaf("Process ID", "pid", pid);
            id.items = {leaf("Type", "", typeOf(process)), leaf("Name", "", process.name), leaf("Used GPU Memory", "", memory)};
            for (SmiItem item : {leaf("GPU instance ID", "", kNone), leaf("Compute instance ID", "", kNone), id}) {
                item.narrow = true;
                for (SmiItem& below : item.items)
                    below.narrow = true;
                processes.items.push_back(only(Form::Text, std::move(item)));
            }
            processes.items.push_back(only(Form::Xml, group("", "process_info",
                                                            {leaf("", "gpu_instance_id", kNone), leaf("", "compute_instance_id", kNone), leaf("", "pid", pid),
                                                             leaf("", "type", typeOf(process)), leaf("", "process_name", process.name), leaf("", "used_memory", memory)})));
        }
    if (processes.items.empty())
        processes.value = "None";
    items.push_back(std::move(processes));
    items.push_back(leaf("Accounted Processes", "accounted_processes", "None", section::kAccounting | section::kOnlyAsked));
}

void addMigItems(std::vector<SmiItem>& items, const Gpu& gpu)
{
    SmiItem inXml = only(Form::Xml, leaf("", "mig_devices", {}));
    const std::vector<MigDevice> devices = migDevices(gpu);
    for (const MigDevice& device : devices) {
        const MigFigures figures = migFigures(gpu.kind(), *sim::gpu::migProfile(device.instance->profile));
        SmiItem item = group("MIG Device", "mig_device",
                             {leaf("Index", "index", std::to_string(device.number)), leaf("GPU Instance ID", "gpu_instance_id", std::to_string(device.instance->id)),
                              leaf("Compute Instance ID", "compute_instance_id", "0"),
                              group("Device Attributes", "device_attributes",
                                    {group("Shared", "shared",
                                           {leaf("Multiprocessor count", "multiprocessor_count", std::to_string(figures.multiprocessors)),
                                            leaf("Copy Engine count", "copy_engine_count", std::to_string(figures.copyEngines)),
                                            leaf("Encoder count", "encoder_count", "0"), leaf("Decoder count", "decoder_count", std::to_string(figures.decoders)),
                                            leaf("OFA count", "ofa_count", std::to_string(figures.opticalFlow)),
                                            leaf("JPG count", "jpg_count", std::to_string(figures.jpegs))})}),
                              group("FB Memory Usage", "fb_memory_usage",
                                    {leaf("Total", "total", mib(figures.memoryMib)), leaf("Reserved", "reserved", mib(0)), leaf("Used", "used", mib(0)),
                                     leaf("Free", "free", mib(figures.memoryMib))}),
                              group("BAR1 Memory Usage", "bar1_memory_usage",
                                    {leaf("Total", "total", mib(figures.bar1Mib)), leaf("Used", "used", mib(0)), leaf("Free", "free", mib(figures.bar1Mib))})});
        inXml.items.push_back(item);
        items.push_back(only(Form::Text, std::move(item)));
    }
    if (devices.empty())
        inXml.value = "None";
    items.push_back(std::move(inXml));
}

} // namespace

SmiItem describe(const SmiState& state, const SmiDevice& device)
{
    const Gpu& gpu = *device.gpu;
    const sim::gpu::Board& board = gpu.kind();
    const bool ampere = board.architecture == Architecture::Ampere;
    // "bus, device, function" in 16 bits.
    const std::string boardId = fmt::format("0x{:x}", std::stoul(gpu.slot.busId.substr(9, 2), nullptr, 16) << 8 | std::stoul(gpu.slot.busId.substr(12, 2), nullptr, 16));
    SmiItem root;
    root.value = gpu.slot.busId;
    std::vector<SmiItem>& items = root.items;
    items = {leaf("Product Name", "product_name", std::string(board.name)), leaf("Product Brand", "product_brand", "NVIDIA"),
             leaf("Product Architecture", "product_architecture", std::string(architectureName(board.architecture))),
             leaf("Display Mode", "display_mode", "Requested functionality has been deprecated"), leaf("Display Attached", "display_attached", "Yes"),
             leaf("Display Active", "display_active", "Disabled"), leaf("Persistence Mode", "persistence_mode", enabled(gpu.settings.persistence)),
             leaf("Addressing Mode", "addressing_mode", "None"),
             group("MIG Mode", "mig_mode", {leaf("Current", "current_mig", enabled(gpu.settings.migCurrent)), leaf("Pending", "pending_mig", enabled(gpu.settings.migPending))})};
    addMigItems(items, gpu);
    for (SmiItem item : {leaf("Accounting Mode", "accounting_mode", "Disabled", section::kAccounting),
                         leaf("Accounting Mode Buffer Size", "accounting_mode_buffer_size", "4000", section::kAccounting),
                         group("Driver Model", "driver_model", {leaf("Current", "current_dm", kNone), leaf("Pending", "pending_dm", kNone)}),
                         leaf("Serial Number", "serial", gpu.card.serial), leaf("GPU UUID", "uuid", gpu.card.uuid), leaf("GPU PDI", "pdi", deviceIdentifier(gpu.card.uuid)),
                         leaf("Minor Number", "minor_number", std::to_string(gpu.index)), leaf("VBIOS Version", "vbios_version", std::string(board.vbios)),
                         leaf("MultiGPU Board", "multigpu_board", "No"), leaf("Board ID", "board_id", boardId),
                         leaf("Board Part Number", "board_part_number", std::string(board.boardPartNumber)),
                         leaf("GPU Part Number", "gpu_part_number", std::string(board.gpuPartNumber)), leaf("FRU Part Number", "gpu_fru_part_number", kNone),
                         group("Platform Info", "platformInfo",
                               {leaf("Chassis Serial Number", "chassis_serial_number", kNone), leaf("Slot Number", "slot_number", kNone), leaf("Tray Index", "tray_index", kNone),
                                leaf("Host ID", "host_id", kNone), leaf("Peer Type", "peer_type", kNone), leaf("Module Id", "module_id", std::to_string(moduleId(device))),
                                leaf("GPU Fabric GUID", "gpu_fabric_guid", kNone)}),
                         group("Inforom Version", "inforom_version",
                               {leaf("Image Version", "img_version", std::string(board.inforomImage)), leaf("OEM Object", "oem_object", ampere ? "2.0" : "2.1"),
                                leaf("ECC Object", "ecc_object", ampere ? "6.16" : "7.16"), leaf("Power Management Object", "pwr_object", kNone)}),
                         group("Inforom BBX Object Flush", "inforom_bbx_flush", {leaf("Latest Timestamp", "latest_timestamp", kNone), leaf("Latest Duration", "latest_duration", kNone)}),
                         group("GPU Operation Mode", "gpu_operation_mode", {leaf("Current", "current_gom", kNone), leaf("Pending", "pending_gom", kNone)}),
                         leaf("GPU C2C Mode", "c2c_mode", "Disabled"),
                         group("GPU Virtualization Mode", "gpu_virtualization_mode",
                               {leaf("Virtualization Mode", "virtualization_mode", state.virtualMachine ? "Pass-Through" : "None"), leaf("Host VGPU Mode", "host_vgpu_mode", kNone),
                                leaf("vGPU Heterogeneous Mode", "vgpu_heterogeneous_mode", kNone)}),
                         leaf("GPU Recovery Action", "gpu_recovery_action", std::string(sim::gpu::recoveryText(gpu.recovery))),
                         leaf("GSP Firmware Version", "gsp_firmware_version", state.node != nullptr ? state.node->driver.version : kNone),
                         group("IBMNPU", "ibmnpu", {leaf("Relaxed Ordering Mode", "relaxed_ordering_mode", kNone)}), pciItems(state, gpu),
                         leaf("Fan Speed", "fan_speed", kNone), leaf("Performance State", "performance_state", "P0", section::kPerformance), reasonItems(gpu),
                         reasonCounterItems(gpu), leaf("Sparse Operation Mode", "sparse_operation_mode", "Disabled", section::kPerformance)})
        items.push_back(std::move(item));
    addMemory(items, gpu);
    items.push_back(leaf("Compute Mode", "compute_mode", gpu.settings.computeMode, section::kCompute));
    addUtilization(items, gpu);
    for (const auto& [label, tag, bit] : {std::tuple{"Encoder Stats", "encoder_stats", section::kEncoderStats}, {"FBC Stats", "fbc_stats", section::kFbcStats}})
        items.push_back(group(label, tag, {leaf("Active Sessions", "session_count", "0"), leaf("Average FPS", "average_fps", "0"), leaf("Average Latency", "average_latency", "0")}, bit));
    items.push_back(group("DRAM Encryption Mode", "dram_encryption_mode", {leaf("Current", "current_dram_encryption", kNone), leaf("Pending", "pending_dram_encryption", kNone)}));
    addErrors(items, gpu);
    addTemperature(items, gpu);
    addPower(items, gpu);
    addClocks(items, gpu);
    items.push_back(fabricItems(state, device));
    items.push_back(supportedClockItems(gpu));
    addProcesses(items, state, gpu);
    items.push_back(group("Capabilities", "capabilities", {leaf("EGM", "egm", "disabled")}));
    return root;
}

} // namespace core::shell::gpu
