#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// The kube-aggregator's available controller: says of every APIService whether what it stands for can be asked. In a
/// real cluster it runs in the API server; it looks as far as the Service's endpoints and makes no call of its own.
struct ApiServiceController {
    static constexpr const char* kStream = "kube/apiservice";
    static constexpr int kWorkers = 5;
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const ApiServiceController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

/// "custom.metrics.k8s.io/v1beta1" of the APIServices that are not available, in order of name.
std::vector<std::string> unavailableGroupVersions(const Store& store);
/// Whether an APIService of that name is there and can be asked: "v1beta1.metrics.k8s.io".
bool aggregated(const Store& store, const std::string& name);

} // namespace sim::kube
