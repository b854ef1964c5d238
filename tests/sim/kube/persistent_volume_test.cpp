#include "tests/sim/kube/cluster_lab.h"

namespace sim::kube {
namespace {

json storageClass(const std::string& mode)
{
    return {{"apiVersion", "storage.k8s.io/v1"}, {"kind", "StorageClass"}, {"metadata", {{"name", "fast"}}},
            {"provisioner", "csi.lab"}, {"volumeBindingMode", mode}};
}

json claim(const std::string& storage = "fast")
{
    return {{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"metadata", {{"name", "data"}}},
            {"spec", {{"storageClassName", storage}, {"accessModes", {"ReadWriteOnce"}}, {"resources", {{"requests", {{"storage", "5Gi"}}}}}}}};
}

json user(const std::string& name)
{
    json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", name}}}, {"spec", podTemplate("user")["spec"]}};
    pod["spec"]["volumes"] = {{{"name", "d"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}};
    return pod;
}

void addDriver(ClusterLab& lab)
{
    lab.apply("csidrivers.storage.k8s.io", {{"apiVersion", "storage.k8s.io/v1"}, {"kind", "CSIDriver"},
                                            {"metadata", {{"name", "csi.lab"}, {"namespace", ""}}}, {"spec", {{"attachRequired", true}}}});
}

std::string volumeOf(const ClusterLab& lab)
{
    return "pvc-" + lab.get<PersistentVolumeClaim>("data")->metadata.uid;
}

TEST(PersistentVolume, IsProvisionedAtOnce)
{
    ClusterLab lab;
    addDriver(lab);
    lab.apply("storageclasses.storage.k8s.io", storageClass("Immediate"));
    lab.apply("persistentvolumeclaims", claim());
    lab.run(5s);
    const auto bound = lab.get<PersistentVolumeClaim>("data");
    EXPECT_EQ(bound->status.phase, "Bound");
    EXPECT_EQ(bound->status.capacity.at("storage").text, "5Gi");
    EXPECT_EQ(bound->spec.volumeName, volumeOf(lab));
    const auto volume = lab.get<PersistentVolume>(volumeOf(lab));
    EXPECT_EQ(volume->status.phase, "Bound");
    EXPECT_EQ(volume->spec.csi->driver.value, "csi.lab");
    EXPECT_TRUE(lab.hasEvent("data", "Provisioning: External provisioner is provisioning volume for claim \"shop/data\""));
    EXPECT_TRUE(lab.hasEvent("data", "ProvisioningSucceeded: Successfully provisioned volume " + volumeOf(lab)));
}

TEST(PersistentVolume, ACloneTakesAsLongAsCopyingItsSource)
{
    ClusterLab lab;
    addDriver(lab);
    lab.apply("storageclasses.storage.k8s.io", storageClass("Immediate"));
    lab.apply("persistentvolumeclaims", claim());
    lab.run(5s);
    json copy = claim();
    copy["metadata"]["name"] = "copy";
    copy["spec"]["dataSource"] = {{"kind", "PersistentVolumeClaim"}, {"name", "data"}};
    lab.apply("persistentvolumeclaims", copy);
    lab.run(20s); // 5 GiB at 250 MB/s are 21.5 s
    EXPECT_EQ(lab.get<PersistentVolumeClaim>("copy")->status.phase, "Pending");
    EXPECT_TRUE(lab.hasEvent("copy", "Provisioning: External provisioner is provisioning volume for claim \"shop/copy\""));
    lab.run(6s);
    EXPECT_EQ(lab.get<PersistentVolumeClaim>("copy")->status.phase, "Bound");
}

TEST(PersistentVolume, WaitsForItsFirstConsumerAndIsAttached)
{
    ClusterLab lab;
    addDriver(lab);
    lab.apply("storageclasses.storage.k8s.io", storageClass("WaitForFirstConsumer"));
    lab.apply("persistentvolumeclaims", claim());
    lab.run(5s);
    EXPECT_EQ(lab.get<PersistentVolumeClaim>("data")->status.phase, "Pending");
    EXPECT_TRUE(lab.hasEvent("data", "WaitForFirstConsumer: waiting for first consumer to be created before binding"));
    lab.apply("pods", user("first"));
    lab.run(15s);
    EXPECT_EQ(lab.get<PersistentVolumeClaim>("data")->status.phase, "Bound");
    EXPECT_FALSE(lab.get<Pod>("first")->spec.nodeName.empty());
    ASSERT_EQ(lab.store().all<VolumeAttachment>().size(), 1u);
    EXPECT_TRUE(lab.store().all<VolumeAttachment>().begin()->second->status.attached.value);
    EXPECT_TRUE(lab.hasEvent("first", "SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume \"" + volumeOf(lab) + "\""));
    lab.remove("pods", "first");
    lab.run(10s);
    EXPECT_TRUE(lab.store().all<VolumeAttachment>().empty());
}

TEST(PersistentVolume, AClaimInUseIsProtectedAndItsVolumeGoesWithIt)
{
    ClusterLab lab;
    addDriver(lab);
    lab.apply("storageclasses.storage.k8s.io", storageClass("Immediate"));
    lab.apply("persistentvolumeclaims", claim());
    lab.apply("pods", user("first"));
    lab.run(15s);
    const std::string volume = volumeOf(lab);
    lab.remove("persistentvolumeclaims", "data");
    lab.run(5s);
    ASSERT_TRUE(lab.get<PersistentVolumeClaim>("data")) << "a pod uses it";
    EXPECT_TRUE(lab.get<PersistentVolumeClaim>("data")->metadata.deletionTimestamp);
    lab.remove("pods", "first");
    lab.run(10s);
    EXPECT_FALSE(lab.get<PersistentVolumeClaim>("data"));
    EXPECT_FALSE(lab.get<PersistentVolume>(volume)) << "its reclaim policy is Delete";
}

TEST(PersistentVolume, WithoutAClassTheSmallestThatFitsIsTaken)
{
    ClusterLab lab;
    for (const auto& [name, size] : {std::pair{"small", "1Gi"}, {"fits", "8Gi"}, {"large", "100Gi"}})
        lab.apply("persistentvolumes", {{"apiVersion", "v1"}, {"kind", "PersistentVolume"}, {"metadata", {{"name", name}, {"namespace", ""}}},
                                        {"spec", {{"capacity", {{"storage", size}}}, {"accessModes", {"ReadWriteOnce"}}, {"hostPath", {{"path", "/d"}}},
                                                  {"persistentVolumeReclaimPolicy", "Retain"}}}});
    lab.run(1s);
    EXPECT_EQ(lab.get<PersistentVolume>("fits")->status.phase, "Available");
    lab.apply("persistentvolumeclaims", claim(""));
    lab.run(2s);
    EXPECT_EQ(lab.get<PersistentVolumeClaim>("data")->spec.volumeName, "fits");
    lab.remove("persistentvolumeclaims", "data");
    lab.run(2s);
    EXPECT_EQ(lab.get<PersistentVolume>("fits")->status.phase, "Released");
}

} // namespace
} // namespace sim::kube
