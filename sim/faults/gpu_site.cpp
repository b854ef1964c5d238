#include "sim/faults/gpu_site.h"

#include "sim/faults/requests.h"
#include "sim/kube/operators/custom_kinds.h"

#include <algorithm>

namespace sim::faults {

namespace {

/// The workers of the jobs that run.
std::vector<const training::Member*> members(const Context& context)
{
    std::vector<const training::Member*> all;
    for (const auto& [key, job] : context.training.all())
        if (job.run)
            for (const training::Member& member : job.run->members)
                all.push_back(&member);
    return all;
}

/// Machines that jobs train on; all with GPUs when none does yet.
std::vector<HostId> trainingMachines(const Context& context)
{
    std::vector<HostId> machines;
    for (const training::Member* member : members(context))
        machines.push_back(member->worker.host);
    if (machines.empty())
        for (const gpu::Node& node : context.parts.gpus.nodes())
            machines.push_back(node.host);
    return machines;
}

/// A taint tells the scheduler to take another node if there is one.
bool isAvoided(const Context& context, const std::string& name)
{
    const auto node = context.cluster.store().get<kube::Node>({"", name});
    return node != nullptr && std::ranges::any_of(node->spec.taints, [](const kube::Taint& taint) { return taint.effect == "PreferNoSchedule"; });
}

} // namespace

std::optional<GpuPlace> trainingGpu(Context& context, const nlohmann::json& parameters)
{
    std::vector<HostId> machines = trainingMachines(context);
    if (const host::Machine* asked = context.parts.hosts.find(parameters.value("machine", std::string{})))
        machines = {asked->id};
    RandomStream& random = context.parts.engine.random("faults/gpu");
    if (machines.empty())
        return std::nullopt;
    GpuPlace place;
    const HostId host = machines[random.below(machines.size())];
    place.node = context.parts.gpus.nodeOf(host);
    if (place.node == nullptr || place.node->gpus.empty())
        return std::nullopt;
    place.machine = context.parts.hosts.at(host).name;
    place.slot = static_cast<std::int64_t>(random.below(place.node->gpus.size()));
    if (const auto asked = parameters.find("gpu"); asked != parameters.end() && asked->is_number_integer())
        place.slot = std::clamp<std::int64_t>(asked->get<std::int64_t>(), 0, static_cast<std::int64_t>(place.node->gpus.size()) - 1);
    place.gpu = &context.parts.gpus.at(place.node->gpus[static_cast<std::size_t>(place.slot)]);
    return place;
}

nlohmann::json described(const Context& context, const GpuPlace& place, const std::string& cause, const std::string& variant)
{
    nlohmann::json told{{"cause", cause}, {"variant", variant}, {"machine", place.machine}, {"gpu", std::to_string(place.slot)}, {"bus", place.gpu->xidBus()},
                        {"pci", place.gpu->pciAddress().substr(std::string_view("0000:").size())}, {"serial", place.gpu->card.serial}};
    const std::vector<HostId> training = trainingMachines(context);
    for (const gpu::Node& node : context.parts.gpus.nodes()) {
        const std::string& name = context.parts.hosts.at(node.host).name;
        const bool trains = std::ranges::find(training, node.host) != training.end();
        if (node.host != place.node->host && (trains || !isAvoided(context, name)))
            told.emplace(trains ? "other" : "spare", name);
    }
    for (const training::Member* member : members(context))
        if (member->worker.host == place.node->host)
            told["worker"] = member->worker.pod;
    return told;
}

std::optional<net::rdma::DeviceId> railOf(const Context& context, const GpuPlace& place)
{
    const auto devices = context.rdma.devicesOf(place.node->host);
    return devices.empty() ? std::nullopt : std::optional(devices[static_cast<std::size_t>(place.slot) % devices.size()]);
}

bool replaceTraining(Context& context, const std::function<void(nlohmann::json& podTemplate, const std::string& replicaType)>& change)
{
    const kube::CustomObjectPtr job = kube::findCustom(context.cluster.store(), kube::kPyTorchJobs, kTrainingNamespace, kTrainingJob);
    if (!job)
        return false;
    nlohmann::json spec = kube::contentOf(*job).at("spec");
    for (auto& [type, replica] : spec.at("pytorchReplicaSpecs").items())
        change(replica.at("template"), type);
    remove(context, "pytorchjobs.kubeflow.org", kTrainingNamespace, kTrainingJob);
    create(context, {{"apiVersion", "kubeflow.org/v1"}, {"kind", "PyTorchJob"}, {"metadata", {{"name", kTrainingJob}, {"namespace", kTrainingNamespace}}}, {"spec", spec}});
    return true;
}

void deleteTrainingPod(Context& context, const std::string& name) { remove(context, "pods", kTrainingNamespace, name); }

void restartTrainer(Context& context, HostId host)
{
    container::Context runtime = context.parts.runtimeContext();
    for (const training::Member* member : members(context))
        if (member->worker.host == host)
            context.parts.runtimes.exit(runtime, member->worker.container, 1);
}

std::vector<std::string> trainingMachineNames(const Context& context)
{
    std::vector<std::string> names;
    for (const training::Member* member : members(context))
        names.push_back(context.parts.hosts.at(member->worker.host).name);
    return names;
}

void endAnnouncedWork(Context& context, const std::function<void(const host::Machine&)>& end, nlohmann::json also)
{
    also["metadata"]["annotations"][kMaintenanceNote] = nullptr;
    for (const auto& [key, node] : context.cluster.store().all<kube::Node>()) {
        if (!node->metadata.annotations.contains(kMaintenanceNote))
            continue;
        patch(context, "nodes", "", key.name, also);
        if (const host::Machine* machine = context.parts.hosts.find(key.name))
            end(*machine);
    }
}

} // namespace sim::faults
