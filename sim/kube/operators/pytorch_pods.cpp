#include "sim/kube/operators/pytorch_pods.h"

#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

// pkg/controller.v1/pytorch/{envvar,master,elastic,initcontainer}.go, common/{pod,service}.go of training-operator v1.8.1.
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr const char* kDefaultInitImage = "alpine:3.10"; // pkg/config/config.go
constexpr const char* kVolcano = "volcano";
constexpr const char* kGroupAnnotation = "scheduling.k8s.io/group-name";
constexpr const char* kTaskAnnotation = "volcano.sh/task-spec";

void set(Container& container, const std::string& name, std::string value)
{
    EnvVar variable;
    variable.name = name;
    variable.value = std::move(value);
    container.env.push_back(std::move(variable));
}

std::int64_t portOf(const ReplicaSpec* replica)
{
    if (replica != nullptr)
        for (const Container& container : replica->template_.spec.containers)
            if (container.name == kPyTorchContainer)
                for (const ContainerPort& port : container.ports)
                    if (port.name == kPyTorchPortName)
                        return port.containerPort;
    return kPyTorchPort;
}

std::int64_t processesPerNode(const PyTorchJob& job)
{
    std::int64_t count = 1;
    if (job.nprocPerNode)
        std::from_chars(job.nprocPerNode->data(), job.nprocPerNode->data() + job.nprocPerNode->size(), count);
    return std::max<std::int64_t>(count, 1);
}

void addMaster(const PyTorchJob& job, const ReplicaSpec& replica, std::int64_t index, Container& container)
{
    const std::string port = std::to_string(portOf(job.replica("Master")));
    const std::string address = replicaName(job, "Master", 0);
    set(container, "MASTER_PORT", port);
    set(container, "PET_MASTER_PORT", port);
    set(container, "MASTER_ADDR", address);
    set(container, "PET_MASTER_ADDR", address);
    const std::string rank = std::to_string(index + (replica.type == "Worker" ? 1 : 0));
    set(container, "WORLD_SIZE", std::to_string(job.totalReplicas() * processesPerNode(job)));
    set(container, "RANK", rank);
    set(container, "PET_NODE_RANK", rank);
}

void addElastic(const PyTorchJob& job, Container& container)
{
    const json& policy = *job.elasticPolicy;
    const std::string host = textAt(policy, "rdzvHost");
    const std::int64_t port = numberAt(policy, "rdzvPort").value_or(portOf(job.replica("Worker")));
    const std::string backend = textAt(policy, "rdzvBackend");
    set(container, "PET_RDZV_ENDPOINT", fmt::format("{}:{}", host.empty() ? job.name() + "-worker-0" : host, port));
    set(container, "PET_RDZV_BACKEND", backend.empty() ? "c10d" : backend);
    set(container, "PET_NNODES", fmt::format("{}:{}", numberAt(policy, "minReplicas").value_or(0), numberAt(policy, "maxReplicas").value_or(0)));
    if (const auto restarts = numberAt(policy, "maxRestarts"))
        set(container, "PET_MAX_RESTARTS", std::to_string(*restarts));
    if (const auto processes = numberAt(policy, "nProcPerNode"))
        set(container, "PET_NPROC_PER_NODE", std::to_string(*processes));
    if (const std::string id = textAt(policy, "rdzvId"); !id.empty())
        set(container, "PET_RDZV_ID", id);
    if (const auto conf = policy.find("rdzvConf"); conf != policy.end() && conf->is_array() && !conf->empty()) {
        std::string text;
        for (const json& one : *conf)
            text += fmt::format("{}{}={}", text.empty() ? "" : ",", textAt(one, "key"), textAt(one, "value"));
        set(container, "PET_RDZV_CONF", text);
    }
    if (policy.value("standalone", json(false)) == json(true))
        set(container, "PET_STANDALONE", "");
}

/// Waits until the master's Service has a name, that is until its pod has an address.
Container waitForMaster(const PyTorchJob& job, const PyTorchPodOptions& options)
{
    Container init;
    init.name = "init-pytorch";
    init.image = options.initImage;
    init.imagePullPolicy = "IfNotPresent";
    init.resources.limits = {{"cpu", {"100m"}}, {"memory", {"20Mi"}}};
    init.resources.requests = {{"cpu", {"50m"}}, {"memory", {"10Mi"}}};
    init.command = {"sh", "-c",
                    fmt::format("err=1;for i in $(seq {}); do if nslookup {}; then err=0 && break; fi;echo waiting for master; sleep 2; done; "
                                "exit $err", options.initTries, replicaName(job, "Master", 0))};
    return init;
}

} // namespace

PyTorchPodOptions PyTorchPodOptions::of(const std::map<std::string, std::string>& flags)
{
    PyTorchPodOptions options;
    const auto image = flags.find("pytorch-init-container-image");
    options.initImage = image == flags.end() ? kDefaultInitImage : image->second;
    if (const auto tries = flags.find("pytorch-init-container-max-tries"); tries != flags.end())
        std::from_chars(tries->second.data(), tries->second.data() + tries->second.size(), options.initTries);
    const auto gang = flags.find("gang-scheduler-name");
    options.gang = gang != flags.end() && lowered(gang->second) == kVolcano;
    return options;
}

std::string replicaName(const PyTorchJob& job, const std::string& type, std::int64_t index)
{
    return fmt::format("{}-{}-{}", job.name(), lowered(type), index);
}

StringMap jobLabels(const PyTorchJob& job)
{
    return {{kTrainingJobName, job.name()}, {kTrainingOperatorName, kPyTorchController}};
}

StringMap replicaLabels(const PyTorchJob& job, const std::string& type)
{
    StringMap labels = jobLabels(job);
    labels[kTrainingReplicaType] = lowered(type);
    return labels;
}

std::string selectorText(const StringMap& labels)
{
    std::string text;
    for (const auto& [key, value] : labels)
        text += (text.empty() ? "" : ",") + key + "=" + value;
    return text;
}

Pod podOf(const PyTorchJob& job, const ReplicaSpec& replica, std::int64_t index, const PyTorchPodOptions& options)
{
    Pod pod;
    pod.metadata.name = replicaName(job, replica.type, index);
    pod.metadata.namespace_ = job.namespace_();
    pod.metadata.annotations = replica.template_.metadata.annotations;
    pod.metadata.finalizers = replica.template_.metadata.finalizers;
    StringMap labels = replica.template_.metadata.labels;
    for (const auto& [key, value] : replicaLabels(job, replica.type))
        labels[key] = value;
    labels[kTrainingReplicaIndex] = std::to_string(index);
    const bool withMaster = job.replica("Master") != nullptr;
    if (withMaster ? replica.type == "Master" : index == 0)
        labels[kTrainingJobRole] = "master";
    pod.metadata.labels = std::move(labels);
    pod.metadata.ownerReferences.edit().push_back(ownedBy(*job.object));
    pod.spec = replica.template_.spec;
    for (Container& container : pod.spec.containers) {
        set(container, "PYTHONUNBUFFERED", "1");
        if (withMaster)
            addMaster(job, replica, index, container);
        if (job.nprocPerNode)
            set(container, "PET_NPROC_PER_NODE", *job.nprocPerNode);
        if (job.elasticPolicy)
            addElastic(job, container);
        else
            set(container, "PET_NNODES", std::to_string(job.totalReplicas()));
    }
    if (withMaster && replica.type == "Worker" && !options.initImage.empty())
        pod.spec.initContainers.push_back(waitForMaster(job, options));
    pod.spec.restartPolicy = replica.restartPolicy == "ExitCode" ? "Never" : replica.restartPolicy;
    if (options.gang) {
        if (pod.spec.schedulerName.empty())
            pod.spec.schedulerName = kVolcano;
        pod.metadata.annotations[kGroupAnnotation] = job.name();
        pod.metadata.annotations[kTaskAnnotation] = lowered(replica.type);
    }
    return pod;
}

Service serviceOf(const PyTorchJob& job, const ReplicaSpec& replica, std::int64_t index)
{
    Service service;
    service.metadata.name = replicaName(job, replica.type, index);
    service.metadata.namespace_ = job.namespace_();
    StringMap labels = replicaLabels(job, replica.type);
    labels[kTrainingReplicaIndex] = std::to_string(index);
    service.metadata.labels = labels;
    service.metadata.ownerReferences.edit().push_back(ownedBy(*job.object));
    service.spec.clusterIP = "None";
    service.spec.selector = std::move(labels);
    std::map<std::string, std::int64_t> ports;
    for (const Container& container : replica.template_.spec.containers)
        if (container.name == kPyTorchContainer)
            for (const ContainerPort& port : container.ports)
                ports[port.name] = port.containerPort;
    for (const auto& [name, number] : ports) {
        ServicePort port;
        port.name = name;
        port.port = number;
        service.spec.ports.push_back(std::move(port));
    }
    return service;
}

} // namespace sim::kube
