#include "sim/kube/operators/pytorch_job.h"

#include "sim/engine/letters.h"
#include "sim/kube/api/json.h"
#include "sim/kube/api/time_text.h"
#include "sim/kube/client/objects.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

using nlohmann::json;

constexpr const char* kReplicaSpecs = "pytorchReplicaSpecs";
constexpr const char* kReplicaTypes[] = {"Master", "Worker"};

/// A key of any case is taken (setTypeNameToCamelCase).
const json* replicaJson(const json& spec, std::string_view type)
{
    const json& all = partAt(spec, kReplicaSpecs);
    for (const auto& [key, value] : all.items())
        if (lowered(key) == lowered(type) && value.is_object())
            return &value;
    return nullptr;
}

ReplicaSpec readReplica(const char* type, const json& value)
{
    ReplicaSpec replica;
    replica.type = type;
    replica.replicas = numberAt(value, "replicas").value_or(1);
    if (const std::string policy = textAt(value, "restartPolicy"); !policy.empty())
        replica.restartPolicy = policy;
    Pod pod = podOfTemplate(partAt(value, "template"));
    replica.template_.metadata = std::move(pod.metadata);
    replica.template_.spec = std::move(pod.spec);
    // setPyTorchDefaultPort: on the container of that name, else on the first.
    auto& containers = replica.template_.spec.containers;
    auto main = std::find_if(containers.begin(), containers.end(), [](const Container& c) { return c.name == kPyTorchContainer; });
    if (main == containers.end())
        main = containers.begin();
    if (main != containers.end()
        && std::none_of(main->ports.begin(), main->ports.end(), [](const ContainerPort& p) { return p.name == kPyTorchPortName; })) {
        ContainerPort port;
        port.name = kPyTorchPortName;
        port.containerPort = kPyTorchPort;
        main->ports.push_back(std::move(port));
    }
    return replica;
}

/// setElasticPolicy: of minimum and maximum the one follows the other, both follow the workers.
void completeElasticPolicy(json& policy, const ReplicaSpec* workers)
{
    const auto least = numberAt(policy, "minReplicas");
    const auto most = numberAt(policy, "maxReplicas");
    const std::int64_t count = workers != nullptr ? workers->replicas : 0;
    if (!least)
        policy["minReplicas"] = most.value_or(count);
    if (!most)
        policy["maxReplicas"] = least.value_or(count);
}

Condition readCondition(const json& value)
{
    Condition one;
    one.type = textAt(value, "type");
    one.status = textAt(value, "status");
    one.reason = textAt(value, "reason");
    one.message = textAt(value, "message");
    if (const auto at = timeAt(value, "lastUpdateTime"))
        one.lastUpdateTime = Time{*at};
    if (const auto at = timeAt(value, "lastTransitionTime"))
        one.lastTransitionTime = Time{*at};
    return one;
}

} // namespace

Pod podOfTemplate(const json& podTemplate)
{
    DecodeProblems ignored;
    return decode<Pod>({{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", partAt(podTemplate, "metadata")}, {"spec", partAt(podTemplate, "spec")}},
                       ignored);
}

bool TrainingStatus::isTrue(const char* condition) const
{
    const Condition* found = findCondition(conditions, condition);
    return found != nullptr && found->status.value == kTrue;
}

void TrainingStatus::set(const char* condition, bool value, const std::string& reason, const std::string& message, Instant now)
{
    if (isTrue("Failed"))
        return;
    const Condition* before = findCondition(conditions, condition);
    const char* status = value ? kTrue : kFalse;
    if (before != nullptr && before->status.value == status && before->reason == reason)
        return;
    Condition next;
    next.type = std::string(condition);
    next.status = std::string(status);
    next.reason = reason;
    next.message = message;
    next.lastUpdateTime = Time{now};
    next.lastTransitionTime = before != nullptr && before->status.value == status ? before->lastTransitionTime : Time{now};
    const std::string_view type = condition;
    std::erase_if(conditions, [&](const Condition& one) {
        return one.type.value == type || (type == "Restarting" && one.type.value == "Running") || (type == "Running" && one.type.value == "Restarting");
    });
    if (type == "Failed" || type == "Succeeded")
        if (Condition* running = findCondition(conditions, "Running"))
            running->status = std::string(kFalse);
    conditions.push_back(std::move(next));
}

json TrainingStatus::toJson() const
{
    json out = json::object();
    for (const Condition& one : conditions) {
        json c{{"type", one.type.value}, {"status", one.status.value}, {"reason", one.reason}, {"message", one.message}};
        if (one.lastUpdateTime)
            c["lastUpdateTime"] = rfc3339(one.lastUpdateTime->at);
        if (one.lastTransitionTime)
            c["lastTransitionTime"] = rfc3339(one.lastTransitionTime->at);
        out["conditions"].push_back(std::move(c));
    }
    out["replicaStatuses"] = json::object();
    for (const auto& [type, replica] : replicas) {
        json r = json::object();
        for (const auto& [name, count] : {std::pair{"active", replica.active}, {"succeeded", replica.succeeded}, {"failed", replica.failed}})
            if (count != 0)
                r[name] = count;
        if (!replica.selector.empty())
            r["selector"] = replica.selector;
        out["replicaStatuses"][type] = std::move(r);
    }
    for (const auto& [name, at] : {std::pair{"startTime", startTime}, {"completionTime", completionTime}, {"lastReconcileTime", lastReconcileTime}})
        if (at)
            out[name] = rfc3339(*at);
    return out;
}

TrainingStatus TrainingStatus::of(const json& status)
{
    TrainingStatus read;
    if (const auto all = status.find("conditions"); all != status.end() && all->is_array())
        for (const json& one : *all)
            read.conditions.push_back(readCondition(one));
    for (const auto& [type, value] : partAt(status, "replicaStatuses").items())
        read.replicas[type] = {numberAt(value, "active").value_or(0), numberAt(value, "succeeded").value_or(0),
                               numberAt(value, "failed").value_or(0), textAt(value, "selector")};
    read.startTime = timeAt(status, "startTime");
    read.completionTime = timeAt(status, "completionTime");
    read.lastReconcileTime = timeAt(status, "lastReconcileTime");
    return read;
}

const ReplicaSpec* PyTorchJob::replica(std::string_view type) const
{
    const auto found = std::find_if(replicas.begin(), replicas.end(), [&](const ReplicaSpec& one) { return one.type == type; });
    return found == replicas.end() ? nullptr : &*found;
}

std::int64_t PyTorchJob::totalReplicas() const
{
    std::int64_t sum = 0;
    for (const ReplicaSpec& one : replicas)
        sum += one.replicas;
    return sum;
}

PyTorchJob readPyTorchJob(CustomObjectPtr object)
{
    PyTorchJob job;
    job.object = std::move(object);
    const json content = contentOf(*job.object);
    const json& spec = partAt(content, "spec");
    for (const char* type : kReplicaTypes)
        if (const json* value = replicaJson(spec, type))
            job.replicas.push_back(readReplica(type, *value));
    const json& policy = partAt(spec, "runPolicy");
    if (const std::string clean = textAt(policy, "cleanPodPolicy"); !clean.empty())
        job.cleanPodPolicy = clean;
    job.ttlSecondsAfterFinished = numberAt(policy, "ttlSecondsAfterFinished");
    job.activeDeadlineSeconds = numberAt(policy, "activeDeadlineSeconds");
    job.backoffLimit = numberAt(policy, "backoffLimit");
    job.suspended = policy.value("suspend", json(false)) == json(true);
    const json& scheduling = partAt(policy, "schedulingPolicy");
    job.minAvailable = numberAt(scheduling, "minAvailable");
    job.queue = textAt(scheduling, "queue");
    job.priorityClass = textAt(scheduling, "priorityClass");
    if (const auto least = scheduling.find("minResources"); least != scheduling.end() && least->is_object())
        job.minResources = *least;
    if (const auto elastic = spec.find("elasticPolicy"); elastic != spec.end() && elastic->is_object()) {
        job.elasticPolicy = *elastic;
        completeElasticPolicy(*job.elasticPolicy, job.replica("Worker"));
    }
    if (const std::string processes = textAt(spec, "nprocPerNode"); !processes.empty())
        job.nprocPerNode = processes;
    else if (!job.elasticPolicy || !numberAt(*job.elasticPolicy, "nProcPerNode"))
        job.nprocPerNode = "auto"; // setDefaultNprocPerNode
    job.status = TrainingStatus::of(partAt(content, "status"));
    return job;
}

FieldErrors validatePyTorchJob(const json& object)
{
    FieldErrors errors;
    const std::string name = textAt(partAt(object, "metadata"), "name");
    if (!name.empty() && !(name[0] >= 'a' && name[0] <= 'z'))
        errors.invalid("metadata.name", name,
                       "should match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
                       "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
                       "'[a-z]([-a-z0-9]*[a-z0-9])?')");
    const json& spec = partAt(object, "spec");
    if (spec.contains("nprocPerNode") && numberAt(partAt(spec, "elasticPolicy"), "nProcPerNode"))
        errors.forbidden("spec.elasticPolicy.nProcPerNode", "must not be used with spec.nprocPerNode");
    if (!spec.contains(kReplicaSpecs))
        errors.required("spec.pytorchReplicaSpecs", "must be required");
    for (const auto& [type, replica] : partAt(spec, kReplicaSpecs).items()) {
        const std::string role = fmt::format("spec.pytorchReplicaSpecs[{}]", type);
        const std::string containers = role + ".template.spec.containers";
        if (type != "Master" && type != "Worker")
            errors.notSupported(role, type, {"Master", "Worker"});
        const json& podSpec = partAt(partAt(replica, "template"), "spec");
        json list = podSpec.value("containers", json::array());
        if (!list.is_array())
            list = json::array();
        if (list.empty())
            errors.required(containers, "must be specified");
        bool named = false;
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (textAt(list[i], "image").empty())
                errors.required(fmt::format("{}[{}].image", containers, i), "must be required");
            named = named || textAt(list[i], "name") == kPyTorchContainer;
        }
        if (!named)
            errors.required(containers, "must have at least one container with name pytorch");
        if (type == "Master" && numberAt(replica, "replicas") != 1)
            errors.forbidden(role + ".replicas", "must be 1");
    }
    return errors;
}

} // namespace sim::kube
