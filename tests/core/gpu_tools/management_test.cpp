// What DCGM, its exporter, the PCI bus and the management controller say of the same machine.
#include "tests/core/gpu_tools/fixed_place.h"

#include "core/shell/commands/gpu/bmc.h"
#include "core/shell/commands/gpu/dcgmi.h"
#include "core/shell/commands/gpu/lspci.h"
#include "sim/gpu/dcgm_metrics.h"
#include "sim/host/calendar.h"

#include <gtest/gtest.h>

namespace core::shell::gpu {
namespace {

bool says(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

struct ManagedMachine : testing::Test {
    FixedPlace place{"H100", 8};
    std::string bmc(std::vector<std::string> words, bool on = true)
    {
        return bmcAnswer(place.gpus, place.node(), on, sim::host::instantOf(2026, 11, 26, 10, 0, 5), words).out;
    }
};

TEST_F(ManagedMachine, DiscoveryListsTheDevices)
{
    const std::string text = discoveryList(place.look());
    EXPECT_TRUE(text.starts_with("8 GPUs found.\n+--------+"));
    EXPECT_TRUE(says(text, "| 3      | Name: NVIDIA H100 80GB HBM3                                          |\n")) << text;
    EXPECT_TRUE(says(text, "PCI Bus ID: 00000000:5D:00.0"));
}

TEST_F(ManagedMachine, HealthIsWhatTheStateIs)
{
    EXPECT_TRUE(says(healthReport(place.look()), "| Overall Health            | Healthy"));
    place.gpu(2).card.errors.uncorrectable(3);
    const std::string text = healthReport(place.look());
    EXPECT_TRUE(says(text, "| Overall Health            | Failure")) << text;
    EXPECT_TRUE(says(text, "| -> 2                      | Failure")) << text;
    EXPECT_TRUE(says(text, "|       -> Memory system    | Failure")) << text;
    EXPECT_FALSE(says(text, "| -> 3"));
    place.gpu(2).card.errors = {};
    place.gpu(4).now.reasons = sim::gpu::reason::kSwThermal;
    EXPECT_TRUE(says(healthReport(place.look()), "| Overall Health            | Warning"));
}

TEST_F(ManagedMachine, LinksAreShownByTheirStateAndCounts)
{
    place.gpu(3).links[5].active = false;
    place.gpu(3).links[5].crcErrors = 1800;
    const std::string status = nvlinkStatus(place.look());
    EXPECT_TRUE(says(status, "    gpuId 3:\n        U U U U U D U U U U U U U U U U U U\n")) << status;
    EXPECT_TRUE(says(status, "NvSwitches:\n    No NvSwitches found.\n\nKey: Up=U, Down=D, Disabled=X, Not Supported=_\n"));
    const std::string errors = nvlinkErrors(place.look(), 3);
    EXPECT_TRUE(says(errors, "| Link 5                      |                                                |\n"
                             "| -> CRC FLIT Error           | 1800                                           |\n")) << errors;
    EXPECT_TRUE(nvlinkErrors(place.look(), 8).empty());
}

TEST_F(ManagedMachine, ALevelLoadsAsLongAsItIsSaidToTake)
{
    const auto seconds = [](int level) {
        sim::Duration sum{};
        for (const DcgmPhase& phase : diagnosticPhases(level))
            sum += phase.takes;
        return std::chrono::duration_cast<std::chrono::seconds>(sum).count();
    };
    EXPECT_EQ(seconds(1), 4);
    EXPECT_EQ(seconds(2), 120);
    EXPECT_EQ(seconds(3), 900);
    EXPECT_EQ(seconds(4), 4500);
}

TEST_F(ManagedMachine, AMemoryTestWantsMostOfTheMemory)
{
    place.gpu(1).processes = {{.pid = 1, .name = "python3", .memoryBytes = std::int64_t{60} << 30, .activity = {}}};
    const std::string text = diagnosticReport(place.look(), 2, diagnose(place.look(), 2));
    EXPECT_TRUE(says(text, "| Info: GPU1                | Only 19658 mb of memory is free, but we need   |")) << text;
    EXPECT_TRUE(says(text, "|                           | GPU1: Skip                                     |")) << text;
}

TEST_F(ManagedMachine, ADiagnosticSkipsWhatTakesNoProgram)
{
    place.node().mps = {.pid = 10, .limits = {}, .server = sim::gpu::MpsServer{.pid = 11, .limits = {}}};
    place.gpu(1).processes = {{.pid = 11, .name = "nvidia-cuda-mps-server", .memoryBytes = std::int64_t{30} << 20, .activity = {}}};
    place.gpu(2).settings.computeMode = "Prohibited";
    place.gpu(3).processes = {{.pid = 12, .name = "nvidia-cuda-mps-server", .memoryBytes = std::int64_t{30} << 20, .activity = {}}};
    const DcgmDiagnostic found = diagnose(place.look(), 2);
    EXPECT_EQ(found.skipped, (std::vector{2, 3})) << "the MPS server is known by its process";
    const std::string text = diagnosticReport(place.look(), 2, found);
    EXPECT_TRUE(says(text, "| Info: GPU2                | GPU 2 is in prohibited mode, so we must skip   |\n")) << text;
    EXPECT_TRUE(says(text, "GPU2: Skip")) << text;
    EXPECT_FALSE(says(text, "GPU1: Skip")) << text;
}

TEST_F(ManagedMachine, ADiagnosticFindsTheDefect)
{
    EXPECT_TRUE(diagnose(place.look(), 3).findings.empty());
    place.gpu(1).card.defect.uncorrectablePerSecond = 0.01;
    EXPECT_TRUE(diagnose(place.look(), 1).findings.empty()); // the short one does not touch memory
    const DcgmDiagnostic found = diagnose(place.look(), 2);
    ASSERT_EQ(found.findings.size(), 1u);
    EXPECT_EQ(found.findings[0].gpu, 1);
    EXPECT_EQ(found.findings[0].system, "memory");
    const std::string text = diagnosticReport(place.look(), 2, found);
    EXPECT_TRUE(says(text, "| memory                    | Fail")) << text;
    EXPECT_TRUE(says(text, "| pcie                      | Pass")) << text;
    place.gpu(1).processes = {{.pid = 1, .name = "python3", .memoryBytes = 1 << 30, .activity = {}}};
    EXPECT_TRUE(diagnose(place.look(), 2).findings.empty());
    EXPECT_EQ(diagnose(place.look(), 2).skipped, std::vector<int>{1});
}

TEST_F(ManagedMachine, DriedPasteShowsUnderStressAlone)
{
    place.gpu(5).card.heat.pasteFactor = 3;
    EXPECT_TRUE(diagnose(place.look(), 2).findings.empty());
    const DcgmDiagnostic found = diagnose(place.look(), 3);
    ASSERT_FALSE(found.findings.empty());
    for (const DcgmFinding& one : found.findings)
        EXPECT_EQ(one.gpu, 5) << one.message;
}

TEST_F(ManagedMachine, TheExporterNamesOwnersAndKeepsTheXidOfALostDevice)
{
    place.gpu(0).now.powerW = 123.25;
    place.gpu(3).presence = sim::gpu::Gpu::Presence::Lost;
    place.gpu(3).lastXid = 79;
    const std::string text = sim::gpu::dcgmMetrics(place.gpus, sim::HostId(0U), "gpu-1", [](const sim::gpu::Gpu& gpu) {
        return gpu.index == 1 ? std::optional(sim::gpu::DcgmOwner{"ml", "train-0", "pytorch"}) : std::nullopt;
    });
    const std::string labels = "gpu=\"0\",UUID=\"" + place.gpu(0).card.uuid
        + "\",pci_bus_id=\"00000000:19:00.0\",device=\"nvidia0\",modelName=\"NVIDIA H100 80GB HBM3\",Hostname=\"gpu-1\",DCGM_FI_DRIVER_VERSION=\"580.105.08\"";
    EXPECT_TRUE(says(text, "# TYPE DCGM_FI_DEV_POWER_USAGE gauge\nDCGM_FI_DEV_POWER_USAGE{" + labels + "} 123.250000\n")) << text;
    EXPECT_TRUE(says(text, ",container=\"pytorch\",namespace=\"ml\",pod=\"train-0\"} 345\n"));
    EXPECT_TRUE(says(text, "DCGM_FI_DEV_FB_RESERVED{" + labels + "} 454\n"));
    std::size_t ofLost = 0;
    for (std::size_t at = text.find(place.gpu(3).card.uuid); at != std::string::npos; at = text.find(place.gpu(3).card.uuid, at + 1))
        ++ofLost;
    EXPECT_EQ(ofLost, 1u); // DCGM_FI_DEV_XID_ERRORS
    place.node().driver.loaded = false;
    EXPECT_EQ(sim::gpu::dcgmMetrics(place.gpus, sim::HostId(0U), "gpu-1", {}), "");
}

TEST_F(ManagedMachine, SensorsAreThoseOfTheChassis)
{
    place.node().chassis.supplies = std::vector<sim::gpu::PowerSupply>(2, {false, 1500});
    place.node().chassis.supplies[1] = {true, 0};
    for (sim::gpu::Fan& fan : place.node().chassis.fans)
        fan.rpm = 6040;
    place.node().chassis.fans[4] = {0, true};
    place.gpu(2).card.heat.dieC = 88.4;
    place.gpu(6).presence = sim::gpu::Gpu::Presence::Absent;
    const std::string list = bmc({"sdr"});
    EXPECT_TRUE(says(list, "FAN1             | 6000 RPM          | ok\n")) << list;
    EXPECT_TRUE(says(list, "FAN5             | 0 RPM             | cr\n"));
    EXPECT_TRUE(says(list, "GPU2 Temp        | 88 degrees C      | nc\n"));
    EXPECT_TRUE(says(list, "GPU6 Temp        | no reading        | ns\n"));
    EXPECT_TRUE(says(list, "GPU0 54V         | 54.00 Volts       | ok\n"));
    EXPECT_TRUE(says(bmc({"sdr", "type", "Power", "Supply"}), "PSU2 Status      | 62h | ok  | 10.2 | Presence detected, Failure detected\n")) << bmc({"sdr", "elist"});
    EXPECT_TRUE(says(bmc({"sensor"}), "FAN1             | 6000.000   | RPM        | ok    | na        | 1000.000  | 1500.000  | na        | na        | na        \n")) << bmc({"sensor"});
    EXPECT_TRUE(says(bmc({"dcmi", "power", "reading"}), "    Instantaneous power reading:                  1500 Watts\n"));
    // Fans and devices say nothing when the machine is off; the supplies still do.
    EXPECT_TRUE(says(bmc({"sdr"}, false), "FAN1             | no reading        | ns\n"));
}

TEST_F(ManagedMachine, TheEventLogIsInOrder)
{
    EXPECT_EQ(bmc({"sel", "list"}), "SEL has no entries\n");
    place.node().chassis.supplies.resize(6);
    place.node().events = {{sim::host::instantOf(2026, 11, 26, 9, 8, 7), "Power Supply PSU3", "Failure detected", true},
                           {sim::host::instantOf(2026, 11, 26, 9, 8, 9), "Power Unit PWR_UNIT", "Soft-power control failure", false}};
    EXPECT_EQ(bmc({"sel", "elist"}), "   1 | 11/26/2026 | 09:08:07 | Power Supply PSU3 | Failure detected | Asserted\n"
                                     "   2 | 11/26/2026 | 09:08:09 | Power Unit PWR_UNIT | Soft-power control failure | Deasserted\n");
    EXPECT_TRUE(says(bmc({"sel", "list"}), "| Power Supply #0x63 | Failure detected | Asserted\n")) << bmc({"sel", "list"});
}

PciDevice hopper(const char* address)
{
    return {.address = address, .classCode = 0x0302, .className = "3D controller", .vendorName = "NVIDIA Corporation", .name = "GH100 [H100 SXM5 80GB]", .vendor = 0x10de,
            .device = 0x2330, .subsystem = 0x16c1, .revision = "a1", .driver = "nvidia", .modules = "nouveau, nvidia_drm, nvidia", .numaNode = 0, .generation = 5,
            .maxGeneration = 5, .width = 16, .maxWidth = 16};
}

TEST(Lspci, ALinkThatTrainedBadlyAndADeviceThatIsGone)
{
    std::vector<PciDevice> devices{hopper("0000:19:00.0"), hopper("0000:3b:00.0"), hopper("0000:4c:00.0")};
    devices[1].width = 8;
    devices[2].lost = true;
    EXPECT_EQ(lspciText(devices, {}), "19:00.0 3D controller: NVIDIA Corporation GH100 [H100 SXM5 80GB] (rev a1)\n"
                                      "3b:00.0 3D controller: NVIDIA Corporation GH100 [H100 SXM5 80GB] (rev a1)\n"
                                      "4c:00.0 3D controller: NVIDIA Corporation GH100 [H100 SXM5 80GB] (rev ff)\n");
    const std::string text = lspciText(devices, {.verbose = 2, .root = true});
    EXPECT_TRUE(says(text, "LnkSta:\tSpeed 32GT/s, Width x16\n")) << text;
    EXPECT_TRUE(says(text, "LnkSta:\tSpeed 32GT/s, Width x8 (downgraded)\n")) << text;
    EXPECT_TRUE(says(text, "(rev ff) (prog-if ff)\n\t!!! Unknown header type 7f\n")) << text;
    EXPECT_TRUE(lspciText(devices, {.slot = "3b:00.0"}).starts_with("3b:00.0 "));
    EXPECT_EQ(lspciText(devices, {.ids = "15b3:"}), "");
}

} // namespace
} // namespace core::shell::gpu
