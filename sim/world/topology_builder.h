#pragma once

#include "sim/host/standard_machine.h"
#include "sim/world/world.h"

#include <nlohmann/json.hpp>

namespace sim {

/// Turns a topology document (content/topologies/*.json) into a running world.
class TopologyBuilder {
public:
    /// What kubectl prints when no API server answers at the cluster's address.
    static constexpr const char* kApiRefused
        = "The connection to the server api.lab:6443 was refused - did you specify the right host or port?";

    /// Never throws: a document that does not fit is an Error naming the place.
    static Result<World> build(const nlohmann::json& topology, std::uint64_t seed);

private:
    explicit TopologyBuilder(World& world, const nlohmann::json& topology) : m_world(world), m_topology(topology) { }

    void addSwitches();
    void addMachines();
    void addMachine(const nlohmann::json& machine);
    /// The catalogue ("programs") and what of it is on which machine ("installed").
    bool addPrograms(); ///< false: there is no such program or version
    void addGpus(HostId host, const nlohmann::json& gpus);
    void addCooling();
    /// Where a plugin is part of the site, a node has no GPUs to give away until it runs there.
    void expectDevicePlugins();
    /// What does not fit in the section "ceph"; empty: nothing.
    static std::string cephProblem(const nlohmann::json& topology);
    /// Daemons of the storage cluster, and what its tools need, on a machine that has a part in it (topology_ceph.cpp).
    void addCephUnits(host::StandardMachine& machine) const;
    void addCeph();
    std::string addComputeFabric(const nlohmann::json& fabric); ///< empty, or what does not fit
    bool addRegistry(); ///< false: its machine does not exist
    void addImages();
    /// Docker on the machines that have it, and what "docker" says of them. Empty, or what does not fit.
    std::string addDockers();
    void startCluster();
    void addLoad();
    void addCheckpoints();
    /// Throws std::out_of_range.
    HostId hostNamed(const std::string& name) const;
    void addPodRoutes();
    /// Nodes without machines, to make a cluster large ("fakeNodes").
    void addFakeNodes();
    std::string applyManifests();

    World& m_world;
    const nlohmann::json& m_topology;
    std::map<std::string, SwitchId> m_switches;
    std::map<std::string, std::shared_ptr<const container::Image>> m_images; ///< by full reference
};

container::HealthCheck healthCheckOf(const nlohmann::json& from);

} // namespace sim
