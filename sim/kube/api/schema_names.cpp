#include "sim/kube/api/schema_names.h"

#include "sim/kube/api/field_facts.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sim::kube {

namespace {

template <class Range>
bool contains(const Range& range, std::string_view wanted)
{
    return std::find(std::begin(range), std::end(range), wanted) != std::end(range);
}

} // namespace

std::string_view goStructName(std::string_view ours)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 66> kNames{{
        {"KubeEvent", "Event"},
        {"HttpGetAction", "HTTPGetAction"},
        {"TcpSocketAction", "TCPSocketAction"},
        {"EnvSourceRef", "SecretEnvSource"},
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
        {"AdmissionWebhook", "ValidatingWebhook"},
        {"ApiServiceReference", "ServiceReference"},
        {"ApiServiceSpec", "APIServiceSpec"},
        {"ApiServiceStatus", "APIServiceStatus"},
        {"ClientIpConfig", "ClientIPConfig"},
        {"CrdColumn", "CustomResourceColumnDefinition"},
        {"CrdConversion", "CustomResourceConversion"},
        {"CrdNames", "CustomResourceDefinitionNames"},
        {"CrdScale", "CustomResourceSubresourceScale"},
        {"CrdSelectableField", "SelectableField"},
        {"CrdStatus", "CustomResourceDefinitionStatus"},
        {"CrdSubresources", "CustomResourceSubresources"},
        {"CrdValidation", "CustomResourceValidation"},
        {"CsiDriverSpec", "CSIDriverSpec"},
        {"CsiNodeDriver", "CSINodeDriver"},
        {"CsiNodeSpec", "CSINodeSpec"},
        {"CsiVolumeSource", "CSIPersistentVolumeSource"},
        {"FlowNamedSubject", "UserSubject"},
        {"FlowSubject", "Subject"},
        {"HttpIngressPath", "HTTPIngressPath"},
        {"HttpIngressRuleValue", "HTTPIngressRuleValue"},
        {"IngressClassParameters", "IngressClassParametersReference"},
        {"IngressTls", "IngressTLS"},
        {"IpBlock", "IPBlock"},
        {"PdbStatus", "PodDisruptionBudgetStatus"},
        {"PodFailurePolicyOnCondition", "PodFailurePolicyOnPodConditionsPattern"},
        {"PodFailurePolicyOnExitCodes", "PodFailurePolicyOnExitCodesRequirement"},
        {"PvStatus", "PersistentVolumeStatus"},
        {"PvcRetentionPolicy", "StatefulSetPersistentVolumeClaimRetentionPolicy"},
        {"PvcStatus", "PersistentVolumeClaimStatus"},
        {"ScopedSelectorRequirement", "ScopedResourceSelectorRequirement"},
        {"StatefulSetRollingUpdate", "RollingUpdateStatefulSetStrategy"},
        {"WebhookRule", "RuleWithOperations"},
        {"WebhookService", "ServiceReference"},
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
    const auto has = [&](std::string_view name) {
        const auto fields = unmodelledFields(name);
        return std::any_of(fields.begin(), fields.end(), [&](const UnmodelledField& one) { return one.name == field; });
    };
    // The decoder knows a pod's security context by the same name as a container's.
    return has(goStruct) || (goStruct == "SecurityContext" && has("PodSecurityContext"));
}

bool isDroppedField(std::string_view goStruct, std::string_view field)
{
    return goStruct == "ObjectMeta" && field == "selfLink";
}

} // namespace sim::kube
