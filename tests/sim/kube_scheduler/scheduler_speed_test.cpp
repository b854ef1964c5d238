#include "tests/sim/kube_scheduler/scheduler_lab.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

// Pods per second through watch, queue, cycle, binding and event, the store's share included. Not part of a test run:
//   SCHEDULER_SPEED="5000 150000 10" sim_kube_scheduler_tests --gtest_also_run_disabled_tests --gtest_filter='*PodsPerSecond'
// Numbers: nodes, pods, templates.
using namespace sim;
using namespace sim::kube;

namespace {

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

TEST(SchedulerSpeed, DISABLED_PodsPerSecond)
{
    int nodes = 5000;
    int pods = 150'000;
    int templates = 10;
    if (const char* sizes = std::getenv("SCHEDULER_SPEED")) {
        ASSERT_EQ(std::sscanf(sizes, "%d %d %d", &nodes, &pods, &templates), 3);
    }
    SchedulerLab lab;
    for (int i = 0; i < nodes; ++i)
        lab.store.create(inZone(makeNode("node-" + std::to_string(i), "32", "128Gi"), std::string(1, static_cast<char>('a' + i % 3))),
                         lab.engine.now(), lab.random());
    std::vector<std::shared_ptr<const ReplicaSet>> owners;
    for (int i = 0; i < templates; ++i) {
        ReplicaSet rs;
        rs.metadata.name = "web-" + std::to_string(i);
        rs.metadata.namespace_ = "shop";
        rs.spec.selector = appIs(rs.metadata.name);
        owners.push_back(lab.store.create(rs, lab.engine.now(), lab.random()).object);
    }
    lab.start();
    const int step = std::max(pods / 10, 1);
    for (int done = 0; done < pods; done += step) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = done; i < done + step; ++i) {
            const auto& owner = owners[static_cast<std::size_t>(i % templates)];
            Pod pod = labelled(makePod("p-" + std::to_string(i)), owner->metadata.name);
            pod.metadata.ownerReferences.push_back(controllerReference(*owner));
            lab.store.create(std::move(pod), lab.engine.now(), lab.random());
            if (i % 1000 == 999)
                lab.settle();
        }
        const double created = secondsSince(start);
        lab.run(std::chrono::milliseconds(step * 6));
        const double all = secondsSince(start);
        std::printf("%7d pods: created %.0f/s, scheduled %.0f/s\n", done + step, step / created, step / (all - created));
    }
    int bound = 0;
    for (const auto& [key, pod] : lab.store.all<Pod>())
        bound += pod->spec.nodeName.empty() ? 0 : 1;
    EXPECT_EQ(bound, pods);
}
