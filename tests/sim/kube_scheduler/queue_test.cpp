#include "tests/sim/kube_scheduler/scheduler_lab.h"

using namespace sim;
using namespace sim::kube;

namespace {

struct QueueTest : testing::Test {
    SchedulerCache cache;
    SchedulingQueue queue;
    Instant now{1'000s};

    PodId put(const std::string& name, std::int64_t priority = 0)
    {
        Pod pod = makePod(name);
        pod.metadata.uid = "uid-" + name;
        pod.spec.priority = priority;
        const PodId id = cache.setPod(std::make_shared<const Pod>(pod));
        queue.add(id, pod, false, now);
        return id;
    }
    WatchEvent nodeEvent(const std::string& cpu)
    {
        WatchEvent event;
        event.kind = kindIdOf<Node>;
        event.key.name = "node";
        event.object = std::make_shared<const Node>(makeNode("node", cpu));
        return event;
    }
    void tell(const WatchEvent& event) { queue.move(event, classify(event), defaultPlugins(), cache, now); }
    /// An attempt that fails at once, then a node that would fit.
    void failOnce(PodId id)
    {
        ASSERT_EQ(queue.pop(), id);
        queue.reject(id, {"NodeResourcesFit"}, now);
        tell(nodeEvent("4"));
    }
    SchedulingQueue::Place placeOf(PodId id) const { return queue.find(id)->place; }
};

using Place = SchedulingQueue::Place;

} // namespace

TEST_F(QueueTest, PriorityThenArrival)
{
    const PodId first = put("first");
    const PodId second = put("second");
    const PodId urgent = put("urgent", 10);
    EXPECT_EQ(queue.pop(), urgent);
    EXPECT_EQ(queue.pop(), first);
    EXPECT_EQ(queue.pop(), second);
    EXPECT_FALSE(queue.pop());
}

TEST_F(QueueTest, BackoffDoublesToTenSecondsInWholeSeconds)
{
    const PodId id = put("p");
    for (const int seconds : {1, 2, 4, 8, 10, 10}) {
        now = std::chrono::ceil<std::chrono::seconds>(now) + 300ms;
        failOnce(id);
        EXPECT_EQ(placeOf(id), Place::Backoff);
        EXPECT_EQ(queue.find(id)->backoffEnd, std::chrono::floor<std::chrono::seconds>(now) + std::chrono::seconds(seconds));
        now += 20s;
    }
}

TEST_F(QueueTest, WithoutActivePodsBackoffIsCutShort)
{
    const PodId early = put("early");
    failOnce(early);
    const PodId other = put("other");
    EXPECT_EQ(queue.pop(), other);
    EXPECT_EQ(queue.pop(), early);
}

TEST_F(QueueTest, OnlyEventsThatMayHelpMoveAPod)
{
    const PodId id = put("p");
    ASSERT_EQ(queue.pop(), id);
    queue.reject(id, {"NodeResourcesFit"}, now);
    tell(nodeEvent("10m")); // too small ever to hold it
    EXPECT_EQ(placeOf(id), Place::Unschedulable);
    WatchEvent heartbeat = nodeEvent("4");
    heartbeat.type = WatchEvent::Type::Modified;
    heartbeat.previous = heartbeat.object;
    tell(heartbeat);
    EXPECT_EQ(placeOf(id), Place::Unschedulable);
    now += 30s;
    tell(nodeEvent("4"));
    EXPECT_EQ(placeOf(id), Place::Active);
}

TEST_F(QueueTest, AnotherPluginsEventDoesNotMoveIt)
{
    const PodId id = put("p");
    ASSERT_EQ(queue.pop(), id);
    queue.reject(id, {"VolumeBinding"}, now);
    now += 30s;
    WatchEvent gone;
    gone.kind = kindIdOf<Pod>;
    gone.type = WatchEvent::Type::Deleted;
    gone.object = std::make_shared<const Pod>(onNode(makePod("x"), "node"));
    tell(gone);
    EXPECT_EQ(placeOf(id), Place::Unschedulable);
}

TEST_F(QueueTest, FiveMinutesAreEnough)
{
    const PodId id = put("p");
    ASSERT_EQ(queue.pop(), id);
    queue.reject(id, {"NodeResourcesFit"}, now);
    EXPECT_EQ(queue.nextFlush(), Instant{1'320s}); // looked for every 30 s
    queue.flush(Instant{1'319s});
    EXPECT_EQ(placeOf(id), Place::Unschedulable);
    now = Instant{1'320s};
    queue.flush(now);
    EXPECT_EQ(placeOf(id), Place::Active);
}

TEST_F(QueueTest, ErrorsAreNeverTriedEarly)
{
    const PodId id = put("p");
    ASSERT_EQ(queue.pop(), id);
    queue.fail(id, now);
    EXPECT_FALSE(queue.pop());
    queue.flush(now + 2s);
    EXPECT_EQ(queue.pop(), id);
}

TEST_F(QueueTest, APreemptorWaitsUntilItsVictimsAreToldToGo)
{
    const PodId id = put("p");
    ASSERT_EQ(queue.pop(), id);
    queue.reject(id, {"NodeResourcesFit"}, now);
    queue.setBlocked(id, true);
    now += 30s;
    tell(nodeEvent("4"));
    EXPECT_EQ(placeOf(id), Place::Unschedulable);
    queue.setBlocked(id, false);
    tell(nodeEvent("4"));
    EXPECT_EQ(placeOf(id), Place::Active);
}
