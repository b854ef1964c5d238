#include "core/progress/axes.h"

#include <algorithm>
#include <array>

namespace core::progress {

namespace {

/// In directions()' order: platform, compute, scheduling, performance, reliability.
struct AreaRow {
    const char* id;
    const char* en;
    const char* zh;
    std::array<double, 5> weights;
};

constexpr std::array<AreaRow, 15> kAreas = {{
    {"kubernetes", "Kubernetes", "Kubernetes", {0.5, 0, 0.2, 0, 0.3}},
    {"linux", "Linux", "Linux", {0.2, 0, 0, 0.4, 0.4}},
    {"container", "Containers", "容器", {0.7, 0, 0, 0, 0.3}},
    {"delivery", "Delivery", "持续交付", {0.6, 0, 0, 0, 0.4}},
    {"observability", "Observability", "可观测性", {0, 0, 0, 0.3, 0.7}},
    {"programming", "Programming", "编程", {0, 0, 0, 0.7, 0.3}},
    {"gpu", "GPUs", "GPU", {0, 0.6, 0, 0.2, 0.2}},
    {"training-and-inference", "Training and inference", "训练与推理", {0, 0.5, 0.2, 0.3, 0}},
    {"kvcache", "KV cache", "KV 缓存", {0, 0.4, 0.2, 0.4, 0}},
    {"retrieval", "Retrieval", "检索", {0, 0.5, 0, 0.5, 0}},
    {"kubernetes-extension", "Extending Kubernetes", "Kubernetes 扩展", {0.5, 0, 0.5, 0, 0}},
    {"virtualisation", "Virtualisation", "虚拟化", {0.6, 0.4, 0, 0, 0}},
    {"high-performance-network", "High-performance network", "高性能网络", {0, 0.5, 0, 0.5, 0}},
    {"distributed-storage", "Distributed storage", "分布式存储", {0, 0.4, 0, 0, 0.6}},
    {"finops", "Cost", "成本优化", {0.4, 0, 0.4, 0, 0.2}},
}};

} // namespace

const std::vector<Axis>& directions()
{
    static const std::vector<Axis> kDirections = {
        {"cloud-native-platform", {"Cloud-native platform", "云原生平台"}},
        {"ai-compute-infrastructure", {"AI compute infrastructure", "AI 算力基础设施"}},
        {"distributed-scheduling", {"Distributed scheduling", "分布式调度"}},
        {"performance-engineering", {"Performance engineering", "性能工程"}},
        {"reliability-engineering", {"Reliability engineering", "可靠性工程"}},
    };
    return kDirections;
}

const std::vector<Axis>& areas()
{
    static const std::vector<Axis> kAxes = [] {
        std::vector<Axis> axes;
        for (const AreaRow& row : kAreas)
            axes.push_back({row.id, {row.en, row.zh}});
        return axes;
    }();
    return kAxes;
}

std::string_view areaOf(std::string_view incidentArea)
{
    return incidentArea == "serving" ? "training-and-inference" : incidentArea;
}

std::map<std::string, double> directionWeights(std::string_view incidentArea)
{
    std::map<std::string, double> weights;
    const auto row = std::find_if(kAreas.begin(), kAreas.end(),
                                  [area = areaOf(incidentArea)](const AreaRow& r) { return r.id == area; });
    if (row == kAreas.end())
        return weights;
    for (std::size_t i = 0; i < row->weights.size(); ++i) {
        if (row->weights[i] > 0)
            weights[directions()[i].id] = row->weights[i];
    }
    return weights;
}

} // namespace core::progress
