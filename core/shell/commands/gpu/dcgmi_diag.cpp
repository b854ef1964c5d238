// dcgmi diag. Tests by level, the report's layout and the messages as DCGM 4 has them. What the tests find follows from the state of the
// devices; their load is on the devices while they run.
#include "core/shell/commands/gpu/dcgmi.h"
#include "core/shell/commands/gpu/smi_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::gpu {

namespace {

struct Test {
    const char* category; ///< null: that of the one before
    const char* name;
    int level;
    bool wholeDevice; ///< wants memory and time of the device for itself
};

constexpr Test kTests[]{{"|-----  Deployment  --------+------------------------------------------------|", "software", 1, false},
                        {"+-----  Hardware  ----------+------------------------------------------------+", "memory", 2, true},
                        {nullptr, "diagnostic", 3, true},
                        {nullptr, "nvbandwidth", 3, true},
                        {"+-----  Integration  -------+------------------------------------------------+", "pcie", 2, true},
                        {"+-----  Stress  ------------+------------------------------------------------+", "memory_bandwidth", 3, true},
                        {nullptr, "targeted_stress", 3, true},
                        {nullptr, "targeted_power", 3, true}};

constexpr const char* kProhibited = "Prohibited";

constexpr const char* kDiagRule = "+---------------------------+------------------------------------------------+\n";

std::string diagLine(std::string_view name, std::string_view value)
{
    return fmt::format("| {:<25} | {:<46} |\n", name, value);
}

std::string wrapped(std::string_view name, std::string rest)
{
    constexpr std::size_t kRoom = 46;
    std::string text;
    while (!rest.empty()) {
        const std::size_t space = rest.rfind(' ', kRoom);
        const std::size_t cut = rest.size() <= kRoom ? rest.size() : space == std::string::npos ? kRoom : space;
        text += diagLine(text.empty() ? name : std::string_view(), rest.substr(0, cut));
        rest.erase(0, cut == rest.size() ? cut : cut + 1);
    }
    return text;
}

/// Where the chip would settle under its power limit with the fans at what they may do.
double settledC(const SmiState& state, const sim::gpu::Gpu& gpu)
{
    constexpr double kConvectionExponent = 0.8; // sim/gpu/cooling.cpp
    const sim::gpu::Chassis& chassis = state.node->chassis;
    const double flow = std::max(0.05, chassis.filterFlow * chassis.dutyCap);
    const double ohms = state.node->cooling.dieOhms * gpu.card.heat.pasteFactor
        + state.node->cooling.sinkOhms * gpu.card.heat.clogFactor * std::pow(flow, -kConvectionExponent);
    return chassis.inletC + gpu.settings.powerLimitW * ohms;
}

// What the tests do: memory patterns, products on the tensor cores, copies over PCIe and NVLink. Estimates from kernels.txt.
constexpr sim::gpu::Activity kMemoryTest{.kernel = 0.98, .sm = 0.4, .dram = 0.85};
constexpr sim::gpu::Activity kProducts{.kernel = 1, .sm = 1, .tensor = 0.755, .dram = 0.25};
constexpr sim::gpu::Activity kCopies{.kernel = 0.3, .sm = 0.05, .dram = 0.1, .pcieTxBytesPerSecond = 2.5e10, .pcieRxBytesPerSecond = 2.5e10};

} // namespace

std::vector<DcgmPhase> diagnosticPhases(int level)
{
    using std::chrono::minutes;
    using std::chrono::seconds;
    constexpr double kMost = 0.95, kBuffers = 0.02;
    std::vector<DcgmPhase> phases{{seconds(4), {}, 0}};
    if (level >= 2) {
        phases.push_back({seconds(76), kMemoryTest, kMost});
        phases.push_back({seconds(40), kCopies, kBuffers});
    }
    if (level >= 3) {
        phases.push_back({minutes(3), kProducts, kMost});   // diagnostic
        phases.push_back({minutes(1), kCopies, kBuffers});  // nvbandwidth
        phases.push_back({minutes(1), kMemoryTest, 0.2});   // memory_bandwidth
        phases.push_back({minutes(4), kProducts, 0.1});     // targeted_stress
        phases.push_back({minutes(4), kProducts, 0.1});     // targeted_power
    }
    if (level >= 4)
        phases.push_back({minutes(60), kMemoryTest, kMost});
    return phases;
}

DcgmDiagnostic diagnose(const SmiState& state, int level)
{
    DcgmDiagnostic result;
    const auto add = [&](const SmiDevice& device, const char* test, bool failure, std::string message) {
        result.findings.push_back({device.number, test, failure, std::move(message)});
    };
    for (const SmiDevice& device : state.devices) {
        const sim::gpu::Gpu& gpu = *device.gpu;
        const int id = device.number;
        if (!isRow(device)) {
            add(device, "software", true, fmt::format("GPU {} has fallen off the bus", id));
            continue;
        }
        const sim::gpu::MemoryErrors& errors = gpu.card.errors;
        if (!gpu.settings.persistence)
            add(device, "software", false, fmt::format("Persistence mode for GPU {} is disabled.", id));
        if (errors.remapper.failed)
            add(device, "software", true, fmt::format("GPU {} had uncorrectable memory errors and row remapping failed.", id));
        else if (errors.remapper.pending())
            add(device, "software", true, fmt::format("GPU {} had memory errors and row remappings are pending", id));
        if (fabricState(state, device) == "In Progress")
            add(device, "software", true, "Error using CUDA API cuInit: system not yet initialized");
        if (level < 2)
            continue;
        const bool used = std::any_of(gpu.processes.begin(), gpu.processes.end(), [&](const auto& process) { return !state.node->mps.isServer(process.pid); });
        if (used || gpu.settings.computeMode == kProhibited) {
            result.skipped.push_back(id);
            continue;
        }
        if (gpu.hung || gpu.tainted)
            add(device, "memory", true, "Error using CUDA API cudaDeviceSynchronize");
        if (gpu.card.defect.uncorrectablePerSecond > 0 || gpu.card.defect.sramPerSecond > 0)
            add(device, "memory", true, fmt::format("Detected {} ecc_dbe_volatile_total for GPU {}", std::max<std::int64_t>(1, errors.volatile_.uncorrectable()), id));
        if (gpu.slot.contact < sim::gpu::Slot::kGoodContact)
            add(device, "pcie", true, fmt::format("Detected {} pcie_replay_counter for GPU {}", std::max<std::int64_t>(1, gpu.slot.replays), id));
        for (const sim::gpu::NvLink& link : gpu.links)
            if (link.crcPerSecond > 0 || link.crcErrors > 0)
                add(device, "pcie", true, fmt::format("Detected {} nvlink_flit_crc_error_count_total NvLink errors on GPU {}'s NVLink (should be 0)", std::max<std::int64_t>(1, link.crcErrors), id));
        if (gpu.activeLinks() < static_cast<std::int64_t>(gpu.links.size()))
            add(device, "pcie", true, fmt::format("Only {} NvLinks are up out of the expected {}", gpu.activeLinks(), gpu.links.size()));
        if (level < 3)
            continue;
        const sim::gpu::Board& board = gpu.kind();
        if (settledC(state, gpu) > board.slowdownC)
            for (const char* test : {"diagnostic", "targeted_stress"})
                add(device, test, true, fmt::format("Detected clocks event due to thermal violation in GPU {}.", id));
        constexpr double kPowerShare = 0.75; // of the board's limit that targeted_power wants to see
        if (gpu.settings.powerLimitW < kPowerShare * board.defaultLimitW)
            add(device, "targeted_power", true,
                fmt::format("Max power of {:.1f} did not reach desired power minimum target_power_min_ratio of {:.1f} for GPU {}", gpu.settings.powerLimitW,
                            kPowerShare * board.defaultLimitW, id));
    }
    return result;
}

/// Why the memory test is left out: nobody may use the device, or a program holds more than a quarter of its memory.
std::string whyLeftOut(const SmiDevice& device)
{
    constexpr double kLeastShare = 0.75;
    if (device.gpu->settings.computeMode == kProhibited)
        return wrapped(fmt::format("Info: GPU{}", device.number), fmt::format("GPU {} is in prohibited mode, so we must skip this test.", device.number));
    const MemoryFigures memory = memoryFigures(*device.gpu);
    const auto wanted = static_cast<std::int64_t>(static_cast<double>(memory.total) * kLeastShare);
    return memory.free >= wanted ? std::string()
                                 : wrapped(fmt::format("Info: GPU{}", device.number),
                                           fmt::format("Only {} mb of memory is free, but we need to allocate {} mb to pass this test. Skipping", memory.free, wanted));
}

std::string diagnosticReport(const SmiState& state, int level, const DcgmDiagnostic& found)
{
    std::vector<std::string> ids;
    for (const SmiDevice& device : state.devices)
        ids.push_back(fmt::format("{:04x}", device.gpu->kind().deviceId));
    std::string text = std::string("Successfully ran diagnostic for group.\n") + kDiagRule + diagLine("Diagnostic", "Result")
        + "+===========================+================================================+\n"
          "|-----  Metadata  ----------+------------------------------------------------|\n"
        + diagLine("DCGM Version", kDcgmVersion) + diagLine("Driver Version Detected", state.node->driver.version) + wrapped("GPU Device IDs Detected", fmt::format("{}", fmt::join(ids, ", ")));
    for (const Test& test : kTests) {
        if (test.level > level)
            continue;
        if (test.category != nullptr)
            text += test.category + std::string("\n");
        std::string rows;
        bool failed = false, warned = false;
        std::size_t skipped = 0;
        for (const SmiDevice& device : state.devices) {
            std::string verdict = "Pass";
            std::string messages;
            for (const DcgmFinding& one : found.findings)
                if (one.gpu == device.number && one.system == test.name) {
                    verdict = one.failure || verdict == "Fail" ? "Fail" : "Warn";
                    messages += wrapped(fmt::format("Warning: GPU{}", device.number), one.message);
                }
            const bool inUse = std::find(found.skipped.begin(), found.skipped.end(), device.number) != found.skipped.end();
            if (inUse && std::string_view(test.name) == "memory")
                messages += whyLeftOut(device);
            if (verdict == "Pass" && test.wholeDevice
                && (!isRow(device) || inUse))
                verdict = "Skip";
            failed |= verdict == "Fail";
            warned |= verdict == "Warn";
            skipped += verdict == "Skip";
            rows += diagLine("", fmt::format("GPU{}: {}", device.number, verdict)) + messages;
        }
        text += diagLine(test.name, failed ? "Fail" : warned ? "Warn" : skipped == state.devices.size() ? "Skip" : "Pass") + rows;
    }
    return text + kDiagRule;
}

} // namespace core::shell::gpu
