#include "tests/sim/host/one_machine.h"

#include <gtest/gtest.h>

using namespace sim;
using namespace sim::host;

TEST(Memory, KernelKillsTheLargest)
{
    OneMachine lab;
    Process hog;
    hog.name = "stress";
    hog.residentBytes = 40LL << 30;
    hog.virtualBytes = 41LL << 30;
    const Instant from = lab.engine.now();
    const Pid pid = lab.hosts.spawn(lab.engine, lab.id, hog);
    lab.hosts.settleMemory(lab.engine, lab.net, lab.id);
    EXPECT_EQ(lab.machine().processes.count(pid), 0u);
    const auto lines = lab.journal(from);
    EXPECT_NE(lines.front().find("stress invoked oom-killer: gfp_mask="), std::string::npos);
    bool killed = false;
    for (const auto& line : lines)
        killed = killed
            || line.find("Out of memory: Killed process " + std::to_string(pid) + " (stress)") == 0;
    EXPECT_TRUE(killed);
    lab.run(1ms);
    bool told = false;
    for (const auto& notice : lab.notices)
        if (const auto* exited = std::get_if<ProcessExited>(&notice))
            told = told || (exited->process.pid == pid && exited->outOfMemory && exited->exitCode == 137);
    EXPECT_TRUE(told);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "kubelet.service")); // -999: spared
}

TEST(Memory, UnitKilledForMemoryFailsWithItsResult)
{
    OneMachine lab;
    const Instant from = lab.engine.now();
    lab.hosts.killForMemory(lab.engine, lab.net, lab.id, lab.unit("cron.service").mainPid, "");
    const auto lines = lab.journal(from, "cron.service");
    ASSERT_GE(lines.size(), 3u);
    EXPECT_EQ(lines[0], "cron.service: A process of this unit has been killed by the OOM killer.");
    EXPECT_EQ(lines[2], "cron.service: Failed with result 'oom-kill'.");
}
