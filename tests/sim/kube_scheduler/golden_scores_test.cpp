#include "tests/sim/kube_scheduler/scheduler_lab.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

// The scores that a real v1.33.13 scheduler gave, plugin by plugin and node by node.
using namespace sim;
using namespace sim::kube;

namespace {

nlohmann::json golden(const std::string& testCase, const std::string& file)
{
    std::ifstream in(std::string(GOLDEN_DIR) + "/" + testCase + "/" + file);
    return nlohmann::json::parse(in);
}

std::string boundTo(const nlohmann::json& placement, const std::string& pod)
{
    for (const auto& [node, pods] : placement.items())
        for (const auto& name : pods)
            if (name == pod)
                return node;
    return {};
}

/// Places one pod after the other, compares the scores, and moves the pod to where the real one put it.
void replay(SchedulerLab& lab, const std::string& testCase, const std::vector<Pod>& pods)
{
    const nlohmann::json scores = golden(testCase, "scores.json");
    const nlohmann::json placement = golden(testCase, "placement.json");
    std::size_t compared = 0;
    for (const Pod& pod : pods) {
        const std::string& name = pod.metadata.name;
        lab.add(pod);
        lab.run(100ms);
        const Decision* decision = lab.scheduler.lastDecision({"shop", name});
        ASSERT_TRUE(decision) << name;
        const auto expected = std::find_if(scores.begin(), scores.end(), [&](const auto& s) { return s.at("pod") == name; });
        compared += expected == scores.end() ? 0 : 1;
        std::size_t scored = 0;
        for (const Decision::Row& row : decision->rows) {
            if (row.points.empty())
                continue;
            ++scored;
            nlohmann::json mine{{"FINAL", row.total}};
            for (const Decision::Points& points : row.points)
                mine[points.plugin] = points.weighted;
            ASSERT_NE(expected, scores.end()) << name;
            EXPECT_EQ(mine, expected->at("scores").at(row.node)) << name << " on " << row.node;
        }
        EXPECT_EQ(scored, expected == scores.end() ? 0 : expected->at("scores").size()) << name;
        Pod bound = *lab.pod(name);
        bound.spec.nodeName = boundTo(placement, name);
        ASSERT_FALSE(bound.spec.nodeName.empty()) << name;
        lab.change(bound);
    }
    EXPECT_EQ(compared, scores.size());
}

Pod gpuPod(const std::string& name, const std::string& cpu, const std::string& memory, int gpus)
{
    Pod pod = makePod(name, cpu, memory);
    if (gpus > 0)
        pod.spec.containers.front().resources.requests["nvidia.com/gpu"] = amount(std::to_string(gpus));
    return pod;
}

} // namespace

TEST(GoldenScores, EqualNodes)
{
    SchedulerLab lab;
    for (int i = 1; i <= 4; ++i)
        lab.add(makeNode("node-" + std::to_string(i), "4", "8Gi"));
    lab.start();
    std::vector<Pod> pods;
    for (int i = 0; i < 12; ++i)
        pods.push_back(makePod((i < 10 ? "p-0" : "p-") + std::to_string(i), "500m", "512Mi"));
    replay(lab, "70-score-equal", pods);
}

TEST(GoldenScores, GpuNodes)
{
    SchedulerLab lab;
    const auto gpuNode = [](const std::string& name, const std::string& cpu, const std::string& memory, int gpus) {
        Node node = makeNode(name, cpu, memory);
        if (gpus > 0)
            node.status.allocatable["nvidia.com/gpu"] = amount(std::to_string(gpus));
        return node;
    };
    lab.add(gpuNode("gpu-1", "16", "64Gi", 8));
    lab.add(gpuNode("gpu-2", "16", "64Gi", 4));
    lab.add(gpuNode("cpu-1", "16", "64Gi", 0));
    lab.start();
    replay(lab, "72-score-gpu",
           {gpuPod("p-00", "1", "2Gi", 1), gpuPod("p-01", "1", "2Gi", 2), gpuPod("p-02", "1", "2Gi", 0),
            gpuPod("p-03", "2", "4Gi", 4), gpuPod("p-04", "1", "2Gi", 1), gpuPod("p-05", "500m", "1Gi", 0)});
}

TEST(GoldenScores, ServiceAndReplicaSetSpread)
{
    SchedulerLab lab;
    const std::string zones = "abcabc";
    for (std::size_t i = 0; i < zones.size(); ++i)
        lab.add(inZone(makeNode("node-" + std::to_string(i + 1)), zones.substr(i, 1)));
    Service service;
    service.metadata.name = "web";
    service.metadata.namespace_ = "shop";
    service.spec.selector = {{"app", "web"}};
    lab.add(service);
    ReplicaSet rs;
    rs.metadata.name = "web-7f4647496";
    rs.metadata.namespace_ = "shop";
    rs.spec.selector = appIs("web");
    rs.spec.selector.matchLabels["pod-template-hash"] = "7f4647496";
    const auto owner = lab.add(rs);
    lab.start();
    std::vector<Pod> pods;
    for (const auto& entry : golden("74-score-service-default-spread", "scores.json")) {
        Pod pod = labelled(makePod(entry.at("pod")), "web");
        pod.metadata.labels["pod-template-hash"] = "7f4647496";
        pod.metadata.ownerReferences.push_back(controllerReference(*owner));
        pods.push_back(pod);
    }
    replay(lab, "74-score-service-default-spread", pods);
}
