#include "tests/sim/kube_scheduler/scheduler_lab.h"

using namespace sim;
using namespace sim::kube;

namespace {

struct VolumesTest : testing::Test {
    SchedulerLab lab;

    VolumesTest()
    {
        lab.add(inZone(makeNode("node-1"), "a"));
        lab.add(inZone(makeNode("node-2"), "b"));
        lab.start();
    }
    Pod withClaim(const std::string& name, const std::string& claim)
    {
        Pod pod = makePod(name);
        Volume v;
        v.name = "d";
        v.persistentVolumeClaim.emplace().claimName = claim;
        pod.spec.volumes.push_back(v);
        return pod;
    }
    std::shared_ptr<const PersistentVolumeClaim> claim(const std::string& name, const std::string& storageClass = {},
                                                       const std::string& mode = "ReadWriteOnce")
    {
        PersistentVolumeClaim c;
        c.metadata.name = name;
        c.metadata.namespace_ = "shop";
        c.spec.accessModes = {mode};
        c.spec.resources.requests["storage"] = amount("10Gi");
        if (!storageClass.empty())
            c.spec.storageClassName = storageClass;
        c.status.phase = "Pending";
        return lab.add(c);
    }
    void storageClass(const std::string& name, const std::string& provisioner)
    {
        StorageClass c;
        c.metadata.name = name;
        c.provisioner = provisioner;
        c.volumeBindingMode = "WaitForFirstConsumer";
        lab.add(c);
    }
    PersistentVolume volume(const std::string& name, const std::string& node, const std::string& size = "10Gi")
    {
        PersistentVolume v;
        v.metadata.name = name;
        v.spec.accessModes = {"ReadWriteOnce"};
        v.spec.capacity["storage"] = amount(size);
        v.spec.storageClassName = "local";
        v.status.phase = "Available";
        if (!node.empty()) {
            NodeSelectorTerm term;
            term.matchExpressions.push_back({kLabelHostname, "In", {node}});
            v.spec.nodeAffinity.emplace().required.emplace().nodeSelectorTerms.push_back(term);
        }
        return v;
    }
    /// What the volume controller does once a volume is claimed.
    void finishBinding(const std::string& claimName, const std::string& volumeName)
    {
        PersistentVolumeClaim c = *lab.store.get<PersistentVolumeClaim>({"shop", claimName});
        c.spec.volumeName = volumeName;
        c.status.phase = "Bound";
        lab.change(c);
    }
    std::string tryOut(const Pod& pod)
    {
        lab.add(pod);
        lab.run(1s);
        const std::string node = lab.nodeOf(pod.metadata.name);
        return node.empty() ? lab.whyNot(pod.metadata.name) : node;
    }
};

constexpr const char* kNotHelpful = " preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.";

} // namespace

TEST_F(VolumesTest, MissingAndUnboundClaims) // golden case 26
{
    EXPECT_EQ(tryOut(withClaim("missing", "nope")),
              std::string("0/2 nodes are available: persistentvolumeclaim \"nope\" not found.") + kNotHelpful);
    claim("unbound");
    EXPECT_EQ(tryOut(withClaim("unb", "unbound")),
              std::string("0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.") + kNotHelpful);
    storageClass("wffc", kNoProvisioner);
    claim("late", "wffc");
    EXPECT_EQ(tryOut(withClaim("wf", "late")),
              std::string("0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.") + kNotHelpful);
    claim("nope");
    lab.run(2s);
    EXPECT_EQ(lab.whyNot("missing"),
              std::string("0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.") + kNotHelpful);
}

TEST_F(VolumesTest, ALocalVolumeDecidesTheNodeAndIsClaimedFirst)
{
    storageClass("local", kNoProvisioner);
    lab.add(volume("big", "node-1", "100Gi"));
    lab.add(volume("fitting", "node-2", "20Gi"));
    lab.add(volume("small", "node-2", "1Gi"));
    const auto data = claim("data", "local");
    Pod pod = withClaim("db", "data");
    pod.spec.nodeSelector[kLabelHostname] = "node-2";
    EXPECT_EQ(tryOut(pod), "");
    ASSERT_TRUE(lab.store.get<PersistentVolume>({{}, "fitting"})->spec.claimRef);
    EXPECT_EQ(lab.store.get<PersistentVolume>({{}, "fitting"})->spec.claimRef->uid, data->metadata.uid);
    finishBinding("data", "fitting");
    lab.run(2s);
    EXPECT_EQ(lab.nodeOf("db"), "node-2");
}

TEST_F(VolumesTest, AProvisionerIsToldTheNodeAndMayGiveUp)
{
    storageClass("fast", "csi.example.com");
    claim("data", "fast");
    EXPECT_EQ(tryOut(withClaim("db", "data")), "");
    PersistentVolumeClaim told = *lab.store.get<PersistentVolumeClaim>({"shop", "data"});
    ASSERT_EQ(told.metadata.annotations.count(kSelectedNodeAnnotation), 1u);
    const std::string first = told.metadata.annotations[kSelectedNodeAnnotation];
    told.metadata.annotations.erase(kSelectedNodeAnnotation);
    lab.change(told);
    lab.run(2s);
    EXPECT_EQ(lab.whyNot("db"), "binding volumes: provisioning failed for PVC \"data\"");
    lab.run(5s);
    PersistentVolume made = volume("pvc-1", "");
    made.spec.storageClassName = "fast";
    made.spec.claimRef = referenceTo(*lab.store.get<PersistentVolumeClaim>({"shop", "data"}));
    lab.add(made);
    finishBinding("data", "pvc-1");
    lab.run(2s);
    EXPECT_NE(lab.nodeOf("db"), "");
}

TEST_F(VolumesTest, BoundVolumesTieThePodToTheirNodeAndZone)
{
    lab.add(volume("pv-1", "node-1"));
    claim("tied", "local");
    finishBinding("tied", "pv-1");
    Pod pod = withClaim("p", "tied");
    pod.spec.nodeSelector[kLabelHostname] = "node-2";
    EXPECT_EQ(tryOut(pod), "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had volume node "
                           "affinity conflict." + std::string(kNotHelpful));
    PersistentVolume zoned = volume("pv-2", "");
    zoned.metadata.labels[kLabelZone] = "b__c";
    lab.add(zoned);
    claim("zoned", "local");
    finishBinding("zoned", "pv-2");
    EXPECT_EQ(tryOut(withClaim("q", "zoned")), "node-2");
    claim("lost", "local");
    finishBinding("lost", "gone");
    EXPECT_EQ(tryOut(withClaim("r", "lost")), "0/2 nodes are available: 2 node(s) unavailable due to one or more pvc(s) bound to "
                                              "non-existent pv(s)." + std::string(kNotHelpful));
}

TEST_F(VolumesTest, ReadWriteOncePodIsForOnePod)
{
    lab.add(volume("pv-1", ""));
    claim("solo", "local", "ReadWriteOncePod");
    finishBinding("solo", "pv-1");
    EXPECT_NE(tryOut(withClaim("p", "solo")).substr(0, 3), "0/2");
    EXPECT_EQ(tryOut(withClaim("q", "solo")),
              "0/2 nodes are available: 2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode. "
              "preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.");
    lab.remove("p");
    lab.run(5s);
    EXPECT_NE(lab.nodeOf("q"), "");
}

TEST_F(VolumesTest, ADriverTakesOnlySoManyVolumes)
{
    for (const char* name : {"node-1", "node-2"}) {
        CSINode csi;
        csi.metadata.name = name;
        CsiNodeDriver driver;
        driver.name = std::string("csi.example.com");
        driver.allocatable.emplace().count = 1;
        csi.spec.drivers.push_back(driver);
        lab.add(csi);
    }
    std::vector<std::string> nodes;
    for (const char* name : {"v1", "v2", "v3"}) {
        PersistentVolume v = volume(name, "");
        v.spec.csi.emplace().driver = std::string("csi.example.com");
        v.spec.csi->volumeHandle = std::string(name);
        lab.add(v);
        claim(std::string("c-") + name, "local");
        finishBinding(std::string("c-") + name, name);
        nodes.push_back(tryOut(withClaim(std::string("p-") + name, std::string("c-") + name)));
    }
    EXPECT_NE(nodes[0], nodes[1]);
    EXPECT_EQ(nodes[2], "0/2 nodes are available: 2 node(s) exceed max volume count. preemption: 0/2 nodes are available: 2 No "
                        "preemption victims found for incoming pod.");
}
