#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/reasons.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

// NodeResourcesFit, NodeResourcesBalancedAllocation and ImageLocality.
namespace sim::kube {

namespace {

/// fit.go, fitsRequest. `used` none: an empty node.
bool fits(const Resources& want, const Resources& allocatable, const Resources* used, Reasons* reasons)
{
    bool all = true;
    const auto check = [&](std::int64_t wanted, std::int64_t has, std::int64_t taken, const std::string& name) {
        if (wanted <= 0 || wanted <= has - taken)
            return;
        all = false;
        if (reasons)
            reasons->push_back(fmt::format(fmt::runtime(reasons::kInsufficient), name));
    };
    static const Resources kNothing;
    const Resources& taken = used ? *used : kNothing;
    check(want.milliCpu, allocatable.milliCpu, taken.milliCpu, "cpu");
    check(want.memoryBytes, allocatable.memoryBytes, taken.memoryBytes, "memory");
    check(want.storageBytes, allocatable.storageBytes, taken.storageBytes, "ephemeral-storage");
    for (const auto& [name, amount] : want.extended)
        check(amount, allocatable.extendedOf(name), taken.extendedOf(name), name);
    return all;
}

FilterCode filterFit(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    bool room = static_cast<std::int64_t>(node.pods.size()) + 1 <= node.allowedPods;
    if (!room && reasons)
        reasons->push_back(reasons::kTooManyPods);
    if (room || reasons)
        room = fits(cycle.shape().requests, node.allocatable, &node.requested, reasons) && room;
    return room ? FilterCode::Success : FilterCode::Unschedulable;
}

std::int64_t leastRequested(std::int64_t requested, std::int64_t capacity)
{
    return requested > capacity ? 0 : (capacity - requested) * kMaxNodeScore / capacity;
}

std::int64_t mostRequested(std::int64_t requested, std::int64_t capacity)
{
    return std::min(requested, capacity) * kMaxNodeScore / capacity;
}

/// Straight lines between the points; a point's 0..10 becomes 0..100 (plugins/helper/shape_score.go).
std::int64_t shapeScore(const std::vector<ScoringStrategy::Point>& shape, std::int64_t utilization)
{
    const auto points = [](const ScoringStrategy::Point& p) { return p.score * (kMaxNodeScore / 10); };
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (utilization > shape[i].utilization)
            continue;
        if (i == 0)
            return points(shape[0]);
        return points(shape[i - 1])
            + (points(shape[i]) - points(shape[i - 1])) * (utilization - shape[i - 1].utilization)
            / (shape[i].utilization - shape[i - 1].utilization);
    }
    return shape.empty() ? 0 : points(shape.back());
}

std::int64_t ratioScore(const ScoringStrategy& strategy, std::int64_t requested, std::int64_t capacity)
{
    const std::int64_t full = 100;
    return shapeScore(strategy.shape, requested > capacity ? full : requested * full / capacity);
}

std::int64_t scoreFit(const Cycle& cycle, const NodeInfo& node)
{
    const ScoringStrategy& strategy = cycle.profile.fit;
    std::int64_t sum = 0;
    std::int64_t weights = 0;
    for (const auto& [name, weight] : strategy.resources) {
        const std::int64_t capacity = node.allocatable.of(name);
        const std::int64_t wanted = cycle.shape().nonZero.of(name);
        const bool extended = name != "cpu" && name != "memory";
        if (capacity == 0 || (extended && wanted == 0))
            continue; // an extended resource that the pod does not want says nothing
        const std::int64_t requested = node.nonZero.of(name) + wanted;
        std::int64_t score = 0;
        switch (strategy.type) {
        case ScoringStrategy::Type::LeastAllocated: score = leastRequested(requested, capacity); break;
        case ScoringStrategy::Type::MostAllocated: score = mostRequested(requested, capacity); break;
        case ScoringStrategy::Type::RequestedToCapacityRatio: score = ratioScore(strategy, requested, capacity); break;
        }
        if (strategy.type == ScoringStrategy::Type::RequestedToCapacityRatio && score <= 0)
            continue;
        sum += score * weight;
        weights += weight;
    }
    if (weights == 0)
        return 0;
    // requested_to_capacity_ratio.go rounds, the other two cut off.
    return strategy.type == ScoringStrategy::Type::RequestedToCapacityRatio
        ? std::llround(static_cast<double>(sum) / static_cast<double>(weights))
        : sum / weights;
}

/// 1 - half the distance between the cpu and memory fractions, from real requests (not the defaults).
std::int64_t scoreBalanced(const Cycle& cycle, const NodeInfo& node)
{
    const auto fraction = [](std::int64_t requested, std::int64_t capacity) {
        return std::min(static_cast<double>(requested) / static_cast<double>(capacity), 1.0);
    };
    const Resources& want = cycle.shape().requests;
    double deviation = 0;
    if (node.allocatable.milliCpu > 0 && node.allocatable.memoryBytes > 0)
        deviation = std::abs((fraction(node.requested.milliCpu + want.milliCpu, node.allocatable.milliCpu)
                              - fraction(node.requested.memoryBytes + want.memoryBytes, node.allocatable.memoryBytes))
                             / 2);
    return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kMaxNodeScore));
}

// framework/plugins/imagelocality/image_locality.go
constexpr std::int64_t kMegabyte = 1024 * 1024;
constexpr std::int64_t kSmallestImages = 23 * kMegabyte;
constexpr std::int64_t kLargestImage = 1000 * kMegabyte;

std::int64_t scoreImages(const Cycle& cycle, const NodeInfo& node)
{
    if (node.images.empty())
        return 0;
    std::int64_t sum = 0;
    for (const std::string& name : cycle.shape().images) {
        const auto it = node.images.find(name);
        if (it == node.images.end())
            continue;
        const double spread = static_cast<double>(cycle.cache.nodesWithImage(name))
            / static_cast<double>(cycle.cache.nodeCount());
        sum += static_cast<std::int64_t>(static_cast<double>(it->second) * spread);
    }
    const std::int64_t most = kLargestImage * static_cast<std::int64_t>(cycle.shape().images.size());
    return kMaxNodeScore * (std::clamp(sum, kSmallestImages, most) - kSmallestImages) / (most - kSmallestImages);
}

/// A node is news when the pod would fit were it empty; a freed taint is always (measured: golden case 66).
bool fitMayHelp(const WatchEvent& event, std::uint32_t bits, const PodInfo& pod)
{
    if ((bits & (cluster_event::kPodGone | cluster_event::kNodeTaints)) != 0)
        return true;
    const Node& now = event.as<Node>();
    const Resources has = Resources::ofList(now.status.allocatable);
    const Resources& want = pod.shape->requests;
    if (!fits(want, has, nullptr, nullptr))
        return false;
    const Node* before = event.before<Node>();
    if (!before)
        return true;
    const Resources had = Resources::ofList(before->status.allocatable);
    const auto pods = [](const Node& node) {
        const auto it = node.status.allocatable.find("pods");
        return it == node.status.allocatable.end() ? 0 : it->second.value();
    };
    return (want.milliCpu > 0 && has.milliCpu > had.milliCpu) || (want.memoryBytes > 0 && has.memoryBytes > had.memoryBytes)
        || (want.storageBytes > 0 && has.storageBytes > had.storageBytes) || pods(now) > pods(*before)
        || std::any_of(want.extended.begin(), want.extended.end(),
                       [&](const auto& entry) { return has.extendedOf(entry.first) > had.extendedOf(entry.first); });
}

} // namespace

Plugin nodeResourcesFitPlugin()
{
    Plugin p{"NodeResourcesFit", 1};
    p.nodeLocal = true;
    p.filter = filterFit;
    p.score = scoreFit;
    p.events = cluster_event::kPodGone | cluster_event::kNodeAdded | cluster_event::kNodeAllocatable | cluster_event::kNodeTaints;
    p.hint = fitMayHelp;
    return p;
}

Plugin balancedAllocationPlugin()
{
    Plugin p{"NodeResourcesBalancedAllocation", 1};
    p.nodeLocal = true;
    // Best-effort pods cannot unbalance a node.
    p.preScore = [](Cycle& c, const std::vector<int>&) {
        return c.shape().requests.milliCpu != 0 || c.shape().requests.memoryBytes != 0;
    };
    p.score = scoreBalanced;
    return p;
}

Plugin imageLocalityPlugin()
{
    Plugin p{"ImageLocality", 1};
    p.nodeLocal = true;
    p.score = scoreImages;
    return p;
}

} // namespace sim::kube
