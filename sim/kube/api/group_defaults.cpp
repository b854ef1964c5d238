#include "sim/kube/api/group_defaults.h"
#include "sim/engine/letters.h"

#include <algorithm>

// Sources: pkg/apis/*/v1/defaults.go and pkg/registry/*/*/strategy.go.
namespace sim::kube {

namespace {

template <class T>
void groupDefault(std::optional<T>& field, T value)
{
    if (!field)
        field = std::move(value);
}
void groupDefault(std::string& field, const char* value)
{
    if (field.empty())
        field = value;
}

HpaScalingPolicy scalingPolicy(const char* type, std::int64_t value) { return {15, std::string(type), value}; }

void defaultWebhooks(std::vector<AdmissionWebhook>& webhooks, bool mutating)
{
    for (AdmissionWebhook& webhook : webhooks) {
        groupDefault(webhook.failurePolicy, std::string("Fail"));
        groupDefault(webhook.matchPolicy, std::string("Equivalent"));
        groupDefault(webhook.namespaceSelector, LabelSelector{});
        groupDefault(webhook.objectSelector, LabelSelector{});
        groupDefault(webhook.timeoutSeconds, std::int64_t{10});
        if (mutating)
            groupDefault(webhook.reinvocationPolicy, std::string("Never"));
        if (webhook.clientConfig.service)
            groupDefault(webhook.clientConfig.service->port, std::int64_t{443});
        for (WebhookRule& rule : webhook.rules)
            groupDefault(rule.scope, std::string("*"));
    }
}

void defaultSubjects(RoleRef& role, std::vector<Subject>& subjects)
{
    constexpr const char* kGroup = "rbac.authorization.k8s.io";
    if (role.apiGroup.value.empty())
        role.apiGroup = std::string(kGroup);
    for (Subject& subject : subjects)
        if (subject.kind.value == "User" || subject.kind.value == "Group")
            groupDefault(subject.apiGroup, kGroup);
}

void addPolicyPorts(std::vector<NetworkPolicyPort>& ports)
{
    for (NetworkPolicyPort& port : ports)
        groupDefault(port.protocol, std::string("TCP"));
}

} // namespace

template <>
void setGroupDefaults(StatefulSet& set)
{
    StatefulSetSpec& spec = set.spec;
    groupDefault(spec.podManagementPolicy, "OrderedReady");
    groupDefault(spec.updateStrategy.type, "RollingUpdate");
    if (spec.updateStrategy.type == "RollingUpdate") {
        groupDefault(spec.updateStrategy.rollingUpdate, StatefulSetRollingUpdate{});
        groupDefault(spec.updateStrategy.rollingUpdate->partition, std::int64_t{0});
    }
    groupDefault(spec.persistentVolumeClaimRetentionPolicy, PvcRetentionPolicy{});
    groupDefault(spec.persistentVolumeClaimRetentionPolicy->whenDeleted, "Retain");
    groupDefault(spec.persistentVolumeClaimRetentionPolicy->whenScaled, "Retain");
    groupDefault(spec.replicas, std::int64_t{1});
    groupDefault(spec.revisionHistoryLimit, std::int64_t{10});
    for (PersistentVolumeClaim& claim : spec.volumeClaimTemplates) {
        setGroupDefaults(claim);
        groupDefault(claim.status.phase, "Pending");
    }
    defaultPodSpec(spec.template_.spec);
}

template <>
void setGroupDefaults(Job& job)
{
    JobSpec& spec = job.spec;
    if (!spec.completions && !spec.parallelism)
        spec.completions = 1;
    groupDefault(spec.parallelism, std::int64_t{1});
    if (!spec.backoffLimit)
        spec.backoffLimit = spec.backoffLimitPerIndex ? 2147483647 : 6;
    groupDefault(spec.completionMode, std::string("NonIndexed"));
    groupDefault(spec.suspend, false);
    groupDefault(spec.podReplacementPolicy, std::string(spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed"));
    groupDefault(spec.manualSelector, false);
    defaultPodSpec(spec.template_.spec);
}

template <>
void setGroupDefaults(CronJob& job)
{
    CronJobSpec& spec = job.spec;
    groupDefault(spec.concurrencyPolicy, "Allow");
    groupDefault(spec.suspend, false);
    groupDefault(spec.successfulJobsHistoryLimit, std::int64_t{3});
    groupDefault(spec.failedJobsHistoryLimit, std::int64_t{1});
    defaultPodSpec(spec.jobTemplate.spec.template_.spec);
}

template <>
void setGroupDefaults(HorizontalPodAutoscaler& autoscaler)
{
    HpaSpec& spec = autoscaler.spec;
    groupDefault(spec.minReplicas, std::int64_t{1});
    if (spec.metrics.empty()) {
        MetricSpec cpu;
        cpu.type = std::string("Resource");
        cpu.resource = ResourceMetricSource{std::string("cpu"), {}};
        cpu.resource->target.type = std::string("Utilization");
        cpu.resource->target.averageUtilization = 80;
        spec.metrics.push_back(std::move(cpu));
    }
    if (!spec.behavior)
        return;
    groupDefault(spec.behavior->scaleUp, HpaScalingRules{});
    groupDefault(spec.behavior->scaleUp->stabilizationWindowSeconds, std::int64_t{0});
    groupDefault(spec.behavior->scaleUp->selectPolicy, std::string("Max"));
    if (spec.behavior->scaleUp->policies.empty())
        spec.behavior->scaleUp->policies = {scalingPolicy("Pods", 4), scalingPolicy("Percent", 100)};
    groupDefault(spec.behavior->scaleDown, HpaScalingRules{});
    groupDefault(spec.behavior->scaleDown->selectPolicy, std::string("Max"));
    if (spec.behavior->scaleDown->policies.empty())
        spec.behavior->scaleDown->policies = {scalingPolicy("Percent", 100)};
}

template <>
void setGroupDefaults(PersistentVolumeClaim& claim)
{
    groupDefault(claim.spec.volumeMode, std::string("Filesystem"));
}

template <>
void setGroupDefaults(PersistentVolume& volume)
{
    groupDefault(volume.spec.persistentVolumeReclaimPolicy, "Retain");
    groupDefault(volume.spec.volumeMode, std::string("Filesystem"));
}

template <>
void setGroupDefaults(StorageClass& storage)
{
    groupDefault(storage.reclaimPolicy, std::string("Delete"));
    groupDefault(storage.volumeBindingMode, std::string("Immediate"));
}

template <>
void setGroupDefaults(PriorityClass& priority)
{
    groupDefault(priority.preemptionPolicy, std::string("PreemptLowerPriority"));
}

template <>
void setGroupDefaults(LimitRange& range)
{
    // A missing default is the maximum; a missing default request is the default, else the minimum.
    for (LimitRangeItem& item : range.spec.limits) {
        if (item.type.value != "Container")
            continue;
        for (const auto& [name, most] : item.max)
            item.default_.emplace(name, most);
        for (const auto& [name, amount] : item.default_)
            item.defaultRequest.emplace(name, amount);
        for (const auto& [name, least] : item.min)
            item.defaultRequest.emplace(name, least);
    }
}

template <>
void setGroupDefaults(NetworkPolicy& policy)
{
    if (policy.spec.policyTypes.empty()) {
        policy.spec.policyTypes = {"Ingress"};
        if (!policy.spec.egress.empty())
            policy.spec.policyTypes.emplace_back("Egress");
    }
    for (auto& rule : policy.spec.ingress)
        addPolicyPorts(rule.ports);
    for (auto& rule : policy.spec.egress)
        addPolicyPorts(rule.ports);
}

template <>
void setGroupDefaults(RoleBinding& binding) { defaultSubjects(binding.roleRef, binding.subjects); }
template <>
void setGroupDefaults(ClusterRoleBinding& binding) { defaultSubjects(binding.roleRef, binding.subjects); }

template <>
void setGroupDefaults(CustomResourceDefinition& definition)
{
    CrdNames& names = definition.spec.names;
    if (names.singular.empty()) {
        names.singular = names.kind.value;
        names.singular = sim::lowered(names.singular);
    }
    if (names.listKind.empty() && !names.kind.value.empty())
        names.listKind = names.kind.value + "List";
    if (!definition.spec.conversion)
        definition.spec.conversion = CrdConversion{std::string("None"), {}};
}

template <>
void setGroupDefaults(MutatingWebhookConfiguration& webhooks) { defaultWebhooks(webhooks.webhooks, true); }
template <>
void setGroupDefaults(ValidatingWebhookConfiguration& webhooks) { defaultWebhooks(webhooks.webhooks, false); }
template <>
void setGroupDefaults(APIService& service)
{
    if (service.spec.service && !service.spec.service->port)
        service.spec.service->port = 443;
}

template <>
void admitNewOfGroup(Node&, const Store&, RandomStream&) { } // a kubelet registers itself with its status

template <>
void admitNewOfGroup(StatefulSet& set, const Store&, RandomStream&)
{
    set.status = {};
}

/// A Job selects its pods by its own uid (pkg/registry/batch/job/strategy.go: generateSelector).
template <>
void admitNewOfGroup(Job& job, const Store&, RandomStream& random)
{
    job.status = {};
    if (job.spec.manualSelector.value_or(false))
        return;
    job.metadata.uid = newUid(random);
    StringMap& labels = job.spec.template_.metadata.labels.edit();
    for (const auto& [key, value] : {std::pair{"batch.kubernetes.io/controller-uid", job.metadata.uid}, {"controller-uid", job.metadata.uid},
                                     {"batch.kubernetes.io/job-name", job.metadata.name}, {"job-name", job.metadata.name}})
        labels[key] = value;
    if (!job.spec.selector)
        job.spec.selector.emplace();
    job.spec.selector->matchLabels["batch.kubernetes.io/controller-uid"] = job.metadata.uid;
    if (job.metadata.labels.empty()) // SetDefaults_Job, when the stored object is read back
        job.metadata.labels = labels;
}

/// DefaultStorageClass admission, and protection against removal while a pod uses the claim.
template <>
void admitNewOfGroup(PersistentVolumeClaim& claim, const Store& store, RandomStream&)
{
    claim.status = {};
    claim.status.phase = "Pending";
    claim.metadata.finalizers.emplace_back("kubernetes.io/pvc-protection");
    if (claim.spec.storageClassName)
        return;
    const StorageClass* newest = nullptr; // of several defaults the one made last counts
    for (const auto& [key, storage] : store.all<StorageClass>()) {
        const auto mark = storage->metadata.annotations.find("storageclass.kubernetes.io/is-default-class");
        if (mark != storage->metadata.annotations.end() && mark->second == "true"
            && (newest == nullptr || newest->metadata.creationTimestamp <= storage->metadata.creationTimestamp))
            newest = storage.get();
    }
    if (newest != nullptr)
        claim.spec.storageClassName = newest->metadata.name;
}

template <>
void admitNewOfGroup(PersistentVolume& volume, const Store&, RandomStream&)
{
    volume.status = {};
    volume.status.phase = "Pending";
    volume.metadata.finalizers.emplace_back("kubernetes.io/pv-protection");
}

} // namespace sim::kube
