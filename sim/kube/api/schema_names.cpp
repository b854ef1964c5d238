#include "sim/kube/api/schema_names.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace sim::kube {

namespace {

template <class Range>
bool contains(const Range& range, std::string_view wanted)
{
    return std::find(std::begin(range), std::end(range), wanted) != std::end(range);
}

struct StructFields {
    std::string_view goStruct;
    std::initializer_list<std::string_view> fields;
};

} // namespace

std::string_view goStructName(std::string_view ours)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 31> kNames{{
        {"KubeEvent", "Event"},
        {"HttpGetAction", "HTTPGetAction"},
        {"TcpSocketAction", "TCPSocketAction"},
        {"KeyRef", "SecretKeySelector"},
        {"IpAddress", "PodIP"},
        {"DownwardApiItem", "DownwardAPIVolumeFile"},
        {"DownwardApiProjection", "DownwardAPIProjection"},
        {"UpdateStrategy", "DeploymentStrategy"},
        {"RollingUpdate", "RollingUpdateDeployment"},
        {"Condition", "PodCondition"},
        {"SliceEndpoint", "Endpoint"},
        {"NamespaceCondition", "NamespaceCondition"},
        {"TopologySpreadConstraint", "TopologySpreadConstraint"},
        {"GrpcAction", "GRPCAction"},
        {"HttpHeader", "HTTPHeader"},
        {"PodDnsConfig", "PodDNSConfig"},
        {"NameValue", "PodDNSConfigOption"},
        {"PodOs", "PodOS"},
        {"ClaimVolumeSource", "PersistentVolumeClaimVolumeSource"},
        {"NfsVolumeSource", "NFSVolumeSource"},
        {"DownwardApiVolumeSource", "DownwardAPIVolumeSource"},
        {"HpaSpec", "HorizontalPodAutoscalerSpec"},
        {"HpaStatus", "HorizontalPodAutoscalerStatus"},
        {"HpaBehavior", "HorizontalPodAutoscalerBehavior"},
        {"HpaScalingRules", "HPAScalingRules"},
        {"HpaScalingPolicy", "HPAScalingPolicy"},
        {"PdbSpec", "PodDisruptionBudgetSpec"},
        {"PvcSpec", "PersistentVolumeClaimSpec"},
        {"PvSpec", "PersistentVolumeSpec"},
        {"CrdSpec", "CustomResourceDefinitionSpec"},
        {"CrdVersion", "CustomResourceDefinitionVersion"},
    }};
    for (const auto& [from, to] : kNames)
        if (from == ours)
            return to;
    return ours;
}

bool isInt64Field(std::string_view field)
{
    static constexpr std::array<std::string_view, 11> kWide{
        "activeDeadlineSeconds", "deletionGracePeriodSeconds", "expirationSeconds", "fsGroup",
        "generation", "observedGeneration", "runAsGroup", "runAsUser", "sizeBytes",
        "terminationGracePeriodSeconds", "tolerationSeconds"};
    return contains(kWide, field);
}

bool isUnmodelledField(std::string_view goStruct, std::string_view field)
{
    static const std::initializer_list<StructFields> kFields = {
        {"PodSpec", {"ephemeralContainers", "hostUsers", "resourceClaims", "resources"}},
        {"Container", {"resizePolicy", "restartPolicyRules", "volumeDevices"}},
        {"EnvVarSource", {"fileKeyRef"}},
        {"VolumeMount", {"recursiveReadOnly"}},
        {"ResourceRequirements", {"claims"}},
        {"SecurityContext", {"appArmorProfile", "procMount", "seLinuxChangePolicy", "seLinuxOptions",
                             "supplementalGroupsPolicy",
                             "windowsOptions"}},
        {"Volume", {"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "ephemeral",
                    "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "image", "iscsi",
                    "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO",
                    "storageos", "vsphereVolume"}},
        {"VolumeProjection", {"clusterTrustBundle", "podCertificate"}},
        {"ServiceSpec", {"loadBalancerClass", "loadBalancerSourceRanges", "trafficDistribution"}},
        {"LoadBalancerIngress", {"ipMode", "ports"}},
        {"ServiceStatus", {"conditions"}},
        {"NodeSpec", {"configSource", "externalID"}},
        {"NodeStatus", {"config", "features", "phase", "runtimeHandlers", "volumesAttached", "volumesInUse"}},
        {"NodeSystemInfo", {"swap"}},
        {"EndpointPort", {"appProtocol"}},
        {"Endpoint", {"deprecatedTopology", "hints"}},
        {"LeaseSpec", {"preferredHolder", "strategy"}},
        {"DeploymentStatus", {"terminatingReplicas"}},
        {"ReplicaSetStatus", {"terminatingReplicas"}},
        {"PodStatus", {"ephemeralContainerStatuses", "observedGeneration", "resize", "resourceClaimStatuses"}},
        {"ContainerStatus", {"allocatedResources", "allocatedResourcesStatus", "resources", "stopSignal", "user",
                             "volumeMounts"}},
    };
    for (const StructFields& entry : kFields)
        if (entry.goStruct == goStruct)
            return contains(entry.fields, field);
    return false;
}

bool isDroppedField(std::string_view goStruct, std::string_view field)
{
    return goStruct == "ObjectMeta" && field == "selfLink";
}

} // namespace sim::kube
