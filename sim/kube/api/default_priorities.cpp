#include "sim/kube/api/default_priorities.h"

// pkg/apis/scheduling/v1/helpers.go.
namespace sim::kube {

void createDefaultPriorities(Store& store, Instant now, RandomStream& random)
{
    struct Row {
        const char* name;
        std::int64_t value;
        const char* description;
    };
    for (const Row& row : {Row{"system-node-critical", 2000001000,
                               "Used for system critical pods that must not be moved from their current node."},
                           Row{"system-cluster-critical", 2000000000,
                               "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."}}) {
        PriorityClass priority;
        priority.metadata.name = row.name;
        priority.value = row.value;
        priority.description = row.description;
        priority.preemptionPolicy = "PreemptLowerPriority";
        store.create(std::move(priority), now, random);
    }
}

} // namespace sim::kube
