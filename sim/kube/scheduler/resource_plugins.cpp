#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/reasons.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

// NodeResourcesFit (LeastAllocated), NodeResourcesBalancedAllocation, ImageLocality.
namespace sim::kube {

namespace {

FilterCode filterFit(const Cycle& cycle, const NodeInfo& node, Reasons* reasons)
{
    const Resources& want = cycle.pod.requests;
    bool fits = true;
    const auto lacks = [&](std::string text) {
        fits = false;
        if (reasons)
            reasons->push_back(std::move(text));
    };
    const auto insufficient = [&](const std::string& name) { lacks(fmt::format(fmt::runtime(reasons::kInsufficient), name)); };
    if (static_cast<std::int64_t>(node.pods.size()) + 1 > node.allowedPods)
        lacks(reasons::kTooManyPods);
    if (want.milliCpu > 0 && want.milliCpu > node.allocatable.milliCpu - node.requested.milliCpu)
        insufficient("cpu");
    if (want.memoryBytes > 0 && want.memoryBytes > node.allocatable.memoryBytes - node.requested.memoryBytes)
        insufficient("memory");
    if (want.storageBytes > 0 && want.storageBytes > node.allocatable.storageBytes - node.requested.storageBytes)
        insufficient("ephemeral-storage");
    for (const auto& [name, amount] : want.extended)
        if (amount > 0 && amount > node.allocatable.extendedOf(name) - node.requested.extendedOf(name))
            insufficient(name);
    return fits ? FilterCode::Success : FilterCode::Unschedulable;
}

std::int64_t leastRequested(std::int64_t requested, std::int64_t capacity)
{
    if (capacity == 0 || requested > capacity)
        return 0;
    return (capacity - requested) * kMaxNodeScore / capacity;
}

std::int64_t scoreLeastAllocated(const Cycle& cycle, const NodeInfo& node)
{
    std::int64_t sum = 0;
    std::int64_t weights = 0;
    const auto add = [&](std::int64_t requested, std::int64_t capacity) {
        if (capacity == 0)
            return;
        sum += leastRequested(requested, capacity);
        weights += 1;
    };
    add(node.nonZero.milliCpu + cycle.pod.nonZero.milliCpu, node.allocatable.milliCpu);
    add(node.nonZero.memoryBytes + cycle.pod.nonZero.memoryBytes, node.allocatable.memoryBytes);
    return weights == 0 ? 0 : sum / weights;
}

/// 1 - half the distance between the cpu and memory fractions, from real requests (not the defaults).
std::int64_t scoreBalanced(const Cycle& cycle, const NodeInfo& node)
{
    const auto fraction = [](std::int64_t requested, std::int64_t capacity) {
        return std::min(static_cast<double>(requested) / static_cast<double>(capacity), 1.0);
    };
    double deviation = 0;
    if (node.allocatable.milliCpu > 0 && node.allocatable.memoryBytes > 0)
        deviation = std::abs((fraction(node.requested.milliCpu + cycle.pod.requests.milliCpu, node.allocatable.milliCpu)
                              - fraction(node.requested.memoryBytes + cycle.pod.requests.memoryBytes, node.allocatable.memoryBytes))
                             / 2);
    return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kMaxNodeScore));
}

// framework/plugins/imagelocality/image_locality.go
constexpr std::int64_t kMegabyte = 1024 * 1024;
constexpr std::int64_t kSmallestImages = 23 * kMegabyte;
constexpr std::int64_t kLargestImage = 1000 * kMegabyte;

std::string withTag(const std::string& image)
{
    const auto colon = image.rfind(':');
    const auto slash = image.rfind('/');
    const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
    return tagged ? image : image + ":latest";
}

std::int64_t scoreImages(const Cycle& cycle, const NodeInfo& node)
{
    if (node.images.empty())
        return 0;
    const PodSpec& spec = cycle.object().spec;
    std::int64_t sum = 0;
    const auto count = [&](const std::vector<Container>& containers) {
        for (const Container& c : containers) {
            const std::string name = withTag(c.image);
            const auto it = node.images.find(name);
            if (it == node.images.end())
                continue;
            const double spread = static_cast<double>(cycle.cache.nodesWithImage(name))
                / static_cast<double>(cycle.cache.nodeCount());
            sum += static_cast<std::int64_t>(static_cast<double>(it->second) * spread);
        }
    };
    count(spec.initContainers);
    count(spec.containers);
    const auto containers = static_cast<std::int64_t>(spec.initContainers.size() + spec.containers.size());
    const std::int64_t most = kLargestImage * containers;
    return kMaxNodeScore * (std::clamp(sum, kSmallestImages, most) - kSmallestImages) / (most - kSmallestImages);
}

bool fitMayHelp(const WatchEvent& event, const PodInfo& pod)
{
    if (hints::assignedPodGone(event) || hints::nodeAdded(event))
        return true;
    if (event.kind != kindIdOf<Node> || event.type != WatchEvent::Type::Modified)
        return false;
    const Node* before = event.before<Node>();
    const Node& now = event.as<Node>();
    if (!before || before->status.allocatable == now.status.allocatable)
        return false;
    const Resources had = Resources::of(before->status.allocatable);
    const Resources has = Resources::of(now.status.allocatable);
    bool more = has.milliCpu > had.milliCpu || has.memoryBytes > had.memoryBytes || has.storageBytes > had.storageBytes;
    for (const auto& [name, amount] : pod.requests.extended)
        more |= has.extendedOf(name) > had.extendedOf(name);
    return more;
}

} // namespace

Plugin nodeResourcesFitPlugin()
{
    Plugin p{"NodeResourcesFit", 1};
    p.filter = filterFit;
    p.score = scoreLeastAllocated;
    p.mayHelp = fitMayHelp;
    return p;
}

Plugin balancedAllocationPlugin()
{
    Plugin p{"NodeResourcesBalancedAllocation", 1};
    // Best-effort pods cannot unbalance a node.
    p.preScore = [](Cycle& c, const std::vector<int>&) { return c.pod.requests.milliCpu != 0 || c.pod.requests.memoryBytes != 0; };
    p.score = scoreBalanced;
    return p;
}

Plugin imageLocalityPlugin()
{
    Plugin p{"ImageLocality", 1};
    p.score = scoreImages;
    return p;
}

} // namespace sim::kube
