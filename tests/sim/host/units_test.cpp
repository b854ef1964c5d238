#include "tests/sim/host/one_machine.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace sim;
using namespace sim::host;

namespace {

constexpr const char* kKubelet = "kubelet.service";
constexpr const char* kTitle = "kubelet.service - kubelet: The Kubernetes Node Agent";

} // namespace

TEST(Units, StandardMachineRunsThem)
{
    OneMachine lab;
    for (const char* name :
         {"containerd.service", kKubelet, "ssh.service", "cron.service", "systemd-logind.service"})
        EXPECT_TRUE(lab.hosts.unitActive(lab.id, name)) << name;
    EXPECT_TRUE(lab.listening(10250));
    EXPECT_TRUE(lab.listening(22));
    EXPECT_EQ(lab.unit(kKubelet).command.front(), "/usr/bin/kubelet");
    EXPECT_EQ(lab.unit(kKubelet).command[2], "--kubeconfig=/etc/kubernetes/kubelet.conf");
    EXPECT_EQ(lab.unit("containerd.service").type, "notify");
    EXPECT_EQ(lab.machine().processes.at(lab.unit("ssh.service").mainPid).name, "sshd");
}

TEST(Units, KilledOnesComeBackWithSystemdsWords)
{
    OneMachine lab;
    const Instant from = lab.engine.now();
    const Pid old = lab.unit(kKubelet).mainPid;
    EXPECT_TRUE(lab.hosts.signal(lab.engine, lab.net, lab.id, old, 9));
    EXPECT_FALSE(lab.listening(10250));
    lab.run(30s);
    auto lines = lab.journal(from, kKubelet);
    ASSERT_GE(lines.size(), 5u);
    if (lines[2].find("Consumed") != std::string::npos)
        lines.erase(lines.begin() + 2);
    EXPECT_EQ(lines[0], "kubelet.service: Main process exited, code=killed, status=9/KILL");
    EXPECT_EQ(lines[1], "kubelet.service: Failed with result 'signal'.");
    EXPECT_EQ(lines[2], "kubelet.service: Scheduled restart job, restart counter is at 1.");
    EXPECT_EQ(lines[3], std::string("Stopped ") + kTitle + ".");
    EXPECT_EQ(lines[4], std::string("Started ") + kTitle + ".");
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, kKubelet));
    EXPECT_NE(lab.unit(kKubelet).mainPid, old);
    EXPECT_TRUE(lab.listening(10250));
    EXPECT_EQ(lab.unit(kKubelet).restarts, 1);
}

TEST(Units, StopStartRestart)
{
    OneMachine lab;
    const Instant from = lab.engine.now();
    EXPECT_FALSE(lab.hosts.stopUnit(lab.engine, lab.net, lab.id, "nope.service"));
    EXPECT_TRUE(lab.hosts.stopUnit(lab.engine, lab.net, lab.id, "containerd.service"));
    EXPECT_EQ(lab.unit("containerd.service").state, Unit::State::Deactivating);
    lab.run(2s);
    EXPECT_EQ(lab.unit("containerd.service").state, Unit::State::Inactive);
    auto lines = lab.journal(from, "containerd.service");
    ASSERT_GE(lines.size(), 3u);
    EXPECT_EQ(lines[0], "Stopping containerd.service - containerd container runtime...");
    EXPECT_EQ(lines[1], "containerd.service: Deactivated successfully.");
    EXPECT_EQ(lines[2], "Stopped containerd.service - containerd container runtime.");
    lab.run(60s); // a stop by hand is not answered with a restart
    EXPECT_FALSE(lab.hosts.unitActive(lab.id, "containerd.service"));

    EXPECT_TRUE(lab.hosts.startUnit(lab.engine, lab.net, lab.id, "containerd.service"));
    EXPECT_FALSE(lab.hosts.unitActive(lab.id, "containerd.service")); // Type=notify
    lab.run(2s);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "containerd.service"));
    const Pid old = lab.unit("containerd.service").mainPid;
    EXPECT_TRUE(lab.hosts.restartUnit(lab.engine, lab.net, lab.id, "containerd.service"));
    lab.run(5s);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "containerd.service"));
    EXPECT_NE(lab.unit("containerd.service").mainPid, old);
}

TEST(Units, StartLimit)
{
    OneMachine lab("registry");
    // A configuration that it cannot read: exit 1, again and again, until the fifth start in ten seconds.
    lab.hosts.remove(lab.engine, lab.id, "/etc/docker/registry/config.yml");
    const Instant from = lab.engine.now();
    lab.unit("registry.service").restartDelay = 100ms;
    lab.hosts.restartUnit(lab.engine, lab.net, lab.id, "registry.service");
    lab.run(30s);
    const Unit& unit = lab.unit("registry.service");
    EXPECT_EQ(unit.state, Unit::State::Failed);
    EXPECT_EQ(unit.result, "exit-code");
    const auto lines = lab.journal(from, "registry.service");
    EXPECT_EQ(lines[lines.size() - 3], "registry.service: Start request repeated too quickly.");
    EXPECT_EQ(lines[lines.size() - 2], "registry.service: Failed with result 'exit-code'.");
    EXPECT_EQ(lines[lines.size() - 1], "Failed to start registry.service - Docker distribution registry.");
    EXPECT_EQ(std::count(lines.begin(), lines.end(),
                         "registry.service: Main process exited, code=exited, status=1/FAILURE"),
              5);

    EXPECT_FALSE(lab.hosts.startUnit(lab.engine, lab.net, lab.id, "registry.service")
                 && lab.hosts.unitActive(lab.id, "registry.service") && lab.listening(5000));
    EXPECT_TRUE(lab.hosts.resetFailed(lab.engine, lab.id, "registry.service"));
    lab.hosts.writeFile(lab.engine, lab.id, "/etc/docker/registry/config.yml", "version: 0.1\n", false);
    lab.run(20s);
    EXPECT_TRUE(lab.hosts.startUnit(lab.engine, lab.net, lab.id, "registry.service"));
    lab.run(1s);
    EXPECT_TRUE(lab.listening(5000));
}

TEST(Units, RepeatedStartsByHandHitTheLimitWithItsOwnResult)
{
    OneMachine lab;
    for (int i = 0; i < 5; ++i) {
        lab.hosts.restartUnit(lab.engine, lab.net, lab.id, "ssh.service");
        lab.run(500ms);
    }
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "ssh.service"));
    lab.hosts.restartUnit(lab.engine, lab.net, lab.id, "ssh.service");
    lab.run(1s);
    EXPECT_EQ(lab.unit("ssh.service").result, "start-limit-hit");
    EXPECT_EQ(lab.unit("ssh.service").state, Unit::State::Failed);
}

TEST(Units, MissingBinaryAndTakenPort)
{
    OneMachine lab;
    lab.hosts.remove(lab.engine, lab.id, "/usr/bin/kubelet");
    Instant from = lab.engine.now();
    lab.hosts.restartUnit(lab.engine, lab.net, lab.id, kKubelet);
    lab.run(1s);
    auto lines = lab.journal(from, kKubelet);
    EXPECT_NE(std::find(lines.begin(), lines.end(),
                        "kubelet.service: Main process exited, code=exited, status=203/EXEC"),
              lines.end());
    EXPECT_EQ(lab.unit(kKubelet).subState, "auto-restart");

    from = lab.engine.now();
    lab.hosts.stopUnit(lab.engine, lab.net, lab.id, "ssh.service");
    lab.run(1s);
    lab.net.stack(lab.machine().stack).listeners.push_back({net::Protocol::Tcp, {}, 22, 4711, "python3"});
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "ssh.service");
    lab.run(200ms);
    lines = lab.journal(from, "ssh.service");
    EXPECT_NE(std::find(lines.begin(), lines.end(), "listen tcp :22: bind: address already in use"),
              lines.end());
}

TEST(Units, StoppedProcessStaysActiveButSilent)
{
    OneMachine lab;
    const Pid pid = lab.unit(kKubelet).mainPid;
    lab.hosts.signal(lab.engine, lab.net, lab.id, pid, 19);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, kKubelet));
    EXPECT_FALSE(lab.hosts.unitResponds(lab.id, kKubelet));
    EXPECT_EQ(lab.machine().processes.at(pid).state, 'T');
    lab.hosts.signal(lab.engine, lab.net, lab.id, pid, 15); // waits
    lab.run(1s);
    EXPECT_EQ(lab.unit(kKubelet).mainPid, pid);
    lab.hosts.signal(lab.engine, lab.net, lab.id, pid, 18);
    lab.run(20s);
    EXPECT_NE(lab.unit(kKubelet).mainPid, pid);
    EXPECT_TRUE(lab.hosts.unitResponds(lab.id, kKubelet));
    EXPECT_TRUE(lab.hosts.signal(lab.engine, lab.net, lab.id, 1, 9)); // init shrugs
    EXPECT_EQ(lab.machine().processes.count(1), 1u);
    EXPECT_FALSE(lab.hosts.signal(lab.engine, lab.net, lab.id, 999999, 9));
}

TEST(Units, SurviveAnything)
{
    // A swarm of verbs, signals and lost files: nothing may crash, and the tables stay consistent.
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        OneMachine lab(seed % 2 ? "worker" : "gpu");
        RandomStream random(seed, "swarm");
        std::vector<std::string> names;
        for (const auto& [name, unit] : lab.machine().units)
            names.push_back(name);
        for (int step = 0; step < 200; ++step) {
            const std::string& name = names[random.below(names.size())];
            switch (random.below(9)) {
            case 0: lab.hosts.startUnit(lab.engine, lab.net, lab.id, name); break;
            case 1: lab.hosts.stopUnit(lab.engine, lab.net, lab.id, name); break;
            case 2: lab.hosts.restartUnit(lab.engine, lab.net, lab.id, name); break;
            case 3:
                if (!lab.machine().processes.empty()) {
                    auto process = lab.machine().processes.begin();
                    std::advance(process, random.below(lab.machine().processes.size()));
                    lab.hosts.signal(lab.engine, lab.net, lab.id, process->first,
                                     static_cast<int>(random.below(32)));
                }
                break;
            case 4: lab.hosts.daemonReload(lab.engine, lab.id); break;
            case 5: {
                auto file = lab.machine().files.begin();
                if (file != lab.machine().files.end()) {
                    std::advance(file, random.below(lab.machine().files.size()));
                    const std::string path = file->first;
                    lab.hosts.remove(lab.engine, lab.id, path, random.below(4) == 0);
                }
                break;
            }
            case 6:
                if (random.below(10) == 0)
                    lab.hosts.reboot(lab.engine, lab.net, lab.id);
                break;
            case 7: {
                Process hog;
                hog.name = "stress";
                hog.residentBytes = static_cast<std::int64_t>(random.below(20)) << 30;
                lab.hosts.spawn(lab.engine, lab.id, hog);
                lab.hosts.settleMemory(lab.engine, lab.net, lab.id);
                break;
            }
            default: lab.hosts.enableUnit(lab.engine, lab.id, name, random.below(2) == 0); break;
            }
            lab.run(random.uniform(1ms, 5s));
            for (const auto& [unitName, unit] : lab.machine().units) {
                if (unit.mainPid != 0) {
                    ASSERT_EQ(lab.machine().processes.count(unit.mainPid), 1u)
                        << "seed " << seed << " " << unitName;
                }
                if (unit.state == Unit::State::Inactive || unit.state == Unit::State::Failed) {
                    ASSERT_EQ(unit.mainPid, 0) << "seed " << seed << " " << unitName;
                }
            }
            for (const auto& l : lab.net.stack(lab.machine().stack).listeners)
                ASSERT_EQ(lab.machine().processes.count(l.pid), 1u) << "seed " << seed;
            ASSERT_LE(lab.machine().memoryUsedBytes(), lab.machine().memoryBytes);
        }
    }
}

namespace {

/// A service of the test's own, with what its unit file says.
void addService(OneMachine& lab, const std::string& name, const std::string& lines)
{
    StandardUnit unit;
    unit.name = name;
    unit.text = "[Unit]\nDescription=Test\n[Service]\n" + lines + "\n[Install]\nWantedBy=multi-user.target\n";
    unit.memoryBytes = 16 << 20;
    installUnit(lab.machine(), unit, lab.engine.now());
}

bool told(const std::vector<std::string>& lines, const std::string& text)
{
    return std::find(lines.begin(), lines.end(), text) != lines.end();
}

} // namespace

TEST(Units, PostgresDoesNotStartWithoutItsData)
{
    OneMachine lab;
    addService(lab, "postgresql.service", "Type=notify\nUser=postgres\nRestart=on-failure\nExecStart=/usr/lib/postgresql/15/bin/postgres -D /srv/pg/main");
    const Instant from = lab.engine.now();
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "postgresql.service");
    lab.run(10s);
    EXPECT_EQ(lab.unit("postgresql.service").state, Unit::State::Failed);
    const auto lines = lab.journal(from, "postgresql.service");
    EXPECT_TRUE(told(lines, "postgres: could not access directory \"/srv/pg/main\": No such file or directory"));
    EXPECT_TRUE(told(lines, "postgresql.service: Main process exited, code=exited, status=2/INVALIDARGUMENT"));
    lab.hosts.makeDirectory(lab.engine, lab.id, "/srv/pg/main", true); // a folder alone is no database
    lab.hosts.resetFailed(lab.engine, lab.id, "postgresql.service");
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "postgresql.service");
    lab.run(10s);
    EXPECT_TRUE(told(lab.journal(from, "postgresql.service"), "DETAIL:  File \"/srv/pg/main/PG_VERSION\" is missing."));
    lab.hosts.writeFile(lab.engine, lab.id, "/srv/pg/main/PG_VERSION", "15\n", false);
    lab.hosts.resetFailed(lab.engine, lab.id, "postgresql.service");
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "postgresql.service");
    lab.run(10s);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "postgresql.service"));
}

TEST(Units, AnyServiceMayNeedADataFolder)
{
    OneMachine lab;
    addService(lab, "store.service", "ExecStart=/opt/store/bin/store");
    lab.unit("store.service").folders.data = "/srv/store";
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "store.service");
    lab.run(1s);
    EXPECT_EQ(lab.unit("store.service").state, Unit::State::Failed);
    lab.hosts.makeDirectory(lab.engine, lab.id, "/srv/store", true);
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "store.service");
    lab.run(1s);
    EXPECT_TRUE(lab.hosts.unitActive(lab.id, "store.service"));
}

TEST(Units, RuntimeFoldersComeAtTheStartAndGoAtTheStop)
{
    OneMachine lab;
    addService(lab, "web.service", "User=www-data\nExecStart=/opt/web/bin/web\nRuntimeDirectory=web web/cache\nRuntimeDirectoryMode=0750\nStateDirectory=web");
    const auto file = [&](const char* path) { return lab.hosts.inspect(lab.id, path, lab.engine.now()); };
    EXPECT_FALSE(file("/run/web"));
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "web.service");
    ASSERT_TRUE(file("/run/web/cache"));
    EXPECT_EQ(file("/run/web")->owner, "www-data");
    EXPECT_EQ(file("/run/web")->mode, 0750u);
    EXPECT_EQ(file("/var/lib/web")->mode, 0755u);
    lab.run(1s);
    lab.hosts.stopUnit(lab.engine, lab.net, lab.id, "web.service");
    lab.run(1s);
    EXPECT_FALSE(file("/run/web"));
    EXPECT_TRUE(file("/var/lib/web"));
    lab.unit("web.service").folders.keepsRuntime = "yes";
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "web.service");
    lab.run(1s);
    lab.hosts.stopUnit(lab.engine, lab.net, lab.id, "web.service");
    lab.run(1s);
    EXPECT_TRUE(file("/run/web"));
}

TEST(Units, ATargetComesAfterWhatItWants)
{
    OneMachine lab;
    addService(lab, "slow.service", "Type=notify\nExecStart=/opt/slow/bin/slow");
    lab.unit("slow.service").startTime = 60s;
    lab.hosts.reboot(lab.engine, lab.net, lab.id);
    lab.run(80s);
    const auto& target = lab.unit("multi-user.target");
    ASSERT_EQ(lab.unit("slow.service").state, Unit::State::Activating);
    EXPECT_NE(target.state, Unit::State::Active);
    EXPECT_EQ(lab.machine().power, Machine::Power::On);
    lab.run(60s);
    ASSERT_EQ(lab.unit("slow.service").state, Unit::State::Active);
    EXPECT_EQ(target.state, Unit::State::Active);
    EXPECT_GE(target.since, lab.unit("slow.service").since);
    EXPECT_GE(lab.machine().boot.finished, target.since);
}

TEST(Units, AProgramThatTellsMuchFillsTheJournal)
{
    OneMachine lab;
    addService(lab, "chatty.service", "ExecStart=/opt/chatty/bin/chatty");
    lab.unit("chatty.service").workload.logLines = {"turn {n} in {ms} ms"};
    lab.unit("chatty.service").workload.logLinesPerSecond = 8;
    const Instant from = lab.engine.now();
    const std::int64_t before = lab.machine().journalBytes;
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "chatty.service");
    lab.run(60s);
    EXPECT_NEAR(static_cast<double>(lab.journal(from, "chatty.service").size()), 480, 20);
    EXPECT_GT(lab.machine().journalBytes, before + 480 * 600);
}
