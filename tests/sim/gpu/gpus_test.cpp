#include "tests/sim/gpu/gpu_lab.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sim::gpu {

namespace {

TEST(Gpus, IdleAsRealOnesDo)
{
    GpuLab lab;
    lab.run(5min);
    for (const Gpu& gpu : lab.gpus.all()) {
        EXPECT_EQ(gpu.now.smMHz, 345);
        EXPECT_EQ(gpu.now.reasons, reason::kIdle);
        EXPECT_NEAR(gpu.now.powerW, 70, 2);
        EXPECT_NEAR(gpu.temperatureC(), 29, 4); // captures of idle H100s: 28 to 30 °C
    }
}

TEST(Gpus, AContextKeepsTheClocksUp)
{
    GpuLab lab;
    lab.work(GpuId(0u), {});
    lab.run(10s);
    EXPECT_EQ(lab.gpu(0).now.smMHz, 1980);
    EXPECT_EQ(lab.gpu(0).now.reasons, 0u);
}

TEST(Gpus, WorkRunsIntoThePowerLimitAndTheChassisCoolsIt)
{
    GpuLab lab;
    lab.workAll(GpuLab::kProduct);
    lab.run(10min);
    double hottest = 0;
    double coolest = 200;
    for (const Gpu& gpu : lab.gpus.all()) {
        EXPECT_NEAR(gpu.now.powerW, 690, 20);
        EXPECT_EQ(gpu.now.reasons, reason::kSwPowerCap);
        hottest = std::max(hottest, gpu.temperatureC());
        coolest = std::min(coolest, gpu.temperatureC());
    }
    EXPECT_GT(coolest, 50);
    EXPECT_LT(hottest, 80); // no heat slowdown in a sound chassis
    EXPECT_GT(lab.gpu(4).temperatureC(), lab.gpu(0).temperatureC() + 3) << "the row behind breathes warmed air";
    EXPECT_GT(lab.node().chassis.duty, 0.6);
}

TEST(Gpus, ALowerLimitCostsClock)
{
    GpuLab lab;
    lab.workAll(GpuLab::kProduct);
    lab.gpu(3).settings.powerLimitW = 400;
    lab.run(1min);
    EXPECT_LE(lab.gpu(3).now.powerW, 400 * 1.02);
    EXPECT_LT(lab.gpu(3).clockFactor(), 0.85 * lab.gpu(2).clockFactor());
    EXPECT_GT(lab.gpu(3).now.powerCapUs, 50e6);
}

TEST(Gpus, DriedPasteMakesOneHotAtTheSamePower)
{
    GpuLab lab;
    lab.workAll(GpuLab::kTraining);
    lab.gpu(2).card.heat.pasteFactor = 2.6;
    lab.run(10min);
    EXPECT_GE(lab.gpu(2).temperatureC(), lab.gpu(2).kind().maxOperatingC - 4);
    EXPECT_NE(lab.gpu(2).now.reasons & reason::kSwThermal, 0u);
    EXPECT_LT(lab.gpu(2).clockFactor(), lab.gpu(1).clockFactor());
    for (const int other : {0, 1, 3})
        EXPECT_LT(lab.gpu(static_cast<std::size_t>(other)).temperatureC(), 75);
}

TEST(Gpus, DeadFansHeatTheTwoBehindThem)
{
    GpuLab lab;
    lab.workAll(GpuLab::kTraining);
    for (std::size_t fan = 3; fan < 6; ++fan) // column 1
        lab.node().chassis.fans[fan].failed = true;
    lab.run(10min);
    EXPECT_GT(lab.gpu(1).temperatureC(), lab.gpu(0).temperatureC() + 8);
    EXPECT_GT(lab.gpu(5).temperatureC(), lab.gpu(4).temperatureC() + 10);
    EXPECT_EQ(lab.node().chassis.fans[3].rpm < 100, true);
}

TEST(Gpus, TheRoomWarmsWhenCoolingStops)
{
    GpuLab lab(4);
    lab.workAll(GpuLab::kTraining);
    lab.run(10min);
    const double before = lab.gpus.rows()[0].supplyC;
    EXPECT_NEAR(before, 22.5, 1);
    for (CoolingUnit& unit : lab.gpus.rows()[0].units)
        unit.running = false;
    lab.run(5min);
    EXPECT_GT(lab.gpus.rows()[0].supplyC, before + 8);
    for (CoolingUnit& unit : lab.gpus.rows()[0].units)
        unit.running = true;
    lab.run(20min);
    EXPECT_NEAR(lab.gpus.rows()[0].supplyC, before, 1);
}

TEST(Gpus, NothingCoolsAGpuForEverItShutsDown)
{
    GpuLab lab;
    lab.workAll(GpuLab::kProduct);
    lab.gpu(6).card.heat.pasteFactor = 30;
    lab.run(5min);
    EXPECT_EQ(lab.gpu(6).presence, Gpu::Presence::Lost);
    EXPECT_TRUE(lab.logged(": 79, GPU has fallen off the bus."));
    const auto lost = lab.gpus.takeLost();
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_EQ(lost[0].gpu, GpuId(6u));
}

TEST(Gpus, TooFewSuppliesPullTheBrake)
{
    GpuLab lab;
    lab.workAll(GpuLab::kProduct);
    lab.run(1min);
    EXPECT_FALSE(lab.node().powerBrake);
    for (std::size_t i = 0; i < 4; ++i)
        lab.node().chassis.supplies[i].failed = true; // two carry 6.6 kW of 7.4
    lab.run(3s);
    EXPECT_TRUE(std::any_of(lab.node().events.begin(), lab.node().events.end(), [](const SelEntry& e) { return e.event == "Soft-power control failure"; }));
    const std::uint64_t brake = reason::kHwSlowdown | reason::kHwPowerBrake;
    EXPECT_EQ(lab.gpu(0).now.reasons & brake, brake);
    EXPECT_LE(lab.gpu(0).now.smMHz, 990);
}

TEST(Gpus, ABadConnectorSagsUnderLoadOnly)
{
    GpuLab lab;
    lab.gpu(5).slot.feedOhms = 0.3;
    lab.run(1min);
    EXPECT_GT(lab.gpu(5).slot.volts, 53);
    lab.workAll(GpuLab::kProduct);
    lab.run(5min);
    EXPECT_EQ(lab.gpu(5).presence, Gpu::Presence::Lost);
    EXPECT_TRUE(lab.gpu(4).working());
    // At a lower limit it holds.
    GpuLab careful;
    careful.gpu(5).slot.feedOhms = 0.3;
    careful.workAll(GpuLab::kProduct);
    careful.gpu(5).settings.powerLimitW = 400;
    careful.run(30min);
    EXPECT_TRUE(careful.gpu(5).working());
}

TEST(Gpus, ALooseCardFallsOffAgainUntilItIsSeated)
{
    GpuLab lab;
    lab.gpu(1).slot.contact = 0.4;
    lab.workAll(GpuLab::kTraining);
    lab.run(5min);
    EXPECT_EQ(lab.gpu(1).presence, Gpu::Presence::Lost);
    EXPECT_GT(lab.gpu(1).slot.replays, 0);
    lab.gpus.onPower(lab.engine, lab.hosts, HostId(0u), false);
    lab.gpus.onPower(lab.engine, lab.hosts, HostId(0u), true);
    EXPECT_TRUE(lab.gpu(1).working());
    EXPECT_EQ(lab.gpu(1).slot.width, 4);
    lab.workAll(GpuLab::kTraining);
    lab.run(5min);
    EXPECT_EQ(lab.gpu(1).presence, Gpu::Presence::Lost);
    lab.gpu(1).slot.contact = 1;
    lab.gpus.onPower(lab.engine, lab.hosts, HostId(0u), false);
    lab.gpus.onPower(lab.engine, lab.hosts, HostId(0u), true);
    EXPECT_EQ(lab.gpu(1).slot.width, 16);
    lab.workAll(GpuLab::kTraining);
    lab.run(30min);
    EXPECT_TRUE(lab.gpu(1).working());
}

TEST(Gpus, ErrorsFollowTheCard)
{
    GpuLab lab;
    lab.gpu(1).card.defect.fallsOffPerSecond = 0.05;
    std::swap(lab.gpu(1).card, lab.gpu(7).card);
    lab.workAll(GpuLab::kTraining);
    lab.run(5min);
    EXPECT_TRUE(lab.gpu(1).working());
    EXPECT_EQ(lab.gpu(7).presence, Gpu::Presence::Lost);
}

TEST(Gpus, WhatFellOffTheBusTakesNoReset)
{
    GpuLab lab;
    lab.gpus.lose(lab.engine, lab.hosts, GpuId(2u));
    EXPECT_EQ(lab.gpus.reset(lab.engine, lab.hosts, GpuId(2u)), Gpus::ResetResult::Lost);
    EXPECT_EQ(lab.gpu(2).recovery, RecoveryAction::Reboot);
    EXPECT_FALSE(lab.gpu(2).healthy);
    ASSERT_TRUE(lab.gpus.unloadDriver(HostId(0u)));
    lab.gpus.loadDriver(lab.engine, lab.hosts, HostId(0u));
    EXPECT_EQ(lab.gpu(2).presence, Gpu::Presence::Lost);
    lab.gpus.onPower(lab.engine, lab.hosts, HostId(0u), false);
    lab.gpus.onPower(lab.engine, lab.hosts, HostId(0u), true);
    EXPECT_TRUE(lab.gpu(2).working());
    EXPECT_EQ(lab.gpu(2).lastXid, 0);
}

TEST(Gpus, MemoryErrorsAreRemappedAtTheReset)
{
    GpuLab lab;
    lab.work(GpuId(0u), GpuLab::kTraining);
    lab.gpu(0).card.defect.weakBank = 17;
    lab.gpus.spoilMemory(lab.engine, lab.hosts, GpuId(0u));
    const MemoryErrors& errors = lab.gpu(0).card.errors;
    EXPECT_EQ(errors.volatile_.dramUncorrectable, 1);
    EXPECT_TRUE(errors.remapper.pending());
    EXPECT_TRUE(lab.logged(": 63, pid=4242, name=python3, Row Remapper: New row marked for remapping, reset gpu to activate."));
    EXPECT_TRUE(lab.logged(": 94, pid=4242, name=python3, Contained"));
    EXPECT_EQ(lab.gpu(0).recovery, RecoveryAction::DrainAndReset);
    EXPECT_EQ(lab.gpus.reset(lab.engine, lab.hosts, GpuId(0u)), Gpus::ResetResult::InUse);
    lab.gpu(0).processes.clear();
    EXPECT_EQ(lab.gpus.reset(lab.engine, lab.hosts, GpuId(0u)), Gpus::ResetResult::Done);
    EXPECT_FALSE(errors.remapper.pending());
    EXPECT_EQ(errors.volatile_.dramUncorrectable, 0);
    EXPECT_EQ(errors.aggregate.dramUncorrectable, 1);
    EXPECT_EQ(errors.remapper.uncorrectable, 1);
    for (int i = 0; i < 8; ++i)
        lab.gpus.spoilMemory(lab.engine, lab.hosts, GpuId(0u));
    EXPECT_TRUE(errors.remapper.failed) << "a bank has eight spare rows";
    EXPECT_TRUE(lab.logged(": 64,"));
    EXPECT_EQ(errors.remapper.histogram(2560).none, 1);
    EXPECT_EQ(errors.remapper.histogram(2560).max, 2559);
}

TEST(Gpus, TheModuleOnTheDiskIsLoadedAtTheNextBoot)
{
    GpuLab lab;
    host::Machine& machine = lab.hosts.at(HostId(0u));
    EXPECT_EQ(nvmlStatus(lab.node().driver, machine), NvmlStatus::Success);
    for (auto& [path, file] : driverFiles("580.126.09"))
        machine.files[path] = file;
    EXPECT_EQ(nvmlStatus(lab.node().driver, machine), NvmlStatus::VersionMismatch);
    lab.work(GpuId(0u), {});
    EXPECT_FALSE(lab.gpus.unloadDriver(HostId(0u))) << "in use";
    lab.gpu(0).processes.clear();
    EXPECT_TRUE(lab.gpus.unloadDriver(HostId(0u)));
    EXPECT_EQ(nvmlStatus(lab.node().driver, machine), NvmlStatus::DriverNotLoaded);
    lab.gpus.loadDriver(lab.engine, lab.hosts, HostId(0u));
    EXPECT_EQ(nvmlStatus(lab.node().driver, machine), NvmlStatus::Success);
    EXPECT_EQ(lab.node().driver.version, "580.126.09");
}

} // namespace

} // namespace sim::gpu
