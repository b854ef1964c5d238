#include "core/endpoint/protobuf_fields.h"

#include <algorithm>
#include <array>

// Numbers and names are those of k8s.io/api and k8s.io/apimachinery, generated.proto of each package (v1.33).
namespace core::endpoint {

namespace {

/// Of Container, and of what an EphemeralContainer has in common with it.
constexpr const char* kContainerFields =
    "1:name 2:image 3[s:command 4[s:args 5:workingDir 6[ContainerPort:ports 7[EnvVar:env "
    "8ResourceRequirements:resources 9[VolumeMount:volumeMounts 10Probe:livenessProbe "
    "11Probe:readinessProbe 12Lifecycle:lifecycle 13:terminationMessagePath 14:imagePullPolicy "
    "15SecurityContext:securityContext 16b:stdin 17b:stdinOnce 18b:tty 19[EnvFromSource:envFrom "
    "20:terminationMessagePolicy 21[VolumeDevice:volumeDevices 22Probe:startupProbe "
    "24:restartPolicy";

constexpr std::array<ProtobufMessage, 184> kMessages{{
    {"Affinity", "1NodeAffinity:nodeAffinity 2PodAffinity:podAffinity 3PodAntiAffinity:podAntiAffinity"},
    {"AggregationRule", "1[LabelSelector:clusterRoleSelectors"},
    {"AttestationValue", "1[s:items"},
    {"Binding", "1ObjectMeta:metadata 2ObjectReference:target"},
    {"BoundObjectReference", "1:kind 2:apiVersion 3:name 4:uid"},
    {"CSIVolumeSource",
     "1:driver 2b:readOnly 3:fsType 4{s:volumeAttributes 5LocalObjectReference:nodePublishSecretRef"},
    {"Capabilities", "1[s:add 2[s:drop"},
    {"ClientIPConfig", "1i:timeoutSeconds"},
    {"ClusterRole", "1ObjectMeta:metadata 2[PolicyRule:rules 3AggregationRule:aggregationRule"},
    {"ClusterRoleBinding", "1ObjectMeta:metadata 2[Subject:subjects 3RoleRef:roleRef"},
    {"ConfigMap", "1ObjectMeta:metadata 2{s:data 3{y:binaryData 4b:immutable"},
    {"ConfigMapEnvSource", "1^LocalObjectReference:localObjectReference 2b:optional"},
    {"ConfigMapKeySelector", "1^LocalObjectReference:localObjectReference 2:key 3b:optional"},
    {"ConfigMapProjection", "1^LocalObjectReference:localObjectReference 2[KeyToPath:items 4b:optional"},
    {"ConfigMapVolumeSource",
     "1^LocalObjectReference:localObjectReference 2[KeyToPath:items 3i:defaultMode 4b:optional "
     "5i:defaultUser"},
    {"Container", kContainerFields},
    {"ContainerPort", "1:name 2i:hostPort 3i:containerPort 4:protocol 5:hostIP"},
    {"ContainerResourceMetricSource", "1:name 2MetricTarget:target 3:container"},
    {"CronJob", "1ObjectMeta:metadata 2CronJobSpec:spec"},
    {"CronJobSpec",
     "1:schedule 2i:startingDeadlineSeconds 3:concurrencyPolicy 4b:suspend "
     "5JobTemplateSpec:jobTemplate 6i:successfulJobsHistoryLimit 7i:failedJobsHistoryLimit "
     "8:timeZone"},
    {"DaemonSet", "1ObjectMeta:metadata 2DaemonSetSpec:spec"},
    {"DaemonSetSpec",
     "1LabelSelector:selector 2PodTemplateSpec:template 3DaemonSetUpdateStrategy:updateStrategy "
     "4i:minReadySeconds 6i:revisionHistoryLimit"},
    {"DaemonSetUpdateStrategy", "1:type 2RollingUpdateDaemonSet:rollingUpdate"},
    {"DeleteOptions",
     "1i:gracePeriodSeconds 2Preconditions:preconditions 3b:orphanDependents 4:propagationPolicy "
     "5[s:dryRun 6b:ignoreStoreReadErrorWithClusterBreakingPotential"},
    {"Deployment", "1ObjectMeta:metadata 2DeploymentSpec:spec"},
    {"DeploymentSpec",
     "1i:replicas 2LabelSelector:selector 3PodTemplateSpec:template 4DeploymentStrategy:strategy "
     "5i:minReadySeconds 6i:revisionHistoryLimit 7b:paused 9i:progressDeadlineSeconds"},
    {"DeploymentStrategy", "1:type 2RollingUpdateDeployment:rollingUpdate"},
    {"DownwardAPIProjection", "1[DownwardAPIVolumeFile:items"},
    {"DownwardAPIVolumeFile",
     "1:path 2ObjectFieldSelector:fieldRef 3ResourceFieldSelector:resourceFieldRef 4i:mode 5i:user"},
    {"DownwardAPIVolumeSource", "1[DownwardAPIVolumeFile:items 2i:defaultMode 3i:defaultUser"},
    {"EmptyDirVolumeSource", "1:medium 2Q:sizeLimit 3i:mode"},
    {"EnvFromSource", "1:prefix 2ConfigMapEnvSource:configMapRef 3SecretEnvSource:secretRef"},
    {"EnvVar", "1:name 2:value 3EnvVarSource:valueFrom"},
    {"EnvVarSource",
     "1ObjectFieldSelector:fieldRef 2ResourceFieldSelector:resourceFieldRef "
     "3ConfigMapKeySelector:configMapKeyRef 4SecretKeySelector:secretKeyRef "
     "5FileKeySelector:fileKeyRef"},
    {"EphemeralContainer", "1^EphemeralContainerCommon:ephemeralContainerCommon 2:targetContainerName"},
    {"EphemeralContainerCommon", kContainerFields},
    {"EphemeralVolumeSource", "1PersistentVolumeClaimTemplate:volumeClaimTemplate"},
    {"Eviction", "1ObjectMeta:metadata 2DeleteOptions:deleteOptions"},
    {"EvictionResponder", "1:name 2i:priority"},
    {"ExecAction", "1[s:command"},
    {"ExternalMetricSource", "1MetricIdentifier:metric 2MetricTarget:target"},
    {"ExtraValue", "1[s:items"},
    {"FieldSelectorAttributes", "1:rawSelector 2[FieldSelectorRequirement:requirements"},
    {"FieldSelectorRequirement", "1:key 2:operator 3[s:values"},
    {"FileKeySelector", "1:volumeName 2:path 3:key 4b:optional"},
    {"GRPCAction", "1i:port 2:service 3:mode"},
    {"HPAScalingPolicy", "1:type 2i:value 3i:periodSeconds"},
    {"HPAScalingRules",
     "1:selectPolicy 2[HPAScalingPolicy:policies 3i:stabilizationWindowSeconds 4Q:tolerance"},
    {"HTTPGetAction", "1:path 2I:port 3:host 4:scheme 5[HTTPHeader:httpHeaders 6:protocol"},
    {"HTTPHeader", "1:name 2:value"},
    {"HTTPIngressPath", "1:path 2IngressBackend:backend 3:pathType"},
    {"HTTPIngressRuleValue", "1[HTTPIngressPath:paths"},
    {"HorizontalPodAutoscalerBehavior", "1HPAScalingRules:scaleUp 2HPAScalingRules:scaleDown"},
    {"HostAlias", "1:ip 2[s:hostnames"},
    {"HostPathVolumeSource", "1:path 2:type"},
    {"ImageVolumeSource", "1:reference 2:pullPolicy"},
    {"Ingress", "1ObjectMeta:metadata 2IngressSpec:spec"},
    {"IngressBackend", "3TypedLocalObjectReference:resource 4IngressServiceBackend:service"},
    {"IngressRule", "1:host 2^IngressRuleValue:ingressRuleValue"},
    {"IngressRuleValue", "1HTTPIngressRuleValue:http"},
    {"IngressServiceBackend", "1:name 2ServiceBackendPort:port"},
    {"IngressSpec",
     "1IngressBackend:defaultBackend 2[IngressTLS:tls 3[IngressRule:rules 4:ingressClassName"},
    {"IngressTLS", "1[s:hosts 2:secretName"},
    {"Job", "1ObjectMeta:metadata 2JobSpec:spec"},
    {"JobSchedulingConfiguration", ""},
    {"JobSpec",
     "1i:parallelism 2i:completions 3i:activeDeadlineSeconds 4LabelSelector:selector "
     "5b:manualSelector 6PodTemplateSpec:template 7i:backoffLimit 8i:ttlSecondsAfterFinished "
     "9:completionMode 10b:suspend 12i:backoffLimitPerIndex 13i:maxFailedIndexes "
     "14:podReplacementPolicy 15:managedBy 17JobSchedulingConfiguration:scheduling"},
    {"JobTemplateSpec", "1ObjectMeta:metadata 2JobSpec:spec"},
    {"KeyToPath", "1:key 2:path 3i:mode 4i:user"},
    {"LabelSelector", "1{s:matchLabels 2[LabelSelectorRequirement:matchExpressions"},
    {"LabelSelectorAttributes", "1:rawSelector 2[LabelSelectorRequirement:requirements"},
    {"LabelSelectorRequirement", "1:key 2:operator 3[s:values"},
    {"Lease", "1ObjectMeta:metadata 2LeaseSpec:spec"},
    {"LeaseSpec",
     "1:holderIdentity 2i:leaseDurationSeconds 3T:acquireTime 4T:renewTime 5i:leaseTransitions "
     "6:strategy 7:preferredHolder"},
    {"Lifecycle", "1LifecycleHandler:postStart 2LifecycleHandler:preStop 3:stopSignal"},
    {"LifecycleHandler",
     "1ExecAction:exec 2HTTPGetAction:httpGet 3TCPSocketAction:tcpSocket 4SleepAction:sleep"},
    {"LocalObjectReference", "1:name"},
    {"LocalSubjectAccessReview", "1ObjectMeta:metadata 2SubjectAccessReviewSpec:spec"},
    {"MetricIdentifier", "1:name 2LabelSelector:selector"},
    {"MetricSpec",
     "1:type 2ObjectMetricSource:object 3PodsMetricSource:pods 4ResourceMetricSource:resource "
     "5ExternalMetricSource:external 7ContainerResourceMetricSource:containerResource"},
    {"MetricTarget", "1:type 2Q:value 3Q:averageValue 4i:averageUtilization"},
    {"NFSVolumeSource", "1:server 2:path 3b:readOnly"},
    {"Namespace", "1ObjectMeta:metadata 2NamespaceSpec:spec"},
    {"NamespaceSpec", "1[s:finalizers"},
    {"NodeAffinity",
     "1NodeSelector:requiredDuringSchedulingIgnoredDuringExecution "
     "2[PreferredSchedulingTerm:preferredDuringSchedulingIgnoredDuringExecution"},
    {"NodeSelector", "1[NodeSelectorTerm:nodeSelectorTerms"},
    {"NodeSelectorRequirement", "1:key 2:operator 3[s:values"},
    {"NodeSelectorTerm", "1[NodeSelectorRequirement:matchExpressions 2[NodeSelectorRequirement:matchFields"},
    {"NonResourceAttributes", "1:path 2:verb"},
    {"ObjectFieldSelector", "1:apiVersion 2:fieldPath"},
    {"ObjectMeta",
     "1:name 2:generateName 3:namespace 5:uid 6:resourceVersion 7i:generation 8T:creationTimestamp "
     "9T:deletionTimestamp 10i:deletionGracePeriodSeconds 11{s:labels 12{s:annotations "
     "13[OwnerReference:ownerReferences 14[s:finalizers"},
    {"ObjectMetricSource",
     "1autoscaling2.CrossVersionObjectReference:describedObject 2MetricTarget:target "
     "3MetricIdentifier:metric"},
    {"ObjectReference", "1:kind 2:namespace 3:name 4:uid 5:apiVersion 6:resourceVersion 7:fieldPath"},
    {"OwnerReference", "1:kind 3:name 4:uid 5:apiVersion 6b:controller 7b:blockOwnerDeletion"},
    {"PersistentVolumeClaim", "1ObjectMeta:metadata 2PersistentVolumeClaimSpec:spec"},
    {"PersistentVolumeClaimSpec",
     "1[s:accessModes 2VolumeResourceRequirements:resources 3:volumeName 4LabelSelector:selector "
     "5:storageClassName 6:volumeMode 7TypedLocalObjectReference:dataSource "
     "8TypedObjectReference:dataSourceRef"},
    {"PersistentVolumeClaimTemplate", "1ObjectMeta:metadata 2PersistentVolumeClaimSpec:spec"},
    {"PersistentVolumeClaimVolumeSource", "1:claimName 2b:readOnly"},
    {"Pod", "1ObjectMeta:metadata 2PodSpec:spec"},
    {"PodAffinity",
     "1[PodAffinityTerm:requiredDuringSchedulingIgnoredDuringExecution "
     "2[WeightedPodAffinityTerm:preferredDuringSchedulingIgnoredDuringExecution"},
    {"PodAffinityTerm",
     "1LabelSelector:labelSelector 2[s:namespaces 3:topologyKey 4LabelSelector:namespaceSelector "
     "5[s:matchLabelKeys 6[s:mismatchLabelKeys"},
    {"PodAntiAffinity",
     "1[PodAffinityTerm:requiredDuringSchedulingIgnoredDuringExecution "
     "2[WeightedPodAffinityTerm:preferredDuringSchedulingIgnoredDuringExecution"},
    {"PodDNSConfig", "1[s:nameservers 2[s:searches 3[PodDNSConfigOption:options"},
    {"PodDNSConfigOption", "1:name 2:value"},
    {"PodDisruptionBudget", "1ObjectMeta:metadata 2PodDisruptionBudgetSpec:spec"},
    {"PodDisruptionBudgetSpec",
     "1I:minAvailable 2LabelSelector:selector 3I:maxUnavailable 4:unhealthyPodEvictionPolicy"},
    {"PodOS", "1:name"},
    {"PodReadinessGate", "1:conditionType"},
    {"PodSecurityContext",
     "2i:runAsUser 3b:runAsNonRoot 4[i:supplementalGroups 5i:fsGroup 6i:runAsGroup "
     "9:fsGroupChangePolicy 12:supplementalGroupsPolicy 13:seLinuxChangePolicy"},
    {"PodSpec",
     "1[Volume:volumes 2[Container:containers 3:restartPolicy 4i:terminationGracePeriodSeconds "
     "5i:activeDeadlineSeconds 6:dnsPolicy 7{s:nodeSelector 8:serviceAccountName 9:serviceAccount "
     "10:nodeName 11b:hostNetwork 12b:hostPID 13b:hostIPC 14PodSecurityContext:securityContext "
     "15[LocalObjectReference:imagePullSecrets 16:hostname 17:subdomain 18Affinity:affinity "
     "19:schedulerName 20[Container:initContainers 21b:automountServiceAccountToken "
     "22[Toleration:tolerations 23[HostAlias:hostAliases 24:priorityClassName 25i:priority "
     "26PodDNSConfig:dnsConfig 27b:shareProcessNamespace 28[PodReadinessGate:readinessGates "
     "29:runtimeClassName 30b:enableServiceLinks 31:preemptionPolicy 32{Q:overhead "
     "33[TopologySpreadConstraint:topologySpreadConstraints 34[EphemeralContainer:ephemeralContainers "
     "35b:setHostnameAsFQDN 36PodOS:os 37b:hostUsers 40ResourceRequirements:resources 44[EvictionResponder:evictionResponders"},
    {"PodTemplateSpec", "1ObjectMeta:metadata 2PodSpec:spec"},
    {"PodsMetricSource", "1MetricIdentifier:metric 2MetricTarget:target"},
    {"PolicyRule", "1[s:verbs 2[s:apiGroups 3[s:resources 4[s:resourceNames 5[s:nonResourceURLs"},
    {"Preconditions", "1:uid 2:resourceVersion"},
    {"PreferredSchedulingTerm", "1i:weight 2NodeSelectorTerm:preference"},
    {"PriorityClass", "1ObjectMeta:metadata 2i:value 3b:globalDefault 4:description 5:preemptionPolicy"},
    {"Probe",
     "1^ProbeHandler:handler 2i:initialDelaySeconds 3i:timeoutSeconds 4i:periodSeconds "
     "5i:successThreshold 6i:failureThreshold 7i:terminationGracePeriodSeconds"},
    {"ProbeHandler", "1ExecAction:exec 2HTTPGetAction:httpGet 3TCPSocketAction:tcpSocket 4GRPCAction:grpc"},
    {"ProjectedVolumeSource", "1[VolumeProjection:sources 2i:defaultMode 3i:defaultUser"},
    {"ReplicaSet", "1ObjectMeta:metadata 2ReplicaSetSpec:spec"},
    {"ReplicaSetSpec", "1i:replicas 2LabelSelector:selector 3PodTemplateSpec:template 4i:minReadySeconds"},
    {"ResourceAttributes",
     "1:namespace 2:verb 3:group 4:version 5:resource 6:subresource 7:name "
     "8FieldSelectorAttributes:fieldSelector 9LabelSelectorAttributes:labelSelector"},
    {"ResourceClaim", "1:name 2:request"},
    {"ResourceFieldSelector", "1:containerName 2:resource 3Q:divisor"},
    {"ResourceMetricSource", "1:name 2MetricTarget:target"},
    {"ResourceQuota", "1ObjectMeta:metadata 2ResourceQuotaSpec:spec"},
    {"ResourceQuotaSpec", "1{Q:hard 2[s:scopes 3ScopeSelector:scopeSelector"},
    {"ResourceRequirements", "1{Q:limits 2{Q:requests 3[ResourceClaim:claims"},
    {"Role", "1ObjectMeta:metadata 2[PolicyRule:rules"},
    {"RoleBinding", "1ObjectMeta:metadata 2[Subject:subjects 3RoleRef:roleRef"},
    {"RoleRef", "1:apiGroup 2:kind 3:name"},
    {"RollingUpdateDaemonSet", "1I:maxUnavailable 2I:maxSurge"},
    {"RollingUpdateDeployment", "1I:maxUnavailable 2I:maxSurge"},
    {"RollingUpdateStatefulSetStrategy", "1i:partition 2I:maxUnavailable"},
    {"Scale", "1ObjectMeta:metadata 2ScaleSpec:spec"},
    {"ScaleSpec", "1i:replicas"},
    {"ScopeSelector", "1[ScopedResourceSelectorRequirement:matchExpressions"},
    {"ScopedResourceSelectorRequirement", "1:scopeName 2:operator 3[s:values"},
    {"Secret", "1ObjectMeta:metadata 2{y:data 3:type 4{s:stringData 5b:immutable"},
    {"SecretEnvSource", "1^LocalObjectReference:localObjectReference 2b:optional"},
    {"SecretKeySelector", "1^LocalObjectReference:localObjectReference 2:key 3b:optional"},
    {"SecretProjection", "1^LocalObjectReference:localObjectReference 2[KeyToPath:items 4b:optional"},
    {"SecretVolumeSource", "1:secretName 2[KeyToPath:items 3i:defaultMode 4b:optional 5i:defaultUser"},
    {"SecurityContext",
     "1Capabilities:capabilities 2b:privileged 4i:runAsUser 5b:runAsNonRoot "
     "6b:readOnlyRootFilesystem 7b:allowPrivilegeEscalation 8i:runAsGroup 9:procMount"},
    {"SelfSubjectAccessReview", "1ObjectMeta:metadata 2SelfSubjectAccessReviewSpec:spec"},
    {"SelfSubjectAccessReviewSpec",
     "1ResourceAttributes:resourceAttributes 2NonResourceAttributes:nonResourceAttributes"},
    {"SelfSubjectReview", "1ObjectMeta:metadata"},
    {"SelfSubjectRulesReview", "1ObjectMeta:metadata 2SelfSubjectRulesReviewSpec:spec"},
    {"SelfSubjectRulesReviewSpec", "1:namespace"},
    {"Service", "1ObjectMeta:metadata 2ServiceSpec:spec"},
    {"ServiceAccount",
     "1ObjectMeta:metadata 2[ObjectReference:secrets 3[LocalObjectReference:imagePullSecrets "
     "4b:automountServiceAccountToken"},
    {"ServiceAccountTokenProjection", "1:audience 2i:expirationSeconds 3:path 4i:user"},
    {"ServiceBackendPort", "1:name 2i:number"},
    {"ServicePort", "1:name 2:protocol 3i:port 4I:targetPort 5i:nodePort 6:appProtocol"},
    {"ServiceSpec",
     "1[ServicePort:ports 2{s:selector 3:clusterIP 4:type 5[s:externalIPs 7:sessionAffinity "
     "8:loadBalancerIP 9[s:loadBalancerSourceRanges 10:externalName 11:externalTrafficPolicy "
     "12i:healthCheckNodePort 13b:publishNotReadyAddresses "
     "14SessionAffinityConfig:sessionAffinityConfig 17:ipFamilyPolicy 18[s:clusterIPs "
     "19[s:ipFamilies 20b:allocateLoadBalancerNodePorts 21:loadBalancerClass "
     "22:internalTrafficPolicy 23:trafficDistribution"},
    {"SessionAffinityConfig", "1ClientIPConfig:clientIP"},
    {"SleepAction", "1i:seconds"},
    {"StatefulSet", "1ObjectMeta:metadata 2StatefulSetSpec:spec"},
    {"StatefulSetOrdinals", "1i:start"},
    {"StatefulSetPersistentVolumeClaimRetentionPolicy", "1:whenDeleted 2:whenScaled"},
    {"StatefulSetSpec",
     "1i:replicas 2LabelSelector:selector 3PodTemplateSpec:template "
     "4[PersistentVolumeClaim:volumeClaimTemplates 5:serviceName 6:podManagementPolicy "
     "7StatefulSetUpdateStrategy:updateStrategy 8i:revisionHistoryLimit 9i:minReadySeconds "
     "10StatefulSetPersistentVolumeClaimRetentionPolicy:persistentVolumeClaimRetentionPolicy "
     "11StatefulSetOrdinals:ordinals"},
    {"StatefulSetUpdateStrategy", "1:type 2RollingUpdateStatefulSetStrategy:rollingUpdate"},
    {"Subject", "1:kind 2:apiGroup 3:name 4:namespace"},
    {"SubjectAccessReview", "1ObjectMeta:metadata 2SubjectAccessReviewSpec:spec"},
    {"SubjectAccessReviewSpec",
     "1ResourceAttributes:resourceAttributes 2NonResourceAttributes:nonResourceAttributes 3:user "
     "4[s:groups 5{ExtraValue:extra 6:uid"},
    {"TCPSocketAction", "1I:port 2:host"},
    {"TokenRequest", "1ObjectMeta:metadata 2TokenRequestSpec:spec"},
    {"TokenRequestSpec",
     "1[s:audiences 3BoundObjectReference:boundObjectRef 4i:expirationSeconds "
     "5{AttestationValue:attestations"},
    {"Toleration", "1:key 2:operator 3:value 4:effect 5i:tolerationSeconds"},
    {"TopologySpreadConstraint",
     "1i:maxSkew 2:topologyKey 3:whenUnsatisfiable 4LabelSelector:labelSelector 5i:minDomains "
     "6:nodeAffinityPolicy 7:nodeTaintsPolicy 8[s:matchLabelKeys"},
    {"TypedLocalObjectReference", "1:apiGroup 2:kind 3:name"},
    {"TypedObjectReference", "1:apiGroup 2:kind 3:name 4:namespace"},
    {"Volume", "1:name 2^VolumeSource:volumeSource"},
    {"VolumeDevice", "1:name 2:devicePath"},
    {"VolumeMount",
     "1:name 2b:readOnly 3:mountPath 4:subPath 5:mountPropagation 6:subPathExpr 7:recursiveReadOnly "
     "8[s:bindMountOptions"},
    {"VolumeProjection",
     "1SecretProjection:secret 2DownwardAPIProjection:downwardAPI 3ConfigMapProjection:configMap "
     "4ServiceAccountTokenProjection:serviceAccountToken"},
    {"VolumeResourceRequirements", "1{Q:limits 2{Q:requests"},
    {"VolumeSource",
     "1HostPathVolumeSource:hostPath 2EmptyDirVolumeSource:emptyDir 6SecretVolumeSource:secret "
     "7NFSVolumeSource:nfs 10PersistentVolumeClaimVolumeSource:persistentVolumeClaim "
     "16DownwardAPIVolumeSource:downwardAPI 19ConfigMapVolumeSource:configMap "
     "26ProjectedVolumeSource:projected 28CSIVolumeSource:csi 29EphemeralVolumeSource:ephemeral "
     "30ImageVolumeSource:image"},
    {"WeightedPodAffinityTerm", "1i:weight 2PodAffinityTerm:podAffinityTerm"},
    {"autoscaling.CrossVersionObjectReference", "1:kind 2:name 3:apiVersion"},
    {"autoscaling.HorizontalPodAutoscaler",
     "1ObjectMeta:metadata 2autoscaling.HorizontalPodAutoscalerSpec:spec"},
    {"autoscaling.HorizontalPodAutoscalerSpec",
     "1autoscaling.CrossVersionObjectReference:scaleTargetRef 2i:minReplicas 3i:maxReplicas "
     "4i:targetCPUUtilizationPercentage"},
    {"autoscaling2.CrossVersionObjectReference", "1:kind 2:name 3:apiVersion"},
    {"autoscaling2.HorizontalPodAutoscaler",
     "1ObjectMeta:metadata 2autoscaling2.HorizontalPodAutoscalerSpec:spec"},
    {"autoscaling2.HorizontalPodAutoscalerSpec",
     "1autoscaling2.CrossVersionObjectReference:scaleTargetRef 2i:minReplicas 3i:maxReplicas "
     "4[MetricSpec:metrics 5HorizontalPodAutoscalerBehavior:behavior"},
}};

} // namespace

const ProtobufMessage* protobufMessage(std::string_view name)
{
    const auto it = std::lower_bound(kMessages.begin(), kMessages.end(), name,
                                     [](const ProtobufMessage& message, std::string_view wanted) { return message.name < wanted; });
    return it == kMessages.end() || it->name != name ? nullptr : &*it;
}

} // namespace core::endpoint
