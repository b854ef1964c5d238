#include "sim/kube/controllers/service_account.h"

#include "sim/kube/api/default_accounts.h"

namespace sim::kube {

namespace {

constexpr const char* kRootCaDescription =
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the "
    "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes "
    "clusters.";

} // namespace

void ensureNamespaceDefaults(const Client& client, const std::string& namespace_)
{
    const auto ns = client.store.get<Namespace>({"", namespace_});
    if (!ns || ns->metadata.deletionTimestamp)
        return;
    if (!client.store.get<ServiceAccount>({namespace_, kDefaultServiceAccount})) {
        ServiceAccount account;
        account.metadata.namespace_ = namespace_;
        account.metadata.name = kDefaultServiceAccount;
        client.store.create(std::move(account), client.now(), client.random(kIdentityStream));
    }
    if (!client.store.get<ConfigMap>({namespace_, kRootCaConfigMap})) {
        ConfigMap map;
        map.metadata.namespace_ = namespace_;
        map.metadata.name = kRootCaConfigMap;
        map.metadata.annotations["kubernetes.io/description"] = kRootCaDescription;
        map.data["ca.crt"] = kRootCa;
        client.store.create(std::move(map), client.now(), client.random(kIdentityStream));
    }
}

void ServiceAccountController::relist(const Store& store)
{
    for (const auto& [key, ns] : store.all<Namespace>())
        queue.add({"", key.name});
}

void ServiceAccountController::observe(const WatchEvent& event, const Store&, const PodIndex&)
{
    if (event.kind == kindIdOf<Namespace>)
        queue.add({"", event.key.name});
    else if ((event.kind == kindIdOf<ServiceAccount> || event.kind == kindIdOf<ConfigMap>)
             && event.type == WatchEvent::Type::Deleted
             && (event.key.name == kDefaultServiceAccount || event.key.name == kRootCaConfigMap))
        queue.add({"", event.key.namespace_});
}

void ServiceAccountController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    ensureNamespaceDefaults(context.client, key.name);
    queue.forget(key);
}

} // namespace sim::kube
