#include "sim/kube/api/default_roles.h"

#include "sim/kube/api/authorizer.h"

#include <initializer_list>
#include <string>
#include <vector>

// plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,controller_policy,namespace_policy}.go, what this lab serves.
namespace sim::kube {

namespace {

using Texts = std::vector<std::string>;

const Texts kRead{"get", "list", "watch"};
const Texts kWrite{"create", "delete", "deletecollection", "patch", "update"};
const Texts kReadWrite{"get", "list", "watch", "create", "delete", "deletecollection", "patch", "update"};
constexpr const char* kRbacGroup = "rbac.authorization.k8s.io";
constexpr const char* kBootstrapLabel = "kubernetes.io/bootstrapping";

PolicyRule rule(Texts verbs, Texts groups, Texts resources, Texts names = {})
{
    PolicyRule one;
    one.verbs = std::move(verbs);
    one.apiGroups = std::move(groups);
    one.resources = std::move(resources);
    one.resourceNames = std::move(names);
    return one;
}

PolicyRule urls(Texts verbs, Texts paths)
{
    PolicyRule one;
    one.verbs = std::move(verbs);
    one.nonResourceURLs = std::move(paths);
    return one;
}

const PolicyRule kEvents = rule({"create", "patch", "update"}, {"", "events.k8s.io"}, {"events"});

struct RoleRow {
    std::string name;
    std::vector<PolicyRule> rules;
    std::string aggregatesTo;   ///< label rbac.authorization.k8s.io/aggregate-to-<this>
    std::string aggregates;     ///< takes in the roles with that label
};

/// What views, edits and administers a namespace.
std::vector<RoleRow> peopleRoles()
{
    const Texts workloads{"daemonsets", "deployments", "deployments/rollback", "deployments/scale", "replicasets", "replicasets/scale",
                          "statefulsets", "statefulsets/scale"};
    const Texts seen{"controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status",
                     "replicasets", "replicasets/scale", "replicasets/status", "statefulsets", "statefulsets/scale", "statefulsets/status"};
    return {
        {"cluster-admin", {rule({"*"}, {"*"}, {"*"}), urls({"*"}, {"*"})}, "", ""},
        {"system:discovery", {urls({"get"}, {"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz",
                                             "/version", "/version/"})}, "", ""},
        {"system:public-info-viewer", {urls({"get"}, {"/healthz", "/livez", "/readyz", "/version", "/version/"})}, "", ""},
        {"system:monitoring", {urls({"get"}, {"/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*"})},
         "", ""},
        {"system:basic-user", {rule({"create"}, {"authorization.k8s.io"}, {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}),
                               rule({"create"}, {"authentication.k8s.io"}, {"selfsubjectreviews"})}, "", ""},
        {"admin", {}, "", "admin"},
        {"edit", {}, "admin", "edit"},
        {"view", {}, "edit", "view"},
        {"system:aggregate-to-admin",
         {rule({"create"}, {"authorization.k8s.io"}, {"localsubjectaccessreviews"}),
          rule(kReadWrite, {kRbacGroup}, {"roles", "rolebindings"})}, "admin", ""},
        {"system:aggregate-to-edit",
         {rule(kRead, {""}, {"pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"}),
          rule({"impersonate"}, {""}, {"serviceaccounts"}),
          rule(kWrite, {""}, {"pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"}),
          rule({"create"}, {""}, {"pods/eviction"}),
          rule(kWrite, {""}, {"configmaps", "events", "persistentvolumeclaims", "replicationcontrollers", "replicationcontrollers/scale",
                              "secrets", "serviceaccounts", "services", "services/proxy"}),
          rule({"create"}, {""}, {"serviceaccounts/token"}),
          rule(kWrite, {"apps"}, workloads),
          rule(kWrite, {"autoscaling"}, {"horizontalpodautoscalers"}),
          rule(kWrite, {"batch"}, {"cronjobs", "jobs"}),
          rule(kWrite, {"policy"}, {"poddisruptionbudgets"}),
          rule(kWrite, {"networking.k8s.io"}, {"ingresses", "networkpolicies"}),
          rule({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}, {"coordination.k8s.io"}, {"leases"})},
         "edit", ""},
        {"system:aggregate-to-view",
         {rule(kRead, {""}, {"configmaps", "endpoints", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods",
                             "replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services", "services/status"}),
          rule(kRead, {""}, {"bindings", "events", "limitranges", "namespaces/status", "pods/log", "pods/status", "replicationcontrollers/status",
                             "resourcequotas", "resourcequotas/status"}),
          rule(kRead, {""}, {"namespaces"}),
          rule(kRead, {"discovery.k8s.io"}, {"endpointslices"}),
          rule(kRead, {"apps"}, seen),
          rule(kRead, {"autoscaling"}, {"horizontalpodautoscalers", "horizontalpodautoscalers/status"}),
          rule(kRead, {"batch"}, {"cronjobs", "cronjobs/status", "jobs", "jobs/status"}),
          rule(kRead, {"policy"}, {"poddisruptionbudgets", "poddisruptionbudgets/status"}),
          rule(kRead, {"networking.k8s.io"}, {"ingresses", "ingresses/status", "networkpolicies"})},
         "view", ""},
    };
}

/// Kubelets, kube-proxy, scheduler and controller manager, and what add-ons lean on.
std::vector<RoleRow> componentRoles()
{
    return {
        {"system:node",
         {rule({"create"}, {"authentication.k8s.io"}, {"tokenreviews"}),
          rule({"create"}, {"authorization.k8s.io"}, {"localsubjectaccessreviews", "subjectaccessreviews"}),
          rule(kRead, {""}, {"services"}),
          rule({"create", "get", "list", "watch"}, {""}, {"nodes"}),
          rule({"patch", "update"}, {""}, {"nodes/status"}),
          rule({"patch", "update"}, {""}, {"nodes"}),
          kEvents,
          rule(kRead, {""}, {"pods"}),
          rule({"create", "delete"}, {""}, {"pods"}),
          rule({"patch", "update"}, {""}, {"pods/status"}),
          rule({"create"}, {""}, {"pods/eviction"}),
          rule(kRead, {""}, {"configmaps", "secrets"}),
          rule({"get"}, {""}, {"persistentvolumeclaims", "persistentvolumes"}),
          rule({"get"}, {""}, {"endpoints"}),
          rule({"create", "get", "list", "watch"}, {"certificates.k8s.io"}, {"certificatesigningrequests"}),
          rule({"create", "delete", "get", "patch", "update"}, {"coordination.k8s.io"}, {"leases"}),
          rule({"get"}, {"storage.k8s.io"}, {"volumeattachments"}),
          rule({"create"}, {""}, {"serviceaccounts/token"}),
          rule({"get", "patch", "update"}, {""}, {"persistentvolumeclaims/status"}),
          rule(kRead, {"storage.k8s.io"}, {"csidrivers"}),
          rule({"create", "delete", "get", "patch", "update"}, {"storage.k8s.io"}, {"csinodes"}),
          rule(kRead, {"node.k8s.io"}, {"runtimeclasses"})}, "", ""},
        {"system:node-proxier",
         {rule({"list", "watch"}, {""}, {"services", "endpoints"}), rule({"get", "list", "watch"}, {""}, {"nodes"}),
          rule({"list", "watch"}, {"discovery.k8s.io"}, {"endpointslices"}), kEvents}, "", ""},
        {"system:node-problem-detector", {rule({"get"}, {""}, {"nodes"}), rule({"patch"}, {""}, {"nodes/status"}), kEvents}, "", ""},
        {"system:node-bootstrapper", {rule({"create", "get", "list", "watch"}, {"certificates.k8s.io"}, {"certificatesigningrequests"})}, "", ""},
        {"system:kubelet-api-admin", {rule({"get", "list", "watch"}, {""}, {"nodes"}), rule({"proxy"}, {""}, {"nodes"}),
                                      rule({"*"}, {""}, {"nodes/log", "nodes/metrics", "nodes/proxy", "nodes/stats"})}, "", ""},
        {"system:auth-delegator", {rule({"create"}, {"authentication.k8s.io"}, {"tokenreviews"}),
                                   rule({"create"}, {"authorization.k8s.io"}, {"subjectaccessreviews"})}, "", ""},
        {"system:kube-aggregator", {rule(kRead, {""}, {"services", "endpoints"})}, "", ""},
        {"system:kube-dns", {rule({"list", "watch"}, {""}, {"endpoints", "services"})}, "", ""},
        {"system:service-account-issuer-discovery", {urls({"get"}, {"/.well-known/openid-configuration", "/.well-known/openid-configuration/",
                                                                    "/openid/v1/jwks", "/openid/v1/jwks/"})}, "", ""},
        {"system:heapster", {rule(kRead, {""}, {"events", "namespaces", "nodes", "pods"}), rule(kRead, {"extensions"}, {"deployments"})}, "", ""},
        {"system:certificates.k8s.io:certificatesigningrequests:nodeclient",
         {rule({"create"}, {"certificates.k8s.io"}, {"certificatesigningrequests/nodeclient"})}, "", ""},
        {"system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
         {rule({"create"}, {"certificates.k8s.io"}, {"certificatesigningrequests/selfnodeclient"})}, "", ""},
        {"system:certificates.k8s.io:legacy-unknown-approver",
         {rule({"approve"}, {"certificates.k8s.io"}, {"signers"}, {"kubernetes.io/legacy-unknown"})}, "", ""},
        {"system:certificates.k8s.io:kubelet-serving-approver",
         {rule({"approve"}, {"certificates.k8s.io"}, {"signers"}, {"kubernetes.io/kubelet-serving"})}, "", ""},
        {"system:certificates.k8s.io:kube-apiserver-client-approver",
         {rule({"approve"}, {"certificates.k8s.io"}, {"signers"}, {"kubernetes.io/kube-apiserver-client"})}, "", ""},
        {"system:certificates.k8s.io:kube-apiserver-client-kubelet-approver",
         {rule({"approve"}, {"certificates.k8s.io"}, {"signers"}, {"kubernetes.io/kube-apiserver-client-kubelet"})}, "", ""},
        {"system:persistent-volume-provisioner",
         {rule({"create", "delete", "get", "list", "watch"}, {""}, {"persistentvolumes"}),
          rule({"get", "list", "update", "watch"}, {""}, {"persistentvolumeclaims"}), rule(kRead, {"storage.k8s.io"}, {"storageclasses"}),
          rule({"watch"}, {""}, {"events"}), kEvents}, "", ""},
        {"system:volume-scheduler", {rule({"get", "list", "patch", "update", "watch"}, {""}, {"persistentvolumes"}),
                                     rule(kRead, {"storage.k8s.io"}, {"storageclasses"}),
                                     rule({"get", "list", "patch", "update", "watch"}, {""}, {"persistentvolumeclaims"})}, "", ""},
        {"system:kube-scheduler",
         {kEvents, rule({"create"}, {"coordination.k8s.io"}, {"leases"}),
          rule({"get", "list", "update", "watch"}, {"coordination.k8s.io"}, {"leases"}, {"kube-scheduler"}),
          rule(kRead, {""}, {"nodes"}), rule({"delete", "get", "list", "watch"}, {""}, {"pods"}), rule({"create"}, {""}, {"bindings", "pods/binding"}),
          rule({"patch", "update"}, {""}, {"pods/status"}), rule(kRead, {""}, {"replicationcontrollers", "services"}),
          rule(kRead, {"apps"}, {"replicasets", "statefulsets"}), rule(kRead, {"policy"}, {"poddisruptionbudgets"}),
          rule(kRead, {""}, {"persistentvolumeclaims", "persistentvolumes"}), rule({"create"}, {"authentication.k8s.io"}, {"tokenreviews"}),
          rule({"create"}, {"authorization.k8s.io"}, {"subjectaccessreviews"}), rule(kRead, {"storage.k8s.io"}, {"csidrivers", "csinodes",
          "csistoragecapacities", "storageclasses", "volumeattachments"}), rule(kRead, {""}, {"namespaces"})}, "", ""},
        {"system:kube-controller-manager",
         {kEvents, rule({"create"}, {"coordination.k8s.io"}, {"leases"}),
          rule({"get", "list", "update", "watch"}, {"coordination.k8s.io"}, {"leases"}, {"kube-controller-manager"}),
          rule({"create"}, {""}, {"secrets", "serviceaccounts"}), rule({"delete"}, {""}, {"secrets"}),
          rule({"get"}, {""}, {"configmaps", "namespaces", "secrets", "serviceaccounts"}), rule({"update"}, {""}, {"secrets", "serviceaccounts"}),
          rule({"create"}, {"authentication.k8s.io"}, {"tokenreviews"}), rule({"create"}, {"authorization.k8s.io"}, {"subjectaccessreviews"}),
          rule({"list", "watch"}, {"*"}, {"*"}), rule({"create"}, {""}, {"serviceaccounts/token"})}, "", ""},
    };
}

/// "system:controller:NAME", bound to the controller's service account.
std::vector<RoleRow> controllerRoles()
{
    const PolicyRule pods = rule({"create", "delete", "list", "patch", "watch"}, {""}, {"pods"});
    const PolicyRule revisions = rule({"create", "delete", "get", "list", "patch", "update", "watch"}, {"apps"}, {"controllerrevisions"});
    return {
        {"attachdetach-controller", {rule({"list", "watch"}, {""}, {"persistentvolumeclaims", "persistentvolumes", "pods"}), rule(kRead, {""}, {"nodes"}),
                                     rule({"patch", "update"}, {""}, {"nodes/status"}), rule({"create", "delete", "get", "list", "watch"},
                                     {"storage.k8s.io"}, {"volumeattachments"}), kEvents}, "", ""},
        {"certificate-controller", {rule({"delete", "get", "list", "watch"}, {"certificates.k8s.io"}, {"certificatesigningrequests"}), rule({"update"},
                                    {"certificates.k8s.io"}, {"certificatesigningrequests/approval", "certificatesigningrequests/status"}),
                                    rule({"create"}, {"authorization.k8s.io"}, {"subjectaccessreviews"}), kEvents}, "", ""},
        {"clusterrole-aggregation-controller", {rule({"escalate", "get", "list", "patch", "update", "watch"}, {kRbacGroup}, {"clusterroles"})}, "", ""},
        {"cronjob-controller", {rule({"get", "list", "update", "watch"}, {"batch"}, {"cronjobs"}), rule({"create", "delete", "get", "list", "patch",
                                "update", "watch"}, {"batch"}, {"jobs"}), rule({"update"}, {"batch"}, {"cronjobs/finalizers", "cronjobs/status"}),
                                rule({"delete", "list"}, {""}, {"pods"}), kEvents}, "", ""},
        {"daemon-set-controller", {rule(kRead, {"apps"}, {"daemonsets"}), rule({"update"}, {"apps"}, {"daemonsets/finalizers", "daemonsets/status"}),
                                   rule({"list", "watch"}, {""}, {"nodes"}), pods, revisions, kEvents}, "", ""},
        {"deployment-controller", {rule({"get", "list", "update", "watch"}, {"apps"}, {"deployments"}), rule({"update"}, {"apps"},
                                   {"deployments/finalizers", "deployments/status"}), rule({"create", "delete", "get", "list", "patch", "update",
                                   "watch"}, {"apps"}, {"replicasets"}), rule({"get", "list", "update", "watch"}, {""}, {"pods"}), kEvents}, "", ""},
        {"disruption-controller", {rule(kRead, {"apps"}, {"deployments", "replicasets", "statefulsets"}), rule(kRead, {"policy"},
                                   {"poddisruptionbudgets"}), rule({"update"}, {"policy"}, {"poddisruptionbudgets/status"}), rule({"get"}, {"*"},
                                   {"*/scale"}), rule({"patch", "update"}, {""}, {"pods/status"}), kEvents}, "", ""},
        {"endpoint-controller", {rule(kRead, {""}, {"pods", "services"}), rule({"create", "delete", "get", "list", "update"}, {""}, {"endpoints"}),
                                 rule({"create"}, {""}, {"endpoints/restricted"}), kEvents}, "", ""},
        {"endpointslice-controller", {rule(kRead, {""}, {"nodes", "pods", "services"}), rule({"update"}, {""}, {"services/finalizers"}),
                                      rule({"create", "delete", "get", "list", "update"}, {"discovery.k8s.io"}, {"endpointslices"}), kEvents}, "", ""},
        {"endpointslicemirroring-controller", {rule(kRead, {""}, {"endpoints", "services"}), rule({"create", "delete", "get", "list", "update"},
                                               {"discovery.k8s.io"}, {"endpointslices"}), kEvents}, "", ""},
        {"ephemeral-volume-controller", {rule(kRead, {""}, {"pods"}), rule({"create", "get", "list", "watch"}, {""}, {"persistentvolumeclaims"}), kEvents},
         "", ""},
        {"expand-controller", {rule({"get", "list", "patch", "update", "watch"}, {""}, {"persistentvolumes"}), rule({"patch", "update"}, {""},
                               {"persistentvolumeclaims/status"}), rule(kRead, {""}, {"persistentvolumeclaims"}), kEvents}, "", ""},
        {"generic-garbage-collector", {rule({"delete", "get", "list", "patch", "update", "watch"}, {"*"}, {"*"}), kEvents}, "", ""},
        {"horizontal-pod-autoscaler", {rule(kRead, {"autoscaling"}, {"horizontalpodautoscalers"}), rule({"update"}, {"autoscaling"},
                                       {"horizontalpodautoscalers/status"}), rule({"get", "update"}, {"*"}, {"*/scale"}), rule({"list"}, {""}, {"pods"}),
                                       rule({"get", "list"}, {"metrics.k8s.io"}, {"pods"}), rule({"get", "list"}, {"custom.metrics.k8s.io",
                                       "external.metrics.k8s.io"}, {"*"}), kEvents}, "", ""},
        {"job-controller", {rule({"get", "list", "patch", "update", "watch"}, {"batch"}, {"jobs"}), rule({"update"}, {"batch"}, {"jobs/finalizers",
                            "jobs/status"}), pods, kEvents}, "", ""},
        {"legacy-service-account-token-cleaner", {rule({"get"}, {""}, {"configmaps"}), rule({"delete", "patch"}, {""}, {"secrets"})}, "", ""},
        {"namespace-controller", {rule({"delete", "get", "list", "watch"}, {""}, {"namespaces"}), rule({"update"}, {""}, {"namespaces/finalize",
                                  "namespaces/status"}), rule({"delete", "deletecollection", "get", "list"}, {"*"}, {"*"})}, "", ""},
        {"node-controller", {rule({"delete", "get", "list", "patch", "update"}, {""}, {"nodes"}), rule({"patch", "update"}, {""}, {"nodes/status"}),
                             rule({"patch", "update"}, {""}, {"pods/status"}), rule({"delete", "list"}, {""}, {"pods"}), kEvents}, "", ""},
        {"persistent-volume-binder", {rule({"create", "delete", "get", "list", "update", "watch"}, {""}, {"persistentvolumes"}), rule({"update"}, {""},
                                      {"persistentvolumeclaims/status", "persistentvolumes/status"}), rule({"get", "list", "update", "watch"}, {""},
                                      {"persistentvolumeclaims"}), rule(kRead, {"storage.k8s.io"}, {"storageclasses"}), kEvents}, "", ""},
        {"pod-garbage-collector", {rule({"delete", "list", "watch"}, {""}, {"pods"}), rule({"get", "list"}, {""}, {"nodes"}), rule({"patch"}, {""},
                                   {"pods/status"})}, "", ""},
        {"pv-protection-controller", {rule({"get", "list", "update", "watch"}, {""}, {"persistentvolumes"}), kEvents}, "", ""},
        {"pvc-protection-controller", {rule({"get", "list", "update", "watch"}, {""}, {"persistentvolumeclaims"}), rule(kRead, {""}, {"pods"}), kEvents},
         "", ""},
        {"replicaset-controller", {rule({"get", "list", "update", "watch"}, {"apps"}, {"replicasets"}), rule({"update"}, {"apps"},
                                   {"replicasets/finalizers", "replicasets/status"}), pods, kEvents}, "", ""},
        {"replication-controller", {rule({"get", "list", "update", "watch"}, {""}, {"replicationcontrollers"}), pods, kEvents}, "", ""},
        {"resourcequota-controller", {rule({"list", "watch"}, {"*"}, {"*"}), rule({"update"}, {""}, {"resourcequotas/status"}), kEvents}, "", ""},
        {"root-ca-cert-publisher", {rule({"create", "update"}, {""}, {"configmaps"}), kEvents}, "", ""},
        {"route-controller", {rule({"list", "watch"}, {""}, {"nodes"}), rule({"patch"}, {""}, {"nodes/status"}), kEvents}, "", ""},
        {"selinux-warning-controller", {rule(kRead, {""}, {"persistentvolumeclaims", "persistentvolumes", "pods"}), rule(kRead, {"storage.k8s.io"},
                                        {"csidrivers"}), kEvents}, "", ""},
        {"service-account-controller", {rule({"create"}, {""}, {"serviceaccounts"}), kEvents}, "", ""},
        {"service-ca-cert-publisher", {rule({"create", "update"}, {""}, {"configmaps"}), kEvents}, "", ""},
        {"service-cidrs-controller", {rule({"get", "list", "patch", "update", "watch"}, {"networking.k8s.io"}, {"servicecidrs"}), rule(kRead,
                                      {"networking.k8s.io"}, {"ipaddresses"}), kEvents}, "", ""},
        {"service-controller", {rule(kRead, {""}, {"services"}), rule({"patch", "update"}, {""}, {"services/status"}), rule({"list", "watch"}, {""},
                                {"nodes"}), kEvents}, "", ""},
        {"statefulset-controller", {rule({"list", "watch"}, {""}, {"pods"}), rule(kRead, {"apps"}, {"statefulsets"}), rule({"update"}, {"apps"},
                                    {"statefulsets/finalizers", "statefulsets/status"}), rule({"create", "delete", "get", "patch", "update"}, {""},
                                    {"pods"}), revisions, rule({"create", "get"}, {""}, {"persistentvolumeclaims"}), kEvents}, "", ""},
        {"ttl-after-finished-controller", {rule({"delete", "get", "list", "watch"}, {"batch"}, {"jobs"}), kEvents}, "", ""},
        {"ttl-controller", {rule({"list", "patch", "update", "watch"}, {""}, {"nodes"}), kEvents}, "", ""},
        {"validatingadmissionpolicy-status-controller", {rule(kRead, {"admissionregistration.k8s.io"}, {"validatingadmissionpolicies"}),
                                                         rule({"get", "patch", "update"}, {"admissionregistration.k8s.io"},
                                                              {"validatingadmissionpolicies/status"}), kEvents}, "", ""},
    };
}

Subject subject(const char* kind, std::string name)
{
    Subject one;
    one.kind = std::string(kind);
    one.name = std::move(name);
    if (one.kind.value == "ServiceAccount")
        one.namespace_ = "kube-system";
    else
        one.apiGroup = kRbacGroup;
    return one;
}

class Maker {
public:
    Maker(Store& store, Instant now, RandomStream& random) : m_store(store), m_now(now), m_random(random) { }

    void role(const RoleRow& row, const std::string& prefix = {})
    {
        ClusterRole role;
        mark(role.metadata, prefix + row.name);
        if (!row.aggregatesTo.empty())
            role.metadata.labels["rbac.authorization.k8s.io/aggregate-to-" + row.aggregatesTo] = "true";
        if (!row.aggregates.empty()) {
            LabelSelector selector;
            selector.matchLabels["rbac.authorization.k8s.io/aggregate-to-" + row.aggregates] = "true";
            role.aggregationRule = AggregationRule{{selector}};
        }
        role.rules = row.rules;
        m_store.create(std::move(role), m_now, m_random);
    }
    void bind(const std::string& role, std::vector<Subject> subjects, const std::string& name = {})
    {
        ClusterRoleBinding binding;
        mark(binding.metadata, name.empty() ? role : name);
        binding.roleRef.apiGroup = std::string(kRbacGroup);
        binding.roleRef.kind = std::string("ClusterRole");
        binding.roleRef.name = role;
        binding.subjects = std::move(subjects);
        m_store.create(std::move(binding), m_now, m_random);
    }

private:
    static void mark(ObjectMeta& metadata, std::string name)
    {
        metadata.name = std::move(name);
        metadata.labels[kBootstrapLabel] = "rbac-defaults";
        metadata.annotations["rbac.authorization.kubernetes.io/autoupdate"] = "true";
    }

    Store& m_store;
    Instant m_now;
    RandomStream& m_random;
};

} // namespace

void createDefaultRoles(Store& store, Instant now, RandomStream& random, bool kubeadm)
{
    Maker make(store, now, random);
    for (const RoleRow& row : peopleRoles())
        make.role(row);
    for (const RoleRow& row : componentRoles())
        make.role(row);
    const std::string prefix = "system:controller:";
    for (const RoleRow& row : controllerRoles()) {
        make.role(row, prefix);
        make.bind(prefix + row.name, {subject("ServiceAccount", row.name)});
    }
    make.bind("cluster-admin", {subject("Group", kMastersGroup)});
    if (kubeadm)
        make.bind("cluster-admin", {subject("Group", "kubeadm:cluster-admins")}, "kubeadm:cluster-admins");
    make.bind("system:monitoring", {subject("Group", "system:monitoring")});
    make.bind("system:discovery", {subject("Group", kAuthenticatedGroup)});
    make.bind("system:basic-user", {subject("Group", kAuthenticatedGroup)});
    make.bind("system:public-info-viewer", {subject("Group", kAuthenticatedGroup), subject("Group", "system:unauthenticated")});
    make.bind("system:node-proxier", {subject("User", "system:kube-proxy")});
    make.bind("system:kube-controller-manager", {subject("User", "system:kube-controller-manager")});
    make.bind("system:kube-dns", {subject("ServiceAccount", "kube-dns")});
    make.bind("system:kube-scheduler", {subject("User", "system:kube-scheduler")});
    make.bind("system:volume-scheduler", {subject("User", "system:kube-scheduler")});
    make.bind("system:node", {});
    make.bind("system:service-account-issuer-discovery", {subject("Group", "system:serviceaccounts")});
}

} // namespace sim::kube
