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

std::optional<std::string> flagOf(const std::vector<std::string>& command, const std::string& name)
{
    for (const std::string& word : command)
        if (word.size() > name.size() && word.compare(0, name.size(), name) == 0 && word[name.size()] == '=')
            return word.substr(name.size() + 1);
    return std::nullopt;
}

} // namespace sim::kube
