#include "sim/kube/etcd/etcd_group.h"
#include "sim/kube/control_plane.h"
#include "tests/support/world.h"

#include <algorithm>

// etcd as a Raft group of three behind the API servers of the mini lab.
namespace sim {

namespace {

using kube::EtcdGroup;
using kube::EtcdMember;

const EtcdGroup& etcdOf(const World& world) { return world.cluster().etcd(); }

const EtcdMember& memberOf(const World& world, const std::string& name)
{
    return *etcdOf(world).member(world.machine(name)->id);
}

kube::Request annotate(const std::string& value)
{
    kube::Request request;
    request.verb = kube::Verb::Patch;
    request.patchType = kube::PatchType::Merge;
    request.resource = "deployments.apps";
    request.namespace_ = "shop";
    request.name = "checkout";
    request.body = {{"metadata", {{"annotations", {{"checked", value}}}}}};
    return request;
}

kube::Request listPods()
{
    kube::Request request;
    request.verb = kube::Verb::List;
    request.resource = "pods";
    request.namespace_ = "shop";
    return request;
}

std::string messageOf(const kube::Response& response) { return response.body.value("message", std::string()); }

CommandResult write(World& world, const std::string& value) { return world.apply(Command{command::ApiCall{annotate(value)}}); }

void kill(World& world, const std::string& machine, int signal = 9)
{
    world.apply(Command{command::Signal{world.machine(machine)->id, memberOf(world, machine).pid, signal}});
}

void moveAway(World& world, const std::string& machine)
{
    world.apply(Command{command::RemoveFile{world.machine(machine)->id, {}, "/etc/kubernetes/manifests/etcd.yaml", false}});
}

std::string logOf(const World& world, const std::string& machine)
{
    std::string text;
    for (const auto& [at, line] : world.runtimes().find(memberOf(world, machine).container)->log)
        text += line + "\n";
    return text;
}

std::vector<std::string> membersButLeader(const World& world)
{
    std::vector<std::string> names;
    for (const EtcdMember& one : etcdOf(world).members())
        if (one.host != etcdOf(world).leader())
            names.push_back(one.name);
    return names;
}

std::string leaderName(const World& world) { return etcdOf(world).member(etcdOf(world).leader())->name; }

void changeFile(World& world, const std::string& machine, const std::string& path, const std::string& content)
{
    world.apply(Command{command::WriteFile{world.machine(machine)->id, {}, path, content, false, 0644, 0}});
}

} // namespace

TEST(Etcd, AHealthyGroupHasOneLeaderAndEveryEntryEverywhere)
{
    const World world = tests::miniWorld();
    ASSERT_EQ(etcdOf(world).members().size(), 3U);
    ASSERT_TRUE(etcdOf(world).leader().valid());
    EXPECT_EQ(etcdOf(world).term(), 2U) << "one election, at the start";
    for (const EtcdMember& one : etcdOf(world).members()) {
        EXPECT_TRUE(one.majority) << one.name;
        EXPECT_EQ(one.applied, etcdOf(world).index()) << one.name;
        EXPECT_EQ(one.peers.size(), 2U) << one.name;
    }
    EXPECT_FALSE(etcdOf(world).noSpace());
    EXPECT_LT(*etcdOf(world).commitLatency(world.now()), 10ms);
    EXPECT_NE(logOf(world, leaderName(world)).find("became leader at term 2"), std::string::npos);
}

TEST(Etcd, ADeadLeaderIsReplacedInAboutASecondAndWorkGoesOn)
{
    World world = tests::miniWorld();
    const std::string before = leaderName(world);
    kill(world, before);
    world.runUntil(world.now() + 200ms);
    EXPECT_FALSE(etcdOf(world).leader().valid());
    EXPECT_EQ(messageOf(world.apiRead(listPods())), "etcdserver: leader changed");
    world.runUntil(world.now() + 2s);
    ASSERT_TRUE(etcdOf(world).leader().valid());
    EXPECT_NE(leaderName(world), before);
    EXPECT_EQ(etcdOf(world).term(), 3U);
    EXPECT_TRUE(write(world, "one").ok);
    EXPECT_NE(logOf(world, leaderName(world)).find("lost leader"), std::string::npos);
    // The kubelet starts the dead one again, and it catches up.
    world.runUntil(world.now() + 30s);
    EXPECT_TRUE(memberOf(world, before).majority);
    EXPECT_EQ(memberOf(world, before).applied, etcdOf(world).index());
    EXPECT_EQ(etcdOf(world).term(), 3U) << "who comes back does not disturb the leader";
}

TEST(Etcd, WithoutAMajorityNothingIsWrittenOrReadAndPodsRunOn)
{
    World world = tests::miniWorld();
    const auto running = world.cluster().store().inNamespace<kube::Pod>("shop").size();
    for (const std::string& name : membersButLeader(world))
        moveAway(world, name);
    world.runUntil(world.now() + 30s);
    EXPECT_FALSE(etcdOf(world).leader().valid());
    const CommandResult refused = write(world, "two");
    EXPECT_FALSE(refused.ok);
    EXPECT_EQ(refused.response.code, 500);
    EXPECT_EQ(messageOf(refused.response), "etcdserver: request timed out");
    EXPECT_EQ(refused.response.took, 7s);
    EXPECT_EQ(messageOf(world.apiRead(listPods())), "etcdserver: request timed out");
    EXPECT_TRUE(std::holds_alternative<kube::Response>(world.apiTable(listPods())));
    EXPECT_EQ(world.cluster().health("/livez/etcd", false, world.now())->status, 500);
    EXPECT_GT(world.telemetry().mean("sli.success", 10s), 0.99) << "running pods serve on";
    const std::uint64_t version = world.cluster().store().resourceVersion();
    world.runUntil(world.now() + 60s);
    EXPECT_EQ(world.cluster().store().resourceVersion(), version) << "nobody writes without a majority";
    EXPECT_EQ(world.cluster().store().inNamespace<kube::Pod>("shop").size(), running);
}

TEST(Etcd, ControllersAndSchedulerLoseTheirLeasesAndAreBackAfterTheQuorum)
{
    World world = tests::miniWorld();
    const auto lease = [&] { return *world.cluster().store().get<kube::Lease>({"kube-system", "kube-controller-manager"}); };
    const std::int64_t transitions = lease().spec.leaseTransitions;
    const auto followers = membersButLeader(world);
    std::vector<std::string> manifests;
    for (const std::string& name : followers) {
        manifests.push_back(world.hosts().read(world.machine(name)->id, "/etc/kubernetes/manifests/etcd.yaml", world.now())->content);
        moveAway(world, name);
    }
    world.runUntil(world.now() + 60s);
    std::string log;
    for (const auto& [id, container] : world.runtimes().containers())
        if (container.name == "kube-controller-manager" && container.state == container::Container::State::Exited)
            for (const auto& [at, line] : container.log)
                log += line + "\n";
    EXPECT_NE(log.find("leaderelection lost"), std::string::npos) << log;
    for (std::size_t i = 0; i < followers.size(); ++i)
        changeFile(world, followers[i], "/etc/kubernetes/manifests/etcd.yaml", manifests[i]);
    world.runUntil(world.now() + 3min);
    EXPECT_TRUE(etcdOf(world).leader().valid());
    EXPECT_TRUE(write(world, "three").ok);
    EXPECT_GT(lease().spec.leaseTransitions, transitions);
    EXPECT_EQ(memberOf(world, followers[0]).applied, etcdOf(world).index());
}

TEST(Etcd, ApiServersWhoseEtcdIsGoneAreStartedAnew)
{
    World world = tests::miniWorld();
    for (const std::string& name : membersButLeader(world))
        moveAway(world, name);
    const auto attempts = [&] {
        std::int64_t most = 0;
        for (const auto& [id, container] : world.runtimes().containers())
            if (container.name == "kube-apiserver")
                most = std::max(most, container.attempt);
        return most;
    };
    const std::int64_t before = attempts();
    world.runUntil(world.now() + 60s);
    EXPECT_EQ(attempts(), before) << "eight failures, ten seconds apart, are let pass";
    world.runUntil(world.now() + 90s);
    EXPECT_GT(attempts(), before);
}

TEST(Etcd, AFirewallBetweenMembersCostsTheMajorityThoughAllOfThemRun)
{
    World world = tests::miniWorld();
    net::FirewallRule rule;
    rule.protocol = net::Protocol::Tcp;
    rule.destinationPort = 2380;
    rule.target = "DROP";
    for (const std::string& name : membersButLeader(world))
        world.apply(Command{command::FirewallChange{.stack = world.machine(name)->stack, .chain = "INPUT", .rule = rule}});
    world.runUntil(world.now() + 20s);
    EXPECT_FALSE(etcdOf(world).leader().valid());
    for (const EtcdMember& one : etcdOf(world).members()) {
        EXPECT_TRUE(one.serving) << one.name;
        EXPECT_FALSE(one.majority) << one.name;
        EXPECT_NE(logOf(world, one.name).find("became pre-candidate"), std::string::npos) << one.name;
        EXPECT_NE(logOf(world, one.name).find("prober detected unhealthy status"), std::string::npos) << one.name;
    }
    EXPECT_EQ(etcdOf(world).term(), 2U) << "PreVote: nobody who cannot win raises the term";
}

TEST(Etcd, AFullDatabaseRefusesWritesAndTakesReadsAndDeletions)
{
    World world = tests::miniWorld();
    kube::Request map;
    map.verb = kube::Verb::Create;
    map.resource = "configmaps";
    map.namespace_ = "shop";
    map.body = {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "old"}}}, {"data", {{"a", "b"}}}};
    ASSERT_TRUE(world.apply(Command{command::ApiCall{map}}).ok);
    World full = world;
    // The fault's own way: pages that compaction freed and nobody gave back.
    ASSERT_TRUE(full.apply(Command{command::InjectFault{"etcd-slow", {{"cause", "space-quota"}, {"variant", "fragmented"}}}}).ok);
    full.runUntil(full.now() + 20s);
    EXPECT_TRUE(etcdOf(full).noSpace());
    EXPECT_EQ(messageOf(write(full, "four").response), "etcdserver: mvcc: database space exceeded");
    EXPECT_TRUE(full.apiRead(listPods()).ok());
    kube::Request bad = annotate("x");
    bad.name = "nobody";
    EXPECT_EQ(full.apply(Command{command::ApiCall{bad}}).response.code, 404) << "what the API server itself minds comes first";
    map.verb = kube::Verb::Delete;
    map.name = "old";
    map.body = nullptr;
    EXPECT_TRUE(full.apply(Command{command::ApiCall{map}}).ok) << "a deletion stores nothing";
    EXPECT_NE(logOf(full, leaderName(full)).find("\"msg\":\"alarm raised\",\"alarm\":\"NOSPACE\""), std::string::npos);

    // Disarming alone lasts until the next look; defragmentation first.
    using Verb = command::EtcdCall::Verb;
    const HostId any = etcdOf(full).leader();
    EXPECT_TRUE(full.apply(Command{command::EtcdCall{any, Verb::DisarmAlarms, 0}}).ok);
    full.runUntil(full.now() + 3s);
    EXPECT_TRUE(etcdOf(full).noSpace());
    for (const EtcdMember& one : std::vector<EtcdMember>(etcdOf(full).members())) {
        const CommandResult done = full.apply(Command{command::EtcdCall{one.host, Verb::Defragment, 0}});
        EXPECT_EQ(done.changed, std::vector<std::string>{"etcd/" + one.name});
        EXPECT_GT(done.response.took, 100ms);
    }
    EXPECT_TRUE(full.apply(Command{command::EtcdCall{any, Verb::DisarmAlarms, 0}}).ok);
    full.runUntil(full.now() + 10s);
    EXPECT_FALSE(etcdOf(full).noSpace());
    EXPECT_TRUE(write(full, "five").ok);
}

TEST(Etcd, CompactionEveryFiveMinutesKeepsTheHistoryShort)
{
    World world = tests::miniWorld();
    const std::uint64_t before = etcdOf(world).backend().compacted();
    world.runUntil(world.now() + 12min);
    EXPECT_GT(etcdOf(world).backend().compacted(), before);
    EXPECT_LT(etcdOf(world).backend().compacted(), etcdOf(world).backend().revision());
    EXPECT_NE(logOf(world, leaderName(world)).find("finished scheduled compaction"), std::string::npos);
    using Verb = command::EtcdCall::Verb;
    const HostId leader = etcdOf(world).leader();
    const std::uint64_t revision = etcdOf(world).backend().revision();
    const std::int64_t inUse = etcdOf(world).backend().inUseBytes();
    EXPECT_EQ(world.apply(Command{command::EtcdCall{leader, Verb::Compact, 1}}).error, "etcdserver: mvcc: required revision has been compacted");
    EXPECT_EQ(world.apply(Command{command::EtcdCall{leader, Verb::Compact, revision + 1}}).error, "etcdserver: mvcc: required revision is a future revision");
    EXPECT_TRUE(world.apply(Command{command::EtcdCall{leader, Verb::Compact, revision}}).ok);
    EXPECT_LT(etcdOf(world).backend().inUseBytes(), inUse);
    EXPECT_EQ(etcdOf(world).backend().inUseBytes(), etcdOf(world).backend().liveBytes());
}

TEST(Etcd, SlowDisksMakeRequestsSlowAndOneSlowFollowerDoesNot)
{
    World world = tests::miniWorld();
    const auto followers = membersButLeader(world);
    // 64 KiB a second: twelve seconds for what one flush of etcd's log takes along.
    changeFile(world, followers[0], "/sys/fs/cgroup/kubepods.slice/io.max", "259:0 wbps=65536\n");
    world.runUntil(world.now() + 5s);
    EXPECT_EQ(memberOf(world, followers[0]).sync, 12s);
    const HostId limited = world.machine(followers[0])->id;
    constexpr const char* kLimit = "/sys/fs/cgroup/kubepods.slice/io.max";
    EXPECT_EQ(world.hosts().read(limited, kLimit, world.now())->content, "259:0 rbps=max wbps=65536 riops=max wiops=max\n");
    EXPECT_EQ(world.apply(Command{command::RemoveFile{limited, {}, kLimit, false}}).error, "Permission denied");
    EXPECT_LT(*etcdOf(world).commitLatency(world.now()), 10ms) << "the other follower completes the majority";
    EXPECT_NE(logOf(world, followers[0]).find("\"msg\":\"slow fdatasync\""), std::string::npos);
    changeFile(world, followers[1], "/sys/fs/cgroup/kubepods.slice/io.max", "259:0 wbps=262144\n");
    world.runUntil(world.now() + 5s);
    const Duration commit = *etcdOf(world).commitLatency(world.now());
    EXPECT_GT(commit, 1500ms);
    const CommandResult done = write(world, "six");
    EXPECT_TRUE(done.ok);
    EXPECT_EQ(done.response.took, commit);
    changeFile(world, followers[0], "/sys/fs/cgroup/kubepods.slice/io.max", "259:0 wbps=max\n");
    EXPECT_EQ(world.hosts().read(limited, kLimit, world.now())->content, "");
    world.runUntil(world.now() + 5s);
    EXPECT_LT(*etcdOf(world).commitLatency(world.now()), 10ms);
}

TEST(Etcd, ALeaderWhoseDiskStandsStillLosesItsLeadership)
{
    World world = tests::miniWorld();
    const std::string before = leaderName(world);
    changeFile(world, before, "/sys/fs/cgroup/kubepods.slice/io.max", "259:0 wbps=65536\n");
    world.runUntil(world.now() + 8s);
    ASSERT_TRUE(etcdOf(world).leader().valid());
    EXPECT_NE(leaderName(world), before);
    EXPECT_LT(*etcdOf(world).commitLatency(world.now()), 10ms) << "the two others are a majority";
}

TEST(Etcd, ABusyDiskIsSharedAndFreeAgainWhenTheWriterEnds)
{
    World world = tests::miniWorld();
    const HostId host = world.machine("cp-1")->id;
    EXPECT_LT(world.machine("cp-1")->syncLatency("kubepods.slice"), 2ms);
    host::Process writer;
    writer.name = "writer";
    writer.syncedBytesPerSecond = 2e9;
    const auto pid = static_cast<host::Pid>(world.apply(Command{command::SpawnProcess{host, writer}}).id);
    EXPECT_GT(world.machine("cp-1")->syncLatency("kubepods.slice"), 4s);
    world.apply(Command{command::Signal{host, pid, 19}});
    EXPECT_LT(world.machine("cp-1")->syncLatency("kubepods.slice"), 2ms) << "a stopped process writes nothing";
    world.apply(Command{command::Signal{host, pid, 18}});
    EXPECT_GT(world.machine("cp-1")->syncLatency("kubepods.slice"), 4s);
    world.apply(Command{command::Signal{host, pid, 9}});
    world.runUntil(world.now() + 1s);
    EXPECT_LT(world.machine("cp-1")->syncLatency("kubepods.slice"), 2ms);
}

TEST(Etcd, TwinsAgreeWhateverBreaks)
{
    World world = tests::miniWorld();
    for (const char* variant : {"busy-disk", "io-limit"}) {
        World one = world;
        World two = world;
        const Command fault{command::InjectFault{"etcd-slow", {{"cause", "slow-disk"}, {"variant", variant}}}};
        one.apply(fault);
        two.apply(fault);
        one.runUntil(one.now() + 90s);
        for (int i = 0; i < 90; ++i)
            two.runUntil(two.now() + 1s);
        EXPECT_EQ(one.fingerprint(), two.fingerprint()) << variant;
    }
}

} // namespace sim
