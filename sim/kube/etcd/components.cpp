#include "sim/kube/etcd/components.h"

namespace sim::kube {

const container::Container* componentContainer(const Context& context, HostId machine, std::string_view component)
{
    for (const auto& [id, one] : context.runtimes.containers())
        if (one.host == machine && !one.sandbox && one.name == component && one.podNamespace == kComponentNamespace
            && one.state == container::Container::State::Running)
            return &one;
    return nullptr;
}

} // namespace sim::kube
