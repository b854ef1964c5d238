#include "tests/sim/kube/cluster_lab.h"

#include <set>

namespace sim::kube {
namespace {

json database(int replicas, const std::string& policy = "OrderedReady")
{
    return {{"apiVersion", "apps/v1"}, {"kind", "StatefulSet"}, {"metadata", {{"name", "db"}}},
            {"spec", {{"serviceName", "db"}, {"replicas", replicas}, {"podManagementPolicy", policy},
                      {"selector", {{"matchLabels", {{"app", "db"}}}}}, {"template", podTemplate("db", {{"sim/start-seconds", "0.6"}})}}}};
}

json newImage(const std::string& image)
{
    return {{"spec", {{"template", {{"spec", {{"containers", {{{"name", "c"}, {"image", image}}}}}}}}}}};
}

std::string imageOf(const ClusterLab& lab, const std::string& pod)
{
    return lab.get<Pod>(pod)->spec.containers.front().image;
}

TEST(StatefulSet, CreatesPodsOneAfterTheOther)
{
    ClusterLab lab;
    lab.apply("statefulsets.apps", database(3));
    lab.run(500ms);
    EXPECT_EQ(lab.podNames(), std::vector<std::string>{"db-0"});
    lab.run(4s);
    EXPECT_EQ(lab.podNames(), (std::vector<std::string>{"db-0", "db-1", "db-2"}));
    const auto set = lab.get<StatefulSet>("db");
    EXPECT_EQ(set->status.readyReplicas, 3);
    EXPECT_EQ(set->status.currentReplicas, 3);
    EXPECT_EQ(set->status.currentRevision, set->status.updateRevision);
    EXPECT_EQ(lab.events("db"), (std::vector<std::string>{"SuccessfulCreate: create Pod db-0 in StatefulSet db successful",
                                                          "SuccessfulCreate: create Pod db-1 in StatefulSet db successful",
                                                          "SuccessfulCreate: create Pod db-2 in StatefulSet db successful"}));
    const auto pod = lab.get<Pod>("db-1");
    EXPECT_EQ(pod->metadata.labels.at("apps.kubernetes.io/pod-index"), "1");
    EXPECT_EQ(pod->metadata.labels.at("statefulset.kubernetes.io/pod-name"), "db-1");
    EXPECT_EQ(pod->metadata.labels.at("controller-revision-hash"), set->status.updateRevision);
    EXPECT_EQ(pod->spec.hostname, "db-1");
    EXPECT_EQ(pod->spec.subdomain, "db");
}

TEST(StatefulSet, ParallelCreatesThemAtOnce)
{
    ClusterLab lab;
    lab.apply("statefulsets.apps", database(4, "Parallel"));
    lab.run(500ms);
    EXPECT_EQ(lab.podNames().size(), 4u);
}

TEST(StatefulSet, UpdatesFromTheHighestOrdinalDownToThePartition)
{
    ClusterLab lab;
    lab.apply("statefulsets.apps", database(3));
    lab.run(5s);
    lab.patch("statefulsets.apps", "db", {{"spec", {{"updateStrategy", {{"rollingUpdate", {{"partition", 1}}}}}}}});
    lab.patch("statefulsets.apps", "db", newImage("nginx:1.28"));
    lab.run(1s);
    EXPECT_EQ(imageOf(lab, "db-0"), "nginx:1.27");
    EXPECT_EQ(imageOf(lab, "db-1"), "nginx:1.27") << "db-2 is not ready yet";
    lab.run(8s);
    EXPECT_EQ(imageOf(lab, "db-0"), "nginx:1.27");
    EXPECT_EQ(imageOf(lab, "db-1"), "nginx:1.28");
    EXPECT_EQ(imageOf(lab, "db-2"), "nginx:1.28");
    auto set = lab.get<StatefulSet>("db");
    EXPECT_EQ(set->status.updatedReplicas, 2);
    EXPECT_EQ(set->status.currentReplicas, 1);
    EXPECT_NE(set->status.currentRevision, set->status.updateRevision);
    EXPECT_EQ(lab.store().inNamespace<ControllerRevision>(kShop).size(), 2u);

    // A pod below the partition comes back as it was.
    lab.remove("pods", "db-0");
    lab.run(3s);
    EXPECT_EQ(imageOf(lab, "db-0"), "nginx:1.27");

    lab.patch("statefulsets.apps", "db", {{"spec", {{"updateStrategy", {{"rollingUpdate", {{"partition", 0}}}}}}}});
    lab.run(4s);
    set = lab.get<StatefulSet>("db");
    EXPECT_EQ(imageOf(lab, "db-0"), "nginx:1.28");
    EXPECT_EQ(set->status.currentRevision, set->status.updateRevision);
}

TEST(StatefulSet, GivesEachPodItsOwnClaim)
{
    ClusterLab lab;
    json set = database(2, "Parallel");
    set["spec"]["volumeClaimTemplates"] = {{{"metadata", {{"name", "data"}}},
                                            {"spec", {{"accessModes", {"ReadWriteOnce"}}, {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}}};
    lab.apply("statefulsets.apps", set);
    lab.run(1s);
    ASSERT_TRUE(lab.get<PersistentVolumeClaim>("data-db-1"));
    EXPECT_EQ(lab.get<PersistentVolumeClaim>("data-db-1")->metadata.labels.at("app"), "db");
    EXPECT_EQ(lab.get<Pod>("db-1")->spec.volumes.front().persistentVolumeClaim->claimName.value, "data-db-1");
    EXPECT_TRUE(lab.hasEvent("db", "SuccessfulCreate: create Claim data-db-0 Pod db-0 in StatefulSet db success"));
    EXPECT_TRUE(lab.hasEvent("data-db-0", "FailedBinding: no persistent volumes available for this claim and no storage class is set"));
}

/// Whatever is scaled, killed or updated: no pod appears while one before it is missing or not ready.
TEST(StatefulSet, NeverMakesAPodOutOfOrder)
{
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        ClusterLab lab(3, seed);
        lab.apply("statefulsets.apps", database(3));
        std::set<std::string> known;
        const auto check = [&] {
            std::set<std::string> present;
            for (const auto& pod : lab.pods()) {
                present.insert(pod->metadata.uid);
                if (known.count(pod->metadata.uid) != 0)
                    continue;
                for (std::int64_t before = 0; before < std::stoll(pod->metadata.name.substr(3)); ++before) {
                    const auto earlier = lab.get<Pod>("db-" + std::to_string(before));
                    EXPECT_TRUE(earlier && isReady(*earlier)) << pod->metadata.name << " came before db-" << before << ", seed " << seed;
                }
            }
            known = std::move(present);
        };
        for (int step = 0; step < 25; ++step) {
            const auto choice = lab.random().below(3);
            if (choice == 0)
                lab.patch("statefulsets.apps", "db", {{"spec", {{"replicas", lab.random().below(6)}}}});
            else if (choice == 1 && !lab.pods().empty())
                lab.remove("pods", lab.podNames()[lab.random().below(lab.pods().size())]);
            else
                lab.patch("statefulsets.apps", "db", newImage("nginx:1." + std::to_string(lab.random().below(3))));
            lab.run(lab.random().uniform(Duration{50ms}, Duration{2s}), check);
        }
        lab.patch("statefulsets.apps", "db", {{"spec", {{"replicas", 4}}}});
        lab.run(60s, check);
        EXPECT_EQ(lab.get<StatefulSet>("db")->status.readyReplicas, 4) << "seed " << seed;
        EXPECT_EQ(lab.get<StatefulSet>("db")->status.updatedReplicas, 4) << "seed " << seed;
    }
}

} // namespace
} // namespace sim::kube
