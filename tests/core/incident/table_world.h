#pragma once

#include "core/incident/world_probe.h"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace core::incident {

/// A world that is what its tables say. What is not in them is not there.
class TableWorld final : public WorldProbe {
public:
    sim::Instant time{};
    ServiceLevel level{1, 100, 0.1};
    bool alert = false;
    std::vector<PodState> podTable;
    std::map<std::pair<std::string, std::string>, DeploymentState> deployments;         ///< namespace, name
    std::vector<std::string> allNodes;
    std::set<std::string> cordoned;
    std::map<std::tuple<std::string, std::string, std::string>, std::string> secrets;   ///< namespace, name, key
    std::set<std::tuple<std::string, std::string, std::string>> objects;                ///< resource, namespace, name
    std::set<std::pair<std::string, std::string>> admitted;                             ///< namespace, image
    std::set<std::string> machinesUp;
    std::set<std::pair<std::string, std::string>> interfacesUp;
    std::map<std::string, GpuMachineState> gpuMachines;
    bool cooled = true;
    std::map<std::string, TrainingState> jobs; ///< by "NAMESPACE/NAME"
    std::map<std::pair<std::string, std::string>, ModelState> servedModels; ///< by namespace and Deployment
    std::map<std::string, ModelClientState> modelClients;
    std::map<std::pair<std::string, std::string>, std::string> routerPolicies;
    EtcdState etcdState;
    std::optional<CephState> cephState;
    std::optional<RoceState> roceState;
    std::set<std::string> readyNodes;
    std::map<std::pair<std::string, std::string>, double> diskFree;                     ///< machine, path: percent
    std::map<std::string, std::int64_t> memoryLeft;                                     ///< machine: bytes
    std::map<std::string, double> growth;                                               ///< machine: bytes a second
    std::map<std::string, std::vector<ProgramState>> running;                           ///< machine/program
    std::map<std::string, double> active;                                               ///< machine: tasks for a processor
    std::map<std::string, std::vector<DockerContainerState>> containers;                ///< machine
    std::set<std::pair<std::string, std::string>> units;                                ///< machine, unit
    std::map<std::pair<std::string, std::string>, std::string> addresses;               ///< machine, name
    std::map<std::string, std::string> podNames;                                        ///< "namespace/pod name" -> address
    std::map<std::string, std::string> files;                                           ///< machine and path -> text
    std::set<std::tuple<std::string, std::string, std::int64_t>> open;                  ///< machine, host, port
    std::map<std::pair<std::string, std::string>, int> statuses;                        ///< machine, URL
    std::map<std::string, int> manifests;                                               ///< for who may read everything
    std::map<std::tuple<std::string, std::string, std::string>, int> manifestsFor;      ///< reference, user, password

    sim::Instant now() const override { return time; }
    ServiceLevel serviceLevel() const override { return level; }
    bool alertFiring() const override { return alert; }
    std::vector<PodState> pods(const std::string& nameSpace) const override
    {
        std::vector<PodState> found;
        for (const PodState& pod : podTable)
            if (pod.nameSpace == nameSpace)
                found.push_back(pod);
        return found;
    }
    std::optional<DeploymentState> deployment(const std::string& nameSpace, const std::string& name) const override
    {
        return find(deployments, {nameSpace, name});
    }
    std::vector<std::string> nodes(bool schedulableOnly) const override
    {
        std::vector<std::string> names;
        for (const std::string& node : allNodes)
            if (!schedulableOnly || cordoned.count(node) == 0)
                names.push_back(node);
        return names;
    }
    std::optional<std::string> secretValue(const std::string& nameSpace, const std::string& name,
                                           const std::string& key) const override
    {
        return find(secrets, {nameSpace, name, key});
    }
    bool objectExists(const std::string& resource, const std::string& nameSpace, const std::string& name) const override
    {
        return objects.count({resource, nameSpace, name}) != 0;
    }
    bool podAdmitted(const std::string& nameSpace, const std::string& image) const override
    {
        return admitted.count({nameSpace, image}) != 0;
    }
    EtcdState etcd() const override { return etcdState; }
    std::optional<GpuMachineState> gpus(const std::string& machine) const override { return find(gpuMachines, machine); }
    std::optional<CephState> ceph() const override { return cephState; }
    std::optional<RoceState> roce() const override { return roceState; }
    bool coolingRuns() const override { return cooled; }
    bool interfaceUp(const std::string& machine, const std::string& interface) const override { return interfacesUp.count({machine, interface}) != 0; }
    std::optional<TrainingState> training(const std::string& job) const override { return find(jobs, job); }
    std::optional<ModelState> models(const std::string& nameSpace, const std::string& deployment) const override { return find(servedModels, {nameSpace, deployment}); }
    std::optional<ModelClientState> modelClient(const std::string& name) const override { return find(modelClients, name); }
    std::string routerPolicy(const std::string& nameSpace, const std::string& deployment) const override { return find(routerPolicies, {nameSpace, deployment}).value_or(""); }
    bool machineUp(const std::string& machine) const override { return machinesUp.count(machine) != 0; }
    bool nodeReady(const std::string& node) const override { return readyNodes.count(node) != 0; }
    double diskFreePercent(const std::string& machine, const std::string& path) const override
    {
        return find(diskFree, {machine, path}).value_or(0);
    }
    std::int64_t memoryLeftBytes(const std::string& machine) const override { return find(memoryLeft, machine).value_or(0); }
    std::vector<DockerContainerState> dockerContainers(const std::string& machine) const override { return find(containers, machine).value_or(std::vector<DockerContainerState>{}); }
    bool bootsByItself(const std::string& machine, const std::string& unit) const override
    {
        return unitActive(machine, unit);
    }
    bool unitActive(const std::string& machine, const std::string& unit) const override
    {
        return units.count({machine, unit}) != 0;
    }
    std::vector<ProgramState> programs(const std::string& machine, const std::string& program) const override
    {
        const auto found = running.find(machine + "/" + program);
        return found == running.end() ? std::vector<ProgramState>{} : found->second;
    }
    sim::Duration unitActiveFor(const std::string& machine, const std::string& unit) const override
    {
        return unitActive(machine, unit) ? std::chrono::hours(1) : sim::Duration{};
    }
    double memoryGrowth(const std::string& machine) const override { return growth.count(machine) > 0 ? growth.at(machine) : 0; }
    double activePerCpu(const std::string& machine) const override { return active.count(machine) > 0 ? active.at(machine) : 0; }
    std::string resolve(const std::string& machine, const std::string& name) const override
    {
        return find(addresses, {machine, name}).value_or("");
    }
    std::string resolveInPod(const std::string& nameSpace, const std::string& pod, const std::string& name) const override
    {
        const auto found = podNames.find(nameSpace + "/" + pod + " " + name);
        return found == podNames.end() ? std::string() : found->second;
    }
    std::string fileText(const std::string& machine, const std::string& path) const override
    {
        const auto found = files.find(machine + path);
        return found == files.end() ? std::string() : found->second;
    }
    bool reaches(const std::string& machine, const std::string& host, std::int64_t port) const override
    {
        return open.count({machine, host, port}) != 0;
    }
    int httpStatus(const std::string& machine, const std::string& url) const override
    {
        return find(statuses, {machine, url}).value_or(0);
    }
    int manifestStatus(const std::string& reference, const std::optional<Account>& account) const override
    {
        return account ? find(manifestsFor, {reference, account->user, account->password}).value_or(401)
                       : find(manifests, reference).value_or(0);
    }

private:
    template <class Key, class Value>
    static std::optional<Value> find(const std::map<Key, Value>& table, const Key& key)
    {
        const auto it = table.find(key);
        return it == table.end() ? std::nullopt : std::optional(it->second);
    }
};

} // namespace core::incident
