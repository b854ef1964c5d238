#include "sim/kube/api/field_sentences.h"

namespace sim::kube {

namespace {

const StructSentences kResourceSentences[] = {
    {"CSIPersistentVolumeSource", {
        {"driver", "Name of the CSI driver."},
        {"fsType", "File system that the volume is formatted with."},
        {"readOnly", "Whether it is attached for reading only."},
        {"volumeAttributes", "What the driver wants to know when it attaches and mounts."},
        {"volumeHandle", "The driver's name of the volume."}}},
    {"ConfigMap", {
        {"binaryData", "Keys and base64 values, for bytes that are no text."},
        {"data", "Keys and values."},
        {"immutable", "Whether data can no longer be changed."}}},
    {"ContainerImage", {
        {"names", "By tag and by digest."},
        {"sizeBytes", "Size on disk."}}},
    {"DaemonEndpoint", {{"Port", "The port it listens on."}}},
    {"LabelSelector", {
        {"matchExpressions", "Requirements that all must hold."},
        {"matchLabels", "Labels that all must be there with these values."}}},
    {"LabelSelectorRequirement", {
        {"key", "The label that is looked at."},
        {"operator", "In, NotIn, Exists or DoesNotExist."},
        {"values", "What it is compared with, for In and NotIn."}}},
    {"LocalObjectReference", {{"name", "Name of an object in the same namespace."}}},
    {"LocalVolumeSource", {
        {"fsType", "File system that a block device is formatted with."},
        {"path", "A disk or directory of the node."}}},
    {"ManagedFieldsEntry", {
        {"apiVersion", "The version that the fields are named in."},
        {"fieldsType", "FieldsV1."},
        {"fieldsV1", "The fields, as a tree of names."},
        {"manager", "Who wrote them."},
        {"operation", "Apply for server-side apply, Update for every other way."},
        {"subresource", "The subresource that was written, such as status or scale."},
        {"time", "When the manager last changed one of them."}}},
    {"NFSVolumeSource", {
        {"path", "The directory that the server exports."},
        {"readOnly", "Whether it is mounted for reading only."},
        {"server", "Name or address of the server."}}},
    {"NodeAddress", {{"address", "The address or name."}, {"type", "InternalIP, ExternalIP, Hostname, InternalDNS or ExternalDNS."}}},
    {"NodeDaemonEndpoints", {{"kubeletEndpoint", "Where the kubelet listens."}}},
    {"NodeSpec", {
        {"podCIDR", "Addresses for the pods of the node."},
        {"podCIDRs", "As podCIDR, one of each family."},
        {"providerID", "The cloud's name of the machine."},
        {"taints", "Keep pods away that do not tolerate them."},
        {"unschedulable", "No new pods are placed here (cordon)."}}},
    {"NodeStatus", {
        {"addresses", "How the node can be reached."},
        {"allocatable", "What pods can use."},
        {"capacity", "What the machine has."},
        {"conditions", "Ready, MemoryPressure, DiskPressure, PIDPressure."},
        {"daemonEndpoints", "Where the node's daemons listen."},
        {"images", "Images that are on the node."},
        {"nodeInfo", "Versions and identity of machine and system."},
        {"volumesAttached", "Volumes that are attached to the node."},
        {"volumesInUse", "Volumes that are mounted on the node."}}},
    {"NodeSystemInfo", {
        {"architecture", "amd64, arm64 and the like."},
        {"bootID", "Differs after each boot."},
        {"containerRuntimeVersion", "Runtime and its version."},
        {"kernelVersion", "As uname -r says."},
        {"kubeProxyVersion", "Deprecated, and of no meaning."},
        {"kubeletVersion", "Version of the kubelet."},
        {"machineID", "As /etc/machine-id says."},
        {"operatingSystem", "linux or windows."},
        {"osImage", "As /etc/os-release says."},
        {"systemUUID", "As the firmware says."}}},
    {"ObjectMeta", {
        {"annotations", "Keys and values that nothing selects by; for tools and people."},
        {"creationTimestamp", "When the server stored the object first."},
        {"deletionGracePeriodSeconds", "Seconds that a deleted object has to end by itself."},
        {"deletionTimestamp", "Set when it was deleted: it goes when grace and finalizers are through."},
        {"finalizers", "The object stays until each of these was taken out by its controller."},
        {"generateName", "Beginning of a name that the server completes, when there is no name."},
        {"generation", "Counts up with each change of what is wanted."},
        {"labels", "Keys and values that selectors match."},
        {"managedFields", "Who owns which fields, for server-side apply."},
        {"name", "Unique among the objects of this kind in the namespace."},
        {"namespace", "The space in which the name is unique."},
        {"ownerReferences", "Objects this one belongs to; it is collected when all are gone."},
        {"resourceVersion", "Changes with each write; an update with an old one is refused."},
        {"selfLink", "Deprecated, and no longer filled in."},
        {"uid", "Told apart from an earlier object of the same name by this."}}},
    {"ObjectReference", {
        {"apiVersion", "Group and version of the object."},
        {"fieldPath", "The part of the object that is meant, such as spec.containers{web}."},
        {"kind", "Kind of the object."},
        {"name", "Name of the object."},
        {"namespace", "Its namespace."},
        {"resourceVersion", "The version that was seen."},
        {"uid", "Its uid."}}},
    {"OwnerReference", {
        {"apiVersion", "Group and version of the owner."},
        {"blockOwnerDeletion", "Whether the owner, deleted in the foreground, waits for this object."},
        {"controller", "Whether the owner is the one that manages it."},
        {"kind", "Kind of the owner."},
        {"name", "Name of the owner."},
        {"uid", "Its uid: another object of the same name is no owner."}}},
    {"PersistentVolumeClaimSpec", {
        {"accessModes", "ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod."},
        {"dataSource", "A snapshot or claim that the new volume begins as a copy of."},
        {"dataSourceRef", "As dataSource, of any kind."},
        {"resources", "How large the volume must be."},
        {"selector", "Labels that the volume must have."},
        {"storageClassName", "The class that provides it; the default class when left out, none when empty."},
        {"volumeAttributesClassName", "The class of attributes that can be changed later."},
        {"volumeMode", "Filesystem or Block."},
        {"volumeName", "The volume it is bound to."}}},
    {"PersistentVolumeClaimStatus", {
        {"accessModes", "What the volume allows."},
        {"allocatedResources", "What an expansion under way has set aside."},
        {"capacity", "How large the volume is."},
        {"phase", "Pending, Bound or Lost."}}},
    {"PersistentVolumeClaimVolumeSource", {
        {"claimName", "Name of the claim in the pod's namespace."},
        {"readOnly", "Whether it is mounted for reading only."}}},
    {"PersistentVolumeSpec", {
        {"accessModes", "Ways in which it can be mounted."},
        {"capacity", "How large it is."},
        {"claimRef", "The claim it is bound to, or kept for."},
        {"csi", "A volume of a CSI driver."},
        {"hostPath", "A path of the node; for trying things out on one node."},
        {"local", "A disk or directory of one node."},
        {"mountOptions", "Options that it is mounted with; not checked."},
        {"nfs", "A directory of an NFS server."},
        {"nodeAffinity", "Nodes that it can be reached from."},
        {"persistentVolumeReclaimPolicy", "Retain, Delete or Recycle when its claim is gone."},
        {"storageClassName", "The class it belongs to."},
        {"volumeMode", "Filesystem or Block."}}},
    {"PersistentVolumeStatus", {
        {"lastPhaseTransitionTime", "When the phase last changed."},
        {"message", "Why it is so, in words."},
        {"phase", "Available, Bound, Released, Failed or Pending."},
        {"reason", "Why it is so, in one word."}}},
    {"Secret", {
        {"data", "Keys and base64 values."},
        {"immutable", "Whether data can no longer be changed."},
        {"stringData", "Keys and plain values, written into data; never read back."},
        {"type", "What the keys mean to Kubernetes: Opaque, kubernetes.io/dockerconfigjson, ..."}}},
    {"Taint", {
        {"effect", "NoSchedule keeps new pods away, PreferNoSchedule if possible, NoExecute ends those that run as well."},
        {"key", "Name of the taint."},
        {"timeAdded", "When it was put on; written for NoExecute."},
        {"value", "Compared with a toleration's."}}},
    {"TypedObjectReference", {
        {"apiGroup", "Group of the object; the core group when left out."},
        {"kind", "Kind of the object."},
        {"name", "Name of the object."},
        {"namespace", "Its namespace."}}},
    {"VolumeNodeAffinity", {{"required", "What a node must match."}}},
    {"VolumeResourceRequirements", {
        {"limits", "The most it may have."},
        {"requests", "The least it must have: storage."}}},
};

} // namespace

std::span<const StructSentences> resourceSentences() { return kResourceSentences; }

} // namespace sim::kube
