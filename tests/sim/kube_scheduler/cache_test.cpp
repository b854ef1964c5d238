#include "tests/sim/kube_scheduler/scheduler_lab.h"

#include <algorithm>

using namespace sim;
using namespace sim::kube;

namespace {

std::shared_ptr<const Node> node(const std::string& name, const std::string& zone = {})
{
    return std::make_shared<const Node>(zone.empty() ? makeNode(name) : inZone(makeNode(name), zone));
}

std::shared_ptr<const Pod> pod(const Pod& p) { return std::make_shared<const Pod>(p); }

std::vector<std::string> orderOf(const SchedulerCache& cache)
{
    std::vector<std::string> names;
    for (const int slot : cache.order())
        names.push_back(cache.at(slot).node->metadata.name);
    return names;
}

} // namespace

TEST(SchedulerCacheTest, ZonesTakeTurnsInOrderOfArrival)
{
    SchedulerCache cache;
    for (const auto& [name, zone] : {std::pair{"z1", "b"}, {"z2", "b"}, {"z3", "b"}, {"y1", "a"}, {"x1", "c"}, {"x2", "c"}})
        cache.setNode(node(name, zone));
    EXPECT_EQ(orderOf(cache), (std::vector<std::string>{"z1", "y1", "x1", "z2", "x2", "z3"}));
    cache.removeNode("z1");
    EXPECT_EQ(orderOf(cache), (std::vector<std::string>{"z2", "y1", "x1", "z3", "x2"}));
}

TEST(SchedulerCacheTest, PodsOfOneTemplateShareAShape)
{
    SchedulerCache cache;
    const PodId a = cache.setPod(pod(labelled(makePod("a"), "web")));
    const PodId b = cache.setPod(pod(labelled(makePod("b"), "web")));
    const PodId c = cache.setPod(pod(labelled(makePod("c", "200m"), "web")));
    EXPECT_EQ(cache.podAt(a).shape, cache.podAt(b).shape);
    EXPECT_NE(cache.podAt(a).shape, cache.podAt(c).shape);
}

TEST(SchedulerCacheTest, PodsOfAMissingNodeAreCountedWhenItComes)
{
    SchedulerCache cache;
    cache.setPod(pod(onNode(makePod("a"), "late")));
    cache.setNode(node("late"));
    EXPECT_EQ(cache.find("late")->requested.milliCpu, 100);
    cache.removeNode("late");
    cache.setNode(node("late"));
    EXPECT_EQ(cache.find("late")->requested.milliCpu, 100);
    cache.removePod(cache.find(ObjectKey{"shop", "a"}));
    EXPECT_EQ(cache.find("late")->requested.milliCpu, 0);
}

TEST(SchedulerCacheTest, AFinishedPodTakesNothing)
{
    SchedulerCache cache;
    cache.setNode(node("n"));
    Pod p = onNode(makePod("a"), "n");
    cache.setPod(pod(p));
    p.status.phase = kPodSucceeded;
    cache.setPod(pod(p));
    EXPECT_EQ(cache.find("n")->requested.milliCpu, 0);
    EXPECT_TRUE(cache.find("n")->pods.empty());
}

TEST(PodCountsTest, TalliesFollowPodsAndNodes)
{
    SchedulerCache cache;
    cache.setNode(node("a1", "a"));
    cache.setNode(node("a2", "a"));
    cache.setNode(node("b1", "b"));
    cache.setPod(pod(onNode(labelled(makePod("p"), "web"), "a1")));
    PodCounts& counts = cache.counts();
    const auto domain = [&](const std::string& name) {
        const int tally = counts.tally(counts.selected("shop", appIs("web")), counts.key(kLabelZone), 0);
        return counts.inDomainOf(counts.tallyAt(tally), cache.find(name)->slot);
    };
    EXPECT_EQ(domain("a2"), 1);
    cache.setPod(pod(onNode(labelled(makePod("q"), "web"), "a2")));
    cache.setPod(pod(onNode(labelled(makePod("other"), "db"), "b1")));
    EXPECT_EQ(domain("a1"), 2);
    EXPECT_EQ(domain("b1"), 0);
    cache.setNode(node("a2", "b"));
    EXPECT_EQ(domain("b1"), 1);
    Pod dying = onNode(labelled(makePod("p"), "web"), "a1");
    dying.metadata.deletionTimestamp = Time{};
    cache.setPod(pod(dying));
    EXPECT_EQ(domain("a1"), 0); // spreading does not count pods that are going
}
