#include "sim/kube/controllers/replica_calculator.h"

#include <gtest/gtest.h>

namespace sim::kube {
namespace {

constexpr Instant kNow{1'800'000'000s};

std::shared_ptr<const Pod> pod(int number, bool ready = true, Duration age = 600s)
{
    auto made = std::make_shared<Pod>();
    made->metadata.name = "web-" + std::to_string(number);
    Container c;
    c.name = "c";
    c.resources.requests["cpu"] = Quantity{"100m"};
    made->spec.containers.push_back(c);
    made->status.phase = "Running";
    made->status.startTime = Time{kNow - age};
    Condition condition;
    condition.type = std::string("Ready");
    condition.status = std::string(ready ? "True" : "False");
    condition.lastTransitionTime = Time{kNow - age};
    made->status.conditions.push_back(condition);
    return made;
}

/// Pods with samples first, then pods without.
MeasuredPods measured(int with, std::int64_t milliCpu, int without = 0)
{
    MeasuredPods pods;
    pods.now = kNow;
    for (int i = 0; i < with + without; ++i) {
        pods.pods.push_back(pod(i));
        if (i < with)
            pods.metrics[pods.pods.back()->metadata.name] = {kNow, 15s, {{"c", milliCpu, 64 << 20}}};
    }
    return pods;
}

struct Row {
    int with;
    std::int64_t milliCpu;
    int without;
    std::int64_t target;
    std::int64_t replicas;
};

class Utilization : public testing::TestWithParam<Row> { };

TEST_P(Utilization, AsksFor)
{
    const Row& row = GetParam();
    const ReplicaProposal proposal =
        replicasForUtilization(measured(row.with, row.milliCpu, row.without), row.with + row.without, "cpu", {}, row.target);
    EXPECT_EQ(proposal.error, "");
    EXPECT_EQ(proposal.replicas, row.replicas);
}

INSTANTIATE_TEST_SUITE_P(Rows, Utilization, testing::Values(
    Row{2, 200, 0, 50, 8},   // 200 % of the request
    Row{2, 54, 0, 50, 2},    // within 10 %
    Row{2, 56, 0, 50, 3},
    Row{6, 10, 0, 50, 2},
    Row{2, 10, 0, 50, 1},
    Row{2, 100, 2, 50, 4},   // without a sample: 0 on the way up, which leaves it at the target
    Row{2, 300, 2, 50, 12},
    Row{4, 10, 2, 50, 5},    // without a sample: all of the request on the way down
    Row{1, 10, 3, 50, 4}));  // that turns the direction: nothing is done

TEST(ReplicaCalculator, PodsThatStartDoNotCountAsLoaded)
{
    MeasuredPods pods = measured(2, 200);
    pods.pods.push_back(pod(2, false, 20s));
    pods.metrics["web-2"] = {kNow, 15s, {{"c", 900, 0}}};
    EXPECT_EQ(replicasForUtilization(pods, 3, "cpu", {}, 50).replicas, 8);
    EXPECT_EQ(replicasForUtilization(pods, 3, "cpu", {}, 50).utilization, 200);
}

TEST(ReplicaCalculator, SaysWhatIsMissing)
{
    EXPECT_EQ(replicasForUtilization(MeasuredPods{}, 1, "cpu", {}, 50).error, "no pods returned by selector while calculating replica count");
    MeasuredPods pods = measured(1, 50);
    auto bare = std::make_shared<Pod>(*pods.pods.front());
    bare->spec.containers.front().resources.requests.clear();
    pods.pods = {bare};
    EXPECT_EQ(replicasForUtilization(pods, 1, "cpu", {}, 50).error, "missing request for cpu in container c of Pod web-0");
    pods = measured(1, 50);
    pods.pods = {pod(0, false, 20s)};
    EXPECT_EQ(replicasForUtilization(pods, 1, "cpu", {}, 50).error, "did not receive metrics for targeted pods (pods might be unready)");
}

TEST(ReplicaCalculator, AverageValues)
{
    EXPECT_EQ(replicasForAverageValue(measured(3, 200), 3, "cpu", {}, 100).replicas, 6);
    EXPECT_EQ(replicasForAverageValue(measured(3, 105), 3, "cpu", {}, 100).replicas, 3);
    EXPECT_EQ(replicasForAverageValue(measured(4, 0), 4, "memory", {}, std::int64_t{32 << 20} * 1000).replicas, 8);
}

} // namespace
} // namespace sim::kube
