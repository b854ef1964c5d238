#pragma once

#include "core/incident/world_probe.h"

namespace sim {
class World;
}

namespace core::incident {

/// The simulated world as predicates see it. Keeps a reference: make one where it is used.
class SimWorldProbe final : public WorldProbe {
public:
    explicit SimWorldProbe(const sim::World& world) : m_world(world) { }

    sim::Instant now() const override;
    ServiceLevel serviceLevel() const override;
    bool alertFiring() const override;
    std::vector<PodState> pods(const std::string& nameSpace) const override;
    std::optional<DeploymentState> deployment(const std::string& nameSpace, const std::string& name) const override;
    std::vector<std::string> nodes(bool schedulableOnly) const override;
    std::optional<std::string> secretValue(const std::string& nameSpace, const std::string& name,
                                           const std::string& key) const override;
    bool objectExists(const std::string& resource, const std::string& nameSpace, const std::string& name) const override;
    bool podAdmitted(const std::string& nameSpace, const std::string& image) const override;
    EtcdState etcd() const override;
    std::optional<CephState> ceph() const override;
    std::optional<RoceState> roce() const override;
    std::optional<GpuMachineState> gpus(const std::string& machine) const override;
    bool coolingRuns() const override;
    bool interfaceUp(const std::string& machine, const std::string& interface) const override;
    std::optional<ModelState> models(const std::string& nameSpace, const std::string& deployment) const override;
    std::optional<ModelClientState> modelClient(const std::string& name) const override;
    std::string routerPolicy(const std::string& nameSpace, const std::string& deployment) const override;
    std::optional<TrainingState> training(const std::string& job) const override;
    bool machineUp(const std::string& machine) const override;
    bool nodeReady(const std::string& node) const override;
    double diskFreePercent(const std::string& machine, const std::string& path) const override;
    std::int64_t memoryLeftBytes(const std::string& machine) const override;
    double memoryGrowth(const std::string& machine) const override;
    double activePerCpu(const std::string& machine) const override;
    std::vector<DockerContainerState> dockerContainers(const std::string& machine) const override;
    bool bootsByItself(const std::string& machine, const std::string& unit) const override;
    bool unitActive(const std::string& machine, const std::string& unit) const override;
    sim::Duration unitActiveFor(const std::string& machine, const std::string& unit) const override;
    std::vector<ProgramState> programs(const std::string& machine, const std::string& program) const override;
    std::string resolve(const std::string& machine, const std::string& name) const override;
    std::string resolveInPod(const std::string& nameSpace, const std::string& pod, const std::string& name) const override;
    std::string fileText(const std::string& machine, const std::string& path) const override;
    bool reaches(const std::string& machine, const std::string& host, std::int64_t port) const override;
    int httpStatus(const std::string& machine, const std::string& url) const override;
    int manifestStatus(const std::string& reference, const std::optional<Account>& account) const override;

private:
    const sim::World& m_world;
};

} // namespace core::incident
