#include "tests/sim/kube_scheduler/scheduler_lab.h"

// One plugin each: the texts are those of golden cases 20 to 30, the rest of the plugins' own files.
using namespace sim;
using namespace sim::kube;

namespace {

struct SchedulerPlugins : testing::Test {
    SchedulerLab lab;

    void nodes(int count, const std::string& cpu = "4")
    {
        for (int i = 1; i <= count; ++i)
            lab.add(makeNode("node-" + std::to_string(i), cpu));
    }
    std::string tryOut(Pod pod)
    {
        const std::string name = pod.metadata.name;
        if (!lab.scheduler.running())
            lab.start();
        lab.add(std::move(pod));
        lab.run(1s);
        const std::string node = lab.nodeOf(name);
        return node.empty() ? lab.whyNot(name) : node;
    }
};

PodAffinityTerm nearApp(const std::string& app, const std::string& key)
{
    PodAffinityTerm term;
    term.labelSelector = appIs(app);
    term.topologyKey = key;
    return term;
}

Pod withAffinity(Pod pod, const PodAffinityTerm& term, bool anti)
{
    pod.spec.affinity.emplace();
    (anti ? pod.spec.affinity->podAntiAffinity : pod.spec.affinity->podAffinity).emplace();
    (anti ? pod.spec.affinity->podAntiAffinity : pod.spec.affinity->podAffinity)
        ->requiredDuringSchedulingIgnoredDuringExecution.push_back(term);
    return pod;
}

Pod spread(Pod pod, const std::string& key, const char* whenUnsatisfiable)
{
    TopologySpreadConstraint c;
    c.topologyKey = key;
    c.whenUnsatisfiable = whenUnsatisfiable;
    c.labelSelector = appIs("web");
    pod.spec.topologySpreadConstraints.push_back(c);
    return labelled(pod, "web");
}

} // namespace

TEST_F(SchedulerPlugins, ResourcesCountEachLackAndSortAsText)
{
    nodes(2, "1");
    lab.add(makeNode("node-3", "1", "1Gi"));
    EXPECT_EQ(tryOut(makePod("big", "2", "4Gi")),
              "0/3 nodes are available: 1 Insufficient memory, 3 Insufficient cpu. preemption: 0/3 nodes are available: "
              "3 No preemption victims found for incoming pod.");
}

TEST_F(SchedulerPlugins, TooManyPodsAndExtendedResources)
{
    Node full = makeNode("node-1");
    full.status.allocatable["pods"] = amount("0");
    lab.add(full);
    Pod pod = makePod("gpu");
    pod.spec.containers[0].resources.requests["nvidia.com/gpu"] = amount("1");
    EXPECT_EQ(tryOut(pod), "0/1 nodes are available: 1 Insufficient nvidia.com/gpu, 1 Too many pods. preemption: 0/1 nodes are "
                           "available: 1 No preemption victims found for incoming pod.");
}

TEST_F(SchedulerPlugins, OnlyTheFirstFilterOfANodeCounts)
{
    Node cordoned = makeNode("node-1", "1");
    cordoned.spec.unschedulable = true;
    Taint taint;
    taint.key = kTaintUnschedulable;
    taint.effect = kNoSchedule;
    cordoned.spec.taints.push_back(taint);
    lab.add(cordoned);
    Node tainted = makeNode("node-2", "1");
    taint.key = "dedicated";
    taint.value = "gpu";
    tainted.spec.taints.push_back(taint);
    lab.add(tainted);
    lab.add(makeNode("node-3", "1"));
    EXPECT_EQ(tryOut(makePod("big", "2")),
              "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {dedicated: gpu}, 1 node(s) were "
              "unschedulable. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is "
              "not helpful for scheduling.");
}

TEST_F(SchedulerPlugins, SelectorsAndPinnedNodes)
{
    nodes(2);
    Pod picky = makePod("picky");
    picky.spec.nodeSelector["disk"] = "ssd";
    EXPECT_EQ(tryOut(picky), "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/2 nodes "
                             "are available: 2 Preemption is not helpful for scheduling.");
    Pod pinned = makePod("pinned", "8");
    pinned.spec.affinity.emplace().nodeAffinity.emplace().requiredDuringSchedulingIgnoredDuringExecution.emplace();
    NodeSelectorTerm term;
    term.matchFields.push_back({"metadata.name", "In", {"node-2"}});
    pinned.spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution->nodeSelectorTerms.push_back(term);
    EXPECT_EQ(tryOut(pinned), "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
                              "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption "
                              "is not helpful for scheduling.");
}

TEST_F(SchedulerPlugins, HostPortsConflictByAddress)
{
    nodes(1);
    Pod first = makePod("first");
    ContainerPort port;
    port.containerPort = 80;
    port.hostPort = 8080;
    port.hostIP = "10.0.0.1";
    first.spec.containers[0].ports.push_back(port);
    EXPECT_EQ(tryOut(first), "node-1");
    Pod other = makePod("other");
    port.hostIP = "10.0.0.2";
    other.spec.containers[0].ports.push_back(port);
    EXPECT_EQ(tryOut(other), "node-1");
    Pod all = makePod("all");
    port.hostIP.clear();
    all.spec.containers[0].ports.push_back(port);
    EXPECT_EQ(tryOut(all), "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. preemption: 0/1 "
                           "nodes are available: 1 No preemption victims found for incoming pod.");
}

TEST_F(SchedulerPlugins, HardSpreadingNeedsTheLabelAndKeepsTheSkew)
{
    lab.add(inZone(makeNode("node-1"), "a"));
    lab.add(inZone(makeNode("node-2", "100m"), "b"));
    lab.add(makeNode("node-3"));
    EXPECT_EQ(tryOut(spread(makePod("w-1", "200m"), kLabelZone, "DoNotSchedule")), "node-1");
    EXPECT_EQ(tryOut(spread(makePod("w-2", "200m"), kLabelZone, "DoNotSchedule")),
              "0/3 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't "
              "match pod topology spread constraints (missing required label). preemption: 0/3 nodes are available: 1 Preemption is "
              "not helpful for scheduling, 2 No preemption victims found for incoming pod.");
}

TEST_F(SchedulerPlugins, TooFewDomainsCountAsAnEmptyOne)
{
    lab.add(inZone(makeNode("node-1"), "a"));
    Pod first = spread(makePod("w-1"), kLabelZone, "DoNotSchedule");
    first.spec.topologySpreadConstraints[0].minDomains = 2;
    EXPECT_EQ(tryOut(first), "node-1");
    Pod second = first;
    second.metadata.name = "w-2";
    EXPECT_NE(tryOut(second), "node-1");
}

TEST_F(SchedulerPlugins, SoftSpreadingPrefersTheEmptyZone)
{
    for (int i = 1; i <= 3; ++i)
        lab.add(inZone(makeNode("a-" + std::to_string(i)), "a"));
    lab.add(inZone(makeNode("b-1"), "b"));
    for (int i = 0; i < 8; ++i)
        tryOut(spread(makePod("w-" + std::to_string(i)), kLabelZone, "ScheduleAnyway"));
    int inB = 0;
    for (int i = 0; i < 8; ++i)
        inB += lab.nodeOf("w-" + std::to_string(i)) == "b-1" ? 1 : 0;
    EXPECT_EQ(inB, 4);
}

TEST_F(SchedulerPlugins, PodAffinityAndItsTexts)
{
    lab.add(inZone(makeNode("node-1"), "a"));
    lab.add(inZone(makeNode("node-2"), "b"));
    EXPECT_EQ(tryOut(withAffinity(labelled(makePod("lonely"), "cache"), nearApp("web", kLabelZone), false)),
              "0/2 nodes are available: 2 node(s) didn't match pod affinity rules. preemption: 0/2 nodes are available: 2 Preemption "
              "is not helpful for scheduling.");
    // The first of a group may go anywhere, the second follows it; the lonely one follows as well.
    const std::string first = tryOut(withAffinity(labelled(makePod("w-1"), "web"), nearApp("web", kLabelZone), false));
    EXPECT_EQ(tryOut(withAffinity(labelled(makePod("w-2"), "web"), nearApp("web", kLabelZone), false)), first);
    lab.run(10s);
    EXPECT_EQ(lab.nodeOf("lonely"), first);
}

TEST_F(SchedulerPlugins, AntiAffinityBothWays)
{
    nodes(2);
    const auto alone = [&](const std::string& name) {
        return withAffinity(labelled(makePod(name), "db"), nearApp("db", kLabelHostname), true);
    };
    const std::string first = tryOut(alone("db-1"));
    const std::string second = tryOut(alone("db-2"));
    EXPECT_NE(first, second);
    EXPECT_EQ(tryOut(alone("db-3")), "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. preemption: 0/2 nodes "
                                     "are available: 2 No preemption victims found for incoming pod.");
    EXPECT_EQ(tryOut(labelled(makePod("plain"), "db")),
              "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules. preemption: 0/2 nodes are "
              "available: 2 No preemption victims found for incoming pod.");
    lab.remove("db-1");
    lab.run(20s);
    EXPECT_EQ(lab.nodeOf("db-3"), first);
}

TEST_F(SchedulerPlugins, PreferredAffinityPulls)
{
    nodes(3);
    Pod pod = onNode(labelled(makePod("cache"), "cache"), "node-3");
    lab.add(pod);
    Pod web = makePod("web");
    WeightedPodAffinityTerm term;
    term.weight = 100;
    term.podAffinityTerm = nearApp("cache", kLabelHostname);
    web.spec.affinity.emplace().podAffinity.emplace().preferredDuringSchedulingIgnoredDuringExecution.push_back(term);
    EXPECT_EQ(tryOut(web), "node-3");
}

TEST_F(SchedulerPlugins, PreferredNodesAndPreferNoSchedule)
{
    nodes(2);
    Node nicer = makeNode("node-3");
    nicer.metadata.labels["disk"] = "ssd";
    lab.add(nicer);
    Pod pod = makePod("p");
    PreferredSchedulingTerm term;
    term.weight = 50;
    term.preference.matchExpressions.push_back({"disk", "In", {"ssd"}});
    pod.spec.affinity.emplace().nodeAffinity.emplace().preferredDuringSchedulingIgnoredDuringExecution.push_back(term);
    EXPECT_EQ(tryOut(pod), "node-3");
    Taint taint;
    taint.key = "old";
    taint.effect = kPreferNoSchedule;
    for (const char* name : {"node-1", "node-3"}) {
        Node node = *lab.store.get<Node>({{}, name});
        node.spec.taints.push_back(taint);
        lab.change(node);
    }
    EXPECT_EQ(tryOut(makePod("q")), "node-2");
}

TEST_F(SchedulerPlugins, ImagesThatAreThereAttract)
{
    nodes(3);
    Node node = *lab.store.get<Node>({{}, "node-2"});
    node.status.images.push_back({{"registry.local/llm:1"}, 3'000'000'000});
    lab.change(node);
    Pod pod = makePod("p");
    pod.spec.containers[0].image = "registry.local/llm:1";
    EXPECT_EQ(tryOut(pod), "node-2");
}

TEST_F(SchedulerPlugins, OtherStrategiesPack)
{
    nodes(2);
    Profile profile;
    profile.fit.type = ScoringStrategy::Type::MostAllocated;
    lab.scheduler.setProfile(profile);
    const std::string first = tryOut(makePod("p-1", "500m", "2Gi"));
    EXPECT_EQ(tryOut(makePod("p-2", "500m", "2Gi")), first);
    profile.fit.type = ScoringStrategy::Type::RequestedToCapacityRatio;
    profile.fit.shape = {{0, 0}, {100, 10}};
    lab.scheduler.setProfile(profile);
    EXPECT_EQ(tryOut(makePod("p-3", "500m", "2Gi")), first);
}

TEST_F(SchedulerPlugins, GatedPodsStayOutOfTheQueue)
{
    nodes(1);
    Pod gated = makePod("gated");
    gated.spec.schedulingGates.push_back({std::string("example.com/wait")});
    EXPECT_EQ(tryOut(gated), "");
    Pod open = *lab.pod("gated");
    open.spec.schedulingGates.clear();
    lab.change(open);
    lab.run(1s);
    EXPECT_EQ(lab.nodeOf("gated"), "node-1");
}

TEST(Resources, SidecarsAndOverhead)
{
    PodSpec spec = makePod("p", "100m", "100Mi").spec;
    Container setup = spec.containers[0];
    setup.resources.requests["cpu"] = amount("300m");
    Container sidecar = spec.containers[0];
    sidecar.restartPolicy = "Always";
    sidecar.resources.requests["cpu"] = amount("50m");
    spec.initContainers = {sidecar, setup};
    spec.overhead["cpu"] = amount("10m");
    const Resources r = podRequests(spec);
    EXPECT_EQ(r.milliCpu, 360); // the set-up beside the sidecar, and the overhead
    EXPECT_EQ(r.memoryBytes, 200LL << 20);
}
