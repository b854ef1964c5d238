#pragma once

#include "sim/kube/api/meta.h"

namespace sim::kube {

// ---- Pod -------------------------------------------------------------------------------------------

struct KeyRef { // SecretKeyRef, ConfigMapKeyRef
    std::string key;
    std::string name;
    std::optional<bool> optional;
    bool operator==(const KeyRef&) const = default;
};
BOOST_DESCRIBE_STRUCT(KeyRef, (), (key, name, optional))

struct ObjectFieldSelector {
    std::string apiVersion;
    std::string fieldPath;
    bool operator==(const ObjectFieldSelector&) const = default;
};
BOOST_DESCRIBE_STRUCT(ObjectFieldSelector, (), (apiVersion, fieldPath))

struct ResourceFieldSelector {
    std::string containerName;
    Quantity divisor;
    std::string resource;
    bool operator==(const ResourceFieldSelector&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourceFieldSelector, (), (containerName, divisor, resource))

struct EnvVarSource {
    std::optional<KeyRef> configMapKeyRef;
    std::optional<ObjectFieldSelector> fieldRef;
    std::optional<ResourceFieldSelector> resourceFieldRef;
    std::optional<KeyRef> secretKeyRef;
    bool operator==(const EnvVarSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(EnvVarSource, (), (configMapKeyRef, fieldRef, resourceFieldRef, secretKeyRef))

struct EnvVar {
    std::string name;
    std::string value;
    std::optional<EnvVarSource> valueFrom;
    bool operator==(const EnvVar&) const = default;
};
BOOST_DESCRIBE_STRUCT(EnvVar, (), (name, value, valueFrom))

struct EnvSourceRef { // SecretEnvSource, ConfigMapEnvSource
    std::string name;
    std::optional<bool> optional;
    bool operator==(const EnvSourceRef&) const = default;
};
BOOST_DESCRIBE_STRUCT(EnvSourceRef, (), (name, optional))

struct EnvFromSource {
    std::optional<EnvSourceRef> configMapRef;
    std::string prefix;
    std::optional<EnvSourceRef> secretRef;
    bool operator==(const EnvFromSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(EnvFromSource, (), (configMapRef, prefix, secretRef))

struct ContainerPort {
    Always<std::int64_t> containerPort;
    std::string hostIP;
    std::int64_t hostPort = 0;
    std::string name;
    std::string protocol;
    bool operator==(const ContainerPort&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerPort, (), (containerPort, hostIP, hostPort, name, protocol))

struct ResourceRequirements {
    ResourceList limits;
    ResourceList requests;
    bool operator==(const ResourceRequirements&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourceRequirements, (), (limits, requests))

struct ExecAction {
    std::vector<std::string> command;
    bool operator==(const ExecAction&) const = default;
};
BOOST_DESCRIBE_STRUCT(ExecAction, (), (command))

struct HttpHeader {
    Always<std::string> name;
    Always<std::string> value;
    bool operator==(const HttpHeader&) const = default;
};
BOOST_DESCRIBE_STRUCT(HttpHeader, (), (name, value))

struct HttpGetAction {
    std::string host;
    std::vector<HttpHeader> httpHeaders;
    std::string path;
    IntOrString port;
    std::string scheme;
    bool operator==(const HttpGetAction&) const = default;
};
BOOST_DESCRIBE_STRUCT(HttpGetAction, (), (host, httpHeaders, path, port, scheme))

struct TcpSocketAction {
    std::string host;
    IntOrString port;
    bool operator==(const TcpSocketAction&) const = default;
};
BOOST_DESCRIBE_STRUCT(TcpSocketAction, (), (host, port))

struct GrpcAction {
    Always<std::int64_t> port;
    std::string service;
    bool operator==(const GrpcAction&) const = default;
};
BOOST_DESCRIBE_STRUCT(GrpcAction, (), (port, service))

struct SleepAction {
    Always<std::int64_t> seconds;
    bool operator==(const SleepAction&) const = default;
};
BOOST_DESCRIBE_STRUCT(SleepAction, (), (seconds))

struct LifecycleHandler {
    std::optional<ExecAction> exec;
    std::optional<HttpGetAction> httpGet;
    std::optional<SleepAction> sleep;
    std::optional<TcpSocketAction> tcpSocket;
    bool operator==(const LifecycleHandler&) const = default;
};
BOOST_DESCRIBE_STRUCT(LifecycleHandler, (), (exec, httpGet, sleep, tcpSocket))

struct Lifecycle {
    std::optional<LifecycleHandler> postStart;
    std::optional<LifecycleHandler> preStop;
    bool operator==(const Lifecycle&) const = default;
};
BOOST_DESCRIBE_STRUCT(Lifecycle, (), (postStart, preStop))

struct Probe {
    std::optional<ExecAction> exec;
    std::int64_t failureThreshold = 0;
    std::optional<GrpcAction> grpc;
    std::optional<HttpGetAction> httpGet;
    std::int64_t initialDelaySeconds = 0;
    std::int64_t periodSeconds = 0;
    std::int64_t successThreshold = 0;
    std::optional<TcpSocketAction> tcpSocket;
    std::optional<std::int64_t> terminationGracePeriodSeconds;
    std::int64_t timeoutSeconds = 0;
    bool operator==(const Probe&) const = default;
};
BOOST_DESCRIBE_STRUCT(Probe, (), (exec, failureThreshold, grpc, httpGet, initialDelaySeconds, periodSeconds, successThreshold,
    tcpSocket, terminationGracePeriodSeconds, timeoutSeconds))

struct VolumeMount {
    std::string mountPath;
    std::string mountPropagation;
    std::string name;
    bool readOnly = false;
    std::string subPath;
    std::string subPathExpr;
    bool operator==(const VolumeMount&) const = default;
};
BOOST_DESCRIBE_STRUCT(VolumeMount, (), (mountPath, mountPropagation, name, readOnly, subPath, subPathExpr))

struct Capabilities {
    std::vector<std::string> add;
    std::vector<std::string> drop;
    bool operator==(const Capabilities&) const = default;
};
BOOST_DESCRIBE_STRUCT(Capabilities, (), (add, drop))

struct SeccompProfile {
    std::string localhostProfile;
    std::string type;
    bool operator==(const SeccompProfile&) const = default;
};
BOOST_DESCRIBE_STRUCT(SeccompProfile, (), (localhostProfile, type))

struct Sysctl {
    Always<std::string> name;
    Always<std::string> value;
    bool operator==(const Sysctl&) const = default;
};
BOOST_DESCRIBE_STRUCT(Sysctl, (), (name, value))

struct SecurityContext { // container's and pod's, the fields in use
    std::optional<bool> allowPrivilegeEscalation;
    std::optional<Capabilities> capabilities;
    std::optional<bool> privileged;
    std::optional<bool> readOnlyRootFilesystem;
    std::optional<std::int64_t> runAsGroup;
    std::optional<bool> runAsNonRoot;
    std::optional<std::int64_t> runAsUser;
    std::optional<std::int64_t> fsGroup;
    std::string fsGroupChangePolicy;
    std::optional<SeccompProfile> seccompProfile;
    std::vector<std::int64_t> supplementalGroups;
    std::vector<Sysctl> sysctls;
    bool operator==(const SecurityContext&) const = default;
};
BOOST_DESCRIBE_STRUCT(SecurityContext, (), (allowPrivilegeEscalation, capabilities, privileged, readOnlyRootFilesystem,
    runAsGroup, runAsNonRoot, runAsUser, fsGroup, fsGroupChangePolicy, seccompProfile, supplementalGroups, sysctls))

struct Container {
    std::vector<std::string> args;
    std::vector<std::string> command;
    std::vector<EnvVar> env;
    std::vector<EnvFromSource> envFrom;
    std::string image;
    std::string imagePullPolicy;
    SharedOptional<Lifecycle> lifecycle;
    SharedOptional<Probe> livenessProbe;
    std::string name;
    std::vector<ContainerPort> ports;
    SharedOptional<Probe> readinessProbe;
    ResourceRequirements resources;
    std::string restartPolicy; ///< "Always" on an init container makes it a sidecar
    SharedOptional<SecurityContext> securityContext;
    SharedOptional<Probe> startupProbe;
    bool stdin_ = false;
    bool stdinOnce = false;
    std::string terminationMessagePath;
    std::string terminationMessagePolicy;
    bool tty = false;
    std::vector<VolumeMount> volumeMounts;
    std::string workingDir;
    bool operator==(const Container&) const = default;
};
BOOST_DESCRIBE_STRUCT(Container, (), (args, command, env, envFrom, image, imagePullPolicy, lifecycle, livenessProbe,
    name, ports, readinessProbe, resources, restartPolicy, securityContext, startupProbe, stdin_, stdinOnce, terminationMessagePath,
    terminationMessagePolicy, tty, volumeMounts, workingDir))

/// A container that joins a pod which runs already, to look into it: never restarted, never removed.
struct EphemeralContainer : Container {
    std::string targetContainerName; ///< whose process namespace it shares; empty: none
    bool operator==(const EphemeralContainer&) const = default;
};
BOOST_DESCRIBE_STRUCT(EphemeralContainer, (Container), (targetContainerName))

struct Toleration {
    std::string effect;
    std::string key;
    std::string operator_;
    std::optional<std::int64_t> tolerationSeconds;
    std::string value;
    bool operator==(const Toleration&) const = default;
};
BOOST_DESCRIBE_STRUCT(Toleration, (), (effect, key, operator_, tolerationSeconds, value))

struct NodeSelectorTerm {
    std::vector<LabelSelectorRequirement> matchExpressions;
    std::vector<LabelSelectorRequirement> matchFields;
    bool operator==(const NodeSelectorTerm&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeSelectorTerm, (), (matchExpressions, matchFields))

struct NodeSelector {
    std::vector<NodeSelectorTerm> nodeSelectorTerms;
    bool operator==(const NodeSelector&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeSelector, (), (nodeSelectorTerms))

struct PreferredSchedulingTerm {
    NodeSelectorTerm preference;
    Always<std::int64_t> weight;
    bool operator==(const PreferredSchedulingTerm&) const = default;
};
BOOST_DESCRIBE_STRUCT(PreferredSchedulingTerm, (), (preference, weight))

struct NodeAffinity {
    std::vector<PreferredSchedulingTerm> preferredDuringSchedulingIgnoredDuringExecution;
    std::optional<NodeSelector> requiredDuringSchedulingIgnoredDuringExecution;
    bool operator==(const NodeAffinity&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeAffinity, (),
    (preferredDuringSchedulingIgnoredDuringExecution, requiredDuringSchedulingIgnoredDuringExecution))

struct PodAffinityTerm {
    std::optional<LabelSelector> labelSelector;
    std::vector<std::string> matchLabelKeys;
    std::vector<std::string> mismatchLabelKeys;
    std::optional<LabelSelector> namespaceSelector;
    std::vector<std::string> namespaces;
    std::string topologyKey;
    bool operator==(const PodAffinityTerm&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodAffinityTerm, (), (labelSelector, matchLabelKeys, mismatchLabelKeys, namespaceSelector, namespaces,
    topologyKey))

struct WeightedPodAffinityTerm {
    PodAffinityTerm podAffinityTerm;
    Always<std::int64_t> weight;
    bool operator==(const WeightedPodAffinityTerm&) const = default;
};
BOOST_DESCRIBE_STRUCT(WeightedPodAffinityTerm, (), (podAffinityTerm, weight))

struct PodAffinity { // and PodAntiAffinity
    std::vector<WeightedPodAffinityTerm> preferredDuringSchedulingIgnoredDuringExecution;
    std::vector<PodAffinityTerm> requiredDuringSchedulingIgnoredDuringExecution;
    bool operator==(const PodAffinity&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodAffinity, (),
    (preferredDuringSchedulingIgnoredDuringExecution, requiredDuringSchedulingIgnoredDuringExecution))

struct Affinity {
    std::optional<NodeAffinity> nodeAffinity;
    std::optional<PodAffinity> podAffinity;
    std::optional<PodAffinity> podAntiAffinity;
    bool operator==(const Affinity&) const = default;
};
BOOST_DESCRIBE_STRUCT(Affinity, (), (nodeAffinity, podAffinity, podAntiAffinity))

struct TopologySpreadConstraint {
    std::optional<LabelSelector> labelSelector;
    std::vector<std::string> matchLabelKeys;
    std::int64_t maxSkew = 1;
    std::optional<std::int64_t> minDomains;
    std::string nodeAffinityPolicy; ///< Honor (default), Ignore
    std::string nodeTaintsPolicy;   ///< Ignore (default), Honor
    std::string topologyKey;
    std::string whenUnsatisfiable;
    bool operator==(const TopologySpreadConstraint&) const = default;
};
BOOST_DESCRIBE_STRUCT(TopologySpreadConstraint, (), (labelSelector, matchLabelKeys, maxSkew, minDomains, nodeAffinityPolicy,
    nodeTaintsPolicy, topologyKey, whenUnsatisfiable))

struct KeyToPath {
    std::string key;
    std::optional<std::int64_t> mode;
    std::string path;
    bool operator==(const KeyToPath&) const = default;
};
BOOST_DESCRIBE_STRUCT(KeyToPath, (), (key, mode, path))

struct ConfigMapVolumeSource {
    std::optional<std::int64_t> defaultMode;
    std::vector<KeyToPath> items;
    std::string name;
    std::optional<bool> optional;
    bool operator==(const ConfigMapVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(ConfigMapVolumeSource, (), (defaultMode, items, name, optional))

struct SecretVolumeSource {
    std::optional<std::int64_t> defaultMode;
    std::vector<KeyToPath> items;
    std::optional<bool> optional;
    std::string secretName;
    bool operator==(const SecretVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(SecretVolumeSource, (), (defaultMode, items, optional, secretName))

struct EmptyDirVolumeSource {
    std::string medium;
    std::optional<Quantity> sizeLimit;
    bool operator==(const EmptyDirVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(EmptyDirVolumeSource, (), (medium, sizeLimit))

struct HostPathVolumeSource {
    std::string path;
    std::string type;
    bool operator==(const HostPathVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(HostPathVolumeSource, (), (path, type))

struct ServiceAccountTokenProjection {
    std::string audience;
    std::int64_t expirationSeconds = 0;
    std::string path;
    bool operator==(const ServiceAccountTokenProjection&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServiceAccountTokenProjection, (), (audience, expirationSeconds, path))

struct DownwardApiItem {
    std::optional<ObjectFieldSelector> fieldRef;
    std::optional<std::int64_t> mode;
    std::string path;
    std::optional<ResourceFieldSelector> resourceFieldRef;
    bool operator==(const DownwardApiItem&) const = default;
};
BOOST_DESCRIBE_STRUCT(DownwardApiItem, (), (fieldRef, mode, path, resourceFieldRef))

struct DownwardApiProjection {
    std::vector<DownwardApiItem> items;
    bool operator==(const DownwardApiProjection&) const = default;
};
BOOST_DESCRIBE_STRUCT(DownwardApiProjection, (), (items))

struct ConfigMapProjection { // and SecretProjection
    std::vector<KeyToPath> items;
    std::string name;
    std::optional<bool> optional;
    bool operator==(const ConfigMapProjection&) const = default;
};
BOOST_DESCRIBE_STRUCT(ConfigMapProjection, (), (items, name, optional))

struct VolumeProjection {
    std::optional<ConfigMapProjection> configMap;
    std::optional<DownwardApiProjection> downwardAPI;
    std::optional<ConfigMapProjection> secret;
    std::optional<ServiceAccountTokenProjection> serviceAccountToken;
    bool operator==(const VolumeProjection&) const = default;
};
BOOST_DESCRIBE_STRUCT(VolumeProjection, (), (configMap, downwardAPI, secret, serviceAccountToken))

struct ProjectedVolumeSource {
    std::optional<std::int64_t> defaultMode;
    CopyOnWrite<std::vector<VolumeProjection>> sources;
    bool operator==(const ProjectedVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(ProjectedVolumeSource, (), (defaultMode, sources))

struct DownwardApiVolumeSource {
    std::optional<std::int64_t> defaultMode;
    std::vector<DownwardApiItem> items;
    bool operator==(const DownwardApiVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(DownwardApiVolumeSource, (), (defaultMode, items))

struct ClaimVolumeSource {
    Always<std::string> claimName;
    bool readOnly = false;
    bool operator==(const ClaimVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClaimVolumeSource, (), (claimName, readOnly))

struct NfsVolumeSource {
    Always<std::string> path;
    bool readOnly = false;
    Always<std::string> server;
    bool operator==(const NfsVolumeSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(NfsVolumeSource, (), (path, readOnly, server))

struct Volume {
    std::optional<ConfigMapVolumeSource> configMap;
    std::optional<DownwardApiVolumeSource> downwardAPI;
    std::optional<EmptyDirVolumeSource> emptyDir;
    std::optional<HostPathVolumeSource> hostPath;
    std::string name;
    std::optional<NfsVolumeSource> nfs;
    std::optional<ClaimVolumeSource> persistentVolumeClaim;
    std::optional<ProjectedVolumeSource> projected;
    std::optional<SecretVolumeSource> secret;
    bool operator==(const Volume&) const = default;
};
BOOST_DESCRIBE_STRUCT(Volume, (), (configMap, downwardAPI, emptyDir, hostPath, name, nfs, persistentVolumeClaim, projected, secret))

struct NameValue { // dnsConfig.options
    std::string name;
    std::optional<std::string> value;
    bool operator==(const NameValue&) const = default;
};
BOOST_DESCRIBE_STRUCT(NameValue, (), (name, value))

struct PodDnsConfig {
    std::vector<std::string> nameservers;
    std::vector<NameValue> options;
    std::vector<std::string> searches;
    bool operator==(const PodDnsConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodDnsConfig, (), (nameservers, options, searches))

struct HostAlias {
    std::vector<std::string> hostnames;
    Always<std::string> ip;
    bool operator==(const HostAlias&) const = default;
};
BOOST_DESCRIBE_STRUCT(HostAlias, (), (hostnames, ip))

struct PodReadinessGate {
    Always<std::string> conditionType;
    bool operator==(const PodReadinessGate&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodReadinessGate, (), (conditionType))

struct PodSchedulingGate {
    Always<std::string> name;
    bool operator==(const PodSchedulingGate&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodSchedulingGate, (), (name))

struct PodOs {
    Always<std::string> name;
    bool operator==(const PodOs&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodOs, (), (name))

struct PodSpec {
    std::optional<std::int64_t> activeDeadlineSeconds;
    std::optional<Affinity> affinity;
    std::optional<bool> automountServiceAccountToken;
    CopyOnWrite<std::vector<Container>> containers;
    std::optional<PodDnsConfig> dnsConfig;
    std::string dnsPolicy;
    std::optional<bool> enableServiceLinks;
    CopyOnWrite<std::vector<EphemeralContainer>> ephemeralContainers;
    std::vector<HostAlias> hostAliases;
    bool hostIPC = false;
    bool hostNetwork = false;
    bool hostPID = false;
    std::string hostname;
    std::vector<LocalObjectReference> imagePullSecrets;
    CopyOnWrite<std::vector<Container>> initContainers;
    std::string nodeName;
    StringMap nodeSelector;
    std::optional<PodOs> os;
    ResourceList overhead;
    std::string preemptionPolicy;
    std::optional<std::int64_t> priority;
    std::string priorityClassName;
    std::vector<PodReadinessGate> readinessGates;
    std::string restartPolicy;
    std::optional<std::string> runtimeClassName;
    std::string schedulerName;
    std::vector<PodSchedulingGate> schedulingGates;
    SecurityContext securityContext;
    std::string serviceAccount;
    std::string serviceAccountName;
    std::optional<bool> setHostnameAsFQDN;
    std::optional<bool> shareProcessNamespace;
    std::string subdomain;
    std::optional<std::int64_t> terminationGracePeriodSeconds;
    CopyOnWrite<std::vector<Toleration>> tolerations;
    std::vector<TopologySpreadConstraint> topologySpreadConstraints;
    CopyOnWrite<std::vector<Volume>> volumes;
    bool operator==(const PodSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodSpec, (), (activeDeadlineSeconds, affinity, automountServiceAccountToken, containers, dnsConfig, dnsPolicy,
    enableServiceLinks, ephemeralContainers, hostAliases, hostIPC, hostNetwork, hostPID, hostname, imagePullSecrets, initContainers,
    nodeName, nodeSelector, os, overhead, preemptionPolicy, priority, priorityClassName, readinessGates, restartPolicy, runtimeClassName, schedulerName,
    schedulingGates, securityContext, serviceAccount, serviceAccountName, setHostnameAsFQDN, shareProcessNamespace, subdomain,
    terminationGracePeriodSeconds, tolerations, topologySpreadConstraints, volumes))

struct ContainerStateWaiting {
    std::string message;
    std::string reason;
    bool operator==(const ContainerStateWaiting&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerStateWaiting, (), (message, reason))

struct ContainerStateRunning {
    std::optional<Time> startedAt;
    bool operator==(const ContainerStateRunning&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerStateRunning, (), (startedAt))

struct ContainerStateTerminated {
    std::string containerID;
    Always<std::int64_t> exitCode;
    std::optional<Time> finishedAt;
    std::string message;
    std::string reason;
    std::int64_t signal = 0;
    std::optional<Time> startedAt;
    bool operator==(const ContainerStateTerminated&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerStateTerminated, (), (containerID, exitCode, finishedAt, message, reason, signal, startedAt))

struct ContainerState { // at most one is set
    std::optional<ContainerStateRunning> running;
    std::optional<ContainerStateTerminated> terminated;
    std::optional<ContainerStateWaiting> waiting;
    bool operator==(const ContainerState&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerState, (), (running, terminated, waiting))

struct ContainerStatus {
    std::string containerID;
    Always<std::string> image;
    Always<std::string> imageID;
    ContainerState lastState;
    Always<std::string> name;
    Always<bool> ready;
    Always<std::int64_t> restartCount;
    std::optional<bool> started;
    ContainerState state;
    bool operator==(const ContainerStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerStatus, (), (containerID, image, imageID, lastState, name, ready, restartCount, started, state))

struct IpAddress { // podIPs, hostIPs
    std::string ip;
    bool operator==(const IpAddress&) const = default;
};
BOOST_DESCRIBE_STRUCT(IpAddress, (), (ip))

struct PodStatus {
    std::vector<Condition> conditions;
    std::vector<ContainerStatus> containerStatuses;
    CopyOnWrite<std::vector<ContainerStatus>> ephemeralContainerStatuses;
    std::string hostIP;
    std::vector<IpAddress> hostIPs;
    std::vector<ContainerStatus> initContainerStatuses;
    std::string message;
    std::string nominatedNodeName;
    std::string phase; ///< Pending, Running, Succeeded, Failed, Unknown
    std::string podIP;
    std::vector<IpAddress> podIPs;
    std::string qosClass;
    std::string reason;
    std::optional<Time> startTime;
    bool operator==(const PodStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodStatus, (), (conditions, containerStatuses, ephemeralContainerStatuses, hostIP, hostIPs, initContainerStatuses,
    message, nominatedNodeName, phase, podIP, podIPs, qosClass, reason, startTime))

struct Pod {
    ObjectMeta metadata;
    PodSpec spec;
    PodStatus status;
    bool operator==(const Pod&) const = default;
};
BOOST_DESCRIBE_STRUCT(Pod, (), (metadata, spec, status))

struct PodTemplateSpec {
    ObjectMeta metadata;
    PodSpec spec;
    bool operator==(const PodTemplateSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(PodTemplateSpec, (), (metadata, spec))

// ---- Node ------------------------------------------------------------------------------------------

struct Taint {
    std::string effect; ///< NoSchedule, PreferNoSchedule, NoExecute
    std::string key;
    std::optional<Time> timeAdded;
    std::string value;
    bool operator==(const Taint&) const = default;
};
BOOST_DESCRIBE_STRUCT(Taint, (), (effect, key, timeAdded, value))

struct NodeSpec {
    std::string podCIDR;
    std::vector<std::string> podCIDRs;
    std::string providerID;
    std::vector<Taint> taints;
    bool unschedulable = false;
    bool operator==(const NodeSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeSpec, (), (podCIDR, podCIDRs, providerID, taints, unschedulable))

struct NodeAddress {
    std::string address;
    std::string type;
    bool operator==(const NodeAddress&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeAddress, (), (address, type))

struct NodeSystemInfo {
    std::string architecture;
    std::string bootID;
    std::string containerRuntimeVersion;
    std::string kernelVersion;
    Always<std::string> kubeProxyVersion;
    std::string kubeletVersion;
    std::string machineID;
    std::string operatingSystem;
    std::string osImage;
    std::string systemUUID;
    bool operator==(const NodeSystemInfo&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeSystemInfo, (), (architecture, bootID, containerRuntimeVersion, kernelVersion, kubeProxyVersion,
    kubeletVersion, machineID, operatingSystem, osImage, systemUUID))

struct ContainerImage {
    std::vector<std::string> names;
    std::int64_t sizeBytes = 0;
    bool operator==(const ContainerImage&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerImage, (), (names, sizeBytes))

struct DaemonEndpoint {
    Always<std::int64_t> Port;
    bool operator==(const DaemonEndpoint&) const = default;
};
BOOST_DESCRIBE_STRUCT(DaemonEndpoint, (), (Port))

struct NodeDaemonEndpoints {
    DaemonEndpoint kubeletEndpoint;
    bool operator==(const NodeDaemonEndpoints&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeDaemonEndpoints, (), (kubeletEndpoint))

struct NodeStatus {
    std::vector<NodeAddress> addresses;
    ResourceList allocatable;
    ResourceList capacity;
    std::vector<Condition> conditions;
    NodeDaemonEndpoints daemonEndpoints;
    std::vector<ContainerImage> images;
    NodeSystemInfo nodeInfo;
    bool operator==(const NodeStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeStatus, (), (addresses, allocatable, capacity, conditions, daemonEndpoints, images, nodeInfo))

struct Node {
    ObjectMeta metadata;
    NodeSpec spec;
    NodeStatus status;
    bool operator==(const Node&) const = default;
};
BOOST_DESCRIBE_STRUCT(Node, (), (metadata, spec, status))

// ---- the small ones --------------------------------------------------------------------------------

struct NamespaceSpec {
    std::vector<std::string> finalizers;
    bool operator==(const NamespaceSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(NamespaceSpec, (), (finalizers))

struct NamespaceStatus {
    std::vector<Condition> conditions;
    std::string phase;
    bool operator==(const NamespaceStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(NamespaceStatus, (), (conditions, phase))

struct Namespace {
    ObjectMeta metadata;
    NamespaceSpec spec;
    NamespaceStatus status;
    bool operator==(const Namespace&) const = default;
};
BOOST_DESCRIBE_STRUCT(Namespace, (), (metadata, spec, status))

struct ConfigMap {
    StringMap binaryData;
    StringMap data;
    std::optional<bool> immutable;
    ObjectMeta metadata;
    bool operator==(const ConfigMap&) const = default;
};
BOOST_DESCRIBE_STRUCT(ConfigMap, (), (binaryData, data, immutable, metadata))

struct Secret {
    StringMap data;       ///< base64
    std::optional<bool> immutable;
    ObjectMeta metadata;
    StringMap stringData; ///< write-only: merged into data
    std::string type;
    bool operator==(const Secret&) const = default;
};
BOOST_DESCRIBE_STRUCT(Secret, (), (data, immutable, metadata, stringData, type))

struct ServiceAccount {
    std::optional<bool> automountServiceAccountToken;
    std::vector<LocalObjectReference> imagePullSecrets;
    ObjectMeta metadata;
    std::vector<ObjectReference> secrets;
    bool operator==(const ServiceAccount&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServiceAccount, (), (automountServiceAccountToken, imagePullSecrets, metadata, secrets))

struct ServicePort {
    std::string appProtocol;
    std::string name;
    std::int64_t nodePort = 0;
    Always<std::int64_t> port;
    std::string protocol;
    IntOrString targetPort;
    bool operator==(const ServicePort&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServicePort, (), (appProtocol, name, nodePort, port, protocol, targetPort))

struct ClientIpConfig {
    std::optional<std::int64_t> timeoutSeconds;
    bool operator==(const ClientIpConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(ClientIpConfig, (), (timeoutSeconds))

struct SessionAffinityConfig {
    std::optional<ClientIpConfig> clientIP;
    bool operator==(const SessionAffinityConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(SessionAffinityConfig, (), (clientIP))

struct ServiceSpec {
    std::optional<bool> allocateLoadBalancerNodePorts;
    std::string clusterIP;
    std::vector<std::string> clusterIPs;
    std::vector<std::string> externalIPs;
    std::string externalName;
    std::string externalTrafficPolicy;
    std::int64_t healthCheckNodePort = 0;
    std::string internalTrafficPolicy;
    std::vector<std::string> ipFamilies;
    std::string ipFamilyPolicy;
    std::string loadBalancerIP;
    std::vector<ServicePort> ports;
    bool publishNotReadyAddresses = false;
    StringMap selector;
    std::string sessionAffinity;
    std::optional<SessionAffinityConfig> sessionAffinityConfig;
    std::string type;
    bool operator==(const ServiceSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServiceSpec, (), (allocateLoadBalancerNodePorts, clusterIP, clusterIPs, externalIPs, externalName,
    externalTrafficPolicy, healthCheckNodePort, internalTrafficPolicy, ipFamilies, ipFamilyPolicy, loadBalancerIP, ports,
    publishNotReadyAddresses, selector, sessionAffinity, sessionAffinityConfig, type))

struct LoadBalancerIngress {
    std::string hostname;
    std::string ip;
    bool operator==(const LoadBalancerIngress&) const = default;
};
BOOST_DESCRIBE_STRUCT(LoadBalancerIngress, (), (hostname, ip))

struct LoadBalancerStatus { // of Services and Ingresses
    std::vector<LoadBalancerIngress> ingress;
    bool operator==(const LoadBalancerStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(LoadBalancerStatus, (), (ingress))

struct ServiceStatus {
    LoadBalancerStatus loadBalancer;
    bool operator==(const ServiceStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServiceStatus, (), (loadBalancer))

struct Service {
    ObjectMeta metadata;
    ServiceSpec spec;
    ServiceStatus status;
    bool operator==(const Service&) const = default;
};
BOOST_DESCRIBE_STRUCT(Service, (), (metadata, spec, status))

struct EndpointAddress {
    std::string hostname;
    std::string ip;
    std::string nodeName;
    std::optional<ObjectReference> targetRef;
    bool operator==(const EndpointAddress&) const = default;
};
BOOST_DESCRIBE_STRUCT(EndpointAddress, (), (hostname, ip, nodeName, targetRef))

struct EndpointPort { // Endpoints' and EndpointSlice's
    std::string name;
    std::int64_t port = 0;
    std::string protocol;
    bool operator==(const EndpointPort&) const = default;
};
BOOST_DESCRIBE_STRUCT(EndpointPort, (), (name, port, protocol))

struct EndpointSubset {
    std::vector<EndpointAddress> addresses;
    std::vector<EndpointAddress> notReadyAddresses;
    std::vector<EndpointPort> ports;
    bool operator==(const EndpointSubset&) const = default;
};
BOOST_DESCRIBE_STRUCT(EndpointSubset, (), (addresses, notReadyAddresses, ports))

struct Endpoints {
    ObjectMeta metadata;
    std::vector<EndpointSubset> subsets;
    bool operator==(const Endpoints&) const = default;
};
BOOST_DESCRIBE_STRUCT(Endpoints, (), (metadata, subsets))

struct EventSource {
    std::string component;
    std::string host;
    bool operator==(const EventSource&) const = default;
};
BOOST_DESCRIBE_STRUCT(EventSource, (), (component, host))

struct EventSeries { // repeats of an events.k8s.io event (the scheduler's)
    std::int64_t count = 0;
    std::optional<MicroTime> lastObservedTime;
    bool operator==(const EventSeries&) const = default;
};
BOOST_DESCRIBE_STRUCT(EventSeries, (), (count, lastObservedTime))

/// core/v1 Event ("Event" alone is the engine's).
struct KubeEvent {
    std::string action;
    std::int64_t count = 0;
    std::optional<MicroTime> eventTime; ///< null when not set
    std::optional<Time> firstTimestamp;
    ObjectReference involvedObject;
    std::optional<Time> lastTimestamp;
    std::string message;
    ObjectMeta metadata;
    std::string reason;
    SharedOptional<ObjectReference> related; ///< of events.k8s.io: what else had a part in it
    Always<std::string> reportingComponent;
    Always<std::string> reportingInstance;
    std::optional<EventSeries> series;
    EventSource source;
    std::string type; ///< Normal, Warning
    bool operator==(const KubeEvent&) const = default;
};
BOOST_DESCRIBE_STRUCT(KubeEvent, (), (action, count, eventTime, firstTimestamp, involvedObject, lastTimestamp, message,
    metadata, reason, related, reportingComponent, reportingInstance, series, source, type))

} // namespace sim::kube
