#include "sim/world/docker_changes.h"

namespace sim::container::docker {

namespace {

using Names = std::vector<std::string>;

bool isThrownAway(const Settings& settings)
{
    return settings.autoRemove || (settings.interactive && settings.terminal);
}

struct ChangedBy {
    const Docker& docker;
    std::string machine;

    Names container(const std::string& nameOrId) const
    {
        for (const auto& [id, one] : docker.containers)
            if (one.name == nameOrId || (!nameOrId.empty() && id.rfind(nameOrId, 0) == 0))
                return isThrownAway(one.settings) ? Names{} : Names{"container/" + machine + "/" + one.name};
        return {};
    }

    Names operator()(const CreateContainer& create) const
    {
        return isThrownAway(create.settings) ? Names{} : Names{"container/" + machine + "/" + create.name};
    }
    Names operator()(const StartContainer& one) const { return container(one.container); }
    Names operator()(const StopContainer& one) const { return container(one.container); }
    Names operator()(const KillContainer& one) const { return container(one.container); }
    Names operator()(const PauseContainer& one) const { return container(one.container); }
    Names operator()(const RemoveContainer& one) const { return container(one.container); }
    Names operator()(const RenameContainer& one) const { return container(one.container); }
    Names operator()(const UpdateContainer& one) const { return container(one.container); }
    Names operator()(const ConnectNetwork& one) const { return container(one.container); }
    Names operator()(const CopyFiles& copy) const { return copy.into ? container(copy.container) : Names{}; }
    Names operator()(const PruneContainers&) const
    {
        Names names;
        for (const auto& [id, one] : docker.containers)
            if (!one.runs() && one.state != Container::State::Restarting)
                for (std::string& name : container(id))
                    names.push_back(std::move(name));
        return names;
    }
    Names operator()(const CreateNetwork& network) const { return {"network/" + machine + "/" + network.name}; }
    Names operator()(const RemoveNetwork& network) const { return {"network/" + machine + "/" + network.network}; }
    Names operator()(const PruneNetworks&) const { return {"network/" + machine}; }
    Names operator()(const RemoveVolume& volume) const { return {"volume/" + machine + "/" + volume.volume}; }
    Names operator()(const PruneVolumes&) const { return {"volume/" + machine}; }
    Names operator()(const RemoveImage&) const { return {"image/" + machine}; }
    Names operator()(const PruneImages&) const { return {"image/" + machine}; }
    Names operator()(const PushImage&) const { return {"image/" + machine}; }
    template <class T>
    Names operator()(const T&) const { return {}; }
};

} // namespace

} // namespace sim::container::docker

namespace sim {

std::vector<std::string> changedBy(const container::docker::Docker& docker, const std::string& machine,
                                   const container::docker::Request& request)
{
    return std::visit(container::docker::ChangedBy{docker, machine}, request);
}

} // namespace sim
