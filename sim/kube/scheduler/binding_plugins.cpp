#include "sim/kube/client/client.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/framework.h"
#include "sim/kube/scheduler/pod_condition.h"
#include "sim/kube/scheduler/reasons.h"

// The first plugin and the last: SchedulingGates and DefaultBinder.
namespace sim::kube {

namespace {

bool bindPod(const Binding& binding)
{
    // Its status may have changed while the binding waited.
    const auto stored = binding.client.store.get<Pod>(keyOf(binding.cycle.object().metadata));
    if (!stored)
        return false;
    Pod bound = *stored;
    bound.spec.nodeName = binding.node;
    setScheduledCondition(bound, true, {}, {}, binding.client.now());
    return static_cast<bool>(binding.client.store.update(std::move(bound), binding.client.now()));
}

} // namespace

Plugin schedulingGatesPlugin()
{
    Plugin p{"SchedulingGates"};
    p.preEnqueue = [](const Pod& pod) { return pod.spec.schedulingGates.empty(); };
    return p;
}

Plugin defaultBinderPlugin()
{
    Plugin p{"DefaultBinder"};
    p.bind = bindPod;
    return p;
}

} // namespace sim::kube
