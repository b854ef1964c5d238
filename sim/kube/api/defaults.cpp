#include "sim/kube/api/defaults.h"

#include "sim/engine/base64.h"
#include "sim/kube/api/group_defaults.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sim::kube {

namespace {

// The Service range of the lab's clusters (kubeadm's default).
constexpr std::uint32_t kServiceBase = 0x0a600000; // 10.96.0.0
constexpr std::uint32_t kServiceHosts = 1u << 20;  // /12
// Static addresses are meant to come from the lower part (serviceallocator's bands).
constexpr std::uint32_t kServiceReserved = 256;

void orDefault(std::string& field, const char* value)
{
    if (field.empty())
        field = value;
}
void orDefault(std::int64_t& field, std::int64_t value)
{
    if (field == 0)
        field = value;
}

void defaultProbe(SharedOptional<Probe>& probe)
{
    if (!probe)
        return;
    orDefault(probe->timeoutSeconds, 1);
    orDefault(probe->periodSeconds, 10);
    orDefault(probe->successThreshold, 1);
    orDefault(probe->failureThreshold, 3);
    if (probe->httpGet) {
        orDefault(probe->httpGet->scheme, "HTTP");
        orDefault(probe->httpGet->path, "/");
    }
}

bool latest(const std::string& image)
{
    const auto slash = image.rfind('/');
    const std::string name = slash == std::string::npos ? image : image.substr(slash + 1);
    if (name.find('@') != std::string::npos)
        return false;
    const auto colon = name.find(':');
    return colon == std::string::npos || name.substr(colon + 1) == "latest";
}

void defaultContainer(Container& container, bool hostNetwork)
{
    orDefault(container.terminationMessagePath, "/dev/termination-log");
    orDefault(container.terminationMessagePolicy, "File");
    if (container.imagePullPolicy.empty())
        container.imagePullPolicy = latest(container.image) ? "Always" : "IfNotPresent";
    for (ContainerPort& port : container.ports) {
        orDefault(port.protocol, "TCP");
        if (hostNetwork)
            orDefault(port.hostPort, port.containerPort.value);
    }
    for (EnvVar& variable : container.env)
        if (variable.valueFrom && variable.valueFrom->fieldRef)
            orDefault(variable.valueFrom->fieldRef->apiVersion, "v1");
    for (const auto& [name, limit] : container.resources.limits)
        container.resources.requests.emplace(name, limit);
    defaultProbe(container.livenessProbe);
    defaultProbe(container.readinessProbe);
    defaultProbe(container.startupProbe);
}

} // namespace

void defaultPodSpec(PodSpec& spec)
{
    orDefault(spec.dnsPolicy, "ClusterFirst");
    orDefault(spec.restartPolicy, "Always");
    orDefault(spec.schedulerName, "default-scheduler");
    if (!spec.terminationGracePeriodSeconds)
        spec.terminationGracePeriodSeconds = 30;
    if (spec.serviceAccount.empty())
        spec.serviceAccount = spec.serviceAccountName;
    if (spec.serviceAccountName.empty())
        spec.serviceAccountName = spec.serviceAccount;
    for (Container& container : spec.containers)
        defaultContainer(container, spec.hostNetwork);
    for (Container& container : spec.initContainers)
        defaultContainer(container, spec.hostNetwork);
    for (EphemeralContainer& container : spec.ephemeralContainers)
        defaultContainer(container, false);
    for (Volume& volume : spec.volumes) {
        if (volume == Volume{.name = volume.name}) // a volume of no named sort is an empty folder
            volume.emptyDir.emplace();
        if (volume.configMap && !volume.configMap->defaultMode)
            volume.configMap->defaultMode = 0644;
        if (volume.secret && !volume.secret->defaultMode)
            volume.secret->defaultMode = 0644;
        if (volume.projected && !volume.projected->defaultMode)
            volume.projected->defaultMode = 0644;
        if (volume.downwardAPI && !volume.downwardAPI->defaultMode)
            volume.downwardAPI->defaultMode = 0644;
    }
}

namespace {

/// DefaultTolerationSeconds: five minutes on a node that is not ready or cannot be reached.
void addToleration(PodSpec& spec, const char* key)
{
    const bool present = std::any_of(spec.tolerations.begin(), spec.tolerations.end(), [&](const Toleration& t) {
        return (t.key == key || t.key.empty()) && (t.effect.empty() || t.effect == "NoExecute");
    });
    if (present)
        return;
    Toleration toleration;
    toleration.effect = "NoExecute";
    toleration.key = key;
    toleration.operator_ = "Exists";
    toleration.tolerationSeconds = 300;
    spec.tolerations.push_back(std::move(toleration));
}

/// The bound token every pod gets (plugin/pkg/admission/serviceaccount).
void addTokenVolume(PodSpec& spec, RandomStream& random)
{
    constexpr const char* kPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    static constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    const bool mounted = std::any_of(spec.containers.begin(), spec.containers.end(), [&](const Container& c) {
        return std::any_of(c.volumeMounts.begin(), c.volumeMounts.end(), [&](const VolumeMount& m) { return m.mountPath == kPath; });
    });
    if (mounted)
        return;
    // The same three parts in every pod, shared by all of them.
    static const CopyOnWrite<std::vector<VolumeProjection>> kSources = [] {
        VolumeProjection token;
        token.serviceAccountToken = ServiceAccountTokenProjection{"", 3607, "token"};
        VolumeProjection authority;
        authority.configMap = ConfigMapProjection{{{"ca.crt", {}, "ca.crt"}}, "kube-root-ca.crt", {}};
        VolumeProjection space;
        space.downwardAPI = DownwardApiProjection{{{ObjectFieldSelector{"v1", "metadata.namespace"}, {}, "namespace", {}}}};
        return std::vector<VolumeProjection>{token, authority, space};
    }();
    Volume volume;
    volume.name = "kube-api-access-";
    for (int i = 0; i < 5; ++i)
        volume.name += kAlphabet[random.below(kAlphabet.size())];
    volume.projected.emplace();
    volume.projected->defaultMode = 0644;
    volume.projected->sources = kSources;
    const std::string name = volume.name;
    spec.volumes.push_back(std::move(volume));
    for (auto* list : {&spec.containers, &spec.initContainers})
        for (Container& container : *list) {
            VolumeMount mount;
            mount.mountPath = kPath;
            mount.name = name;
            mount.readOnly = true;
            container.volumeMounts.push_back(std::move(mount));
        }
}

/// Priority admission: the named class, else the one marked as the global default, else 0.
void admitPriority(PodSpec& spec, const Store& store)
{
    if (spec.priority)
        return;
    spec.priority = spec.priorityClassName == "system-node-critical"       ? 2000001000
        : spec.priorityClassName == "system-cluster-critical" ? 2000000000
                                                              : 0; // the two built-in classes (pkg/apis/scheduling/types.go)
    for (const auto& [key, one] : store.all<PriorityClass>()) {
        const bool named = spec.priorityClassName == key.name;
        if (!named && !(spec.priorityClassName.empty() && one->globalDefault))
            continue;
        spec.priority = one->value.value;
        spec.priorityClassName = key.name;
        if (one->preemptionPolicy && spec.preemptionPolicy.empty())
            spec.preemptionPolicy = *one->preemptionPolicy;
        return;
    }
}

void admitPod(Pod& pod, const Store& store, RandomStream& random)
{
    PodSpec& spec = pod.spec;
    if (spec.serviceAccountName.empty())
        spec.serviceAccountName = "default";
    spec.serviceAccount = spec.serviceAccountName;
    const auto account = store.get<ServiceAccount>({pod.metadata.namespace_, spec.serviceAccountName});
    if (account && spec.imagePullSecrets.empty())
        spec.imagePullSecrets = account->imagePullSecrets;
    // Mirror pods of static pods get no token (the kubelet made them, not a user).
    if (pod.metadata.annotations.count("kubernetes.io/config.mirror") == 0
        && (!account || account->automountServiceAccountToken.value_or(true)))
        addTokenVolume(spec, random);
    addToleration(spec, "node.kubernetes.io/not-ready");
    addToleration(spec, "node.kubernetes.io/unreachable");
    if (!spec.enableServiceLinks)
        spec.enableServiceLinks = true;
    admitPriority(spec, store);
    orDefault(spec.preemptionPolicy, "PreemptLowerPriority");
    if (pod.status.phase.empty())
        pod.status.phase = "Pending";
    pod.status.qosClass = qosClassOf(spec);
    if (!spec.schedulingGates.empty() && pod.status.conditions.empty()) { // podutil.applySchedulingGatedCondition
        Condition& gated = pod.status.conditions.emplace_back();
        gated.type = std::string("PodScheduled");
        gated.status = std::string("False");
        gated.reason = "SchedulingGated";
        gated.message = "Scheduling is blocked due to non-empty scheduling gates";
    }
}

/// The node ports of a NodePort or LoadBalancer Service (service-node-port-range 30000-32767).
void allocateNodePorts(Service& service, const Store& store, RandomStream& random)
{
    if (service.spec.type != "NodePort" && service.spec.type != "LoadBalancer")
        return;
    constexpr std::int64_t kFirst = 30000;
    constexpr std::uint64_t kCount = 2768;
    std::set<std::int64_t> taken;
    for (const auto& [key, other] : store.all<Service>())
        for (const ServicePort& port : other->spec.ports)
            taken.insert(port.nodePort);
    for (ServicePort& port : service.spec.ports)
        while (port.nodePort == 0 && taken.size() < kCount) {
            const std::int64_t candidate = kFirst + static_cast<std::int64_t>(random.below(kCount));
            if (taken.insert(candidate).second)
                port.nodePort = candidate;
        }
}

void allocateAddress(Service& service, const Store& store, RandomStream& random)
{
    if (!service.spec.clusterIP.empty() || service.spec.type == "ExternalName") {
        if (!service.spec.clusterIP.empty())
            service.spec.clusterIPs = {service.spec.clusterIP};
        return;
    }
    std::set<std::string> taken;
    for (const auto& [key, other] : store.all<Service>())
        taken.insert(other->spec.clusterIP);
    for (;;) {
        const std::uint32_t ip = kServiceBase + kServiceReserved
            + static_cast<std::uint32_t>(random.below(kServiceHosts - kServiceReserved - 1));
        const std::string text = fmt::format("{}.{}.{}.{}", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
        if (taken.count(text) == 0) {
            service.spec.clusterIP = text;
            service.spec.clusterIPs = {text};
            return;
        }
    }
}

} // namespace

std::string qosClassOf(const PodSpec& spec)
{
    bool any = false;
    bool guaranteed = true;
    for (const auto* list : {&spec.containers, &spec.initContainers})
        for (const Container& container : *list)
            for (const char* resource : {"cpu", "memory"}) {
                const auto request = container.resources.requests.find(resource);
                const auto limit = container.resources.limits.find(resource);
                any = any || request != container.resources.requests.end() || limit != container.resources.limits.end();
                guaranteed = guaranteed && limit != container.resources.limits.end()
                    && (request == container.resources.requests.end() || request->second == limit->second);
            }
    return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

template <ApiObject T>
void applyDefaults(T& object)
{
    if constexpr (std::is_same_v<T, Pod>) {
        defaultPodSpec(object.spec);
    } else if constexpr (std::is_same_v<T, Deployment>) {
        if (!object.spec.replicas)
            object.spec.replicas = 1;
        if (!object.spec.revisionHistoryLimit)
            object.spec.revisionHistoryLimit = 10;
        if (!object.spec.progressDeadlineSeconds)
            object.spec.progressDeadlineSeconds = 600;
        orDefault(object.spec.strategy.type, "RollingUpdate");
        if (object.spec.strategy.type == "RollingUpdate") {
            auto& rolling = object.spec.strategy.rollingUpdate;
            if (!rolling)
                rolling.emplace();
            if (!rolling->maxSurge)
                rolling->maxSurge = IntOrString{std::string("25%")};
            if (!rolling->maxUnavailable)
                rolling->maxUnavailable = IntOrString{std::string("25%")};
        }
        defaultPodSpec(object.spec.template_.spec);
    } else if constexpr (std::is_same_v<T, ReplicaSet>) {
        if (!object.spec.replicas)
            object.spec.replicas = 1;
        defaultPodSpec(object.spec.template_.spec);
    } else if constexpr (std::is_same_v<T, DaemonSet>) {
        if (!object.spec.revisionHistoryLimit)
            object.spec.revisionHistoryLimit = 10;
        orDefault(object.spec.updateStrategy.type, "RollingUpdate");
        if (object.spec.updateStrategy.type == "RollingUpdate" && !object.spec.updateStrategy.rollingUpdate)
            object.spec.updateStrategy.rollingUpdate = RollingUpdate{IntOrString{std::int64_t{0}}, IntOrString{std::int64_t{1}}};
        defaultPodSpec(object.spec.template_.spec);
    } else if constexpr (std::is_same_v<T, Service>) {
        orDefault(object.spec.type, "ClusterIP");
        orDefault(object.spec.sessionAffinity, "None");
        if (object.spec.type != "ExternalName") { // which has no address to speak of
            orDefault(object.spec.internalTrafficPolicy, "Cluster");
            orDefault(object.spec.ipFamilyPolicy, "SingleStack");
            if (object.spec.ipFamilies.empty())
                object.spec.ipFamilies = {"IPv4"};
        }
        if (object.spec.type == "NodePort" || object.spec.type == "LoadBalancer")
            orDefault(object.spec.externalTrafficPolicy, "Cluster");
        if (object.spec.type == "LoadBalancer" && !object.spec.allocateLoadBalancerNodePorts)
            object.spec.allocateLoadBalancerNodePorts = true;
        if (object.spec.sessionAffinity == "ClientIP" && !object.spec.sessionAffinityConfig)
            object.spec.sessionAffinityConfig = SessionAffinityConfig{ClientIpConfig{10800}};
        for (ServicePort& port : object.spec.ports) {
            orDefault(port.protocol, "TCP");
            if (port.targetPort == IntOrString{})
                port.targetPort = IntOrString{port.port.value};
        }
    } else if constexpr (std::is_same_v<T, Secret>) {
        orDefault(object.type, "Opaque");
        for (const auto& [key, text] : object.stringData)
            object.data[key] = encodeBase64(text);
        object.stringData.clear();
    } else {
        setGroupDefaults(object);
    }
}

template <ApiObject T>
void admitNew(T& object, const Store& store, RandomStream& random)
{
    if constexpr (std::is_same_v<T, Pod>) {
        admitPod(object, store, random);
    } else if constexpr (std::is_same_v<T, Service>) {
        allocateAddress(object, store, random);
        allocateNodePorts(object, store, random);
    } else if constexpr (std::is_same_v<T, Namespace>) {
        object.metadata.labels["kubernetes.io/metadata.name"] = object.metadata.name;
        object.spec.finalizers = {"kubernetes"};
        object.status.phase = "Active";
    } else if constexpr (std::is_same_v<T, Deployment> || std::is_same_v<T, ReplicaSet> || std::is_same_v<T, DaemonSet>) {
        object.status = {};
    } else {
        admitNewOfGroup(object, store, random);
    }
}

#define FAULTLINE_DEFAULTS(T)                  \
    template void applyDefaults<T>(T& object); \
    template void admitNew<T>(T&, const Store&, RandomStream&);
FAULTLINE_FOR_EACH_KIND(FAULTLINE_DEFAULTS)
#undef FAULTLINE_DEFAULTS

} // namespace sim::kube
