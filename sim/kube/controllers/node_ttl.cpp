#include "sim/kube/controllers/node_ttl.h"

#include <array>
#include <limits>
#include <string>

namespace sim::kube {

namespace {

struct Boundary {
    std::int64_t fewest, most; ///< nodes
    const char* seconds;
};
// ttl_controller.go: ttlBoundaries. The ranges overlap, so that a cluster at the edge does not flap.
constexpr std::array<Boundary, 5> kBoundaries{{{0, 100, "0"},
                                               {90, 500, "15"},
                                               {450, 1000, "30"},
                                               {900, 2000, "60"},
                                               {1800, std::numeric_limits<std::int64_t>::max(), "300"}}};

} // namespace

void NodeTtlController::follow()
{
    while (nodes > kBoundaries[step].most)
        ++step;
    while (nodes < kBoundaries[step].fewest)
        --step;
}

void NodeTtlController::relist(const Store& store)
{
    nodes = static_cast<std::int64_t>(store.all<Node>().size());
    follow();
    for (const auto& [key, node] : store.all<Node>())
        queue.add(key);
}

void NodeTtlController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    if (event.kind != kindIdOf<Node>)
        return;
    if (event.type != WatchEvent::Type::Modified) {
        nodes = static_cast<std::int64_t>(store.all<Node>().size());
        follow();
    }
    const auto& annotations = event.as<Node>().metadata.annotations;
    const auto present = annotations.find(kTtlAnnotation);
    if (event.type != WatchEvent::Type::Deleted && (present == annotations.end() || present->second != kBoundaries[step].seconds))
        queue.add(event.key);
}

void NodeTtlController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    const char* wanted = kBoundaries[step].seconds;
    patchObject<Node>(context.client, key, [wanted](Node& node) { node.metadata.annotations[kTtlAnnotation] = wanted; });
}

} // namespace sim::kube
