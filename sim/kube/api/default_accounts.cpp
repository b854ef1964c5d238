#include "sim/kube/api/default_accounts.h"

#include "sim/kube/api/time_text.h"

// A controller runs with an account of its own, which the controller manager makes before it starts the controller
// (controller/clientbuilder); the configmaps are those of the API server's cluster-authentication-info and
// legacy-token-tracking controllers.
namespace sim::kube {

namespace {

constexpr const char* kSpace = "kube-system";
constexpr const char* kControllers[] = {
    "attachdetach-controller", "certificate-controller", "clusterrole-aggregation-controller", "cronjob-controller",
    "daemon-set-controller", "deployment-controller", "disruption-controller", "endpoint-controller", "endpointslice-controller",
    "endpointslicemirroring-controller", "ephemeral-volume-controller", "expand-controller", "generic-garbage-collector",
    "horizontal-pod-autoscaler", "job-controller", "legacy-service-account-token-cleaner", "namespace-controller", "node-controller",
    "persistent-volume-binder", "pod-garbage-collector", "pv-protection-controller", "pvc-protection-controller",
    "replicaset-controller", "replication-controller", "resourcequota-controller", "root-ca-cert-publisher",
    "service-account-controller", "service-cidrs-controller", "statefulset-controller", "ttl-after-finished-controller",
    "ttl-controller", "validatingadmissionpolicy-status-controller"};
// kubeadm switches these two controllers on: nodes join with tokens.
constexpr const char* kTokenControllers[] = {"bootstrap-signer", "token-cleaner"};

void createMap(Store& store, Instant now, RandomStream& random, const char* name, StringMap data)
{
    ConfigMap map;
    map.metadata.namespace_ = kSpace;
    map.metadata.name = name;
    map.data = std::move(data);
    store.create(std::move(map), now, random);
}

} // namespace

void createSystemAccounts(Store& store, Instant now, RandomStream& random, bool kubeadm)
{
    const auto create = [&](const char* name) {
        ServiceAccount account;
        account.metadata.namespace_ = kSpace;
        account.metadata.name = name;
        store.create(std::move(account), now, random);
    };
    for (const char* name : kControllers)
        create(name);
    StringMap authentication{{"client-ca-file", kRootCa}};
    if (kubeadm) {
        for (const char* name : kTokenControllers)
            create(name);
        authentication["requestheader-allowed-names"] = "[\"front-proxy-client\"]";
        authentication["requestheader-client-ca-file"] = authentication["client-ca-file"];
        authentication["requestheader-extra-headers-prefix"] = "[\"X-Remote-Extra-\"]";
        authentication["requestheader-group-headers"] = "[\"X-Remote-Group\"]";
        authentication["requestheader-username-headers"] = "[\"X-Remote-User\"]";
    }
    createMap(store, now, random, "extension-apiserver-authentication", std::move(authentication));
    createMap(store, now, random, "kube-apiserver-legacy-service-account-token-tracking", {{"since", rfc3339(now).substr(0, 10)}});
}

} // namespace sim::kube
