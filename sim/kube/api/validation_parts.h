#pragma once

#include "sim/kube/api/field_errors.h"
#include "sim/kube/api/kinds.h"

// Checks that several kinds share, and each kind's own. `at` is the path of the part: "spec.template.spec".
namespace sim::kube::validation {

void checkLabels(FieldErrors& errors, const std::string& at, const StringMap& labels);
void checkAnnotations(FieldErrors& errors, const std::string& at, const StringMap& annotations);
void checkLabelSelector(FieldErrors& errors, const std::string& at, const LabelSelector& selector);
/// One expression of a selector; `compares`: of nodes, which know Gt and Lt.
void checkRequirement(FieldErrors& errors, const std::string& at, const LabelSelectorRequirement& one, bool compares);
void checkNodeSelector(FieldErrors& errors, const std::string& at, const NodeSelector& selector);
void checkPodSpec(FieldErrors& errors, const std::string& at, const PodSpec& spec);
void checkPodTemplate(FieldErrors& errors, const std::string& at, const PodTemplateSpec& podTemplate);
void checkResources(FieldErrors& errors, const std::string& at, const ResourceRequirements& resources);
/// A number that is not negative or a percentage.
void checkIntOrPercent(FieldErrors& errors, const std::string& at, const IntOrString& value);
/// "metadata" of any kind.
void checkMetadata(FieldErrors& errors, const ObjectMeta& metadata, bool namespaced, std::vector<std::string> (*nameRule)(const std::string&));
void checkMetadataUpdate(FieldErrors& errors, const ObjectMeta& metadata, const ObjectMeta& old);

// The kinds with rules beyond those of metadata.
void check(FieldErrors& errors, const Pod& pod);
void checkUpdate(FieldErrors& errors, const Pod& pod, const Pod& old);
void checkEphemeralUpdate(FieldErrors& errors, const Pod& pod, const Pod& old);
void check(FieldErrors& errors, const Node& node);
void check(FieldErrors& errors, const Service& service);
void checkUpdate(FieldErrors& errors, const Service& service, const Service& old);
void check(FieldErrors& errors, const ConfigMap& config);
void checkUpdate(FieldErrors& errors, const ConfigMap& config, const ConfigMap& old);
void check(FieldErrors& errors, const Secret& secret);
void checkUpdate(FieldErrors& errors, const Secret& secret, const Secret& old);

void check(FieldErrors& errors, const Deployment& deployment);
void checkUpdate(FieldErrors& errors, const Deployment& deployment, const Deployment& old);
void check(FieldErrors& errors, const ReplicaSet& set);
void checkUpdate(FieldErrors& errors, const ReplicaSet& set, const ReplicaSet& old);
void check(FieldErrors& errors, const DaemonSet& set);
void checkUpdate(FieldErrors& errors, const DaemonSet& set, const DaemonSet& old);
void check(FieldErrors& errors, const StatefulSet& set);
void checkUpdate(FieldErrors& errors, const StatefulSet& set, const StatefulSet& old);
void check(FieldErrors& errors, const Job& job);
void checkUpdate(FieldErrors& errors, const Job& job, const Job& old);
void check(FieldErrors& errors, const CronJob& job);
void check(FieldErrors& errors, const HorizontalPodAutoscaler& autoscaler);
void check(FieldErrors& errors, const PodDisruptionBudget& budget);

void check(FieldErrors& errors, const PersistentVolume& volume);
void checkUpdate(FieldErrors& errors, const PersistentVolume& volume, const PersistentVolume& old);
void check(FieldErrors& errors, const PersistentVolumeClaim& claim);
void checkUpdate(FieldErrors& errors, const PersistentVolumeClaim& claim, const PersistentVolumeClaim& old);
void check(FieldErrors& errors, const StorageClass& storage);
void checkUpdate(FieldErrors& errors, const StorageClass& storage, const StorageClass& old);
void checkUpdate(FieldErrors& errors, const VolumeAttachment& attachment, const VolumeAttachment& old);

void check(FieldErrors& errors, const ResourceQuota& quota);
void check(FieldErrors& errors, const LimitRange& range);
void check(FieldErrors& errors, const PriorityClass& priority);
void checkUpdate(FieldErrors& errors, const PriorityClass& priority, const PriorityClass& old);
void check(FieldErrors& errors, const NetworkPolicy& policy);
void check(FieldErrors& errors, const Ingress& ingress);
void checkUpdate(FieldErrors& errors, const IngressClass& type, const IngressClass& old);
void check(FieldErrors& errors, const Role& role);
void check(FieldErrors& errors, const ClusterRole& role);
void check(FieldErrors& errors, const RoleBinding& binding);
void checkUpdate(FieldErrors& errors, const RoleBinding& binding, const RoleBinding& old);
void check(FieldErrors& errors, const ClusterRoleBinding& binding);
void checkUpdate(FieldErrors& errors, const ClusterRoleBinding& binding, const ClusterRoleBinding& old);
void check(FieldErrors& errors, const CustomResourceDefinition& definition);
void check(FieldErrors& errors, const MutatingWebhookConfiguration& webhooks);
void check(FieldErrors& errors, const ValidatingWebhookConfiguration& webhooks);

} // namespace sim::kube::validation
