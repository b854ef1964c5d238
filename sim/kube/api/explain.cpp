#include "sim/kube/api/api_server.h"
#include "sim/kube/api/field_facts.h"
#include "sim/kube/api/schema_names.h"

#include <array>
#include <map>
#include <utility>

// The fields of every kind, read off the described structs; only the sentences about them are written here.
namespace sim::kube {

namespace {

const std::map<std::string, std::string, std::less<>>& sentences()
{
    static const std::map<std::string, std::string, std::less<>> kSentences{
        {"metadata", "Name, labels, owners and the other data that every object has."},
        {"spec", "What is wanted."},
        {"status", "What is, as last reported. Written by controllers and kubelets."},
        {"ObjectMeta.name", "Unique among the objects of this kind in the namespace."},
        {"ObjectMeta.namespace", "The space in which the name is unique."},
        {"ObjectMeta.labels", "Keys and values that selectors match."},
        {"ObjectMeta.annotations", "Keys and values that nothing selects by; for tools and people."},
        {"ObjectMeta.ownerReferences", "Objects this one belongs to; it is collected when all are gone."},
        {"ObjectMeta.finalizers", "The object stays until each of these was taken out by its controller."},
        {"ObjectMeta.resourceVersion", "Changes with each write; an update with an old one is refused."},
        {"PodSpec.containers", "The containers of the pod; at least one."},
        {"PodSpec.initContainers", "Containers that run to their end, one after the other, before the others start."},
        {"PodSpec.imagePullSecrets", "Secrets of type kubernetes.io/dockerconfigjson, in the pod's namespace, used to pull its images."},
        {"PodSpec.nodeName", "The node the pod is bound to. Set by the scheduler."},
        {"PodSpec.nodeSelector", "Labels that a node must have."},
        {"PodSpec.restartPolicy", "Always, OnFailure or Never."},
        {"PodSpec.tolerations", "Taints of nodes that do not keep the pod away."},
        {"PodSpec.serviceAccountName", "The identity of the pod's processes towards the API."},
        {"PodSpec.terminationGracePeriodSeconds", "Seconds between TERM and KILL."},
        {"PodSpec.hostNetwork", "Use the node's network namespace."},
        {"PodSpec.volumes", "Volumes that containers may mount."},
        {"Container.image", "The image to run: registry/repository:tag. The tag defaults to latest."},
        {"Container.imagePullPolicy", "Always, IfNotPresent or Never. Always when the tag is latest, else IfNotPresent."},
        {"Container.command", "Replaces the image's entry point."},
        {"Container.args", "Replaces the image's arguments."},
        {"Container.env", "Environment variables."},
        {"Container.envFrom", "ConfigMaps and Secrets whose keys become environment variables."},
        {"Container.ports", "Ports the container listens on; for information."},
        {"Container.resources", "CPU, memory and devices that are requested and at most used."},
        {"Container.readinessProbe", "While it fails the pod gets no traffic from Services."},
        {"Container.livenessProbe", "When it fails the container is restarted."},
        {"Container.startupProbe", "The other probes wait until it succeeds."},
        {"Container.volumeMounts", "Where volumes appear in the container's file system."},
        {"Probe.periodSeconds", "Seconds between probes; 10 when left out."},
        {"Probe.failureThreshold", "So many failures in a row count as failed; 3 when left out."},
        {"Probe.timeoutSeconds", "A probe that takes longer has failed; 1 when left out."},
        {"DeploymentSpec.replicas", "How many pods are wanted; 1 when left out."},
        {"DeploymentSpec.selector", "Which pods belong to it. Cannot be changed."},
        {"DeploymentSpec.strategy", "How old pods are replaced by new ones."},
        {"DeploymentSpec.template", "The pod to make copies of."},
        {"DeploymentSpec.progressDeadlineSeconds", "A rollout without progress for so long is reported as failed; 600 when left out."},
        {"DeploymentSpec.revisionHistoryLimit", "How many old ReplicaSets are kept to roll back to; 10 when left out."},
        {"RollingUpdateDeployment.maxSurge", "Pods that may exist above the wanted number, absolute or in percent, rounded up."},
        {"RollingUpdateDeployment.maxUnavailable", "Pods that may be missing during the update, absolute or in percent, rounded down."},
        {"ServiceSpec.selector", "Labels of the pods that get the traffic."},
        {"ServiceSpec.ports", "Ports of the Service and where they lead."},
        {"ServiceSpec.clusterIP", "The virtual address inside the cluster; None for a headless Service."},
        {"ServiceSpec.type", "ClusterIP, NodePort, LoadBalancer or ExternalName."},
        {"ServicePort.targetPort", "Port of the pods, by number or name."},
        {"NodeSpec.taints", "Keep pods away that do not tolerate them."},
        {"NodeSpec.unschedulable", "No new pods are placed here (cordon)."},
        {"NodeStatus.allocatable", "What pods can use."},
        {"NodeStatus.capacity", "What the machine has."},
        {"NodeStatus.conditions", "Ready, MemoryPressure, DiskPressure, PIDPressure."},
        {"Secret.data", "Keys and base64 values."},
        {"Secret.type", "What the keys mean to Kubernetes: Opaque, kubernetes.io/dockerconfigjson, ..."},
        {"ConfigMap.data", "Keys and values."},
    };
    return kSentences;
}

template <class T>
struct Element {
    using type = T;
    static std::string prefix() { return {}; }
};
template <class T>
struct Element<std::optional<T>> : Element<T> { };
template <class T>
struct Element<SharedOptional<T>> : Element<T> { };
template <class T>
struct Element<Always<T>> : Element<T> { };
template <class T>
struct Element<std::vector<T>> {
    using type = typename Element<T>::type;
    static std::string prefix() { return "[]" + Element<T>::prefix(); }
};
template <class C>
struct Element<CopyOnWrite<C>> : Element<C> { };
template <class V>
struct Element<std::map<std::string, V>> {
    using type = typename Element<V>::type;
    static std::string prefix() { return "map[string]" + Element<V>::prefix(); }
};

template <class T>
std::vector<FieldInfo> fieldsAs(std::string_view goStruct);

template <class T>
std::vector<FieldInfo> fieldsOfStruct() { return fieldsAs<T>(structName<T>()); }
template <class T, std::size_t Place>
std::vector<FieldInfo> fieldsAt() { return fieldsAs<T>(placeStruct(Place)); }

/// Those that stand for several of Go's.
using SharedStructs = boost::mp11::mp_list<AdmissionWebhook, Condition, FlowNamedSubject, FlowSchemaStatus, IpAddress, KeyRef, LabelSelectorRequirement,
    LoadBalancerIngress, LoadBalancerStatus, LocalObjectReference, ResourceRequirements, RollingUpdate, SecurityContext, UpdateStrategy>;

using Children = std::vector<FieldInfo> (*)();

template <class T>
Children childrenOf(std::string_view goStruct)
{
    if constexpr (boost::mp11::mp_contains<SharedStructs, T>::value) {
        static constexpr auto kAt = []<std::size_t... Place>(std::index_sequence<Place...>) {
            return std::array<Children, kPlaceCount>{&fieldsAt<T, Place>...};
        }(std::make_index_sequence<kPlaceCount>());
        if (const std::size_t place = placeOf(goStruct); place != kPlaceCount)
            return kAt[place];
    }
    return &fieldsOfStruct<T>;
}

template <class T>
std::string leafName()
{
    if constexpr (std::is_same_v<T, bool>) return "boolean";
    else if constexpr (std::is_integral_v<T>) return "integer";
    else if constexpr (std::is_same_v<T, Quantity>) return "Quantity";
    else if constexpr (std::is_same_v<T, Time> || std::is_same_v<T, MicroTime> || std::is_same_v<T, std::string>) return "string";
    else if constexpr (std::is_same_v<T, IntOrString>) return "IntOrString";
    else return structName<T>();
}

std::string sentenceOf(const std::string& owner, const std::string& field)
{
    const auto own = sentences().find(owner + "." + field);
    const auto any = sentences().find(field);
    return own != sentences().end() ? own->second : any != sentences().end() ? any->second : std::string();
}

template <class T>
std::vector<FieldInfo> fieldsAs(std::string_view goStruct)
{
    std::vector<FieldInfo> fields;
    const std::string owner(goStruct);
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>([&](auto member) {
        using Member = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
        using Leaf = typename Element<Member>::type;
        FieldInfo field;
        field.name = jsonName(member.name);
        if (!hasFieldOf(owner, field.name))
            return;
        const std::string usual = leafName<Leaf>();
        const std::string_view leaf = structAt(owner, field.name, usual);
        field.type = Element<Member>::prefix() + std::string(leaf);
        field.description = sentenceOf(owner, field.name);
        field.required = isRequired(owner, field.name);
        field.values = valuesOf(owner, field.name);
        if constexpr (boost::describe::has_describe_members<Leaf>::value)
            field.children = childrenOf<Leaf>(leaf);
        fields.push_back(std::move(field));
    });
    for (const UnmodelledField& one : unmodelledFields(owner))
        fields.push_back({std::string(one.name), std::string(one.type), "Accepted and left out: this lab has nothing that acts on it.", false, nullptr, {}});
    return fields;
}

} // namespace

std::vector<FieldInfo> fieldsOf(KindId kind)
{
    std::vector<FieldInfo> fields;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, AllKinds>>([&](auto identity) {
        using T = typename decltype(identity)::type;
        if (kindIdOf<T> == kind)
            fields = fieldsOfStruct<T>();
    });
    fields.insert(fields.begin(), {{"apiVersion", "string", "Group and version of the schema: apps/v1.", false, nullptr},
                                   {"kind", "string", "Name of the kind: Deployment.", false, nullptr}});
    return fields;
}

} // namespace sim::kube
