#pragma once

#include "sim/kube/controllers/service_pods.h"

namespace sim::kube {

/// pkg/controller/endpointslice with staging/src/k8s.io/endpointslice: slices of at most 100 endpoints for
/// each Service with a selector.
struct EndpointSliceController {
    static constexpr const char* kStream = "kube/endpointslice";
    static constexpr int kWorkers = 5; // --concurrent-service-endpoint-syncs
    WorkQueue queue;
    TriggerTimes triggers;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const EndpointSliceController&) const = default;
    void addTo(Fingerprint& f) const
    {
        queue.addTo(f);
        triggers.addTo(f);
    }
};

/// pkg/controller/endpoint: the older Endpoints object of each Service, ready and not ready addresses apart.
struct EndpointsController {
    static constexpr const char* kStream = "kube/endpoints";
    static constexpr int kWorkers = 5; // --concurrent-endpoint-syncs
    WorkQueue queue;
    TriggerTimes triggers;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const EndpointsController&) const = default;
    void addTo(Fingerprint& f) const
    {
        queue.addTo(f);
        triggers.addTo(f);
    }
};

inline constexpr const char* kHeadlessLabel = "service.kubernetes.io/headless";

/// The numeric ports of a Service on one pod; ports whose name the pod does not know are left out.
std::vector<EndpointPort> endpointPorts(const Service& service, const Pod& pod);

} // namespace sim::kube
