#include "sim/kube/api/field_facts.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

// Read off k8s.io/api v0.33 (types.go): the +enum types, what has neither +optional nor omitempty, and the rest.
namespace sim::kube {

namespace {

struct Place {
    std::string_view owner;
    std::string_view field;
    std::string_view goStruct;
};

/// Where one struct of ours stands for several of Go's.
constexpr Place kPlaces[] = {
    {"APIServiceStatus", "conditions", "APIServiceCondition"},
    {"ControllerRevision", "data", "RawExtension"},
    {"CustomResourceDefinitionStatus", "conditions", "CustomResourceDefinitionCondition"},
    {"CustomResourceValidation", "openAPIV3Schema", "JSONSchemaProps"},
    {"DaemonSetSpec", "updateStrategy", "DaemonSetUpdateStrategy"},
    {"DaemonSetStatus", "conditions", "DaemonSetCondition"},
    {"DaemonSetUpdateStrategy", "rollingUpdate", "RollingUpdateDaemonSet"},
    {"DeploymentStatus", "conditions", "DeploymentCondition"},
    {"EnvFromSource", "configMapRef", "ConfigMapEnvSource"},
    {"EnvVarSource", "configMapKeyRef", "ConfigMapKeySelector"},
    {"FlowSchemaStatus", "conditions", "FlowSchemaCondition"},
    {"HorizontalPodAutoscalerStatus", "conditions", "HorizontalPodAutoscalerCondition"},
    {"IngressLoadBalancerStatus", "ingress", "IngressLoadBalancerIngress"},
    {"IngressStatus", "loadBalancer", "IngressLoadBalancerStatus"},
    {"JobStatus", "conditions", "JobCondition"},
    {"ManagedFieldsEntry", "fieldsV1", "FieldsV1"},
    {"MutatingWebhookConfiguration", "webhooks", "MutatingWebhook"},
    {"NamespaceStatus", "conditions", "NamespaceCondition"},
    {"NodeSelectorTerm", "matchExpressions", "NodeSelectorRequirement"},
    {"NodeSelectorTerm", "matchFields", "NodeSelectorRequirement"},
    {"NodeStatus", "conditions", "NodeCondition"},
    {"PersistentVolumeClaimSpec", "resources", "VolumeResourceRequirements"},
    {"PersistentVolumeClaimStatus", "conditions", "PersistentVolumeClaimCondition"},
    {"PodDisruptionBudgetStatus", "conditions", "Condition"},
    {"PodSpec", "securityContext", "PodSecurityContext"},
    {"PodStatus", "hostIPs", "HostIP"},
    {"PriorityLevelConfiguration", "status", "PriorityLevelConfigurationStatus"},
    {"PriorityLevelConfigurationStatus", "conditions", "PriorityLevelConfigurationCondition"},
    {"ReplicaSetStatus", "conditions", "ReplicaSetCondition"},
    {"StatefulSetStatus", "conditions", "StatefulSetCondition"},
    {"Subject", "group", "GroupSubject"},
};

struct Fields {
    std::string_view goStruct;
    std::initializer_list<std::string_view> fields;
};

/// Of a struct that stands for several: those that this one has.
const Fields kSubsets[] = {
    {"APIServiceCondition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"Condition", {"lastTransitionTime", "message", "observedGeneration", "reason", "status", "type"}},
    {"CustomResourceDefinitionCondition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"DaemonSetCondition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"DeploymentCondition", {"lastTransitionTime", "lastUpdateTime", "message", "reason", "status", "type"}},
    {"FlowSchemaCondition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"HorizontalPodAutoscalerCondition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"JobCondition", {"lastProbeTime", "lastTransitionTime", "message", "reason", "status", "type"}},
    {"NamespaceCondition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"NodeCondition", {"lastHeartbeatTime", "lastTransitionTime", "message", "reason", "status", "type"}},
    {"PersistentVolumeClaimCondition", {"lastProbeTime", "lastTransitionTime", "message", "reason", "status", "type"}},
    {"PodCondition", {"lastProbeTime", "lastTransitionTime", "message", "observedGeneration", "reason", "status", "type"}},
    {"PodSecurityContext", {
        "fsGroup", "fsGroupChangePolicy", "runAsGroup", "runAsNonRoot", "runAsUser", "seccompProfile", "supplementalGroups", "sysctls"}},
    {"PriorityLevelConfigurationCondition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"ReplicaSetCondition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"SecurityContext", {
        "allowPrivilegeEscalation", "capabilities", "privileged", "readOnlyRootFilesystem", "runAsGroup", "runAsNonRoot", "runAsUser",
        "seccompProfile"}},
    {"StatefulSetCondition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"ValidatingWebhook", {
        "admissionReviewVersions", "clientConfig", "failurePolicy", "matchConditions", "matchPolicy", "name", "namespaceSelector",
        "objectSelector", "rules", "sideEffects", "timeoutSeconds"}},
};

const Fields kRequired[] = {
    {"APIServiceCondition", {"status", "type"}},
    {"APIServiceSpec", {"groupPriorityMinimum", "versionPriority"}},
    {"CSIDriver", {"spec"}},
    {"CSINode", {"spec"}},
    {"CSINodeDriver", {"name", "nodeID"}},
    {"CSINodeSpec", {"drivers"}},
    {"CSIPersistentVolumeSource", {"driver", "volumeHandle"}},
    {"ClusterRoleBinding", {"roleRef"}},
    {"ComponentCondition", {"status", "type"}},
    {"Condition", {"lastTransitionTime", "message", "reason", "status", "type"}},
    {"ConfigMapKeySelector", {"key"}},
    {"Container", {"name"}},
    {"ContainerPort", {"containerPort"}},
    {"ContainerResourceMetricSource", {"container", "name", "target"}},
    {"ContainerStateTerminated", {"exitCode"}},
    {"ContainerStatus", {"image", "imageID", "name", "ready", "restartCount"}},
    {"ControllerRevision", {"revision"}},
    {"CronJobSpec", {"jobTemplate", "schedule"}},
    {"CrossVersionObjectReference", {"kind", "name"}},
    {"CustomResourceColumnDefinition", {"jsonPath", "name", "type"}},
    {"CustomResourceConversion", {"strategy"}},
    {"CustomResourceDefinition", {"spec"}},
    {"CustomResourceDefinitionCondition", {"status", "type"}},
    {"CustomResourceDefinitionNames", {"kind", "plural"}},
    {"CustomResourceDefinitionSpec", {"group", "names", "scope", "versions"}},
    {"CustomResourceDefinitionVersion", {"name", "served", "storage"}},
    {"CustomResourceSubresourceScale", {"specReplicasPath", "statusReplicasPath"}},
    {"DaemonEndpoint", {"Port"}},
    {"DaemonSetCondition", {"status", "type"}},
    {"DaemonSetSpec", {"selector", "template"}},
    {"DaemonSetStatus", {"currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"}},
    {"DeploymentCondition", {"status", "type"}},
    {"DeploymentSpec", {"selector", "template"}},
    {"DownwardAPIVolumeFile", {"path"}},
    {"Endpoint", {"addresses"}},
    {"EndpointAddress", {"ip"}},
    {"EndpointPort", {"port"}},
    {"EndpointSlice", {"addressType", "endpoints"}},
    {"EphemeralContainer", {"name"}},
    {"EnvVar", {"name"}},
    {"Event", {"involvedObject"}},
    {"FlowDistinguisherMethod", {"type"}},
    {"FlowSchemaSpec", {"priorityLevelConfiguration"}},
    {"GRPCAction", {"port"}},
    {"GroupSubject", {"name"}},
    {"HPAScalingPolicy", {"periodSeconds", "type", "value"}},
    {"HTTPGetAction", {"port"}},
    {"HTTPHeader", {"name", "value"}},
    {"HTTPIngressPath", {"backend", "pathType"}},
    {"HTTPIngressRuleValue", {"paths"}},
    {"HorizontalPodAutoscalerCondition", {"status", "type"}},
    {"HorizontalPodAutoscalerSpec", {"maxReplicas", "scaleTargetRef"}},
    {"HorizontalPodAutoscalerStatus", {"desiredReplicas"}},
    {"HostAlias", {"ip"}},
    {"HostIP", {"ip"}},
    {"HostPathVolumeSource", {"path"}},
    {"IPBlock", {"cidr"}},
    {"IngressClassParametersReference", {"kind", "name"}},
    {"IngressServiceBackend", {"name"}},
    {"JobCondition", {"status", "type"}},
    {"JobSpec", {"template"}},
    {"KeyToPath", {"key", "path"}},
    {"LabelSelectorRequirement", {"key", "operator"}},
    {"LimitRangeItem", {"type"}},
    {"LimitRangeSpec", {"limits"}},
    {"LimitResponse", {"type"}},
    {"LocalVolumeSource", {"path"}},
    {"MatchCondition", {"expression", "name"}},
    {"MetricIdentifier", {"name"}},
    {"MetricSpec", {"type"}},
    {"MetricStatus", {"type"}},
    {"MetricTarget", {"type"}},
    {"MutatingWebhook", {"admissionReviewVersions", "clientConfig", "name", "sideEffects"}},
    {"NFSVolumeSource", {"path", "server"}},
    {"NamespaceCondition", {"status", "type"}},
    {"NetworkPolicySpec", {"podSelector"}},
    {"NodeAddress", {"address", "type"}},
    {"NodeCondition", {"status", "type"}},
    {"NodeSelector", {"nodeSelectorTerms"}},
    {"NodeSelectorRequirement", {"key", "operator"}},
    {"NodeSystemInfo", {
        "architecture", "bootID", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion", "kubeletVersion", "machineID",
        "operatingSystem", "osImage", "systemUUID"}},
    {"NonResourcePolicyRule", {"nonResourceURLs", "verbs"}},
    {"ObjectFieldSelector", {"fieldPath"}},
    {"ObjectMetricSource", {"describedObject", "metric", "target"}},
    {"OwnerReference", {"apiVersion", "kind", "name", "uid"}},
    {"PersistentVolumeClaimCondition", {"status", "type"}},
    {"PersistentVolumeClaimVolumeSource", {"claimName"}},
    {"PodAffinityTerm", {"topologyKey"}},
    {"PodCondition", {"status", "type"}},
    {"PodDisruptionBudgetStatus", {"currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"}},
    {"PodFailurePolicy", {"rules"}},
    {"PodFailurePolicyOnExitCodesRequirement", {"operator", "values"}},
    {"PodFailurePolicyOnPodConditionsPattern", {"status", "type"}},
    {"PodFailurePolicyRule", {"action"}},
    {"PodIP", {"ip"}},
    {"PodOS", {"name"}},
    {"PodReadinessGate", {"conditionType"}},
    {"PodSchedulingGate", {"name"}},
    {"PodSpec", {"containers"}},
    {"PodsMetricSource", {"metric", "target"}},
    {"PodsMetricStatus", {"current", "metric"}},
    {"PolicyRule", {"verbs"}},
    {"PolicyRulesWithSubjects", {"subjects"}},
    {"PreferredSchedulingTerm", {"preference", "weight"}},
    {"PriorityClass", {"value"}},
    {"PriorityLevelConfigurationReference", {"name"}},
    {"PriorityLevelConfigurationSpec", {"type"}},
    {"ReplicaSetCondition", {"status", "type"}},
    {"ReplicaSetSpec", {"selector"}},
    {"ReplicaSetStatus", {"replicas"}},
    {"ResourceFieldSelector", {"resource"}},
    {"ResourceMetricSource", {"name", "target"}},
    {"ResourceMetricStatus", {"current", "name"}},
    {"ResourcePolicyRule", {"apiGroups", "resources", "verbs"}},
    {"RoleBinding", {"roleRef"}},
    {"RoleRef", {"apiGroup", "kind", "name"}},
    {"RuntimeClass", {"handler"}},
    {"ScopedResourceSelectorRequirement", {"operator", "scopeName"}},
    {"SeccompProfile", {"type"}},
    {"SecretKeySelector", {"key"}},
    {"SelectableField", {"jsonPath"}},
    {"ServiceAccountSubject", {"name", "namespace"}},
    {"ServiceAccountTokenProjection", {"path"}},
    {"ServicePort", {"port"}},
    {"SleepAction", {"seconds"}},
    {"StatefulSetCondition", {"status", "type"}},
    {"StatefulSetSpec", {"selector", "template"}},
    {"StatefulSetStatus", {"replicas"}},
    {"StorageClass", {"provisioner"}},
    {"Subject", {"kind", "name"}},
    {"SuccessPolicy", {"rules"}},
    {"Sysctl", {"name", "value"}},
    {"TCPSocketAction", {"port"}},
    {"Taint", {"effect", "key"}},
    {"TopologySelectorLabelRequirement", {"key", "values"}},
    {"TopologySpreadConstraint", {"maxSkew", "topologyKey", "whenUnsatisfiable"}},
    {"TypedLocalObjectReference", {"kind", "name"}},
    {"TypedObjectReference", {"kind", "name"}},
    {"UserSubject", {"name"}},
    {"ValidatingWebhook", {"admissionReviewVersions", "clientConfig", "name", "sideEffects"}},
    {"Volume", {"name"}},
    {"VolumeAttachment", {"spec"}},
    {"VolumeAttachmentSpec", {"attacher", "nodeName", "source"}},
    {"VolumeAttachmentStatus", {"attached"}},
    {"VolumeMount", {"mountPath", "name"}},
    {"WeightedPodAffinityTerm", {"podAffinityTerm", "weight"}},
};

struct Enumeration {
    std::initializer_list<std::string_view> fields;
    std::initializer_list<std::string_view> values; ///< sorted
};

const Enumeration kEnumerations[] = {
    {{"Container.imagePullPolicy", "EphemeralContainer.imagePullPolicy"}, {"Always", "IfNotPresent", "Never"}},
    {{"Container.terminationMessagePolicy", "EphemeralContainer.terminationMessagePolicy"}, {"FallbackToLogsOnError", "File"}},
    {{"ContainerPort.protocol", "EndpointPort.protocol", "NetworkPolicyPort.protocol", "ServicePort.protocol"}, {"SCTP", "TCP", "UDP"}},
    {{"CronJobSpec.concurrencyPolicy"}, {"Allow", "Forbid", "Replace"}},
    {{"DaemonSetUpdateStrategy.type"}, {"OnDelete", "RollingUpdate"}},
    {{"DeploymentStrategy.type"}, {"Recreate", "RollingUpdate"}},
    {{"EndpointSlice.addressType"}, {"FQDN", "IPv4", "IPv6"}},
    {{"HTTPGetAction.scheme"}, {"HTTP", "HTTPS"}},
    {{"HTTPIngressPath.pathType"}, {"Exact", "ImplementationSpecific", "Prefix"}},
    {{"HostPathVolumeSource.type"},
     {"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"}},
    {{"JobSpec.completionMode"}, {"Indexed", "NonIndexed"}},
    {{"JobSpec.podReplacementPolicy"}, {"Failed", "TerminatingOrFailed"}},
    {{"MutatingWebhook.failurePolicy", "ValidatingWebhook.failurePolicy"}, {"Fail", "Ignore"}},
    {{"MutatingWebhook.matchPolicy", "ValidatingWebhook.matchPolicy"}, {"Equivalent", "Exact"}},
    {{"MutatingWebhook.reinvocationPolicy"}, {"IfNeeded", "Never"}},
    {{"MutatingWebhook.sideEffects", "ValidatingWebhook.sideEffects"}, {"None", "NoneOnDryRun", "Some", "Unknown"}},
    {{"NamespaceStatus.phase"}, {"Active", "Terminating"}},
    {{"NetworkPolicySpec.policyTypes"}, {"Egress", "Ingress"}},
    {{"NodeSelectorRequirement.operator"}, {"DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"}},
    {{"PersistentVolumeClaimStatus.phase"}, {"Bound", "Lost", "Pending"}},
    {{"PersistentVolumeClaimSpec.accessModes", "PersistentVolumeClaimStatus.accessModes", "PersistentVolumeSpec.accessModes"},
     {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"}},
    {{"PersistentVolumeSpec.persistentVolumeReclaimPolicy", "StorageClass.reclaimPolicy"}, {"Delete", "Recycle", "Retain"}},
    {{"PersistentVolumeClaimSpec.volumeMode", "PersistentVolumeSpec.volumeMode"}, {"Block", "Filesystem"}},
    {{"PersistentVolumeStatus.phase"}, {"Available", "Bound", "Failed", "Pending", "Released"}},
    {{"PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy"}, {"AlwaysAllow", "IfHealthyBudget"}},
    {{"PodFailurePolicyOnExitCodesRequirement.operator"}, {"In", "NotIn"}},
    {{"PodFailurePolicyRule.action"}, {"Count", "FailIndex", "FailJob", "Ignore"}},
    {{"PodSecurityContext.fsGroupChangePolicy"}, {"Always", "OnRootMismatch"}},
    {{"PodSpec.dnsPolicy"}, {"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"}},
    {{"PodSpec.preemptionPolicy"}, {"Never", "PreemptLowerPriority"}},
    {{"PodSpec.restartPolicy"}, {"Always", "Never", "OnFailure"}},
    {{"PodStatus.phase"}, {"Failed", "Pending", "Running", "Succeeded", "Unknown"}},
    {{"PodStatus.qosClass"}, {"BestEffort", "Burstable", "Guaranteed"}},
    {{"ResourceQuotaSpec.scopes", "ScopedResourceSelectorRequirement.scopeName"},
     {"BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating", "VolumeAttributesClass"}},
    {{"RuleWithOperations.operations"}, {"*", "CONNECT", "CREATE", "DELETE", "UPDATE"}},
    {{"RuleWithOperations.scope"}, {"*", "Cluster", "Namespaced"}},
    {{"ScopedResourceSelectorRequirement.operator"}, {"DoesNotExist", "Exists", "In", "NotIn"}},
    {{"SeccompProfile.type"}, {"Localhost", "RuntimeDefault", "Unconfined"}},
    {{"ServiceSpec.externalTrafficPolicy"}, {"Cluster", "Local"}},
    {{"ServiceSpec.internalTrafficPolicy"}, {"Cluster", "Local"}},
    {{"ServiceSpec.ipFamilies"}, {"", "IPv4", "IPv6"}},
    {{"ServiceSpec.ipFamilyPolicy"}, {"PreferDualStack", "RequireDualStack", "SingleStack"}},
    {{"ServiceSpec.sessionAffinity"}, {"ClientIP", "None"}},
    {{"ServiceSpec.type"}, {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"}},
    {{"StatefulSetSpec.podManagementPolicy"}, {"OrderedReady", "Parallel"}},
    {{"StatefulSetUpdateStrategy.type"}, {"OnDelete", "RollingUpdate"}},
    {{"StorageClass.volumeBindingMode"}, {"Immediate", "WaitForFirstConsumer"}},
    {{"Taint.effect", "Toleration.effect"}, {"NoExecute", "NoSchedule", "PreferNoSchedule"}},
    {{"Toleration.operator"}, {"Equal", "Exists"}},
    {{"TopologySpreadConstraint.nodeAffinityPolicy", "TopologySpreadConstraint.nodeTaintsPolicy"}, {"Honor", "Ignore"}},
    {{"TopologySpreadConstraint.whenUnsatisfiable"}, {"DoNotSchedule", "ScheduleAnyway"}},
    {{"VolumeMount.mountPropagation"}, {"Bidirectional", "HostToContainer", "None"}},
};

struct LeftOut {
    std::string_view goStruct;
    std::string_view field;
    std::string_view type;
};

constexpr LeftOut kLeftOut[] = {
    {"CSIDriverSpec", "nodeAllocatableUpdatePeriodSeconds", "integer"}, {"CSIDriverSpec", "tokenRequests", "[]TokenRequest"},
    {"CSIPersistentVolumeSource", "controllerExpandSecretRef", "SecretReference"},
    {"CSIPersistentVolumeSource", "controllerPublishSecretRef", "SecretReference"},
    {"CSIPersistentVolumeSource", "nodeExpandSecretRef", "SecretReference"},
    {"CSIPersistentVolumeSource", "nodePublishSecretRef", "SecretReference"},
    {"CSIPersistentVolumeSource", "nodeStageSecretRef", "SecretReference"},
    {"Container", "resizePolicy", "[]ContainerResizePolicy"}, {"Container", "volumeDevices", "[]VolumeDevice"},
    {"ContainerStatus", "allocatedResources", "map[string]Quantity"}, {"ContainerStatus", "allocatedResourcesStatus", "[]ResourceStatus"},
    {"ContainerStatus", "resources", "ResourceRequirements"}, {"ContainerStatus", "stopSignal", "string"},
    {"ContainerStatus", "user", "ContainerUser"}, {"ContainerStatus", "volumeMounts", "[]VolumeMountStatus"},
    {"DeploymentStatus", "terminatingReplicas", "integer"}, {"Endpoint", "deprecatedTopology", "map[string]string"},
    {"Endpoint", "hints", "EndpointHints"}, {"EndpointPort", "appProtocol", "string"},
    {"EphemeralContainer", "resizePolicy", "[]ContainerResizePolicy"}, {"EphemeralContainer", "volumeDevices", "[]VolumeDevice"},
    {"HPAScalingRules", "tolerance", "Quantity"}, {"LeaseSpec", "preferredHolder", "string"}, {"LeaseSpec", "strategy", "string"}, {"Lifecycle", "stopSignal", "string"},
    {"LoadBalancerIngress", "ipMode", "string"}, {"LoadBalancerIngress", "ports", "[]PortStatus"},
    {"MetricStatus", "containerResource", "ContainerResourceMetricStatus"}, {"MetricStatus", "object", "ObjectMetricStatus"},
    {"NodeSpec", "configSource", "NodeConfigSource"}, {"NodeSpec", "externalID", "string"}, {"NodeStatus", "config", "NodeConfigStatus"},
    {"NodeStatus", "features", "NodeFeatures"}, {"NodeStatus", "phase", "string"},
    {"NodeStatus", "runtimeHandlers", "[]NodeRuntimeHandler"}, {"NodeStatus", "volumesAttached", "[]AttachedVolume"},
    {"NodeStatus", "volumesInUse", "[]string"}, {"NodeSystemInfo", "swap", "NodeSwapStatus"},
    {"PersistentVolumeClaimSpec", "dataSourceRef", "TypedObjectReference"},
    {"PersistentVolumeClaimSpec", "volumeAttributesClassName", "string"},
    {"PersistentVolumeClaimStatus", "allocatedResourceStatuses", "map[string]string"},
    {"PersistentVolumeClaimStatus", "allocatedResources", "map[string]Quantity"},
    {"PersistentVolumeClaimStatus", "currentVolumeAttributesClassName", "string"},
    {"PersistentVolumeClaimStatus", "modifyVolumeStatus", "ModifyVolumeStatus"},
    {"PersistentVolumeSpec", "awsElasticBlockStore", "AWSElasticBlockStoreVolumeSource"},
    {"PersistentVolumeSpec", "azureDisk", "AzureDiskVolumeSource"},
    {"PersistentVolumeSpec", "azureFile", "AzureFilePersistentVolumeSource"},
    {"PersistentVolumeSpec", "cephfs", "CephFSPersistentVolumeSource"},
    {"PersistentVolumeSpec", "cinder", "CinderPersistentVolumeSource"}, {"PersistentVolumeSpec", "fc", "FCVolumeSource"},
    {"PersistentVolumeSpec", "flexVolume", "FlexPersistentVolumeSource"}, {"PersistentVolumeSpec", "flocker", "FlockerVolumeSource"},
    {"PersistentVolumeSpec", "gcePersistentDisk", "GCEPersistentDiskVolumeSource"},
    {"PersistentVolumeSpec", "glusterfs", "GlusterfsPersistentVolumeSource"},
    {"PersistentVolumeSpec", "iscsi", "ISCSIPersistentVolumeSource"},
    {"PersistentVolumeSpec", "photonPersistentDisk", "PhotonPersistentDiskVolumeSource"},
    {"PersistentVolumeSpec", "portworxVolume", "PortworxVolumeSource"}, {"PersistentVolumeSpec", "quobyte", "QuobyteVolumeSource"},
    {"PersistentVolumeSpec", "rbd", "RBDPersistentVolumeSource"}, {"PersistentVolumeSpec", "scaleIO", "ScaleIOPersistentVolumeSource"},
    {"PersistentVolumeSpec", "storageos", "StorageOSPersistentVolumeSource"},
    {"PersistentVolumeSpec", "volumeAttributesClassName", "string"},
    {"PersistentVolumeSpec", "vsphereVolume", "VsphereVirtualDiskVolumeSource"},
    {"PodSecurityContext", "appArmorProfile", "AppArmorProfile"}, {"PodSecurityContext", "seLinuxChangePolicy", "string"},
    {"PodSecurityContext", "seLinuxOptions", "SELinuxOptions"}, {"PodSecurityContext", "supplementalGroupsPolicy", "string"},
    {"PodSecurityContext", "windowsOptions", "WindowsSecurityContextOptions"},
    {"PodSpec", "hostUsers", "boolean"}, {"PodSpec", "resourceClaims", "[]PodResourceClaim"},
    {"PodSpec", "resources", "ResourceRequirements"},
    {"PodStatus", "observedGeneration", "integer"}, {"PodStatus", "resize", "string"},
    {"PodStatus", "resourceClaimStatuses", "[]PodResourceClaimStatus"}, {"ReplicaSetStatus", "terminatingReplicas", "integer"},
    {"ResourceRequirements", "claims", "[]ResourceClaim"}, {"RuntimeClass", "overhead", "Overhead"},
    {"RuntimeClass", "scheduling", "Scheduling"}, {"SecurityContext", "appArmorProfile", "AppArmorProfile"}, {"SecurityContext", "procMount", "string"},
    {"SecurityContext", "seLinuxOptions", "SELinuxOptions"}, {"SecurityContext", "windowsOptions", "WindowsSecurityContextOptions"},
    {"ServiceSpec", "loadBalancerClass", "string"}, {"ServiceSpec", "loadBalancerSourceRanges", "[]string"},
    {"ServiceSpec", "trafficDistribution", "string"}, {"ServiceStatus", "conditions", "[]Condition"},
    {"Volume", "awsElasticBlockStore", "AWSElasticBlockStoreVolumeSource"}, {"Volume", "azureDisk", "AzureDiskVolumeSource"},
    {"Volume", "azureFile", "AzureFileVolumeSource"}, {"Volume", "cephfs", "CephFSVolumeSource"},
    {"Volume", "cinder", "CinderVolumeSource"}, {"Volume", "csi", "CSIVolumeSource"}, {"Volume", "ephemeral", "EphemeralVolumeSource"},
    {"Volume", "fc", "FCVolumeSource"}, {"Volume", "flexVolume", "FlexVolumeSource"}, {"Volume", "flocker", "FlockerVolumeSource"},
    {"Volume", "gcePersistentDisk", "GCEPersistentDiskVolumeSource"}, {"Volume", "gitRepo", "GitRepoVolumeSource"},
    {"Volume", "glusterfs", "GlusterfsVolumeSource"}, {"Volume", "image", "ImageVolumeSource"}, {"Volume", "iscsi", "ISCSIVolumeSource"},
    {"Volume", "photonPersistentDisk", "PhotonPersistentDiskVolumeSource"}, {"Volume", "portworxVolume", "PortworxVolumeSource"},
    {"Volume", "quobyte", "QuobyteVolumeSource"}, {"Volume", "rbd", "RBDVolumeSource"}, {"Volume", "scaleIO", "ScaleIOVolumeSource"},
    {"Volume", "storageos", "StorageOSVolumeSource"}, {"Volume", "vsphereVolume", "VsphereVirtualDiskVolumeSource"},
    {"VolumeAttachmentSource", "inlineVolumeSpec", "PersistentVolumeSpec"}, {"VolumeAttachmentStatus", "attachError", "VolumeError"},
    {"VolumeAttachmentStatus", "attachmentMetadata", "map[string]string"}, {"VolumeAttachmentStatus", "detachError", "VolumeError"},
    {"VolumeMount", "recursiveReadOnly", "string"}, {"VolumeProjection", "clusterTrustBundle", "ClusterTrustBundleProjection"},
};

bool contains(std::initializer_list<std::string_view> list, std::string_view wanted)
{
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

template <std::size_t N>
const std::initializer_list<std::string_view>* fieldsIn(const Fields (&table)[N], std::string_view goStruct)
{
    const auto row = std::find_if(std::begin(table), std::end(table), [&](const Fields& one) { return one.goStruct == goStruct; });
    return row == std::end(table) ? nullptr : &row->fields;
}

} // namespace

std::string_view structAt(std::string_view owner, std::string_view field, std::string_view usual)
{
    for (const Place& place : kPlaces)
        if (place.owner == owner && place.field == field)
            return place.goStruct;
    return usual;
}

bool hasFieldOf(std::string_view goStruct, std::string_view field)
{
    const auto* subset = fieldsIn(kSubsets, goStruct);
    return subset == nullptr || contains(*subset, field);
}

bool isRequired(std::string_view goStruct, std::string_view field)
{
    const auto* required = fieldsIn(kRequired, goStruct);
    return required != nullptr && contains(*required, field);
}

std::vector<std::string> valuesOf(std::string_view goStruct, std::string_view field)
{
    const std::string wanted = std::string(goStruct) + "." + std::string(field);
    for (const Enumeration& one : kEnumerations)
        if (contains(one.fields, wanted))
            return {one.values.begin(), one.values.end()};
    return {};
}

std::vector<UnmodelledField> unmodelledFields(std::string_view goStruct)
{
    std::vector<UnmodelledField> fields;
    for (const LeftOut& one : kLeftOut)
        if (one.goStruct == goStruct)
            fields.push_back({one.field, one.type});
    return fields;
}

std::string_view placeStruct(std::size_t place) { return kPlaces[place].goStruct; }
static_assert(std::size(kPlaces) == kPlaceCount);

std::size_t placeOf(std::string_view goStruct)
{
    return static_cast<std::size_t>(std::find_if(std::begin(kPlaces), std::end(kPlaces), [&](const Place& one) { return one.goStruct == goStruct; })
                                    - std::begin(kPlaces));
}

} // namespace sim::kube
