#include "sim/kube/api/go_value.h"

#include "sim/engine/letters.h"
#include "sim/kube/api/api_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

// The fields of the internal types in their order (pkg/apis/core/types.go), which differ here and there from v1's.
namespace sim::kube::go_values {

namespace {

using nlohmann::json;
using Kind = GoValue::Kind;

struct GoStruct {
    std::string_view name;
    /// "Name:s Ports:[]ContainerPort DNSPolicy=dnsPolicy:s": the JSON name is the Go name with a small first letter unless
    /// it is given. s, i, b: text, number, truth; R: core.ResourceList; * pointer, [] list, {} map; Q, P: quantity,
    /// number or name of a port; x: what this lab never has; ^ embedded, its fields stand beside the others in JSON.
    std::string_view fields;
};

/// Of Container, and of what an EphemeralContainer has in common with it.
constexpr const char* kContainerFields =
    "Name:s Image:s Command:[]s Args:[]s WorkingDir:s Ports:[]ContainerPort EnvFrom:[]EnvFromSource Env:[]EnvVar "
    "Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy RestartPolicy:*s VolumeMounts:[]VolumeMount "
    "VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle "
    "TerminationMessagePath:s TerminationMessagePolicy:s ImagePullPolicy:s SecurityContext:*SecurityContext Stdin:b StdinOnce:b "
    "TTY=tty:b";

constexpr GoStruct kStructs[] = {
    {"PodSpec",
     "Volumes:[]Volume InitContainers:[]Container Containers:[]Container EphemeralContainers:[]EphemeralContainer RestartPolicy:s "
     "TerminationGracePeriodSeconds:*i ActiveDeadlineSeconds:*i DNSPolicy=dnsPolicy:s NodeSelector:{}s ServiceAccountName:s "
     "AutomountServiceAccountToken:*b NodeName:s SecurityContext:*PodSecurityContext ImagePullSecrets:[]LocalObjectReference Hostname:s "
     "Subdomain:s SetHostnameAsFQDN:*b Affinity:*Affinity SchedulerName:s Tolerations:[]Toleration HostAliases:[]HostAlias "
     "PriorityClassName:s Priority:*i PreemptionPolicy:*s DNSConfig=dnsConfig:*PodDNSConfig ReadinessGates:[]PodReadinessGate "
     "RuntimeClassName:*s Overhead:R EnableServiceLinks:*b TopologySpreadConstraints:[]TopologySpreadConstraint OS=os:*PodOS "
     "SchedulingGates:[]PodSchedulingGate ResourceClaims:[]PodResourceClaim Resources:*ResourceRequirements"},
    {"PodSecurityContext",
     "HostNetwork:b HostPID:b HostIPC:b ShareProcessNamespace:*b HostUsers:*b SELinuxOptions=seLinuxOptions:*SELinuxOptions "
     "WindowsOptions:*WindowsSecurityContextOptions RunAsUser:*i RunAsGroup:*i RunAsNonRoot:*b SupplementalGroups:[]i "
     "SupplementalGroupsPolicy:*s FSGroup=fsGroup:*i FSGroupChangePolicy=fsGroupChangePolicy:*s Sysctls:[]Sysctl "
     "SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile SELinuxChangePolicy=seLinuxChangePolicy:*s"},
    {"Container", kContainerFields},
    {"EphemeralContainer", "^EphemeralContainerCommon:EphemeralContainerCommon TargetContainerName:s"},
    {"EphemeralContainerCommon", kContainerFields},
    {"LocalObjectReference", "Name:s"},
    {"Affinity", "NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAntiAffinity"},
    {"Toleration", "Key:s Operator:s Value:s Effect:s TolerationSeconds:*i"},
    {"HostAlias", "IP=ip:s Hostnames:[]s"},
    {"PodDNSConfig", "Nameservers:[]s Searches:[]s Options:[]PodDNSConfigOption"},
    {"PodDNSConfigOption", "Name:s Value:*s"},
    {"PodReadinessGate", "ConditionType:s"},
    {"TopologySpreadConstraint",
     "MaxSkew:i TopologyKey:s WhenUnsatisfiable:s LabelSelector:*v1.LabelSelector MinDomains:*i NodeAffinityPolicy:*s NodeTaintsPolicy:*s "
     "MatchLabelKeys:[]s"},
    {"PodOS", "Name:s"},
    {"PodSchedulingGate", "Name:s"},
    {"ResourceRequirements", "Limits:R Requests:R Claims:[]ResourceClaim"},
    {"Sysctl", "Name:s Value:s"},
    {"SeccompProfile", "Type:s LocalhostProfile:*s"},
    {"Volume", "Name:s ^VolumeSource:VolumeSource"},
    {"VolumeSource",
     "HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource GCEPersistentDisk:*x AWSElasticBlockStore:*x GitRepo:*x "
     "Secret:*SecretVolumeSource NFS=nfs:*NFSVolumeSource ISCSI:*x Glusterfs:*x PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource "
     "RBD:*x Quobyte:*x FlexVolume:*x Cinder:*x CephFS:*x Flocker:*x DownwardAPI:*DownwardAPIVolumeSource FC:*x AzureFile:*x "
     "ConfigMap:*ConfigMapVolumeSource VsphereVolume:*x AzureDisk:*x PhotonPersistentDisk:*x Projected:*ProjectedVolumeSource "
     "PortworxVolume:*x ScaleIO:*x StorageOS:*x CSI:*x Ephemeral:*x Image:*x"},
    {"ContainerPort", "Name:s HostPort:i ContainerPort:i Protocol:s HostIP:s"},
    {"EnvFromSource", "Prefix:s ConfigMapRef:*ConfigMapEnvSource SecretRef:*SecretEnvSource"},
    {"ConfigMapEnvSource", "^LocalObjectReference:LocalObjectReference Optional:*b"},
    {"SecretEnvSource", "^LocalObjectReference:LocalObjectReference Optional:*b"},
    {"EnvVar", "Name:s Value:s ValueFrom:*EnvVarSource"},
    {"EnvVarSource",
     "FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*ConfigMapKeySelector "
     "SecretKeyRef:*SecretKeySelector"},
    {"ObjectFieldSelector", "APIVersion=apiVersion:s FieldPath:s"},
    {"ResourceFieldSelector", "ContainerName:s Resource:s Divisor:Q"},
    {"ConfigMapKeySelector", "^LocalObjectReference:LocalObjectReference Key:s Optional:*b"},
    {"SecretKeySelector", "^LocalObjectReference:LocalObjectReference Key:s Optional:*b"},
    {"VolumeMount", "Name:s ReadOnly:b RecursiveReadOnly:*s MountPath:s SubPath:s MountPropagation:*s SubPathExpr:s"},
    {"Probe",
     "^ProbeHandler:ProbeHandler InitialDelaySeconds:i TimeoutSeconds:i PeriodSeconds:i SuccessThreshold:i FailureThreshold:i "
     "TerminationGracePeriodSeconds:*i"},
    {"ProbeHandler", "Exec:*ExecAction HTTPGet=httpGet:*HTTPGetAction TCPSocket=tcpSocket:*TCPSocketAction GRPC=grpc:*GRPCAction"},
    {"Lifecycle", "PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:*s"},
    {"LifecycleHandler", "Exec:*ExecAction HTTPGet=httpGet:*HTTPGetAction TCPSocket=tcpSocket:*TCPSocketAction Sleep:*SleepAction"},
    {"ExecAction", "Command:[]s"},
    {"HTTPGetAction", "Path:s Port:P Host:s Scheme:s HTTPHeaders=httpHeaders:[]HTTPHeader"},
    {"HTTPHeader", "Name:s Value:s"},
    {"TCPSocketAction", "Port:P Host:s"},
    {"GRPCAction", "Port:i Service:*s"},
    {"SleepAction", "Seconds:i"},
    {"SecurityContext",
     "Capabilities:*Capabilities Privileged:*b SELinuxOptions=seLinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions "
     "RunAsUser:*i RunAsGroup:*i RunAsNonRoot:*b ReadOnlyRootFilesystem:*b AllowPrivilegeEscalation:*b ProcMount:*s "
     "SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile"},
    {"Capabilities", "Add:[]Capability Drop:[]Capability"},
    {"NodeAffinity",
     "RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm"},
    {"NodeSelector", "NodeSelectorTerms:[]NodeSelectorTerm"},
    {"NodeSelectorTerm", "MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement"},
    {"NodeSelectorRequirement", "Key:s Operator:s Values:[]s"},
    {"PreferredSchedulingTerm", "Weight:i Preference:NodeSelectorTerm"},
    {"PodAffinity",
     "RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm "
     "PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm"},
    {"PodAntiAffinity",
     "RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm "
     "PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm"},
    {"PodAffinityTerm",
     "LabelSelector:*v1.LabelSelector Namespaces:[]s TopologyKey:s NamespaceSelector:*v1.LabelSelector MatchLabelKeys:[]s "
     "MismatchLabelKeys:[]s"},
    {"WeightedPodAffinityTerm", "Weight:i PodAffinityTerm:PodAffinityTerm"},
    {"v1.LabelSelector", "MatchLabels:{}s MatchExpressions:[]v1.LabelSelectorRequirement"},
    {"v1.LabelSelectorRequirement", "Key:s Operator:s Values:[]s"},
    {"HostPathVolumeSource", "Path:s Type:*s"},
    {"EmptyDirVolumeSource", "Medium:s SizeLimit:*Q"},
    {"SecretVolumeSource", "SecretName:s Items:[]KeyToPath DefaultMode:*i Optional:*b"},
    {"NFSVolumeSource", "Server:s Path:s ReadOnly:b"},
    {"PersistentVolumeClaimVolumeSource", "ClaimName:s ReadOnly:b"},
    {"DownwardAPIVolumeSource", "Items:[]DownwardAPIVolumeFile DefaultMode:*i"},
    {"DownwardAPIVolumeFile", "Path:s FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode:*i"},
    {"ConfigMapVolumeSource", "^LocalObjectReference:LocalObjectReference Items:[]KeyToPath DefaultMode:*i Optional:*b"},
    {"KeyToPath", "Key:s Path:s Mode:*i"},
    {"ProjectedVolumeSource", "Sources:[]VolumeProjection DefaultMode:*i"},
    {"VolumeProjection",
     "Secret:*SecretProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*ConfigMapProjection "
     "ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:*x"},
    {"SecretProjection", "^LocalObjectReference:LocalObjectReference Items:[]KeyToPath Optional:*b"},
    {"DownwardAPIProjection", "Items:[]DownwardAPIVolumeFile"},
    {"ConfigMapProjection", "^LocalObjectReference:LocalObjectReference Items:[]KeyToPath Optional:*b"},
    {"ServiceAccountTokenProjection", "Audience:s ExpirationSeconds:i Path:s"},
};

std::string_view goFields(std::string_view name)
{
    const auto row = std::find_if(std::begin(kStructs), std::end(kStructs), [&](const GoStruct& one) { return one.name == name; });
    return row == std::end(kStructs) ? std::string_view() : row->fields;
}

/// "[]Container" -> "[]core.Container".
std::string goTypeName(std::string_view shape)
{
    if (shape.starts_with("[]"))
        return "[]" + goTypeName(shape.substr(2));
    if (shape.starts_with("{}"))
        return "map[string]" + goTypeName(shape.substr(2));
    if (shape.starts_with("*"))
        return "*" + goTypeName(shape.substr(1));
    if (shape == "s")
        return "string";
    if (shape == "i")
        return "int64";
    if (shape == "b")
        return "bool";
    if (shape == "R")
        return "core.ResourceList";
    return shape.find('.') == std::string_view::npos ? "core." + std::string(shape) : std::string(shape);
}

GoValue scalar(std::string text, bool zero, bool quoted = false)
{
    GoValue value;
    value.kind = Kind::Scalar;
    value.text = std::move(text);
    value.zero = zero;
    value.quoted = quoted;
    return value;
}

GoValue structure(std::string type)
{
    GoValue value;
    value.kind = Kind::Struct;
    value.type = std::move(type);
    return value;
}

void add(GoValue& owner, std::string name, GoValue field)
{
    owner.zero = owner.zero && field.zero;
    owner.items.emplace_back(std::move(name), std::move(field));
}

/// resource.Quantity: a number with a power of ten, and the text it was read from.
GoValue quantityOf(const std::string& text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const bool binary = suffix.ends_with('i');
    int scale = 0;
    constexpr std::string_view kDecimal = "num kMGTPE"; // each a thousand times the one before, the blank one
    if (binary)
        for (const char c : std::string_view("KMGTPE")) {
            number *= 1024;
            if (c == suffix.front())
                break;
        }
    else if (!suffix.empty() && kDecimal.find(suffix.front()) != std::string_view::npos)
        scale = (static_cast<int>(kDecimal.find(suffix.front())) - 3) * 3;
    GoValue amount = structure("resource.int64Amount");
    add(amount, "value", scalar(std::to_string(number), number == 0));
    add(amount, "scale", scalar(std::to_string(scale), scale == 0));
    GoValue quantity = structure("resource.Quantity");
    add(quantity, "i", std::move(amount));
    add(quantity, "s", scalar(text, text.empty(), true));
    const bool given = !text.empty();
    add(quantity, "Format", scalar(given ? binary ? "BinarySI" : "DecimalSI" : "", !given, true));
    quantity.whole = true;
    quantity.printed = text;
    return quantity;
}

GoValue portOf(const json& given)
{
    GoValue port = structure("intstr.IntOrString");
    const bool text = given.is_string();
    add(port, "Type", scalar(text ? "1" : "0", !text));
    const std::int64_t number = given.is_number() ? given.get<std::int64_t>() : 0;
    add(port, "IntVal", scalar(std::to_string(number), number == 0));
    add(port, "StrVal", scalar(text ? given.get<std::string>() : "", !text, true));
    return port;
}

GoValue valueOf(std::string_view shape, const json& given);

GoValue structOf(std::string_view name, const json& given)
{
    GoValue value = structure(goTypeName(name));
    std::string_view fields = goFields(name);
    while (!fields.empty()) {
        const std::string_view field = fields.substr(0, fields.find(' '));
        fields.remove_prefix(std::min(fields.size(), field.size() + 1));
        const std::size_t colon = field.find(':');
        std::string_view goName = field.substr(0, colon);
        const std::string_view shape = field.substr(colon + 1);
        if (goName.starts_with('^')) {
            add(value, std::string(goName.substr(1)), structOf(shape, given));
            continue;
        }
        const std::size_t equals = goName.find('=');
        std::string key(equals == std::string_view::npos ? goName : goName.substr(equals + 1));
        if (equals == std::string_view::npos)
            key[0] = sim::lowered(key[0]);
        goName = goName.substr(0, equals);
        const auto found = given.is_object() ? given.find(key) : given.end();
        add(value, std::string(goName), valueOf(shape, given.is_object() && found != given.end() ? *found : json()));
    }
    return value;
}

GoValue nil(std::string type)
{
    GoValue value;
    value.type = std::move(type);
    return value;
}

GoValue listOf(std::string_view shape, const json& given)
{
    if (!given.is_array())
        return nil(goTypeName(shape));
    GoValue list;
    list.kind = Kind::List;
    list.type = goTypeName(shape);
    list.zero = false;
    for (const json& one : given)
        list.items.emplace_back(std::string(), valueOf(shape.substr(2), one));
    return list;
}

GoValue mapOf(std::string_view shape, const json& given)
{
    const bool resources = shape == "R"; // its keys are core.ResourceName, which prints itself
    if (!given.is_object())
        return nil(goTypeName(shape));
    GoValue map;
    map.kind = Kind::Map;
    map.type = goTypeName(shape);
    map.zero = false;
    for (const auto& [key, one] : given.items())
        map.items.emplace_back(fmt::format("{}\"{}\"", resources ? "s" : "", key), valueOf(resources ? "Q" : shape.substr(2), one));
    return map;
}

GoValue valueOf(std::string_view shape, const json& given)
{
    if (shape.starts_with("[]"))
        return listOf(shape, given);
    if (shape.starts_with("{}") || shape == "R")
        return mapOf(shape, given);
    if (shape.starts_with('*')) {
        if (given.is_null())
            return nil({});
        GoValue pointer;
        pointer.kind = Kind::Pointer;
        pointer.zero = false;
        pointer.items.emplace_back(std::string(), valueOf(shape.substr(1), given));
        return pointer;
    }
    if (shape == "i") {
        const std::int64_t number = given.is_number() ? given.get<std::int64_t>() : 0;
        return scalar(std::to_string(number), number == 0);
    }
    if (shape == "b") {
        const bool truth = given.is_boolean() && given.get<bool>();
        return scalar(truth ? "true" : "false", !truth);
    }
    if (shape == "Q")
        return quantityOf(given.is_string() ? given.get<std::string>() : std::string());
    if (shape == "P")
        return portOf(given);
    if (shape == "s" || given.is_string()) {
        const std::string text = given.is_string() ? given.get<std::string>() : std::string();
        return scalar(text, text.empty(), true);
    }
    return structOf(shape, given);
}

} // namespace

} // namespace sim::kube::go_values

namespace sim::kube {

GoValue goPodSpec(const Pod& pod)
{
    nlohmann::json given = toJson(pod)["spec"];
    // The internal type keeps the host's namespaces in the security context, which it always has.
    nlohmann::json& security = given["securityContext"];
    if (!security.is_object())
        security = nlohmann::json::object();
    for (const char* name : {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"})
        if (const auto found = given.find(name); found != given.end())
            security[name] = *found;
    return go_values::structOf("PodSpec", given);
}

GoValue goEphemeralContainer(const Pod& pod, const std::string& name)
{
    const nlohmann::json list = toJson(pod)["spec"]["ephemeralContainers"];
    const auto found = std::find_if(list.begin(), list.end(), [&](const nlohmann::json& one) { return one["name"] == name; });
    return go_values::structOf("EphemeralContainer", *found);
}

} // namespace sim::kube
