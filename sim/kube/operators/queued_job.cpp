#include "sim/kube/operators/queued_job.h"

#include "sim/engine/letters.h"
#include "sim/kube/api/json.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/operators/pytorch_job.h"

#include <fmt/format.h>

#include <algorithm>

// pkg/controller/jobs/{job,kubeflow} of kueue (ff69552e).
namespace sim::kube {

namespace {

using nlohmann::json;

constexpr std::string_view kBatchPrefix = "job/";
constexpr const char* kMainPodSet = "main";
constexpr const char* kReplicas = "pytorchReplicaSpecs";

std::string labelledQueue(const ObjectMeta& metadata)
{
    const auto label = metadata.labels.find(kQueueNameLabel);
    return label == metadata.labels.end() ? std::string() : label->second;
}

bool isBatch(const ObjectKey& key) { return key.name.starts_with(kBatchPrefix); }
ObjectKey batchKey(const ObjectKey& key) { return {key.namespace_, key.name.substr(kBatchPrefix.size())}; }

QueuedJob ofPyTorch(const CustomObjectPtr& object)
{
    const PyTorchJob read = readPyTorchJob(object);
    const json content = contentOf(*object);
    QueuedJob job;
    job.reference = referenceToCustom(*object);
    job.group = object->group;
    job.reporter = "kubeflow.org/pytorchjob-kueue-controller";
    job.queue = labelledQueue(object->metadata);
    job.suspended = read.suspended;
    if (read.status.finished())
        for (const char* type : {"Succeeded", "Failed"})
            if (read.status.isTrue(type))
                job.end = QueuedJob::End{std::string_view(type) == "Succeeded", findCondition(read.status.conditions, type)->message};
    job.priorityClass = read.priorityClass;
    job.podSets = json::array();
    for (const ReplicaSpec& replica : read.replicas)
        for (const auto& [type, value] : partAt(partAt(content, "spec"), kReplicas).items())
            if (lowered(type) == lowered(replica.type))
                job.podSets.push_back({{"name", lowered(type)}, {"count", replica.replicas}, {"template", partAt(value, "template")}});
    return job;
}

QueuedJob ofBatch(const Job& object)
{
    QueuedJob job;
    job.reference = referenceTo(object);
    job.group = "batch";
    job.reporter = "batch/job-kueue-controller";
    job.queue = labelledQueue(object.metadata);
    job.suspended = object.spec.suspend.value_or(false);
    for (const char* type : {"Complete", "Failed"})
        if (const Condition* end = findCondition(object.status.conditions, type); end != nullptr && end->status.value == kTrue)
            job.end = QueuedJob::End{std::string_view(type) == "Complete", end->message};
    job.priorityClass = object.spec.template_.spec.priorityClassName;
    const std::int64_t parallel = object.spec.parallelism.value_or(1);
    json podTemplate = toJson(object)["spec"]["template"];
    // Labels that the Job's controller made are its own.
    if (podTemplate.contains("metadata") && podTemplate["metadata"].contains("labels"))
        for (const char* own : {"controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"})
            podTemplate["metadata"]["labels"].erase(own);
    job.podSets = json::array({json{{"name", kMainPodSet}, {"count", std::min(parallel, object.spec.completions.value_or(parallel))},
                                    {"template", std::move(podTemplate)}}});
    return job;
}

} // namespace

std::string QueuedJob::workloadName() const
{
    Fingerprint hash;
    for (const std::string* part : {&reference.kind, &group, &reference.name, &reference.uid})
        hash.add(*part);
    return fmt::format("{}-{}-{:05x}", lowered(reference.kind), reference.name, hash.value() & 0xfffff);
}

ObjectKey queuedJobKey(const CustomObject& pytorchJob) { return keyOf(pytorchJob); }
ObjectKey queuedJobKey(const Job& job) { return {job.metadata.namespace_, std::string(kBatchPrefix) + job.metadata.name}; }

std::optional<ObjectKey> queuedOwnerKey(const ObjectMeta& metadata)
{
    if (const OwnerReference* owner = controllerOfKind(metadata, kPyTorchJobs))
        return customKey(kPyTorchJobs, metadata.namespace_, owner->name);
    const OwnerReference* owner = controllerOf(metadata);
    if (owner != nullptr && owner->kind == "Job" && owner->apiVersion == "batch/v1")
        return ObjectKey{metadata.namespace_, std::string(kBatchPrefix) + owner->name};
    return std::nullopt;
}

std::optional<QueuedJob> findQueuedJob(const Store& store, const ObjectKey& key)
{
    if (isBatch(key)) {
        const auto job = store.get<Job>(batchKey(key));
        return job && !job->metadata.deletionTimestamp ? std::optional(ofBatch(*job)) : std::nullopt;
    }
    const CustomObjectPtr job = store.get<CustomObject>(key);
    return job && !job->metadata.deletionTimestamp ? std::optional(ofPyTorch(job)) : std::nullopt;
}

void setSuspended(const Client& client, const ObjectKey& key, bool suspended, const std::map<std::string, StringMap>& selectors)
{
    if (isBatch(key)) {
        const auto stored = client.store.get<Job>(batchKey(key));
        if (!stored)
            return;
        Job job = *stored;
        job.spec.suspend = suspended;
        if (const auto labels = selectors.find(kMainPodSet); labels != selectors.end())
            for (const auto& [name, value] : labels->second)
                job.spec.template_.spec.nodeSelector[name] = value;
        client.store.update(std::move(job), client.now());
        return;
    }
    const CustomObjectPtr stored = client.store.get<CustomObject>(key);
    if (!stored)
        return;
    json spec = contentOf(*stored).value("spec", json::object());
    spec["runPolicy"]["suspend"] = suspended;
    for (auto& [type, replica] : spec[kReplicas].items())
        if (const auto labels = selectors.find(lowered(type)); labels != selectors.end())
            for (const auto& [name, value] : labels->second)
                replica["template"]["spec"]["nodeSelector"][name] = value;
    writeCustomPart(client, key, "spec", spec);
}

void suspendQueued(json& manifest)
{
    if (textAt(partAt(partAt(manifest, "metadata"), "labels"), kQueueNameLabel).empty() || !partAt(manifest, "spec").is_object())
        return;
    if (textAt(manifest, "kind") == "Job")
        manifest["spec"]["suspend"] = true;
    else
        manifest["spec"]["runPolicy"]["suspend"] = true;
}

} // namespace sim::kube
