#pragma once

#include "sim/engine/time.h"
#include "sim/kube/api/apps_v1.h"
#include "sim/kube/api/autoscaling_v2.h"
#include "sim/kube/api/batch_v1.h"
#include "sim/kube/api/core_v1.h"
#include "sim/kube/api/networking_v1.h"
#include "sim/kube/api/other_groups.h"
#include "sim/kube/api/policy_v1.h"
#include "sim/kube/api/quota_v1.h"
#include "sim/kube/api/rbac_v1.h"
#include "sim/kube/api/volumes_v1.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What `kubectl describe` prints, made from typed objects alone.
namespace core::shell::kubectl {

/// The events about an object, in any order; nothing when they are not to be shown.
using EventList = std::optional<std::vector<sim::kube::KubeEvent>>;

/// Lines with tab-separated cells that are aligned at the end. A level is two spaces of indentation.
class TabText {
public:
    void line(int level, std::string_view text)
    {
        m_text.append(static_cast<std::size_t>(level) * 2, ' ');
        m_text += text;
        m_text += '\n';
    }
    void add(std::string_view text) { m_text += text; }
    /// Columns start afresh below.
    void breakColumns() { m_text += '\f'; }
    const std::string& raw() const { return m_text; }
    std::string aligned() const;

private:
    std::string m_text;
};

std::string describePod(const sim::kube::Pod& pod, const EventList& events, sim::Instant now);
std::string describeDeployment(const sim::kube::Deployment& deployment,
                               const std::vector<sim::kube::ReplicaSet>& replicaSets, const EventList& events,
                               sim::Instant now);
std::string describeReplicaSet(const sim::kube::ReplicaSet& set, const std::vector<sim::kube::Pod>& pods,
                               const EventList& events, sim::Instant now);
std::string describeDaemonSet(const sim::kube::DaemonSet& set, const std::vector<sim::kube::Pod>& pods,
                              const EventList& events, sim::Instant now);
std::string describeNode(const sim::kube::Node& node, const sim::kube::Lease* lease,
                         const std::vector<sim::kube::Pod>& pods, const EventList& events, sim::Instant now);
std::string describeService(const sim::kube::Service& service,
                            const std::vector<sim::kube::EndpointSlice>& slices, const EventList& events,
                            sim::Instant now);
std::string describeEndpoints(const sim::kube::Endpoints& endpoints, const EventList& events, sim::Instant now);
std::string describeEndpointSlice(const sim::kube::EndpointSlice& slice, const EventList& events,
                                  sim::Instant now);
std::string describeConfigMap(const sim::kube::ConfigMap& map, const EventList& events, sim::Instant now);
std::string describeSecret(const sim::kube::Secret& secret);
std::string describeServiceAccount(const sim::kube::ServiceAccount& account,
                                   const std::vector<sim::kube::Secret>& secrets, const EventList& events,
                                   sim::Instant now);
std::string describeStatefulSet(const sim::kube::StatefulSet& set, const std::vector<sim::kube::Pod>& pods,
                                const EventList& events, sim::Instant now);
std::string describeJob(const sim::kube::Job& job, const EventList& events, sim::Instant now);
std::string describeCronJob(const sim::kube::CronJob& cronJob, const EventList& events, sim::Instant now);
std::string describeHorizontalPodAutoscaler(const sim::kube::HorizontalPodAutoscaler& scaler,
                                            const EventList& events, sim::Instant now);
/// `pods`: all of the claim's namespace.
std::string describePersistentVolumeClaim(const sim::kube::PersistentVolumeClaim& claim,
                                          const std::vector<sim::kube::Pod>& pods, const EventList& events,
                                          sim::Instant now);
std::string describePersistentVolume(const sim::kube::PersistentVolume& volume, const EventList& events,
                                     sim::Instant now);
std::string describeStorageClass(const sim::kube::StorageClass& storage, const EventList& events,
                                 sim::Instant now);
std::string describeCsiNode(const sim::kube::CSINode& node, const EventList& events, sim::Instant now);
std::string describePodDisruptionBudget(const sim::kube::PodDisruptionBudget& budget, const EventList& events,
                                        sim::Instant now);
std::string describeResourceQuota(const sim::kube::ResourceQuota& quota);
std::string describeLimitRange(const sim::kube::LimitRange& range);
std::string describeNamespace(const sim::kube::Namespace& ns, const std::vector<sim::kube::ResourceQuota>& quotas,
                              const std::vector<sim::kube::LimitRange>& ranges);
std::string describePriorityClass(const sim::kube::PriorityClass& priority, const EventList& events,
                                  sim::Instant now);
std::string describeNetworkPolicy(const sim::kube::NetworkPolicy& policy);
std::string describeRole(const sim::kube::ObjectMeta& metadata, const std::vector<sim::kube::PolicyRule>& rules);
std::string describeRoleBinding(const sim::kube::ObjectMeta& metadata, const sim::kube::RoleRef& role,
                                const std::vector<sim::kube::Subject>& subjects);
/// What stands behind a Service that an Ingress sends to: its endpoints, or why there are none to tell.
using BackendText = std::function<std::string(const sim::kube::IngressServiceBackend&)>;
std::string describeIngress(const sim::kube::Ingress& ingress, const BackendText& backend, const EventList& events,
                            sim::Instant now);
std::string describeIngressClass(const sim::kube::IngressClass& ingressClass, const EventList& events,
                                 sim::Instant now);
/// Any other kind, from its JSON.
std::string describeGeneric(const nlohmann::json& object, const EventList& events, sim::Instant now);

// The parts they share.
void describeLabels(TabText& out, std::string_view title, const sim::kube::StringMap& labels,
                    std::string_view indent = {});
void describeAnnotations(TabText& out, std::string_view title, const sim::kube::StringMap& annotations);
void describeContainers(TabText& out, std::string_view title, const std::vector<sim::kube::Container>& containers,
                        const std::vector<sim::kube::ContainerStatus>& statuses, const sim::kube::Pod* pod,
                        std::string_view space);
void describeVolumes(TabText& out, const std::vector<sim::kube::Volume>& volumes, std::string_view space);
void describeTolerations(TabText& out, std::string_view title, std::vector<sim::kube::Toleration> tolerations);
void describeTemplate(TabText& out, const sim::kube::PodTemplateSpec& podTemplate);
void describeClaimTemplates(TabText& out, const std::vector<sim::kube::PersistentVolumeClaim>& claims);
void describeNfs(TabText& out, const sim::kube::NfsVolumeSource& source);
void describeController(TabText& out, const sim::kube::ObjectMeta& metadata);
void describeEvents(TabText& out, const EventList& events, sim::Instant now);
/// "app=web,tier in (a,b)", "<none>" when empty.
std::string selectorText(const sim::kube::LabelSelector& selector);
std::string selectorText(const sim::kube::StringMap& selector);
/// "4s (x3 over 2m)": when an event was seen.
std::string eventAge(const sim::kube::KubeEvent& event, sim::Instant now);
/// "a=b,c=d", "<none>" when empty.
std::string formattedLabels(const sim::kube::StringMap& labels);
/// "True", "False", "<unset>"
std::string switchText(const std::optional<bool>& value);
/// At most three "ADDRESS:PORT" of the ready endpoints behind the Service's port of that name.
std::string endpointsText(const std::vector<sim::kube::EndpointSlice>& slices, const std::string& port);
std::string intOrStringText(const sim::kube::IntOrString& value);
bool sameTemplate(sim::kube::PodTemplateSpec a, sim::kube::PodTemplateSpec b);

} // namespace core::shell::kubectl
