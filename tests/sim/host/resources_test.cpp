// Processors, control groups, growth: what processes want, what they get, and that the sums agree.
#include "sim/host/cgroup.h"
#include "sim/host/memory_figures.h"
#include "tests/sim/host/one_machine.h"

#include <gtest/gtest.h>

#include <set>

using namespace sim;
using namespace sim::host;

namespace {

Pid burn(OneMachine& lab, double cores, const std::string& cgroup, std::int64_t threads = 16)
{
    Process process;
    process.name = "burn";
    process.cpuCores = cores;
    process.threadCount = threads;
    process.cgroup = cgroup;
    return lab.hosts.spawn(lab.engine, lab.id, process);
}

const Process& at(OneMachine& lab, Pid pid)
{
    return lab.machine().processes.at(pid);
}

/// What must hold of any machine at any time.
void expectSums(const Machine& machine)
{
    double granted = 0;
    std::int64_t resident = 0;
    for (const auto& [pid, process] : machine.processes) {
        EXPECT_EQ(pid, process.pid);
        EXPECT_TRUE(process.parent == 0 || process.parent == 1 || machine.processes.count(process.parent) == 1) << process.name;
        EXPECT_LE(process.cpuGranted, process.cpuCores + 1e-9) << process.name;
        EXPECT_GE(process.residentBytes, process.fileBytes);
        granted += process.runs() ? process.cpuGranted : 0;
        resident += process.residentBytes;
        for (const OpenFile& open : process.openFiles)
            if (open.kind == OpenFile::Kind::Regular) {
                const bool named = std::any_of(machine.files.begin(), machine.files.end(), [&](const auto& f) { return f.second->inode == open.inode; });
                EXPECT_NE(named, machine.unlinked.count(open.inode) == 1) << open.path;
            }
    }
    EXPECT_LE(granted, static_cast<double>(machine.cpus) + 1e-6);
    EXPECT_EQ(cgroupMemoryBytes(machine, "/"), resident);
    for (const auto& [path, group] : machine.cgroups)
        if (group.memoryMax > 0) {
            EXPECT_LE(cgroupMemoryBytes(machine, path), group.memoryMax) << path;
        }
    const MemoryFigures m = memoryFigures(machine);
    EXPECT_GE(m.free, 0);
    EXPECT_EQ(m.total, m.free + m.buffers + m.cached - machine.sharedMemoryBytes() + m.slabReclaimable + machine.memoryUsedBytes() - machine.swapUsedBytes());
}

} // namespace

TEST(Processors, AreSharedByWeightAndLeftoversGoOn)
{
    OneMachine lab;
    const auto cpus = static_cast<double>(lab.machine().cpus);
    const Pid heavy = burn(lab, cpus, "/system.slice/heavy.service");
    const Pid light = burn(lab, cpus, "/system.slice/light.service");
    lab.hosts.limitCgroup(lab.engine, lab.net, lab.id, "/system.slice/heavy.service", "cpu.weight", "300");
    EXPECT_NEAR(at(lab, heavy).cpuGranted / at(lab, light).cpuGranted, 3.0, 0.1);
    EXPECT_NEAR(lab.machine().cpuCoresUsed(), cpus, 1e-6);
    expectSums(lab.machine());
    lab.hosts.signal(lab.engine, lab.net, lab.id, heavy, 9);
    EXPECT_GT(at(lab, light).cpuGranted, cpus * 0.9);
    expectSums(lab.machine());
}

TEST(Processors, QuotaThrottlesAndIsCounted)
{
    OneMachine lab;
    const Pid pid = burn(lab, 3, "/system.slice/web.service");
    ASSERT_TRUE(lab.hosts.limitCgroup(lab.engine, lab.net, lab.id, "/system.slice/web.service", "cpu.max", "50000 100000"));
    EXPECT_NEAR(at(lab, pid).cpuGranted, 0.5, 1e-9);
    lab.run(10s);
    {
        const RateChange settled(lab.machine(), lab.engine.now());
    }
    EXPECT_NEAR(at(lab, pid).cpuSecondsAt(lab.engine.now()), 5.0, 0.01);
    const Cgroup& group = lab.machine().cgroups.at("/system.slice/web.service");
    EXPECT_NEAR(group.periods, 100, 1);
    EXPECT_NEAR(group.throttledPeriods, 100, 1);
    const std::string stat = cgroupFileText(lab.machine(), "/system.slice/web.service", "cpu.stat", lab.engine.now());
    EXPECT_EQ(stat.find("usage_usec 50"), 0u) << stat;
    EXPECT_EQ(cgroupFileText(lab.machine(), "/system.slice/web.service", "cpu.max", lab.engine.now()), "50000 100000\n");
    EXPECT_FALSE(lab.hosts.limitCgroup(lab.engine, lab.net, lab.id, "/system.slice/web.service", "cpu.max", "fast"));
    EXPECT_FALSE(lab.hosts.limitCgroup(lab.engine, lab.net, lab.id, "/system.slice/web.service", "memory.max", "-1"));
}

TEST(Processors, RunawayThreadsRaiseTheLoadAboveTheProcessors)
{
    OneMachine lab;
    const auto cpus = static_cast<double>(lab.machine().cpus);
    burn(lab, 4 * cpus, "/system.slice/runaway.service", 64);
    lab.run(20min);
    EXPECT_NEAR(lab.machine().loadAverage(lab.engine.now()).one, 4 * cpus, 1.5);
    EXPECT_GT(pressureAt(lab.machine(), lab.engine.now()).cpu.some60, 0.6);
    EXPECT_NEAR(lab.machine().cpuCoresUsed(), cpus, 1e-6);
}

TEST(Processors, WaitingForTheDiskRaisesTheLoadWithoutUsingThem)
{
    OneMachine lab;
    const double before = lab.machine().cpuCoresUsed();
    for (int i = 0; i < 6; ++i) {
        Process reader;
        reader.name = "scan";
        reader.readBytesPerSecond = 2e9;
        lab.hosts.spawn(lab.engine, lab.id, reader);
    }
    lab.run(20min);
    EXPECT_NEAR(lab.machine().tasksWaitingForDisk(), 6, 0.6);
    EXPECT_GT(lab.machine().loadAverage(lab.engine.now()).one, 5.5);
    EXPECT_NEAR(lab.machine().cpuCoresUsed(), before, 1e-9);
    EXPECT_GT(pressureAt(lab.machine(), lab.engine.now()).io.some60, 0.9);
    const auto stat = lab.hosts.read(lab.id, "/proc/stat", lab.engine.now());
    ASSERT_TRUE(stat);
    EXPECT_NE(stat->content.find("procs_blocked 6"), std::string::npos);
}

TEST(Growth, EndsAtTheControlGroupsLimit)
{
    OneMachine lab;
    Process leak;
    leak.name = "leak";
    leak.cgroup = "/system.slice/leak.service";
    leak.residentBytes = 100 << 20;
    leak.growthBytesPerSecond = 50 << 20;
    const Pid pid = lab.hosts.spawn(lab.engine, lab.id, leak);
    ASSERT_TRUE(lab.hosts.limitCgroup(lab.engine, lab.net, lab.id, "/system.slice/leak.service", "memory.max", "512M"));
    lab.run(5s);
    EXPECT_EQ(at(lab, pid).residentBytes, (100 + 5 * 50) << 20);
    expectSums(lab.machine());
    lab.run(10s);
    EXPECT_EQ(lab.machine().processes.count(pid), 0u);
    EXPECT_EQ(lab.machine().cgroups.at("/system.slice/leak.service").oomKills, 1);
    EXPECT_FALSE(lab.machine().growing);
    expectSums(lab.machine());
}

TEST(Growth, OfKernelSlabShowsInSlabinfoAndEatsWhatIsAvailable)
{
    OneMachine lab;
    const MemoryFigures before = memoryFigures(lab.machine());
    lab.machine().slabs["kmalloc-256"] = {256, 0, false, 400'000};
    lab.hosts.watchGrowth(lab.engine, lab.id);
    lab.run(60s);
    const MemoryFigures after = memoryFigures(lab.machine());
    EXPECT_NEAR(static_cast<double>(after.slab - before.slab), 256.0 * 400'000 * 60, 1e6);
    EXPECT_LT(after.available, before.available);
    EXPECT_EQ(after.anonymous, before.anonymous);
    std::int64_t largest = 0;
    std::string name;
    for (const SlabFigures& cache : slabFigures(lab.machine()))
        if (cache.bytes() > largest) {
            largest = cache.bytes();
            name = cache.name;
        }
    EXPECT_EQ(name, "kmalloc-256");
    expectSums(lab.machine());
}

TEST(OpenFiles, KeepTheirBlocksWhenTheNameIsGone)
{
    OneMachine lab;
    const Mount& root = lab.machine().mountOf("/var/log/app.log");
    const std::int64_t before = lab.machine().usedBytes(root);
    lab.hosts.writeFile(lab.engine, lab.id, "/var/log/app.log", "", false, 0644, 1 << 30);
    Process writer;
    writer.name = "app";
    openFile(lab.machine(), writer, {4, OpenFile::Kind::Regular, "/var/log/app.log", 0, true, 10 << 20});
    const Pid pid = lab.hosts.spawn(lab.engine, lab.id, writer);
    lab.run(10s);
    EXPECT_EQ(lab.hosts.remove(lab.engine, lab.id, "/var/log/app.log"), FileError::None);
    EXPECT_FALSE(lab.hosts.read(lab.id, "/var/log/app.log", lab.engine.now()));
    lab.run(10s);
    EXPECT_EQ(lab.machine().usedBytes(root) - before, (1LL << 30) + 20 * (10LL << 20));
    const std::string descriptor = "/proc/" + std::to_string(pid) + "/fd/4";
    EXPECT_EQ(lab.hosts.inspect(lab.id, descriptor, lab.engine.now())->content, "/var/log/app.log (deleted)");
    expectSums(lab.machine());
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, descriptor, "\n", false), FileError::None);
    EXPECT_EQ(lab.machine().usedBytes(root) - before, 4096);
    lab.hosts.signal(lab.engine, lab.net, lab.id, pid, 9);
    EXPECT_EQ(lab.machine().usedBytes(root), before);
    EXPECT_TRUE(lab.machine().unlinked.empty());
}

TEST(Links, ShareOneInode)
{
    OneMachine lab;
    auto& hosts = lab.hosts;
    hosts.writeFile(lab.engine, lab.id, "/tmp/a", "one\n", false);
    const std::int64_t used = lab.machine().usedBytes(lab.machine().mountOf("/tmp"));
    EXPECT_EQ(hosts.link(lab.engine, lab.id, "/tmp/a", "/tmp/b"), FileError::None);
    EXPECT_EQ(lab.machine().usedBytes(lab.machine().mountOf("/tmp")), used);
    hosts.writeFile(lab.engine, lab.id, "/tmp/b", "two\n", true);
    EXPECT_EQ(hosts.read(lab.id, "/tmp/a", lab.engine.now())->content, "one\ntwo\n");
    EXPECT_EQ(lab.machine().files.at("/tmp/a")->links, 2);
    hosts.remove(lab.engine, lab.id, "/tmp/a");
    EXPECT_EQ(lab.machine().files.at("/tmp/b")->links, 1);
    EXPECT_EQ(hosts.link(lab.engine, lab.id, "/tmp/b", "/run/b"), FileError::CrossDevice);
    EXPECT_EQ(hosts.symlink(lab.engine, lab.id, "b", "/tmp/c"), FileError::None);
    EXPECT_EQ(hosts.read(lab.id, "/tmp/c", lab.engine.now())->content, "one\ntwo\n");
    EXPECT_EQ(hosts.rename(lab.engine, lab.id, "/tmp", "/var/tmp/old"), FileError::None);
    EXPECT_EQ(hosts.read(lab.id, "/var/tmp/old/c", lab.engine.now())->content, "one\ntwo\n");
    EXPECT_FALSE(hosts.read(lab.id, "/tmp/b", lab.engine.now()));
}

TEST(Zombies, StayUntilTheirParentEnds)
{
    OneMachine lab;
    Process parent;
    parent.name = "spawner";
    parent.ignoresChildren = true;
    const Pid pid = lab.hosts.spawn(lab.engine, lab.id, parent);
    Process child;
    child.name = "job";
    child.parent = pid;
    child.residentBytes = 10 << 20;
    const Pid job = lab.hosts.spawn(lab.engine, lab.id, child);
    lab.hosts.exit(lab.engine, lab.net, lab.id, job, 3);
    EXPECT_EQ(at(lab, job).state, 'Z');
    EXPECT_EQ(at(lab, job).residentBytes, 0);
    EXPECT_NE(lab.hosts.read(lab.id, "/proc/" + std::to_string(job) + "/status", lab.engine.now())->content.find("Z (zombie)"), std::string::npos);
    lab.hosts.signal(lab.engine, lab.net, lab.id, job, 9); // nobody is left to die
    EXPECT_EQ(lab.machine().processes.count(job), 1u);
    lab.hosts.signal(lab.engine, lab.net, lab.id, pid, 9);
    EXPECT_EQ(lab.machine().processes.count(job), 0u);
    expectSums(lab.machine());
}

TEST(ProcFiles, TellOfProcesses)
{
    OneMachine lab;
    Process p;
    p.name = "java";
    p.command = {"/usr/bin/java", "-Xmx2g"};
    p.unit = "";
    p.threads = {{0, "GC Thread#0", 'S', 0.1, ""}, {0, "http-nio-8080-exec-1", 'S', 0.2, "futex_wait_queue"}};
    const Pid pid = lab.hosts.spawn(lab.engine, lab.id, p);
    const std::string folder = "/proc/" + std::to_string(pid);
    const auto text = [&](const std::string& name) { return lab.hosts.read(lab.id, folder + "/" + name, lab.engine.now())->content; };
    EXPECT_NE(text("status").find("Threads:\t3\n"), std::string::npos);
    EXPECT_EQ(lab.hosts.list(lab.id, folder + "/task", lab.engine.now())->size(), 3u);
    EXPECT_EQ(lab.hosts.inspect(lab.id, folder + "/exe", lab.engine.now())->content, "/usr/bin/java");
    EXPECT_EQ(lab.hosts.inspect(lab.id, folder + "/ns/net", lab.engine.now())->content, "net:[4026531840]");
    EXPECT_EQ(text("cmdline"), std::string("/usr/bin/java\0-Xmx2g\0", 21));
    EXPECT_EQ(text("cgroup"), "0::/user.slice/user-1000.slice/session-1.scope\n");
    const auto groups = lab.hosts.list(lab.id, "/sys/fs/cgroup/user.slice/user-1000.slice/session-1.scope", lab.engine.now());
    ASSERT_TRUE(groups);
    EXPECT_EQ(lab.hosts.read(lab.id, "/sys/fs/cgroup/user.slice/pids.current", lab.engine.now())->content, "3\n");
}

TEST(HostSwarm, SumsHoldUnderRandomChanges)
{
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        OneMachine lab;
        RandomStream random(seed, "swarm");
        std::vector<Pid> pids;
        for (int step = 0; step < 120; ++step) {
            switch (random.below(8)) {
            case 0: {
                Process p;
                p.name = "p";
                p.cpuCores = random.unit() * 6;
                p.residentBytes = static_cast<std::int64_t>(random.below(1LL << 31));
                p.growthBytesPerSecond = random.below(3) == 0 ? random.unit() * (64 << 20) : 0;
                p.cgroup = "/lab.slice/g" + std::to_string(random.below(4));
                p.ignoresChildren = random.below(2) == 0;
                if (!pids.empty() && lab.machine().processes.count(pids.back()) == 1 && lab.machine().processes.at(pids.back()).state != 'Z')
                    p.parent = pids.back();
                pids.push_back(lab.hosts.spawn(lab.engine, lab.id, p));
                break;
            }
            case 1:
                if (!pids.empty())
                    lab.hosts.signal(lab.engine, lab.net, lab.id, pids[random.below(pids.size())], std::array{9, 15, 19, 18}[random.below(4)]);
                break;
            case 2:
                lab.hosts.limitCgroup(lab.engine, lab.net, lab.id, "/lab.slice/g" + std::to_string(random.below(4)), "memory.max",
                                      random.below(2) == 0 ? "max" : std::to_string(1 + random.below(1LL << 32)));
                break;
            case 3:
                lab.hosts.limitCgroup(lab.engine, lab.net, lab.id, "/lab.slice/g" + std::to_string(random.below(4)), "cpu.max",
                                      random.below(2) == 0 ? "max 100000" : std::to_string(10'000 + random.below(400'000)) + " 100000");
                break;
            case 4: {
                const std::string path = "/tmp/f" + std::to_string(random.below(6));
                lab.hosts.writeFile(lab.engine, lab.id, path, "x", false, 0644, static_cast<std::int64_t>(random.below(1 << 28)));
                if (!pids.empty())
                    lab.hosts.edit(lab.engine, lab.id, pids.back(), [&](Process& p) {
                        if (p.state != 'Z')
                            openFile(lab.machine(), p, {3, OpenFile::Kind::Regular, path, 0, true, random.unit() * (1 << 22)});
                    });
                break;
            }
            case 5: lab.hosts.remove(lab.engine, lab.id, "/tmp/f" + std::to_string(random.below(6))); break;
            case 6: lab.hosts.rename(lab.engine, lab.id, "/tmp/f" + std::to_string(random.below(6)), "/tmp/f" + std::to_string(random.below(6))); break;
            default: lab.run(Duration(static_cast<std::int64_t>(random.below(5'000'000'000)))); break;
            }
            lab.hosts.settleMemory(lab.engine, lab.net, lab.id);
            expectSums(lab.machine());
            ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed << ", step " << step;
        }
    }
}

TEST(Filesystems, CountWhatIsTheirsAndNothingBeside)
{
    using namespace sim::host;
    Machine machine;
    const auto mount = [&](const char* path) {
        Mount one;
        one.path = path;
        one.sizeBytes = std::int64_t{1} << 40;
        machine.mounts.push_back(one);
    };
    mount("/");
    mount("/var");
    mount("/var/lib/docker");
    const auto put = [&](const char* path) {
        File file;
        file.size = 4096;
        file.links = 1;
        machine.files[path] = std::make_shared<const File>(file);
    };
    // '-' and '.' sort before '/', '0' after it.
    for (const char* path : {"/", "/etc/passwd", "/var", "/var-old", "/var.old/a", "/var/a", "/var/lib", "/var/lib/docker", "/var/lib/docker-old",
                             "/var/lib/docker/b", "/var/lib/docker/c/d", "/var/log", "/var0"})
        put(path);
    const auto inodes = [&](const char* path) {
        const Mount& on = machine.mountOf(path);
        return machine.usedInodes(on) - on.baseUsedInodes;
    };
    EXPECT_EQ(inodes("/"), 5);               // "/", passwd, var-old, var.old/a, var0
    EXPECT_EQ(inodes("/var/a"), 5);          // itself, a, lib, docker-old, log
    EXPECT_EQ(inodes("/var/lib/docker"), 3); // itself, b, d
    const Mount& docker = machine.mountOf("/var/lib/docker/b");
    EXPECT_EQ(machine.usedBytes(docker) - docker.baseUsedBytes, 3 * 4096);
}
