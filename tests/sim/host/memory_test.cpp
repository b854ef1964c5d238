#include "sim/host/memory_figures.h"
#include "tests/sim/host/one_machine.h"

#include <gtest/gtest.h>

#include <algorithm>

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

TEST(Memory, TheReportNamesWhoAskedAndWhoDied)
{
    OneMachine lab;
    Process eater;
    eater.name = "eater";
    eater.oomScoreAdjust = -999;
    eater.residentBytes = lab.machine().memoryLeftBytes() - (1LL << 30);
    eater.growthBytesPerSecond = 1e8;
    lab.hosts.spawn(lab.engine, lab.id, eater);
    Process victim;
    victim.name = "victim";
    victim.residentBytes = 512LL << 20;
    lab.hosts.spawn(lab.engine, lab.id, victim);
    const Instant from = lab.engine.now();
    lab.run(6s);
    const auto lines = lab.journal(from);
    const auto count = [&](const std::string& text) {
        return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(text) != std::string::npos; });
    };
    EXPECT_GE(count("eater invoked oom-killer"), 1);
    EXPECT_GE(count("Killed process"), 1);
    EXPECT_EQ(count("(eater)"), 0);
    EXPECT_EQ(count("constraint=CONSTRAINT_NONE"), count("Killed process"));
    EXPECT_GE(count("Mem-Info:"), 1);
}

TEST(Memory, KernelObjectsGoWithTheProcessThatHoldsThem)
{
    OneMachine lab;
    lab.machine().slabs["inotify_inode_mark"] = {.objectBytes = 88, .objects = 1000, .growthObjectsPerSecond = 100, .unit = "cron.service", .held = true};
    lab.machine().slabs["kmalloc-2k"] = {.objectBytes = 2048, .objects = 1000, .growthObjectsPerSecond = 100, .unit = "cron.service"};
    lab.hosts.watchGrowth(lab.engine, lab.id);
    lab.run(5s);
    EXPECT_GE(lab.machine().slabs.at("inotify_inode_mark").objects, 1400);
    lab.hosts.stopUnit(lab.engine, lab.net, lab.id, "cron.service");
    lab.run(5s);
    EXPECT_EQ(lab.machine().slabs.at("inotify_inode_mark").objects, 0);
    const std::int64_t lost = lab.machine().slabs.at("kmalloc-2k").objects;
    EXPECT_GE(lost, 1400);
    lab.run(5s);
    EXPECT_EQ(lab.machine().slabs.at("kmalloc-2k").objects, lost) << "nobody calls the driver any more";
}

TEST(Memory, AUnitsWorkloadBeginsAgainWithEachStartAndEndsWithItsSetting)
{
    OneMachine lab;
    StandardUnit unit;
    unit.name = "busy.service";
    unit.text = "[Service]\nExecStart=/opt/busy/bin/busy\n";
    installUnit(lab.machine(), unit, lab.engine.now());
    lab.machine().units.at(unit.name).workload = {.file = "/etc/busy.conf", .contains = "always", .cpuCores = 2, .threads = 4, .threadName = "spin-{n}", .processes = 3, .childCores = 1};
    const auto wanted = [&] {
        double cores = 0;
        for (const auto& [pid, process] : lab.machine().processes)
            cores += process.unit == unit.name ? process.cpuCores : 0;
        return cores;
    };
    lab.hosts.writeFile(lab.engine, lab.id, "/etc/busy.conf", "mode=always\n", false);
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, unit.name);
    lab.run(1s);
    EXPECT_DOUBLE_EQ(wanted(), 5);
    lab.hosts.restartUnit(lab.engine, lab.net, lab.id, unit.name);
    lab.run(1s);
    EXPECT_DOUBLE_EQ(wanted(), 5);
    lab.hosts.writeFile(lab.engine, lab.id, "/etc/busy.conf", "mode=nightly\n", false);
    lab.hosts.restartUnit(lab.engine, lab.net, lab.id, unit.name);
    lab.run(1s);
    EXPECT_DOUBLE_EQ(wanted(), 0);
}

TEST(Memory, AGroupsReportStaysWithinItsLimit)
{
    OneMachine lab;
    constexpr std::int64_t kLimit = 1LL << 30;
    lab.hosts.limitCgroup(lab.engine, lab.net, lab.id, "/system.slice/big.service", "memory.max", std::to_string(kLimit));
    Process big;
    big.name = "big";
    big.cgroup = "/system.slice/big.service";
    big.residentBytes = kLimit + (170LL << 20);
    const Instant from = lab.engine.now();
    lab.hosts.spawn(lab.engine, lab.id, big);
    lab.hosts.settleMemory(lab.engine, lab.net, lab.id);
    std::int64_t anonymous = 0;
    for (const std::string& line : lab.journal(from))
        if (line.compare(0, 5, "anon ") == 0)
            anonymous = std::stoll(line.substr(5));
    EXPECT_GT(anonymous, kLimit / 2);
    EXPECT_LT(anonymous, kLimit);
}

TEST(Memory, TheLastPagesStayFree)
{
    OneMachine lab;
    Process hog;
    hog.name = "hog";
    hog.residentBytes = lab.machine().memoryLeftBytes() - Machine::kMinFreeBytes * 9 / 10;
    lab.hosts.spawn(lab.engine, lab.id, hog);
    lab.hosts.settleMemory(lab.engine, lab.net, lab.id);
    const MemoryFigures m = memoryFigures(lab.machine());
    EXPECT_GT(m.free, 0);
    EXPECT_GE(m.shared, 3 << 20); // what lies in /run
    EXPECT_LE(m.shared, m.cached);
}

TEST(Memory, AnAddressSpaceHoldsTheReservedHeap)
{
    OneMachine lab;
    Process java;
    java.name = "java";
    java.command = {"/usr/bin/java", "-Xms256m", "-Xmx6g", "-jar", "/opt/a.jar"};
    java.residentBytes = 400LL << 20;
    const Pid pid = lab.hosts.spawn(lab.engine, lab.id, java);
    const Process& process = lab.machine().processes.at(pid);
    EXPECT_GT(process.virtualBytes, 7LL << 30);
    EXPECT_GT(process.threadCount, 10);
    EXPECT_EQ(process.filePages() + process.anonymousPages(), process.residentBytes);
    const auto status = lab.hosts.read(lab.id, "/proc/" + std::to_string(pid) + "/status", lab.engine.now());
    EXPECT_NE(status->content.find("RssFile:\t" + std::string(3, ' ') + std::to_string(process.filePages() / 1024)), std::string::npos) << status->content;
}

TEST(Memory, TheLoadFileCountsThreads)
{
    OneMachine lab;
    const auto loadFile = [&] { return lab.hosts.read(lab.id, "/proc/loadavg", lab.engine.now())->content; };
    const auto tasks = [&] {
        const std::string text = loadFile();
        return std::pair(std::stoll(text.substr(text.find('/') - 3, 3)), std::stoll(text.substr(text.find('/') + 1)));
    };
    const auto before = tasks();
    Process pool;
    pool.name = "pool";
    pool.threadCount = 850;
    pool.cpuCores = 26;
    lab.hosts.spawn(lab.engine, lab.id, pool);
    EXPECT_EQ(tasks().second, before.second + 850);
    EXPECT_GE(tasks().first, 26);
}
