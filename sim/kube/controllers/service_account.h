#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// What every namespace is given: the ServiceAccount "default" (pkg/controller/serviceaccount) and the
/// ConfigMap "kube-root-ca.crt" (pkg/controller/certificates/rootcacertpublisher). Keys are namespaces.
struct ServiceAccountController {
    static constexpr const char* kStream = "kube/serviceaccount";
    static constexpr int kWorkers = 1;
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const ServiceAccountController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

inline constexpr const char* kRootCaConfigMap = "kube-root-ca.crt";
inline constexpr const char* kDefaultServiceAccount = "default";

/// Both objects of one namespace, if they are missing.
void ensureNamespaceDefaults(const Client& client, const std::string& namespace_);

} // namespace sim::kube
