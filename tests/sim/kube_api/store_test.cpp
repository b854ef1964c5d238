#include "sim/engine/random.h"
#include "sim/kube/api/store.h"

#include <gtest/gtest.h>

#include <regex>

using namespace sim;
using namespace sim::kube;
using namespace std::chrono_literals;

namespace {

const Instant kNow{1'800'000'000s};

Pod podNamed(const std::string& name, const std::string& ns = "shop")
{
    Pod pod;
    pod.metadata.name = name;
    pod.metadata.namespace_ = ns;
    Container c;
    c.name = "c";
    c.image = "nginx:1.27";
    pod.spec.containers.push_back(c);
    pod.spec.terminationGracePeriodSeconds = 30;
    return pod;
}

struct StoreTest : testing::Test {
    Store store;
    RandomStream random{7, "kube/api"};

    std::shared_ptr<const Pod> add(Pod pod) { return store.create(std::move(pod), kNow, random).object; }
    std::shared_ptr<const Pod> pod(const std::string& name) { return store.get<Pod>({"shop", name}); }
};

} // namespace

TEST_F(StoreTest, CreateFillsTheMetadata)
{
    Pod wanted = podNamed("");
    wanted.metadata.generateName = "web-789c49ddb7-";
    const auto made = store.create(wanted, kNow + 300ms, random).object;
    ASSERT_TRUE(made);
    EXPECT_TRUE(std::regex_match(made->metadata.name, std::regex("web-789c49ddb7-[bcdfghjklmnpqrstvwxz2456789]{5}")));
    EXPECT_TRUE(std::regex_match(made->metadata.uid,
                                 std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")));
    EXPECT_EQ(made->metadata.resourceVersion, "2");
    EXPECT_EQ(made->metadata.generation, 1);
    EXPECT_EQ(made->metadata.creationTimestamp->at, kNow); // whole seconds

    ConfigMap map;
    map.metadata.name = "cm";
    map.metadata.namespace_ = "shop";
    EXPECT_EQ(store.create(map, kNow, random).object->metadata.generation, 0);
}

TEST_F(StoreTest, RefusesWithTheServersWords)
{
    Deployment d;
    d.metadata.name = "web";
    d.metadata.namespace_ = "shop";
    EXPECT_EQ(store.update(d, kNow).error.message, "deployments.apps \"web\" not found");
    const auto first = store.create(d, kNow, random).object;
    EXPECT_EQ(store.create(d, kNow, random).error.message, "deployments.apps \"web\" already exists");
    EXPECT_EQ(store.create(d, kNow, random).error.code, 409);

    Deployment stale = *first;
    stale.metadata.resourceVersion = "1";
    const auto conflict = store.update(stale, kNow);
    EXPECT_EQ(conflict.error.reason, "Conflict");
    EXPECT_EQ(conflict.error.message,
              "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply "
              "your changes to the latest version and try again");
    EXPECT_EQ(store.remove<Pod>({"shop", "x"}, kNow).error.message, "pods \"x\" not found");
}

TEST_F(StoreTest, GenerationFollowsTheSpecOnly)
{
    Deployment d;
    d.metadata.name = "web";
    d.metadata.namespace_ = "shop";
    d.spec.replicas = 1;
    d = *store.create(d, kNow, random).object;
    d.status.replicas = 1;
    d = *store.update(d, kNow).object;
    EXPECT_EQ(d.metadata.generation, 1);
    d.spec.replicas = 2;
    d = *store.update(d, kNow).object;
    EXPECT_EQ(d.metadata.generation, 2);

    Pod p = *add(podNamed("a"));
    p.spec.nodeName = "node-1"; // binding does not count
    p = *store.update(p, kNow).object;
    EXPECT_EQ(p.metadata.generation, 1);
    p.spec.containers[0].image = "nginx:1.28";
    EXPECT_EQ(store.update(p, kNow).object->metadata.generation, 2);
}

TEST_F(StoreTest, AnUpdateThatChangesNothingIsSilent)
{
    const auto made = add(podNamed("a"));
    const std::uint64_t version = store.resourceVersion();
    Pod same = *made;
    same.metadata.resourceVersion.clear();
    EXPECT_EQ(store.update(same, kNow + 1s).object, made);
    EXPECT_EQ(store.resourceVersion(), version);
    EXPECT_EQ(store.changesAfter(version)->size(), 0u);
}

TEST_F(StoreTest, PodsAreDeletedGracefully)
{
    add(podNamed("pending"));
    EXPECT_TRUE(store.remove<Pod>({"shop", "pending"}, kNow));
    EXPECT_FALSE(pod("pending")); // not scheduled: at once

    Pod bound = podNamed("bound");
    bound.spec.nodeName = "node-1";
    add(bound);
    store.remove<Pod>({"shop", "bound"}, kNow);
    ASSERT_TRUE(pod("bound"));
    EXPECT_EQ(pod("bound")->metadata.deletionTimestamp->at, kNow + 30s);
    EXPECT_EQ(pod("bound")->metadata.deletionGracePeriodSeconds, 30);
    EXPECT_EQ(pod("bound")->metadata.generation, 2);

    // Longer or default grace changes nothing; a shorter one moves the end.
    const std::uint64_t version = store.resourceVersion();
    store.remove<Pod>({"shop", "bound"}, kNow + 5s);
    store.remove<Pod>({"shop", "bound"}, kNow + 5s, 60);
    EXPECT_EQ(store.resourceVersion(), version);
    store.remove<Pod>({"shop", "bound"}, kNow + 5s, 10);
    EXPECT_EQ(pod("bound")->metadata.deletionTimestamp->at, kNow + 10s);
    store.remove<Pod>({"shop", "bound"}, kNow + 6s, 0);
    EXPECT_FALSE(pod("bound"));
}

TEST_F(StoreTest, FinishedPodsGoAtOnce)
{
    Pod done = podNamed("done");
    done.spec.nodeName = "node-1";
    done.status.phase = "Succeeded";
    add(done);
    store.remove<Pod>({"shop", "done"}, kNow);
    EXPECT_FALSE(pod("done"));
}

TEST_F(StoreTest, FinalizersHoldAnObject)
{
    ConfigMap map;
    map.metadata.name = "cm";
    map.metadata.namespace_ = "shop";
    map.metadata.finalizers = {"example.com/hold"};
    store.create(map, kNow, random);
    store.remove<ConfigMap>({"shop", "cm"}, kNow + 1s);
    ConfigMap held = *store.get<ConfigMap>({"shop", "cm"});
    EXPECT_EQ(held.metadata.deletionTimestamp->at, kNow + 1s);
    EXPECT_EQ(held.metadata.deletionGracePeriodSeconds, 0);
    held.metadata.deletionTimestamp.reset(); // cannot be taken back
    held.data["a"] = "b";
    held = *store.update(held, kNow + 2s).object;
    EXPECT_TRUE(held.metadata.deletionTimestamp);
    held.metadata.finalizers.clear();
    store.update(held, kNow + 3s);
    EXPECT_FALSE((store.get<ConfigMap>({"shop", "cm"})));
    EXPECT_EQ(store.changesAfter(0)->back()->type, WatchEvent::Type::Deleted);
}

TEST_F(StoreTest, APodWithAFinalizerStillWaitsForItsGrace)
{
    Pod p = podNamed("a");
    p.spec.nodeName = "node-1";
    p.metadata.finalizers = {"batch.kubernetes.io/job-tracking"};
    add(p);
    store.remove<Pod>({"shop", "a"}, kNow);
    Pod held = *pod("a");
    held.metadata.finalizers.clear();
    store.update(held, kNow); // the kubelet has not ended it yet
    ASSERT_TRUE(pod("a"));
    store.remove<Pod>({"shop", "a"}, kNow + 2s, 0);
    EXPECT_FALSE(pod("a"));
}

TEST_F(StoreTest, NamespacesTerminateUntilTheyAreFinalized)
{
    Namespace ns;
    ns.metadata.name = "shop";
    ns.spec.finalizers = {"kubernetes"};
    ns.status.phase = "Active";
    store.create(ns, kNow, random);
    store.remove<Namespace>({"", "shop"}, kNow);
    Namespace held = *store.get<Namespace>({"", "shop"});
    EXPECT_EQ(held.status.phase, "Terminating");
    held.spec.finalizers.clear();
    store.update(held, kNow);
    EXPECT_FALSE((store.get<Namespace>({"", "shop"})));
}

TEST_F(StoreTest, WatchersSeeEachChangeOnce)
{
    const Pod made = *add(podNamed("a"));
    const std::uint64_t version = store.resourceVersion();
    Pod changed = made;
    changed.metadata.labels["x"] = "y";
    store.update(changed, kNow);
    store.remove<Pod>({"shop", "a"}, kNow);
    const auto changes = store.changesAfter(version);
    ASSERT_TRUE(changes);
    ASSERT_EQ(changes->size(), 3u); // a pod that goes at once is first marked as deleted
    const WatchEvent& modified = *(*changes)[0];
    EXPECT_EQ(modified.type, WatchEvent::Type::Modified);
    EXPECT_EQ(modified.kind, kindIdOf<Pod>);
    EXPECT_TRUE(modified.before<Pod>()->metadata.labels.empty());
    EXPECT_EQ(modified.as<Pod>().metadata.labels.at("x"), "y");
    EXPECT_EQ((*changes)[1]->type, WatchEvent::Type::Modified);
    EXPECT_TRUE((*changes)[1]->as<Pod>().metadata.deletionTimestamp);
    EXPECT_EQ((*changes)[2]->type, WatchEvent::Type::Deleted);
    EXPECT_EQ((*changes)[2]->as<Pod>().metadata.resourceVersion, std::to_string(store.resourceVersion()));
}

TEST_F(StoreTest, OldChangesAreCompacted)
{
    add(podNamed("a"));
    for (std::size_t i = 0; i < Store::kHistory; ++i) {
        Pod p = *pod("a");
        p.metadata.labels["n"] = std::to_string(i);
        store.update(p, kNow);
    }
    EXPECT_FALSE(store.changesAfter(1));
    ASSERT_TRUE(store.changesAfter(2));
    EXPECT_EQ(store.changesAfter(2)->size(), Store::kHistory);
    EXPECT_EQ(store.changesAfter(store.resourceVersion() - 3)->size(), 3u);
}

TEST_F(StoreTest, IsAValue)
{
    add(podNamed("a"));
    add(podNamed("b", "other"));
    const Store before = store;
    EXPECT_TRUE(before == store);
    EXPECT_EQ(fingerprintOf(before), fingerprintOf(store));
    Pod changed = *pod("a");
    changed.spec.nodeName = "node-1";
    store.update(changed, kNow);
    EXPECT_FALSE(before == store);
    EXPECT_NE(fingerprintOf(before), fingerprintOf(store));
    EXPECT_EQ(before.get<Pod>({"shop", "a"})->spec.nodeName, "");
    EXPECT_EQ(store.inNamespace<Pod>("shop").size(), 1u);
    EXPECT_EQ(store.inNamespace<Pod>("sho").size(), 0u);
}
