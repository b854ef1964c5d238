#pragma once

#include "sim/kube/api/printers.h"

#include <string>
#include <string_view>
#include <vector>

// What printers.cpp and its neighbours share: the cells of one object's row and the columns of its kind, as the
// API server's printers lay them out (pkg/printers/internalversion/printers.go).
namespace sim::kube::printing {

using Cells = std::vector<std::string>;
using Columns = std::vector<Table::Column>;

inline const std::string kNone = "<none>";
inline const std::string kUnset = "<unset>";

std::string orNone(std::string text);
std::string joined(const std::vector<std::string>& parts, std::string_view separator = ",");
/// "a=b,c in (d,e)"; "<none>" for an empty one.
std::string selectorText(const LabelSelector& selector);
/// "a=b,c=d"; empty for an empty one.
std::string selectorText(const StringMap& labels);
std::string containerNames(const PodSpec& spec);
std::string containerImages(const PodSpec& spec);

Cells cells(const StatefulSet& object, Instant now);
Columns columnsFor(const StatefulSet*);
Cells cells(const ControllerRevision& object, Instant now);
Columns columnsFor(const ControllerRevision*);
Cells cells(const Job& object, Instant now);
Columns columnsFor(const Job*);
Cells cells(const CronJob& object, Instant now);
Columns columnsFor(const CronJob*);
Cells cells(const HorizontalPodAutoscaler& object, Instant now);
Columns columnsFor(const HorizontalPodAutoscaler*);
Cells cells(const PodDisruptionBudget& object, Instant now);
Columns columnsFor(const PodDisruptionBudget*);

Cells cells(const PersistentVolume& object, Instant now);
Columns columnsFor(const PersistentVolume*);
Cells cells(const PersistentVolumeClaim& object, Instant now);
Columns columnsFor(const PersistentVolumeClaim*);
Cells cells(const StorageClass& object, Instant now);
Columns columnsFor(const StorageClass*);
Cells cells(const CSIDriver& object, Instant now);
Columns columnsFor(const CSIDriver*);
Cells cells(const CSINode& object, Instant now);
Columns columnsFor(const CSINode*);
Cells cells(const VolumeAttachment& object, Instant now);
Columns columnsFor(const VolumeAttachment*);

Cells cells(const ResourceQuota& object, Instant now);
Columns columnsFor(const ResourceQuota*);
Cells cells(const LimitRange& object, Instant now);
Columns columnsFor(const LimitRange*);
Cells cells(const PriorityClass& object, Instant now);
Columns columnsFor(const PriorityClass*);
Cells cells(const RuntimeClass& object, Instant now);
Columns columnsFor(const RuntimeClass*);
Cells cells(const NetworkPolicy& object, Instant now);
Columns columnsFor(const NetworkPolicy*);
Cells cells(const Ingress& object, Instant now);
Columns columnsFor(const Ingress*);
Cells cells(const IngressClass& object, Instant now);
Columns columnsFor(const IngressClass*);
Cells cells(const Role& object, Instant now);
Columns columnsFor(const Role*);
Cells cells(const RoleBinding& object, Instant now);
Columns columnsFor(const RoleBinding*);
Cells cells(const ClusterRole& object, Instant now);
Columns columnsFor(const ClusterRole*);
Cells cells(const ClusterRoleBinding& object, Instant now);
Columns columnsFor(const ClusterRoleBinding*);
Cells cells(const CustomResourceDefinition& object, Instant now);
Columns columnsFor(const CustomResourceDefinition*);
Cells cells(const MutatingWebhookConfiguration& object, Instant now);
Columns columnsFor(const MutatingWebhookConfiguration*);
Cells cells(const ValidatingWebhookConfiguration& object, Instant now);
Columns columnsFor(const ValidatingWebhookConfiguration*);
Cells cells(const APIService& object, Instant now);
Columns columnsFor(const APIService*);
Cells cells(const FlowSchema& object, Instant now);
Columns columnsFor(const FlowSchema*);
Cells cells(const PriorityLevelConfiguration& object, Instant now);
Columns columnsFor(const PriorityLevelConfiguration*);
Cells cells(const ComponentStatus& object, Instant now);
Columns columnsFor(const ComponentStatus*);
Cells cells(const CustomObject& object, Instant now);
Columns columnsFor(const CustomObject*);

} // namespace sim::kube::printing
