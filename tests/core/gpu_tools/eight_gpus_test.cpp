// Eight H100 behind NVSwitches: shapes of the listings as public captures of such machines have them, and what failures make of them.
#include "tests/core/gpu_tools/fixed_place.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace core::shell::gpu {
namespace {

using Presence = sim::gpu::Gpu::Presence;

std::size_t occurrences(const std::string& text, std::string_view part)
{
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

struct Hgx : testing::Test {
    FixedPlace place{"H100", 8};
};

TEST_F(Hgx, EveryPairIsBoundByEighteenLinks)
{
    const std::string text = place.run("topo -m");
    EXPECT_TRUE(contains(text, "GPU0\t X \tNV18\tNV18\tNV18\tNV18\tNV18\tNV18\tNV18\t0-95\t0\t\tN/A\n")) << text;
    EXPECT_TRUE(contains(text, "GPU7\tNV18\tNV18\tNV18\tNV18\tNV18\tNV18\tNV18\t X \t96-191\t1\t\tN/A\n")) << text;
}

TEST_F(Hgx, ANicIsNearTheGpuOfItsSwitch)
{
    for (int i = 0; i < 8; ++i)
        place.nics.push_back({"mlx5_" + std::to_string(i), i / 4, i});
    const std::string text = place.run("topo -m");
    EXPECT_TRUE(contains(text, "GPU0\t X \tNV18\tNV18\tNV18\tNV18\tNV18\tNV18\tNV18\tPIX\tNODE\tNODE\tNODE\tSYS\tSYS\tSYS\tSYS\t0-95")) << text;
    EXPECT_TRUE(contains(text, "NIC7\tSYS\tSYS\tSYS\tSYS\tNODE\tNODE\tNODE\tPIX\tSYS\tSYS\tSYS\tSYS\tNODE\tNODE\tNODE\t X \t")) << text;
    EXPECT_TRUE(contains(text, "  NIC3: mlx5_3\n"));
    const std::string bus = place.run("topo -mp");
    EXPECT_FALSE(contains(bus, "NV18"));
    EXPECT_TRUE(contains(bus, "GPU0\t X \tNODE\tNODE\tNODE\tSYS")) << bus;
}

TEST_F(Hgx, LinksCountWhatTheyCarryAndSpoil)
{
    place.gpu(2).links[5].active = false;
    place.gpu(2).links[6].crcErrors = 4711;
    const std::string status = place.run("nvlink -s");
    EXPECT_EQ(occurrences(status, "26.562 GB/s"), 8u * 18 - 1);
    EXPECT_TRUE(contains(status, "\t Link 5: <inactive>\n")) << status;
    EXPECT_TRUE(contains(place.run("nvlink -e -i 2"), "4711"));
    EXPECT_FALSE(contains(place.run("nvlink -e -i 3"), "4711"));
    // A pair has as many links in the matrix as both have.
    EXPECT_TRUE(contains(place.run("topo -m"), "NV17"));
}

TEST_F(Hgx, TheFabricIsCompletedOrNot)
{
    EXPECT_EQ(occurrences(place.run("-q"), "State                                          : Completed"), 8u);
    place.node().fabricReady = false;
    EXPECT_EQ(occurrences(place.run("-q"), "State                                          : In Progress"), 8u);
}

TEST_F(Hgx, ALostDeviceIsNamedAndTheOthersAreListed)
{
    place.gpu(3).presence = Presence::Lost;
    const std::string text = place.run("-L");
    EXPECT_EQ(place.err, "Unable to determine the device handle for GPU3: 0000:5D:00.0: GPU is lost.  Reboot the system to recover this GPU\n");
    EXPECT_EQ(occurrences(place.out, "GPU "), 7u) << text;
    EXPECT_TRUE(contains(place.out, "GPU 4: NVIDIA H100 80GB HBM3")); // numbers stay as long as the driver is
    EXPECT_EQ(place.status, nvml::kGpuIsLost);
    place.run("");
    EXPECT_EQ(occurrences(place.out, "NVIDIA H100 80GB HBM3"), 7u);
    for (std::size_t i = 0; i < 8; ++i)
        place.gpu(i).presence = Presence::Lost;
    place.run("-L");
    EXPECT_EQ(place.out, "No devices were found\n");
}

TEST_F(Hgx, WhatTheDriverNeverFoundShiftsTheNumbers)
{
    place.gpu(3).presence = Presence::Absent;
    place.run("-L");
    EXPECT_EQ(place.status, 0);
    EXPECT_EQ(occurrences(place.out, "GPU "), 7u);
    EXPECT_TRUE(contains(place.out, "GPU 3: NVIDIA H100 80GB HBM3 (UUID: " + place.gpu(4).card.uuid));
    EXPECT_FALSE(contains(place.out, place.gpu(3).card.uuid));
    for (std::size_t i = 0; i < 8; ++i)
        place.gpu(i).presence = Presence::Uninitialised;
    place.run("");
    EXPECT_EQ(place.out, "No devices were found\n");
    EXPECT_EQ(place.status, nvml::kNotFound);
}

TEST_F(Hgx, WithoutTheModuleOrWithAnotherNothingIsTold)
{
    place.node().driver.version = "570.86.15";
    place.run("-L");
    EXPECT_EQ(place.both, "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.105\n");
    EXPECT_EQ(place.status, nvml::kLibraryMismatch);
    place.node().driver.loaded = false;
    place.run("");
    EXPECT_EQ(place.both,
              "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n");
    EXPECT_EQ(place.status, nvml::kDriverNotLoaded);
}

TEST_F(Hgx, ADeviceIsChosenByNumberUuidOrBus)
{
    const std::string uuid = place.gpu(5).card.uuid;
    for (const std::string& id : {std::string("5"), uuid, std::string("00000000:BB:00.0"), std::string("0000:bb:00.0")}) {
        place.run("-i " + id + " --query-gpu=index,uuid --format=csv,noheader");
        EXPECT_EQ(place.out, "5, " + uuid + "\n") << id;
    }
    place.run("-i 1,6 --query-gpu=index --format=csv,noheader");
    EXPECT_EQ(place.out, "1\n6\n");
}

TEST_F(Hgx, PowerLimitsHaveTheirBoundsAndTheirOwner)
{
    place.run("-i 0 -pl 500");
    EXPECT_EQ(place.gpu(0).settings.powerLimitW, 500);
    EXPECT_EQ(place.gpu(1).settings.powerLimitW, 700);
    EXPECT_EQ(place.out, "Power limit for GPU 00000000:19:00.0 was set to 500.00 W from 700.00 W.\nAll done.\n");
    place.run("-pl 150");
    EXPECT_EQ(place.status, nvml::kInvalidArgument);
    EXPECT_EQ(place.gpu(1).settings.powerLimitW, 700);
    place.root = false;
    place.run("-i 1 -pl 400");
    EXPECT_EQ(place.status, nvml::kNoPermission);
    EXPECT_EQ(place.gpu(1).settings.powerLimitW, 700);
    EXPECT_TRUE(contains(place.both, "Failed to set power management limit for GPU 00000000:3B:00.0: Insufficient Permissions\n")) << place.both;
}

TEST_F(Hgx, ClocksAreLockedAndReset)
{
    place.run("-i 2 -lgc 1200,1500");
    EXPECT_EQ(place.out, "GPU clocks set to \"(gpuClkMin 1200, gpuClkMax 1500)\" for GPU 00000000:4C:00.0\nAll done.\n");
    EXPECT_EQ(place.gpu(2).settings.lockedMHz, 1500);
    place.run("-i 2 -rgc");
    EXPECT_EQ(place.gpu(2).settings.lockedMHz, 0);
}

TEST_F(Hgx, AResetNeedsADeviceThatNobodyUses)
{
    place.gpu(1).recovery = sim::gpu::RecoveryAction::Reset;
    place.gpu(1).lastXid = 119;
    place.gpu(1).processes = {{.pid = 99, .name = "python3", .memoryBytes = 1LL << 30, .activity = {}}};
    place.run("-i 1 -r");
    EXPECT_TRUE(contains(place.both, "The following GPUs could not be reset:\n  GPU 00000000:3B:00.0: In use by another client\n")) << place.both;
    EXPECT_EQ(place.status, 255);
    EXPECT_EQ(place.gpu(1).lastXid, 119);
    place.gpu(1).processes.clear();
    place.run("-i 1 -r");
    EXPECT_TRUE(contains(place.both, "GPU 00000000:3B:00.0 was successfully reset.\n")) << place.both;
    EXPECT_EQ(place.status, 0);
    EXPECT_EQ(place.gpu(1).lastXid, 0);
}

TEST_F(Hgx, TheRecoveryActionHasItsTwoNames)
{
    place.gpus.report(place.engine, place.hosts, sim::GpuId(1U), 119, "Timeout after 6s of waiting for RPC response from GPU1 GSP!");
    place.run("-i 1 --query-gpu=gpu_recovery_action --format=csv,noheader");
    EXPECT_EQ(place.out, "Reset\n");
    bool logged = false;
    for (const sim::host::JournalEntry& entry : place.hosts.at(sim::HostId(0U)).journal)
        logged |= contains(entry.message, "Xid (PCI:0000:3B:00): 154, GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)");
    EXPECT_TRUE(logged);
}

TEST_F(Hgx, ErrorsAndRemappingsAreTold)
{
    sim::gpu::MemoryErrors& errors = place.gpu(6).card.errors;
    errors.uncorrectable(40);
    const std::string rows = place.run("-i 6 -q -d ROW_REMAPPER");
    EXPECT_TRUE(contains(rows, "Uncorrectable Error                            : 1")) << rows;
    EXPECT_TRUE(contains(rows, "Pending                                        : Yes")) << rows;
    EXPECT_TRUE(contains(rows, "Max                                        : 2559 bank(s)")) << rows;
    place.run("-i 6 --query-gpu=remapped_rows.uncorrectable,remapped_rows.pending,ecc.errors.uncorrected.volatile.total --format=csv,noheader");
    EXPECT_EQ(place.out, "1, Yes, 1\n");
    const std::string table = place.run("");
    EXPECT_TRUE(contains(table, "00000000:CB:00.0 Off |                    1 |")) << table;
}

TEST_F(Hgx, ProgramsStandUnderTheTable)
{
    place.gpu(0).processes = {{.pid = 4242, .name = "/usr/bin/python3", .memoryBytes = 70000LL << 20, .activity = {.kernel = 1}}};
    const std::string table = place.run("");
    EXPECT_TRUE(contains(table, "|    0   N/A  N/A            4242      C   /usr/bin/python3                      70000MiB |")) << table;
    place.run("--query-compute-apps=gpu_uuid,pid,used_memory --format=csv,noheader,nounits");
    EXPECT_EQ(place.out, place.gpu(0).card.uuid + ", 4242, 70000\n");
}

TEST_F(Hgx, ALoopRunsOnTheVirtualClock)
{
    place.run("dmon -s p -c 3 -d 5");
    EXPECT_GE(place.now.time_since_epoch(), std::chrono::seconds(10)); // twice five between three samples
    EXPECT_LT(place.now.time_since_epoch(), std::chrono::seconds(12));
    EXPECT_EQ(occurrences(place.out, "\n    7 "), 3u) << place.out;
}

TEST_F(Hgx, TheLogGoesToAFile)
{
    place.run("-L -f /tmp/list");
    EXPECT_EQ(place.file, "/tmp/list");
}

TEST_F(Hgx, ADeviceIsDividedAndJoined)
{
    place.run("mig -lgi");
    EXPECT_EQ(place.out, "No MIG-enabled devices found.\n");
    place.run("-i 0 -mig 1");
    EXPECT_EQ(place.out, "Enabled MIG Mode for GPU 00000000:19:00.0\nAll done.\n");
    place.run("mig -i 0 -cgi 9,19 -C");
    EXPECT_EQ(place.status, 0);
    EXPECT_TRUE(contains(place.out, "Successfully created GPU instance ID ")) << place.out;
    ASSERT_EQ(place.gpu(0).instances.size(), 2u);
    const std::string list = place.run("-L");
    EXPECT_TRUE(contains(list, "  MIG 3g.40gb     Device  0: (UUID: " + place.gpu(0).instances[0].uuid + ")\n")) << list;
    EXPECT_TRUE(contains(list, "  MIG 1g.10gb     Device  1: (UUID: MIG-")) << list;
    EXPECT_TRUE(contains(place.run(""), "| MIG devices:"));
    // No room for a second of the whole.
    place.run("mig -i 0 -cgi 0");
    EXPECT_NE(place.status, 0);
    // A GPU instance goes when its compute instance has gone.
    place.run("mig -i 0 -dgi");
    EXPECT_NE(place.status, 0);
    EXPECT_EQ(place.gpu(0).instances.size(), 2u);
    place.run("mig -i 0 -dci");
    place.run("mig -i 0 -dgi");
    EXPECT_EQ(place.status, 0) << place.both;
    EXPECT_TRUE(place.gpu(0).instances.empty());
}

} // namespace
} // namespace core::shell::gpu
