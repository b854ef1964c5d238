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
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kNames{{
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
        {"PodSpec", {"dnsConfig", "ephemeralContainers", "hostAliases", "hostIPC", "hostUsers", "hostname", "os", "overhead",
                     "readinessGates", "resourceClaims", "resources", "runtimeClassName", "schedulingGates",
                     "setHostnameAsFQDN", "shareProcessNamespace", "subdomain"}},
        {"Container", {"lifecycle", "resizePolicy", "restartPolicy", "stdin", "stdinOnce", "tty", "volumeDevices"}},
        {"Probe", {"grpc", "terminationGracePeriodSeconds"}},
        {"HTTPGetAction", {"httpHeaders"}},
        {"ContainerPort", {"hostIP"}},
        {"EnvVarSource", {"resourceFieldRef"}},
        {"VolumeMount", {"mountPropagation", "recursiveReadOnly", "subPathExpr"}},
        {"ResourceRequirements", {"claims"}},
        {"SecurityContext", {"appArmorProfile", "fsGroupChangePolicy", "procMount", "seLinuxChangePolicy", "seLinuxOptions",
                             "seccompProfile", "supplementalGroups", "supplementalGroupsPolicy", "sysctls",
                             "windowsOptions"}},
        {"Volume", {"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "downwardAPI", "ephemeral",
                    "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs", "image", "iscsi", "nfs",
                    "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO",
                    "storageos", "vsphereVolume"}},
        {"SecretVolumeSource", {"items"}},
        {"ConfigMapProjection", {"optional"}},
        {"VolumeProjection", {"clusterTrustBundle", "secret"}},
        {"ServiceAccountTokenProjection", {"audience"}},
        {"KeyToPath", {"mode"}},
        {"DownwardAPIVolumeFile", {"mode", "resourceFieldRef"}},
        {"TopologySpreadConstraint", {"matchLabelKeys", "minDomains", "nodeAffinityPolicy", "nodeTaintsPolicy"}},
        {"PodAffinityTerm", {"matchLabelKeys", "mismatchLabelKeys", "namespaceSelector"}},
        {"ServiceSpec", {"externalIPs", "healthCheckNodePort", "loadBalancerClass", "loadBalancerIP",
                         "loadBalancerSourceRanges", "sessionAffinityConfig", "trafficDistribution"}},
        {"LoadBalancerStatus", {"ingress"}},
        {"ServiceStatus", {"conditions"}},
        {"NodeSpec", {"configSource", "externalID"}},
        {"NodeStatus", {"config", "features", "phase", "runtimeHandlers", "volumesAttached", "volumesInUse"}},
        {"NodeSystemInfo", {"swap"}},
        {"Event", {"related"}},
        {"EndpointAddress", {"hostname"}},
        {"EndpointPort", {"appProtocol"}},
        {"Endpoint", {"deprecatedTopology", "hints", "hostname"}},
        {"LeaseSpec", {"preferredHolder", "strategy"}},
        {"DaemonSetStatus", {"collisionCount", "conditions"}},
        {"DeploymentStatus", {"terminatingReplicas"}},
        {"ReplicaSetStatus", {"terminatingReplicas"}},
        {"PodStatus", {"ephemeralContainerStatuses", "observedGeneration", "resize", "resourceClaimStatuses"}},
        {"ContainerStatus", {"allocatedResources", "allocatedResourcesStatus", "resources", "stopSignal", "user",
                             "volumeMounts"}},
        {"PodCondition", {"observedGeneration"}},
    };
    for (const StructFields& entry : kFields)
        if (entry.goStruct == goStruct)
            return contains(entry.fields, field);
    return false;
}

bool isDroppedField(std::string_view goStruct, std::string_view field)
{
    return goStruct == "ObjectMeta" && (field == "managedFields" || field == "selfLink");
}

} // namespace sim::kube
