#include "sim/host/standard_machine.h"
#include "sim/programs/programs.h"
#include "tests/sim/programs/catalogue.h"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

/// One machine with the whole catalogue on offer; each second the programs move on.
struct OneMachine {
    sim::Engine engine{sim::Instant{1'772'442'000s}, 1};
    sim::net::Network network;
    sim::host::Hosts hosts;
    sim::programs::Programs programs;
    sim::HostId id;

    OneMachine()
    {
        sim::host::StandardMachine description;
        description.name = "code-1";
        description.role = "server";
        description.memoryBytes = 16LL << 30;
        description.address = *sim::net::Ipv4::parse("10.1.0.61");
        id = sim::host::addStandardMachine(engine, network, hosts, description);
        for (const char* name : {"catalog-api", "orders", "etl", "imgproxy"})
            programs.add(tests::codeNamed(name));
    }
    void start(const std::string& name, const std::string& version)
    {
        ASSERT_TRUE(programs.install(hosts, id, name, version, engine.now()));
        ASSERT_TRUE(hosts.startUnit(engine, network, id, name + ".service"));
    }
    void run(int seconds)
    {
        for (int n = 0; n < seconds; ++n) {
            const sim::Instant next = engine.now() + 1s;
            while (const auto event = engine.next(next))
                hosts.handle(engine, network, *event);
            engine.advanceTo(next);
            programs.tick(engine, network, hosts);
        }
    }
    const sim::host::Process* process(const std::string& unit) const
    {
        const auto& machine = hosts.at(id);
        const auto found = machine.processes.find(machine.units.at(unit).mainPid);
        return found == machine.processes.end() ? nullptr : &found->second;
    }
    bool logged(const std::string& text) const
    {
        for (const auto& entry : hosts.at(id).journal)
            if (entry.message.find(text) != std::string::npos)
                return true;
        return false;
    }
    void writeFile(const std::string& path, const std::string& text) { hosts.writeFile(engine, id, path, text, false); }
};

TEST(ProgramsOnAMachine, theProcessUsesWhatTheModelSays)
{
    OneMachine lab;
    lab.start("catalog-api", "1.8.4");
    lab.run(30);
    const sim::host::Process* process = lab.process("catalog-api.service");
    ASSERT_NE(process, nullptr);
    const auto* running = lab.programs.find(lab.id, process->pid);
    ASSERT_NE(running, nullptr);
    EXPECT_EQ(running->version, "1.8.4");
    EXPECT_NEAR(process->cpuGranted, running->rates.granted, 1e-9);
    EXPECT_NEAR(static_cast<double>(process->residentBytes), running->residentBytes(), 4096);
    EXPECT_GT(process->systemCalls.at("read"), 200);
    EXPECT_GT(process->threads.size(), 3U);
    double inThreads = 0;
    for (const auto& thread : process->threads)
        inThreads += thread.cpuCores;
    EXPECT_NEAR(inThreads, running->rates.granted, 1e-6);
    EXPECT_TRUE(lab.logged("catalog-api: listening on :8080"));
    const auto tid = process->threads.front().tid;
    lab.run(5);
    EXPECT_EQ(lab.process("catalog-api.service")->threads.front().tid, tid) << "threads stay the same";
}

TEST(ProgramsOnAMachine, aRollbackCountsAtTheNextStart)
{
    OneMachine lab;
    lab.start("catalog-api", "1.9.3");
    lab.run(10);
    EXPECT_GT(lab.process("catalog-api.service")->cpuGranted, 2);
    lab.hosts.remove(lab.engine, lab.id, "/opt/catalog-api/current");
    ASSERT_EQ(lab.hosts.symlink(lab.engine, lab.id, "/opt/catalog-api/releases/1.8.4", "/opt/catalog-api/current"), sim::host::FileError::None);
    lab.run(5);
    EXPECT_GT(lab.process("catalog-api.service")->cpuGranted, 2) << "what runs, runs on";
    lab.hosts.restartUnit(lab.engine, lab.network, lab.id, "catalog-api.service");
    lab.run(10);
    EXPECT_LT(lab.process("catalog-api.service")->cpuGranted, 0.6);
}

TEST(ProgramsOnAMachine, aSettingCountsAtTheNextStart)
{
    OneMachine lab;
    lab.start("catalog-api", "1.9.1");
    lab.run(20);
    const double before = lab.programs.running().begin()->second.rates.collectorCpu;
    lab.writeFile("/etc/default/catalog-api", "GOGC=400\nGODEBUG=gctrace=1\n");
    lab.hosts.restartUnit(lab.engine, lab.network, lab.id, "catalog-api.service");
    lab.run(20);
    EXPECT_LT(lab.programs.running().begin()->second.rates.collectorCpu, before / 2);
    EXPECT_TRUE(lab.logged(" MB goal, "));
}

TEST(ProgramsOnAMachine, aFullHeapEndsAJvmThatIsToldSo)
{
    OneMachine lab;
    lab.start("orders", "2.5.0");
    lab.run(30);
    const auto first = lab.process("orders.service")->pid;
    lab.run(1200);
    EXPECT_TRUE(lab.logged("Terminating due to java.lang.OutOfMemoryError: Java heap space"));
    EXPECT_NE(lab.process("orders.service") == nullptr ? 0 : lab.process("orders.service")->pid, first) << "systemd started it anew";
}

TEST(ProgramsOnAMachine, aJvmThatIgnoresItsControlGroupIsKilled)
{
    const auto kills = [](const std::string& options) {
        OneMachine lab;
        lab.programs.install(lab.hosts, lab.id, "orders", "2.4.0", lab.engine.now());
        lab.writeFile("/etc/default/orders", "JAVA_OPTS=\"" + options + "\"\n");
        lab.hosts.startUnit(lab.engine, lab.network, lab.id, "orders.service");
        lab.hosts.limitCgroup(lab.engine, lab.network, lab.id, "/system.slice/orders.service", "memory.max", "350M"); // systemd makes the group at the start
        lab.run(120);
        return lab.hosts.at(lab.id).cgroups.at("/system.slice/orders.service").oomKills;
    };
    EXPECT_GT(kills("-XX:-UseContainerSupport"), 0);
    EXPECT_EQ(kills("-XX:+UseContainerSupport"), 0);
    EXPECT_EQ(kills("-XX:MaxRAMPercentage=40"), 0);
}

TEST(ProgramsOnAMachine, unclosedFilesFillTheTable)
{
    OneMachine lab;
    lab.start("etl", "3.2.0");
    lab.run(100);
    EXPECT_NEAR(static_cast<double>(lab.process("etl.service")->openFiles.size()), 90, 3);
    lab.run(1200);
    EXPECT_LE(static_cast<std::int64_t>(lab.process("etl.service")->openFiles.size()), lab.process("etl.service")->openFilesLimit - 3);
    EXPECT_TRUE(lab.logged("OSError: [Errno 24] Too many open files"));
}

TEST(ProgramsOnAMachine, aBusyMachineGivesLess)
{
    OneMachine lab;
    lab.start("imgproxy", "0.9.2");
    lab.hosts.limitCgroup(lab.engine, lab.network, lab.id, "/system.slice/imgproxy.service", "cpu.max", "40000 100000");
    lab.run(20);
    const auto& running = lab.programs.running().begin()->second;
    EXPECT_NEAR(running.rates.granted, 0.4, 1e-6);
    EXPECT_GT(running.rates.wanted, 0.9);
}

TEST(ProgramsOnAMachine, copiesGoTheSameWay)
{
    OneMachine lab;
    lab.start("catalog-api", "1.9.2");
    lab.start("etl", "3.2.1");
    lab.run(20);
    OneMachine copy = lab;
    lab.run(30);
    copy.run(30);
    EXPECT_EQ(sim::fingerprintOf(lab.programs), sim::fingerprintOf(copy.programs));
    EXPECT_EQ(sim::fingerprintOf(lab.hosts), sim::fingerprintOf(copy.hosts));
}

} // namespace
